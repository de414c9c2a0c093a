"""How much the results lean on one family of competing phases, on the compositions, on the cut.

Which phases were thought of decides the counts: a hull without the phase that a compound falls
apart into makes that compound look stable. Correlations change little. Both are shown, so that
nobody quotes a count as if it were as firm as a correlation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from faradaic.computational.screening.phase_diagram import PhaseDiagram, without
from faradaic.computational.screening.statistics import CONFIDENCE, RESAMPLES, pearson
from faradaic.diagnostics import InputError

Descriptors = Mapping[str, Mapping[str, float]]
"""Value by target, by descriptor: {"mean ionic radius": {"Mg2(ZnMgSbIn)O8": 0.715e-10}}."""


@dataclass(frozen=True, slots=True)
class FamilyLeftOut:
    """The screening without one family of competing phases; "" is the full set."""

    family: str
    structures: int
    """Left out."""
    targets: int
    """Whose decomposition changes."""
    stable: Mapping[str, int]
    """Below the limit, by series; empty when no hull is left."""
    correlations: Mapping[tuple[str, str], float]
    """r by (series, descriptor)."""
    reason: str = ""
    """Why there is nothing, where the other phases span no hull."""


def leave_one_family_out(diagram: PhaseDiagram, descriptors: Descriptors) -> list[FamilyLeftOut]:
    """The full set first, then without each family, those that change the most counts first."""
    families: dict[str, list[int]] = {}
    for index, entry in enumerate(diagram.competitors):
        families.setdefault(entry.family or entry.prototype or "unnamed", []).append(index)
    full = _row("", 0, diagram, diagram, descriptors)
    rows = []
    for family, members in families.items():
        try:
            rest = without(diagram, [diagram.competitors[index] for index in members])
        except InputError as error:
            reason = error.diagnostics[0].message
            rows.append(FamilyLeftOut(family, len(members), 0, {}, {}, reason))
            continue
        rows.append(_row(family, len(members), rest, diagram, descriptors))

    def change(row: FamilyLeftOut) -> int:
        return sum(abs(row.stable[name] - full.stable[name]) for name in row.stable)

    return [full, *sorted(rows, key=lambda row: (bool(row.reason), -change(row), row.family))]


def stable_intervals(diagram: PhaseDiagram, seed: int = 0) -> dict[str, tuple[int, int]]:
    """95 % interval of the number of stable compositions in each series, from resampling them."""
    random = np.random.default_rng(seed)
    intervals = {}
    for place in diagram.series:
        total = len(diagram.of(place.name))
        if total:
            share = len(diagram.stable(place.name)) / total
            low, high = np.percentile(
                random.binomial(total, share, RESAMPLES),
                [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)],
            )
            intervals[place.name] = (round(low), round(high))
    return intervals


def counts_below(
    diagram: PhaseDiagram, cuts_eV_atom: Sequence[float]
) -> list[tuple[float, dict[str, int]]]:
    """How many compositions of each series lie less than each energy above the hull."""
    return [
        (
            cut,
            {
                place.name: sum(v.above_hull_eV_atom < cut for v in diagram.of(place.name))
                for place in diagram.series
            },
        )
        for cut in cuts_eV_atom
    ]


def _row(
    family: str,
    structures: int,
    diagram: PhaseDiagram,
    full: PhaseDiagram,
    descriptors: Descriptors,
) -> FamilyLeftOut:
    changed = sum(
        new.decomposition is not old.decomposition
        for new, old in zip(diagram.verdicts, full.verdicts, strict=True)
    )
    correlations = {}
    for place in diagram.series:
        verdicts = diagram.of(place.name)
        if len(verdicts) < 2:
            continue
        energies = np.array([v.above_hull_eV_atom for v in verdicts])
        for name, values in descriptors.items():
            x = np.array([values[v.name] for v in verdicts])
            correlations[place.name, name] = pearson(x, energies, np.ones(len(x)))
    stable = {place.name: len(diagram.stable(place.name)) for place in diagram.series}
    return FamilyLeftOut(family, structures, changed, stable, correlations)
