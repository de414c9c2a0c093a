"""Any source on a bad wire, and what of its readings was accepted though it was not so.

The state of the cell changes steadily, so that a value tells when it was measured: the voltage of a
held current rises, the current of a held voltage falls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.readings import Reading
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    Segment,
)
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import DummyCell
from rigs.wire import BadWire, Tally

DURATION_S = 60.0
LATE_S = 0.5
"""A value may be older than an answer is waited for by this."""
PART = 0.02
"""A held current that is off by more is a wrong value."""


class Steady:
    """A held current whose voltage rises, or a held voltage whose current falls."""

    def __init__(self, can: Capabilities) -> None:
        self.can = can
        current_A = max(0.1 * can.current_max_A, 2.0 * can.current_min_A)
        self.volts = 0.25 * can.compliance_V
        if ConstantCurrentSegment.mode in can.modes:
            self.rise_V_per_s: float | None = 0.4 * can.compliance_V / DURATION_S
            self.current_A = current_A
            self.cell = DummyCell(self.volts / current_A, farad=current_A / self.rise_V_per_s)
        else:
            self.rise_V_per_s = None
            self.current_A = 0.5 * can.current_max_A
            ohm = self.volts / self.current_A
            self.decay_s = DURATION_S
            self.cell = DummyCell(ohm, farad=self.decay_s / ohm)

    def segment(self) -> Segment:
        """What is asked of the driver."""
        interval_s = max(self.can.interval_min_s, 0.1)
        if self.rise_V_per_s is None:
            most_A = self.can.current_max_A
            return ConstantCellVoltageSegment(self.volts, most_A, DURATION_S, interval_s, 1e9)
        limit_V = 0.9 * self.can.compliance_V
        return ConstantCurrentSegment(self.current_A, limit_V, DURATION_S, interval_s, 1e9)

    def wrong(self, reading: Reading, latest_s: float) -> str:
        """Why a reading is none of what there was; empty where it is."""
        amps, volts, on_s = reading.current_A, reading.cell_voltage_V, reading.on_for_s
        if amps is None or volts is None or on_s is None:
            return ""
        if self.rise_V_per_s is None:
            if amps <= 0.0:
                return f"{reading.raw}: no current of this direction flows"
            measured_s = self.decay_s * math.log(self.current_A / amps)
            slack_s = LATE_S + self.decay_s * 0.01 * self.current_A / amps
        else:
            measured_s = (volts - self.volts) / self.rise_V_per_s
            slack_s = LATE_S + 0.005 * self.can.compliance_V / self.rise_V_per_s
            a_digit_A = self.can.current_resolution * self.can.current_max_A
            if abs(amps - self.current_A) > max(PART * self.current_A, 1.6 * a_digit_A):
                return f"{reading.raw}: {self.current_A:g} A flows"
        age_s = on_s - measured_s
        if not -slack_s < age_s < latest_s + slack_s:
            return f"{reading.raw} is {age_s:.2f} s old"
        return ""


def steady_run(name: str, kinds: Sequence[str], share: float, *, seed: int, tally: Tally) -> None:
    """One segment of a driver on its emulator, connected and read off without faults."""
    clock = VirtualClock(datetime(2026, 11, 30, tzinfo=UTC))
    made = DRIVERS.load(name)
    steady = Steady(made.capabilities)
    wire = BadWire(make_emulator(name, steady.cell, seed), kinds, share, seed)
    driver: Any = made(EmulatedTransport(wire, clock, "emulated://bad-wire"))
    driver.connect(clock)
    wire.active = True
    latest_s = getattr(driver, "READ_TIMEOUT_S", 1.0)
    stream = driver.run(steady.segment(), clock)
    try:
        while True:
            reading = next(stream)
            tally.accepted += reading.current_A is not None
            tally.refused += bool(reading.refused)
            if why := steady.wrong(reading, latest_s):
                tally.wrong.append(f"{name} {kinds} seed {seed}: {why}")
    except StopIteration as stop:
        tally.ends[stop.value.value] += 1
    except DeviceError as error:
        tally.ends[error.diagnostics[0].code] += 1
    wire.active = False
    clock.sleep_until(clock.monotonic_s() + 10.0)
    tally.not_off += driver.output_off(clock).on is not False
    tally.faults += wire.faults
