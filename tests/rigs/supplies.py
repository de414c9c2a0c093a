"""A supply with its inside open, on a cable whose answers come late, twice, never or changed."""

from __future__ import annotations

import random
from typing import Any

from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.instruments.supplies.supply_profiles import families
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports import TransportTimeout
from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.testing import DummyCell, Rig

MODELS = sorted(model.key for family in families().values() for model in family.models)


def rig(key: str, ohm: float = 5.0, rest_V: float = 0.0, **options: str) -> Rig:
    """A model on a resistor, not connected yet."""
    return Rig(DRIVERS.load(key), EMULATORS.load(key), DummyCell(ohm, rest_V), **options)


def typed(made: Rig, command: str) -> str:
    """What the instrument answers to somebody else; empty where it answers nothing."""
    aside = EmulatedTransport(made.emulator, made.clock, "aside")
    aside.write(command.encode() + b"\n")
    try:
        return aside.read_until(b"\n", 0.1).decode().strip()
    except TransportTimeout:
        return ""


def current(
    current_A: float, limit_V: float, duration_s: float = 10.0, interval_s: float = 1.0
) -> ConstantCurrentSegment:
    """A segment."""
    return ConstantCurrentSegment(current_A, limit_V, duration_s, interval_s, 1e6)


class BadLine:
    """In place of the transport: some answers come late, twice, never, or with a digit changed."""

    def __init__(self, inner: Any, seed: int, share: float) -> None:
        self._inner = inner
        self._dice = random.Random(seed)
        self._share = share
        self._due: list[bytes] = []
        self.address = inner.address
        self.faults = 0

    def write(self, data: bytes) -> None:
        """Send."""
        self._inner.write(data)

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """A line, or what became of one."""
        if self._due:
            return self._due.pop(0)
        line: bytes = self._inner.read_until(terminator, timeout_s)
        if self._dice.random() >= self._share:
            return line
        self.faults += 1
        what = self._dice.choice(("late", "twice", "lost", "flipped"))
        if what == "flipped":
            at = self._dice.randrange(len(line))
            return line[:at] + bytes((line[at] ^ (1 << self._dice.randrange(7)),)) + line[at + 1 :]
        if what == "twice":
            self._due.append(line)
            return line
        if what == "late":
            self._due.append(line)
        raise TransportTimeout.of("nothing came")

    def drain(self, quiet_s: float) -> bytes:
        """A late answer is still on its way."""
        came: bytes = self._inner.drain(quiet_s)
        return came

    def close(self) -> None:
        """Release the port."""
        self._inner.close()
