"""Impedance spectroscopy. Read and validated; this version doesn't run it."""

from __future__ import annotations

from pydantic import Field

from faradaic.documents.models import Count, Text
from faradaic.protocols.schema.field_types import (
    PositiveCurrent,
    PositiveVoltage,
)
from faradaic.protocols.step_kind import StepKind, step_kind
from faradaic.quantities.fields import Current, Frequency, Voltage


@step_kind("impedance")
class Impedance(StepKind):
    """Impedance spectroscopy, potentiostatic or galvanostatic."""

    from_Hz: Frequency
    to_Hz: Frequency
    points_per_decade: Count = 10
    amplitude_V: PositiveVoltage | None = Field(default=None, alias="amplitude_voltage")
    amplitude_A: PositiveCurrent | None = Field(default=None, alias="amplitude_current")
    bias_V: Voltage | None = Field(default=None, alias="bias_voltage")
    bias_A: Current | None = Field(default=None, alias="bias_current")
    vs: Text | None = None
