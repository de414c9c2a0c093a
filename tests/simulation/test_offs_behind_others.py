"""Calls that turn an output off behind another that does so first.

No seed shows when one of these is missing, since the other is there. Each is tried in the situation
that it is for, with it and without it.
"""

from __future__ import annotations

import contextlib
import inspect
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.palmsens.driver import EmStat4HR, MethodScriptDriver
from faradaic.instruments.palmsens.link import Link
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.runner.bench_ports import BenchPorts
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from simulation.truth import TrueCell

CURRENT = ConstantCurrentSegment(5e-3, 5.0, 60.0, 1.0, 1e9)
PROMPT_S = 0.5
"""Sooner than an instrument whose script nobody renews turns itself off."""


class Instrument:
    """An emulator on a true cell, and as many ports to it as are opened."""

    def __init__(self, driver: Any) -> None:
        keithley = driver is Keithley2450
        self.driver = driver
        self.clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.cell = TrueCell(300.0, 0.0)
        self._on_before_s = 0.0
        self.emulator: Any = make_emulator(
            "keithley-2450" if keithley else "emstat4-hr", self.cell, 1
        )
        inside = self.emulator
        self._output = inside._electronics if keithley else inside.front.electronics

    def open(self, _rest: str = "") -> Any:
        """A port (of an `AddressScheme`)."""
        return EmulatedTransport(self.emulator, self.clock, "simulated://")

    def running(self) -> tuple[Any, Any]:
        """A driver whose segment is under way, and its stream."""
        driver = self.driver(self.open())
        driver.connect(self.clock)
        stream = driver.run(CURRENT, self.clock)
        next(stream)
        self._on_before_s = self.cell.on_s
        return driver, stream

    @property
    def on(self) -> bool:
        """Whether current flows, or did for long after a segment was left."""
        now_s = self.clock.monotonic_s()
        self.emulator.transmit(now_s)
        self._output.advance(now_s)
        return bool(self._output.output_on) or self.cell.on_s > self._on_before_s + PROMPT_S


def connects(instrument: Instrument) -> Any:
    """A program that finds the output on, left so by one that is gone."""
    kept = instrument.running()
    with contextlib.suppress(DeviceError):
        instrument.driver(instrument.open()).connect(instrument.clock)
    return kept


def fails(error: Exception) -> Callable[[Instrument], Any]:
    """An error inside a segment."""

    def happens(instrument: Instrument) -> Any:
        _, stream = instrument.running()
        with pytest.raises(type(error)):
            stream.throw(error)
        return stream

    return happens


def through_the_port(instrument: Instrument) -> Any:
    """The port of a bench is told to turn off what a stream still holds."""
    ports = BenchPorts(instrument.driver, instrument, "")  # type: ignore[arg-type]
    ports.open()
    stream = ports.run(CURRENT)
    next(stream)
    ports.output_off()
    return stream


def aborted(instrument: Instrument) -> Any:
    """A script is ended, as `stop` does before it turns the output off."""
    driver, stream = instrument.running()
    with contextlib.suppress(DeviceError):
        driver._link.abort(instrument.clock)
    return stream


Z = r'self._write("Z\n")'
OFF = 'OutputState(False, "taken out")'
BEHIND = {
    "2450, connecting": (Keithley2450, "_leave_off", "self._require_off(clock)", "pass", connects),
    "2450, after an error": (
        *(Keithley2450, "run", "self.output_off(clock)", "pass"),
        fails(RuntimeError("broken")),
    ),
    "a port's own, 2450": (
        *(BenchPorts, "_off", "self._source.output_off(self.clock)", OFF),
        through_the_port,
    ),
    "PalmSens, after an error": (
        *(MethodScriptDriver, "run", "state = self.output_off(clock)", f"state = {OFF}"),
        fails(DeviceError.of("broken")),
    ),
    "PalmSens, stopped": (Link, "abort", Z, "pass", aborted),
}


"""Where in the code, the call, what stands in its place, and the situation that it is for.

What is not here reads back what is off already: `_not_renewed`, `_opened_again` and `preflight`
follow an instrument that has said so, and without the `Z` of `Link.resync` nothing connects.
"""


def taken_out(owner: Any, name: str, call: str, instead: str) -> Any:
    """A function without the first of its calls of this kind."""
    function = getattr(owner, name)
    source = textwrap.dedent(inspect.getsource(function))
    assert call in source
    names: dict[str, Any] = {}
    code = f"from __future__ import annotations\n{source.replace(call, instead, 1)}"
    exec(compile(code, str(inspect.getsourcefile(function)), "exec"), function.__globals__, names)
    return names[name]


@pytest.mark.parametrize("what", BEHIND)
def test_an_off_behind_another_turns_the_output_off_by_itself(monkeypatch, what):
    owner, name, call, instead, happens = BEHIND[what]
    model = EmStat4HR if "PalmSens" in what else Keithley2450
    instrument = Instrument(model)
    kept = happens(instrument)  # what is let go turns its output off
    assert not instrument.on
    monkeypatch.setattr(owner, name, taken_out(owner, name, call, instead))
    without = Instrument(model)
    kept = kept, happens(without)
    assert without.on
