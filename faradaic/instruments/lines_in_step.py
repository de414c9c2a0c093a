"""A question and its answer, line by line, with an instrument whose answers carry no mark.

After an answer that was lost or damaged the identity is asked for until it comes: answers come in
their order, so that nothing older is on its way then. What counts is asked twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from faradaic.instruments.clock import Clock, WallClock
from faradaic.instruments.retries import Retries
from faradaic.instruments.transports import (
    DamagedReply,
    LinkError,
    Transport,
    TransportTimeout,
)

ANSWER_S = 1.0
QUIET_S = 0.1
ATTEMPTS = 4
STALE_LINES_MAX = 50

T = TypeVar("T")


class NothingAnswers(TransportTimeout):
    """It does not even say who it is: asking again is of no use."""


class LinesInStep:
    """A channel to one instrument, over any transport."""

    def __init__(
        self,
        transport: Transport,
        retries: Retries,
        who: str,
        *,
        gap_s: float = 0.0,
        clock: Callable[[], Clock] = WallClock,
    ) -> None:
        """`who` asks for its identity; `gap_s` is how long it wants to be left alone after each
        line, by the `clock` of the moment."""
        self.transport = transport
        self.retries = retries
        self.suspect = True
        self._who = who
        self._identity = ""
        self._gap_s = gap_s
        self._clock = clock
        self._quiet_until_s = -math.inf

    def ready(self) -> None:
        """Wait until it may be spoken to."""
        if self._gap_s:
            self._clock().sleep_until(self._quiet_until_s)

    def write(self, command: str) -> None:
        """Send a line. Raises `TransportClosed`."""
        self.ready()
        self.transport.write(command.encode("ascii") + b"\n")
        self._leave_alone()

    def ask(self, question: str, timeout_s: float = ANSWER_S) -> str:
        """Ask once. Raises `TransportTimeout`, `DamagedReply`; the channel is suspect then."""
        if self.suspect:
            self.resynchronise()
        self.write(question)
        return self.line(timeout_s)

    def ask_all(self, questions: Sequence[str], timeout_s: float = ANSWER_S) -> list[str]:
        """The answers to several questions, in step: its identity, asked for last, comes last.

        Where one came twice or not at all, something else comes. Raises as `ask` does.
        """
        told = [self.ask(question, timeout_s) for question in questions]
        if (last := self.ask(self._who, timeout_s)) != self._identity:
            self.suspect = True
            raise DamagedReply.of(f"`{last[:80]}` came where it says who it is")
        return told

    def line(self, timeout_s: float = ANSWER_S) -> str:
        """A line that is due. Raises as `ask` does."""
        try:
            line = self.transport.read_until(b"\n", timeout_s)
            self._leave_alone()
            return line.decode("ascii").strip()
        except LinkError:
            self.suspect = True
            raise
        except UnicodeDecodeError:
            self.suspect = True
            raise DamagedReply.of("what came is no text") from None

    def surely(self, question: str, read: Callable[[str], T], *, who_last: bool = True) -> T:
        """The meaning of an answer that was given twice; asked again where it was not.

        Without `who_last` its identity does not close it, which takes an answer's time.
        """

        def twice() -> T:
            asked = (question, question)
            told = self.ask_all(asked) if who_last else map(self.ask, asked)
            first, again = map(read, told)
            if first != again:
                raise DamagedReply.of(f"no two answers to `{question}` are the same")
            return first

        return self.until_heard(question, twice)

    def until_heard(self, question: str, ask: Callable[[], T]) -> T:
        """What asking gives, done again where an answer was lost or damaged, a few times."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return ask()
            except (TransportTimeout, DamagedReply) as error:
                self.suspect = True
                if attempt == ATTEMPTS or isinstance(error, NothingAnswers):
                    raise
                self.retries.add(question)
        raise AssertionError

    def identified(self) -> str:
        """What it answers to the question who it is, twice in a row; the channel is in step."""
        heard: list[str] = []
        for attempt in range(1, ATTEMPTS + 1):
            self.transport.drain(QUIET_S)
            self.write(self._who)
            try:
                answer = self.line()
            except (TransportTimeout, DamagedReply):
                if attempt == ATTEMPTS:
                    raise
                continue
            if answer in heard:
                self._identity = answer
                self.resynchronise()
                return answer
            heard.append(answer)
        raise DamagedReply.of(f"no two answers to `{self._who}` are the same: {heard!r:.200}")

    def resynchronise(self) -> None:
        """Ask who it is until it says so: what came before was older. Raises `NothingAnswers`.

        One that repeats itself is waited for until it is quiet.
        """
        self.suspect = True
        for attempt in range(1, ATTEMPTS + 1):
            self.transport.drain(QUIET_S)
            self.write(self._who)
            try:
                for _ in range(STALE_LINES_MAX):
                    line = self.transport.read_until(b"\n", ANSWER_S)
                    if line.decode("latin-1").strip() == self._identity:
                        self.transport.drain(0.0)
                        self._leave_alone()
                        self.suspect = False
                        return
            except TransportTimeout as silence:
                if attempt == ATTEMPTS:
                    raise NothingAnswers(*silence.diagnostics) from None
                self.retries.add(self._who)
        raise NothingAnswers.of(
            f"{self.transport.address} answers, but not to what it is asked",
            help="does another program talk to the same instrument? if not, switch it off and on"
            " again",
            code="E501",
        )

    def _leave_alone(self) -> None:
        if self._gap_s:
            self._quiet_until_s = self._clock().monotonic_s() + self._gap_s
