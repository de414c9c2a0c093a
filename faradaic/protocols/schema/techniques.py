"""Steps that examine the cell: sweeps, impedance, current interrupts."""

from __future__ import annotations

from pydantic import Field, model_validator

from faradaic.documents.models import Count, Text, problem
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.schema.field_types import (
    PositiveCurrent,
    PositiveFrequency,
    PositiveScanRate,
    PositiveTime,
    PositiveVoltage,
)
from faradaic.protocols.schema.step_base import StepModel
from faradaic.quantities import Current, Voltage


class LinearSweep(StepModel):
    """Linear sweep voltammetry."""

    from_V: Voltage
    to_V: Voltage
    vs: Text
    rate_V_per_s: PositiveScanRate
    step_V: PositiveVoltage | None = None
    """Height of a stair; 1 mV if not given."""
    current_limit_A: PositiveCurrent
    until: Conditions | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> LinearSweep:
        if self.from_V == self.to_V:
            raise problem(
                "the sweep ends where it begins",
                code="E305",
                help="write another potential",
                path=["to"],
            )
        return self


class CyclicVoltammetry(StepModel):
    """Cyclic voltammetry: start, first vertex, second vertex, back to the start."""

    from_V: Voltage
    vertex1_V: Voltage
    vertex2_V: Voltage
    vs: Text
    rate_V_per_s: PositiveScanRate
    step_V: PositiveVoltage | None = None
    """Height of a stair; 1 mV if not given."""
    cycles: Count = 1
    current_limit_A: PositiveCurrent
    until: Conditions | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> CyclicVoltammetry:
        if self.vertex1_V == self.vertex2_V:
            raise problem(
                "both vertices are the same potential",
                code="E305",
                help="write the two potentials at which the sweep turns",
                path=["vertex2"],
            )
        return self


class Impedance(StepModel):
    """Impedance spectroscopy, potentiostatic or galvanostatic."""

    from_Hz: PositiveFrequency
    to_Hz: PositiveFrequency
    points_per_decade: Count = 10
    amplitude_V: PositiveVoltage | None = Field(default=None, alias="amplitude_voltage")
    amplitude_A: PositiveCurrent | None = Field(default=None, alias="amplitude_current")
    bias_V: Voltage | None = Field(default=None, alias="bias_voltage")
    bias_A: Current | None = Field(default=None, alias="bias_current")
    vs: Text | None = None


class CurrentInterrupt(StepModel):
    """Short interruptions of the current, which separate the ohmic drop."""

    width_s: PositiveTime
    count: Count = 1
    every_s: PositiveTime | None = None
