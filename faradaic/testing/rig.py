"""A driver on an emulated instrument, with a cable and a cell that can be tampered with."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

from faradaic.instruments.readings import EndReason, Reading
from faradaic.instruments.segments import Segment
from faradaic.instruments.traits import ReadingStream, Source, SourceFactory
from faradaic.instruments.transports import TransportClosed, TransportTimeout
from faradaic.simulators.contracts import CellModel, CellState, Control, Emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock


class DummyCell:
    """A resistor in series with a battery and a capacitor; reference lead on the counter."""

    def __init__(self, ohm: float = 500.0, rest_V: float = 0.0, farad: float = math.inf) -> None:
        self.ohm = ohm
        self.rest_V = rest_V
        self.farad = farad
        self.charge_C = 0.0
        self.gross_C = 0.0
        """What passed, whatever its direction."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by a time with something imposed."""
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
        """What `restore` takes."""
        return self.charge_C, self.gross_C

    def restore(self, state: tuple[float, float]) -> None:
        """Go back to a checkpoint."""
        self.charge_C, self.gross_C = state


class FaultyTransport:
    """The emulated transport with a cable that can be cut, muted or disturbed."""

    def __init__(self, inner: EmulatedTransport, clock: VirtualClock) -> None:
        self.inner = inner
        self.clock = clock
        self.address = inner.address
        self.sent = bytearray()
        """Everything that was written."""
        self.unplugged = False
        self.mute = False
        self.disturb: Callable[[bytes], bytes] = lambda line: line
        """What becomes of each line that comes."""

    def write(self, data: bytes) -> None:
        """Send; a mute cable loses it."""
        self._plugged()
        self.sent += data
        if not self.mute:
            self.inner.write(data)

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """One line. Raises `TransportTimeout`, `TransportClosed`."""
        self._heard(timeout_s)
        return self.disturb(self.inner.read_until(terminator, timeout_s))

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """So many bytes. Raises `TransportTimeout`, `TransportClosed`."""
        self._heard(timeout_s)
        return self.disturb(self.inner.read_exactly(count, timeout_s))

    def read_until_quiet(self, quiet_s: float, timeout_s: float) -> bytes:
        """What comes until it is quiet. Raises `TransportTimeout`, `TransportClosed`."""
        self._heard(timeout_s)
        return self.disturb(self.inner.read_until_quiet(quiet_s, timeout_s))

    def drain(self, quiet_s: float) -> bytes:
        """Everything that still comes until it is quiet."""
        self._plugged()
        return self.inner.drain(quiet_s)

    def close(self) -> None:
        """Release the port."""
        self.inner.close()

    def _heard(self, timeout_s: float) -> None:
        self._plugged()
        if self.mute:
            self.clock.sleep_until(self.clock.monotonic_s() + timeout_s)
            raise TransportTimeout.of("nothing came")

    def _plugged(self) -> None:
        if self.unplugged:
            raise TransportClosed.of("unplugged")


class Rig:
    """A driver, a faulty cable, an emulated instrument and a cell, on a virtual clock."""

    def __init__(
        self,
        driver: SourceFactory,
        emulator: Callable[..., Emulator],
        cell: CellModel | None = None,
        **options: str,
    ) -> None:
        """`emulator(cell, seed, **options)` is the instrument, as an emulator's entry point."""
        self.clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
        self.cell = cell or DummyCell()
        self.emulator = emulator(self.cell, 1, **options)
        inner = EmulatedTransport(self.emulator, self.clock, "emulated://rig")
        self.cable = FaultyTransport(inner, self.clock)
        self.driver: Source = driver(self.cable)

    def run(self, segment: Segment) -> tuple[list[Reading], EndReason]:
        """Every reading of a segment, and why they ended."""
        return drain(self.driver.run(segment, self.clock))

    def wait(self, seconds: float) -> None:
        """Let time pass for the instrument and its cell."""
        self.clock.sleep_until(self.clock.monotonic_s() + seconds)
        self.emulator.transmit(self.clock.monotonic_s())


def drain(stream: ReadingStream) -> tuple[list[Reading], EndReason]:
    """Every reading, and why they ended."""
    readings = []
    while True:
        try:
            readings.append(next(stream))
        except StopIteration as end:
            return readings, end.value
