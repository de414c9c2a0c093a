"""The steps: one mapping of one key per step, the key being the kind.

The name of a field says the control mode: constant current takes `current` and
`cell_voltage_limit`, constant voltage takes `cell_voltage` and `current_limit`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from faradaic.protocols.schema.base import (
    Count,
    Flag,
    Identifier,
    Model,
    NotEmpty,
    Text,
    exactly_one,
    problem,
    scalar_as,
)
from faradaic.protocols.schema.conditions import Conditions
from faradaic.protocols.schema.electrodes import AreaBasis
from faradaic.protocols.schema.fields import (
    ChargeTarget,
    PositiveAmount,
    PositiveChargeRate,
    PositiveCurrent,
    PositiveCurrentDensity,
    PositiveFrequency,
    PositiveGasFlow,
    PositiveRotationRate,
    PositiveScanRate,
    PositiveTime,
    PositiveVoltage,
    PositiveVolume,
    PositiveVolumeFlow,
)
from faradaic.quantities import Current, Fraction, Temperature, Voltage


class Caps(Model):
    """What a step may never exceed, whatever its conditions say."""

    time_s: PositiveTime | None = None
    charge: ChargeTarget | None = None


class StepModel(Model):
    """What every step may say."""

    label: Text | None = None
    notes: Text | None = None


class MeasuredStep(StepModel):
    """A step that takes readings."""

    duration_s: PositiveTime | None = None
    until: Conditions | None = None
    caps: Caps | None = None
    interval_s: PositiveTime | None = None
    """Time between readings; that of `sampling` if not given."""


class EnergisedStep(MeasuredStep):
    """A step that passes current until a condition ends it."""

    @model_validator(mode="after")
    def _ends(self) -> EnergisedStep:
        if self.until is None and self.duration_s is None:
            raise problem(
                "nothing ends this step",
                code="E302",
                help="add `until: 2.5 F/mol`, `until: [{charge: 2.5 F/mol}, ...]` or"
                " `duration: 2 h`",
            )
        return self


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


class Repeat(StepModel):
    """Steps done over and over."""

    count: Count
    steps: Annotated[tuple[Step, ...], NotEmpty()]


class Step(Model):
    """One step: a mapping with one key, its kind."""

    open_circuit: Annotated[OpenCircuit, scalar_as("duration")] | None = None
    constant_current: ConstantCurrent | None = None
    constant_potential: ConstantPotential | None = None
    constant_cell_voltage: ConstantCellVoltage | None = None
    pulsed: Pulsed | None = None
    alternating_polarity: AlternatingPolarity | None = None
    ramp: Ramp | None = None
    linear_sweep: LinearSweep | None = None
    cyclic_voltammetry: CyclicVoltammetry | None = None
    impedance: Impedance | None = None
    current_interrupt: CurrentInterrupt | None = None
    set_: Set | None = None
    wait: Annotated[Wait, scalar_as("duration")] | None = None
    dose: Dose | None = None
    sample: Sample | None = None
    prompt: Annotated[Prompt, scalar_as("text")] | None = None
    repeat: Repeat | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        kinds = [name for name in Step.model_fields if getattr(self, name) is not None]
        if len(kinds) != 1:
            given = ", ".join(f"`{name.rstrip('_')}`" for name in kinds) or "nothing"
            raise problem(
                f"a step is one thing, but this one names {given}",
                help="begin each step with its own dash: `- open_circuit: {duration: 60 s}`",
            )
        return self

    @property
    def kind(self) -> str:
        """The key of the step: `constant_current`, ..."""
        return next(n for n in Step.model_fields if getattr(self, n) is not None).rstrip("_")

    @property
    def body(self) -> StepModel:
        """What stands under the key."""
        body = getattr(self, "set_" if self.kind == "set" else self.kind)
        assert isinstance(body, StepModel)
        return body


Repeat.model_rebuild()
