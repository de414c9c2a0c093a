"""The conversation with one instrument: resynchronise, ask, run a script, abort.

The instrument answers with the first character of a command, then the payload. A script's output
ends with an empty line; after a runtime error that line may be missing and `on_finished:` does not
run. Source: PalmSens, MethodSCRIPT_Examples bd1a44a, `instrument.py` and README of Python and C.
"""

from __future__ import annotations

from faradaic.instruments.clock import Clock
from faradaic.instruments.palmsens.errors import (
    ErrorReply,
    ScriptError,
    parse_error,
    script_error,
    suspect,
)
from faradaic.instruments.retries import Retries
from faradaic.instruments.transports import Transport, TransportTimeout

ANSWER_S = 0.5
"""Time allowed for the answer to a command, which comes within milliseconds."""

ABORT_S = 1.0
"""Time allowed for a script to end after `Z`: `on_finished:` takes no time."""

ATTEMPTS = 5
"""How often something is asked or told before the channel is taken as unusable."""

RENEWED, NOT_TAKEN = "Y", "Y!0006"
"""The answers to a renewal: in a measurement loop, and elsewhere."""

AFTER_ERROR_S = 0.1
"""The instrument needs a pause of 50 ms or more after it reported an error."""

QUIET_S = 0.05

_FLOW_CONTROL = b"\x11\x13"


class Link:
    """Lines to and from one instrument."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._script = ""
        self._unechoed = False
        self._unanswered = 0
        """Renewals that may still be answered."""
        self.retries = Retries()

    def read_line(self, timeout_s: float) -> str:
        """The next line without its line feed; XON and XOFF are dropped, other bytes kept."""
        raw = self.transport.read_until(b"\n", timeout_s)
        return raw[:-1].translate(None, _FLOW_CONTROL).decode("ascii", errors="replace")

    def resync(self, clock: Clock) -> tuple[list[str], float | None]:
        """Bring the instrument to idle, whatever it was doing. Raises `TransportTimeout`.

        Returns the lines that it still had to say, and when its script was over if it had to be
        ended.
        """
        said: list[str] = []
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return said, self._to_idle(said, clock)
            except TransportTimeout:
                if attempt == ATTEMPTS:
                    raise
                self.retries.add("Z")
        raise AssertionError

    def _to_idle(self, said: list[str], clock: Clock) -> float | None:
        self._write("\n")
        self._write("Z\n")
        deadline_s = clock.monotonic_s() + ABORT_S
        over_s = None
        while not (line := self._line_before(deadline_s, clock)).startswith("Z"):
            said.append(line)
        if parse_error(line) is None:
            over_s = self.drain_script(deadline_s, clock)
        else:
            self._pause(clock)
        self.transport.drain(QUIET_S)
        self._unanswered = 0
        return over_s

    def ask_surely(self, command: str, clock: Clock, lines: int = 1) -> list[str]:
        """The lines of an answer that was given twice: by nothing else would damage show.

        Raises `ScriptError`, or what came instead of an answer.
        """
        heard: list[object] = []
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                answer = [self.ask(command, clock)]
                answer += [self.read_line(ANSWER_S) for _ in range(lines - 1)]
            except ScriptError as error:
                if last or error.reply in heard:
                    raise
                heard.append(error.reply)
                continue
            except TransportTimeout:
                if last:
                    raise
                self.transport.drain(QUIET_S)
                self.retries.add(command)
                continue
            if answer in heard:
                return answer
            heard.append(answer)
        raise suspect(f"no two answers to `{command}` are the same: {heard!r}")

    def ask(self, command: str, clock: Clock) -> str:
        """The first line of an answer, without the echo. Raises `ScriptError`."""
        self._write(command + "\n")
        line = self.read_line(ANSWER_S)
        reply = parse_error(line)
        if reply is not None:
            self._pause(clock)
            raise script_error(reply, command)
        if not line.startswith(command[0]):
            raise TransportTimeout.of(
                f"{self.transport.address} answered {line[:40]!r} to `{command}`",
                help="another instrument or another program uses this port, or bytes were "
                "lost: connect again",
                code="E501",
            )
        return line[1:]

    def start(self, script: str) -> None:
        """Send a script and have it run; its output follows."""
        self._script = script
        self._unechoed = True
        self._unanswered = 0
        self._write(f"e\n{script}\n")

    def renew(self) -> None:
        """Have the running measurement loop end and the script go on."""
        self._unanswered += 1
        self._write("Y\n")

    def end_of_output(self) -> None:
        """Pass over what may still be said to renewals that came too late for a script."""
        if self._unanswered:
            self.transport.drain(QUIET_S)
            self._unanswered = 0

    def output_line(self, timeout_s: float, clock: Clock) -> str:
        """The next line of a script's output; empty when the script has ended.

        Raises `ScriptError` when it is an error, or `TransportTimeout`.
        """
        line = self.read_line(timeout_s)
        if self._unechoed:
            self._unechoed = False
            # The echo stands alone on a line or before the first output: both are documented.
            if line.startswith("e") and not (line := line[1:]):
                line = self.read_line(timeout_s)
        if self._unanswered and line in (RENEWED, NOT_TAKEN):
            self._unanswered -= 1
        elif "!" in line:
            reply = parse_error(line)
            if reply is not None and self._unanswered and reply.code == NOT_TAKEN[-4:]:
                self._unanswered -= 1
                return NOT_TAKEN  # with its first letter damaged
            if reply is not None:
                self._after_error(reply, clock)
        return line

    def abort(self, clock: Clock) -> float | None:
        """End the running script and drain its output; see `drain_script`."""
        self._write("Z\n")
        deadline_s = clock.monotonic_s() + ABORT_S
        over_s = self.drain_script(deadline_s, clock)
        # The script may have ended by itself just before: then `Z!0006` is still to come.
        self.transport.drain(QUIET_S)
        return over_s

    def drain_script(self, deadline_s: float, clock: Clock) -> float | None:
        """Discard a script's output up to its empty line, and say when that came.

        None when an error ended the script: what it leaves on stays on.
        """
        while line := self._line_before(deadline_s, clock):
            if parse_error(line) is not None:
                self._pause(clock)
                return None
        return clock.monotonic_s()

    def _after_error(self, reply: ErrorReply, clock: Clock) -> None:
        self._pause(clock)
        self.transport.drain(QUIET_S)
        raise script_error(reply, self._script)

    def _line_before(self, deadline_s: float, clock: Clock) -> str:
        return self.read_line(max(0.0, deadline_s - clock.monotonic_s()))

    def _write(self, text: str) -> None:
        self.transport.write(text.encode("ascii"))

    @staticmethod
    def _pause(clock: Clock) -> None:
        clock.sleep_until(clock.monotonic_s() + AFTER_ERROR_S)
