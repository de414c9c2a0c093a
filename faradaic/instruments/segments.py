"""Segments: one uninterrupted piece of electrochemistry, as a driver is asked to run it.

All values SI. Signs are IUPAC: anodic current at the working electrode (for a two-electrode cell
the lead on the anode) is positive. Every segment has a finite duration and, where current flows,
hard limits that the driver hands to the instrument where the instrument can hold them.
"""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.instruments.capabilities import Mode


@dataclass(frozen=True, slots=True)
class OpenCircuit:
    """Rest with the output off, measuring the voltage."""

    duration_s: float
    interval_s: float
    mode = Mode.OPEN_CIRCUIT


@dataclass(frozen=True, slots=True)
class ConstantCurrent:
    """Galvanostatic electrolysis (chronopotentiometry)."""

    current_A: float
    cell_voltage_limit_V: float
    """Magnitude; the instrument's compliance is set to it."""
    duration_s: float
    interval_s: float
    charge_limit_C: float
    """Magnitude of the gross charge after which the instrument stops by itself, if it can."""
    mode = Mode.CONSTANT_CURRENT


@dataclass(frozen=True, slots=True)
class ConstantPotential:
    """Potentiostatic electrolysis against the reference electrode (chronoamperometry)."""

    potential_V: float
    """Against the reference electrode that is connected."""
    current_limit_A: float
    duration_s: float
    interval_s: float
    charge_limit_C: float
    mode = Mode.CONSTANT_POTENTIAL


@dataclass(frozen=True, slots=True)
class ConstantCellVoltage:
    """Constant voltage across the two electrodes."""

    cell_voltage_V: float
    current_limit_A: float
    duration_s: float
    interval_s: float
    charge_limit_C: float
    mode = Mode.CONSTANT_CELL_VOLTAGE


@dataclass(frozen=True, slots=True)
class LinearSweep:
    """Linear sweep voltammetry against the reference electrode."""

    begin_V: float
    end_V: float
    step_V: float
    """Magnitude of the staircase step."""
    rate_V_per_s: float
    current_limit_A: float
    mode = Mode.LINEAR_SWEEP


@dataclass(frozen=True, slots=True)
class CyclicVoltammetry:
    """Cyclic voltammetry: start, first vertex, second vertex, back to start, `cycles` times."""

    start_V: float
    vertex1_V: float
    vertex2_V: float
    step_V: float
    rate_V_per_s: float
    cycles: int
    current_limit_A: float
    mode = Mode.CYCLIC_VOLTAMMETRY


Segment = (
    OpenCircuit
    | ConstantCurrent
    | ConstantPotential
    | ConstantCellVoltage
    | LinearSweep
    | CyclicVoltammetry
)
