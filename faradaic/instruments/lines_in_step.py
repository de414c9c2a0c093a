"""A question and its answer, line by line, with an instrument whose answers carry no mark.

After an answer that was lost or damaged the identity is asked for until it comes: answers come in
their order, so that nothing older is on its way then. What counts is asked twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

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

    def __init__(self, transport: Transport, retries: Retries, who: str) -> None:
        """`who` asks for its identity."""
        self.transport = transport
        self.retries = retries
        self.suspect = True
        self._who = who
        self._identity = ""

    def write(self, command: str) -> None:
        """Send a line. Raises `TransportClosed`."""
        self.transport.write(command.encode("ascii") + b"\n")

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
            return self.transport.read_until(b"\n", timeout_s).decode("ascii").strip()
        except LinkError:
            self.suspect = True
            raise
        except UnicodeDecodeError:
            self.suspect = True
            raise DamagedReply.of("what came is no text") from None

    def surely(self, question: str, read: Callable[[str], T]) -> T:
        """The meaning of an answer that was given twice; asked again where it was not."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                first, again = (read(told) for told in self.ask_all((question, question)))
                if first == again:
                    return first
                raise DamagedReply.of(f"no two answers to `{question}` are the same")
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
