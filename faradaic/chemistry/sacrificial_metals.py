"""Metals that an anode may consume, and how much of one a charge takes."""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.tables import normalised, rows
from faradaic.quantities import format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL

_ALL_OF_IT = 1e-3
"""Readings of current and time leave a charge uncertain by so much."""


@dataclass(frozen=True, slots=True)
class SacrificialMetal:
    """A metal that dissolves as an anode."""

    id: str
    electrons: float
    electrons_source: str
    molar_mass_kg_per_mol: float
    standard_V_vs_SHE: float
    potential_V_vs_SHE: float
    """Where it dissolves in practice, through the film that it grows."""
    spread_V: float
    source: str
    density_kg_per_m3: float


def sacrificial_metal(name: str) -> SacrificialMetal | None:
    """A sacrificial metal by its symbol or its name; None when it is not in the table."""
    for row in rows("sacrificial_metals"):
        if normalised(name) in (normalised(row["metal"]), normalised(row["name"])):
            return SacrificialMetal(
                id=row["metal"],
                electrons=float(row["electrons"]),
                electrons_source=row["electrons_source"],
                molar_mass_kg_per_mol=parse_formula(row["metal"]).molar_mass_kg_per_mol,
                standard_V_vs_SHE=float(row["standard_V_vs_SHE"]),
                potential_V_vs_SHE=float(row["practical_V_vs_SHE"]),
                spread_V=float(row["spread_V"]),
                source=row["source"],
                density_kg_per_m3=float(row["density_g_per_mL"]) * 1e3,
            )
    return None


def dissolved_kg_per_C(molar_mass_kg_per_mol: float, electrons: float) -> float:
    """Metal that a charge dissolves, M/(nF) (Faraday, 1834); corrosion takes more."""
    return molar_mass_kg_per_mol / (electrons * FARADAY_C_PER_MOL)


def times(ratio: float) -> str:
    """How many times as much: three digits, written out."""
    return f"{ratio:.3g}" if ratio < 1000 else f"{ratio:.0f}"


def consumption_words(
    metal: str, taken_kg: float | None, there_kg: float | None, basis: str, state: str
) -> str:
    """How much metal goes, how much there is and how many times it suffices, in a sentence.

    None is what is not known; `basis` says where the mass comes from, `state` is its key.
    """
    taken = "how much is not known" if taken_kg is None else format_quantity(taken_kg, "mg", 4)
    words = f"{taken} of {metal}" if taken_kg is not None else f"{metal}: {taken}"
    if there_kg is None:
        return f"{words}; whether there is enough is not known: state `{state}`"
    words += f"; {format_quantity(there_kg, 'mg', 4)} there ({basis})"
    if not taken_kg:
        return words
    enough = there_kg / taken_kg
    if abs(enough - 1.0) < _ALL_OF_IT:
        return f"{words}: all of it"
    return f"{words}, {times(enough)} times as much" + ("" if enough >= 1.0 else ": not enough")
