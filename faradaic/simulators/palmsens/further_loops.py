"""Alternating current on a staircase, pulsed amperometric detection, all channels in turn.

Arguments: PalmSens, MethodSCRIPT_Examples bd1a44a, MSLoopExample002 and 010, MSExample022.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.simulators.palmsens.faults import ScriptFault
from faradaic.simulators.palmsens.loops import APERTURE_SHARE, framed
from faradaic.simulators.palmsens.machine import Timeline, follow
from faradaic.simulators.palmsens.peripherals import on_all_channels
from faradaic.simulators.palmsens.variables import Reference, Value, Variable

if TYPE_CHECKING:
    from faradaic.simulators.palmsens.machine import Body, Machine

FURTHER = {"meas_loop_acv": 0x0004, "meas_loop_pad": 0x0008, "meas_loop_ca_alt_mux": 0x0011}
"""Marks of the loops: MethodSCRIPT_Examples bd1a44a, `mscript.py`."""

RECEIVERS = {"meas_loop_acv": 6, "meas_loop_pad": 2, "meas_loop_ca_alt_mux": 1}
ARRAYS = {"meas_loop_ca_alt_mux": 1}
"""Behind the receivers: arrays that are filled."""
ARGUMENTS = {"meas_loop_acv": 12, "meas_loop_pad": 8, "meas_loop_ca_alt_mux": 7}

DC, PULSE, DIFFERENCE = 1, 2, 3
"""What current pulsed amperometric detection gives."""


@dataclass(slots=True)
class FurtherLoop:
    """One such loop of a script, ready to run."""

    name: str
    targets: list[Reference]
    arrays: list[list[Variable]]
    settings: list[Callable[[], Value]]
    body: Body

    def run(self, machine: Machine) -> Generator[float, float, None]:
        """Run the loop, yielding the times at which something happens."""
        machine.front.require_control(galvanostat=False)
        numbers = [float(value()) for value in self.settings]
        match self.name:
            case "meas_loop_acv":
                points = self._alternating(machine, *numbers)
            case "meas_loop_pad":
                points = self._pulsed(machine, *numbers)
            case _:
                points = self._channels(machine, *numbers)
        yield from framed(FURTHER[self.name], points, machine)

    def _turn(self, machine: Machine) -> Timeline:
        return (yield from follow(self.body, machine))

    def _alternating(
        self,
        machine: Machine,
        first_V: float,
        last_V: float,
        step_V: float,
        rate_V_per_s: float,
        amplitude_V: float,
        frequency_Hz: float,
    ) -> Generator[float, float, None]:
        """A sine (rms) on each stair, answered over the second half of it."""
        if step_V == 0:
            raise ScriptFault("001C")
        if not rate_V_per_s > 0:
            raise ScriptFault("4204")
        if not frequency_Hz > 0:
            raise ScriptFault("0011")
        if not amplitude_V > 0:
            raise ScriptFault("0012")
        front, stair_s = machine.front, abs(step_V) / rate_V_per_s
        up = math.copysign(abs(step_V), last_V - first_V)
        for stair in range(math.floor(abs((last_V - first_V) / step_V) + 1e-9) + 1):
            potential_V = first_V + up * stair
            front.set_potential(potential_V, machine.now_s)
            yield machine.now_s + stair_s
            response, status, index = front.sine(
                frequency_Hz, amplitude_V, machine.now_s, 0.5 * stair_s
            )
            impedance_ohm = response.impedance_ohm
            current_rms_A = abs(response.current_A) / math.sqrt(2.0)
            for target, (value, kind) in zip(
                self.targets,
                (
                    (potential_V, "da"),
                    (response.mean_current_A, "ba"),
                    (amplitude_V, "ch"),
                    (current_rms_A, "cj"),
                    (impedance_ohm.real, "cc"),
                    (impedance_ohm.imag, "cd"),
                ),
                strict=True,
            ):
                told = (None, None) if kind in ("da", "ch") else (status, index)
                target().measured(value, kind, *told)
            if (yield from self._turn(machine)):
                break

    def _pulsed(
        self,
        machine: Machine,
        rest_V: float,
        pulse_V: float,
        pulse_s: float,
        interval_s: float,
        duration_s: float,
        mode: float,
    ) -> Generator[float, float, None]:
        """A pulse at the end of each interval."""
        if mode not in (DC, PULSE, DIFFERENCE):
            raise ScriptFault("0007")
        if not 0 < pulse_s < interval_s:
            raise ScriptFault("005A")
        points = math.floor(duration_s / interval_s + 1e-9)
        if points < 1:
            raise ScriptFault("4029")
        front = machine.front
        potential, current = self.targets
        for _ in range(points):
            readings = []
            for potential_V, length_s in ((rest_V, interval_s - pulse_s), (pulse_V, pulse_s)):
                front.set_potential(potential_V, machine.now_s)
                yield machine.now_s + length_s
                (reading,) = front.measure(("ba",), machine.now_s, APERTURE_SHARE * length_s)
                readings.append(reading)
            before, pulsed = readings
            kept = before if mode == DC else pulsed
            less_A = before.value if mode == DIFFERENCE else 0.0
            potential().measured(rest_V if mode == DC else pulse_V, "da", None, None)
            current().measured(kept.value - less_A, "ba", kept.status, kept.range_index)
            if (yield from self._turn(machine)):
                break

    def _channels(
        self,
        machine: Machine,
        potential_V: float,
        interval_s: float,
        duration_s: float,
        first: float,
        last: float,
    ) -> Generator[float, float, None]:
        """Chronoamperometry that visits every channel in each interval."""
        if not interval_s > 0:
            raise ScriptFault("4204")
        points = math.floor(duration_s / interval_s + 1e-9)
        if points < 1:
            raise ScriptFault("4029")
        machine.front.set_potential(potential_V, machine.now_s)
        (currents,) = self.arrays
        for _ in range(points):
            yield from on_all_channels(machine, currents, int(first), int(last), interval_s)
            self.targets[0]().measured(potential_V, "da", None, None)
            if (yield from self._turn(machine)):
                break
