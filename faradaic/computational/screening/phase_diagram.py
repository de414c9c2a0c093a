"""A verdict on every target: energy above the hull, decomposition, stabilisation temperature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from faradaic.computational.screening.entries import EnergyEntry, lowest_by
from faradaic.computational.screening.hull import (
    Decomposition,
    Hull,
    convergence_findings,
    credibility_finding,
)
from faradaic.computational.screening.stability_temperature import (
    SOLID_STATE_LIMIT_K,
    configurational_entropy_eV_K_atom,
    stabilized_above_K,
)
from faradaic.diagnostics import Diagnostic, refusal, warning


@dataclass(frozen=True, slots=True)
class CompositionSeries:
    """Compositions that differ only in the cations of the mixed sites: the paper's "Mg-based"."""

    name: str
    """The cation that all have in common: "Mg"."""
    fixed: Mapping[str, int]
    """Atoms of one formula unit outside the mixed sites: {"Mg": 2, "O": 8}."""
    mixed_sites: int
    """Mixed sites in one formula unit, equally shared by the cations on them."""
    distinct: int | None = None
    """How many different cations share them; None is any number."""
    pool: frozenset[str] | None = None
    """Which cations may share them; None is any."""

    def mixed_cations(self, composition: Mapping[str, int]) -> tuple[str, ...] | None:
        """The cations on the mixed sites, once each; None when it is not of this series."""
        formula_atoms = sum(self.fixed.values()) + self.mixed_sites
        atoms = sum(composition.values())
        left = {
            symbol: composition.get(symbol, 0) * formula_atoms - self.fixed.get(symbol, 0) * atoms
            for symbol in (*composition, *self.fixed)
        }
        shares = {count for count in left.values() if count}
        if len(shares) != 1 or min(shares) < 0:
            return None
        cations = tuple(symbol for symbol, count in left.items() if count)
        if self.distinct not in (None, len(cations)):
            return None
        return cations if self.pool is None or self.pool.issuperset(cations) else None


@dataclass(frozen=True, slots=True)
class TargetStability:
    """What the phase diagram says about one target."""

    entry: EnergyEntry
    series: str
    cations: tuple[str, ...]
    """On the mixed sites, each once."""
    above_hull_eV_atom: float
    """Negative for a compound below the hull of the others."""
    entropy_eV_K_atom: float
    stabilized_K: float
    decomposition: Decomposition

    @property
    def name(self) -> str:
        """The target's name."""
        return self.entry.name

    @property
    def above_hull_meV_atom(self) -> float:
        """In the field's usual unit."""
        return 1e3 * self.above_hull_eV_atom


@dataclass(frozen=True, slots=True)
class PhaseDiagram:
    """The verdicts on all targets against one set of competing phases."""

    verdicts: tuple[TargetStability, ...]
    competitors: tuple[EnergyEntry, ...]
    series: tuple[CompositionSeries, ...]
    limit_K: float = SOLID_STATE_LIMIT_K
    findings: tuple[Diagnostic, ...] = ()
    allow_mixed_methods: bool = False

    def of(self, series: str) -> tuple[TargetStability, ...]:
        """The verdicts of one series."""
        return tuple(verdict for verdict in self.verdicts if verdict.series == series)

    def stable(self, series: str, limit_K: float | None = None) -> tuple[TargetStability, ...]:
        """Those whose stabilisation temperature is below the limit."""
        limit_K = self.limit_K if limit_K is None else limit_K
        return tuple(verdict for verdict in self.of(series) if verdict.stabilized_K < limit_K)


def judge(
    entries: Iterable[EnergyEntry],
    series: Sequence[CompositionSeries],
    *,
    limit_K: float = SOLID_STATE_LIMIT_K,
    allow_mixed_methods: bool = False,
) -> PhaseDiagram:
    """Place every target against the hull of the competing phases.

    A target that is there twice counts with its lower energy. Raises `InputError` when methods are
    mixed (E823), a hull cannot be spanned (E824) or targets or competing phases are missing (E828).
    """
    entries = tuple(entries)
    competitors = tuple(entry for entry in entries if entry.role == "competitor")
    lowest = lowest_by(lambda entry: entry.name, (e for e in entries if e.role == "target"))
    if not lowest or not competitors:
        raise refusal(
            "E828",
            f"{len(lowest)} targets and {len(competitors)} competing phases make no phase diagram",
            "give entries of both roles, `target` and `competitor`",
        )
    hull = Hull(competitors, allow_mixed_methods=allow_mixed_methods)
    verdicts, strangers = [], []
    for entry in lowest.values():
        places = [(s, cations) for s in series if (cations := s.mixed_cations(entry.composition))]
        if not places:
            strangers.append(entry.name)
            continue
        place, cations = places[0]
        above, decomposition = hull.distance_eV_per_atom(entry)
        entropy = configurational_entropy_eV_K_atom(
            [dict.fromkeys(cations, place.mixed_sites / len(cations))],
            sum(place.fixed.values()) + place.mixed_sites,
        )
        verdicts.append(
            TargetStability(
                entry,
                place.name,
                cations,
                above,
                entropy,
                stabilized_above_K(above, entropy),
                decomposition,
            )
        )
    findings = [*convergence_findings(entries), *_strangers(strangers, series)]
    findings += filter(None, (credibility_finding(v.entry, v.above_hull_eV_atom) for v in verdicts))
    return PhaseDiagram(
        tuple(verdicts), competitors, tuple(series), limit_K, tuple(findings), allow_mixed_methods
    )


def without(diagram: PhaseDiagram, left_out: Iterable[EnergyEntry]) -> PhaseDiagram:
    """The same targets against fewer competing phases.

    Only targets that decompose into a phase left out are placed anew: taking away a phase that
    takes no part in a mixture cannot change which mixture has the least energy.
    """
    gone = {id(entry) for entry in left_out}
    competitors = tuple(entry for entry in diagram.competitors if id(entry) not in gone)
    hull = Hull(competitors, allow_mixed_methods=diagram.allow_mixed_methods)
    verdicts = []
    for verdict in diagram.verdicts:
        if any(id(product.entry) in gone for product in verdict.decomposition.products):
            above, decomposition = hull.distance_eV_per_atom(verdict.entry)
            verdict = replace(
                verdict,
                above_hull_eV_atom=above,
                stabilized_K=stabilized_above_K(above, verdict.entropy_eV_K_atom),
                decomposition=decomposition,
            )
        verdicts.append(verdict)
    return replace(diagram, verdicts=tuple(verdicts), competitors=competitors, findings=())


def phase_frequencies(verdicts: Iterable[TargetStability]) -> list[tuple[str, int]]:
    """(formula, in how many decompositions it takes part), the most frequent first."""
    counts = Counter(
        product.entry.formula for verdict in verdicts for product in verdict.decomposition.products
    )
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _strangers(names: Sequence[str], series: Sequence[CompositionSeries]) -> list[Diagnostic]:
    if not names:
        return []
    known = ", ".join(place.name for place in series)
    return [
        warning(
            "E829",
            f"{len(names)} targets belong to no series of the study and were left out:"
            f" {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}",
            help=f"the study has the series {known}; add theirs or give these entries the role"
            " `competitor`",
        )
    ]
