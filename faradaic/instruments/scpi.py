"""SCPI from the controller's side: numbers, identities, errors, and a channel that stays in step.

After a timeout a late answer can be taken for the answer to the next question, and every value
after it is then another quantity's. A channel here is *suspect* from a timeout on, and gives no
value before it has found its place in the stream again.
"""

from __future__ import annotations

import re
from typing import Any

from faradaic.instruments.readings import Identity
from faradaic.instruments.retries import Retries
from faradaic.instruments.transports import DamagedReply, Transport, TransportTimeout

NOT_A_NUMBER = 9.91e37
OVERFLOW = 9.9e37
"""SCPI-99, volume 1, section 7.2.1.5: infinity is 9.9E37, not-a-number 9.91E37."""

_LARGEST = OVERFLOW * (1 - 1e-6)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?(E[+-]?[0-9]+)?", re.ASCII | re.IGNORECASE)

QUERY_TIMEOUT_S = 0.5
"""Time allowed for an answer: instruments give those that need no measurement in milliseconds."""
QUIET_S = 0.05
ATTEMPTS = 4
"""How often something is asked before the channel is taken as unusable."""
_STALE_LINES_MAX = 50
_ERRORS_MAX = 200


class ScpiReplyError(DamagedReply):
    """An answer that is not of the form its question asks for."""


def number(text: str) -> float:
    """A number on the wire; infinity for 9.9E37, NaN for 9.91E37. Raises `ScpiReplyError`.

    Answers have digits before the point (IEEE 488.2, numeric response data): one that begins with
    the point has lost some.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise ScpiReplyError.of(f"`{text[:60]}` came where a number was expected", code="E517")
    value = float(text)
    if -_LARGEST < value < _LARGEST:
        return value
    if abs(value) < NOT_A_NUMBER * (1 - 1e-6):
        return float("inf") if value > 0 else float("-inf")
    return float("nan")


def identity(reply: str) -> Identity:
    """The four fields of `*IDN?`. Raises `ScpiReplyError`."""
    fields = [field.strip() for field in reply.split(",")]
    if len(fields) != 4 or not all(fields):
        raise ScpiReplyError.of(
            f"`{reply[:80]}` is not an identification (maker, model, serial, firmware)",
            help="is this the address of the instrument that the bench file names?",
            code="E517",
        )
    return Identity(*fields)


def error(reply: str) -> tuple[int, str]:
    """One entry of the error queue: code and text, 0 when it is empty. Raises `ScpiReplyError`.

    Instruments append details of their own to the text, after a semicolon; they are kept.
    """
    code, comma, text = reply.partition(",")
    if not comma or not code.strip().lstrip("+-").isdecimal():
        raise ScpiReplyError.of(
            f"`{reply[:60]}` came where an error queue entry was expected", code="E517"
        )
    return int(code), text.strip().strip('"')


class ScpiChannel:
    """Commands out and answers in, over any transport."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.suspect = False
        """Whether a timeout may have left an answer on its way."""
        self.marked = False
        """Whether answers say which query they belong to.

        A query is then sent as `*ESE n;*ESE?;<query>` with a new n each time, and the answer is
        `n;<answer>`: one that comes late or twice carries an older mark and is passed over.
        (Discarding what is buffered before each query would miss an answer that arrives after the
        query was sent, and says nothing about which answer it was.) The mark is a register that
        nobody uses here; it costs no further exchange and a dozen bytes."""
        self._mark = 0
        self.retries = Retries()

    def write(self, command: str) -> None:
        """Send a command that has no answer. Raises `TransportClosed`."""
        self.transport.write(command.encode("ascii") + b"\n")

    def query(
        self, command: str, timeout_s: float = QUERY_TIMEOUT_S, attempts: int = ATTEMPTS
    ) -> str:
        """Ask, and return the answer without its line end.

        Asked again after an answer that was lost or damaged, on a channel that was brought into
        step. Raises `TransportTimeout` and, for a line that is no answer to any marked query,
        `ScpiReplyError`, which leave the channel suspect; or `TransportClosed`.
        """
        while True:
            if self.suspect:
                self.resynchronise()
            attempts -= 1
            try:
                return self._query(command, timeout_s)
            except (TransportTimeout, ScpiReplyError):
                if attempts <= 0:
                    raise
                self.suspect = True
                self.retries.add(command)

    def query_surely(self, command: str) -> str:
        """The answer that was given twice: in an answer that is only text nothing shows damage."""
        heard: list[str] = []
        while len(heard) < ATTEMPTS:
            answer = self.query(command)
            if answer in heard:
                return answer
            if heard:
                self.retries.add(command)
            heard.append(answer)
        raise ScpiReplyError.of(f"no two answers to `{command}` are the same: {heard!r}")

    def query_doubled(self, command: str, again: str = "", **how: Any) -> str:
        """The answer to a command that is sent twice in one message, or `again` the second time.

        One damaged line is not the same twice. Raises as `query` does.
        """
        for attempt in range(ATTEMPTS):
            line = self.query(f"{command};{again or command}", **how)
            parts = line.split(";")
            half = len(parts) // 2
            if all(parts) and len(parts) == 2 * half and parts[:half] == parts[half:]:
                return ";".join(parts[:half])
            self.suspect = True
            if how.get("attempts") == 1 or attempt == ATTEMPTS - 1:
                break
            self.retries.add(command)
        raise ScpiReplyError.of(f"`{line[:80]}` does not say the same twice")

    def _query(self, command: str, timeout_s: float) -> str:
        if not self.marked:
            self.write(command)
            return self._line(timeout_s)
        self._mark = self._mark % 255 + 1
        mark = str(self._mark)
        self.write(f"*ESE {mark};*ESE?;{command}")
        for _ in range(_STALE_LINES_MAX):
            line = self._line(timeout_s)
            found, semicolon, answer = line.partition(";")
            if found == mark and answer:
                return answer
            # An earlier answer, or the bare mark of an earlier resynchronisation.
            earlier = found != mark and found.isascii() and found.isdecimal()
            if not earlier or (semicolon and not answer):
                break
        self.suspect = True
        raise ScpiReplyError.of(f"`{line[:80]}` is not the answer to `{command}`")

    def resynchronise(self) -> None:
        """Discard what is on its way until the instrument has answered with a mark just set.

        The mark is written into a register nobody uses here (`*ESE`) and asked back, so that it
        can be told from every late answer. Raises `TransportTimeout` or `TransportClosed`.
        """
        self.suspect = True
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._resynchronise()
            except TransportTimeout:
                if attempt == ATTEMPTS:
                    raise
                self.retries.add("*ESE?")
            else:
                return

    def _resynchronise(self) -> None:
        self.transport.drain(QUIET_S)
        self._mark = self._mark % 255 + 1
        self.write(f"*ESE {self._mark};*ESE?")
        for _ in range(_STALE_LINES_MAX):
            if self._line(QUERY_TIMEOUT_S) == str(self._mark):
                self.write("*ESE 0")
                self.suspect = False
                return
        raise TransportTimeout.of(
            f"{self.transport.address} answers, but not to what it is asked",
            help="does another program talk to the same instrument? if not, switch it off "
            "and on again",
            code="E501",
        )

    def errors(self) -> list[tuple[int, str]]:
        """Empty the error queue: (code, text), oldest first.

        How many there are can be asked twice; an entry is gone from the queue with its answer.
        """
        found: list[tuple[int, str]] = []
        while len(found) < _ERRORS_MAX and number(self.query_doubled(":SYST:ERR:COUN?")) > 0:
            try:
                found.append(error(self.query(":SYST:ERR?", attempts=1)))
            except (TransportTimeout, ScpiReplyError):
                found.append((-1, "an error whose text was lost on the way"))
        return [entry for entry in found if entry[0] != 0]

    def _line(self, timeout_s: float) -> str:
        try:
            line = self.transport.read_until(b"\n", timeout_s)
        except TransportTimeout:
            self.suspect = True
            raise
        return line.decode("latin-1").strip()
