"""Bytes lost, changed, doubled, late and from nowhere: no reading is one that cannot be."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.readings import Reading
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.server import emulator_for
from faradaic.simulators.virtual_clock import VirtualClock

SET_A = 5e-3
SEGMENT = ConstantCurrentSegment(SET_A, 5.5, duration_s=20.0, interval_s=0.1, charge_limit_C=1e9)
STRAY = (
    b"0\n",
    b"1;0\n",
    b"7;4.9E-3,5.0,160\n",
    b"\n",
    b"garbage\n",
    b'-113,"x"\n',
    b"!4001: Line 1\n",
    b"*\n",
    b"Z\n",
    b"P\n",
    b"Pda8000000 ;ba8000000 \n",
    b"eM0000\n",
)


class Proxy:
    """Between an emulator and its driver, with one kind of fault in a few lines of a hundred."""

    def __init__(self, emulator: Any, kind: str, share: float, seed: int) -> None:
        self.emulator, self.kind, self.share = emulator, kind, share
        self.dice = random.Random(f"{kind} {seed}")
        self.late: list[tuple[float, bytes]] = []
        self.faults = 0
        self.active = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.emulator, name)

    def next_event_s(self) -> float | None:
        events = [self.emulator.next_event_s(), *(due_s for due_s, _ in self.late[:1])]
        return min((event for event in events if event is not None), default=None)

    def transmit(self, now_s: float) -> bytes:
        data: bytes = self.emulator.transmit(now_s)
        sent = b""
        for line in data.splitlines(keepends=True):
            if self.active and self.dice.random() < self.share:
                self.faults += 1
                sent += self._faulty(line, now_s)
            else:
                sent += line
        while self.late and self.late[0][0] <= now_s:
            sent += self.late.pop(0)[1]
        return sent

    def _faulty(self, line: bytes, now_s: float) -> bytes:
        at = self.dice.randrange(len(line))
        match self.kind:
            case "late":
                self.late.append((now_s + self.dice.choice((0.5, 2.5, 4.0, 9.0)), line))
                self.late.sort()
                return b""
            case "doubled":
                return line + line
            case "dropped":
                return b""
            case "cut":
                return line[:at]
            case "cut, with an end":
                return line[:at] + b"\n"
            case "a byte lost":
                return line[:at] + line[at + 1 :]
            case "a digit changed":
                digits = [i for i, byte in enumerate(line) if chr(byte).isdigit()] or [at]
                at = self.dice.choice(digits)
                return line[:at] + b"%d" % self.dice.randrange(10) + line[at + 1 :]
            case "a byte changed":
                return line[:at] + bytes([self.dice.randrange(256)]) + line[at + 1 :]
        return self.dice.choice(STRAY) + line


@pytest.mark.parametrize(
    "kind",
    [
        "late",
        "doubled",
        "dropped",
        "cut",
        "cut, with an end",
        "a byte lost",
        "a digit changed",
        "a byte changed",
        "a stray line",
    ],
)
@pytest.mark.parametrize("model", ["keithley-2450", "emstat4-hr"])
def test_no_reading_is_one_that_the_instrument_cannot_give(model: str, kind: str) -> None:
    # A galvanostat that holds 5 mA in its range of 10 mA reads no more than 10 % above the one and
    # 10 % of the other; 5,000 A of a 1 A source and -45 mA had been accepted.
    faults, whole = 0, 0
    for seed in range(3):
        clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
        proxy = Proxy(emulator_for(model, cell={}, seed=seed), kind, 0.03, seed)
        driver = DRIVERS.load(model)(EmulatedTransport(proxy, clock, "emulated://proxy"))
        driver.connect(clock)
        readings: list[Reading] = []
        stream = driver.run(SEGMENT, clock)
        try:
            for reading in stream:
                readings.append(reading)
                proxy.active = True
        except DeviceError:
            pass  # a wire as bad as this may end a segment, with the reason
        proxy.active = False
        faults += proxy.faults
        assert driver.output_off(clock).on is False
        for reading in readings:
            if reading.current_A is not None:
                whole += 1
                assert abs(reading.current_A) <= 1.1 * (SET_A + 1e-3), reading.raw
            if reading.cell_voltage_V is not None:
                assert abs(reading.cell_voltage_V) <= 1.1 * 6.0 + 0.1, reading.raw
        own = [reading.time_s for reading in readings if not reading.refused]
        assert own == sorted(own)
    assert faults > 3
    assert whole > 10
