"""Metals that an anode may consume."""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.tables import normalised, rows


@dataclass(frozen=True, slots=True)
class SacrificialMetal:
    """A metal that dissolves as an anode."""

    id: str
    electrons: float
    molar_mass_kg_per_mol: float
    standard_V_vs_SHE: float
    potential_V_vs_SHE: float
    """Where it dissolves in practice, through the film that it grows."""
    spread_V: float
    source: str
    density_kg_per_m3: float


def sacrificial_metal(name: str) -> SacrificialMetal | None:
    """A sacrificial metal by its symbol; None when it is not in the table."""
    for row in rows("sacrificial_metals"):
        if normalised(row["metal"]) == normalised(name):
            return SacrificialMetal(
                id=row["metal"],
                electrons=float(row["electrons"]),
                molar_mass_kg_per_mol=parse_formula(row["metal"]).molar_mass_kg_per_mol,
                standard_V_vs_SHE=float(row["standard_V_vs_SHE"]),
                potential_V_vs_SHE=float(row["practical_V_vs_SHE"]),
                spread_V=float(row["spread_V"]),
                source=row["source"],
                density_kg_per_m3=float(row["density_g_per_mL"]) * 1e3,
            )
    return None
