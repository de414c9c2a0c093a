"""A transport whose other end is an emulator in the same process, on a virtual clock."""

from __future__ import annotations

from faradaic.instruments.clock import Clock
from faradaic.instruments.transports.stream import BufferedTransport
from faradaic.simulators.contracts import Emulator

_OVERDUE_MAX = 1000
"""Events in a row that are due but send nothing, after which an emulator is taken as stuck."""


class EmulatedTransport(BufferedTransport):
    """See `faradaic.instruments.transports.Transport`.

    Waiting costs nothing: a read moves the clock to the emulator's next event, or to the deadline.
    """

    SECONDS = " (simulated time)"
    SILENCE_HELP = (
        "check that the driver of the bench file speaks the language and terminator of the "
        "emulated model"
    )

    def __init__(self, emulator: Emulator, clock: Clock, address: str) -> None:
        super().__init__(address)
        self._emulator = emulator
        self._clock = clock

    def write(self, data: bytes) -> None:
        """Send bytes. Raises `TransportClosed`."""
        self._require_open()
        self._emulator.receive(data, self._clock.monotonic_s())

    def close(self) -> None:
        """Release the channel; the emulator stays as it is, as an instrument would."""
        self._closed = True

    def _wait(self, deadline_s: float) -> bool:
        """Collect the next bytes, moving the clock; False if none come before the deadline."""
        clock, emulator = self._clock, self._emulator
        overdue = 0
        while overdue < _OVERDUE_MAX:
            now_s = clock.monotonic_s()
            if piece := emulator.transmit(now_s):
                self._buffer += piece
                return True
            if now_s >= deadline_s:
                return False
            event_s = emulator.next_event_s()
            if event_s is not None and event_s <= now_s:
                overdue += 1
            clock.sleep_until(deadline_s if event_s is None else min(event_s, deadline_s))
        raise RuntimeError(f"the emulator of {emulator.model} announces events and sends nothing")

    def _now_s(self) -> float:
        return self._clock.monotonic_s()
