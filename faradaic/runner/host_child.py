"""The device host: the process that alone holds the port of a bench while a run is under way.

`faradaic.runner.host_process` starts it as `python -m faradaic.runner.host_child` and talks to it
over its standard streams. Its engine has a lease, which only the engine's own progress renews: it
asks for the next reading, or answers from where it waits for one. When the lease is over, the pipe
closed, a signal to end has come or an error of its own happened, the output goes off and is read
back. On a broken connection it tries again and again, for a day, also when nobody is there any
more; the log that it was given says what it did.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from faradaic.diagnostics import DeviceError, Diagnostic, FaradaicError
from faradaic.instruments.polarity_bridge import BridgeSpec
from faradaic.instruments.readings import OutputState
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports.addresses import SCHEMES, Setting, split_address
from faradaic.runner.bench_ports import BenchPorts, Interruption
from faradaic.runner.device_lines import DeviceLines, DeviceSpec, DeviceState
from faradaic.runner.host_wire import (
    LEASE_S,
    TICK_S,
    Message,
    decoded,
    encoded,
    error_fields,
    segment_of,
)

KEEP_TRYING_S = 24 * 3600.0
REST_WITHIN_S = 60.0
"""For how long a host that is to leave tries to put the devices around the cell to rest."""
TELL_EVERY_S = 60.0
"""How often the log says that the output could still not be read back off."""

POKE_S = 0.02
"""How often a main thread that did not hear is called again."""

T = TypeVar("T")


class _CutShort(BaseException):
    """What the main thread was doing ends here, whatever it was."""


class _Gate:
    """Lets other threads and signals end what the main thread waits for in an instrument."""

    def __init__(self) -> None:
        self.reason = ""
        self._open = False
        self._main = threading.main_thread().ident or 0

    def through(self, do: Callable[[], T]) -> T:
        """Do something that may be cut short. Raises `_CutShort` if it was, or is to be."""
        self._open = True
        try:
            if self.reason:
                raise _CutShort
            return do()
        finally:
            self._open = False

    def shut(self, reason: str) -> None:
        """End what is being done; the first reason stays."""
        self.reason = self.reason or reason
        self.poke()

    def poke(self) -> None:
        """Call the main thread out of whatever it waits for, if it is to be."""
        if not (self._open and self.reason):
            return
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(self._main, signal.SIGUSR1)
        else:  # pragma: no cover - Windows
            import _thread

            _thread.interrupt_main()

    def called(self, _signum: int = 0, _frame: FrameType | None = None) -> None:
        """In the main thread, wherever that is: leave what can be left."""
        if self._open and self.reason:
            self._open = False
            raise _CutShort


class _Log:
    """What the host did that its engine may never hear of; on disk before it goes on."""

    def __init__(self) -> None:
        self.path: Path | None = None

    def write(self, what: str, **fields: Any) -> None:
        """One event. A disk that fails does not stop the host."""
        if self.path is None:
            return
        now = {"utc": datetime.now(UTC).isoformat(), "mono_s": time.monotonic()}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**now, "what": what, **fields}) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            return


class HostChild:
    """One bench, one engine."""

    def __init__(self, lines: Any, out: Any) -> None:
        """`lines` come from the engine, `out` goes to it; both binary."""
        self._lines = lines
        self._out = out
        self._commands: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._gate = _Gate()
        self._log = _Log()
        self._ports: BenchPorts | None = None
        self._devices: DeviceLines | None = None
        self._numbers: dict[int, int] = {}
        self._heard_s = time.monotonic()
        self._busy = False
        self._leased = False
        self._gone = ""
        """Why there is no engine any more."""

    def serve(self) -> int:
        """Do what the engine says until it is gone; the exit code is 3 if the output may be on."""
        self._catch_signals()
        for work in (self._listen, self._speak, self._keep_watch):
            threading.Thread(target=work, daemon=True).start()
        try:
            while (command := self._commands.get()) is not None:
                if command["do"] == "close":
                    break
                self._busy = True
                try:
                    self._do(command)
                finally:
                    self._busy = False
        except Exception as error:  # noqa: BLE001 - whatever it is, the output goes off
            self._gone = f"an error in the device host: {type(error).__name__}: {error}"
        return self._leave()

    # What is done -----------------------------------------------------------------------------

    def _do(self, command: Message) -> None:
        number = command.get("n")
        try:
            match command["do"]:
                case "open":
                    self._say({"n": number, "is": "identity", **asdict(self._open(command))})
                case "run":
                    self._run(number, command["segment"])
                case "off":
                    state = self._need().off_at_last(command["within_s"])
                    self._say({"n": number, "is": "off", **asdict(state)})
                case "notes":
                    self._say({"n": number, "is": "notes", "notes": self._need().notes()})
                case "order":
                    self._order(command)
                case "log":
                    self._log.path = Path(command["path"])
                case "stop":
                    self._say({"is": "stopped"})
        except FaradaicError as error:
            self._say({"n": number, **error_fields(error)})
        except Exception as error:  # noqa: BLE001 - the engine is told, and ends the run
            what = f"an error in the device host: {type(error).__name__}: {error}"
            self._log.write("error", why=what)
            told = DeviceError(Diagnostic("E700", what))
            self._say({"n": number, **error_fields(told)})

    def _open(self, command: Message) -> Any:
        if self._ports is None:
            scheme, rest = split_address(command["address"])
            driver = DRIVERS.load(command["driver"])
            self._ports = BenchPorts(
                driver,
                SCHEMES.load(scheme)(Setting()),
                rest,
                patience_s=command["patience_s"],
                may_be_on=command["may_be_on"],
                options=command["options"],
                bridge=None if (told := command["bridge"]) is None else BridgeSpec(**told),
            )
            specs = [DeviceSpec(**one) for one in command["devices"]]
            self._devices = DeviceLines(specs, tell=self._tell_of_device)
        identity = self._ports.open()
        if self._devices is not None:
            self._devices.start(self._ports.clock)
        return identity

    def _order(self, command: Message) -> None:
        """The engine counts its orders; the lines have numbers of their own."""
        if self._devices is None:
            return
        values = (command["device"], command["action"], *command["values"])
        self._numbers[self._devices.order(*values)] = command["id"]

    def _tell_of_device(self, state: DeviceState) -> None:
        self._say({"is": "device", "state": state._replace(done=self._numbers.get(state.done, 0))})

    def _need(self) -> BenchPorts:
        if self._ports is None:
            raise DeviceError.of("the bench is not open", code="E506", help="open it first")
        return self._ports

    def _run(self, number: int | None, told: Message) -> None:
        ports, segment = self._need(), segment_of(told)
        stream = ports.run(segment)
        if not self._gone:
            self._gate.reason = ""  # what came after the last segment had ended
        self._heard_s = heard_s = time.monotonic()
        self._leased = True
        try:
            while True:
                try:
                    reading = self._gate.through(lambda: next(stream))
                except StopIteration as end:
                    if isinstance(end.value, Interruption):
                        self._log.write("interruption", **asdict(end.value))
                        self._say({"n": number, "is": "interruption", **asdict(end.value)})
                    else:
                        self._say({"n": number, "is": "end", "reason": end.value.value})
                    return
                heard_s = reading.time_s
                self._say({"n": number, "is": "reading", "values": reading})
                if not self._told_to_go_on():
                    self._leased = False
                    stream.close()
                    self._ended(number, heard_s)
                    return
        except _CutShort:
            self._leased = False
            self._ended(number, heard_s)
        finally:
            self._leased = False
            stream.close()

    def _told_to_go_on(self) -> bool:
        """Whether the engine asks for the next reading before its lease is over."""
        while not self._gate.reason:
            left_s = self._heard_s + LEASE_S - time.monotonic()
            try:
                command = self._commands.get(timeout=max(0.0, left_s))
            except queue.Empty:
                self._gate.reason = self._gate.reason or _over()
                continue
            if command is None:
                self._commands.put(None)
                return False
            if command["do"] == "next":
                return True
            if command["do"] == "stop":
                self._gate.reason = self._gate.reason or "stop"
        return False

    def _ended(self, number: int | None, heard_s: float) -> None:
        """A segment that was cut short: off first, then what there is to say."""
        state = self._need().output_off()
        back_s = time.monotonic()
        reason, self._gate.reason = self._gate.reason, ""
        if self._gone or reason == "stop":
            self._say({"is": "stopped"})
            return
        gap = Interruption(reason, heard_s, back_s, state.evidence)
        self._log.write("interruption", on=state.on, **asdict(gap))
        if state.on is False:
            self._say({"n": number, "is": "interruption", **asdict(gap)})
            return
        error = DeviceError.of(f"{reason}; the output could not be read back off", code="E514")
        self._say({"n": number, **error_fields(error)})

    def _leave(self) -> int:
        """Off, read back, however long that takes; only then is the port let go."""
        if self._ports is None:
            return 0
        if self._gone:
            self._log.write("engine_gone", why=self._gone)
        told_s = -TELL_EVERY_S

        def failed(state: OutputState, failed_s: float) -> None:
            nonlocal told_s
            if failed_s - told_s >= TELL_EVERY_S:
                told_s = failed_s
                self._log.write("output_not_off", failed_s=failed_s, **asdict(state))

        state = self._ports.output_off()
        orders = self._devices.rest() if self._devices is not None else {}
        if state.on is not False:
            state = self._ports.off_at_last(KEEP_TRYING_S, failed)
        self._log.write("output_off", **asdict(state))
        self._ports.close()
        if self._devices is not None:
            self._leave_devices(self._devices, orders)
        return 0 if state.on is False else 3

    def _leave_devices(self, devices: DeviceLines, orders: Mapping[str, int]) -> None:
        """All at rest, for as long as that is worth while: they have watchdogs, or it is told."""
        end_s = time.monotonic() + REST_WITHIN_S
        left = dict(orders)
        while left and time.monotonic() < end_s:
            states = devices.states()
            left = {n: k for n, k in left.items() if n not in states or states[n].done < k}
            time.sleep(POKE_S if left else 0.0)
        for name in orders:
            state = devices.states().get(name)
            known = None if name in left or state is None else state.at_rest
            why = "" if state is None else state.trouble or state.evidence
            self._log.write("device_rest", device=name, at_rest=known, evidence=why)
        devices.close()

    # Threads and signals ------------------------------------------------------------------------

    def _listen(self) -> None:
        """Take the engine's lines; each shows that it goes on."""
        try:
            for line in self._lines:
                self._heard_s = time.monotonic()
                command = decoded(line)
                match command.get("do"):
                    case "here":
                        continue
                    case "stop" if self._leased:
                        self._commands.put(command)
                        self._gate.shut("stop")
                    case _:
                        self._commands.put(command)
            self._engine_gone("the program is gone: its pipe was closed")
        except (OSError, ValueError) as error:
            self._engine_gone(f"the program cannot be understood: {error}")

    def _engine_gone(self, why: str) -> None:
        self._gone = self._gone or why
        self._commands.put(None)
        self._gate.shut(why)

    def _speak(self) -> None:
        """Write what is to be said: an engine that doesn't read must not hold up the host."""
        try:
            while (line := self._said.get()) is not None:
                self._out.write(line)
                self._out.flush()
        except (OSError, ValueError):
            return  # the reading end is gone; so will the writing end be

    def _keep_watch(self) -> None:
        """Ask the engine whether it is there, and end its segment when it isn't."""
        tick_s = 0.0
        while True:
            now_s = time.monotonic()
            if self._busy and now_s >= tick_s:
                tick_s = now_s + TICK_S
                self._say({"is": "tick"})
            if self._leased and now_s - self._heard_s >= LEASE_S:
                self._gate.shut(_over())
            self._gate.poke()
            time.sleep(POKE_S)

    def _say(self, message: Message) -> None:
        self._said.put(encoded(message))

    def _catch_signals(self) -> None:
        def end(signum: int, _frame: FrameType | None) -> None:
            name = signal.Signals(signum).name
            self._gone = self._gone or f"the device host was told to end ({name})"
            self._commands.put(None)
            self._gate.reason = self._gate.reason or self._gone
            self._gate.called()

        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), end)
        if hasattr(signal, "SIGUSR1"):
            signal.signal(signal.SIGUSR1, self._gate.called)


def _over() -> str:
    return f"the program stood still for {LEASE_S:g} s, and its lease of the output was over"


def main() -> int:
    """Serve the engine at the other end of the standard streams."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no message
    return HostChild(sys.stdin.buffer, out).serve()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # its threads wait in reads that nothing ends
