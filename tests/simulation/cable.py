"""The cable between a host and its instrument: cut, and its lines lost, late and spoilt."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from faradaic.instruments.transports import Transport, TransportClosed
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport

from .scenarios import LOST

if TYPE_CHECKING:
    from .world import SimulatedWorld

FINEST_S = 0.05
"""Of the time steps of the cell."""

LOST_SHARE = 0.2
"""Of the lines to the instrument, while they are lost."""


class Wire:
    """The instrument at the end of a cable (an `Emulator`)."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        scenario = world.scenario
        inside: Any = make_emulator(scenario.bench, world.cell, scenario.seed)
        self.model = inside.model
        self.inside = inside
        keithley = scenario.bench.startswith("keithley")
        self.output: Any = inside._electronics if keithley else inside.front.electronics
        drive = self.output._drive  # fine enough that a limit is met where it is
        drive._spec = replace(drive._spec, max_step_s=FINEST_S)
        self._partial = b""
        self._late: list[tuple[float, bytes]] = []
        self._chance = random.Random(scenario.seed + 2)

    def bring_up_to_date(self) -> None:
        """Let the instrument and its cell come to now; what it sends is kept."""
        now_s = self._world.now_s
        self._partial += self.inside.transmit(now_s)
        self.output.advance(now_s)

    def is_plugged_in(self) -> None:
        """At a computer that has started anew: what it had not read is gone."""
        self.bring_up_to_date()
        self._partial, self._late = b"", []

    def is_turned_off(self) -> None:
        """At its front panel, by hand."""
        self.inside.receive(b":OUTP OFF\n", self._world.now_s)
        self.bring_up_to_date()

    def cut(self) -> bool:
        """Whether the cable is out."""
        now_s = self._world.now_s
        return any(
            one.what == "cut" and one.at <= now_s < one.at + one.value
            for one in self._world.scenario.mishaps
        )

    def receive(self, data: bytes, now_s: float) -> None:
        """Bytes to the instrument, some of whose lines may be lost."""
        self._require_whole()
        if LOST in self._active(now_s):
            lines = data.splitlines(keepends=True)
            data = b"".join(line for line in lines if self._chance.random() > LOST_SHARE)
        self.inside.receive(data, now_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes from it, as they arrive."""
        arrived, self._partial = self._partial + self.inside.transmit(now_s), b""
        self._require_whole()
        active = [kind for kind in self._active(now_s) if kind != LOST]
        if not active and not self._late:
            return arrived
        *lines, self._partial = arrived.split(b"\n")
        for line in lines:
            self._late += [(due, one) for due, one in self._spoilt(line + b"\n", active, now_s)]
        due = [one for when_s, one in self._late if when_s <= now_s]
        self._late = [(when_s, one) for when_s, one in self._late if when_s > now_s]
        return b"".join(due)

    def _active(self, now_s: float) -> list[str]:
        """What becomes of lines now."""
        return [
            one.kind
            for one in self._world.scenario.mishaps
            if one.what == "wire" and one.at <= now_s < one.at + one.value
        ]

    def next_event_s(self) -> float | None:
        """When something comes, or the cable goes."""
        times = [when_s for when_s, _ in self._late]
        if (inside_s := self.inside.next_event_s()) is not None:
            times.append(inside_s)
        times += [
            one.at
            for one in self._world.scenario.mishaps
            if one.what == "cut" and one.at > self._world.now_s
        ]
        return min(times, default=None)

    def _spoilt(self, line: bytes, active: list[str], now_s: float) -> list[tuple[float, bytes]]:
        if not active or self._chance.random() > 0.3:
            return [(now_s, line)]
        match self._chance.choice(active):
            case "drop":
                return []
            case "truncate":
                return [(now_s, line[: self._chance.randrange(len(line))] + b"\n")]
            case "duplicate":
                return [(now_s, line), (now_s, line)]
            case "garble":
                at = self._chance.randrange(len(line))
                return [(now_s, line[:at] + b"#" + line[at + 1 :])]
            case _:
                return [(now_s + self._chance.uniform(0.0, 4.0), line)]

    def _require_whole(self) -> None:
        if self.cut():
            raise TransportClosed.of("the cable is out", code="E502")


class CablePort:
    """A port of the host (a `Transport`): each exchange may be its last."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._inner = EmulatedTransport(world.wire, world.clock, "simulated://")  # type: ignore[arg-type]
        self.address = self._inner.address

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._world.exchange()
        self._inner.write(data)

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """A line."""
        self._world.exchange()
        return self._inner.read_until(terminator, timeout_s)

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """So many."""
        self._world.exchange()
        return self._inner.read_exactly(count, timeout_s)

    def read_until_quiet(self, quiet_s: float, timeout_s: float) -> bytes:
        """What comes until it is quiet."""
        self._world.exchange()
        return self._inner.read_until_quiet(quiet_s, timeout_s)

    def drain(self, quiet_s: float) -> bytes:
        """Whatever is on its way."""
        self._world.exchange()
        return self._inner.drain(quiet_s)

    def close(self) -> None:
        """Release it."""
        self._inner.close()


class CableScheme:
    """Opens the port of the host, where the cable is in."""

    simulated = False

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self.clock = world.clock

    def open(self, rest: str) -> Transport:
        """A port, if the cable is in."""
        if self._world.wire.cut():
            raise TransportClosed.of("nothing is plugged in", code="E502")
        return CablePort(self._world)

    def remarks(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()
