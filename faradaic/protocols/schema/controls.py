"""Steps that hold or move a set-point: current, potential, cell voltage, polarity.

The name of a field says the control mode: constant current takes `current` and
`cell_voltage_limit`, constant voltage takes `cell_voltage` and `current_limit`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from faradaic.documents.models import (
    Count,
    Flag,
    Identifier,
    Model,
    Text,
    exactly_one,
    problem,
)
from faradaic.protocols.schema.electrodes import AreaBasis
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.schema.field_types import (
    PositiveChargeRate,
    PositiveCurrent,
    PositiveCurrentDensity,
    PositiveFrequency,
    PositiveTime,
    PositiveVoltage,
)
from faradaic.protocols.schema.step_base import Caps, EnergisedStep, MeasuredStep, StepModel
from faradaic.quantities import Current, Fraction, Voltage


class OpenCircuit(MeasuredStep):
    """Rest with the output off, measuring the voltage."""

    duration_s: PositiveTime


class CurrentDensity(Model):
    """A current density, and on which electrode and which of its areas."""

    value_A_per_m2: PositiveCurrentDensity
    electrode: Identifier
    area_basis: AreaBasis | None = None
    """That of the electrode if not given."""


class ConstantCurrent(EnergisedStep):
    """Galvanostatic electrolysis; exactly one of `current`, `current_density` and `rate`."""

    current_A: PositiveCurrent | None = None
    """Magnitude; the roles of the electrodes say the direction."""
    current_density: CurrentDensity | None = None
    rate_C_per_mol_per_s: PositiveChargeRate | None = None
    """Faradays per mole of the limiting component and time: "0.5 F/mol/h"."""
    cell_voltage_limit_V: PositiveVoltage
    reverse: Flag = False
    """Passes the current the other way, for example to clean an electrode."""

    @model_validator(mode="after")
    def _one_setpoint(self) -> ConstantCurrent:
        exactly_one(self, ("current_A", "current_density", "rate_C_per_mol_per_s"), "the current")
        return self


class ConstantPotential(EnergisedStep):
    """Potentiostatic electrolysis against a reference electrode."""

    potential_V: Voltage
    vs: Text
    """The scale: SHE, RHE, SCE, Ag/AgCl, ..., or `reference` for the electrode connected."""
    current_limit_A: PositiveCurrent
    ir_compensation: Literal["none", "measured"] = "none"


class ConstantCellVoltage(EnergisedStep):
    """A constant voltage between anode and cathode."""

    cell_voltage_V: PositiveVoltage
    current_limit_A: PositiveCurrent


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


class Pulsed(EnergisedStep):
    """Two levels in turn."""

    on: Level
    off: Level
    vs: Text | None = None
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None


class AlternatingPolarity(EnergisedStep):
    """Current or cell voltage whose direction is reversed again and again."""

    current_A: PositiveCurrent | None = None
    cell_voltage_V: PositiveVoltage | None = None
    half_period_s: PositiveTime | None = None
    frequency_Hz: PositiveFrequency | None = None
    duty: Fraction | None = None
    """Share of the period in the forward direction; one half if not given."""
    start: Literal["forward", "reverse"] = "forward"
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None

    @model_validator(mode="after")
    def _one_each(self) -> AlternatingPolarity:
        level = exactly_one(self, ("current_A", "cell_voltage_V"), "the level")
        exactly_one(self, ("half_period_s", "frequency_Hz"), "how fast the polarity alternates")
        limit = "cell_voltage_limit" if level == "current_A" else "current_limit"
        given = self.cell_voltage_limit_V if level == "current_A" else self.current_limit_A
        if given is None:
            raise problem(
                f"`{limit}` is missing",
                code="E302",
                help=f"add `{limit}: {'10 V' if level == 'current_A' else '50 mA'}`",
            )
        return self


class CurrentSpan(Model):
    """From one current to another."""

    from_A: Current
    to_A: Current


class VoltageSpan(Model):
    """From one voltage to another."""

    from_V: Voltage
    to_V: Voltage


class Ramp(StepModel):
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
