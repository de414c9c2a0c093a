"""The devices around the cell of a simulated world, their cables, and what they really do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from faradaic.instruments.transports import Transport
from faradaic.runner.device_lines import DeviceLines, DeviceSpec
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.surroundings import Surroundings
from faradaic.simulators.virtual_clock import AheadClock
from faradaic.testing.rig import DummyCell
from rigs.devices import OPTIONS, SCCM

from .scenarios import DEVICES

if TYPE_CHECKING:
    from .world import SimulatedWorld

LEAST_RPM = 200.0
REST_S = 60.0
"""A host that leaves tries for so long to put a device to rest."""


class WorldOfDevices:
    """Hotplate, flow controller and pump, if there are any."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self.around = Surroundings()
        self.around.fault_is_on = self._is_on
        self.emulators: dict[str, Any] = {
            name: make_emulator(driver, DummyCell(), 1, self.around)
            for name, driver in (DEVICES.items() if world.scenario.devices else ())
        }
        self.stirred = False
        """Whether it was ever stirred as it has to be: before that nobody knows of a motor."""

    def is_stirred(self) -> bool:
        """Whether a current may flow."""
        if not self.emulators:
            return True
        self.around.advance(self._world.now_s)
        return self.around.stirring_rpm >= LEAST_RPM

    def lines(self) -> DeviceLines:
        """The lines of a host."""
        ports = {"plate": 2, "gas": 3, "pump": 4}
        options = OPTIONS | {"alicat-mc": {"full_scale_mol_per_s": 100 * SCCM}}
        specs = [
            DeviceSpec(name, driver, f"tcp://127.0.0.1:{ports[name]}", options[driver])
            for name, driver in (DEVICES.items() if self.emulators else ())
        ]
        return DeviceLines(specs, lambda name: _Scheme(self))

    def emulator_at(self, rest: str) -> Any:
        """Who is at an address."""
        return list(self.emulators.values())[int(rest.rpartition(":")[2]) - 2]

    def bring_up_to_date(self) -> None:
        """Let each cable be as it is now."""
        now_s = self._world.now_s
        for name, emulator in self.emulators.items():
            emulator.mute = any(
                one.what == "device_mute"
                and one.kind == name
                and one.at <= now_s < one.at + one.value
                for one in self._world.scenario.mishaps
            )

    def muted_s(self) -> float:
        """Until when one of them is mute."""
        return max(
            (m.at + m.value for m in self._world.scenario.mishaps if m.what == "device_mute"),
            default=0.0,
        )

    def at_work(self) -> Iterator[str]:
        """What still works where everything is over, and could have been put to rest."""
        if not self.emulators or self.muted_s() > self._world.left_s:
            return
        self.around.advance(self._world.now_s)
        if self.around.stirring_rpm > 1.0:
            yield f"it is stirred at {self.around.stirring_rpm:.0f} rpm when everything is over"
        if self.around.gas_mol_per_s > SCCM:
            yield "the gas flows when everything is over"
        pump = self.emulators["pump"]
        pump.transmit(self._world.now_s)
        if pump._state == "I":
            yield "the pump runs when everything is over"

    def _is_on(self, fault: str, now_s: float) -> bool:
        return fault == "stirrer_stall" and any(
            one.what == "stall" and one.at <= now_s < one.at + one.value
            for one in self._world.scenario.mishaps
        )


class _Scheme:
    simulated = False

    def __init__(self, devices: WorldOfDevices, ahead: bool = False) -> None:
        self._devices = devices
        world = devices._world
        self.clock: Any = AheadClock(world.clock) if ahead else world.clock

    def open(self, rest: str) -> Transport:
        """A port on a clock of its own."""
        return _Port(self._devices, rest, self.clock)

    def aside(self) -> _Scheme:
        """As a thread of its own would be."""
        return _Scheme(self._devices, ahead=True)

    def remarks(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class _Port(EmulatedTransport):
    def __init__(self, devices: WorldOfDevices, rest: str, clock: Any) -> None:
        super().__init__(devices.emulator_at(rest), clock, f"simulated://{rest}")
        self._devices = devices

    def write(self, data: bytes) -> None:
        """Send, if the cable is in now."""
        self._devices.bring_up_to_date()
        super().write(data)
