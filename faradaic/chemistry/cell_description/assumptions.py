"""What a description of a cell had to assume, by the number that rests on it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from faradaic.chemistry.cell_description.description_model import DescriptionModel


class CellAssumption(DescriptionModel):
    """A number that nobody gave, or an idealisation."""

    of: str = Field(examples=["resistance_ohm"])
    """The key that rests on it: `electrodes.working.area_m2`."""
    text: str = Field(examples=["the gap is taken as 10 mm"])
    """A sentence for the reader."""
    guess: Literal["conductivity"] | None = Field(None, examples=["conductivity"])
    """What of the cell is a guess because of it: nothing that is known stands behind the number."""


class Assumptions:
    """Those of one cell, in the order in which they came up, no sentence twice."""

    def __init__(self) -> None:
        self._found: dict[str, CellAssumption] = {}

    def note(self, of: str, text: str, *, guess: Literal["conductivity"] | None = None) -> None:
        """Add one; an empty sentence says that nothing was assumed."""
        if text:
            self._found.setdefault(text, CellAssumption(of=of, text=text, guess=guess))

    def noted(self) -> tuple[CellAssumption, ...]:
        """All of them."""
        return tuple(self._found.values())
