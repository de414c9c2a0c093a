"""The description of a cell: plain SI data, checked before any physics is built on it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from faradaic.diagnostics import Diagnostic, InputError

CODE = "E530"

Positive = Annotated[float, Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Reference(_Model):
    """The reference electrode."""

    present: bool = Field(examples=[True])
    potential_V_vs_SHE: float = Field(0.0, examples=[0.197])
    ohmic_fraction: float = Field(0.0, ge=0, le=1, examples=[0.1])
    """Share of the resistance between the working electrode and the reference's tip."""


class Species(_Model):
    """One species in the solution."""

    concentration_mol_per_m3: float = Field(ge=0, examples=[20.0])


class Gas(_Model):
    """A gas that a reaction gives off."""

    species: str = Field(examples=["H2"])
    mol_per_mol_electrons: float = Field(ge=0, examples=[0.5])


class Reaction(_Model):
    """One half-reaction: a Tafel line, and the mass transfer of its substrate if it has one."""

    name: str = Field(examples=["hydrogen evolution"])
    direction: Literal["oxidation", "reduction"] = Field(examples=["oxidation"])
    electrons: Positive = Field(examples=[2])
    """Per molecule of substrate."""
    reference_potential_V_vs_SHE: float = Field(examples=[1.23])
    exchange_current_density_A_per_m2: Positive = Field(examples=[1e-3])
    """At the reference potential."""
    tafel_slope_V_per_decade: Positive = Field(examples=[0.12])
    substrate: str | None = Field(None, examples=["substrate"])
    """Its species; None for one that never runs short."""
    mass_transfer_m_per_s: Positive | None = Field(None, examples=[5e-6])
    """None: only the amount of the substrate limits."""
    product: str | None = Field(None, examples=["product"])
    """The species formed, one molecule for each `electrons`."""
    gas: Gas | None = Field(None, examples=[{"species": "H2", "mol_per_mol_electrons": 0.5}])


class Electrode(_Model):
    """One electrode."""

    role: str = Field("", examples=["anode"])
    area_m2: Positive = Field(examples=[2e-4])
    double_layer_F: Positive = Field(examples=[4e-5])
    reactions: tuple[Reaction, ...] = Field(examples=["[...]"], strict=False)


class Electrodes(_Model):
    """The electrodes by lead."""

    working: Electrode = Field(examples=["{...}"])
    counter: Electrode = Field(examples=["{...}"])


class CellDescription(_Model):
    """A cell; the keys of the mapping are the fields of these models."""

    temperature_K: Positive = Field(298.15, examples=[298.15])
    """Without effect in the present model."""
    volume_m3: Positive = Field(examples=[1e-5])
    resistance_ohm: Positive = Field(examples=[25.0])
    """Of the solution, between the electrodes."""
    reference: Reference = Field(Reference(present=False), examples=[{"present": False}])
    species: dict[str, Species] = Field(
        {}, examples=[{"substrate": {"concentration_mol_per_m3": 20.0}}]
    )
    electrodes: Electrodes = Field(examples=["{...}"])
    assumptions: tuple[str, ...] = Field((), examples=[[]], strict=False)
    """Sentences for the reader."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        reactions = self.electrodes.working.reactions + self.electrodes.counter.reactions
        for reaction in reactions:
            if reaction.substrate is not None and reaction.substrate not in self.species:
                raise ValueError(
                    f"reaction `{reaction.name}` uses `{reaction.substrate}`, which is not among "
                    f"the species ({', '.join(self.species) or 'none'})"
                )
            if reaction.substrate is None and reaction.mass_transfer_m_per_s is not None:
                raise ValueError(
                    f"reaction `{reaction.name}` has a mass_transfer_m_per_s but no substrate"
                )
        if len({reaction.direction for reaction in reactions}) != 2:
            raise ValueError(
                "the reactions must include an oxidation and a reduction, or the cell passes no "
                "steady current"
            )
        return self


def _fast_couple(direction: str) -> dict[str, Any]:
    return {
        "name": f"{direction} of a fast couple",
        "direction": direction,
        "electrons": 1,
        "reference_potential_V_vs_SHE": 0.0,
        "exchange_current_density_A_per_m2": 1e4,
        "tafel_slope_V_per_decade": 0.118,
    }


_DUMMY_ELECTRODE = {
    "area_m2": 1e-4,
    "double_layer_F": 2e-5,
    "reactions": [_fast_couple("oxidation"), _fast_couple("reduction")],
}

DUMMY_CELL: Mapping[str, Any] = {
    "volume_m3": 1e-5,
    "resistance_ohm": 1000.0,
    "reference": {"present": True, "potential_V_vs_SHE": 0.0, "ohmic_fraction": 0.5},
    "electrodes": {"working": _DUMMY_ELECTRODE, "counter": _DUMMY_ELECTRODE},
}
"""What an emulator is connected to when no protocol says otherwise: 1 kΩ between two electrodes
that hardly polarise (a couple with an exchange current of 1 A), the reference halfway."""


def parse_cell(cell: Mapping[str, Any]) -> CellDescription:
    """Check a description; an empty one stands for `DUMMY_CELL`.

    Raises `InputError` with a diagnostic for every key that is missing, unknown or wrong.
    """
    try:
        return CellDescription.model_validate(dict(cell or DUMMY_CELL))
    except ValidationError as error:
        problems = [_diagnostic(dict(detail)) for detail in error.errors(include_url=False)]
        raise InputError(*problems) from None


def _diagnostic(detail: Mapping[str, Any]) -> Diagnostic:
    keys = [str(part) for part in detail["loc"]]
    path = ".".join(["cell", *keys])
    key = next((part for part in reversed(keys) if not part.isdigit()), "")
    example = "H2" if keys[-2:] == ["gas", "species"] else _EXAMPLES.get(key)
    reason = detail["msg"].removeprefix("Value error, ")
    reason = reason[:1].lower() + reason[1:]
    if detail["type"] == "extra_forbidden":
        close = get_close_matches(key, _EXAMPLES, n=1)
        message = f"{path} is not a key of a cell's description"
        remedy = f"did you mean `{close[0]}`?" if close else f"leave `{key}` out"
    elif detail["type"] == "missing":
        message = f"{path} is missing"
        remedy = f"add `{key}: {example}`"
    else:
        given = "" if isinstance(detail["input"], Mapping) else f" (given: {detail['input']!r:.60})"
        message = f"{path}: {reason}{given}"
        remedy = f"write for example `{key}: {example}`" if example else ""
    return Diagnostic(CODE, message, help=remedy, path=path)


_EXAMPLES: Mapping[str, Any] = {
    name: (field.examples or [""])[0]
    for model in (Gas, Reaction, Electrode, Electrodes, Species, Reference, CellDescription)
    for name, field in model.model_fields.items()
}
