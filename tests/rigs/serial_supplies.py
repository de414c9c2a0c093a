"""Bench supplies on their emulators, by the name of their driver."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import DummyCell, FaultyTransport

NAMES = (
    "korad-ka3005p",
    "korad-ka6003p",
    "korad-kd6005p",
    "tenma-72-2535",
    "riden-rd6006",
    "riden-rd6006p",
    "riden-rd6012",
    "riden-rd6018",
    "dps5005",
    "dps5020",
    "manson-hcs-3204",
    "manson-hcs-3202",
    "manson-hcs-3602",
    "genesys-20-38",
    "genesys-40-38",
    "genesys-60-12",
)
"""Of drivers, and of their emulators."""
FAMILIES = ("korad-ka3005p", "riden-rd6006", "dps5005", "manson-hcs-3204", "genesys-20-38")


class SupplyRig:
    """A driver, a cable that can be tampered with, an emulated supply and a resistor."""

    def __init__(self, name: str, address: str = "", ohm: float = 10.0, **options: Any) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 30, tzinfo=UTC))
        self.cell = DummyCell(ohm)
        self.emulator: Any = make_emulator(address or name, self.cell, 1)
        inner = EmulatedTransport(self.emulator, self.clock, "emulated://supply")
        self.cable = FaultyTransport(inner, self.clock)
        self.driver: Any = DRIVERS.load(name)(self.cable, **options)

    def connected(self) -> SupplyRig:
        self.driver.connect(self.clock)
        return self

    def ask(self, data: bytes, quiet_s: float = 0.2) -> bytes:
        """What the instrument answers to somebody else."""
        self.clock.sleep_until(self.clock.monotonic_s() + 0.1)
        wire = EmulatedTransport(self.emulator, self.clock, "aside")
        wire.write(data)
        return wire.drain(quiet_s)
