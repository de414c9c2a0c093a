"""One world: a virtual clock, an instrument on a true cell, a cable, a program and its host.

Every call that the program makes out of itself goes through `SimulatedWorld.call`, every exchange
of its device host with the instrument through `SimulatedWorld.exchange`; mishaps happen there. A
program that is dead makes no further call: whatever its code still does on its way out has no
effect.
"""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from faradaic.diagnostics import FaradaicError, StorageError
from faradaic.instruments.readings import Identity, OutputState
from faradaic.instruments.segments import Segment
from faradaic.instruments.traits import DRIVERS
from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter
from faradaic.runner.bench_ports import BenchPorts, HostStream, Interruption
from faradaic.runner.device_lines import DeviceState
from faradaic.runner.host_process import HostDied
from faradaic.runner.host_wire import LEASE_S
from faradaic.runner.last_known import DEVICE_LOG
from faradaic.runner.logbook import JournalSink
from faradaic.runner.requests import Controls, Request
from faradaic.runner.world import World
from faradaic.simulators.virtual_clock import VirtualClock

from .cable import CableScheme, Wire
from .deaths import Dead, HostDies, ProgramDied
from .disks import DrawnDisk
from .handed_over import ProgramClock, SimulatedOperator, WorldJournal
from .scenarios import Scenario
from .truth import TrueCell
from .world_of_devices import REST_S, WorldOfDevices

FOREVER_S = 3600.0
NEVER = 1_000_000_000
"""The number of an order that nobody does."""


class SimulatedWorld:
    """Everything that a run takes from outside."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.cell = TrueCell(scenario.resistance_ohm, scenario.film_ohm_per_C)
        self.wire = Wire(self)
        self.around = WorldOfDevices(self)
        self.cell.may_flow = self.around.is_stirred
        self.left_s = 0.0
        """When the last host had left."""
        self.controls = Controls()
        self.host = SimulatedHost(self)
        self.dead = False
        self.over = False
        """The program has ended by itself."""
        self.computer_died = False
        self.frozen_s = 0.0
        self.broken: list[str] = []
        self.folder: Path | None = None
        self.disk: WorldJournal | None = None
        self.calls = self.exchanges = self.writes = 0
        self._at_call = self._numbered("freeze", "asked", "interrupt", "program_dies")
        self._at_exchange = self._numbered("program_dies_waiting", "host_dies", "computer_dies")
        self._disk_full = next((m.at for m in scenario.mishaps if m.what == "disk_full"), None)
        self.chance = random.Random(scenario.seed + 1)

    @contextlib.contextmanager
    def journal(self, path: Path) -> Iterator[JournalSink]:
        """The disk: what is acknowledged has been through `durable`, or is 0.1 s old."""
        calls = DrawnDisk(self.scenario)
        with JournalWriter(path, calls=calls) as writer:
            self.disk = WorldJournal(writer, self, calls)
            yield self.disk

    @contextlib.contextmanager
    def held(self, folder: RunFolder, _simulated: bool) -> Iterator[None]:
        """The run has begun."""
        self.folder = folder.path
        yield

    def handed(self) -> World:
        """What the run is given."""
        return World(
            self.host,
            operator=SimulatedOperator(self),
            controls=self.controls,
            people=self.host.clock,
            seed=self.scenario.seed,
            journal=self.journal,
            held=self.held,
        )

    def goes_on(self) -> None:
        """Whoever had died is back, and nothing goes wrong any more."""
        self.scenario = replace(self.scenario, mishaps=())
        self.controls, self.host = Controls(), SimulatedHost(self)
        self.dead = self.over = self.computer_died = False
        self.frozen_s = self.cell.over_s = 0.0
        self._at_call = self._at_exchange = {}
        self._disk_full = None
        self.wire.is_plugged_in()

    @property
    def now_s(self) -> float:
        """The time."""
        return self.clock.monotonic_s()

    def troubled_s(self, since_s: float = 0.0) -> float:
        """For how long the cable has been cut or bad since then."""
        times = 0.0
        for one in self.scenario.mishaps:
            if one.what in ("cut", "wire"):
                times += max(0.0, min(self.now_s, one.at + one.value) - max(since_s, one.at))
        return times

    def segment_is_over(self) -> None:
        """A driver leaves its output off when its stream ends, unless the cable is out."""
        self.wire.bring_up_to_date()
        if self.wire.output.output_on and not self.troubled_s() and self.host.died is None:
            self.broken.append("a stream ended with the output on")

    def told(self, state: OutputState) -> None:
        """What was read back is so."""
        self.wire.bring_up_to_date()
        if state.on is False and self.wire.output.output_on:
            self.broken.append("the output was told to be off, and is on")

    def call(self) -> None:
        """The program calls out of itself."""
        if self.dead:
            raise Dead
        self.calls += 1
        for mishap in self._at_call.get(self.calls, ()):
            match mishap.what:
                case "program_dies":
                    self.dead = True
                    raise Dead
                case "freeze":
                    self.frozen_s += mishap.value
                    self.host.stands_alone_for(mishap.value)
                case "asked":
                    self.controls.ask(Request[mishap.kind], f"somebody asked: {mishap.kind}")
                case "interrupt" if not self.controls._over:
                    raise KeyboardInterrupt

    def exchange(self) -> None:
        """The host is about to exchange bytes with the instrument."""
        self.exchanges += 1
        for mishap in self._at_exchange.get(self.exchanges, ()):
            if mishap.what == "host_dies":
                raise HostDies
            if mishap.what == "computer_dies":
                self.computer_died = self.dead = True
                raise HostDies
            if not self.dead and not self.over:
                self.dead = True
                raise ProgramDied

    def written(self) -> None:
        """The program writes to the disk."""
        self.call()
        self.writes += 1
        if self._disk_full is not None and self.writes >= self._disk_full:
            raise StorageError.of("no space is left on the disk", code="E602")

    def _numbered(self, *kinds: str) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for one in self.scenario.mishaps:
            if one.what in kinds:
                found.setdefault(int(one.at), []).append(one)
        return found


class SimulatedHost:
    """The device host (a `DeviceHost`): its lease, its loyalty and its death as in a process."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self.clock = ProgramClock(world)
        self.ports = self._new_ports()
        self.devices = world.around.lines()
        self.died: HostDied | None = None
        self._stream: HostStream | None = None
        self._heard_s = 0.0
        self._lapsed: Interruption | None = None
        self._told: Mapping[str, DeviceState] = {}

    def open(self) -> Identity:
        """Open the port."""
        self._world.call()
        identity: Identity = self._guarded(self.ports.open)
        self.devices.start(self._world.clock)
        return identity

    def run(self, segment: Segment) -> HostStream:
        """Run a segment under a lease."""
        self._world.call()
        if self.died is not None:
            raise self.died
        self._stream, self._lapsed = self.ports.run(segment), None
        stream = self._stream
        self._heard_s = self._world.now_s
        try:
            while True:
                try:
                    reading = self._guarded(lambda: next(stream))
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                self._heard_s = reading.time_s
                yield reading
                self._world.call()
                if self._lapsed is not None:
                    return self._lapsed
        finally:
            if not self._world.dead:
                self._stream = None
                self._guarded(stream.close)
                self._world.segment_is_over()

    def output_off(self, within_s: float = 0.0) -> OutputState:
        """Off, read back."""
        self._world.call()
        try:
            if self.died is None:
                state: OutputState = self._guarded(lambda: self.ports.off_at_last(within_s))
                self._world.told(state)
                return state
        except HostDied:
            pass
        with contextlib.suppress(FaradaicError):
            self.ports.open()
        return self.ports.off_at_last(within_s)

    def device_states(self) -> Mapping[str, DeviceState]:
        """What is known of the devices; a dead host tells nothing new."""
        if self.died is None:
            self._told = self.devices.states()
        return self._told

    def order(self, device: str, action: str, *values: float) -> int:
        """Have one do something."""
        self._world.call()
        return self.devices.order(device, action, *values) if self.died is None else NEVER

    def notes(self) -> tuple[str, ...]:
        """What the driver says."""
        self._world.call()
        return self.ports.notes()

    def remarks(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()

    def close(self) -> None:
        """The program lets go; it is over before its host is (`leaves`)."""
        self._world.call()

    def leaves(self) -> None:
        """There is no engine any more: off, however long it takes."""
        try:
            if self._stream is not None and self.died is None:
                self._stream.close()
            self.log("engine_gone")
            self.devices.start(self._world.clock)
            self.ports.output_off()
            orders = self.devices.rest() if self._world.scenario.devices else {}
            state = self.ports.off_at_last(FOREVER_S)
            self.log("output_off", **asdict(state))
            self._rest(orders)
        except HostDies:
            self._dies()
            self._world.computer_died = True  # nobody is left

    def _rest(self, orders: Mapping[str, int]) -> None:
        """As `faradaic.runner.host_child` does."""
        end_s, left = self._world.now_s + REST_S, dict(orders)
        while left and self._world.now_s < end_s:
            states = self.devices.states()
            left = {n: k for n, k in left.items() if n not in states or states[n].done < k}
            self._world.clock.sleep_until(self._world.now_s + 0.1)
        self._world.left_s = self._world.now_s

    def log(self, what: str, **fields: Any) -> None:
        """Into the log of a device host, as `faradaic.runner.host_child` does."""
        if (folder := self._world.folder) is not None:
            now = {"utc": self.clock.utc().isoformat(), "mono_s": self._world.now_s}
            with (folder / DEVICE_LOG).open("a") as file:
                file.write(json.dumps({**now, "what": what, **fields}) + "\n")

    def stands_alone_for(self, duration_s: float) -> None:
        """The program stands still: its lease runs, and is over."""
        end_s = self._world.now_s + duration_s
        stream = self._stream
        if stream is not None and duration_s >= LEASE_S and self.died is None:
            self._world.clock.sleep_until(self._world.now_s + LEASE_S)
            try:
                stream.close()
                state = self.ports.off_at_last(max(0.0, end_s - self._world.now_s))
            except HostDies:
                self._dies()
            else:
                told = ("the program stood still", self._heard_s, self._world.now_s)
                self._lapsed = Interruption(*told, state.evidence)
                self.log("interruption", on=state.on, **asdict(self._lapsed))
        self._world.clock.sleep_until(end_s)

    def _guarded(self, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except ProgramDied:
            raise Dead from None
        except HostDies:
            self._dies()
            assert self.died is not None
            raise (Dead if self._world.dead else self.died) from None

    def _dies(self) -> None:
        self.died = HostDied.of("the device host has ended")
        self.devices = self._world.around.lines()  # of the one that takes its place
        self.ports = self._new_ports(may_be_on=True)

    def _new_ports(self, may_be_on: bool = False) -> BenchPorts:
        driver, scheme = DRIVERS.load(self._world.scenario.bench), CableScheme(self._world)
        return BenchPorts(driver, scheme, "", patience_s=5.0, may_be_on=may_be_on)
