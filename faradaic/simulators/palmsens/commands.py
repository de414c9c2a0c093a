"""The commands of a script that are neither blocks nor measurement loops.

Each takes its arguments apart once, when the script is loaded, and gives back the function that
does the work. Signature letters: v variable, n number, i integer, t variable type, a array, s
string; in brackets: may be left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from faradaic.simulators.palmsens.faults import ScriptAborted, ScriptFault
from faradaic.simulators.palmsens.machine import Machine, interpolator
from faradaic.simulators.palmsens.syntax import Argument, Name, Option, Statement, Text
from faradaic.simulators.palmsens.variables import Names, Value, Variable, element

if TYPE_CHECKING:
    from faradaic.simulators.palmsens.variables import Reference

Number = Callable[[], Value]
Act = Callable[[Machine], Any]


class Command(NamedTuple):
    """How a command is compiled."""

    signature: str
    optional: int
    build: Callable[..., Act]
    timed: bool
    in_measurement: bool
    """Whether it may stand in a measurement loop."""


COMMANDS: dict[str, Command] = {}

OUTSIDE_ONLY_CODES = {"set_e": "4032", "set_i": "4033"}


def _command(
    name: str, signature: str, *, timed: bool = False, in_measurement: bool = True
) -> Callable[[Callable[..., Act]], Callable[..., Act]]:
    required, _, optional = signature.replace(" ", "").partition("[")
    letters = required + optional.rstrip("]")

    def register(build: Callable[..., Act]) -> Callable[..., Act]:
        COMMANDS[name] = Command(letters, len(optional.rstrip("]")), build, timed, in_measurement)
        return build

    return register


def build(statement: Statement, names: Names) -> tuple[Act, bool]:
    """(the function that does a statement, whether it takes time). Raises `ScriptFault`."""
    command = COMMANDS[statement.command]
    line = statement.line
    given = statement.arguments
    if len(given) > len(command.signature):
        raise ScriptFault("420A", line, given[len(command.signature)].column)
    if len(given) < len(command.signature) - command.optional:
        raise ScriptFault("4004", line, statement.end)
    parsed = [
        _argument(letter, argument, names, line)
        for letter, argument in zip(command.signature, given, strict=False)
    ]
    return command.build(*parsed), command.timed


def _argument(letter: str, argument: Argument, names: Names, line: int) -> Any:
    match letter:
        case "v":
            return names.reference(argument, line)
        case "n":
            return names.number(argument, line)
        case "i":
            return names.integer(argument, line)
        case "t":
            return names.variable_type(argument, line)
        case "a":
            return names.array(argument, line)
        case "s":
            return string(argument, names, line)
        case "w":
            if not isinstance(argument, Name):
                raise ScriptFault("4208", line, argument.column)
            return argument.text
        case "o":
            if not isinstance(argument, Option):
                raise ScriptFault("4008", line, argument.column)
            return _cell_on_option(argument, names, line)
    raise AssertionError(letter)


def string(argument: Argument, names: Names, line: int) -> Callable[[], str]:
    """A string literal, an f-string, or the value of a string variable."""
    if isinstance(argument, Text):
        if argument.interpolated:
            return interpolator(argument.text, names, line)
        text = argument.text
        return lambda: text
    if isinstance(argument, Name) and argument.text in names.strings:
        name = argument.text
        return lambda: names.strings[name]
    raise ScriptFault("420C", line, argument.column)


def _cell_on_option(argument: Option, names: Names, line: int) -> Number:
    if argument.name != "ocp" or len(argument.arguments) != 1:
        raise ScriptFault("4008", line, argument.column)
    return names.number(argument.arguments[0], line)


# Variables ------------------------------------------------------------------------------------


@_command("store_var", "v n t")
def _store_var(target: Reference, number: Number, kind: str) -> Act:
    def act(_: Machine) -> None:
        variable = target()
        variable.set(number())
        variable.type = kind

    return act


_command("copy_var", "v v")(lambda source, target: lambda _: target().copy_from(source()))


@_command("alter_vartype", "v t")
def _alter_vartype(target: Reference, kind: str) -> Act:
    def act(_: Machine) -> None:
        target().type = kind

    return act


@_command("array_get", "a i v")
def _array_get(array: list[Variable], index: Callable[[], int], target: Reference) -> Act:
    source = element(array, index)
    return lambda _: target().copy_from(source())


@_command("array_set", "a i v")
def _array_set(array: list[Variable], index: Callable[[], int], source: Reference) -> Act:
    target = element(array, index)
    return lambda _: target().copy_from(source())


def _checked(value: Value) -> Value:
    if isinstance(value, int):
        if not -(1 << 31) <= value < 1 << 31:
            raise ScriptFault("4037")
    elif not math.isfinite(value):
        raise ScriptFault("0010")
    return value


def _arithmetic(name: str, compute: Callable[[Value, Value], Value]) -> None:
    def construct(target: Reference, number: Number) -> Act:
        def act(_: Machine) -> None:
            variable = target()
            left, right = variable.value, number()
            if left.__class__ is not right.__class__:
                raise ScriptFault("4207")
            try:
                variable.set(_checked(compute(left, right)))
            except ZeroDivisionError:
                raise ScriptFault("0028") from None
            except (OverflowError, ValueError):
                raise ScriptFault("4037") from None

        return act

    _command(name, "v n")(construct)


def _divide(left: Value, right: Value) -> Value:
    if isinstance(left, int) and isinstance(right, int):
        return int(math.copysign(abs(left) // abs(right), left * right)) if left else left // right
    return left / right


def _power(left: Value, right: Value) -> Value:
    if isinstance(left, int) and (right < 0 or (abs(left) > 1 and right > 31)):
        raise OverflowError
    result = left**right
    if isinstance(result, complex):
        raise ScriptFault("0010")
    return result


def _logarithm(left: Value, base: Value) -> Value:
    if left <= 0 or base <= 0 or base == 1:
        raise ScriptFault("0010")
    return math.log(left) / math.log(base)


def _bits(name: str, compute: Callable[[int, int], int]) -> None:
    def whole(left: Value, right: Value) -> int:
        if not isinstance(left, int) or not isinstance(right, int):
            raise ScriptFault("4207")
        result = compute(left & 0xFFFFFFFF, right & 0xFFFFFFFF) & 0xFFFFFFFF
        return result - (1 << 32) if result >> 31 else result

    _arithmetic(name, whole)


_arithmetic("add_var", lambda a, b: a + b)
_arithmetic("sub_var", lambda a, b: a - b)
_arithmetic("mul_var", lambda a, b: a * b)
_arithmetic("div_var", _divide)
_arithmetic("mod_var", lambda a, b: int(math.fmod(a, b)) if isinstance(a, int) else math.fmod(a, b))
_arithmetic("pow_var", _power)
_arithmetic("log_var", _logarithm)
_bits("bit_and_var", lambda a, b: a & b)
_bits("bit_or_var", lambda a, b: a | b)
_bits("bit_xor_var", lambda a, b: a ^ b)
_bits("bit_lsl_var", lambda a, b: a << min(b, 32))
_bits("bit_lsr_var", lambda a, b: a >> min(b, 32))


@_command("bit_inv_var", "v")
def _bit_inv_var(target: Reference) -> Act:
    def act(_: Machine) -> None:
        variable = target()
        if not isinstance(variable.value, int):
            raise ScriptFault("4207")
        variable.set(~variable.value)

    return act


_command("int_to_float", "v")(lambda target: lambda _: target().set(float(target().value)))
_command("float_to_int", "v")(lambda target: lambda _: target().set(_whole(target().value)))


def _whole(value: Value) -> Value:
    if not math.isfinite(value):
        raise ScriptFault("0010")
    return _checked(math.trunc(value))


# Time and output ------------------------------------------------------------------------------


@_command("wait", "n", timed=True, in_measurement=False)
def _wait(duration: Number) -> Act:
    def act(machine: Machine) -> Generator[float, float, None]:
        if duration() < 0:
            raise ScriptFault("4200")
        yield machine.now_s + duration()

    return act


_command("timer_start", "")(lambda: lambda machine: machine.start_timer())
_command("timer_get", "v")(
    lambda target: lambda machine: target().measured(machine.timer_s(), "eb", None, None)
)
_command("pck_start", "")(lambda: lambda machine: machine.open_package())
_command("pck_add", "v")(lambda source: lambda machine: machine.add_to_package(source()))
_command("pck_end", "")(lambda: lambda machine: machine.close_package())
_command("send_string", "s")(lambda text: lambda machine: machine.emit(f"T{text()}\n"))


@_command("set_script_output", "i")
def _set_script_output(mode: Callable[[], int]) -> Act:
    def act(machine: Machine) -> None:
        if mode() not in (0, 1, 2, 3):
            raise ScriptFault("403C")
        machine.muted = mode() in (0, 2)  # 2 is to a file only

    return act


@_command("abort", "")
def _abort() -> Act:
    def act(_: Machine) -> None:
        raise ScriptAborted

    return act


# The cell -------------------------------------------------------------------------------------


@_command("cell_on", "[o]", in_measurement=False)
def _cell_on(_open_circuit_V: Number | None = None) -> Act:
    return lambda machine: machine.front.switch_on(machine.now_s)


_command("cell_off", "", in_measurement=False)(
    lambda: lambda machine: machine.front.switch_off(machine.now_s)
)
_command("set_e", "n", in_measurement=False)(
    lambda potential: lambda machine: machine.front.set_potential(float(potential()), machine.now_s)
)
_command("set_i", "n", in_measurement=False)(
    lambda current: lambda machine: machine.front.set_current(float(current()), machine.now_s)
)


@_command("set_pgstat_chan", "i", in_measurement=False)
def _set_pgstat_chan(channel: Callable[[], int]) -> Act:
    def act(_: Machine) -> None:
        if channel() != 0:
            raise ScriptFault("002F")

    return act


_command("set_pgstat_mode", "i", in_measurement=False)(
    lambda mode: lambda machine: machine.front.select_mode(mode(), machine.now_s)
)


@_command("set_max_bandwidth", "n", in_measurement=False)
def _set_max_bandwidth(bandwidth: Number) -> Act:
    def act(_: Machine) -> None:
        if bandwidth() < 0:
            raise ScriptFault("4200")

    return act


@_command("set_acquisition_frac_autoadjust", "n", in_measurement=False)
def _set_acquisition_frac_autoadjust(mains_Hz: Number) -> Act:
    return _set_max_bandwidth(mains_Hz)


_command("set_range", "t n")(
    lambda kind, value: lambda machine: machine.front.set_range(kind, value())
)
_command("set_autoranging", "t n n")(
    lambda kind, lowest, highest: lambda machine: machine.front.set_range(kind, lowest(), highest())
)


@_command("set_range_minmax", "t n n", in_measurement=False)
def _set_range_minmax(kind: str, lowest: Number, highest: Number) -> Act:
    def act(machine: Machine) -> None:
        least, most = lowest(), highest()
        if least > most:
            raise ScriptFault("4205")
        if kind == "da":
            machine.front.require_potentiostat()
            machine.front.check_potential(least)
            machine.front.check_potential(most)
        else:
            machine.front.set_range(kind, max(abs(least), abs(most)))

    return act


@_command("meas", "n v t", timed=True, in_measurement=False)
def _meas(duration: Number, target: Reference, kind: str) -> Act:
    if kind not in ("ab", "ag", "ba"):
        raise ScriptFault("4209")

    def act(machine: Machine) -> Generator[float, float, None]:
        aperture_s = duration()
        if not aperture_s > 0:
            raise ScriptFault("4204")
        if machine.front.mode == 0:
            raise ScriptFault("0023")
        yield machine.now_s + aperture_s
        (reading,) = machine.front.measure((kind,), machine.now_s, aperture_s)
        target().measured(reading.value, kind, reading.status, reading.range_index)

    return act


# Pins: kept, connected to nothing --------------------------------------------------------------


def _pins(name: str, signature: str) -> None:
    def construct(*numbers: Callable[[], int]) -> Act:
        def act(machine: Machine) -> None:
            machine.gpio[name] = numbers[0]()

        return act

    _command(name, signature)(construct)


_pins("set_gpio_cfg", "i i")
_pins("set_gpio_pullup", "i i")
_pins("set_gpio", "i")
_pins("set_gpio_msk", "i i")


@_command("get_gpio", "v")
def _get_gpio(target: Reference) -> Act:
    def act(machine: Machine) -> None:
        target().measured(machine.gpio.get("set_gpio", 0), "ec", None, None)

    return act


def require_outside_measurement(statement: Statement, nested: Sequence[str]) -> None:
    """Raises `ScriptFault` for a command that a measurement loop does not allow."""
    if COMMANDS[statement.command].in_measurement:
        return
    if any(block.startswith("meas_loop") for block in nested):
        code = OUTSIDE_ONLY_CODES.get(statement.command, "401A")
        raise ScriptFault(code, statement.line, statement.column)
