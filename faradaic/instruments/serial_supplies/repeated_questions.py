"""What drivers of supplies repeat on a line that loses and damages answers."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import TypeVar

from faradaic.instruments.polled_source import PolledSource
from faradaic.instruments.transports import DamagedReply, TransportTimeout

T = TypeVar("T")

QUESTION_ATTEMPTS = 5
"""Only what changes nothing is a question."""


class AskedSupply(PolledSource, ABC):
    """A supply that is asked again where its answer was lost or damaged."""

    DOUBTS_JUMPS = True

    def surely(self, what: str, ask: Callable[[], T]) -> T:
        """The answer to a question. Raises `LinkError` where it stays away."""
        for left in reversed(range(QUESTION_ATTEMPTS)):
            try:
                return ask()
            except (TransportTimeout, DamagedReply):
                if not left:
                    raise
                self.retries.add(what)
                self._resynchronise()
        raise AssertionError("unreachable")

    def told(self, tell: Callable[[], None]) -> None:
        """Give a command whose answer may be lost: whether it was obeyed is asked next."""
        try:
            tell()
        except (TransportTimeout, DamagedReply):
            self._resynchronise()

    def read_back(
        self, command: str, tell: Callable[[], None], ask: Callable[[], str | None]
    ) -> None:
        """A setting and what it reads back as; see `PolledSource.settle`."""
        self.settle(command, lambda: self.told(tell), lambda: self.surely(command, ask))
