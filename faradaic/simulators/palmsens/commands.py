"""The commands of a script that are neither blocks nor measurement loops.

Arguments are taken apart once, when the script is loaded; a command is done with the machine and
their present values. Signature letters: v variable, x variable or literal, n number, i integer,
t variable type, w type that can be measured, a array, s string, o option of `cell_on`; in brackets:
may be left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from statistics import StatisticsError, linear_regression
from typing import Any, NamedTuple

from faradaic.simulators.palmsens.faults import ScriptAborted, ScriptFault
from faradaic.simulators.palmsens.machine import Machine, Timeline, interpolator
from faradaic.simulators.palmsens.script_lines import (
    Argument,
    Name,
    Number,
    Option,
    Statement,
    Text,
)
from faradaic.simulators.palmsens.variables import Names, Value, Variable, item

Act = Callable[[Machine], Any]
Do = Callable[..., Any]


class Command(NamedTuple):
    """One command: `do(machine, *values)`, a generator if it takes time."""

    signature: str
    optional: int
    do: Do
    timed: bool
    in_measurement: bool
    """Whether it may stand in a measurement loop."""


COMMANDS: dict[str, Command] = {}

OUTSIDE_ONLY_CODES = {"set_e": "4032", "set_i": "4033"}


def command(
    name: str, signature: str, *, timed: bool = False, in_measurement: bool = True
) -> Callable[[Do], Do]:
    """Register what a command does; "name/3" is the form with three arguments."""
    required, _, optional = signature.replace(" ", "").partition("[")
    letters = required + optional.rstrip("]")

    def register(do: Do) -> Do:
        COMMANDS[name] = Command(letters, len(optional.rstrip("]")), do, timed, in_measurement)
        return do

    return register


def build(statement: Statement, names: Names) -> tuple[Act, bool]:
    """(the function that does a statement, whether it takes time). Raises `ScriptFault`."""
    given, line = statement.arguments, statement.line
    short = f"{statement.command}/{len(given)}"
    found = COMMANDS[short if short in COMMANDS else statement.command]
    if len(given) > len(found.signature):
        raise ScriptFault("420A", line, given[len(found.signature)].column)
    if len(given) < len(found.signature) - found.optional:
        raise ScriptFault("4004", line, statement.end)
    values = [
        _argument(letter, argument, names, line)
        for letter, argument in zip(found.signature, given, strict=False)
    ]
    do = found.do
    return _bound(do, values), found.timed


def _bound(do: Do, values: list[Callable[[], Any]]) -> Act:
    """A command with its arguments, which are looked up at the time of use."""
    match values:
        case []:
            return do
        case [one]:
            return lambda machine: do(machine, one())
        case [one, two]:
            return lambda machine: do(machine, one(), two())
        case _:
            return lambda machine: do(machine, *[value() for value in values])


def _argument(letter: str, argument: Argument, names: Names, line: int) -> Callable[[], Any]:
    """What gives the value of an argument at the time of use."""
    if letter == "x" and isinstance(argument, Number):
        constant = Variable()
        constant.set(argument.value)
        return lambda: constant
    at_use = {"v": names.reference, "x": names.reference, "n": names.number, "i": names.integer}
    if letter in at_use:
        return at_use[letter](argument, line)
    if letter == "s":
        return string(argument, names, line)
    if letter == "o":
        return _cell_on_option(argument, names, line)
    at_once = {"t": names.variable_type, "w": names.measurable_type, "a": names.array}
    value = at_once[letter](argument, line)
    return lambda: value


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


def _cell_on_option(argument: Argument, names: Names, line: int) -> Callable[[], Value]:
    if not isinstance(argument, Option) or argument.name != "ocp" or len(argument.arguments) != 1:
        raise ScriptFault("4008", line, argument.column)
    return names.number(argument.arguments[0], line)


# Variables ------------------------------------------------------------------------------------


@command("store_var", "v n t")
def _store_var(_: Machine, target: Variable, value: Value, kind: str) -> None:
    target.set(value)
    target.type = kind


command("copy_var", "v v")(lambda _, source, target: target.copy_from(source))


@command("alter_vartype", "v t")
def _alter_vartype(_: Machine, target: Variable, kind: str) -> None:
    target.type = kind


command("array_get", "a i v")(lambda _, array, at, target: target.copy_from(item(array, at)))
command("array_set", "a i x")(lambda _, array, at, source: item(array, at).copy_from(source))


def _checked(value: Value) -> Value:
    if isinstance(value, int):
        if not -(1 << 31) <= value < 1 << 31:
            raise ScriptFault("4037")
    elif not math.isfinite(value):
        raise ScriptFault("0010")
    return value


def _arithmetic(name: str, compute: Callable[[Value, Value], Value]) -> None:
    def do(_: Machine, variable: Variable, right: Value) -> None:
        left = variable.value
        if left.__class__ is not right.__class__:
            raise ScriptFault("4207")
        try:
            variable.set(_checked(compute(left, right)))
        except ZeroDivisionError:
            raise ScriptFault("0028") from None
        except (OverflowError, ValueError):
            raise ScriptFault("4037") from None

    command(name, "v n")(do)


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


@command("log_var", "v [n]")
def _logarithm(_: Machine, variable: Variable, base: Value = math.e) -> None:
    """Natural, or to a base."""
    if variable.value <= 0 or base <= 0 or base == 1:
        raise ScriptFault("0010")
    variable.set(math.log(variable.value) / math.log(base))


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
_bits("bit_and_var", lambda a, b: a & b)
_bits("bit_or_var", lambda a, b: a | b)
_bits("bit_xor_var", lambda a, b: a ^ b)
_bits("bit_lsl_var", lambda a, b: a << min(b, 32))
_bits("bit_lsr_var", lambda a, b: a >> min(b, 32))


@command("bit_inv_var", "v")
def _bit_inv_var(_: Machine, variable: Variable) -> None:
    if not isinstance(variable.value, int):
        raise ScriptFault("4207")
    variable.set(~variable.value)


@command("mean", "a v")
def _mean(_: Machine, array: list[Variable], target: Variable) -> None:
    target.copy_from(array[0])
    target.set(math.fsum(element.value for element in array) / len(array))


@command("linear_fit", "a a v v")
def _linear_fit(
    _: Machine, x: list[Variable], y: list[Variable], slope: Variable, intercept: Variable
) -> None:
    if len(x) != len(y):
        raise ScriptFault("4017")
    try:
        line = linear_regression([at.value for at in x], [at.value for at in y])
    except StatisticsError:
        raise ScriptFault("0028") from None
    slope.set(line.slope)
    intercept.set(line.intercept)


command("int_to_float", "v")(lambda _, target: target.set(float(target.value)))
command("float_to_int", "v")(lambda _, target: target.set(_whole(target.value)))


def _whole(value: Value) -> Value:
    if not math.isfinite(value):
        raise ScriptFault("0010")
    return _checked(math.trunc(value))


# Time and output ------------------------------------------------------------------------------


@command("wait", "n", timed=True, in_measurement=False)
def _wait(machine: Machine, duration_s: Value) -> Generator[float, float, None]:
    if duration_s < 0:
        raise ScriptFault("4200")
    yield machine.now_s + duration_s


@command("set_int", "n", in_measurement=False)
def _set_int(machine: Machine, interval_s: Value) -> None:
    if not interval_s > 0:
        raise ScriptFault("4204")
    machine.interval_s, machine.interval_end_s = interval_s, machine.now_s + interval_s


@command("await_int", "", timed=True, in_measurement=False)
def _await_int(machine: Machine) -> Generator[float, float, None]:
    """Until the next whole interval since `set_int`; none waits for one that has passed."""
    if machine.interval_s <= 0:
        raise ScriptFault("400C")
    late = math.ceil((machine.now_s - machine.interval_end_s) / machine.interval_s)
    end_s = machine.interval_end_s + max(late, 0) * machine.interval_s
    machine.interval_end_s = end_s + machine.interval_s
    yield end_s


@command("beep", "n n n", timed=True, in_measurement=False)
def _beep(machine: Machine, tone: Value, loudness: Value, duration_s: Value) -> Timeline:
    """Nothing is heard, but it takes its time."""
    if tone < 0 or loudness < 0 or duration_s < 0:
        raise ScriptFault("4200")
    yield machine.now_s + duration_s
    return False


command("notify_led", "i")(lambda *_: None)
command("timer_start", "")(Machine.start_timer)
command("timer_get", "v")(
    lambda machine, target: target.measured(machine.timer_s(), "eb", None, None)
)
command("pck_start", "")(Machine.open_package)
command("pck_add", "v")(Machine.add_to_package)
command("pck_end", "")(Machine.close_package)
command("send_string", "s")(lambda machine, text: machine.emit(f"T{text}\n"))


@command("set_script_output", "i")
def _set_script_output(machine: Machine, mode: int) -> None:
    if mode not in (0, 1, 2, 3):
        raise ScriptFault("403C")
    machine.muted = mode in (0, 2)  # 2 is to a file only


@command("abort", "")
def _abort(_: Machine) -> None:
    raise ScriptAborted


# The cell -------------------------------------------------------------------------------------


command("cell_on", "[o]", in_measurement=False)(
    lambda machine, *_: machine.front.switch_on(machine.now_s)
)
command("cell_off", "", in_measurement=False)(
    lambda machine: machine.front.switch_off(machine.now_s)
)
command("set_e", "n", in_measurement=False)(
    lambda machine, value_V: machine.front.set_potential(float(value_V), machine.now_s)
)
command("set_i", "n", in_measurement=False)(
    lambda machine, value_A: machine.front.set_current(float(value_A), machine.now_s)
)


@command("set_pgstat_chan", "i", in_measurement=False)
def _set_pgstat_chan(machine: Machine, channel: int) -> None:
    machine.front.select_channel(channel)


command("set_pgstat_mode", "i", in_measurement=False)(
    lambda machine, mode: machine.front.select_mode(mode, machine.now_s)
)


@command("set_max_bandwidth", "n", in_measurement=False)
@command("set_acquisition_frac_autoadjust", "n", in_measurement=False)
def _frequency(_: Machine, frequency_Hz: Value) -> None:
    if frequency_Hz < 0:
        raise ScriptFault("4200")


command("set_range", "t n")(lambda machine, *values: machine.front.set_range(*values))
command("set_autoranging", "t n n")(lambda machine, *values: machine.front.set_range(*values))


command("set_cr", "n")(lambda machine, most_A: machine.front.set_range("ba", most_A))
command("set_pot_range", "n n", in_measurement=False)(
    lambda machine, least_V, most_V: _set_range_minmax(machine, "da", least_V, most_V)
)


@command("set_range_minmax", "t n n", in_measurement=False)
def _set_range_minmax(machine: Machine, kind: str, least: Value, most: Value) -> None:
    if least > most:
        raise ScriptFault("4205")
    if kind == "da":
        machine.front.require_potentiostat()
        machine.front.check_potential(least)
        machine.front.check_potential(most)
    else:
        machine.front.set_range(kind, max(abs(least), abs(most)))


@command("meas", "n v w", timed=True, in_measurement=False)
def _meas(
    machine: Machine, aperture_s: Value, target: Variable, kind: str
) -> Generator[float, float, None]:
    if not aperture_s > 0:
        raise ScriptFault("4204")
    if machine.front.switched_off:
        raise ScriptFault("0023")
    yield machine.now_s + aperture_s
    (reading,) = machine.front.measure((kind,), machine.now_s, aperture_s)
    target.measured(reading.value, kind, reading.status, reading.range_index)


@command("file_open", "s i")
@command("file_close", "")
def _file(_: Machine, *__: Any) -> None:
    """A file of the instrument's own, which nobody reads back."""


# Pins: kept, connected to nothing --------------------------------------------------------------


def _pins(name: str, signature: str) -> None:
    def do(machine: Machine, value: int, *_: int) -> None:
        machine.gpio[name] = value

    command(name, signature)(do)


_pins("set_gpio_cfg", "i i")
_pins("set_gpio_pullup", "i i")
_pins("set_gpio", "i")
_pins("set_gpio_msk", "i i")
command("get_gpio", "v")(
    lambda machine, target: target.measured(machine.gpio.get("set_gpio", 0), "ec", None, None)
)


def require_outside_measurement(statement: Statement, nested: Sequence[str]) -> None:
    """Raises `ScriptFault` for a command that a measurement loop does not allow."""
    if COMMANDS[statement.command].in_measurement:
        return
    if any(block.startswith("meas_loop") for block in nested):
        code = OUTSIDE_ONLY_CODES.get(statement.command, "401A")
        raise ScriptFault(code, statement.line, statement.column)
