"""Water as acid and base: pH and hydroxide of an ideal solution at 25 degC."""

from __future__ import annotations

from math import log10

PK_WATER = 14.0
"""At 25 degC."""


def pH_of_hydroxide(hydroxide_mol_per_m3: float) -> float:
    """pH of a solution with this concentration of OH-."""
    return PK_WATER + log10(hydroxide_mol_per_m3 / 1000)


def hydroxide_mol_per_m3(pH: float) -> float:
    """Concentration of OH- at a pH."""
    return float(1000.0 * 10.0 ** (pH - PK_WATER))
