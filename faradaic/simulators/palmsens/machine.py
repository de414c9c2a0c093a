"""The running of a compiled script: blocks, output, packages and the instrument's state.

A block whose commands take no time runs as a plain function; one that waits or measures runs as a
generator that yields the next time at which something happens. The scheduler sends the time back,
which is later than asked for when the script was halted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from faradaic.methodscript_packages import Field, encode_field, encode_integer
from faradaic.simulators.palmsens.faults import ScriptAborted, ScriptFault
from faradaic.simulators.palmsens.front_end import FrontEnd
from faradaic.simulators.palmsens.script_lines import parse_line
from faradaic.simulators.palmsens.variables import Names, Value, Variable

COMMAND_S = 20e-6
"""Time that one command takes in a `loop`; an engineering guess that keeps time moving."""

PACKAGE_MAX = 16

Timeline = Generator[float, float, bool]
"""Yields times; returns whether the enclosing loop is to be left."""


class BlockCommand(NamedTuple):
    """One command of a block: `act(machine)` does it, at once or as a `Timeline`."""

    act: Callable[[Machine], Any]
    timed: bool
    line: int


class Body:
    """A block of commands. `run` returns whether `breakloop` was met, as a `Timeline` if timed."""

    def __init__(self, steps: Sequence[BlockCommand]) -> None:
        self.steps = tuple(steps)
        self.timed = any(step.timed for step in self.steps)
        self.run: Callable[[Machine], Any] = self._run_timed if self.timed else self._run

    def _run(self, machine: Machine) -> bool:
        line = 0
        try:
            for act, _, line in self.steps:  # noqa: B007 - the line is for the error below
                if act(machine):
                    return True
        except ScriptFault as fault:
            fault.line = fault.line or line
            raise
        return False

    def _run_timed(self, machine: Machine) -> Timeline:
        for act, timed, line in self.steps:
            try:
                leave = (yield from act(machine)) if timed else act(machine)
            except ScriptFault as fault:
                fault.line = fault.line or line
                raise
            if leave:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled script."""

    body: Body
    finish: Body


@dataclass(slots=True)
class Machine:
    """What a running script acts on."""

    front: FrontEnd
    send: Callable[[str], None]
    now_s: float = 0.0
    muted: bool = False
    measuring: bool = False
    interval_s: float = 0.0
    """Of `set_int`; 0 before."""
    interval_end_s: float = 0.0
    gpio: dict[str, int] = field(default_factory=dict)
    mux_channels: int = 0
    """Of the multiplexer that `mux_config` named; 0 before."""
    wakes_on_line: bool = False
    """Whether it sleeps until a line comes."""
    _reversal: bool = False
    _package: list[str] | None = None
    _encoded: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """The fields of the open package: scripts send them twice."""
    _timer_s: float = 0.0

    def emit(self, text: str) -> None:
        """Output that `set_script_output 0` suppresses."""
        if not self.muted:
            self.send(text)

    def start_timer(self) -> None:
        """Begin counting time."""
        self._timer_s = self.now_s

    def timer_s(self) -> float:
        """Seconds since the timer was started."""
        return self.now_s - self._timer_s

    def open_package(self) -> None:
        """Begin a data package."""
        if self._package is not None:
            raise ScriptFault("401B")
        self._package = []
        self._encoded.clear()

    def add_to_package(self, variable: Variable) -> None:
        """Add a variable with its metadata."""
        package = self._package
        if package is None:
            raise ScriptFault("401B")
        if len(package) == PACKAGE_MAX:
            raise ScriptFault("401C")
        what = variable.type, variable.value, variable.status, variable.range_index
        key = (*what, what[1].__class__)  # 1 and 1.0 are not written alike
        if (text := self._encoded.get(key)) is None:
            text = self._encoded[key] = _encoded(*what)
        package.append(text)

    def close_package(self) -> None:
        """Send the package."""
        if self._package is None:
            raise ScriptFault("401B")
        self.emit("P" + ";".join(self._package) + "\n")
        self._package = None

    def reverse(self) -> None:
        """Have a running CV turn round after its present point."""
        self._reversal = True

    def take_reversal(self) -> bool:
        """Whether a reversal was asked for since the last call."""
        asked, self._reversal = self._reversal, False
        return asked


def _encoded(kind: str, value: Value, status: int | None, index: int | None) -> str:
    """A variable as packages have it. Raises `ScriptFault` where it does not fit."""
    try:
        if isinstance(value, int):
            return kind + encode_integer(value)
        return encode_field(Field(kind, value, status, index))
    except OverflowError:
        raise ScriptFault("4037") from None


def execute(program: Program, machine: Machine) -> Generator[float, float, None]:
    """Run a script and its `on_finished:` part, which a fault of the script skips."""
    for body in (program.body, program.finish):
        with suppress(ScriptAborted):
            yield from follow(body, machine)


def follow(body: Body, machine: Machine) -> Timeline:
    """A block that may take time, whether it does or not."""
    if body.timed:
        left: bool = yield from body.run(machine)
        return left
    return bool(body.run(machine))


def _shown(number: Callable[[], Value]) -> str:
    return f"{number():.7g}"


_BRACES = re.compile(r"\{([^{}]*)\}")


def interpolator(text: str, names: Names, line: int) -> Callable[[], str]:
    """An f-string: `{x}` and `{x[i]}` stand for values. Raises `ScriptFault` if malformed."""
    pieces: list[Callable[[], str]] = []
    at = 0
    for match in _BRACES.finditer(text):
        literal = text[at : match.start()]
        if "{" in literal:
            raise ScriptFault("4210", line)
        pieces.append(partial(str, literal))
        statement = parse_line(f"x {match[1]}", line)
        if statement is None or len(statement.arguments) != 1:
            raise ScriptFault("4040", line)
        number = names.number(statement.arguments[0], line)
        pieces.append(partial(_shown, number))
        at = match.end()
    tail = text[at:]
    if "{" in tail:
        raise ScriptFault("4210", line)
    return lambda: "".join(piece() for piece in pieces) + tail
