"""Requests from outside a run: pause, stop, off; and the ladder of Ctrl+C.

Once: finish this sample, then pause. Twice within ten seconds: stop, output off, journal closed.
Three times: output off and out. SIGTERM and SIGHUP (a closed terminal) stop.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType

LADDER_S = 10.0


class Request(IntEnum):
    """What somebody asked for; a higher request replaces a lower one."""

    NONE = 0
    PAUSE = 1
    STOP = 2
    OFF = 3


class Controls:
    """A run's mailbox: written by signal handlers, read by the engine after each reading."""

    def __init__(self) -> None:
        self.request = Request.NONE
        self.reason = ""
        self._last_interrupt_s = float("-inf")
        self._interrupts = 0
        self._over = False

    def ask(self, request: Request, reason: str) -> None:
        """Ask for a pause or a stop; a lower request never replaces a higher one."""
        if request > self.request:
            self.request = request
            self.reason = reason

    def taken(self) -> None:
        """The engine has acted on a pause."""
        if self.request is Request.PAUSE:
            self.request = Request.NONE

    def run_is_over(self) -> None:
        """The output is off and the journal closed: what is left to write cannot be stopped."""
        self._over = True

    def interrupt(self) -> None:
        """One press of Ctrl+C."""
        if self._over:
            return
        now_s = time.monotonic()
        within = now_s - self._last_interrupt_s <= LADDER_S
        self._interrupts = self._interrupts + 1 if within else 1
        self._last_interrupt_s = now_s
        request = Request(min(self._interrupts, Request.OFF))
        times = {Request.PAUSE: "once", Request.STOP: "twice", Request.OFF: "three times"}
        self.ask(request, f"Ctrl+C, {times[request]}")
        if request is Request.OFF:
            raise KeyboardInterrupt

    @contextmanager
    def listening(self) -> Iterator[Controls]:
        """Signal handlers of the process for the length of a run."""

        def on_interrupt(_signum: int, _frame: FrameType | None) -> None:
            self.interrupt()

        def on_end(signum: int, _frame: FrameType | None) -> None:
            self.ask(Request.STOP, f"signal {signal.Signals(signum).name}")

        handlers = {signal.SIGINT: on_interrupt, signal.SIGTERM: on_end}
        if hasattr(signal, "SIGHUP"):
            handlers[signal.SIGHUP] = on_end
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
