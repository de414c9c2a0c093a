"""A constant set-point ends soon after nobody renews it, and not before."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic.instruments.palmsens.pieces import OUTLIVES_S
from faradaic.instruments.readings import EndReason, Reading
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    OpenCircuitSegment,
)
from faradaic.instruments.traits import TellsNotes
from faradaic.simulators.palmsens import emulator
from faradaic.testing import drain
from rigs.palmsens import Rig, charge_C, new_rig

SET_A = 5e-3
INTERVALS_S = [0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 1.0, 2.5, 10.0]


def current(duration_s: float, interval_s: float) -> ConstantCurrentSegment:
    """5 mA through the dummy cell."""
    return ConstantCurrentSegment(SET_A, 5.5, duration_s, interval_s, math.inf)


def later(rig: Rig, seconds: float) -> None:
    """Let time pass; what the instrument says meanwhile waits to be read."""
    rig.clock.sleep_until(rig.clock.monotonic_s() + seconds)
    assert rig.cell_on in (True, False)


def on_for(readings: list[Reading]) -> list[float]:
    """When they were taken, by the instrument's timer."""
    return [reading.on_for_s for reading in readings if reading.on_for_s is not None]


@pytest.mark.parametrize("interval_s", INTERVALS_S)
def test_the_grid_of_readings_and_the_end_stay_where_they_were(interval_s: float) -> None:
    rig, duration_s = new_rig(), 60.0
    readings, reason = rig.run(current(duration_s, interval_s))
    assert reason is EndReason.DURATION
    times_s = on_for(readings)
    lead_s = 0.1 if interval_s > 0.1 else 0.0
    step_s = (duration_s - lead_s) / math.ceil((duration_s - lead_s) / interval_s - 1e-9)
    first = 0 if lead_s else 1
    wanted = [lead_s + k * step_s for k in range(first, first + len(times_s))]
    # Off by no more than a few commands take, whose times here are the emulator's: 20 µs.
    assert times_s == pytest.approx(wanted, abs=1e-3)
    assert times_s[-1] == pytest.approx(duration_s, abs=1e-3)
    assert rig.cell.gross_C == pytest.approx(SET_A * duration_s, rel=1e-4)
    assert not rig.cell_on


@pytest.mark.parametrize(
    "segment",
    [
        *(current(600.0, interval_s) for interval_s in INTERVALS_S),
        ConstantPotentialSegment(1.0, 0.05, 600.0, 1.0, math.inf),
        ConstantCellVoltageSegment(1.0, 0.05, 600.0, 0.1, 10.0),
    ],
    ids=lambda segment: f"{segment.mode}-{segment.interval_s}",
)
@pytest.mark.parametrize("readings", [1, 2, 5, 12])
def test_the_cell_is_off_soon_after_nobody_asks_for_the_next_reading(
    segment: ConstantCurrentSegment, readings: int
) -> None:
    rig = new_rig()
    stream = rig.driver.run(segment, rig.clock)
    for _ in range(readings):
        next(stream)
    died_s = rig.clock.monotonic_s()
    while rig.cell_on:
        later(rig, 0.01)
    # Two points at least are in a piece, so that one late answer ends nothing.
    assert rig.clock.monotonic_s() - died_s <= OUTLIVES_S + 0.02
    later(rig, 700.0)
    assert not rig.cell_on
    _, reason = drain(stream)
    assert reason is EndReason.NOT_RENEWED
    assert rig.run(OpenCircuitSegment(2, 1))[1] is EndReason.DURATION


def test_a_reader_that_is_slow_for_once_is_told_that_it_was() -> None:
    rig = new_rig()
    stream = rig.driver.run(current(60.0, 0.1), rig.clock)
    for _ in range(50):
        next(stream)
    later(rig, 1.0)  # a disk that is slow: nothing is lost
    for _ in range(50):
        next(stream)
    assert rig.cell_on
    later(rig, 30.0)
    rest, reason = drain(stream)
    assert reason is EndReason.NOT_RENEWED
    assert on_for(rest)[-1] < 13.0
    assert rig.driver.output_off(rig.clock).on is False
    assert rig.run(current(5.0, 0.1))[1] is EndReason.DURATION


@settings(max_examples=15)
@given(st.floats(0.02, 12.0), st.floats(0.05, 30.0))
def test_whatever_is_asked_for_ends_with_its_duration(interval_s: float, duration_s: float) -> None:
    rig = new_rig()
    readings, reason = rig.run(current(duration_s, interval_s))
    assert reason is EndReason.DURATION
    times_s = on_for(readings)
    assert times_s[-1] == pytest.approx(duration_s, abs=2e-3)
    assert max((b - a for a, b in pairwise(times_s)), default=0.0) <= interval_s + 2e-3
    assert rig.cell.gross_C == pytest.approx(SET_A * duration_s, abs=SET_A * 2e-3)


@pytest.mark.parametrize("between", ["refused", "ignored"])
@pytest.mark.parametrize("interval_s", [0.02, 0.1, 1.0])
def test_renewals_at_any_time_do_no_harm(
    between: str, interval_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = new_rig()
    control = rig.emulator._control
    if between == "ignored":

        def ignoring(line: str) -> None:
            if line != "Y" or rig.emulator._machine.measuring:
                control(line)

        monkeypatch.setattr(rig.emulator, "_control", ignoring)
    dice = random.Random(7)
    stream = rig.driver.run(current(30.0, interval_s), rig.clock)
    readings = []
    try:
        while True:
            readings.append(next(stream))
            if readings[-1].on_for_s and readings[-1].on_for_s < 25.0 and dice.random() < 0.3:
                later(rig, dice.choice((0.0, 1e-4, 0.3 * interval_s, 0.97 * interval_s)))
                rig.driver._link.renew()
    except StopIteration as end:
        reason = end.value
    assert reason is EndReason.DURATION
    assert on_for(readings)[-1] == pytest.approx(30.0, abs=1e-3)
    assert charge_C(readings) == pytest.approx(rig.cell.gross_C, rel=1e-2)
    # One that comes just before a point is due takes its place.
    gaps_s = [b - a for a, b in pairwise(on_for(readings))]
    assert max(gaps_s) <= 2 * interval_s + 1e-3


@pytest.mark.parametrize("lost", [b"Y", b"M", b"*", b"+", b"T", b"\n", b"L"])
def test_no_line_that_is_lost_once_ends_a_step(lost: bytes) -> None:
    for occurrence in range(3):
        rig, seen = new_rig(), 0

        def disturb(line: bytes, last: int = occurrence) -> bytes:
            nonlocal seen
            seen += line.startswith(lost)
            return b"?\n" if line.startswith(lost) and seen == last + 1 else line

        rig.cable.disturb = disturb
        readings, reason = rig.run(current(10.0, 1.0))
        assert reason is EndReason.DURATION, lost
        assert on_for(readings)[-1] == pytest.approx(10.0, abs=1e-3)
        assert not rig.cell_on


def test_a_limit_whose_word_is_lost_is_seen_in_the_last_reading() -> None:
    rig = new_rig()
    rig.cable.disturb = lambda line: b"?\n" if line.startswith(b"T") else line
    _, reason = rig.run(ConstantCurrentSegment(SET_A, 2.0, 60.0, 0.1, math.inf))
    assert reason is EndReason.CELL_VOLTAGE_LIMIT


def test_without_the_command_the_old_script_runs_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emulator, "RUNTIME_COMMANDS", emulator.RUNTIME_COMMANDS - {"Y"})
    rig = Rig().connect()
    assert isinstance(rig.driver, TellsNotes)
    assert "does not take `Y`" in " ".join(rig.driver.notes())
    assert not rig.driver.notes()
    assert "no `Y`" in rig.driver.capabilities.on_host_death
    stream = rig.driver.run(current(100.0, 1.0), rig.clock)
    next(stream)
    later(rig, 90.0)
    assert rig.cell_on
    later(rig, 20.0)
    assert not rig.cell_on
    assert drain(stream)[1] is EndReason.DURATION
    assert b"Y\n" not in rig.cable.sent
