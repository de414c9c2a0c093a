"""What a simulated world hands to a run beside its bench: a clock, an operator, a journal."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from faradaic.records.journal import JournalWriter
from faradaic.runner.operator import Answer, OperatorQuestion

if TYPE_CHECKING:
    from .disks import DrawnDisk
    from .world import SimulatedWorld

SYNCED_S = 0.1
"""What is older than this has been through fsync."""


class ProgramClock:
    """The clock as the program sees it."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world

    def monotonic_s(self) -> float:
        """The time."""
        return self._world.now_s

    def utc(self) -> datetime:
        """The date."""
        return self._world.clock.utc()

    def sleep_until(self, time_s: float) -> None:
        """Sleep."""
        self._world.call()
        self._world.clock.sleep_until(time_s)


class SimulatedOperator:
    """Somebody who answers at once, whatever comes to mind."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._question: OperatorQuestion | None = None

    def ask(self, question: OperatorQuestion) -> None:
        """Take a question."""
        self._world.call()
        self._question = question

    def answer(self) -> Answer | None:
        """Answer it."""
        self._world.call()
        question, self._question = self._question, None
        if question is None:
            return None
        return Answer(self._world.chance.choice(question.choices), by="operator")

    def withdraw(self) -> None:
        """The question is gone."""
        self._question = None


class WorldJournal:
    """The journal on a disk that fills up (a `JournalSink`)."""

    def __init__(self, writer: JournalWriter, world: SimulatedWorld, calls: DrawnDisk) -> None:
        self._writer = writer
        self._calls = calls
        self._world = world
        self._written: list[float] = []
        """When each record was."""
        self._durable = -1

    def write(
        self, kind: str, time_s: float, fields: Mapping[str, Any], *, durable: bool = False
    ) -> int:
        """An event."""
        self._world.written()
        seq = self._writer.write(kind, time_s, fields, durable=durable)
        self._calls.wait_for(seq + 1, self._writer._thread)
        self._written += [self._world.now_s] * (seq + 1 - len(self._written))
        if durable:
            self._durable = seq
        return seq

    def sample(self, time_s: float, values: tuple[float | int | None, ...]) -> int:
        """A sample."""
        self._world.written()
        seq = self._writer.sample(time_s, values)
        self._calls.wait_for(seq + 1, self._writer._thread)
        self._written += [self._world.now_s] * (seq + 1 - len(self._written))
        return seq

    def acknowledged(self, died_s: float) -> int:
        """The last record that a disk must still have."""
        synced = bisect_right(self._written, died_s - SYNCED_S) - 1
        found = max(self._durable, synced)
        return found if self._writer.failure is None else min(found, self._writer.durable_seq)
