"""The compositions worth trying first, in order, each with what it would fall apart into."""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.computational.screening.entries import reduced_formula
from faradaic.computational.screening.phase_diagram import PhaseDiagram, TargetStability
from faradaic.computational.screening.statistics import ranks


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target with its place among the others."""

    verdict: TargetStability
    rank: int
    """In its series, 1 the lowest energy above the hull."""
    of: int
    """Compositions in its series."""
    rank_overall: int
    stable: bool
    """Whether its stabilisation temperature is below the limit of the study."""


def ranked_candidates(diagram: PhaseDiagram) -> tuple[Candidate, ...]:
    """All targets, the lowest energy above the hull first."""
    overall = ranks({v.name: v.above_hull_eV_atom for v in diagram.verdicts})
    within: dict[str, dict[str, int]] = {}
    for place in diagram.series:
        energies = {v.name: v.above_hull_eV_atom for v in diagram.of(place.name)}
        within[place.name] = ranks(energies)
    return tuple(
        Candidate(
            verdict,
            within[verdict.series][verdict.name],
            len(within[verdict.series]),
            overall[verdict.name],
            verdict.stabilized_K < diagram.limit_K,
        )
        for verdict in sorted(diagram.verdicts, key=lambda v: (v.above_hull_eV_atom, v.name))
    )


def find(diagram: PhaseDiagram, composition: dict[str, int]) -> TargetStability | None:
    """The verdict on a composition, however its name orders the cations."""
    wanted = reduced_formula({symbol: count for symbol, count in composition.items() if count})
    return next((v for v in diagram.verdicts if v.entry.formula == wanted), None)
