"""Conductivity of a solution and ionic resistance between electrodes, as ranges with a reason.

A measured conductivity of the same salt and solvent counts first. Else, where ions are free
(relative permittivity of 20 and above), the estimator kappa = Lambda0 c / (1 + 2.2 sqrt(c)), c in
mol/L, Lambda0 from the ions' values in acetonitrile scaled by the viscosity (Walden, 1906). It
meets the measured Bu4NBF4/MeCN (0.077 to 0.3 M) within 3 % and Bu4NBF4/DMF (0.1 M) within 2 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from faradaic.chemistry.solvents import VISCOSITY_MECN_PA_S
from faradaic.chemistry.tables import normalised, rows
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faradaic.chemistry.medium import Medium

TEMPERATURE_COEFFICIENT_PER_K = {True: 0.02, False: 0.015}
"""Relative rise of a conductivity per kelvin, in water and in organic solvents."""
_FREE_IONS = 20.0
_NO_IONS = 15.0
"""Relative permittivities: above the first salts count as dissociated, below the second not."""
_NEAR = 1.5
"""A measured value is used for concentrations within this factor."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number that is known roughly: low, typical and high, and why so."""

    low: float
    typical: float
    high: float
    reason: str

    def scaled(self, factor: float) -> tuple[float, float]:
        """(low, high) times a factor."""
        return self.low * factor, self.high * factor


def estimated_conductivity_S_per_m(
    lambda0_MeCN_S_m2_per_mol: float, concentration_mol_per_m3: float, viscosity_Pa_s: float
) -> float:
    """kappa = Lambda0 c (0.369 mPa s / viscosity) / (1 + 2.2 sqrt(c in mol/L)), S/m.

    Lambda0 is that in acetonitrile; for several salts their mean, c their sum.
    """
    walden = VISCOSITY_MECN_PA_S / viscosity_Pa_s
    return lambda0_MeCN_S_m2_per_mol * 1000 * walden * _per_root(concentration_mol_per_m3)


def _per_root(concentration_mol_per_m3: float) -> float:
    """c / (1 + 2.2 sqrt(c)), c in mol/L: how a conductivity depends on the concentration."""
    molar = concentration_mol_per_m3 / 1000
    return molar / (1 + 2.2 * sqrt(molar))


def conductivity(of: Medium) -> Range | str:
    """Conductivity of a medium, S/m; where the data do not allow it, the sentence that says why."""
    if of.unknown:
        return f"the concentration of {', '.join(of.unknown)} is not known"
    if not of.salts:
        return "no electrolyte is named"
    if of.solvent is None:
        return f"{' and '.join(of.solvents) or 'the solvent'} is not in the table of solvents"
    warmer = 1 + TEMPERATURE_COEFFICIENT_PER_K[of.aqueous] * (
        of.temperature_K - STANDARD_TEMPERATURE_K
    )
    measured = _measured(of)
    if measured is not None:
        value, source = measured[0] * warmer, measured[1]
        return Range(0.8 * value, value, 1.2 * value, f"measured conductivity ({source}), ±20 %")
    ideal = _estimated(of)
    if isinstance(ideal, str):
        return ideal
    low, typical, high, why = 0.5, 1.0, 1.5, ""
    if of.solvent.relative_permittivity < _FREE_IONS:
        low, typical, high = 0.5, 0.75, 1.0
        why = "; ion pairs lower it by up to half in so weak a dielectric"
    mixed = f", taking the mixture as {of.solvent.id}" if len(of.solvents) > 1 else ""
    reason = f"estimated from ionic conductivities and the viscosity of {of.solvent.id}{mixed}{why}"
    ideal *= warmer
    return Range(low * ideal, typical * ideal, high * ideal, reason)


def _estimated(of: Medium) -> float | str:
    assert of.solvent is not None
    if of.solvent.relative_permittivity < _NO_IONS:
        return (
            f"salts hardly dissociate in {of.solvent.id} (relative permittivity"
            f" {of.solvent.relative_permittivity:g}): only a measured conductivity would do"
        )
    total = 0.0
    for name, ions, concentration in of.salts:
        if ions is None or ions.lambda0_MeCN_S_m2_per_mol is None:
            return f"the ionic conductivities of {name} are not in the table"
        total += ions.lambda0_MeCN_S_m2_per_mol * concentration
    salts = of.electrolyte_mol_per_m3
    return estimated_conductivity_S_per_m(total / salts, salts, of.solvent.viscosity_Pa_s)


def _measured(of: Medium) -> tuple[float, str] | None:
    """The nearest measured value, moved to the concentration along the estimator's square root."""
    if len(of.salts) != 1 or len(of.solvents) != 1 or of.solvent is None:
        return None
    name, ions, wanted = of.salts[0]
    key = normalised(ions.id if ions else name)
    near: list[tuple[float, float, str]] = []
    for row in rows("conductivities"):
        same = normalised(row["electrolyte"]) == key and row["solvent"] == of.solvent.id
        given = float(row["concentration_mol_per_L"]) * 1000
        distance = max(wanted / given, given / wanted)
        if same and row["kind"] != "assumed" and distance <= _NEAR:
            moved = _per_root(wanted) / _per_root(given)
            value = float(row["conductivity_mS_per_cm"]) * 0.1 * moved
            near.append((distance, value, row["source"]))
    return min(near)[1:] if near else None


def resistance_ohm(
    solutions: Sequence[Range], gap_m: float, area_m2: float, separator_ohm: float | None = 0.0
) -> Range:
    """Ionic resistance between two electrodes, ohm: R = gap / (kappa A).

    A divided cell has half the gap in the solution on either side, and the resistance of its
    separator in between (None: it is not known).
    """
    path = gap_m / area_m2 / len(solutions)
    low, typical, high = (
        sum(path / getattr(kappa, side) for kappa in solutions)
        for side in ("high", "typical", "low")
    )
    reason = "; ".join(dict.fromkeys(kappa.reason for kappa in solutions))
    if separator_ohm is None:
        reason += "; the separator's own resistance is not known and left out"
    own = separator_ohm or 0.0
    return Range(low + own, typical + own, high + own, reason)
