"""A device around the cell on its emulator, with a cable that can be tampered with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from faradaic.instruments.auxiliary_traits import AUXILIARIES
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.surroundings import Surroundings
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing.rig import DummyCell, FaultyTransport

SCCM = 101325.0 * 1e-6 / 60.0 / (8.31446261815324 * 273.15)

OPTIONS: dict[str, dict[str, Any]] = {
    "ika-rct": {},
    "alicat-mc": {"full_scale_mol_per_s": 100 * SCCM, "gas": "CO2"},
    "new-era": {"diameter_m": 0.01443},
    "lcus-relay": {"answers": True},
    "icpdas-7018": {},
    "atlas-ph": {},
    "hei-connect": {},
    "julabo": {},
    "huber": {},
    "bronkhorst": {"full_scale_mol_per_s": 100 * SCCM, "gas": "CO2"},
    "mks-g": {"full_scale_mol_per_s": 100 * SCCM},
    "ismatec-icc": {},
    "harvard-elite": {"diameter_m": 0.01443},
}
"""Of each driver, as its class takes them."""


class DeviceRig:
    """A driver, a cable, an emulated device and the world that it acts on."""

    def __init__(self, name: str, address: str = "", **options: Any) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 30, tzinfo=UTC))
        self.around = Surroundings()
        self.emulator: Any = make_emulator(address or name, DummyCell(), 1, self.around)
        inner = EmulatedTransport(self.emulator, self.clock, "emulated://device")
        self.cable = FaultyTransport(inner, self.clock)
        self.driver: Any = AUXILIARIES.load(name)(self.cable, **(OPTIONS[name] | options))

    def connected(self) -> DeviceRig:
        self.driver.connect(self.clock)
        return self

    def wait(self, seconds: float) -> None:
        self.clock.sleep_until(self.clock.monotonic_s() + seconds)
        self.emulator.transmit(self.clock.monotonic_s())


class Script:
    """A transport that answers what a manual shows, and remembers what was sent."""

    address = "script://"

    def __init__(self, *answers: tuple[bytes, bytes]) -> None:
        self._answers = list(answers)
        self._came = b""
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        for asked, answer in self._answers:
            if asked == data:
                self._came += answer
                return

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        from faradaic.instruments.transports import TransportTimeout

        at = self._came.find(terminator)
        if at < 0:
            raise TransportTimeout.of("nothing came")
        end = at + len(terminator)
        line, self._came = self._came[:end], self._came[end:]
        return line

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        from faradaic.instruments.transports import TransportTimeout

        if len(self._came) < count:
            raise TransportTimeout.of("nothing came")
        taken, self._came = self._came[:count], self._came[count:]
        return taken

    def read_until_quiet(self, quiet_s: float, timeout_s: float) -> bytes:
        return self.read_exactly(max(1, len(self._came)), timeout_s)

    def drain(self, quiet_s: float) -> bytes:
        came, self._came = self._came, b""
        return came

    def close(self) -> None:
        pass
