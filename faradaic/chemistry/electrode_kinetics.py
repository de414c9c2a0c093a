"""Kinetics of gas evolution by material of the electrode, as Tafel lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from faradaic.chemistry.tables import names, normalised, rows

OXYGEN_V_VS_RHE = 1.229
"""Standard potential of O2/H2O (CRC Handbook)."""


@dataclass(frozen=True, slots=True)
class GasOverpotential:
    """A gas-evolving reaction in water on a material, as a Tafel line."""

    material: str
    at_100_A_per_m2_V: float
    tafel_slope_V_per_decade: float
    source: str


def gas_overpotential(material: str, reaction: str) -> GasOverpotential | None:
    """Overpotential of `HER` or `OER` on a material; None when the table has no such row.

    The slope is the mean between 1 and 100 mA/cm², the line passes through the middle point.
    """
    words = {normalised(w) for w in (material, *re.split(r"[\s,_/-]+", material))}
    for row in rows("gas_overpotentials"):
        if row["reaction"] == reaction and words & set(names(row, "electrode")):
            low, middle, high = (float(row[f"at_{j}_mA_per_cm2_V"]) for j in (1, 10, 100))
            return GasOverpotential(row["electrode"], middle, (high - low) / 2, row["source"])
    return None
