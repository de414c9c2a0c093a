"""Conductivity of ions in any solvent: at infinite dilution from tables and Walden's rule, and how
it falls with the ionic strength.

An ion without a value in a solvent gets the Walden product lambda0 eta that it has on average in
the other organic solvents of the table, or in water when there is none (Walden, 1906): constant
within 5 % for large ions (Krumgalz 1983), within some 20 % for small ones; in a mixture of
solvents the products are averaged by volume. With concentration the equivalent conductivity of a
pair of ions falls after Onsager, with the ion-size term of Robinson and Stokes,

    L = L0 - S sqrt(I) / (1 + B a sqrt(I)),   a = 4.56 Å,

and by exp(-k N) for the viscosity of the solution, N its charge in mol/L, k = 0.1 L/mol in protic,
0.6 L/mol in other solvents. k and a are chosen so that KCl, NaCl, LiCl and NaOH in water, Bu4NBF4
and Et4NBF4 in acetonitrile, NaI and KSCN in methanol and LiClO4 in DMSO come out within 25 % up to
1 mol/L.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp, sqrt
from typing import TYPE_CHECKING

from faradaic.chemistry.salts import charges
from faradaic.chemistry.solvents import solvent_of
from faradaic.chemistry.tables import rows

if TYPE_CHECKING:
    from faradaic.chemistry.solvents import SolventMixture

_ION_SIZE_ANGSTROM = 4.56
VISCOUS_L_PER_MOL = {True: 0.1, False: 0.6}
"""k of protic and of other solvents."""
_KELVIN = 298.15
_READ = "verified"
_RECALLED = 0.15
"""Relative uncertainty of a value that was not read in a source."""


@dataclass(frozen=True, slots=True)
class LimitingConductivity:
    """Of an ion in a solvent, per charge, S cm²/mol, at 25 degC."""

    value: float
    spread: float
    """Relative."""
    how: str
    """Where it comes from when it is not read in a source: "by Walden's rule", "recalled"."""


@cache
def _tabulated() -> dict[tuple[str, str], tuple[float, bool]]:
    """By ion and solvent: value, and whether it was read in a source."""
    found = {
        (row["id"], "H2O"): (float(row["lambda0_H2O_S_cm2_per_mol"]), row["confidence"] == _READ)
        for row in rows("ions")
        if row["lambda0_H2O_S_cm2_per_mol"]
    }
    for row in rows("ionic_conductivities"):
        for entry in row["lambda0_S_cm2_per_mol"].split("|"):
            ion, value = entry.split()
            found[ion, row["solvent"]] = (float(value), row["confidence"] == _READ)
    return found


@cache
def _walden_product(ion: str, solvent: str) -> tuple[float, float, str] | None:
    """lambda0 eta of an ion in a solvent, S cm²/mol Pa s, its spread and how; None: unknown."""
    products = {
        where: value * solvent_of(where).viscosity_Pa_s
        for (name, where), (value, _) in _tabulated().items()
        if name == ion
    }
    if solvent in products:
        read = _tabulated()[ion, solvent][1]
        return products[solvent], 0.0 if read else _RECALLED, "" if read else "recalled"
    organic = [product for where, product in products.items() if where != "H2O"]
    if organic:
        mean = sum(organic) / len(organic)
        spread = max(0.1, *(abs(one / mean - 1) for one in organic))
        return mean, spread, "by Walden's rule"
    if "H2O" not in products:
        return None
    read = _tabulated()[ion, "H2O"][1]
    return products["H2O"], 0.4, f"by Walden's rule{'' if read else ' from a recalled value'}"


def limiting_conductivity(ion: str, solvent: SolventMixture) -> LimitingConductivity | None:
    """lambda0 of an ion in a solvent or a mixture; None when the tables know it nowhere."""
    product = spread = 0.0
    how: list[str] = []
    for part, share in solvent.parts:
        found = _walden_product(ion, part.id)
        if found is None:
            return None
        product += share * found[0]
        spread += share * found[1]
        how += [found[2]] if found[2] else []
    return LimitingConductivity(
        product / solvent.viscosity_Pa_s, spread, " and ".join(dict.fromkeys(how))
    )


def equivalent_conductivity(
    cation: tuple[str, float],
    anion: tuple[str, float],
    ionic_strength_M: float,
    charge_M: float,
    solvent: SolventMixture,
) -> float:
    """Of a pair of ions given with their lambda0, S cm²/mol of charge.

    In a solution with an ionic strength, and with a charge of all its cations, in mol/L.

    Onsager's coefficients for ions of any charge, in practical units (Robinson and Stokes,
    Electrolyte Solutions, 1959).
    """
    plus, minus = charges()[cation[0]], -charges()[anion[0]]
    whole = cation[1] + anion[1]
    q = plus * minus * whole / ((plus + minus) * (plus * anion[1] + minus * cation[1]))
    polar = solvent.relative_permittivity * _KELVIN
    relaxation = 2.801e6 * plus * minus * q / (polar * sqrt(polar) * (1 + sqrt(q))) * whole
    poise = solvent.viscosity_Pa_s * 10
    slope = relaxation + 41.25 * (plus + minus) / (poise * sqrt(polar))
    root = sqrt(ionic_strength_M)
    fallen = slope * root / (1 + 50.29 / sqrt(polar) * _ION_SIZE_ANGSTROM * root)
    viscous = exp(-VISCOUS_L_PER_MOL[solvent.protic > 0.5] * charge_M)
    return max(whole - fallen, 0.15 * whole) * viscous
