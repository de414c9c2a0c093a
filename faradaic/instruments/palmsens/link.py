"""The conversation with one instrument: resynchronise, ask, run a script, abort.

The instrument answers with the first character of a command, then the payload. A script's output
ends with an empty line; after a runtime error that line may be missing and `on_finished:` does not
run. Source: PalmSens, MethodSCRIPT_Examples bd1a44a, `instrument.py` and README of Python and C.
"""

from __future__ import annotations

from faradaic.instruments.clock import Clock
from faradaic.instruments.palmsens.errors import ErrorReply, parse_error, script_error
from faradaic.instruments.transports import Transport, TransportTimeout

ANSWER_S = 2.0
"""Time allowed for the answer to a command."""

ABORT_S = 5.0
"""Time allowed for a script to end after `Z`."""

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

    def read_line(self, timeout_s: float) -> str:
        """The next line without its line feed; XON and XOFF are dropped, other bytes kept."""
        raw = self.transport.read_until(b"\n", timeout_s)
        return raw[:-1].translate(None, _FLOW_CONTROL).decode("ascii", errors="replace")

    def resync(self, clock: Clock) -> tuple[list[str], float | None]:
        """Bring the instrument to idle, whatever it was doing. Raises `TransportTimeout`.

        Returns the lines that it still had to say, and when its script was over if it had to be
        ended.
        """
        self._write("\n")
        self._write("Z\n")
        deadline_s = clock.monotonic_s() + ABORT_S
        said, over_s = [], None
        while not (line := self._line_before(deadline_s, clock)).startswith("Z"):
            said.append(line)
        if parse_error(line) is None:
            over_s = self.drain_script(deadline_s, clock)
        else:
            self._pause(clock)
        self.transport.drain(QUIET_S)
        return said, over_s

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
        self._write(f"e\n{script}\n")

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
        if "!" in line:
            reply = parse_error(line)
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
