"""What surrounds the electrolysis: environment, recording, aliquots, limits, end, diagnostics."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import (
    Flag,
    Identifier,
    Model,
    PositiveNumber,
    Text,
    problem,
    scalar_as,
)
from faradaic.protocols.schema.field_types import (
    ChargeTarget,
    NonNegativeTime,
    PositiveCurrent,
    PositiveRotationRate,
    PositiveTime,
    PositiveVoltage,
    Recorded,
)
from faradaic.quantities.fields import Temperature, Volume


class TemperatureControl(Model):
    """The temperature of the solution and what holds it."""

    setpoint_K: Temperature
    control: Literal["none", "ambient", "bath", "plate", "peltier", "cryostat"] | None = None
    """Decides how well the cell is cooled."""
    probe: Recorded[Literal["internal", "external"] | None] = None


class Stirring(Model):
    """How the solution is moved."""

    rate_per_s: PositiveRotationRate | None = None
    kind: Literal["bar", "overhead", "gas", "rotating_electrode", "none"] = "bar"
    bar: Recorded[Text | None] = None


class Environment(Model):
    """Conditions that are not electrical."""

    temperature: Annotated[TemperatureControl, scalar_as("setpoint")] | None = None
    stirring: Annotated[Stirring, scalar_as("rate")] | None = None
    atmosphere: (
        Literal[
            "air",
            "nitrogen",
            "argon",
            "oxygen",
            "hydrogen",
            "carbon_monoxide",
            "carbon_dioxide",
        ]
        | None
    ) = None
    light: Recorded[Text | None] = None
    location: Recorded[Text | None] = None


class Sampling(Model):
    """How often readings are kept; the fastest of the given rules wins."""

    interval_s: PositiveTime | None = None
    voltage_change_V: Recorded[PositiveVoltage | None] = None
    current_change_A: Recorded[PositiveCurrent | None] = None
    charge: Recorded[ChargeTarget | None] = None


class Aliquot(Model):
    """Samples of the solution taken during the electrolysis."""

    at: Recorded[tuple[ChargeTarget, ...]] = ()
    every: Recorded[ChargeTarget | None] = None
    volume_m3: Recorded[Volume | None] = None
    method: Recorded[Text | None] = None
    pause_current: Recorded[Flag] = False
    notes: Recorded[Text | None] = None

    @model_validator(mode="after")
    def _says_when(self) -> Aliquot:
        if not self.at and self.every is None:
            raise problem(
                "when to take it is missing",
                code="E302",
                help="write `at: [2 F/mol, 3 F/mol]` or `every: 1 F/mol`",
            )
        return self


class Override(Model):
    """A changed threshold or action of one diagnostic rule."""

    threshold: Recorded[PositiveNumber | None] = None
    action: Recorded[Literal["off", "log", "warn", "pause", "end", "abort"] | None] = None


class Diagnostics(Model):
    """Which run-time diagnostics watch the run."""

    profile: Recorded[Literal["default", "strict", "off"]] = "default"
    overrides: dict[Identifier, Override] = Field(default_factory=dict)


class _Ceiling(Model):
    hold_s: PositiveTime | None = None
    """How long the value must be beyond the limit before it trips."""


class CurrentCeiling(_Ceiling):
    """Largest magnitude of the current."""

    value_A: PositiveCurrent


class VoltageCeiling(_Ceiling):
    """Largest magnitude of the cell voltage."""

    value_V: PositiveVoltage


class TemperatureCeiling(Model):
    """Highest temperature of the solution."""

    value_K: Temperature


class ChargeCeiling(_Ceiling):
    """Largest gross charge of the run."""

    value: ChargeTarget


class TimeCeiling(_Ceiling):
    """Longest duration of the run."""

    value_s: PositiveTime


class Patience(Model):
    """How long something may last before the run trips."""

    value_s: PositiveTime


class Absence(Model):
    """How long the bench may be out of reach; `0 s` ends the run at once."""

    value_s: NonNegativeTime


_value = scalar_as("value")


class Limits(Model):
    """Hard limits, watched on every reading of every step: crossing one trips the run."""

    current: Annotated[CurrentCeiling, _value] | None = None
    cell_voltage: Annotated[VoltageCeiling, _value] | None = None
    temperature: Annotated[TemperatureCeiling, _value] | None = None
    charge: Annotated[ChargeCeiling, _value] | None = None
    time: Annotated[TimeCeiling, _value] | None = None
    stale_data: Annotated[Patience, _value] | None = None
    """How long the source may stay silent."""
    lost_regulation: Annotated[Patience, _value] | None = None
    """How long the source may fail to hold its set-point."""
    interruption: Annotated[Absence, _value] | None = None
    """How long the bench may be out of reach (a cable, a program that stood still) before the run
    is over; back within it, the step goes on where it stood. 5 s if not given."""


class EndState(Model):
    """How each device is left when the run is over."""

    output: Literal["off", "open_circuit", "hold_potential"] = "off"
    prompt: Text | None = None
    """What the operator is told to do: "withdraw the electrodes before the stirrer stops"."""
    gas: Literal["keep", "off"] | None = None
    stirring: Literal["keep", "off"] | None = None
    temperature: Literal["keep", "off"] | None = None
