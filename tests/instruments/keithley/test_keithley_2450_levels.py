"""Levels in turn on a 2450, timed by the program: what the cell saw, what was counted of it."""

from __future__ import annotations

import math
from typing import Any

import pytest

import rigs.keithley
from faradaic.diagnostics import DeviceError
from faradaic.instruments.readings import EndReason, Reading, Regulation
from faradaic.instruments.segments import Level, LevelsSegment, StaircaseSegment
from faradaic.simulators.contracts import Control
from rigs.edges import EdgeCell
from rigs.keithley import Bench

LATE_S = 1e-3
CURRENT, VOLTAGE, OFF = Regulation.CURRENT, Regulation.VOLTAGE, Regulation.OFF


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> EdgeCell:
    """The cell of the next bench."""
    made = EdgeCell()
    monkeypatch.setattr(rigs.keithley, "DummyCell", lambda: made)
    return made


def run(segment: Any) -> tuple[list[Reading], EndReason]:
    bench = Bench()
    bench.driver.connect(bench.clock)
    return bench.run(segment)


def levels(*of: tuple[Regulation, float, float], lasts_s: float) -> LevelsSegment:
    limits = (5.0, None) if of[0][0] is CURRENT else (None, 0.1)
    made = tuple(Level(*one) for one in of)
    return LevelsSegment(made, 0.0, lasts_s, 1.0, math.inf, *limits)


def counted(readings: list[Reading], what: str) -> float:
    return sum(getattr(one.passed, what) for one in readings)


@pytest.mark.parametrize("half_s", [0.25, 2.0])
def test_the_cell_sees_the_alternation_edge_by_edge(cell: EdgeCell, half_s: float) -> None:
    readings, end = run(levels((CURRENT, 0.02, half_s), (CURRENT, -0.02, half_s), lasts_s=10.0))
    seen = cell.lengths(Control.CURRENT)
    assert end is EndReason.DURATION
    assert [round(value, 6) for value, _ in seen][:4] == [0.02, -0.02, 0.02, -0.02]
    assert all(abs(length_s - half_s) < LATE_S for _, length_s in seen[:-1])
    on = [edge.control for edge in cell.edges]
    first = on.index(Control.CURRENT)
    assert set(on[first:-1]) == {Control.CURRENT}
    assert counted(readings, "anodic_C") == pytest.approx(cell.anodic_C, rel=1e-3)
    assert counted(readings, "energy_J") == pytest.approx(cell.energy_J, rel=1e-3)


def test_voltages_alternate_within_a_protection_above_the_larger(cell: EdgeCell) -> None:
    readings, _ = run(levels((VOLTAGE, 0.5, 1.0), (VOLTAGE, -3.0, 0.5), lasts_s=3.0))
    seen = [round(value, 4) for value, _ in cell.lengths(Control.CELL_VOLTAGE)]
    assert seen[-4:] == [0.5, -3.0, 0.5, -3.0]
    assert counted(readings, "cathodic_C") == pytest.approx(cell.cathodic_C, rel=1e-3)


def test_an_open_cell_is_a_current_of_zero(cell: EdgeCell) -> None:
    readings, end = run(levels((CURRENT, 0.02, 1.0), (OFF, 0.0, 0.3), lasts_s=2.6))
    assert end is EndReason.DURATION
    assert [round(value, 6) for value, _ in cell.lengths(Control.CURRENT)] == [0.02, 0.0] * 2
    assert counted(readings, "anodic_C") == pytest.approx(0.04, rel=1e-3)


def test_it_does_not_open_the_cell_between_voltages(cell: EdgeCell) -> None:
    with pytest.raises(DeviceError, match="E516"):
        run(levels((VOLTAGE, 2.0, 1.0), (OFF, 0.0, 1.0), lasts_s=4.0))
    assert not cell.gross_C


def test_a_staircase_stands_on_each_stair_for_its_time(cell: EdgeCell) -> None:
    run(StaircaseSegment(CURRENT, 0.0, 0.02, 5, 0.5, 0.0, 2.5, 1.0, math.inf, 5.0))
    seen = cell.lengths(Control.CURRENT)
    assert [value for value, _ in seen] == pytest.approx([0.0, 0.005, 0.01, 0.015, 0.02], abs=1e-6)
    assert all(abs(length_s - 0.5) < LATE_S for _, length_s in seen)


def test_a_stop_ends_it_within_a_level(cell: EdgeCell) -> None:
    bench = Bench()
    bench.driver.connect(bench.clock)
    segment = levels((CURRENT, 0.02, 3600.0), (CURRENT, -0.02, 3600.0), lasts_s=9e4)
    stream = bench.driver.run(segment, bench.clock)
    next(stream)
    asked_s = bench.clock.monotonic_s()
    bench.driver.stop()
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert end.value.value is EndReason.STOPPED
    assert bench.clock.monotonic_s() - asked_s < 1.0
