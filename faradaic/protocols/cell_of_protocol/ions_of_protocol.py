"""The ions of an aqueous cell, from which the pH of its compartments follows."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from faradaic.chemistry.acids import family_of
from faradaic.chemistry.cell_description.preparative_description import IonDescription
from faradaic.chemistry.ionic_diffusivity import diffusivity_in_water_m2_per_s
from faradaic.chemistry.salts import charges
from faradaic.chemistry.water import PK_WATER

if TYPE_CHECKING:
    from collections.abc import Collection

    from faradaic.chemistry.cell_description.cell_assumptions import Assumptions
    from faradaic.chemistry.medium import Medium
    from faradaic.protocols.resolved import ResolvedProtocol

_SMALL_ION_M2_PER_S = 1e-9
_NOTHING_MOL_PER_M3 = 1e-6
_OTHERS = {1: ("other cation", 1.957e-9), -1: ("other anion", 2.032e-9)}
"""Ions of potassium chloride in the place of what a stated pH or a buffer leaves unnamed."""

_Form = tuple[int, tuple[float, ...]]
"""Charge of the form with the most protons, and the pKa of those that it gives away."""


def ions(
    resolved: ResolvedProtocol, species: Collection[str], assumptions: Assumptions
) -> dict[str, IonDescription]:
    """The ions of both compartments; none where one is not aqueous or not known.

    One that has the name of a dissolved species, as zinc and the metal it becomes, is "Zn ion".
    """
    media = {c.place: c.medium for c in resolved.compartments}
    missing = [n for m in media.values() for n in (*m.dissolved.unknown, *m.dissolved.unnamed)]
    if not all(medium.aqueous for medium in media.values()):
        return {}
    if missing or not any(medium.dissolved.ions for medium in media.values()):
        why = f"the ions of {', '.join(missing)} are not known" if missing else "no ion is named"
        assumptions.note("ions", f"the pH of the solution is not followed: {why}")
        return {}
    forms: dict[str, _Form] = {}
    amounts = {place: _amounts(medium, forms) for place, medium in media.items()}
    if any(_OTHERS[sign][0] in found for sign in (1, -1) for found in amounts.values()):
        assumptions.note(
            "ions", "what the named ions leave of charge at the pH is taken as K+ or Cl-"
        )
    own, other = (
        amounts[electrode.compartment.place] for electrode in (resolved.working, resolved.counter)
    )
    assumptions.note(
        "ions",
        "the pH follows from the balance of charges, ideal and well mixed: what the electrodes give"
        " and take is H+ and OH-, and acids stay dissolved",
    )
    found = {}
    for name, (charge, pKa) in forms.items():
        diffusivity = dict(_OTHERS.values()).get(name) or diffusivity_in_water_m2_per_s(name)
        if diffusivity is None:
            assumptions.note(
                f"ions.{name}.diffusivity_m2_per_s", f"{name} diffuses in water with 1e-9 m²/s"
            )
        found[f"{name} ion" if name in species else name] = IonDescription(
            charge=charge,
            pKa=pKa,
            diffusivity_m2_per_s=diffusivity or _SMALL_ION_M2_PER_S,
            concentration_mol_per_m3=own.get(name, 0.0),
            counter_concentration_mol_per_m3=other.get(name, 0.0) if len(media) > 1 else 0.0,
        )
    return found


def add_metal_ion(metal: str, charge: float, of_solution: dict[str, IonDescription]) -> str:
    """The name of the ion that a metal dissolves as, among those of the solution from now on."""
    known = metal in charges() and charges()[metal] == charge and f"{metal} ion" not in of_solution
    name = metal if known else f"{metal} ion"
    of_solution.setdefault(
        name,
        IonDescription(
            charge=round(charge),
            diffusivity_m2_per_s=diffusivity_in_water_m2_per_s(name) or _SMALL_ION_M2_PER_S,
            concentration_mol_per_m3=0.0,
        ),
    )
    return name


def _amounts(medium: Medium, forms: dict[str, _Form]) -> dict[str, float]:
    """Concentration of each ion, acids with all their forms, mol/m³; `forms` gets what is new."""
    pH = medium.acidity[0]
    charged: defaultdict[str, float] = defaultdict(float)
    for ion, concentration in medium.dissolved.ions.items():
        if ion in ("H", "OH"):
            continue
        name, form = _form(ion)
        forms[name] = form
        charged[name] += concentration
    found = {}
    excess = 1000.0 * (10.0**-pH - 10.0 ** (pH - PK_WATER))
    for name, concentration in charged.items():
        # The composition tells the forms with a charge, at its own pH; a stated one may be another.
        charge = forms[name][0]
        shares = _shares(forms[name], medium.dissolved.pH or pH)
        found[name] = concentration / sum(share for k, share in enumerate(shares) if charge - k)
        shares = _shares(forms[name], pH)
        excess += found[name] * sum(share * (charge - k) for k, share in enumerate(shares))
    if abs(excess) > _NOTHING_MOL_PER_M3:
        sign = -1 if excess > 0 else 1
        name = _OTHERS[sign][0]
        forms[name] = (sign, ())
        found[name] = abs(excess)
    return found


def _form(ion: str) -> tuple[str, _Form]:
    """What an ion belongs to; protons that water takes at once are left out."""
    family = family_of(ion)
    if family is None:
        return ion, (charges()[ion], ())
    weak = [pKa for pKa in family.pKa if pKa > 0]
    given = len(family.pKa) - len(weak)
    return family.species[-1], (family.charge - given, tuple(weak))


def _shares(form: _Form, pH: float) -> list[float]:
    weights = [1.0]
    for pKa in form[1]:
        weights.append(weights[-1] * 10.0 ** (pH - pKa))
    return [weight / sum(weights) for weight in weights]
