"""Everything a screening says, computed once from its phase diagram and its descriptors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faradaic.computational.screening.candidates import Candidate, ranked_candidates
from faradaic.computational.screening.phase_diagram import PhaseDiagram, phase_frequencies
from faradaic.computational.screening.sensitivity import (
    Descriptors,
    FamilyLeftOut,
    leave_one_family_out,
    stable_intervals,
)
from faradaic.computational.screening.statistics import (
    Box,
    Correlation,
    cation_boxes,
    correlate,
    pair_means,
)


@dataclass(frozen=True, slots=True)
class ScreeningSummary:
    """The results of a screening; mappings by series, or by (series, descriptor)."""

    diagram: PhaseDiagram
    cations: tuple[str, ...]
    """The pool, in the order in which figures show it."""
    descriptors: Descriptors
    candidates: tuple[Candidate, ...]
    frequencies: Mapping[str, list[tuple[str, int]]]
    boxes: Mapping[str, dict[str, Box]]
    pairs: Mapping[str, dict[tuple[str, str], tuple[float, int]]]
    correlations: Mapping[tuple[str, str], Correlation]
    families: list[FamilyLeftOut]
    stable_intervals: Mapping[str, tuple[int, int]]

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series that have a target."""
        return tuple(p.name for p in self.diagram.series if self.diagram.of(p.name))


def summarize(
    diagram: PhaseDiagram, descriptors: Descriptors, cations: tuple[str, ...] = ()
) -> ScreeningSummary:
    """Compute all statistics; without `cations` the order is that of the targets."""
    if not cations:
        cations = tuple(dict.fromkeys(c for v in diagram.verdicts for c in v.cations))
    frequencies, boxes, pairs, correlations = {}, {}, {}, {}
    for place in diagram.series:
        verdicts = diagram.of(place.name)
        if not verdicts:
            continue
        frequencies[place.name] = phase_frequencies(verdicts)
        boxes[place.name] = cation_boxes(verdicts, cations)
        pairs[place.name] = pair_means(verdicts, cations)
        for name, values in descriptors.items():
            correlations[place.name, name] = correlate(
                [values[v.name] for v in verdicts],
                [v.above_hull_meV_atom for v in verdicts],
                [v.cations for v in verdicts],
            )
    return ScreeningSummary(
        diagram,
        cations,
        descriptors,
        ranked_candidates(diagram),
        frequencies,
        boxes,
        pairs,
        correlations,
        leave_one_family_out(diagram, descriptors),
        stable_intervals(diagram),
    )
