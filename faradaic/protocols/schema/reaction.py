"""The reaction: electrons at each electrode, what happens there, gases and products."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from faradaic.chemistry.gases import FROM_THE_MEDIUM
from faradaic.documents.models import (
    Flag,
    Identifier,
    Model,
    Number,
    PositiveNumber,
    ShortForm,
    Text,
    problem,
)
from faradaic.quantities.fields import MolarMass


class Electrons(Model):
    """Electrons per molecule of the limiting component."""

    anode: PositiveNumber | None = None
    cathode: PositiveNumber | None = None
    net: Annotated[Number, Field(ge=0)] | None = None
    """Taken from (or given to) the substrates in total: 0 for a paired, redox-neutral reaction."""
    range: tuple[PositiveNumber, PositiveNumber] | None = None
    """Least and most that the mechanisms under discussion need."""
    source: Literal["stoichiometry", "literature", "assumed"] | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Electrons:
        if self.anode is None and self.cathode is None:
            raise problem(
                "`electrons` names no electrode",
                code="E302",
                help="write `electrons: 4` or `electrons: {anode: 4, cathode: 4}`",
            )
        if self.range is not None and self.range[0] > self.range[1]:
            raise problem("the range runs downwards", help="smaller number first", path=["range"])
        return self

    @property
    def theoretical(self) -> float:
        """F/mol that complete the reaction: the electrode that needs more sets it."""
        return max(z for z in (self.anode, self.cathode) if z is not None)


_POSITIVE = {"type": "number", "exclusiveMinimum": 0}


def _both_electrodes(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"anode": value, "cathode": value}
    return value


class HalfReactions(Model):
    """What happens at each electrode, in words or as an equation."""

    anode: Text | None = None
    cathode: Text | None = None


class Gas(Model):
    """A gas that the electrolysis evolves."""

    species: Identifier
    per_electron: PositiveNumber
    """Moles of gas per mole of electrons."""
    at: Literal["anode", "cathode"]
    from_substrate: Flag | None = None
    """Whether it ends with the substrate; if not given, any gas but H2, O2 and Cl2 does."""

    @property
    def ends_with_substrate(self) -> bool:
        """Whether the substrate bounds how much of it there can be."""
        if self.from_substrate is not None:
            return self.from_substrate
        return self.species not in FROM_THE_MEDIUM


_PER_ELECTRON = re.compile(r"\s*(\d+(?:\.\d+)?)\s*per electron\s*")


def _gas_in_words(value: Any) -> Any:
    """`{H2: 0.5 per electron, at: cathode}` in full."""
    if not isinstance(value, dict) or "species" in value:
        return value
    named = [key for key in value if key not in ("at", "per_electron", "from_substrate")]
    match = _PER_ELECTRON.fullmatch(str(value[named[0]])) if len(named) == 1 else None
    if match is None:
        return value
    rest = {key: item for key, item in value.items() if key != named[0]}
    return {"species": named[0], "per_electron": float(match[1]), **rest}


_GAS_SHORT = {
    "type": "object",
    "properties": {"at": {"enum": ["anode", "cathode"]}, "from_substrate": {"type": "boolean"}},
    "patternProperties": {
        "^[A-Z][A-Za-z0-9]*$": {"type": "string", "pattern": _PER_ELECTRON.pattern + "$"}
    },
    "required": ["at"],
    "minProperties": 2,
    "maxProperties": 3,
    "additionalProperties": False,
}


class Product(Model):
    """A product; `target` marks one that the electrolysis is for, at most one an electrode."""

    name: Text | None = None
    formula: Text | None = None
    smiles: Text | None = None
    molar_mass_kg_per_mol: MolarMass | None = None
    electrons: PositiveNumber | None = None
    """Per molecule of this product; those of the reaction for its substrate if not given."""
    substrate: Identifier | None = None
    """The component that it is made of; the limiting one if not given."""
    substrate_molecules: PositiveNumber | None = None
    """How many molecules of the substrate make one of it: 2 for a dimer. If not given, what its
    electrons and those of the reaction say of a target, else 1."""
    target: Flag = False
    at: Literal["anode", "cathode"] | None = None
    state: Literal["dissolved", "gas", "solid", "liquid"] | None = None
    notes: Text | None = None


class ReactionClass(StrEnum):
    """What the current is there to do."""

    OXIDATION = "oxidation"
    REDUCTION = "reduction"
    PAIRED = "paired"


class Reaction(Model):
    """What the current does."""

    electrons: Annotated[Electrons, ShortForm(_both_electrodes, _POSITIVE)] | None = None
    kind: ReactionClass | None = None
    half_reactions: HalfReactions | None = None
    gases: tuple[Annotated[Gas, ShortForm(_gas_in_words, _GAS_SHORT)], ...] = ()
    products: dict[Identifier, Product] = Field(default_factory=dict)
    notes: Text | None = None

    @property
    def targets(self) -> dict[str, Product]:
        """The products that the electrolysis is for: those so marked, or the only one."""
        marked = {name: product for name, product in self.products.items() if product.target}
        return marked or (dict(self.products) if len(self.products) == 1 else {})

    @property
    def counted_electrons(self) -> Electrons | None:
        """Electrons per molecule of the limiting component: as stated, else those of the targets.

        Of a target made of the limiting component alone, its electrons over the molecules that
        make it; None where they are not given.
        """
        if self.electrons is not None:
            return self.electrons
        found: dict[str, float] = {}
        for product in self.targets.values():
            if product.electrons is not None and product.substrate is None:
                per_molecule = product.electrons / (product.substrate_molecules or 1.0)
                found |= dict.fromkeys(
                    [product.at] if product.at else ["anode", "cathode"], per_molecule
                )
        return Electrons(**found) if found else None
