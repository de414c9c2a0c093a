"""What a description of a cell had to assume, by the number that rests on it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class CellAssumption(BaseModel):
    """A number that nobody gave, or an idealisation."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    of: str
    """The key that rests on it: `electrodes.working.area_m2`."""
    text: str
    """A sentence for the reader."""


class Assumptions:
    """Those of one cell, in the order in which they came up, no sentence twice."""

    def __init__(self) -> None:
        self._found: dict[str, CellAssumption] = {}

    def note(self, of: str, text: str) -> None:
        """Add one; an empty sentence says that nothing was assumed."""
        if text:
            self._found.setdefault(text, CellAssumption(of=of, text=text))

    def noted(self) -> tuple[CellAssumption, ...]:
        """All of them."""
        return tuple(self._found.values())
