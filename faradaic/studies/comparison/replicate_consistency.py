"""Whether replicates agree (D19): the spread of start, end and resistance over runs alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from faradaic.studies.comparison.compared_entries import CONSISTENCY, Entry

MOST = 0.15
"""Relative standard deviation beyond which replicates are called inconsistent."""
CAUSES = {
    "voltage_start_V": "the electrodes' surface or their place, the leads, the mass of electrolyte",
    "resistance_ohm": "gap, immersed area, mass of electrolyte, a lead that is not tight",
    "voltage_end_V": "what grows on the electrodes, water, how far the conversion went",
}
REMEDY = (
    "polish and rinse the electrodes alike, weigh electrolyte and water in, measure a resistor in"
    " place of the cell"
)


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A number in which the runs of one entry differ too much."""

    entry: int
    key: str
    head: str
    n: int
    relative: float

    @property
    def sentence(self) -> str:
        """Get it in words."""
        return (
            f"D19: entry {self.entry}: {self.head} scatters by {self.relative:.0%} over"
            f" {self.n} runs (more than {MOST:.0%}): {CAUSES[self.key]}"
        )

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        return {
            "id": "D19",
            "entry": self.entry,
            "of": self.key,
            "n": self.n,
            "relative_standard_deviation": self.relative,
            "text": self.sentence,
            "do": REMEDY,
        }


def inconsistencies(entries: Sequence[Entry]) -> Iterator[Inconsistency]:
    """What differs too much between replicates; of two runs as of many."""
    for entry in entries:
        for column in CONSISTENCY:
            found = entry.scatter(column.key)
            if found is None or found.relative is None or found.relative <= MOST:
                continue
            yield Inconsistency(entry.number, column.key, column.head, found.n, found.relative)
