"""The device host of a real bench, as the engine sees it: a process that holds the port.

See `faradaic.runner.host_child`. When that process itself dies, or says nothing for too long, it is
ended, and another takes its place to turn the output off and read it back.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from faradaic.diagnostics import DeviceError, Diagnostic, FaradaicError
from faradaic.instruments.clock import Clock, WallClock
from faradaic.instruments.readings import EndReason, Identity, OutputState
from faradaic.instruments.segments import Segment
from faradaic.runner.bench_file import Bench
from faradaic.runner.bench_ports import HostStream, Interruption
from faradaic.runner.device_lines import DeviceState
from faradaic.runner.host_wire import (
    Message,
    decoded,
    encoded,
    error_of,
    reading_of,
    segment_fields,
)

if TYPE_CHECKING:
    from faradaic.protocols.plan import Plan

HANG_UP_S = 2.0
SILENT_S = 10.0
"""A host process that says nothing for this long, not even that it is there, is dead."""


class HostPipes(Protocol):
    """What is needed of the process: a `Popen` has it."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> IO[bytes] | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float) -> object: ...


HostStarter = Callable[[Sequence[int]], HostPipes]


class HostDied(DeviceError):
    """The process that holds the port has ended, or stands still."""

    default_code = "E520"


class HostProcess:
    """A `DeviceHost` in a process of its own, on the wall clock."""

    def __init__(
        self,
        bench: Bench,
        *,
        patience_s: float,
        plan: Plan | None = None,
        holds: Sequence[int] = (),
        is_successor: bool = False,
        start: HostStarter | None = None,
    ) -> None:
        """`plan` says what of the devices stays on at the end; `holds` are open files that the
        process is to have too: the lock on the bench. One that `is_successor` of a dead one has no
        other after it. `start` makes the process, given the files that it is to hold."""
        self.clock: Clock = WallClock()
        self._bench = bench
        self._plan = plan
        self._states: dict[str, DeviceState] = {}
        self._orders = 0
        self._patience_s = patience_s
        self._number = 0
        self._died: HostDied | None = None
        self._holds = holds
        self._is_successor = is_successor
        self._successor: HostProcess | None = None
        self.on_successor: Callable[[int], None] = lambda pid: None
        """Told the id of the process that takes the place of this one."""
        self._log: Path | None = None
        self._heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._process: HostPipes = _started(start, holds)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """Get the id of the process."""
        return self._process.pid

    def open(self) -> Identity:
        """Open the port of the source and connect to it."""
        answer = self._ask(
            "open",
            driver=self._bench.file.source.driver,
            address=self._bench.address,
            options=dict(self._bench.options),
            bridge=None if (bridge := self._bench.bridge) is None else asdict(bridge),
            devices=[asdict(spec) for spec in self._bench.specs(self._plan)],
            patience_s=self._patience_s,
            may_be_on=self._is_successor,
        )
        return Identity(**answer)

    def keep_log(self, path: Path) -> None:
        """Where the process writes what nobody may be there to hear."""
        self._log = path.resolve()
        self._send({"do": "log", "path": str(self._log)})

    def run(self, segment: Segment) -> HostStream:
        """Run one segment on the source."""
        number = self._command("run", segment=segment_fields(segment))
        ended = False
        try:
            while True:
                message = self._answer(number)
                match message.pop("is"):
                    case "reading":
                        yield reading_of(message["values"])
                        self._send({"do": "next"})
                    case "end":
                        ended = True
                        return EndReason(message["reason"])
                    case "interruption":
                        ended = True
                        return Interruption(**message)
        except FaradaicError:
            ended = True
            raise
        finally:
            if not ended:
                self._stop()

    def output_off(self, within_s: float = 0.0) -> OutputState:
        """Turn the output off and read it back; what went wrong is in the evidence."""
        try:
            if self._died is None:
                state = OutputState(**self._ask("off", within_s=within_s))
                if state.on is False or not within_s:
                    return state
                goes_on = f"; the device host (pid {self.pid}) goes on trying, for a day"
                return replace(state, evidence=state.evidence + goes_on)
        except HostDied:
            pass
        except FaradaicError as error:
            return OutputState(None, error.diagnostics[0].message)
        return self._off_by_another(within_s)

    def device_states(self) -> Mapping[str, DeviceState]:
        """What the process has told of each device, without asking it."""
        return dict(self._states)

    def order(self, device: str, action: str, *values: float) -> int:
        """Have a device do something."""
        self._orders += 1
        with contextlib.suppress(HostDied):
            self._send(
                {"do": "order", "id": self._orders, "device": device, "action": action,
                 "values": values}
            )  # fmt: skip
        return self._orders

    def notes(self) -> tuple[str, ...]:
        """What had to be asked or told again."""
        try:
            return tuple(self._ask("notes")["notes"])
        except FaradaicError:
            return ()

    def remarks(self) -> tuple[Diagnostic, ...]:
        """What became of the process, if it did not live."""
        return () if self._died is None else self._died.diagnostics

    def close(self) -> None:
        """Let the process go; it leaves with the output off, or goes on trying."""
        if self._successor is not None:
            self._successor.close()
        with contextlib.suppress(HostDied):
            self._send({"do": "close"})
        self._hang_up()

    # The conversation ---------------------------------------------------------------------------

    def _ask(self, do: str, **fields: Any) -> Message:
        message = self._answer(self._command(do, **fields))
        message.pop("is")
        return message

    def _command(self, do: str, **fields: Any) -> int:
        self._number += 1
        self._send({"n": self._number, "do": do, **fields})
        return self._number

    def _answer(self, number: int) -> Message:
        """The next answer to a command. Raises what the host reports, or `HostDied`."""
        while True:
            message = self._next()
            if message.pop("n", None) != number:
                continue  # an answer that nobody waits for any more
            if message["is"] == "error":
                raise error_of(message)
            return message

    def _stop(self) -> None:
        """End the segment under way; the output is off when this returns, or the host is dead."""
        with contextlib.suppress(HostDied):
            self._send({"do": "stop"})
            while self._next()["is"] != "stopped":
                pass

    def _next(self) -> Message:
        """The next message; whoever waits here is there, and says so when asked."""
        while True:
            if self._died is not None:
                raise self._died
            try:
                message = self._heard.get(timeout=SILENT_S)
            except queue.Empty:
                raise self._dead(f"said nothing for {SILENT_S:g} s") from None
            if message is None:
                raise self._dead("has ended")
            if message.get("is") != "tick":
                return message
            self._send({"do": "here"})

    def _send(self, message: Message) -> None:
        if self._died is not None:
            raise self._died
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(encoded(message))
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise self._dead("has ended") from None

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError), self._process.stdout as lines:
            for line in lines:
                message = decoded(line)
                if message.get("is") == "device":
                    state = DeviceState(*message["state"])
                    self._states[state.name] = state
                else:
                    self._heard.put(message)
        self._heard.put(None)

    def _dead(self, what: str) -> HostDied:
        self._process.kill()
        self._hang_up()
        self._died = HostDied.of(
            f"the process that holds the bench (device host, pid {self.pid}) {what}",
            help="the output was commanded off from the program itself; look at the memory and the"
            " log of the PC",
        )
        return self._died

    def _hang_up(self) -> None:
        """Close the pipe and give the process a moment to end; it may well go on trying."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=HANG_UP_S)

    def _off_by_another(self, within_s: float) -> OutputState:
        """What the dead process would have done, by one that takes its place."""
        if self._successor is None:
            if self._is_successor:
                return OutputState(None, "two processes that held the bench have died")
            self._successor = HostProcess(
                self._bench,
                plan=self._plan,
                patience_s=0.0,
                holds=self._holds,
                is_successor=True,
            )
            self.on_successor(self._successor.pid)
            if self._log is not None:
                self._successor.keep_log(self._log)
            with contextlib.suppress(FaradaicError):  # what comes next says so, or opens it
                self._successor.open()
        return self._successor.output_off(within_s)


def _started(start: HostStarter | None, holds: Sequence[int]) -> HostPipes:
    """By `start`, where that works, else as a program of its own."""
    if start is not None:
        with contextlib.suppress(OSError):
            return start(holds)
    return _start(holds)


def _start(holds: Sequence[int]) -> subprocess.Popen[bytes]:
    """The process, out of reach of what ends this one: its terminal, its group, its console."""
    apart: dict[str, Any] = {"start_new_session": True, "pass_fds": holds}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "faradaic.runner.host_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **apart,
    )
