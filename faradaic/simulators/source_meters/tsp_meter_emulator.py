"""Keithley 2600 source-measure units, which run lines of Lua (TSP), on a cell.

Attributes, off states and limits: 2600BS-900-01 Rev. A, pages 4-34, and 2600BS-901-01, section 9,
as third parties cite it; error codes 1101 and 1102 from labmcp-keithley-smu. Where they are
silent: a chunk takes 2 ms; turning to another function turns the output off; a region that is left
is refused with 5007. No reading buffers, no sweeps of its own, no scripts that stay.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from faradaic.simulators.answer_queue import AnswerQueue
from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.electronics.open_leads import OpenLeads
from faradaic.simulators.scpi.settings import ScpiSetting, read_table
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.source_meters.meter_channel import MeterChannel, channel_of, meter_data
from faradaic.simulators.source_meters.tsp_language import (
    Namespace,
    Parser,
    TspRuntimeError,
    TspSyntaxError,
    as_text,
    kind_of,
)

TAKES_S = 2e-3
FUNCTIONS = ("CURR", "VOLT")
"""By number: `OUTPUT_DCAMPS` is 0, `OUTPUT_DCVOLTS` 1."""
OFF_MODES = ("NORM", "ZERO", "HIMP")
"""By number: `OUTPUT_NORMAL` 0, `OUTPUT_ZERO` 1, `OUTPUT_HIGH_Z` 2."""
CONSTANTS = {
    "OUTPUT_DCAMPS": 0.0,
    "OUTPUT_DCVOLTS": 1.0,
    "OUTPUT_OFF": 0.0,
    "OUTPUT_ON": 1.0,
    "OUTPUT_NORMAL": 0.0,
    "OUTPUT_ZERO": 1.0,
    "OUTPUT_HIGH_Z": 2.0,
    "SENSE_LOCAL": 0.0,
    "SENSE_REMOTE": 1.0,
    "AUTORANGE_OFF": 0.0,
    "AUTORANGE_ON": 1.0,
    "DISABLE": 0.0,
    "ENABLE": 1.0,
}
VOLTAGE_LIMIT, CURRENT_LIMIT, READING_OVERFLOW = 1, 2, 128
"""Of the condition register of a channel (recalled)."""
LONGEST_LINE = 64 * 1024
ERRORS_MAX = 100

_OWN = tuple(
    ScpiSetting(key, "", kind, 0.0, 0.0, default, words)
    for key, kind, default, words in (
        ("source.function", "word", "VOLT", ("VOLTage", "CURRent")),
        ("output", "boolean", False, ()),
        ("off", "word", "NORM", ()),
        ("remote", "boolean", False, ()),
    )
)


class Tsp2600:
    """The instrument behind its interpreter."""

    def __init__(self, model: str, cell: CellModel, seed: int, wired: int = 1) -> None:
        """`wired`: the channel that the cell is on."""
        data = meter_data()[model]
        self.model, self.identification = model, data.identity
        self.now_s = 0.0
        self._table = read_table(__package__, "tsp_2600_emulator.csv")
        self._input = bytearray()
        self._output = AnswerQueue()
        self._errors: deque[tuple[int, str]] = deque()
        self._precision = 6
        self._scope: dict[str, Any] = {}
        self.channels: dict[str, MeterChannel] = {}
        for number in range(1, data.channels + 1):
            here = cell if number == wired else OpenLeads()
            channel = MeterChannel(here, data, _OWN + self._table, seed + number)
            channel.run_on(lambda: self.now_s, self._spend)
            channel.functions = {"CURR", "VOLT"}
            name = f"smu{'ab'[number - 1]}"
            self.channels[name] = channel
            self._scope[name] = self._smu(channel)
        self._powered = False
        self._add_globals()

    # Wire --------------------------------------------------------------------------------------

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`; any split of a line is allowed."""
        self.now_s = max(self.now_s, now_s)
        if not self._powered:
            self._powered = True
            for channel in self.channels.values():
                channel.drive()
        self._input += data
        *lines, rest = self._input.split(b"\n")
        self._input = rest[-LONGEST_LINE:]
        for line in lines:
            self._line(line.decode("latin-1").strip("\r\0 \t"))

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left the instrument since the last call, up to `now_s`."""
        return self._output.left_by(now_s)

    def next_event_s(self) -> float | None:
        """When there will next be something to transmit without further input; None if never."""
        return self._output.next_s()

    def _spend(self, duration_s: float) -> None:
        self.now_s += duration_s

    def _say(self, text: str) -> None:
        self._output.add(self.now_s, text.encode("latin-1", "replace") + b"\n")

    def _line(self, line: str) -> None:
        if not line:
            return
        self._spend(TAKES_S)
        if line.startswith("*"):
            self._common(line)
            return
        try:
            Parser(line).chunk()(self._scope)
        except TspSyntaxError as error:
            self._report(-285, f"TSP Syntax error at line 1: {error}")
        except TspRuntimeError as error:
            self._report(-286, f"TSP Runtime error at line 1: {error}")
        except ScpiError as error:
            known = {-222: (1101, "Parameter too big"), -221: (5007, "Operation not allowed")}
            self._report(*known.get(error.code, (-286, str(error))))
        except (RecursionError, TypeError) as error:  # wrong arguments of a function
            self._report(-286, f"TSP Runtime error at line 1: {error}")

    def _common(self, line: str) -> None:
        answers = {"*IDN?": self.identification, "*OPC?": "1", "*ESR?": "0", "*STB?": "0"}
        word = line.upper()
        if word in answers:
            self._say(answers[word])
        elif word == "*RST":
            self._reset()
        elif word == "*CLS":
            self._errors.clear()
        elif word not in ("*OPC", "*WAI", "*TRG"):
            self._report(-113, "Undefined header")

    def _report(self, code: int, text: str) -> None:
        if len(self._errors) < ERRORS_MAX:
            self._errors.append((code, text))

    # The instrument in its language ------------------------------------------------------------

    def _add_globals(self) -> None:
        scope = self._scope
        functions: dict[str, Callable[..., list[Any]]] = {
            "print": self._print,
            "printnumber": self._print,
            "type": lambda value=None: [kind_of(value)],
            "tostring": lambda value=None: [as_text(value)],
            "tonumber": lambda value=None: [_as_number(value)],
            "next": _next,
            "getmetatable": _metatable,
            "delay": _quiet(lambda seconds: self._spend(float(seconds))),
            "waitcomplete": lambda *_: [],
            "opc": lambda: [],
            "exit": lambda: [],
            "reset": _quiet(lambda *_: self._reset()),
        }
        scope.update(functions)
        scope["errorqueue"] = queue = Namespace("errorqueue")
        queue.getters["count"] = lambda: float(len(self._errors))
        queue.objects |= {"next": self._next_error, "clear": _quiet(self._errors.clear)}
        scope["localnode"] = node = Namespace("localnode")
        name = self.model.removeprefix("keithley-").upper()
        node.getters |= {
            "model": lambda: name,
            "serialno": lambda: f"SIM{name[:4]}",
            "revision": lambda: "3.2.1",
            "linefreq": lambda: 50.0,
        }
        for attribute in ("prompts", "showerrors", "autolinefreq"):
            self._stored(node, attribute, 0.0)
        scope["format"] = form = Namespace("format")
        form.getters["asciiprecision"] = lambda: float(self._precision)
        form.setters["asciiprecision"] = self._set_precision
        self._stored(form, "data", 1.0)
        form.objects |= {"ASCII": 1.0, "REAL32": 2.0, "REAL64": 3.0}
        scope["display"] = display = Namespace("display")
        for word in ("settext", "clear", "sendkey", "setcursor", "trigger"):
            display.objects[word] = lambda *_: []
        self._stored(display, "screen", 0.0)
        display.objects |= {"SMUA": 0.0, "SMUB": 1.0, "SMUA_SMUB": 2.0, "USER": 3.0}
        scope["beeper"] = beeper = Namespace("beeper")
        self._stored(beeper, "enable", 1.0)
        beeper.objects["beep"] = _quiet(lambda seconds, _: self._spend(float(seconds)))
        scope["status"] = status = Namespace("status")
        status.objects["measurement"] = measurement = Namespace("status.measurement")
        measurement.objects["instrument"] = each = Namespace("status.measurement.instrument")
        for smu, channel in self.channels.items():
            each.objects[smu] = mine = Namespace("status.register")
            mine.getters["condition"] = partial(_condition, channel)
        scope["_G"] = scope

    def _stored(self, place: Namespace, name: str, value: Any) -> None:
        held = [value]
        place.getters[name] = lambda: held[0]
        place.setters[name] = lambda told: held.__setitem__(0, told)

    def _set_precision(self, value: Any) -> None:
        if not (isinstance(value, float) and 0 <= value <= 16):
            raise ScpiError(-222)
        self._precision = int(value) or 6

    def _print(self, *values: Any) -> list[Any]:
        self._say("\t".join(self._printed(value) for value in values))
        return []

    def _printed(self, value: Any) -> str:
        if isinstance(value, float) and not isinstance(value, bool):
            value = math.copysign(9.91e37, value) if not math.isfinite(value) else value
            return f"{value:.{self._precision - 1}e}"
        return as_text(value)

    def _next_error(self) -> list[Any]:
        if not self._errors:
            return [0.0, "Queue Is Empty", 0.0, 1.0]
        code, text = self._errors.popleft()
        return [float(code), text, 20.0, 1.0]

    def _reset(self) -> None:
        for channel in self.channels.values():
            channel.reset()
            channel.functions = {"CURR", "VOLT"}

    def _smu(self, channel: MeterChannel) -> Namespace:
        smu, source = Namespace("smu"), Namespace("smu.source")
        measure, filtered = Namespace("smu.measure"), Namespace("smu.measure.filter")
        smu.objects |= CONSTANTS | {"source": source, "measure": measure}
        measure.objects["filter"] = filtered
        smu.objects["reset"] = _quiet(channel.reset)
        places = {"source": source, "measure": measure, "measure.filter": filtered}
        for setting in self._table:
            room, _, name = setting.header.rpartition(".")
            places[room].getters[name] = partial(_get, channel, setting.key)
            places[room].setters[name] = partial(_set, channel, setting)
        for place, name, key, words in (
            (source, "func", "source.function", FUNCTIONS),
            (source, "offmode", "off", OFF_MODES),
            (source, "output", "output", (False, True)),
            (smu, "sense", "remote", (False, True)),
        ):
            place.getters[name] = partial(_get_choice, channel, key, words)
            place.setters[name] = partial(_set_choice, channel, key, words)
        source.getters["compliance"] = lambda: channel.limited("VOLT") or channel.limited("CURR")
        self._stored(source, "offfunc", 1.0)
        for name in ("v", "i", "r", "p", "iv"):
            measure.objects[name] = partial(_measure, channel, name)
        return smu


def _quiet(does: Callable[..., None]) -> Callable[..., list[Any]]:
    """A function of the language that gives nothing."""

    def run(*arguments: Any) -> list[Any]:
        does(*arguments)
        return []

    return run


def _get(channel: MeterChannel, key: str) -> float:
    return float(channel.settings.values[key])


def _set(channel: MeterChannel, setting: ScpiSetting, told: Any) -> None:
    number = _as_number(float(told) if isinstance(told, bool) else told)
    if number is None:
        raise TspRuntimeError(f"invalid type: {kind_of(told)}")
    if setting.kind == "boolean":
        channel.store(setting.key, bool(number))
        return
    if not setting.low <= number <= setting.high:
        raise ScpiError(-222)
    channel.store(setting.key, number)


def _get_choice(channel: MeterChannel, key: str, words: tuple[Any, ...]) -> float:
    return float(words.index(channel.settings.values[key]))


def _set_choice(channel: MeterChannel, key: str, words: tuple[Any, ...], told: Any) -> None:
    number = _as_number(float(told) if isinstance(told, bool) else told)
    if number is None or number not in range(len(words)):
        raise ScpiError(-222)
    channel.store(key, words[int(number)])


def _measure(channel: MeterChannel, name: str, *_: Any) -> list[Any]:
    """With its output off a channel measures what is at its terminals."""
    taken = channel.take()
    volts, amps = taken.voltage_V, taken.current_A
    if name == "iv":
        return [amps, volts]
    resistance = volts / amps if amps else math.inf
    return [{"v": volts, "i": amps, "r": resistance, "p": volts * amps}[name]]


def _condition(channel: MeterChannel) -> float:
    bits = VOLTAGE_LIMIT * channel.limited("VOLT") + CURRENT_LIMIT * channel.limited("CURR")
    over = channel.last is not None and channel.last.overflow
    return float(bits + READING_OVERFLOW * over)


def _as_number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, float | str) else None
    except ValueError:
        return None


def _next(table: Any, key: Any = None) -> list[Any]:
    if isinstance(table, Namespace):
        return [None]
    if not isinstance(table, dict):
        raise TspRuntimeError("bad argument #1 to `next' (table expected)")
    keys = list(table)
    at = keys.index(key) + 1 if key in table else 0
    return [keys[at], table[keys[at]]] if at < len(keys) else [None]


def _metatable(value: Any = None) -> list[Any]:
    if not isinstance(value, Namespace):
        return [None]
    getters: dict[str, Any] = dict.fromkeys(value.getters, _quiet(lambda *_: None))
    setters: dict[str, Any] = dict.fromkeys(value.setters, _quiet(lambda *_: None))
    told = {"Getters": getters, "Setters": setters, "Objects": dict(value.objects)}
    return [told | {"luatype": value.luatype}]


def _maker(model: str) -> Callable[..., Emulator]:
    def make(cell: CellModel, seed: int, *, channel: str = "1") -> Emulator:
        """A meter, just switched on, the cell on one of its channels."""
        return Tsp2600(model, cell, seed, channel_of(model, channel))

    return make


keithley_2601b = _maker("keithley-2601b")
keithley_2602b = _maker("keithley-2602b")
keithley_2611b = _maker("keithley-2611b")
keithley_2612b = _maker("keithley-2612b")
keithley_2635b = _maker("keithley-2635b")
keithley_2636b = _maker("keithley-2636b")
