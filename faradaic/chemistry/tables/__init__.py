"""The data tables of the chemistry: CSV files with a source and a confidence on every row.

`confidence` is `verified` for rows read in their source and `approx` for recalled ones; a finding
that rests on an approximate row is never an error. Numbers stand in the units of their sources,
named in the column; the typed rows below are SI.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """All rows of a table as text, by column: `rows("solvents")`."""
    text = files(__package__).joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def normalised(name: str) -> str:
    """A chemical name without case, hyphens, spaces and brackets: `n-Bu4NBF4` and `nbu4nbf4`."""
    return re.sub(r"[^a-z0-9+]", "", name.lower())


def names(row: dict[str, str], column: str = "id") -> tuple[str, ...]:
    """The id and the aliases of a row, normalised."""
    return tuple(normalised(n) for n in (row[column], *row["aliases"].split("|")) if n)


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
    confidence: str
    source: str


@cache
def _solvents() -> dict[str, Solvent]:
    found = {}
    for row in rows("solvents"):
        solvent = Solvent(
            id=row["id"],
            molar_mass_kg_per_mol=float(row["molar_mass_g_per_mol"]) * 1e-3,
            viscosity_Pa_s=float(row["viscosity_mPa_s"]) * 1e-3,
            density_kg_per_m3=float(row["density_g_per_mL"]) * 1e3,
            boiling_point_K=float(row["boiling_point_degC"]) + 273.15,
            relative_permittivity=float(row["relative_permittivity"]),
            proton_source=row["proton_source"] == "yes",
            confidence=row["confidence"],
            source=row["source"],
        )
        found.update(dict.fromkeys(names(row), solvent))
    return found


def solvent(*candidates: str | None) -> Solvent | None:
    """The first of the names (an id, an alias, a full name) that is a solvent of the table."""
    keys = (normalised(name) for name in candidates if name)
    return next((_solvents()[key] for key in keys if key in _solvents()), None)


@dataclass(frozen=True, slots=True)
class SolventHeat:
    """What a solvent does with heat."""

    heat_capacity_J_per_kg_K: float
    heat_of_vaporisation_J_per_mol: float
    vapour_pressure_Pa: float
    """At 25 degC."""


def solvent_heat(solvent_id: str) -> SolventHeat | None:
    """The thermal data of a solvent of the table; None when there are none."""
    for row in rows("thermal"):
        if row["id"] == solvent_id:
            return SolventHeat(
                float(row["heat_capacity_J_per_g_K"]) * 1e3,
                float(row["heat_of_vaporisation_kJ_per_mol"]) * 1e3,
                float(row["vapour_pressure_25C_kPa"]) * 1e3,
            )
    return None


def separator_permeability_m_per_s(kind: str) -> float:
    """Permeability of a kind of separator for a small neutral molecule, m/s."""
    row = next(row for row in rows("separators") if row["kind"] == kind)
    return float(row["permeability_m_per_s"])


@dataclass(frozen=True, slots=True)
class Salt:
    """A 1:1 salt made of two ions of the table."""

    id: str
    cation: str
    anion: str
    lambda0_MeCN_S_m2_per_mol: float | None
    """Limiting molar conductivity in acetonitrile at 25 degC; None when an ion has no value."""


@cache
def _ions(charge: str) -> tuple[tuple[str, dict[str, str]], ...]:
    named = [(n, row) for row in rows("ions") if row["charge"] == charge for n in names(row)]
    return tuple(sorted(named, key=lambda pair: -len(pair[0])))


@cache
def salt(name: str) -> Salt | None:
    """The salt behind a formula or name, None when its ions are not in the table.

    `Bu4NBF4`, `TBABF4`, `tetrabutylammonium tetrafluoroborate`, `... benzenediazonium BF4`.
    """
    whole = normalised(name)
    for tail, anion in _ions("-1"):
        head = whole.removesuffix(tail)
        if head == whole:
            continue
        for front, cation in _ions("1"):
            # A long word may follow the rest of a name; a symbol must stand alone.
            if head == front or (len(front) > 6 and head.endswith(front)):
                parts = [ion["lambda0_MeCN_S_cm2_per_mol"] for ion in (cation, anion)]
                total = sum(map(float, parts)) * 1e-4 if all(parts) else None
                return Salt(cation["id"] + anion["id"], cation["id"], anion["id"], total)
    return None


@cache
def _sce_V_vs_SHE() -> float:
    from faradaic.chemistry.reference_electrodes import reference_electrode

    return reference_electrode("SCE").potential_V


@dataclass(frozen=True, slots=True)
class Potential:
    """A practical potential: where a reaction runs at about 1 mA/cm²."""

    id: str
    direction: str
    potential_V_vs_SHE: float
    spread_V: float
    source: str


def half_reactions(*texts: str | None, direction: str) -> Iterator[Potential]:
    """The classes of compound in the table whose words occur in the texts."""
    text = " ".join(t for t in texts if t).lower()
    for row in rows("half_reactions"):
        words = row["words"].lower().split("|")
        if row["direction"] == direction and any(w and w in text for w in words):
            yield _potential(row)


def half_reaction(id: str) -> Potential:  # noqa: A002
    """One row of the table of half-reactions."""
    return next(_potential(row) for row in rows("half_reactions") if row["id"] == id)


def _potential(row: dict[str, str]) -> Potential:
    return Potential(
        id=row["id"],
        direction=row["direction"],
        potential_V_vs_SHE=float(row["potential_V_vs_SCE"]) + _sce_V_vs_SHE(),
        spread_V=float(row["spread_V"]),
        source=row["source"],
    )


def window_V_vs_SHE(solvent_id: str) -> tuple[float, float] | None:
    """Cathodic and anodic limit of an organic solvent (0.1 mA/cm² on Pt), V against SHE."""
    for row in rows("windows"):
        if row["solvent"] == solvent_id and not row["pH"]:
            cathodic, anodic = (float(row[f"{s}_V_vs_SCE"]) for s in ("cathodic", "anodic"))
            return cathodic + _sce_V_vs_SHE(), anodic + _sce_V_vs_SHE()
    return None


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
    for row in rows("overpotentials"):
        if row["reaction"] == reaction and words & set(names(row, "electrode")):
            low, middle, high = (float(row[f"at_{j}_mA_per_cm2_V"]) for j in (1, 10, 100))
            return GasOverpotential(row["electrode"], middle, (high - low) / 2, row["source"])
    return None


@dataclass(frozen=True, slots=True)
class Metal:
    """A metal that an anode may consume."""

    id: str
    electrons: float
    molar_mass_kg_per_mol: float
    potential_V_vs_SHE: float
    density_kg_per_m3: float


def sacrificial_metal(name: str) -> Metal | None:
    """A sacrificial metal by its symbol; None when it is not in the table."""
    for row in rows("sacrificial"):
        if normalised(row["metal"]) == normalised(name):
            return Metal(
                id=row["metal"],
                electrons=float(row["electrons"]),
                molar_mass_kg_per_mol=float(row["molar_mass_g_per_mol"]) * 1e-3,
                potential_V_vs_SHE=float(row["potential_V_vs_SHE"]),
                density_kg_per_m3=float(row["density_g_per_mL"]) * 1e3,
            )
    return None


def specific_area_per_m(form: str, ppi: int | None = None) -> float | None:
    """Inner surface per volume of a porous form, m²/m³; None when the table does not say."""
    for row in rows("porous"):
        if row["form"] == form and (row["ppi"] == "" or row["ppi"] == str(ppi)):
            return float(row["specific_area_per_m"])
    return None


def film_thickness_m(situation: str) -> tuple[float, float, float]:
    """Diffusion layer, m: (thin, typical, thick); `stirred`, `unstirred`, `recirculating`, ..."""
    row = next(row for row in rows("films") if row["situation"] == situation)
    low, typical, high = (float(row[f"{s}_um"]) * 1e-6 for s in ("low", "typical", "high"))
    return low, typical, high
