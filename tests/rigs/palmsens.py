"""A PalmSens driver, its emulated instrument and the wire between them, for the tests."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from faradaic.instruments.palmsens.driver import (
    EmStat4HR,
    MethodScriptDriver,
)
from faradaic.instruments.readings import EndReason, Reading
from faradaic.instruments.segments import (
    Segment,
)
from faradaic.instruments.traits import ReadingStream
from faradaic.instruments.transports import TransportClosed, TransportTimeout
from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.palmsens.emulator import (
    MethodScriptEmulator,
    emstat4_hr,
)
from faradaic.simulators.virtual_clock import VirtualClock

PUBLISHED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[1] / "fixtures/palmsens/published.toml").read_text("utf-8")
)


class DummyCell:
    """A resistor in series with a battery and a capacitor; reference lead on the counter."""

    def __init__(self, ohm: float = 500.0, rest_V: float = 0.0, farad: float = math.inf) -> None:
        self.ohm = ohm
        self.rest_V = rest_V
        self.farad = farad
        self.charge_C = 0.0
        self.gross_C = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        back_V = self.rest_V + self.charge_C / self.farad
        current_A = 0.0
        if control is Control.CURRENT:
            current_A = value
        elif control is not Control.OPEN_CIRCUIT:
            current_A = (value - back_V) / self.ohm
        self.charge_C += current_A * dt_s
        self.gross_C += abs(current_A) * dt_s
        voltage_V = self.rest_V + self.charge_C / self.farad + current_A * self.ohm
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> tuple[float, float]:
        return self.charge_C, self.gross_C

    def restore(self, state: tuple[float, float]) -> None:
        self.charge_C, self.gross_C = state


class FaultyTransport:
    """The emulated transport with a cable that can be cut, muted or disturbed."""

    def __init__(self, inner: EmulatedTransport, clock: VirtualClock) -> None:
        self.inner = inner
        self.clock = clock
        self.address = inner.address
        self.sent = bytearray()
        self.unplugged = False
        self.mute = False
        self.disturb: Callable[[bytes], bytes] = lambda line: line

    def write(self, data: bytes) -> None:
        self._plugged()
        self.sent += data
        if not self.mute:
            self.inner.write(data)

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        self._plugged()
        if self.mute:
            self.clock.sleep_until(self.clock.monotonic_s() + timeout_s)
            raise TransportTimeout.of("nothing came")
        return self.disturb(self.inner.read_until(terminator, timeout_s))

    def drain(self, quiet_s: float) -> bytes:
        self._plugged()
        return self.inner.drain(quiet_s)

    def close(self) -> None:
        self.inner.close()

    def _plugged(self) -> None:
        if self.unplugged:
            raise TransportClosed.of("unplugged")


class Rig:
    """A driver, a faulty cable, an emulated instrument and a cell."""

    def __init__(
        self,
        make: Callable[..., MethodScriptEmulator] = emstat4_hr,
        kind: type[MethodScriptDriver] = EmStat4HR,
        cell: CellModel | None = None,
        **variants: str,
    ) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
        self.cell = cell or DummyCell()
        self.emulator = make(self.cell, 1, **variants)
        inner = EmulatedTransport(self.emulator, self.clock, "emulated://rig")
        self.cable = FaultyTransport(inner, self.clock)
        self.driver = kind(self.cable)

    def connect(self) -> Rig:
        self.driver.connect(self.clock)
        return self

    def run(self, segment: Segment) -> tuple[list[Reading], EndReason]:
        return drain(self.driver.run(segment, self.clock))

    @property
    def cell_on(self) -> bool:
        self.emulator.transmit(self.clock.monotonic_s())
        return self.emulator.front.cell_on


def drain(stream: ReadingStream) -> tuple[list[Reading], EndReason]:
    """Every reading, and why they ended."""
    readings = []
    while True:
        try:
            readings.append(next(stream))
        except StopIteration as end:
            return readings, end.value


def new_rig() -> Rig:
    """An EmStat4 HR on 500 Ω, connected."""
    return Rig().connect()


def charge_C(readings: list[Reading]) -> float:
    """Trapezoids of the measured current."""
    total = 0.0
    for a, b in pairwise(readings):
        assert a.current_A is not None
        assert b.current_A is not None
        total += 0.5 * (a.current_A + b.current_A) * (b.time_s - a.time_s)
    return total
