"""A reaction at an electrode as a Tafel line, and what the electrode is made of and stands in."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Literal

from faradaic.chemistry.cell_description.cell_assumptions import RECALLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faradaic.chemistry.couples import Couple, Reactant
    from faradaic.chemistry.electrode_kinetics import GasOverpotential
    from faradaic.chemistry.medium import Medium
    from faradaic.chemistry.sacrificial_metals import SacrificialMetal

ElectrodeRole = Literal["anode", "cathode"]
Direction = Literal["oxidation", "reduction"]
DIRECTION: Mapping[ElectrodeRole, Direction] = {"anode": "oxidation", "cathode": "reduction"}

SLOPE_V = 0.12
"""Tafel slope of a one-electron transfer with a transfer coefficient of one half, V per decade."""


@dataclass(frozen=True, slots=True)
class ElectrodeReaction:
    """A reaction at an electrode as a Tafel line through one point."""

    name: str
    potential_V_vs_SHE: float
    current_density_A_per_m2: float
    """At that potential."""
    tafel_slope_V_per_decade: float = SLOPE_V
    spread_V: float = 0.3
    known: bool = True
    """Whether a table named it; else its potential is a default."""
    kinetics_known: bool = True
    """Whether its Tafel line is of this material and medium, and not borrowed from another."""
    assumed: str = ""
    gas: tuple[str, float] | None = None
    """Species and moles per mole of electrons."""
    of: str = ""
    """The component that reacts, where one does."""
    moved: bool = False
    """Whether it was put between what two tables say."""

    @property
    def guessed(self) -> bool:
        """Whether no source says it: a default, a compromise, or a value that is only recalled."""
        unknown = not (self.known and self.kinetics_known)
        return unknown or self.moved or RECALLED in self.assumed

    def potential_at_V(self, role: ElectrodeRole, current_density_A_per_m2: float | None) -> float:
        """Where it runs at a current density, V vs SHE; at its own where none is given."""
        if not current_density_A_per_m2:
            return self.potential_V_vs_SHE
        decades = log10(current_density_A_per_m2 / self.current_density_A_per_m2)
        sign = 1 if role == "anode" else -1
        return self.potential_V_vs_SHE + sign * self.tafel_slope_V_per_decade * decades


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an electrode is made of and stands in, whichever way it is driven."""

    material: str
    metal: SacrificialMetal | None
    """That dissolves from it when it is the anode."""
    medium: Medium
    coating: str | None = None
    """Catalyst on the material."""
    reductants: tuple[Reactant, ...] = ()
    """What is there to be oxidised in the substrate's stead."""
    halides: tuple[Reactant, ...] = ()
    """Salts and acids of a halide that are concentrated enough to carry the current of an anode."""
    plated: tuple[Reactant, ...] = ()
    """Salts whose metal is concentrated enough to carry the current of a cathode."""
    acid: bool = False
    """Whether an acid, or a proton source and nothing else to be reduced, is dissolved."""
    facing_metal: bool = False
    """Whether the other electrode is a metal that dissolves."""
    held_V_vs_SHE: float | None = None
    """Where it is held to convert the substrate."""
    overpotential: GasOverpotential | None = None
    """Of the gas that it makes of the medium, as the author states."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A mediator that carries the current of the limiting component, and how much it can."""

    couple: Couple
    plateau_A_per_m2: float
    """At the start."""
