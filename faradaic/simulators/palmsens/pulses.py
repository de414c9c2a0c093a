"""Pulse voltammetry: square-wave, differential and normal pulses on a staircase.

Argument order: PalmSens, MethodSCRIPT_Examples bd1a44a, MSLoopExample005, 006 and 007. The current
of a stair is that at the end of its last pulse less that at the end of the one before it, which in
normal pulse voltammetry is the base and is not subtracted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.simulators.palmsens.faults import ScriptFault
from faradaic.simulators.palmsens.loops import APERTURE_SHARE, framed
from faradaic.simulators.palmsens.variables import Reference, Value

if TYPE_CHECKING:
    from faradaic.simulators.palmsens.machine import Body, Machine

PULSES = {"meas_loop_dpv": 0x0001, "meas_loop_swv": 0x0002, "meas_loop_npv": 0x0003}
"""Marks of the loops, recalled."""

ARGUMENTS = {"meas_loop_dpv": 8, "meas_loop_swv": 9, "meas_loop_npv": 7}
RECEIVERS = {"meas_loop_dpv": 2, "meas_loop_swv": 4, "meas_loop_npv": 2}
"""Potential, current; of a square wave also the current of either half."""


@dataclass(slots=True)
class PulseLoop:
    """One pulse loop of a script, ready to run."""

    name: str
    targets: list[Reference]
    settings: list[Callable[[], Value]]
    body: Body

    def run(self, machine: Machine) -> Generator[float, float, None]:
        """Run the loop, yielding the times at which something happens."""
        yield from framed(PULSES[self.name], self._stairs(machine), machine)

    def _pulses(self, stair_V: float, up: float) -> list[tuple[float, float]]:
        """(potential, duration) of the two parts of a stair; `up` is the sign of the scan."""
        first_V, _, step_V, *rest = (float(value()) for value in self.settings)
        if self.name == "meas_loop_swv":
            amplitude_V, frequency_Hz = rest
            half_s = 0.5 / frequency_Hz
            return [(stair_V + up * amplitude_V, half_s), (stair_V - up * amplitude_V, half_s)]
        pulse_s, rate_V_per_s = rest[-2:]
        base_s = abs(step_V) / rate_V_per_s - pulse_s
        if not base_s > 0:
            raise ScriptFault("005A")
        if self.name == "meas_loop_dpv":
            return [(stair_V, base_s), (stair_V + up * rest[0], pulse_s)]
        return [(first_V, base_s), (stair_V, pulse_s)]

    def _stairs(self, machine: Machine) -> Generator[float, float, None]:
        first_V, last_V, step_V, *rest = (float(value()) for value in self.settings)
        if step_V == 0:
            raise ScriptFault("001C")
        if not all(value > 0 for value in rest[-2:]):
            raise ScriptFault("4204")
        front, body = machine.front, self.body
        front.require_control(galvanostat=False)
        up = math.copysign(1.0, last_V - first_V)
        for stair in range(math.floor(abs(last_V - first_V) / abs(step_V) + 1e-9) + 1):
            stair_V = first_V + up * stair * abs(step_V)
            readings = []
            for potential_V, duration_s in self._pulses(stair_V, up):
                front.set_potential(potential_V, machine.now_s)
                yield machine.now_s + duration_s
                (reading,) = front.measure(("ba",), machine.now_s, APERTURE_SHARE * duration_s)
                readings.append(reading)
            before, after = readings
            ahead = before if self.name == "meas_loop_swv" else after
            less_A = 0.0
            if self.name != "meas_loop_npv":
                less_A = (after if ahead is before else before).value
            potential, current, *halves = (target() for target in self.targets)
            potential.measured(stair_V, "da", None, None)
            current.measured(ahead.value - less_A, "ba", ahead.status, ahead.range_index)
            for half, reading in zip(halves, readings, strict=False):
                half.measured(reading.value, "ba", reading.status, reading.range_index)
            if (yield from body.run(machine)) if body.timed else body.run(machine):
                break
