"""What `:INITiate` runs: sweeps over levels, and loops that measure again and again.

Command forms: 2450-901-01 Rev. B, `:SOURce:SWEep`, `:SOURce:LIST` and `:TRIGger:LOAD` (recalled).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from faradaic.simulators.keithley.buffers import Buffer
from faradaic.simulators.scpi import syntax
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.tree import Arguments, CommandTree

MOST_POINTS = 1_000_000
LIST_MAX = 2500

_AFTER_RANGE = 9
"""Parameters of a sweep: three for its levels, delay, count, range, abort, dual, buffer."""


class Sourcing(Protocol):
    """What a sweep does to the instrument."""

    now_s: float

    def spend(self, duration_s: float) -> None:
        """Let time pass."""

    def source(self, function: str, levels: list[float]) -> None:
        """Choose the function and refuse levels that it cannot have. Raises `ScpiError`."""

    def set_level(self, function: str, level: float) -> None:
        """Source a level, the output on."""

    def switch(self, on: bool) -> None:
        """The output."""

    def reading_into(self, buffer: Buffer) -> None:
        """Take a reading."""

    def buffer_named(self, name: str) -> Buffer:
        """A buffer. Raises `ScpiError`."""


class TriggerModel:
    """Holds what was loaded until it is initiated."""

    def __init__(self, instrument: Sourcing, default_buffer: str) -> None:
        self._instrument = instrument
        self._default = default_buffer
        self._loaded: Callable[[], None] | None = None
        self._lists: dict[str, list[float]] = {"CURR": [], "VOLT": []}

    def add_commands(self, tree: CommandTree) -> None:
        """Register the headers."""
        for name, function in (("CURRent", "CURR"), ("VOLTage", "VOLT")):
            sweep = f":SOURce[1]:SWEep:{name}"
            for form, levels in (
                (":LINear", _linear),
                (":LINear:STEP", _steps),
                (":LOG", _logarithmic),
            ):
                tree.add(
                    sweep + form,
                    write=partial(self._sweep, function, levels),
                    arguments=(3, _AFTER_RANGE + (form == ":LOG")),
                )
            tree.add(f"{sweep}:LIST", write=partial(self._over_list, function), arguments=(1, 5))
            listed = f":SOURce[1]:LIST:{name}"
            told = partial(self._tell_list, function)
            tree.add(
                listed, write=partial(self._list, function), arguments=(1, LIST_MAX), query=told
            )
            tree.add(
                f"{listed}:APPend",
                write=partial(self._append, function),
                arguments=(1, LIST_MAX),
            )
            tree.add(f"{listed}:POINts", query=partial(self._points, function))
        tree.add(":TRIGger:LOAD", write=self._load, arguments=(1, 4))
        tree.add(":TRIGger:STATe", query=lambda _: "IDLE;IDLE;0")
        tree.add(":INITiate[:IMMediate]", write=self._initiate, arguments=(0, 0))

    def _initiate(self, _: Arguments) -> None:
        """Run what was loaded. Raises `ScpiError` if nothing was."""
        if self._loaded is None:
            raise ScpiError(-200)
        self._loaded()

    def _sweep(
        self, function: str, levels_of: Callable[[list[float]], list[float]], arguments: Arguments
    ) -> None:
        levels = levels_of([syntax.number(argument) for argument in arguments[:3]])
        self._take(function, levels, arguments[3:5], arguments[8:9])

    def _over_list(self, function: str, arguments: Arguments) -> None:
        first = round(syntax.number(arguments[0]))
        levels = self._lists[function][first - 1 :] if first >= 1 else []
        if not levels:
            raise ScpiError(-222)
        self._take(function, levels, arguments[1:3], arguments[4:5])

    def _take(
        self, function: str, levels: list[float], timing: Arguments, buffer: Arguments
    ) -> None:
        delay_s = max(0.0, syntax.number(timing[0])) if timing else 0.0
        count = round(syntax.number(timing[1])) if len(timing) > 1 else 1
        if not 0 < count <= MOST_POINTS:
            raise ScpiError(-222)
        into = self._buffer(buffer)
        instrument = self._instrument
        instrument.source(function, levels)

        def run() -> None:
            instrument.source(function, levels)
            instrument.switch(True)
            for _ in range(count):
                for level in levels:
                    instrument.set_level(function, level)
                    instrument.spend(delay_s)
                    instrument.reading_into(into)
            instrument.switch(False)

        self._loaded = run

    def _list(self, function: str, arguments: Arguments) -> None:
        self._lists[function] = []
        self._append(function, arguments)

    def _append(self, function: str, arguments: Arguments) -> None:
        self._lists[function] += [syntax.number(argument) for argument in arguments]
        if len(self._lists[function]) > LIST_MAX:
            raise ScpiError(-222)

    def _tell_list(self, function: str, _: Arguments) -> str:
        return ",".join(f"{level:.7g}" for level in self._lists[function])

    def _points(self, function: str, _: Arguments) -> str:
        return str(len(self._lists[function]))

    def _load(self, arguments: Arguments) -> None:
        """`"SimpleLoop", count[, delay[, buffer]]`, the same for a duration, or nothing."""
        name = syntax.string(arguments[0]).upper()
        if name == "EMPTY" and len(arguments) == 1:
            self._loaded = None
            return
        if name not in ("SIMPLELOOP", "DURATIONLOOP") or len(arguments) < 2:
            raise ScpiError(-224)
        most = syntax.number(arguments[1])
        delay_s = syntax.number(arguments[2]) if len(arguments) > 2 else 0.0
        if not 0 < most <= MOST_POINTS or delay_s < 0:
            raise ScpiError(-222)
        into, instrument = self._buffer(arguments[3:4]), self._instrument

        def run() -> None:
            into.records.clear()
            instrument.switch(True)
            begun_s, taken = instrument.now_s, 0
            while (taken if name == "SIMPLELOOP" else instrument.now_s - begun_s) < most:
                instrument.spend(delay_s)
                instrument.reading_into(into)
                taken += 1
            instrument.switch(False)

        self._loaded = run

    def _buffer(self, arguments: Arguments) -> Buffer:
        name = syntax.string(arguments[0]) if arguments else self._default
        return self._instrument.buffer_named(name)


def _linear(numbers: list[float]) -> list[float]:
    first, last, points = numbers
    count = _count(points)
    return [first + (last - first) * k / (count - 1) for k in range(count)]


def _steps(numbers: list[float]) -> list[float]:
    first, last, step = numbers
    if step == 0 or (last - first) * step < 0:
        raise ScpiError(-222)
    count = _count((last - first) / step + 1 + 1e-9)
    return [first + step * k for k in range(count)]


def _logarithmic(numbers: list[float]) -> list[float]:
    first, last, points = numbers
    count = _count(points)
    if not first * last > 0:
        raise ScpiError(-222)
    levels: list[float] = [first * (last / first) ** (k / (count - 1)) for k in range(count)]
    return levels


def _count(points: float) -> int:
    count = int(points)
    if not 2 <= count <= MOST_POINTS:
        raise ScpiError(-222)
    return count
