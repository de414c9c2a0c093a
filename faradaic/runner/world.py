"""Everything that a run takes from outside: the one object through which it reaches it.

`session` makes that of a bench and a person; `tests/simulation` one in which every call may go
wrong. Nothing of it is passed to a run beside it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from faradaic.instruments.clock import Clock, WallClock
from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter
from faradaic.runner.host import DeviceHost
from faradaic.runner.logbook import JournalSink
from faradaic.runner.operator import DefaultOperator, Operator
from faradaic.runner.progress import RunProgress
from faradaic.runner.requests import Controls


def _unheld(_folder: RunFolder, _simulated: bool) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class World:
    """Clock, disk, entropy, people, signals and transports of one run."""

    host: DeviceHost
    """The transports: the ports of the bench, and the clock that its instruments go by."""
    operator: Operator = field(default_factory=DefaultOperator)
    """Who answers questions."""
    controls: Controls = field(default_factory=Controls)
    """What signals and other terminals ask for."""
    people: Clock = field(default_factory=WallClock)
    """The clock by which people are waited for; a rehearsal's own stands still meanwhile."""
    observe: Callable[[RunProgress], None] | None = None
    """Told where the run is."""
    seed: int = 0
    """Of what is drawn by chance, where the bench is simulated."""
    token: Callable[[int], str] = secrets.token_urlsafe
    """A secret that nobody can guess, of so many bytes."""
    journal: Callable[[Path], AbstractContextManager[JournalSink]] = JournalWriter
    """The disk: opens the journal of a run at a path."""
    held: Callable[[RunFolder, bool], AbstractContextManager[None]] = _unheld
    """The run has a folder, and is simulated or not: whoever holds and hears it is told."""

    @property
    def clock(self) -> Clock:
        """Get the clock of the bench."""
        return self.host.clock
