"""What a description of a cell had to assume, by the number that rests on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from faradaic.chemistry.cell_description.description_model import DescriptionModel, NotNegative

GUESSED = "guessed"
"""The one word beside a number that rests on a guess, wherever it is printed or drawn."""

RECALLED = "recalled"
"""In the source of a value that nobody looked up: what rests on it is a guess."""

Guess = Literal["potential", "conductivity", "kinetics", "area"]


class CellAssumption(DescriptionModel):
    """A number that nobody gave, or an idealisation."""

    of: str = Field(examples=["resistance_ohm"])
    """The key that rests on it: `electrodes.working.area_m2`."""
    text: str = Field(examples=["the gap is taken as 10 mm"])
    """A sentence for the reader."""
    guess: Guess | None = Field(None, examples=["conductivity"])
    """What of the cell nobody knows; None for an estimate with a source, or a convention."""
    bounds: tuple[float, float] | None = Field(None, examples=[(10.0, 1000.0)], strict=False)
    """Between which the number lies: first the end at which the cell needs less voltage."""
    cell_voltage_V: NotNegative | None = Field(None, examples=[0.5])
    """By how much it may move the cell voltage, either way; None where that is not known."""
    state: str = Field("", examples=["solution.conductivity"])
    """The key of a protocol that would replace it."""


class Assumptions:
    """Those of one cell, no sentence twice."""

    def __init__(self) -> None:
        self._found: dict[str, CellAssumption] = {}

    def note(
        self,
        of: str,
        text: str,
        *,
        guess: Guess | None = None,
        bounds: tuple[float, float] | None = None,
        cell_voltage_V: float | None = None,
        state: str = "",
    ) -> None:
        """Add one; an empty sentence says that nothing was assumed."""
        if not text or text in self._found:
            return
        more = {"guess": guess, "bounds": bounds, "cell_voltage_V": cell_voltage_V, "state": state}
        told = {key: value for key, value in more.items() if value not in (None, "")}
        self._found[text] = CellAssumption.model_validate({"of": of, "text": text, **told})

    def noted(self) -> tuple[CellAssumption, ...]:
        """All of them: guesses first, of each kind what may move the cell voltage most."""
        return tuple(sorted(self._found.values(), key=_rank))


def _rank(one: CellAssumption) -> tuple[bool, float]:
    return one.guess is None, -(one.cell_voltage_V or 0.0)


def dominant_guess(assumptions: Iterable[CellAssumption]) -> CellAssumption | None:
    """The guess on which the cell voltage rests most; None where nothing was guessed."""
    return min((one for one in assumptions if one.guess), key=_rank, default=None)
