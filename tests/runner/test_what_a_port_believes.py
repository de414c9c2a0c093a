"""A source that says what cannot be, and one that ended by itself: what its port makes of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.clock import WallClock
from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading, Regulation
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.runner.bench_ports import REFUSED_MAX, BenchPorts

SEGMENT = ConstantCurrentSegment(5e-3, 5.0, 60.0, 0.1, 1e9)


class Source:
    """Says what it is told to: currents, why it ended, whether its output is on."""

    capabilities = Keithley2450.capabilities

    def __init__(self, currents_A: Sequence[float], ends: EndReason, on: bool | None) -> None:
        self.currents_A, self.ends, self.on = currents_A, ends, on

    def connect(self, clock: WallClock) -> Identity:
        return Identity("Keithley", "2450", "1", "1")

    def run(self, segment: object, clock: WallClock) -> Generator[Reading, None, EndReason]:
        for i, current_A in enumerate(self.currents_A):
            yield Reading(0.1 * i, current_A, 1.0, None, Regulation.CURRENT, False, False, "raw")
        return self.ends

    def output_off(self, clock: WallClock) -> OutputState:
        return OutputState(self.on, "asked")

    def close(self) -> None:
        pass


class Scheme:
    def __init__(self) -> None:
        self.clock = WallClock()

    def open(self, rest: str) -> str:
        return rest


def port(source: Source) -> BenchPorts:
    def driver(transport: object) -> Source:
        return source

    driver.capabilities = source.capabilities  # type: ignore[attr-defined]
    ports = BenchPorts(driver, Scheme(), "x", patience_s=0.0)  # type: ignore[arg-type]
    ports.open()
    return ports


def test_impossible_readings_between_possible_ones_end_nothing() -> None:
    currents_A = [5e-3, 9.0] * (2 * REFUSED_MAX)
    readings = list(port(Source(currents_A, EndReason.DURATION, False)).run(SEGMENT))
    assert [bool(one.refused) for one in readings] == [False, True] * (2 * REFUSED_MAX)


def test_an_output_that_nobody_renewed_and_nobody_read_back_is_an_error() -> None:
    stream = port(Source([5e-3], EndReason.NOT_RENEWED, None)).run(SEGMENT)
    next(stream)
    with pytest.raises(DeviceError, match="could not be read back"):
        next(stream)
