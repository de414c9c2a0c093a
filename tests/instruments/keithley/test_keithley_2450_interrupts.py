"""A current that the 2450 interrupts, against the emulated instrument."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.readings import EndReason, Reading, Regulation
from faradaic.instruments.segments import CurrentInterruptSegment
from rigs.keithley import Bench


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.driver.connect(made.clock)
    return made


def interrupted(width_s: float = 0.05, every_s: float = 3.0) -> CurrentInterruptSegment:
    return CurrentInterruptSegment(1e-3, 5.0, 10.0, 0.5, math.inf, width_s=width_s, every_s=every_s)


def charge_C(readings: list[Reading]) -> float:
    return sum(
        0.5 * ((a.current_A or 0.0) + (b.current_A or 0.0)) * (b.time_s - a.time_s)
        for a, b in pairwise(readings)
    )


def test_interruptions_bring_their_traces_and_their_charge(bench: Bench) -> None:
    readings, end = bench.run(interrupted())
    assert end is EndReason.DURATION
    traces = [one.point.values for one in readings if one.point is not None]
    assert len(traces) == 3
    off = [one for one in readings if one.regulation is Regulation.OFF]
    assert all(abs(one.current_A or 0.0) < 1e-6 for one in off)
    for trace in traces:
        at_s, current_A = np.array(trace["time_s"]), np.array(trace["current_A"])
        assert current_A[at_s <= 0.0] == pytest.approx(1e-3, rel=1e-2)
        assert trace["width_s"] == pytest.approx(0.05, abs=2e-3)
        # Of a resistor with 0.5 V behind it the 0.5 V are left, from the first reading on.
        left_V = np.array(trace["cell_voltage_V"])[at_s > trace["dead_time_s"]]
        assert left_V == pytest.approx(0.5, abs=1e-3)
    flowed_C = 1e-3 * (readings[-1].time_s - readings[0].time_s - 3 * 0.05)
    assert charge_C(readings) == pytest.approx(flowed_C, rel=1e-3)
    assert all(b.time_s > a.time_s for a, b in pairwise(readings))
    assert bench.ask(":SENS:COUN?;:OUTP?") == "1;0"


def test_an_interruption_that_holds_too_few_readings_is_refused(bench: Bench) -> None:
    with pytest.raises(DeviceError, match="holds fewer than"):
        bench.run(interrupted(width_s=5e-3))
    assert bench.ask(":OUTP?") == "0"


def test_a_step_that_ends_before_its_first_interruption_has_none(bench: Bench) -> None:
    readings, end = bench.run(interrupted(every_s=60.0))
    assert end is EndReason.DURATION
    assert all(one.point is None for one in readings)
