"""Lines of TSP out and answers in, each behind a mark and given twice.

A question has a mark, the values and the values again printed: an answer that came late or twice
carries an older mark, one that was damaged is not the same twice.
"""

from __future__ import annotations

from faradaic.instruments.retries import Retries
from faradaic.instruments.transports import DamagedReply, Transport, TransportTimeout

PRINT = "print"
ANSWER_S = 0.5
QUIET_S = 0.05
ATTEMPTS = 4
_STALE_LINES_MAX = 50


class TspChannel:
    """A channel that stays in step, over any transport."""

    def __init__(self, transport: Transport, retries: Retries) -> None:
        self.transport = transport
        self.suspect = True
        self._retries = retries
        self._mark = 0

    def write(self, line: str) -> None:
        """Send a line that has no answer. Raises `TransportClosed`."""
        self.transport.write(line.encode("ascii") + b"\n")

    def ask(
        self, *values: str, first: str = "", timeout_s: float = ANSWER_S, attempts: int = ATTEMPTS
    ) -> list[str]:
        """The values of expressions, after a statement has been run.

        Raises `TransportTimeout`, `DamagedReply` after that many attempts.
        """
        for attempt in range(1, attempts + 1):
            if self.suspect:
                self.resynchronise()  # where it does not answer even that, asking again is no use
            try:
                return self._asked(values, first, timeout_s)
            except (TransportTimeout, DamagedReply):
                self.suspect = True
                if attempt == attempts:
                    raise
                self._retries.add(values[0])
        raise AssertionError

    def _asked(self, values: tuple[str, ...], first: str, timeout_s: float) -> list[str]:
        self._mark = self._mark % 9999 + 1
        mark, told = f"m{self._mark}", ", ".join(values)
        self.write(f'{first} {PRINT}("{mark}", {told}, {told})'.strip())
        for _ in range(_STALE_LINES_MAX):
            line = self._line(timeout_s)
            found, *fields = line.split("\t")
            if found == mark:
                half = len(values)
                if len(fields) == 2 * half and fields[:half] == fields[half:]:
                    return fields[:half]
                break
            if not (found[:1] == "m" and found[1:].isdecimal()):
                break
        raise DamagedReply.of(f"`{line[:80]}` is not the answer to `{told[:60]}`")

    def resynchronise(self) -> None:
        """Discard what is on its way until a mark just set came back. Raises `TransportTimeout`."""
        self.suspect = True
        for attempt in range(1, ATTEMPTS + 1):
            self.transport.drain(QUIET_S)
            self._mark = self._mark % 9999 + 1
            self.write(f'{PRINT}("m{self._mark}")')
            try:
                for _ in range(_STALE_LINES_MAX):
                    if self._line(ANSWER_S) == f"m{self._mark}":
                        self.suspect = False
                        return
            except TransportTimeout:
                if attempt == ATTEMPTS:
                    raise
            self._retries.add(PRINT)
        raise TransportTimeout.of(
            f"{self.transport.address} answers, but not to what it is asked",
            help="does another program talk to the same instrument? if not, switch it off "
            "and on again",
            code="E501",
        )

    def _line(self, timeout_s: float) -> str:
        return self.transport.read_until(b"\n", timeout_s).decode("latin-1").strip("\r\n ")
