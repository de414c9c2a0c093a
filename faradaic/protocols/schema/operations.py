"""Steps around the electrolysis: settings, waiting, dosing, samples, prompts."""

from __future__ import annotations

from pydantic import model_validator

from faradaic.documents.models import Flag, Identifier, Model, Text, exactly_one, problem
from faradaic.protocols.schema.field_types import (
    PositiveAmount,
    PositiveGasFlow,
    PositiveRotationRate,
    PositiveTime,
    PositiveVolume,
    PositiveVolumeFlow,
)
from faradaic.protocols.schema.step_base import StepModel
from faradaic.quantities import Temperature


class SetGas(Model):
    """A gas flow to set."""

    species: Identifier
    flow_mol_per_s: PositiveGasFlow | None = None
    off: Flag = False


class SetPump(Model):
    """A pump to set."""

    name: Identifier | None = None
    flow_m3_per_s: PositiveVolumeFlow


class Set(StepModel):
    """Settings of the devices around the cell."""

    stirring_per_s: PositiveRotationRate | None = None
    temperature_K: Temperature | None = None
    gas: SetGas | None = None
    pump: SetPump | None = None

    @model_validator(mode="after")
    def _sets_something(self) -> Set:
        if not self.settings:
            raise problem(
                "`set` sets nothing",
                code="E302",
                help="write for example `set: {stirring: 600 rpm}`",
            )
        return self

    @property
    def settings(self) -> tuple[str, ...]:
        """Which of the settings are given."""
        names = ("stirring_per_s", "temperature_K", "gas", "pump")
        return tuple(name for name in names if getattr(self, name) is not None)


class Wait(StepModel):
    """Nothing, with the output off, without measuring."""

    duration_s: PositiveTime


class Dose(StepModel):
    """A reagent added during the run."""

    component: Identifier
    volume_m3: PositiveVolume | None = None
    amount_mol: PositiveAmount | None = None
    rate_m3_per_s: PositiveVolumeFlow | None = None
    pump: Identifier | None = None

    @model_validator(mode="after")
    def _how_much(self) -> Dose:
        exactly_one(self, ("volume_m3", "amount_mol"), "how much")
        return self


class Sample(StepModel):
    """A sample taken by the operator."""

    volume_m3: PositiveVolume | None = None
    method: Text | None = None


class Prompt(StepModel):
    """Something the operator is told, and confirms."""

    text: Text
