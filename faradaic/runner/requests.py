"""Requests from outside a run: from its signals, and from other terminals.

The ladder of Ctrl+C: once: finish this sample, then pause. Twice within ten seconds: stop, output
off, journal closed. Three times: output off and out. SIGTERM and SIGHUP (a closed terminal) stop.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from types import FrameType
from typing import Any

from faradaic.instruments.readings import OutputState
from faradaic.runner.modification import Modification
from faradaic.runner.operator import Answer, OperatorQuestion

LADDER_S = 10.0


class Request(IntEnum):
    """What somebody asked for; a higher request goes before a lower one."""

    NONE = 0
    RESUME = 1
    MODIFY = 2
    SKIP = 3
    PAUSE = 4
    STOP = 5
    OFF = 6


_HIGHEST_FIRST = tuple(sorted((r for r in Request if r), reverse=True))
_LADDER = (Request.PAUSE, Request.STOP, Request.OFF)


@dataclass(eq=False, slots=True)
class Asked:
    """One request, who made it, and what came of it."""

    request: Request
    reason: str
    """In words, with who it was: "stop, asked for by ana (faradaic stop, process 4711)"."""
    by: Mapping[str, Any] | None = None
    """User, process and program; None for a signal."""
    modification: Modification | None = None
    done: threading.Event = field(default_factory=threading.Event)
    refused: str = ""
    """Why nothing was done, once `done`."""
    output: OutputState | None = None
    """What the output read back, where the request turned it off."""

    def refuse(self, why: str) -> None:
        """Nothing will be done."""
        self.refused = why
        self.done.set()

    def acted(self, output: OutputState | None = None) -> None:
        """It has been done."""
        self.output = output
        self.done.set()


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person wants written down."""

    text: str
    by: Mapping[str, Any]


class Controls:
    """A run's mailbox: written by signal handlers and other threads, read by the engine.

    One place for each kind of request, so that none is lost to another that comes at the same
    moment; each is put and taken in one step of the interpreter.
    """

    def __init__(self) -> None:
        self._asked: dict[Request, Asked] = {}
        self._taken: list[Asked] = []
        self._notes: deque[Note] = deque(maxlen=1000)
        self.question: OperatorQuestion | None = None
        """What the run asks people."""
        self._answered: tuple[OperatorQuestion, Answer] | None = None
        self.output: OutputState | None = None
        """What it read back when it was last turned off; None before."""
        self.modified: list[tuple[str, Mapping[str, str]]] = []
        """By the id of its step, the keys that were modified, as written: oldest first."""
        self._last_interrupt_s = float("-inf")
        self._interrupts = 0
        self._over = False

    @property
    def asked(self) -> Asked | None:
        """Get the highest request that nobody has acted on."""
        return next((a for r in _HIGHEST_FIRST if (a := self._asked.get(r)) is not None), None)

    @property
    def request(self) -> Request:
        """Get what is asked for: a higher request goes before a lower one."""
        return Request.NONE if (asked := self.asked) is None else asked.request

    @property
    def reason(self) -> str:
        """Get why, of the highest request."""
        return "" if (asked := self.asked) is None else asked.reason

    def ask(self, request: Request, reason: str) -> None:
        """Ask for a pause or a stop; what was asked for already stays."""
        self.put(Asked(request, reason))

    def put(self, asked: Asked) -> Asked:
        """Put a request, or find the one of its kind that was there before it."""
        return self._asked.setdefault(asked.request, asked)

    def take(self, asked: Asked, *, until_off: bool = False) -> None:
        """The engine acts on a request; it is done `until_off` with the next off."""
        self._asked.pop(asked.request, None)
        if until_off:
            self._taken.append(asked)

    def taken(self) -> None:
        """The engine has acted on a pause."""
        self._asked.pop(Request.PAUSE, None)

    def output_is_off(self, output: OutputState) -> None:
        """The output was commanded off: what had been asked for has been done.

        A stop that stands is done with every off: it stays, so that nothing is begun again.
        """
        self.output = output
        taken, self._taken = self._taken, []
        standing = [self._asked.get(r) for r in (Request.STOP, Request.OFF)]
        for asked in (*taken, *(a for a in standing if a is not None)):
            asked.acted(output)

    def note(self, note: Note) -> None:
        """Something to be written into the journal."""
        self._notes.append(note)

    def notes(self) -> Iterator[Note]:
        """The notes since they were last asked for."""
        while self._notes:
            yield self._notes.popleft()

    def asks(self, question: OperatorQuestion | None) -> None:
        """The engine asks people; None once that is answered."""
        self.question, self._answered = question, None

    def answer(self, typed: str, by: str, asked: str | None = None) -> str:
        """Answer the question that stands; why that cannot be, or empty.

        `asked` is the question as the person saw it, which may have been answered since.
        """
        question = self.question
        if question is None:
            return "it asks nothing"
        if asked is not None and asked != question.text:
            return f"it asks something else by now: {question.text}"
        choice = question.choice(typed)
        if choice is None:
            choices = " / ".join(question.choices)
            return f"`{typed}` is none of the choices ({choices}): {question.text}"
        if self._answered is not None and self._answered[0] is question:
            return f"it was just answered by {self._answered[1].by}"
        self._answered = question, Answer(choice, by)
        return ""

    def answered(self) -> Answer | None:
        """What somebody answered from elsewhere to the question that stands, given out once."""
        answered = self._answered
        if answered is None or answered[0] is not self.question:
            return None
        self.asks(None)
        return answered[1]

    def run_is_over(self) -> None:
        """The output goes off for good, and what is left to be written: none of it is stopped."""
        self._over = True

    def interrupt(self) -> None:
        """One press of Ctrl+C."""
        if self._over:
            return
        now_s = time.monotonic()
        within = now_s - self._last_interrupt_s <= LADDER_S
        self._interrupts = self._interrupts + 1 if within else 1
        self._last_interrupt_s = now_s
        request = _LADDER[min(self._interrupts, len(_LADDER)) - 1]
        times = ("once", "twice", "three times")[_LADDER.index(request)]
        self.ask(request, f"Ctrl+C, {times}")
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
