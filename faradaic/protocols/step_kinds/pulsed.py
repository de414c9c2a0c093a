"""Pulses: two levels in turn. Read and validated; this version doesn't run it."""

from __future__ import annotations

from pydantic import model_validator

from faradaic.documents.models import Flag, Model, Text, exactly_one
from faradaic.protocols.schema.field_types import PositiveCurrent, PositiveTime, PositiveVoltage
from faradaic.protocols.step_kind import EnergisedStep, step_kind
from faradaic.quantities.fields import Current, Voltage


class Level(Model):
    """One level of a pulse."""

    current_A: Current | None = None
    potential_V: Voltage | None = None
    cell_voltage_V: Voltage | None = None
    open_circuit: Flag | None = None
    time_s: PositiveTime

    @model_validator(mode="after")
    def _one_level(self) -> Level:
        exactly_one(
            self, ("current_A", "potential_V", "cell_voltage_V", "open_circuit"), "the level"
        )
        return self


@step_kind("pulsed")
class Pulsed(EnergisedStep):
    """Two levels in turn."""

    on: Level
    off: Level
    vs: Text | None = None
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None
