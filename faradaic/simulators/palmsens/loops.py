"""Measurement loops: what is set, when it is measured, and what the script sees of it.

Point k is measured at the end of its interval, at (k + 1) x interval after the loop began; a loop
of a duration has floor(duration / interval) points. A point of an impedance loop is simulated when
its sine begins and told when that ends, so that computing takes none of the instrument's time.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.simulators.palmsens.faults import LoopAborted, ScriptAborted, ScriptFault
from faradaic.simulators.palmsens.variables import Reference, Value, Variable, item

if TYPE_CHECKING:
    from faradaic.simulators.palmsens.machine import Body, Machine
    from faradaic.simulators.sine_response import SineResponse

TECHNIQUES = {
    "meas_loop_lsv": 0x0000,
    "meas_loop_cv": 0x0005,
    "meas_loop_ca": 0x0007,
    "meas_loop_cp": 0x000A,
    "meas_loop_ocp": 0x000B,
    "meas_loop_eis": 0x000D,
    "meas_loop_geis": 0x000E,
    "meas_loop_lsp": 0x000F,
}
IMPEDANCE = frozenset({"meas_loop_eis", "meas_loop_geis"})

APERTURE_SHARE = 0.5
"""Share of the interval over which a point is averaged; an engineering guess."""

SHORTEST_SAMPLING_S = 0.01
LONGEST_SETTLING_S = 5.0
"""Of one frequency. A sine settles for one period and is sampled for one, at least (palmsens-sdk,
`min_sampling_time` and `max_equilibration_time`, whose longest settling this is; the shortest
sampling is PSTrace's, palmsens-sdk issue 353)."""

POINTS_OF_PERIOD = 64
PERIODS_IN_TIME = 4
"""Of the signals in time, and their periods; engineering guesses."""

MeasuringPlan = Iterator["Point | str"]
"""The points of a loop in order, with the markers that stand between them."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point: what to apply (None leaves the cell as it is) and how long it takes."""

    applied: float | None
    interval_s: float


@dataclass(slots=True)
class MeasurementLoop:
    """One measurement loop of a script, ready to run."""

    technique: int
    galvanostat: bool
    plan: Callable[[Machine], MeasuringPlan]
    applied: Reference | None
    """Receives the set potential or current."""
    applied_type: str
    measured: list[tuple[str, Reference]]
    """Quantities to measure: type and receiver."""
    body: Body

    def run(self, machine: Machine) -> Generator[float, float, None]:
        """Run the loop, yielding the times at which something happens."""
        plan = self.plan(machine)
        yield from framed(self.technique, self._points(plan, machine), machine)

    def _points(self, plan: MeasuringPlan, machine: Machine) -> Generator[float, float, None]:
        front = machine.front
        kinds = tuple(kind for kind, _ in self.measured)
        targets = [target for _, target in self.measured]
        apply = front.set_current if self.galvanostat else front.set_potential
        run_body, timed = self.body.run, self.body.timed
        base_s, elapsed_s = machine.now_s, 0.0
        last: float | None = None
        scan_open = False
        for point in plan:
            if isinstance(point, str):
                machine.emit(point)
                scan_open = point[0] == "C"
                continue
            if point.applied is not None and point.applied != last:
                last = point.applied
                apply(last, machine.now_s)
            elapsed_s += point.interval_s
            due_s = base_s + elapsed_s
            # A halt moves everything that follows it.
            base_s += (yield due_s) - due_s
            readings = front.measure(
                kinds, machine.now_s, max(1e-4, APERTURE_SHARE * point.interval_s)
            )
            for target, reading, kind in zip(targets, readings, kinds, strict=True):
                target().measured(reading.value, kind, reading.status, reading.range_index)
            if self.applied is not None and last is not None:
                self.applied().measured(last, self.applied_type, None, None)
            broken = (yield from run_body(machine)) if timed else run_body(machine)
            if broken:
                break
        if scan_open:
            machine.emit("-\n")


@dataclass(frozen=True, slots=True)
class TimeSignals:
    """Receives potential and current of a sine, sampled `POINTS_OF_PERIOD` times a period."""

    potential: list[Variable]
    current: list[Variable]
    count: Reference
    sampling: Reference

    def fill(self, response: SineResponse, frequency_Hz: float) -> None:
        """The sine as it was answered, in whole periods, at most `PERIODS_IN_TIME`."""
        most = min(len(self.potential), len(self.current)) // POINTS_OF_PERIOD
        count = POINTS_OF_PERIOD * max(1, min(PERIODS_IN_TIME, most))
        for k in range(count):
            turn = cmath.exp(2j * math.pi * k / POINTS_OF_PERIOD)
            volts = response.mean_voltage_V + (response.voltage_V * turn).imag
            amperes = response.mean_current_A + (response.current_A * turn).imag
            item(self.potential, k).measured(volts, "ce", None, None)
            item(self.current, k).measured(amperes, "cf", None, None)
        self.count().set(count)
        self.sampling().measured(POINTS_OF_PERIOD * frequency_Hz, "cg", None, None)


@dataclass(slots=True)
class ImpedanceLoop:
    """A loop over frequencies, ready to run: EIS around a potential or GEIS around a current."""

    technique: int
    galvanostat: bool
    targets: list[Reference]
    """Of the frequency, the real and the imaginary part."""
    settings: list[Callable[[], Value]]
    """Amplitude (rms, as the limits of the instruments are; V or A), first and last frequency,
    number of frequencies, bias."""
    body: Body
    in_time: TimeSignals | None = None

    def run(self, machine: Machine) -> Generator[float, float, None]:
        """Run the loop, yielding the times at which something happens."""
        front = machine.front
        amplitude, first_Hz, last_Hz, count, bias = (float(value()) for value in self.settings)
        if not (first_Hz > 0 and last_Hz > 0):
            raise ScriptFault("0011")
        if not amplitude > 0:
            raise ScriptFault("0012")
        if count < 1 or not count.is_integer():
            raise ScriptFault("4029")
        front.require_control(galvanostat=self.galvanostat)
        apply = front.set_current if self.galvanostat else front.set_potential
        apply(bias, machine.now_s)
        ratio = (last_Hz / first_Hz) ** (1.0 / max(1.0, count - 1.0))
        frequencies_Hz = [first_Hz * ratio**k for k in range(int(count))]
        yield from framed(self.technique, self._points(frequencies_Hz, amplitude, machine), machine)

    def _points(
        self, frequencies_Hz: list[float], amplitude: float, machine: Machine
    ) -> Generator[float, float, None]:
        front = machine.front
        for frequency_Hz in frequencies_Hz:
            sampling_s = max(SHORTEST_SAMPLING_S, 1.0 / frequency_Hz)
            settling_s = min(LONGEST_SETTLING_S, 1.0 / frequency_Hz)
            response, status, index = front.sine(
                frequency_Hz, amplitude, machine.now_s, sampling_s, galvanostat=self.galvanostat
            )
            yield machine.now_s + settling_s + sampling_s
            if self.in_time is not None:
                self.in_time.fill(response, frequency_Hz)
            impedance_ohm = response.impedance_ohm
            frequency, real, imaginary = (target() for target in self.targets)
            frequency.measured(frequency_Hz, "dc", None, None)
            real.measured(impedance_ohm.real, "cc", status, index)
            imaginary.measured(impedance_ohm.imag, "cd", status, index)
            body = self.body
            if (yield from body.run(machine)) if body.timed else body.run(machine):
                break


def framed(
    technique: int, points: Generator[float, float, None], machine: Machine
) -> Generator[float, float, None]:
    """The points of a loop between the marks of its begin and end."""
    machine.emit(f"M{technique:04X}\n")
    machine.measuring = True
    try:
        yield from points
    except LoopAborted:
        pass
    except ScriptAborted:
        machine.emit("*\n")
        raise
    finally:
        machine.measuring = False
    machine.emit("*\n")


def constant(
    applied: Callable[[], Value] | None,
    interval: Callable[[], Value],
    duration: Callable[[], Value],
    prepare: Callable[[Machine, float | None], None],
) -> Callable[[Machine], MeasuringPlan]:
    """CA, CP and OCP."""

    def plan(machine: Machine) -> MeasuringPlan:
        interval_s, duration_s = interval(), duration()
        if not interval_s > 0 or not duration_s > 0:
            raise ScriptFault("4204")
        points = math.floor(duration_s / interval_s + 1e-9)
        if points < 1:
            raise ScriptFault("4029")
        value = None if applied is None else applied()
        prepare(machine, value)
        point = Point(value, interval_s)
        return (point for _ in range(points))

    return plan


def sweep(
    corners: list[Callable[[], Value]],
    step: Callable[[], Value],
    rate: Callable[[], Value],
    prepare: Callable[[Machine, float | None], None],
    scans: int,
) -> Callable[[Machine], MeasuringPlan]:
    """LSV, LSP and CV: staircases through the corners, `scans` times (0: no scan markers)."""

    def plan(machine: Machine) -> MeasuringPlan:
        values = [corner() for corner in corners]
        height, slope = abs(step()), rate()
        if height == 0:
            raise ScriptFault("001C")
        if not slope > 0:
            raise ScriptFault("4204")
        for value in values:
            prepare(machine, value)
        return _staircase(values, height, height / slope, scans, machine)

    return plan


def _staircase(
    corners: list[Value], step: float, interval_s: float, scans: int, machine: Machine
) -> MeasuringPlan:
    for scan in range(max(1, scans)):
        if scans:
            yield f"C{scan + 1:04d}\n"
        value = float(corners[0])
        if scan == 0:
            yield Point(value, interval_s)
        for target in corners[1:]:
            begin = value
            stairs = math.floor(abs(target - begin) / step + 1e-9)
            for stair in range(1, stairs + 1):
                value = begin + math.copysign(stair * step, target - begin)
                yield Point(value, interval_s)
                if machine.take_reversal():
                    break
        if scans:
            yield "-\n"
