"""Faults between an instrument and its controller: silence, delay, damage."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from faradaic.instruments.transports import TransportClosed
from faradaic.simulators.answer_queue import AnswerQueue
from faradaic.simulators.contracts import Emulator
from faradaic.simulators.faults.begun_faults import FaultClock
from faradaic.simulators.faults.fault_text import Fault

SAME_ANSWER_S = 0.02
"""Bytes of one answer follow each other within this: ten characters at 4800 baud."""


class FaultyWire:
    """An emulator behind a bad connection (an `Emulator`); works on whole answers it sends."""

    def __init__(
        self, emulator: Emulator, faults: Sequence[Fault], progress: FaultClock, seed: int
    ) -> None:
        self.inner = emulator
        self.model = emulator.model
        self._faults = tuple(faults)
        self._progress = progress
        self._random = random.Random(seed)
        self._partial = b""
        self._queue = AnswerQueue()
        self._held: bytes | None = None

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes; raises `TransportClosed` while the connector is pulled."""
        active = self._active(now_s)
        if "mute" not in active:
            self.inner.receive(data, now_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that arrived since the last call; raises `TransportClosed` when unplugged."""
        active = self._active(now_s)
        arrived, self._partial = self._partial + self.inner.transmit(now_s), b""
        if not active and not self._queue:
            return arrived
        for line in self._answers(arrived, now_s):
            for passed in self._passed(line, active):
                by_s = active["delay"].values["by"] if "delay" in active else 0.0
                self._queue.add(now_s + by_s, passed)
        return self._queue.left_by(now_s)

    def next_event_s(self) -> float | None:
        """When there will next be something to transmit, or to lose."""
        inner_s = self.inner.next_event_s()
        due_s = self._queue.next_s()
        times = [math.inf if due_s is None else due_s]
        times.append(math.inf if inner_s is None else inner_s)
        return min(times) if min(times) < math.inf else None

    def _answers(self, arrived: bytes, now_s: float) -> list[bytes]:
        """Its lines; and what ends without one, where nothing follows it: registers, and words
        of instruments that end none."""
        *lines, rest = arrived.split(b"\n")
        found = [line + b"\n" for line in lines]
        next_s = self.inner.next_event_s()
        if rest and (next_s is None or next_s > now_s + SAME_ANSWER_S):
            return [*found, rest]
        self._partial = rest
        return found

    def _passed(self, line: bytes, active: dict[str, Fault]) -> list[bytes]:
        """What comes of one line: nothing, itself, something else, or two."""
        if "mute" in active or self._happens("drop", active):
            return []
        if "stale" in active:
            if self._held is None:
                self._held = line
                return []
            line, self._held = self._held, line
        else:
            self._held = None
        if self._happens("garble", active) and len(line) > 1:
            at = self._random.randrange(len(line) - 1)
            other = self._random.choice([c for c in b"#?~x" if c != line[at]])
            line = line[:at] + bytes([other]) + line[at + 1 :]
        if self._happens("truncate", active):
            line = line[: len(line) // 2] + line[-1:] * line.endswith(b"\n")
        return [line, line] if self._happens("duplicate", active) else [line]

    def _happens(self, name: str, active: dict[str, Fault]) -> bool:
        return name in active and self._random.random() < active[name].values["probability"]

    def _active(self, now_s: float) -> dict[str, Fault]:
        active = {
            fault.name: fault
            for fault in self._faults
            if self._progress.active(fault, now_s) is not None
        }
        if "unplug" in active:
            raise TransportClosed.of(
                f"the connection to {self.model} is gone: unplugged",
                help="check the cable and the power of the instrument; its output state is "
                "unknown until it has been read again",
                code="E502",
            )
        return active
