"""Measurement loops: what is set, when it is measured, and what the script sees of it.

Point k is measured at the end of its interval, at (k + 1) x interval after the loop began; a loop
of a duration has floor(duration / interval) points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.simulators.palmsens.faults import LoopAborted, ScriptAborted, ScriptFault
from faradaic.simulators.palmsens.variables import Reference, Value

if TYPE_CHECKING:
    from faradaic.simulators.palmsens.machine import Body, Machine

TECHNIQUES = {
    "meas_loop_lsv": 0x0000,
    "meas_loop_cv": 0x0005,
    "meas_loop_ca": 0x0007,
    "meas_loop_cp": 0x000A,
    "meas_loop_ocp": 0x000B,
    "meas_loop_lsp": 0x000F,
}

APERTURE_SHARE = 0.5
"""Share of the interval over which a point is averaged; an engineering guess."""

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
        machine.emit(f"M{self.technique:04X}\n")
        machine.measuring = True
        try:
            yield from self._points(plan, machine)
        except LoopAborted:
            pass
        except ScriptAborted:
            machine.emit("*\n")
            raise
        finally:
            machine.measuring = False
        machine.emit("*\n")

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
