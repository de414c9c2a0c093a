"""Segments: one uninterrupted piece of electrochemistry, as a driver is asked to run it.

All values SI. Signs are IUPAC: anodic current at the working electrode (for a two-electrode cell
the lead on the anode) is positive. Every segment has a finite duration and, where current flows,
hard limits that the driver hands to the instrument where the instrument can hold them.

The `mode` of a segment is what a driver declares to run it, and the step kinds that it does;
`regulation` is what the instrument holds meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from faradaic.instruments.readings import Regulation


@dataclass(frozen=True, slots=True)
class OpenCircuitSegment:
    """Rest with the output off, measuring the voltage."""

    duration_s: float
    interval_s: float
    mode: ClassVar[str] = "open_circuit"
    regulation: ClassVar[Regulation] = Regulation.OFF


@dataclass(frozen=True, slots=True)
class ConstantCurrentSegment:
    """Galvanostatic electrolysis (chronopotentiometry)."""

    current_A: float
    cell_voltage_limit_V: float
    """Magnitude at which the electrolysis is to end."""
    duration_s: float
    interval_s: float
    charge_limit_C: float
    """Magnitude of the gross charge after which the instrument stops by itself, if it can."""
    compliance_V: float | None = None
    """Magnitude that the source's own limit is set to; None for the limit itself. It stands above
    it where it can: a source that holds the voltage at the limit is never seen to cross it."""
    mode: ClassVar[str] = "constant_current"
    regulation: ClassVar[Regulation] = Regulation.CURRENT

    @property
    def highest_V(self) -> float:
        """Get the magnitude that the cell voltage can reach."""
        return self.cell_voltage_limit_V if self.compliance_V is None else self.compliance_V


@dataclass(frozen=True, slots=True)
class ConstantPotentialSegment:
    """Potentiostatic electrolysis against the reference electrode (chronoamperometry)."""

    potential_V: float
    """Against the reference electrode that is connected."""
    current_limit_A: float
    duration_s: float
    interval_s: float
    charge_limit_C: float
    mode: ClassVar[str] = "constant_potential"
    regulation: ClassVar[Regulation] = Regulation.POTENTIAL


@dataclass(frozen=True, slots=True)
class ConstantCellVoltageSegment:
    """Constant voltage across the two electrodes."""

    cell_voltage_V: float
    current_limit_A: float
    duration_s: float
    interval_s: float
    charge_limit_C: float
    mode: ClassVar[str] = "constant_cell_voltage"
    regulation: ClassVar[Regulation] = Regulation.VOLTAGE


@dataclass(frozen=True, slots=True)
class LinearSweepSegment:
    """Linear sweep voltammetry against the reference electrode."""

    begin_V: float
    end_V: float
    step_V: float
    """Magnitude of the staircase step."""
    rate_V_per_s: float
    current_limit_A: float
    expected_current_A: float | None = None
    """Magnitude to be expected, from which the range is chosen; None if it is not known."""
    mode: ClassVar[str] = "linear_sweep"
    regulation: ClassVar[Regulation] = Regulation.POTENTIAL


@dataclass(frozen=True, slots=True)
class CyclicVoltammetrySegment:
    """Cyclic voltammetry: start, first vertex, second vertex, back to start, `cycles` times."""

    start_V: float
    vertex1_V: float
    vertex2_V: float
    step_V: float
    rate_V_per_s: float
    cycles: int
    current_limit_A: float
    expected_current_A: float | None = None
    """Magnitude to be expected, from which the range is chosen; None if it is not known."""
    mode: ClassVar[str] = "cyclic_voltammetry"
    regulation: ClassVar[Regulation] = Regulation.POTENTIAL


Segment = (
    OpenCircuitSegment
    | ConstantCurrentSegment
    | ConstantPotentialSegment
    | ConstantCellVoltageSegment
    | LinearSweepSegment
    | CyclicVoltammetrySegment
)
