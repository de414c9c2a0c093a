"""Energy above the convex hull and the phases a compound falls apart into.

The hull at one composition is a linear programme: the mixture of competing phases with the
compound's elements and the least energy (Ong, Wang, Kang, Ceder, Chem. Mater. 20 (2008) 1798).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faradaic.computational.screening.entries import EnergyEntry, lowest_by, reduced_formula
from faradaic.diagnostics import Diagnostic, InputError, refusal, warning

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIGHEST_CREDIBLE_EV_ATOM = 0.5
"""Above it an energy is more likely wrong than a compound so unstable: nine tenths of the known
metastable phases lie within 67 meV/atom (Sun et al., Sci. Adv. 2 (2016) e1600225; recalled)."""
LOWEST_CREDIBLE_EV_ATOM = -0.1
"""So far below the hull a new compound points to a competing phase that is missing."""

_SMALLEST_FRACTION = 1e-7


@dataclass(frozen=True, slots=True)
class PhaseFraction:
    """One phase of a mixture."""

    entry: EnergyEntry
    fraction: float
    """Of the mixture's atoms, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The mixture of competing phases with the least energy at one composition."""

    products: tuple[PhaseFraction, ...]
    """The largest part first."""
    energy_eV_per_atom: float

    def __str__(self) -> str:
        return " + ".join(f"{p.fraction:.3f} {p.entry.formula}" for p in self.products)


class Hull:
    """The convex hull spanned by competing phases.

    Raises `InputError` (E823) when the energies come from more than one method, unless
    `allow_mixed_methods` is given.
    """

    def __init__(
        self, entries: Iterable[EnergyEntry], *, allow_mixed_methods: bool = False
    ) -> None:
        entries = tuple(entries)
        methods = Counter(entry.method for entry in entries)
        if len(methods) > 1 and not allow_mixed_methods:
            raise mixed_methods(methods)
        self.methods = tuple(methods)
        self._allow_mixed_methods = allow_mixed_methods
        self.phases = tuple(lowest_by(lambda entry: entry.formula, entries).values())
        """The lowest entry of each formula."""
        self._elements = tuple(sorted({e for phase in self.phases for e in phase.composition}))
        self._energies = np.array([phase.energy_eV_per_atom for phase in self.phases])
        self._fractions = np.array([_fractions(p.composition, self._elements) for p in self.phases])

    def decompose(self, composition: Mapping[str, int]) -> Decomposition:
        """The stable mixture at a composition. Raises `InputError` (E824) when there is none."""
        from scipy.optimize import linprog

        unknown = sorted(set(composition) - set(self._elements))
        if unknown:
            raise _no_mixture(composition, f"none of them contains {', '.join(unknown)}")
        inside = [element in composition for element in self._elements]
        outside = ~np.array(inside)
        usable = np.flatnonzero(~self._fractions[:, outside].any(axis=1))
        target = _fractions(composition, self._elements)
        solution = None
        if len(usable):
            solution = linprog(
                self._energies[usable],
                A_eq=self._fractions[usable][:, inside].T,
                b_eq=target[inside],
                bounds=(0, None),
                method="highs-ds",
            )
        if solution is None or solution.status != 0:
            raise _no_mixture(
                composition, f"the {len(usable)} phases of its elements cannot be mixed to it"
            )
        order = [i for i in np.argsort(-solution.x) if solution.x[i] > _SMALLEST_FRACTION]
        return Decomposition(
            tuple(PhaseFraction(self.phases[usable[i]], float(solution.x[i])) for i in order),
            float(solution.fun),
        )

    def distance_eV_per_atom(self, entry: EnergyEntry) -> tuple[float, Decomposition]:
        """(energy above the hull, what the hull consists of there).

        The entry itself takes no part, so that a compound below the hull comes out negative.
        Raises `InputError` (E823) when its method is not the hull's.
        """
        if entry.method not in self.methods and not self._allow_mixed_methods:
            raise mixed_methods(Counter((entry.method, *self.methods)))
        decomposition = self.decompose(entry.composition)
        return entry.energy_eV_per_atom - decomposition.energy_eV_per_atom, decomposition


def mixed_methods(methods: Mapping[str, int]) -> InputError:
    """The error of energies that cannot share a hull; `methods` with the number of entries."""
    listed = "; ".join(f"{method} ({count})" for method, count in methods.items())
    return refusal(
        "E823",
        f"energies of {len(methods)} methods in one hull: {listed}",
        "compute targets and competing phases by one method; a study that says"
        " `allow_mixed_methods: true` answers for what comes out",
    )


def balance_findings(
    composition: Mapping[str, int], products: Sequence[Mapping[str, int]]
) -> tuple[Diagnostic, ...]:
    """Whether stated decomposition products can be made of a compound's atoms, and of all of them.

    Empty when some mixture of the products with positive amounts of each has the composition.
    """
    from scipy.optimize import linprog

    name = reduced_formula(composition)
    findings = [
        Diagnostic(
            "E825",
            f"{name} cannot decompose into {reduced_formula(product)}:"
            f" it contains no {', '.join(foreign)}",
            help="look for a misprint, or take the decomposition of the hull",
        )
        for product in products
        if (foreign := sorted(set(product) - set(composition)))
    ]
    made = {element for product in products for element in product}
    if left := sorted(set(composition) - made):
        stated = ", ".join(reduced_formula(product) for product in products)
        findings.append(
            Diagnostic(
                "E825",
                f"{stated} leave out the {', '.join(left)} of {name}",
                help="a decomposition holds every element of the compound",
            )
        )
    if findings:
        return tuple(findings)
    elements = tuple(composition)
    columns = np.array([_fractions(product, elements) for product in products]).T
    amounts = linprog(  # the largest possible smallest share: all products are there if it is > 0
        [0.0] * len(products) + [-1.0],
        A_eq=np.column_stack([columns, np.zeros(len(elements))]),
        b_eq=_fractions(composition, elements),
        A_ub=np.column_stack([-np.eye(len(products)), np.ones(len(products))]),
        b_ub=np.zeros(len(products)),
        bounds=(0, None),
        method="highs-ds",
    )
    if amounts.status == 0 and -amounts.fun > _SMALLEST_FRACTION:
        return ()
    stated = " + ".join(reduced_formula(product) for product in products)
    return (
        Diagnostic(
            "E825",
            f"no positive amounts of {stated} have the composition {name}",
            help="a phase is missing or one too many; take the decomposition of the hull",
        ),
    )


def convergence_findings(entries: Iterable[EnergyEntry]) -> tuple[Diagnostic, ...]:
    """A warning for each role with relaxations that did not converge."""
    meaning = {
        "target": "their energies above the hull are upper bounds",
        "competitor": "energies above the hull may be too low by what their relaxation still hides",
    }
    open_ends: dict[str, list[EnergyEntry]] = {}
    for entry in entries:
        if not entry.converged:
            open_ends.setdefault(entry.role, []).append(entry)
    return tuple(
        warning(
            "E826",
            f"{len(found)} {role} relaxations did not converge: {_named(found)}; {meaning[role]}",
            help="`faradaic screen relax --steps 1000` computes all of them anew with more steps",
        )
        for role, found in open_ends.items()
    )


def credibility_finding(entry: EnergyEntry, above_eV_atom: float) -> Diagnostic | None:
    """A warning where an energy above the hull is too high or too low to be believed."""
    if LOWEST_CREDIBLE_EV_ATOM <= above_eV_atom <= HIGHEST_CREDIBLE_EV_ATOM:
        return None
    side = "above" if above_eV_atom > 0 else "below"
    reason = (
        "the energy may be of another cell or method, or the relaxation went astray"
        if above_eV_atom > 0
        else "a competing phase seems to be missing, or the energy is of another cell or method"
    )
    return warning(
        "E827",
        f"{entry.name} lies {abs(above_eV_atom) * 1e3:.0f} meV/atom {side} the hull: {reason}",
        help=f"look at its entry ({entry.source or 'no source given'}): {entry.energy_eV:g} eV for "
        f"{entry.atoms} atoms by {entry.method}",
        numbers={"above_hull_eV_atom": above_eV_atom},
    )


def _named(entries: Sequence[EnergyEntry], shown: int = 3) -> str:
    names = ", ".join(
        f"{e.name}{f' ({e.max_force_eV_A:.3g} eV/Å left)' if e.max_force_eV_A is not None else ''}"
        for e in entries[:shown]
    )
    return names + (f" and {len(entries) - shown} more" if len(entries) > shown else "")


def _fractions(composition: Mapping[str, int], elements: Sequence[str]) -> NDArray[np.float64]:
    atoms = sum(composition.values())
    return np.array([composition.get(element, 0) / atoms for element in elements])


def _no_mixture(composition: Mapping[str, int], why: str) -> InputError:
    return refusal(
        "E824",
        f"the competing phases span no hull at {reduced_formula(composition)}: {why}",
        "add the binary compounds of all its elements, for oxides one of each charge",
    )
