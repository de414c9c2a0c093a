"""A 2450 with its inside open, on a wire that somebody can cut, delay or garble."""

from __future__ import annotations

from datetime import UTC, datetime

from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.readings import EndReason, Reading
from faradaic.instruments.segments import (
    ConstantCurrentSegment,
    Segment,
)
from faradaic.instruments.transports import TransportClosed, TransportTimeout
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.keithley.smu2450_emulator import keithley_2450
from faradaic.simulators.virtual_clock import VirtualClock


class DummyCell:
    """1 kOhm in series with a battery of 0.5 V, as benches use to check an instrument."""

    ohm = 1000.0
    rest_V = 0.5

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        current_A = 0.0
        if control is Control.CURRENT:
            current_A = value
        elif control is not Control.OPEN_CIRCUIT:
            current_A = (value - self.rest_V) / self.ohm
        voltage_V = self.rest_V + current_A * self.ohm
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> None:
        return None

    def restore(self, state: None) -> None:
        return None


class Line:
    """The wire, with a person who can cut it, delay a reply or garble one."""

    def __init__(self, transport: EmulatedTransport) -> None:
        self.address = transport.address
        self.transport = transport
        self.written: list[bytes] = []
        self.late = 0
        """How many of the next replies to hold back until the one after has been asked for."""
        self.garbled = 0
        self.cut = False
        self.spoiled: dict[bytes, list[bytes]] = {}
        """Part of a command -> what is left of the next answers to it."""
        self.twice = 0
        """How many of the next replies come twice."""
        self._again: list[bytes] = []
        self._held = b""

    def write(self, data: bytes) -> None:
        if self.cut:
            raise TransportClosed.of("unplugged")
        self.written.append(data)
        self.transport.write(data)

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        if self.cut:
            raise TransportClosed.of("unplugged")
        if self._held:
            late, self._held = self._held, b""
            return late
        if self._again:
            return self._again.pop()
        line = self.transport.read_until(terminator, timeout_s)
        for part, left in self.spoiled.items():
            if part in self.written[-1] and left:
                return left.pop(0)
        if self.twice:
            self.twice -= 1
            self._again.append(line)
        if self.late:
            self.late -= 1
            self._held = line
            raise TransportTimeout.of("nothing came")
        if self.garbled:
            self.garbled -= 1
            return b"\xff2.5,,\n"
        return line

    def drain(self, quiet_s: float) -> bytes:
        # A reply that is still on its way cannot be drained.
        return self.transport.drain(quiet_s)

    def close(self) -> None:
        self.transport.close()


class Bench:
    """An instrument on a dummy cell, its wire, its clock and its driver."""

    def __init__(self, **options: bool) -> None:
        self.clock = VirtualClock(datetime(2025, 1, 1, tzinfo=UTC))
        self.emulator = keithley_2450(DummyCell(), seed=1)
        self.line = Line(EmulatedTransport(self.emulator, self.clock, "emulated://keithley-2450"))
        self.driver = Keithley2450(self.line, **options)

    def ask(self, line: str) -> str:
        """What the instrument answers to somebody else."""
        wire = EmulatedTransport(self.emulator, self.clock, "aside")
        wire.write(line.encode() + b"\n")
        return wire.read_until(b"\n", 1.0).decode().strip()

    def run(self, segment: Segment) -> tuple[list[Reading], EndReason]:
        readings: list[Reading] = []
        stream = self.driver.run(segment, self.clock)
        while True:
            try:
                readings.append(next(stream))
            except StopIteration as end:
                reason: EndReason = end.value
                return readings, reason


def current(
    current_A: float, limit_V: float = 20.0, duration_s: float = 10.0
) -> ConstantCurrentSegment:
    return ConstantCurrentSegment(
        current_A, limit_V, duration_s, interval_s=1.0, charge_limit_C=1.0
    )
