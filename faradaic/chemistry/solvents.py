"""Solvents: what they weigh, how they flow, boil and hold heat, and where they are electrolysed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from faradaic.chemistry.couples import sce_to_SHE_V
from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.tables import names, normalised, rows
from faradaic.quantities.constants import CELSIUS_ZERO_K


@dataclass(frozen=True, slots=True)
class Solvent:
    """A solvent at 25 degC."""

    id: str
    molar_mass_kg_per_mol: float
    viscosity_Pa_s: float
    density_kg_per_m3: float
    boiling_point_K: float
    relative_permittivity: float
    proton_source: bool
    """Whether it gives protons to a cathode."""
    heat_capacity_J_per_kg_K: float
    heat_of_vaporisation_J_per_mol: float
    vapour_pressure_Pa: float
    window_V_vs_SHE: tuple[float, float] | None
    """Where an organic solvent itself is reduced and oxidised (0.1 mA/cm² on Pt)."""


def solvent_named(*candidates: str | None) -> Solvent | None:
    """The first of the names (an id, an alias, a full name) that is a solvent of the table."""
    keys = (normalised(name) for name in candidates if name)
    return next((_solvents()[key] for key in keys if key in _solvents()), None)


@cache
def _solvents() -> dict[str, Solvent]:
    found = {}
    heats = {row["id"]: row for row in rows("solvent_heats")}
    windows = {
        row["solvent"]: (_vs_SHE(row["cathodic_V_vs_SCE"]), _vs_SHE(row["anodic_V_vs_SCE"]))
        for row in rows("solvent_windows")
        if not row["pH"]
    }
    for row in rows("solvents"):
        heat = heats[row["id"]]
        solvent = Solvent(
            id=row["id"],
            molar_mass_kg_per_mol=parse_formula(row["formula"]).molar_mass_kg_per_mol,
            viscosity_Pa_s=float(row["viscosity_mPa_s"]) * 1e-3,
            density_kg_per_m3=float(row["density_g_per_mL"]) * 1e3,
            boiling_point_K=float(row["boiling_point_degC"]) + CELSIUS_ZERO_K,
            relative_permittivity=float(row["relative_permittivity"]),
            proton_source=row["proton_source"] == "yes",
            heat_capacity_J_per_kg_K=float(heat["heat_capacity_J_per_g_K"]) * 1e3,
            heat_of_vaporisation_J_per_mol=float(heat["heat_of_vaporisation_kJ_per_mol"]) * 1e3,
            vapour_pressure_Pa=float(heat["vapour_pressure_25C_kPa"]) * 1e3,
            window_V_vs_SHE=windows.get(row["id"]),
        )
        found.update(dict.fromkeys(names(row), solvent))
    return found


def _vs_SHE(potential_V_vs_SCE: str) -> float:
    return float(potential_V_vs_SCE) + sce_to_SHE_V()


VISCOSITY_MECN_PA_S = _solvents()["mecn"].viscosity_Pa_s
"""Of acetonitrile, on which conductivities and diffusivities are scaled."""
