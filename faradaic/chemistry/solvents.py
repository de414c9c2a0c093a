"""Solvents: what they weigh, how they flow, boil and hold heat, and where they are electrolysed.

Viscosities of mixtures follow Grunberg and Nissan (Nature 1949, 164, 799): ln eta is the mean of
the pure ln eta by mole fraction plus G x1 x2 for each pair, G from one measured mixture of the
pair, 0 for two organic solvents without one, and 3 for water with another (between acetonitrile's
0.9 and ethanol's 5). Permittivities are averaged by volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import exp, log

from faradaic.chemistry.couples import sce_to_SHE_V
from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.smiles import canonical
from faradaic.chemistry.spelling import as_spelt, without_grade
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
    window_source: str = ""


def solvent_named(*candidates: str | None, smiles: str | None = None) -> Solvent | None:
    """The first of the names (an id, an alias, a full name) that is a solvent of the table, else
    the one that the SMILES draws."""
    named = [name for name in candidates if name]
    keys = [normalised(name) for name in named]
    keys += [normalised(way(without_grade(name))) for name in named for way in (str, as_spelt)]
    keys += [_drawn().get(canonical(smiles), "")] if smiles else []
    return next((_solvents()[key] for key in keys if key in _solvents()), None)


def solvent_of(id_: str) -> Solvent:
    """The solvent with an id of the table."""
    return _solvents()[normalised(id_)]


@cache
def _drawn() -> dict[str, str]:
    return {canonical(row["smiles"]): normalised(row["id"]) for row in rows("solvents")}


@cache
def _solvents() -> dict[str, Solvent]:
    found = {}
    heats = {row["id"]: row for row in rows("solvent_heats")}
    windows = {row["solvent"]: row for row in rows("solvent_windows") if not row["pH"]}
    for row in rows("solvents"):
        heat, window = heats[row["id"]], windows.get(row["id"])
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
            window_V_vs_SHE=None if window is None else _window_V_vs_SHE(window),
            window_source=window["source"] if window else "",
        )
        found.update(dict.fromkeys(names(row), solvent))
    return found


_NO_IONS = 15.0
"""Relative permittivity below which salts are hardly dissociated."""


@dataclass(frozen=True, slots=True)
class SolventMixture:
    """One or more solvents of the table, by volume before mixing."""

    parts: tuple[tuple[Solvent, float], ...]
    """With the volume fraction, the largest first."""
    viscosity_Pa_s: float
    relative_permittivity: float
    viscosity_is: str
    """What stands behind it: "measured" mixtures, "recalled" ones, the "mean logarithmic" alone."""

    @property
    def id(self) -> str:
        """`MeOH`, `THF/MeOH 5:1` as percentages by volume."""
        if len(self.parts) == 1:
            return self.parts[0][0].id
        shares = ":".join(f"{100 * share:.0f}" for _, share in self.parts)
        return f"{'/'.join(solvent.id for solvent, _ in self.parts)} {shares}"

    @property
    def weak(self) -> bool:
        """Whether salts hardly dissociate in it."""
        return self.relative_permittivity < _NO_IONS

    @property
    def protic(self) -> float:
        """Volume fraction of solvents with hydrogen bonds."""
        return sum(share for solvent, share in self.parts if solvent.proton_source)


def mix(volumes: Sequence[tuple[Solvent, float]]) -> SolventMixture | None:
    """A mixture of solvents given with their volumes; None without any."""
    total = sum(volume for _, volume in volumes)
    if not total:
        return None
    parts = tuple(sorted(((s, v / total) for s, v in volumes), key=lambda part: -part[1]))
    moles = [share * s.density_kg_per_m3 / s.molar_mass_kg_per_mol for s, share in parts]
    fractions = [amount / sum(moles) for amount in moles]
    logarithm = sum(x * log(s.viscosity_Pa_s) for x, (s, _) in zip(fractions, parts, strict=True))
    pairs = list(combinations(range(len(parts)), 2))
    known = [_interaction(parts[i][0].id, parts[j][0].id) for i, j in pairs]
    for (i, j), (interaction, _) in zip(pairs, known, strict=True):
        logarithm += fractions[i] * fractions[j] * interaction
    return SolventMixture(
        parts=parts,
        viscosity_Pa_s=exp(logarithm),
        relative_permittivity=sum(s.relative_permittivity * share for s, share in parts),
        viscosity_is=max((how for _, how in known), key=_HOW.index, default="measured"),
    )


_WITH_WATER = 3.0
_HOW = ("measured", "recalled", "mean logarithmic")


@cache
def _interaction(first: str, second: str) -> tuple[float, str]:
    """G of a pair, and how it is known."""
    for row in rows("solvent_mixtures"):
        if {row["solvent"], row["other"]} == {first, second}:
            share = float(row["volume_fraction"])
            one, other = (solvent_of(row[key]) for key in ("solvent", "other"))
            moles = [
                part * s.density_kg_per_m3 / s.molar_mass_kg_per_mol
                for s, part in ((one, share), (other, 1 - share))
            ]
            x = moles[0] / sum(moles)
            ideal = x * log(one.viscosity_Pa_s) + (1 - x) * log(other.viscosity_Pa_s)
            measured = log(float(row["viscosity_mPa_s"]) * 1e-3)
            how = _HOW[0] if row["confidence"] == "verified" else _HOW[1]
            return (measured - ideal) / (x * (1 - x)), how
    return (_WITH_WATER if "H2O" in (first, second) else 0.0), _HOW[2]


def _window_V_vs_SHE(row: dict[str, str]) -> tuple[float, float]:
    zero_V = sce_to_SHE_V()
    return float(row["cathodic_V_vs_SCE"]) + zero_V, float(row["anodic_V_vs_SCE"]) + zero_V


VISCOSITY_MECN_PA_S = _solvents()["mecn"].viscosity_Pa_s
"""Of acetonitrile, on which conductivities and diffusivities are scaled."""
