"""A PalmSens instrument on the wire: idle commands, loading, running, halting, aborting.

A script runs as a generator of times on which this state machine waits; nothing happens between
calls. Variants that the manufacturer's documents show differently are switches of `Wire`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any, Literal, get_args, get_type_hints

from faradaic.diagnostics import refusal
from faradaic.instruments.palmsens.device_models import DeviceModel, model
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.palmsens.compiler import (
    GALVANOSTAT_COMMANDS,
    WITHOUT_GALVANOSTAT,
    compile_script,
    implemented,
)
from faradaic.simulators.palmsens.faults import LoopAborted, ScriptAborted, ScriptFault
from faradaic.simulators.palmsens.front_end import FrontEnd
from faradaic.simulators.palmsens.machine import Machine, Program, execute

VERSION = "01.09.00"
LINE_MAX = 512
SCRIPT_MAX = 100_000

RUNTIME_COMMANDS = frozenset(
    {"t", "CC", "CM", "l", "r", "e", "i", "v", "m", "h", "H", "Z", "Y", "R", "Fmscr", "Lmscr"}
)
WHILE_RUNNING = frozenset("hHZYR")


@dataclass(frozen=True, slots=True)
class Wire:
    """What the manufacturer's documents show in more than one way, each as it can be written
    behind the address: `emulated://nexus?echo=joined`."""

    echo: Literal["own-line", "joined"] = "own-line"
    """`e` and a line feed before the output (README of the C example), or `eM0000` (Python)."""
    after_error: Literal["empty-line", "nothing"] = "empty-line"
    start: Literal["silent", "xon"] = "silent"
    """What is sent when the instrument is switched on."""
    second_variable: Literal["set", "measured"] = "set"
    """Which current `meas_loop_cp` puts into its second variable."""

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(type(self)).items():
            value, allowed = getattr(self, name), get_args(kind)
            if value not in allowed:
                raise refusal(
                    "E533",
                    f"`{name}={value}` is not a variant of the emulator",
                    f"write one of: {', '.join(f'{name}={a}' for a in allowed)}",
                )


@cache
def _feature_bits(kind: str) -> dict[str, int]:
    text = files(__package__).joinpath("features.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["name"]: int(row["bit"]) for row in rows if row["kind"] == kind}


def _bitmap(names: frozenset[str], bits: dict[str, int]) -> str:
    return f"{sum(1 << bit for name, bit in bits.items() if name in names):064X}"


class MethodScriptEmulator:
    """One simulated instrument; an `Emulator`."""

    def __init__(
        self, instrument: DeviceModel, cell: CellModel, seed: int, wire: Wire | None = None
    ) -> None:
        self.model = instrument.name
        self.front = FrontEnd(instrument, cell, seed)
        self.wire = wire = wire or Wire()
        self._instrument = instrument
        self._known = frozenset(_feature_bits("script")) | implemented()
        self._offered = implemented() - (
            WITHOUT_GALVANOSTAT if instrument.galvanostat else GALVANOSTAT_COMMANDS
        )
        self._input = bytearray()
        self._output = bytearray(b"\x11" if wire.start == "xon" else b"")
        self._machine = Machine(self.front, self._send)
        self._now_s = 0.0
        self._loading: list[str] | None = None
        self._then_run = False
        self._loaded: str | None = None
        self._stored: str | None = None
        self._running: Generator[float, float, None] | None = None
        self._wake_s = 0.0
        self._halted_at_s: float | None = None
        self._echo_pending = False

    # Emulator ---------------------------------------------------------------------------------

    @property
    def commands(self) -> frozenset[str]:
        """Get what a script may use on this model."""
        return self._offered

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes; lines end with a line feed, and carriage returns are ignored."""
        self._run_until(now_s)
        self._input += data.replace(b"\r", b"")
        while (end := self._input.find(b"\n")) >= 0:
            line = self._input[:end].decode("ascii", errors="replace")
            del self._input[: end + 1]
            self._line(line)
        if len(self._input) > SCRIPT_MAX:
            self._input.clear()
            self._reply("!0008")

    def transmit(self, now_s: float) -> bytes:
        """What left the instrument up to `now_s`."""
        self._run_until(now_s)
        data = bytes(self._output)
        self._output.clear()
        return data

    def next_event_s(self) -> float | None:
        """When the running script goes on, or now if bytes are waiting."""
        if self._output:
            return self._now_s
        if self._running is None or self._halted_at_s is not None:
            return None
        return self._wake_s

    # The running script -----------------------------------------------------------------------

    def _run_until(self, now_s: float) -> None:
        while self._running is not None and self._halted_at_s is None and self._wake_s <= now_s:
            self._machine.now_s = self._wake_s
            self._resume(self._running.send, self._wake_s)
        self._now_s = max(self._now_s, now_s)

    def _resume(self, go_on: Callable[[Any], float], sent: Any) -> None:
        try:
            self._wake_s = go_on(sent)
        except StopIteration:
            self._finish("\n")
        except ScriptFault as fault:
            self._finish(f"{fault}\n" + "\n" * (self.wire.after_error == "empty-line"))

    def _start(self, program: Program, command: str) -> None:
        self._machine = Machine(self.front, self._send, now_s=self._now_s)
        self._machine.start_timer()
        self._output += command.encode("ascii")
        self._echo_pending = True
        if self.wire.echo == "own-line":
            self._end_echo()
        script = execute(program, self._machine)
        self._running = script
        self._halted_at_s = None
        self._resume(next, script)

    def _finish(self, last: str) -> None:
        self._running = None
        if last == "\n":
            self._end_echo()
        self._echo_pending = False
        self._output += last.encode("ascii")

    def _send(self, text: str) -> None:
        self._echo_pending = False
        self._output += text.encode("ascii", errors="replace")

    def _end_echo(self) -> None:
        if self._echo_pending:
            self._send("\n")

    # Lines ------------------------------------------------------------------------------------

    def _line(self, line: str) -> None:
        if self._loading is not None:
            self._load(line)
        elif self._running is not None:
            self._control(line)
        else:
            self._idle(line)

    def _control(self, line: str) -> None:
        script = self._running
        assert script is not None
        if self._machine.wakes_on_line:
            self._wake_s = min(self._wake_s, self._now_s)
        if line not in WHILE_RUNNING or (line == "Y" and not self._machine.measuring):
            self._reply(f"{line[:1]}!0006")
            return
        self._reply(line)
        if line == "h" and self._halted_at_s is None:
            self._halted_at_s = self._now_s
        elif line == "R":
            self._machine.reverse()
        elif line in "HZY":
            if self._halted_at_s is not None:
                self._wake_s += self._now_s - self._halted_at_s
                self._halted_at_s = None
            if line != "H":
                self._machine.now_s = self._now_s
                self._resume(script.throw, ScriptAborted() if line == "Z" else LoopAborted())

    def _idle(self, line: str) -> None:
        instrument = self._instrument
        if len(line) > LINE_MAX:
            self._reply(f"{line[:1]}!0008")
            return
        match line:
            case "":
                self._reply("")
            case "t":
                self._reply(f"t{instrument.firmware}\nR*")
            case "i":
                self._reply(f"i{instrument.serial}")
            case "v":
                self._reply(f"v{VERSION}")
            case "m":
                self._reply(f"m{instrument.serial[:8]}" if instrument.multi else "m!0048")
            case "CC":
                self._reply("C" + _bitmap(RUNTIME_COMMANDS, _feature_bits("runtime")))
            case "CM":
                self._reply("C" + _bitmap(self._offered, _feature_bits("script")))
            case "e" | "l":
                self._loading = []
                self._then_run = line == "e"
            case "r":
                self._compile_and_run("r")
            case "Fmscr":
                self._stored = self._loaded or self._stored
                self._reply("F" if self._loaded else "F!000C")
            case "Lmscr":
                self._loaded = self._stored or self._loaded
                self._reply("L" if self._stored else "L!000C")
            case "h" | "H" | "Z" | "Y" | "R":
                self._reply(f"{line}!0006")
            case _:
                self._reply(f"{line[:1]}!0003")

    def _load(self, line: str) -> None:
        assert self._loading is not None
        if line:
            if len(self._loading) < SCRIPT_MAX // 8:
                self._loading.append(line)
            return
        command = "e" if self._then_run else "l"
        text = "\n".join(self._loading)
        self._loading = None
        if len(text) > SCRIPT_MAX - LINE_MAX:
            self._reply(f"{command}!4005")
            return
        self._loaded = text
        if self._then_run:
            self._compile_and_run("e")
        elif self._compile("l") is not None:
            self._reply("l")

    def _compile_and_run(self, command: str) -> None:
        program = self._compile(command)
        if program is not None:
            self._start(program, command)

    def _compile(self, command: str) -> Program | None:
        if self._loaded is None:
            self._reply(f"{command}!000C")
            return None
        try:
            return compile_script(
                self._loaded,
                self._known,
                self._offered,
                galvanostat_measures_current=self.wire.second_variable == "measured",
            )
        except ScriptFault as fault:
            self._loaded = None
            self._reply(f"{command}{fault}")
            return None

    def _reply(self, text: str) -> None:
        self._output += (text + "\n").encode("ascii", errors="replace")


def _emulator(
    key: str,
    cell: CellModel,
    seed: int,
    echo: str = "own-line",
    after_error: str = "empty-line",
    start: str = "silent",
    second_variable: str = "set",
) -> MethodScriptEmulator:
    variants: dict[str, Any] = {
        "echo": echo,
        "after_error": after_error,
        "start": start,
        "second_variable": second_variable,
    }
    return MethodScriptEmulator(model(key), cell, seed, Wire(**variants))


emstat4_lr = partial(_emulator, "emstat4_lr")
"""`(cell, seed, **variants of Wire) -> Emulator`: a simulated EmStat4 LR, just switched on."""

emstat4_hr = partial(_emulator, "emstat4_hr")
nexus = partial(_emulator, "nexus")
emstat_pico = partial(_emulator, "emstat_pico")
multi_emstat4_lr = partial(_emulator, "multi_emstat4_lr")
multi_emstat4_hr = partial(_emulator, "multi_emstat4_hr")
sensit_wearable = partial(_emulator, "sensit_wearable")
