"""Water as acid and base, an ideal solution at 25 degC; and the pressure of its vapour."""

from __future__ import annotations

from math import log10, sqrt

from faradaic.diagnostics import refusal
from faradaic.quantities.constants import CELSIUS_ZERO_K

PK_WATER = 14.0
"""At 25 degC."""


def pH_of_hydroxide(hydroxide_mol_per_m3: float) -> float:
    """pH of a solution with this concentration of OH-."""
    return PK_WATER + log10(hydroxide_mol_per_m3 / 1000)


def hydroxide_mol_per_m3(pH: float) -> float:
    """Concentration of OH- at a pH."""
    return float(1000.0 * 10.0 ** (pH - PK_WATER))


def water_vapour_pressure_Pa(temperature_K: float) -> float:
    """Saturation pressure over liquid water, 273.15 to 373.15 K (IAPWS-IF97, equation 30)."""
    if not CELSIUS_ZERO_K <= temperature_K <= 373.15:
        raise refusal(
            "E734",
            f"a gas saturated with water at {temperature_K:g} K is not described",
            "give a temperature of 273.15 to 373.15 K",
        )
    shifted = temperature_K - 0.23855557567849 / (temperature_K - 650.17534844798)
    a = shifted**2 + 1167.0521452767 * shifted - 724213.16703206
    b = -17.073846940092 * shifted**2 + 12020.82470247 * shifted - 3232555.0322333
    c = 14.91510861353 * shifted**2 - 4823.2657361591 * shifted + 405113.40542057
    return 1e6 * (2 * c / (-b + sqrt(b * b - 4 * a * c))) ** 4
