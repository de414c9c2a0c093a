"""From the text of a script to a program: declarations, blocks, measurement loops."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from faradaic.simulators.palmsens import array_commands as array_commands  # registers its commands
from faradaic.simulators.palmsens import further_loops, loops, pulses
from faradaic.simulators.palmsens.commands import (
    COMMANDS,
    build,
    require_outside_measurement,
    string,
)
from faradaic.simulators.palmsens.faults import ScriptAborted, ScriptFault
from faradaic.simulators.palmsens.machine import (
    COMMAND_S,
    BlockCommand,
    Body,
    Machine,
    Program,
    Timeline,
    follow,
)
from faradaic.simulators.palmsens.script_lines import (
    Argument,
    Comparator,
    Name,
    Option,
    Statement,
    parse_line,
)
from faradaic.simulators.palmsens.variables import ARRAY_MAX, Names, Reference, Variable

DEPTH_MAX = 32

BLOCKS = frozenset(
    {
        "var",
        "array",
        "str",
        "store_str",
        "if",
        "elseif",
        "else",
        "endif",
        "loop",
        "endloop",
        "breakloop",
        "on_finished:",
    }
)

GALVANOSTAT_COMMANDS = frozenset(
    {"set_i", "meas_loop_cp", "meas_loop_geis", "meas_loop_lsp", "meas_loop_acv", "meas_fast_cv"}
)
"""What the Pico does not have: the models that a galvanostat is built into do."""

WITHOUT_GALVANOSTAT = frozenset({"set_bipot_mode", "set_bipot_potential"})
"""What the Pico alone has."""

LOOPS = frozenset({*loops.TECHNIQUES, *pulses.PULSES, *further_loops.FURTHER})

_COMPARE: dict[str, Callable[[Any, Any], int]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "&": operator.and_,
    "|": operator.or_,
}
_WHOLE = ("&", "|")
"""What compares integers alone."""


def implemented() -> frozenset[str]:
    """The commands that a script may use."""
    words = frozenset(word for word in COMMANDS if "/" not in word)
    return words | BLOCKS | LOOPS


def compile_script(
    text: str,
    known: frozenset[str],
    offered: frozenset[str],
    *,
    galvanostat_measures_current: bool = False,
) -> Program:
    """A script as a program.

    `known` are the words of the language, `offered` those that this instrument has. The second
    variable of `meas_loop_cp` receives the set current, or the measured one if asked. Raises
    `ScriptFault` with the line and the column after the offending word.
    """
    return _Compiler(text, known, offered, galvanostat_measures_current).program()


class _Compiler:
    def __init__(
        self,
        text: str,
        known: frozenset[str],
        offered: frozenset[str],
        galvanostat_measures_current: bool,
    ) -> None:
        self._galvanostat_measures_current = galvanostat_measures_current
        self._known = known
        self._offered = offered
        self._names = Names()
        self._nested: list[str] = []
        self._last_line = max(1, text.count("\n"))
        self._statements: list[Statement] = []
        for line, row in enumerate(text.split("\n"), start=1):
            statement = parse_line(row, line)
            if statement is not None:
                self._statements.append(statement)
        self._at = 0

    def program(self) -> Program:
        body = self._block("script", ("on_finished:",), at_end=True)
        finish = Body(())
        if self._at < len(self._statements):
            self._at += 1
            finish = self._block("on_finished:", (), at_end=True)
        return Program(body, finish)

    def _block(self, kind: str, closing: tuple[str, ...], *, at_end: bool = False) -> Body:
        """Statements up to a closing word, which is left to be read."""
        if len(self._nested) >= DEPTH_MAX:
            raise ScriptFault("400D", self._statements[self._at - 1].line)
        self._nested.append(kind)
        steps: list[BlockCommand] = []
        while self._at < len(self._statements):
            statement = self._statements[self._at]
            if statement.command in closing:
                break
            self._at += 1
            step = self._statement(statement)
            if step is not None:
                steps.append(step)
        else:
            if not at_end:
                raise ScriptFault("4018", self._last_line)
        self._nested.pop()
        return Body(steps)

    def _statement(self, statement: Statement) -> BlockCommand | None:
        word, line = statement.command, statement.line
        if word not in self._offered:
            code = "001B" if word in self._known else "4001"
            raise ScriptFault(code, line, statement.column)
        if word in COMMANDS:
            require_outside_measurement(statement, self._nested)
            try:
                act, timed = build(statement, self._names)
            except ScriptFault as fault:
                if fault.line is None:
                    fault.line, fault.column = line, statement.end
                raise
            return BlockCommand(act, timed, line)
        if word in LOOPS:
            if any(block.startswith("meas_loop") for block in self._nested):
                raise ScriptFault("400B", line, statement.column)
            if word in loops.IMPEDANCE:
                return BlockCommand(self._impedance(statement).run, True, line)
            if word in pulses.PULSES:
                return BlockCommand(self._pulses(statement).run, True, line)
            if word in further_loops.FURTHER:
                return BlockCommand(self._further(statement).run, True, line)
            return BlockCommand(self._measurement(statement).run, True, line)
        match word:
            case "var" | "array" | "str" | "store_str":
                return self._declare(statement)
            case "if":
                return self._if(statement)
            case "loop":
                return self._loop(statement)
            case "breakloop":
                if not any(b == "loop" or b.startswith("meas_loop") for b in self._nested):
                    raise ScriptFault("400E", line, statement.column)
                self._count(statement, 0)
                return BlockCommand(lambda _: True, False, line)
        raise ScriptFault("400E", line, statement.column)

    # Declarations -----------------------------------------------------------------------------

    def _declare(self, statement: Statement) -> BlockCommand | None:
        names, line = self._names, statement.line
        match statement.command:
            case "var":
                (argument,) = self._count(statement, 1)
                names.variables[names.declare(argument, line)] = Variable()
            case "array":
                argument, size = self._count(statement, 2)
                name = names.declare(argument, line)
                length, elements = names.integer(size, line), names.arrays.setdefault(name, [])
                column = size.column

                def allocate(_: Machine | None = None) -> None:
                    if not 0 < length() <= ARRAY_MAX:
                        raise ScriptFault("4205", line, column)
                    elements[:] = [Variable() for _ in range(length())]

                if isinstance(size, Name):  # as long as the script has computed
                    return BlockCommand(allocate, False, line)
                allocate()
            case "str":
                (argument,) = self._count(statement, 1)
                names.strings[names.declare(argument, line)] = ""
            case _:
                return self._store_string(statement)
        return None

    def _store_string(self, statement: Statement) -> BlockCommand:
        target, source = self._count(statement, 2)
        strings = self._names.strings
        if not isinstance(target, Name) or target.text not in strings:
            raise ScriptFault("420B", statement.line, target.column)
        text, name = string(source, self._names, statement.line), target.text

        def act(_: Machine) -> None:
            strings[name] = text()

        return BlockCommand(act, False, statement.line)

    def _count(self, statement: Statement, count: int) -> tuple[Argument, ...]:
        given = statement.arguments
        if len(given) > count:
            raise ScriptFault("420A", statement.line, given[count].column)
        if len(given) < count:
            raise ScriptFault("4004", statement.line, statement.end)
        return given

    # Blocks -----------------------------------------------------------------------------------

    def _condition(self, statement: Statement) -> Callable[[], bool]:
        left, comparator, right = self._count(statement, 3)
        if not isinstance(comparator, Comparator):
            raise ScriptFault("4004", statement.line, comparator.column)
        line = statement.line
        first, second = self._names.number(left, line), self._names.number(right, line)
        compare = _COMPARE[comparator.text]
        if comparator.text not in _WHOLE:
            return lambda: bool(compare(first(), second()))

        def holds() -> bool:
            a, b = first(), second()
            if not (isinstance(a, int) and isinstance(b, int)):
                raise ScriptFault("4041")
            return bool(compare(a, b))

        return holds

    def _if(self, statement: Statement) -> BlockCommand:
        branches: list[tuple[Callable[[], bool], Body]] = []
        otherwise = Body(())
        current = statement
        while True:
            word = current.command
            if word == "endif":
                self._count(current, 0)
                break
            if word == "else":
                self._count(current, 0)
                otherwise = self._block("if", ("endif",))
            else:
                condition = self._condition(current)
                branches.append((condition, self._block("if", ("elseif", "else", "endif"))))
            current = self._statements[self._at]
            self._at += 1
        timed = otherwise.timed or any(body.timed for _, body in branches)

        def choose() -> Body:
            return next((body for holds, body in branches if holds()), otherwise)

        if not timed and len(branches) == 1:
            ((holds, body),) = branches
            other = otherwise.run
            return BlockCommand(
                lambda machine: body.run(machine) if holds() else other(machine),
                False,
                statement.line,
            )
        if not timed:
            return BlockCommand(lambda machine: choose().run(machine), False, statement.line)
        return BlockCommand(lambda machine: follow(choose(), machine), True, statement.line)

    def _loop(self, statement: Statement) -> BlockCommand:
        condition = self._condition(statement)
        body = self._closed_block("loop")
        turn_s = COMMAND_S * (1 + len(body.steps))

        def act(machine: Machine) -> Timeline:
            machine.emit("L\n")
            try:
                while condition():
                    if (yield from follow(body, machine)):
                        break
                    yield machine.now_s + turn_s
            except ScriptAborted:
                machine.emit("+\n")
                raise
            machine.emit("+\n")
            return False

        return BlockCommand(act, True, statement.line)

    def _closed_block(self, kind: str) -> Body:
        body = self._block(kind, ("endloop",))
        self._count(self._statements[self._at], 0)
        self._at += 1
        return body

    # Measurement loops ------------------------------------------------------------------------

    def _measurement(self, statement: Statement) -> loops.MeasurementLoop:
        technique = statement.command.removeprefix("meas_loop_")
        options = [a for a in statement.arguments if isinstance(a, Option)]
        values = [a for a in statement.arguments if not isinstance(a, Option)]
        plain = self._count(replace(statement, arguments=tuple(values)), _ARGUMENTS[technique])
        names, line = self._names, statement.line
        galvanostat = technique in ("cp", "lsp")
        reference = [names.reference(a, line) for a in plain[: 1 if technique == "ocp" else 2]]
        numbers = [names.number(a, line) for a in plain[len(reference) :]]
        applied: Reference | None
        if technique == "ocp":
            measured, applied = [("ab", reference[0])], None
        elif galvanostat and self._galvanostat_measures_current:
            measured, applied = [("ab", reference[0]), ("ba", reference[1])], None
        elif galvanostat:
            measured, applied = [("ab", reference[0])], reference[1]
        else:
            measured, applied = [("ba", reference[1])], reference[0]
        scans = self._options(options, technique, measured, line)
        prepare = _PREPARE["ocp" if technique == "ocp" else "i" if galvanostat else "e"]
        if technique in ("ca", "cp"):
            plan = loops.constant(numbers[0], numbers[1], numbers[2], prepare)
        elif technique == "ocp":
            plan = loops.constant(None, numbers[0], numbers[1], prepare)
        else:
            corners = [*numbers[:-2], numbers[0]] if technique == "cv" else numbers[:-2]
            plan = loops.sweep(corners, numbers[-2], numbers[-1], prepare, scans)
        return loops.MeasurementLoop(
            technique=loops.TECHNIQUES[statement.command],
            galvanostat=galvanostat,
            plan=plan,
            applied=applied,
            applied_type="db" if galvanostat else "da",
            measured=measured,
            body=self._closed_block(statement.command),
        )

    def _impedance(self, statement: Statement) -> loops.ImpedanceLoop:
        """`meas_loop_eis f Zr Zi amplitude f_start f_end n bias`, and the same for GEIS.

        `eis_opt(time periods)` sets how long a frequency is measured at least; `eis_tdd(E I count
        rate channel)` gives the signals in time.
        """
        names, line = self._names, statement.line
        options = [a for a in statement.arguments if isinstance(a, Option)]
        values = tuple(a for a in statement.arguments if not isinstance(a, Option))
        arguments = self._count(replace(statement, arguments=values), 8)
        in_time = None
        for option in options:
            inner = option.arguments
            if option.name == "eis_tdd" and len(inner) == 5:
                in_time = loops.TimeSignals(
                    names.array(inner[0], line),
                    names.array(inner[1], line),
                    names.reference(inner[2], line),
                    names.reference(inner[3], line),
                )
            elif option.name != "eis_opt" or len(inner) != 2:
                raise ScriptFault("4008", line, option.column)
        return loops.ImpedanceLoop(
            technique=loops.TECHNIQUES[statement.command],
            galvanostat=statement.command == "meas_loop_geis",
            targets=[names.reference(a, line) for a in arguments[:3]],
            settings=[names.number(a, line) for a in arguments[3:]],
            body=self._closed_block(statement.command),
            in_time=in_time,
        )

    def _pulses(self, statement: Statement) -> pulses.PulseLoop:
        word, names, line = statement.command, self._names, statement.line
        arguments = self._count(statement, pulses.ARGUMENTS[word])
        receivers = pulses.RECEIVERS[word]
        return pulses.PulseLoop(
            word,
            [names.reference(a, line) for a in arguments[:receivers]],
            [names.number(a, line) for a in arguments[receivers:]],
            self._closed_block(word),
        )

    def _further(self, statement: Statement) -> further_loops.FurtherLoop:
        word, names, line = statement.command, self._names, statement.line
        arguments = self._count(statement, further_loops.ARGUMENTS[word])
        receivers = further_loops.RECEIVERS[word]
        numbers = receivers + further_loops.ARRAYS.get(word, 0)
        return further_loops.FurtherLoop(
            word,
            [names.reference(a, line) for a in arguments[:receivers]],
            [names.array(a, line) for a in arguments[receivers:numbers]],
            [names.number(a, line) for a in arguments[numbers:]],
            self._closed_block(word),
        )

    def _options(
        self,
        options: Sequence[Option],
        technique: str,
        measured: list[tuple[str, Reference]],
        line: int,
    ) -> int:
        """Apply optional arguments; the result is the number of scans that were asked for."""
        scans = 0
        for option in options:
            arguments = option.arguments
            if option.name == "nscans" and technique == "cv" and len(arguments) == 1:
                scans = self._names.integer(arguments[0], line)()
                if scans < 1:
                    raise ScriptFault("4204", line, option.column)
            elif option.name == "add_meas" and len(arguments) == 3:
                if self._names.integer(arguments[0], line)() != 0:
                    raise ScriptFault("002F", line, option.column)
                kind = self._names.measurable_type(arguments[1], line)
                if any(kind == taken for taken, _ in measured):
                    raise ScriptFault("005B", line, arguments[1].column)
                measured.append((kind, self._names.reference(arguments[2], line)))
            else:
                raise ScriptFault("4008", line, option.column)
        return scans


_ARGUMENTS = {"lsv": 6, "lsp": 6, "cv": 7, "ca": 5, "cp": 5, "ocp": 3}


def _prepare_potential(machine: Machine, value: float | None) -> None:
    machine.front.require_control(galvanostat=False)
    assert value is not None
    machine.front.check_potential(value)


def _prepare_current(machine: Machine, value: float | None) -> None:
    machine.front.require_control(galvanostat=True)
    assert value is not None
    machine.front.check_current(value)


def _prepare_open_circuit(machine: Machine, _: float | None) -> None:
    if machine.front.cell_on:
        raise ScriptFault("0014")
    if machine.front.mode == 0:
        raise ScriptFault("0023")


_PREPARE = {"e": _prepare_potential, "i": _prepare_current, "ocp": _prepare_open_circuit}
