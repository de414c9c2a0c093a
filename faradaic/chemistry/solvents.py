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


@dataclass(frozen=True, slots=True)
class SolventHeat:
    """What a solvent does with heat."""

    heat_capacity_J_per_kg_K: float
    heat_of_vaporisation_J_per_mol: float
    vapour_pressure_Pa: float
    """At 25 degC."""


def solvent_named(*candidates: str | None) -> Solvent | None:
    """The first of the names (an id, an alias, a full name) that is a solvent of the table."""
    keys = (normalised(name) for name in candidates if name)
    return next((_solvents()[key] for key in keys if key in _solvents()), None)


def solvent_heat(solvent_id: str) -> SolventHeat | None:
    """The thermal data of a solvent of the table; None when there are none."""
    for row in rows("solvent_heats"):
        if row["id"] == solvent_id:
            return SolventHeat(
                float(row["heat_capacity_J_per_g_K"]) * 1e3,
                float(row["heat_of_vaporisation_kJ_per_mol"]) * 1e3,
                float(row["vapour_pressure_25C_kPa"]) * 1e3,
            )
    return None


def window_V_vs_SHE(solvent_id: str) -> tuple[float, float] | None:
    """Cathodic and anodic limit of an organic solvent (0.1 mA/cm² on Pt), V against SHE."""
    for row in rows("solvent_windows"):
        if row["solvent"] == solvent_id and not row["pH"]:
            cathodic, anodic = (float(row[f"{s}_V_vs_SCE"]) for s in ("cathodic", "anodic"))
            return cathodic + sce_to_SHE_V(), anodic + sce_to_SHE_V()
    return None


@cache
def _solvents() -> dict[str, Solvent]:
    found = {}
    for row in rows("solvents"):
        solvent = Solvent(
            id=row["id"],
            molar_mass_kg_per_mol=parse_formula(row["formula"]).molar_mass_kg_per_mol,
            viscosity_Pa_s=float(row["viscosity_mPa_s"]) * 1e-3,
            density_kg_per_m3=float(row["density_g_per_mL"]) * 1e3,
            boiling_point_K=float(row["boiling_point_degC"]) + CELSIUS_ZERO_K,
            relative_permittivity=float(row["relative_permittivity"]),
            proton_source=row["proton_source"] == "yes",
        )
        found.update(dict.fromkeys(names(row), solvent))
    return found


VISCOSITY_MECN_PA_S = _solvents()["mecn"].viscosity_Pa_s
"""Of acetonitrile, on which conductivities and diffusivities are scaled."""
