"""Segments: one uninterrupted piece of electrochemistry, as a driver is asked to run it.

All values SI. Signs are IUPAC: anodic current at the working electrode (for a two-electrode cell
the lead on the anode) is positive. Every segment has a finite duration and, where current flows,
hard limits that the driver hands to the instrument where the instrument can hold them.

The `mode` of a segment is what a driver declares to run it, and the step kinds that it does;
`regulation` is what the instrument holds meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentInterruptSegment(ConstantCurrentSegment):
    """A constant current that is interrupted shortly, again and again, to tell the ohmic drop.

    The readings within an interruption say `Regulation.OFF`; the last of them brings its trace.
    """

    width_s: float
    """How long no current flows."""
    every_s: float
    """From the beginning of one interruption to that of the next; the first comes after as long
    as lies between two."""
    mode: ClassVar[str] = "current_interrupt"


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


@dataclass(frozen=True, slots=True)
class ImpedanceSegment:
    """Potentiostatic impedance spectroscopy: one sine after the other around a steady voltage."""

    bias_V: float | None
    """The voltage around which; None for that of the cell at rest, measured just before."""
    across_cell: bool
    """Whether it is the cell voltage, rather than the potential against the reference electrode."""
    amplitude_V: float
    """Of the sine, root mean square."""
    first_Hz: float
    last_Hz: float
    points: int
    """Frequencies, evenly spread on a logarithmic scale, both ends included."""
    settle_s: float
    """For how long the bias is held before the first frequency."""
    current_limit_A: float
    mode: ClassVar[str] = "impedance"

    @property
    def regulation(self) -> Regulation:
        """Get what is held meanwhile."""
        return Regulation.VOLTAGE if self.across_cell else Regulation.POTENTIAL

    @property
    def frequencies_Hz(self) -> tuple[float, ...]:
        """Get the frequencies in their order."""
        return spread(self.first_Hz, self.last_Hz, self.points)


@dataclass(frozen=True, slots=True)
class GalvanostaticImpedanceSegment:
    """Galvanostatic impedance spectroscopy: one sine after the other around a steady current."""

    bias_A: float
    amplitude_A: float
    """Of the sine, root mean square."""
    first_Hz: float
    last_Hz: float
    points: int
    settle_s: float
    cell_voltage_limit_V: float
    mode: ClassVar[str] = "galvanostatic_impedance"
    regulation: ClassVar[Regulation] = Regulation.CURRENT

    @property
    def frequencies_Hz(self) -> tuple[float, ...]:
        """Get the frequencies in their order."""
        return spread(self.first_Hz, self.last_Hz, self.points)


@dataclass(frozen=True, slots=True)
class SquareWaveVoltammetrySegment:
    """A staircase with a square wave on it: at each stair first ahead of it, then behind."""

    begin_V: float
    end_V: float
    step_V: float
    """Magnitude of the staircase step."""
    amplitude_V: float
    """Half of what the square wave spans."""
    frequency_Hz: float
    """Stairs a second."""
    current_limit_A: float
    expected_current_A: float | None = None
    mode: ClassVar[str] = "square_wave_voltammetry"
    regulation: ClassVar[Regulation] = Regulation.POTENTIAL


@dataclass(frozen=True, slots=True)
class DifferentialPulseVoltammetrySegment:
    """A staircase with a short pulse ahead of each stair at its end."""

    begin_V: float
    end_V: float
    step_V: float
    """Magnitude of the staircase step."""
    pulse_V: float
    """Magnitude of the pulse."""
    pulse_s: float
    rate_V_per_s: float
    current_limit_A: float
    expected_current_A: float | None = None
    mode: ClassVar[str] = "differential_pulse_voltammetry"
    regulation: ClassVar[Regulation] = Regulation.POTENTIAL


def spread(first_Hz: float, last_Hz: float, points: int) -> tuple[float, ...]:
    """Frequencies evenly spread on a logarithmic scale, both ends included."""
    ratio = (last_Hz / first_Hz) ** (1.0 / max(1, points - 1))
    return tuple(first_Hz * ratio**k for k in range(points))


class Level(NamedTuple):
    """What is held for a time, of several in turn."""

    regulation: Regulation
    """`OFF` for the open cell."""
    value: float
    """A, or V (against the connected reference, or across the cell); 0 where it is open."""
    duration_s: float


@dataclass(frozen=True, slots=True)
class LevelsSegment:
    """Levels one after the other and over again, the output never off between two of them.

    All regulate the same quantity, or leave the cell open.
    """

    levels: tuple[Level, ...]
    elapsed_s: float
    """How long they have been going on already: where in its period the segment begins."""
    duration_s: float
    interval_s: float
    """Time between readings in a long level, and between two readings of the same short one."""
    charge_limit_C: float
    cell_voltage_limit_V: float | None = None
    """Of levels of current: magnitude at which the electrolysis is to end."""
    current_limit_A: float | None = None
    """Of levels of voltage or potential."""
    compliance_V: float | None = None
    """As in `ConstantCurrentSegment`."""
    mode: ClassVar[str] = "levels"

    def __post_init__(self) -> None:
        """Levels that come as plain values, as over a pipe, become `Level`s."""
        levels: Iterable[tuple[str, float, float]] = self.levels
        made = tuple(Level(Regulation(held), value, time_s) for held, value, time_s in levels)
        object.__setattr__(self, "levels", made)

    @property
    def regulation(self) -> Regulation:
        """Get what is regulated, where the cell is not open."""
        held = (level.regulation for level in self.levels)
        return next((one for one in held if one is not Regulation.OFF), Regulation.OFF)

    @property
    def period_s(self) -> float:
        """Get the time after which the levels begin again."""
        return sum(level.duration_s for level in self.levels)

    @property
    def highest_V(self) -> float | None:
        """Get the magnitude that the cell voltage can reach; None where none is set."""
        return self.cell_voltage_limit_V if self.compliance_V is None else self.compliance_V

    @property
    def largest(self) -> float:
        """Get the largest magnitude of a level, A or V."""
        return max(abs(level.value) for level in self.levels)

    @property
    def count(self) -> int:
        """Get how many levels there are."""
        return len(self.levels)

    def held(self, level: int) -> tuple[Regulation, float]:
        """What a level holds, and at which value."""
        return self.levels[level][:2]

    def begins(self) -> tuple[int, float]:
        """Which level comes first, and how much of its time is left."""
        at_s = self.elapsed_s % self.period_s
        for index, level in enumerate(self.levels):
            left_s = level.duration_s - at_s
            if left_s > 1e-9 * self.period_s:
                return index, left_s
            at_s -= level.duration_s
        return 0, self.levels[0].duration_s


@dataclass(frozen=True, slots=True)
class StaircaseSegment:
    """A set-point that moves evenly in equal stairs, from one value to another, once.

    The first stair stands at the value where it begins, the last at the one where it ends.
    """

    regulation: Regulation
    """What moves: a current, a potential or the voltage across the cell."""
    begin: float
    end: float
    stairs: int
    stair_s: float
    """Time of a stair."""
    elapsed_s: float
    """How long it has been going on already: where on its way the segment begins."""
    duration_s: float
    interval_s: float
    charge_limit_C: float
    cell_voltage_limit_V: float | None = None
    current_limit_A: float | None = None
    compliance_V: float | None = None
    mode: ClassVar[str] = "staircase"

    def __post_init__(self) -> None:
        """What is regulated may come as plain text."""
        object.__setattr__(self, "regulation", Regulation(self.regulation))

    @property
    def highest_V(self) -> float | None:
        """Get the magnitude that the cell voltage can reach; None where none is set."""
        return self.cell_voltage_limit_V if self.compliance_V is None else self.compliance_V

    @property
    def largest(self) -> float:
        """Get the largest magnitude of the set-point, A or V."""
        return max(abs(self.begin), abs(self.end))

    def value(self, stair: int) -> float:
        """The set-point of a stair, counted from 0."""
        if self.stairs == 1:
            return self.end
        return self.begin + (self.end - self.begin) * stair / (self.stairs - 1)

    @property
    def count(self) -> int:
        """Get how many stairs there are."""
        return self.stairs

    def held(self, level: int) -> tuple[Regulation, float]:
        """What moves, and its value on a stair."""
        return self.regulation, self.value(level)

    def begins(self) -> tuple[int, float]:
        """Which stair comes first, and how much of its time is left."""
        stair = min(int(self.elapsed_s / self.stair_s + 1e-9), self.stairs - 1)
        return stair, max((stair + 1) * self.stair_s - self.elapsed_s, 0.0)


Segment = (
    OpenCircuitSegment
    | ConstantCurrentSegment
    | ConstantPotentialSegment
    | ConstantCellVoltageSegment
    | LinearSweepSegment
    | CyclicVoltammetrySegment
    | CurrentInterruptSegment
    | ImpedanceSegment
    | GalvanostaticImpedanceSegment
    | SquareWaveVoltammetrySegment
    | DifferentialPulseVoltammetrySegment
    | LevelsSegment
    | StaircaseSegment
)
