"""All instruments of a bench, each behind a port of its own, around one cell and one world.

What a stirrer, a gas or a pump does there, the cell feels, as on the bench of a rehearsal; the
clients are whoever connects.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Self

from faradaic.instruments.transports.addresses import Setting
from faradaic.simulators.contracts import Control, Emulator
from faradaic.simulators.emulated_bench import EmulatedScheme
from faradaic.simulators.paced_clock import PacedClock
from faradaic.simulators.server import SHORTEST_WAIT_S, EmulatorServer


class ServedBench:
    """Instruments by name, each with its `server`, from `with` on until it is left.

    `addresses`: name -> `MODEL` or `MODEL?option=value`. Raises `InputError`.
    """

    def __init__(self, addresses: Mapping[str, str], setting: Setting, *, speed: float) -> None:
        clock = PacedClock(speed)
        scheme = EmulatedScheme(setting, clock)
        untouched = scheme.cell.checkpoint()
        for control in Control:  # what compiles at its first use compiles before anybody asks
            scheme.cell.step(control, 0.0, SHORTEST_WAIT_S)
            scheme.cell.restore(untouched)
        lock = threading.RLock()
        self.servers = {
            name: EmulatorServer(_InTurn(scheme.emulator(rest), lock), clock=clock)
            for name, rest in addresses.items()
        }

    def __enter__(self) -> Self:
        for server in self.servers.values():
            server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        for server in self.servers.values():
            server.stop()
        for server in self.servers.values():
            server.wait()

    def wait(self) -> None:
        """Block until all of them have ended: by `stop`, or by Ctrl+C here."""
        for server in self.servers.values():
            server.wait()


class _InTurn:
    """An emulator that shares its world with others, of which each has a thread (`Emulator`)."""

    def __init__(self, emulator: Emulator, lock: threading.RLock) -> None:
        self._emulator = emulator
        self._lock = lock
        self.model = emulator.model

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes, when nobody else does anything."""
        with self._lock:
            self._emulator.receive(data, now_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left it, computed when nobody else does anything."""
        with self._lock:
            return self._emulator.transmit(now_s)

    def next_event_s(self) -> float | None:
        """When there will next be something to transmit."""
        with self._lock:
            return self._emulator.next_event_s()
