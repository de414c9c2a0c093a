"""What is in the cell: components with their roles and amounts, the limiting one, the gas."""

from __future__ import annotations

import re
from contextlib import suppress
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.smiles import molar_mass_of, molecule
from faradaic.diagnostics import InputError
from faradaic.documents.models import (
    Identifier,
    Model,
    NotEmpty,
    Number,
    PositiveNumber,
    Text,
    exactly_one,
    problem,
)
from faradaic.protocols.schema.field_types import (
    KnownPotential,
    NonNegativeAmount,
    PositiveConcentration,
    PositiveDiffusionCoefficient,
    PositiveGasFlow,
    PositiveMass,
    Recorded,
    StatedConductivity,
)
from faradaic.quantities.fields import Density, Fraction, MolarMass, RateConstant, Volume


class ComponentRole(StrEnum):
    """What a component is there for."""

    SUBSTRATE = "substrate"
    COUPLING_PARTNER = "coupling_partner"
    REAGENT = "reagent"
    ELECTROLYTE = "electrolyte"
    SOLVENT = "solvent"
    MEDIATOR = "mediator"
    CATALYST = "catalyst"
    LIGAND = "ligand"
    ACID = "acid"
    BASE = "base"
    PROTON_SOURCE = "proton_source"
    SACRIFICIAL_REDUCTANT = "sacrificial_reductant"
    ADDITIVE = "additive"
    INTERNAL_STANDARD = "internal_standard"


REACTING = frozenset(
    {
        ComponentRole.SUBSTRATE,
        ComponentRole.MEDIATOR,
        ComponentRole.COUPLING_PARTNER,
        ComponentRole.REAGENT,
    }
)
"""What is there to react at an electrode, or beside it."""
_GROUPS = re.compile("Ac|Pr|Ts")
"""Groups that have the symbols of elements."""
_AMOUNTS = ("amount_mol", "equiv", "concentration_mol_per_m3", "volume_m3", "mass_kg")


class Component(Model):
    """One component, its quantity given in exactly one way."""

    role: ComponentRole
    name: Text | None = None
    amount_mol: NonNegativeAmount | None = None
    """At the start: zero for what is only dosed."""
    equiv: PositiveNumber | None = None
    """Equivalents of the limiting component."""
    concentration_mol_per_m3: PositiveConcentration | None = None
    volume_m3: Volume | None = None
    mass_kg: PositiveMass | None = None
    molar_mass_kg_per_mol: MolarMass | None = None
    density_kg_per_m3: Density | None = None
    potential: KnownPotential | None = None
    """Where it is oxidised or reduced, as the author knows it: "1.12 V vs Fc+/0". Wins over the
    tables."""
    potential_kind: Literal["half_wave", "half_peak", "peak"] | None = None
    """What of its voltammogram that is; a half-wave potential if not given."""
    diffusion_coefficient_m2_per_s: PositiveDiffusionCoefficient | None = None
    mediator_rate_m3_per_mol_per_s: RateConstant | None = None
    """Of a mediator: rate constant of its active form with the limiting component."""
    cas: Recorded[Text | None] = None
    smiles: Text | None = None
    """Its groups are read from it, rather than from its name."""
    inchikey: Recorded[Text | None] = None
    purity: Recorded[Fraction | None] = None
    water: Recorded[Fraction | None] = None
    """Mass fraction of water."""
    lot: Recorded[Text | None] = None
    supplier: Recorded[Text | None] = None
    hazards: tuple[Identifier, ...] = ()
    """Tags that checks look for: perchlorate, diazonium_salt, peroxide_former, ..."""
    solubility: Recorded[Text | None] = None
    added: Recorded[Text | None] = None
    """When it is added, if the order matters: "last"."""
    notes: Recorded[Text | None] = None

    @model_validator(mode="after")
    def _one_quantity(self) -> Component:
        exactly_one(self, _AMOUNTS, "its quantity")
        return self

    @model_validator(mode="after")
    def _makes_sense(self) -> Component:
        if self.potential_kind is not None and self.potential is None:
            raise problem(
                "the kind of a potential is given, but no potential",
                help="add `potential: 1.12 V vs Fc+/0`",
                path=["potential_kind"],
            )
        if self.mediator_rate_m3_per_mol_per_s and self.role is not ComponentRole.MEDIATOR:
            raise problem(
                f"a {self.role.value} has no `mediator_rate`",
                help="write `role: mediator`, or leave it out",
                path=["mediator_rate"],
            )
        if self.smiles is not None:
            try:
                molecule(self.smiles)
            except InputError as error:
                first = error.diagnostics[0]
                raise problem(
                    first.message, code=first.code or "E306", help=first.help, path=["smiles"]
                ) from None
        return self

    def molar_mass(self, id_: str) -> float | None:
        """In kg/mol: as stated, of its SMILES, or of a salt's formula; None where none tells."""
        if self.molar_mass_kg_per_mol is not None or (self.smiles and "*" not in self.smiles):
            return self.molar_mass_kg_per_mol or molar_mass_of(str(self.smiles))
        for formula in filter(None, (self.name, id_)):
            if salt_named(formula) is not None and not _GROUPS.search(formula):
                with suppress(InputError):
                    return parse_formula(formula).molar_mass_kg_per_mol
        return None

    def amount_in(
        self, id_: str, volume_m3: float, limiting_mol: float | None = None
    ) -> float | None:
        """Moles of it in a solution of this volume; None where the protocol doesn't tell."""
        mass = self.mass_kg
        if self.volume_m3 is not None and self.density_kg_per_m3 is not None:
            mass = self.volume_m3 * self.density_kg_per_m3
        if self.amount_mol is not None:
            return self.amount_mol
        if self.concentration_mol_per_m3 is not None:
            return self.concentration_mol_per_m3 * volume_m3
        if self.equiv is not None:
            return None if limiting_mol is None else self.equiv * limiting_mol
        molar_mass = None if mass is None else self.molar_mass(id_)
        return None if mass is None or molar_mass is None else mass / molar_mass


class GasFeed(Model):
    """A gas led into or over a compartment."""

    species: Identifier
    flow_mol_per_s: PositiveGasFlow | None = None
    mode: Literal["sparge", "blanket", "sweep", "flow_by", "flow_through"]
    notes: Recorded[Text | None] = None


class Solution(Model):
    """The solution of an undivided cell, or of one compartment."""

    volume_m3: Volume
    components: Annotated[dict[Identifier, Component], NotEmpty()]
    limiting: Identifier | None = None
    """The component that F/mol and equivalents refer to."""
    pH: Annotated[Number, Field(ge=-2, le=16)] | None = None
    conductivity: StatedConductivity | None = None
    """At the temperature of the electrolysis, before any estimate: "12 ± 1 mS/cm"."""
    gas: GasFeed | None = None
    notes: Recorded[Text | None] = None


class GasCompartment(Model):
    """The gas side of a gas-diffusion electrode."""

    gas: GasFeed
    outlet_flow_meter: Recorded[Annotated[bool, Field(strict=True)]] = False


class Compartments(Model):
    """The compartments of a divided cell."""

    anolyte: Solution
    catholyte: Solution
    gas: GasCompartment | None = None
