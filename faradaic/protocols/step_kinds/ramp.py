"""Ramps: a set-point that moves evenly. Read and validated; this version doesn't run it."""

from __future__ import annotations

from pydantic import model_validator

from faradaic.documents.models import Count, Model, Text, exactly_one
from faradaic.protocols.schema import Caps
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.schema.field_types import PositiveCurrent, PositiveTime, PositiveVoltage
from faradaic.protocols.step_kind import StepKind, step_kind
from faradaic.quantities.fields import Current, Voltage


class CurrentSpan(Model):
    """From one current to another."""

    from_A: Current
    to_A: Current


class VoltageSpan(Model):
    """From one voltage to another."""

    from_V: Voltage
    to_V: Voltage


@step_kind("ramp")
class Ramp(StepKind):
    """A set-point that moves evenly from one value to another."""

    current: CurrentSpan | None = None
    potential: VoltageSpan | None = None
    cell_voltage: VoltageSpan | None = None
    vs: Text | None = None
    duration_s: PositiveTime
    stairs: Count | None = None
    """Number of equal stairs; as fine as the source can if not given."""
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None
    until: Conditions | None = None
    caps: Caps | None = None
    interval_s: PositiveTime | None = None

    @model_validator(mode="after")
    def _one_span(self) -> Ramp:
        exactly_one(self, ("current", "potential", "cell_voltage"), "what is ramped")
        return self
