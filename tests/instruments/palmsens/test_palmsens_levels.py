"""Levels in turn on a PalmSens instrument: what the cell saw, and what was counted of it."""

from __future__ import annotations

import math

import pytest

from faradaic.instruments.palmsens.driver import Nexus
from faradaic.instruments.readings import EndReason, Reading, Regulation
from faradaic.instruments.segments import Level, LevelsSegment, StaircaseSegment
from faradaic.simulators.contracts import Control
from faradaic.simulators.palmsens.emulator import nexus
from rigs.edges import EdgeCell
from rigs.palmsens import Rig

LATE_S = 1.2e-3
"""An edge comes later than its time by what some forty commands take on the emulator, and by up to
a millisecond where a renewal fell into the end of its level."""

CURRENT, POTENTIAL = Regulation.CURRENT, Regulation.POTENTIAL
VOLTAGE, OFF = Regulation.VOLTAGE, Regulation.OFF


def levels(*of: tuple[Regulation, float, float], lasts_s: float, **more: float) -> LevelsSegment:
    """A segment of levels with a limit that is out of sight."""
    held = next(one[0] for one in of if one[0] is not OFF)
    limits = (5.9, None) if held is CURRENT else (None, 0.15)
    made = tuple(Level(*one) for one in of)
    elapsed_s, most_C = more.get("elapsed_s", 0.0), more.get("charge_limit_C", math.inf)
    return LevelsSegment(made, elapsed_s, lasts_s, 1.0, most_C, *limits)


def run(
    segment: LevelsSegment | StaircaseSegment, cell: EdgeCell | None = None
) -> tuple[EdgeCell, list[Reading], EndReason]:
    """What the cell saw, what was read and how it ended."""
    cell = cell or EdgeCell()
    readings, end = Rig(cell=cell).connect().run(segment)
    return cell, readings, end


def counted(readings: list[Reading], what: str) -> float:
    return sum(getattr(one.passed, what) for one in readings)


@pytest.mark.parametrize("half_s", [0.005, 0.05, 0.7, 3.0])
def test_the_cell_sees_the_alternation_edge_by_edge(half_s: float) -> None:
    segment = levels((CURRENT, 0.02, half_s), (CURRENT, -0.02, half_s), lasts_s=20 * half_s)
    cell, readings, end = run(segment)
    seen = cell.lengths(Control.CURRENT)
    assert end is EndReason.DURATION
    assert [round(value, 6) for value, _ in seen] == [0.02, -0.02] * 10
    assert all(abs(length_s - half_s) < LATE_S for _, length_s in seen)
    assert sum(length_s for _, length_s in seen) == pytest.approx(20 * half_s, abs=LATE_S)
    on = [edge.control for edge in cell.edges]
    first, last = on.index(Control.CURRENT), len(on) - on[::-1].index(Control.CURRENT)
    assert set(on[first:last]) == {Control.CURRENT}  # never open between two levels
    assert counted(readings, "anodic_C") == pytest.approx(cell.anodic_C, abs=0.02 * LATE_S)
    assert counted(readings, "cathodic_C") == pytest.approx(cell.cathodic_C, abs=0.02 * LATE_S)
    assert counted(readings, "energy_J") == pytest.approx(cell.energy_J, abs=0.04 * LATE_S)


def test_what_goes_on_keeps_its_phase() -> None:
    both = (CURRENT, 0.02, 2.0), (CURRENT, -0.02, 1.3)
    cell, readings, _ = run(levels(*both, lasts_s=3.0, elapsed_s=3.3 * 7 + 1.5))
    seen = cell.lengths(Control.CURRENT)
    assert [round(value, 6) for value, _ in seen] == [0.02, -0.02, 0.02]
    assert [length for _, length in seen] == pytest.approx([0.5, 1.3, 1.2], abs=LATE_S)
    assert readings[0].level == 0
    assert counted(readings, "anodic_C") == pytest.approx(0.02 * 1.7, rel=1e-3)


def test_pulses_of_a_potential_open_the_cell_between() -> None:
    cell, readings, _ = run(levels((POTENTIAL, 1.0, 0.1), (OFF, 0.0, 0.05), lasts_s=3.0))
    seen = cell.lengths(Control.POTENTIAL)
    assert len(seen) == 20
    assert all(abs(length_s - 0.1) < LATE_S for _, length_s in seen)
    assert counted(readings, "anodic_C") == pytest.approx(cell.anodic_C, rel=2e-3)
    assert all(one.current_A == 0.0 for one in readings if one.level == 1)


def test_pulses_of_a_current_hold_none_between() -> None:
    cell, _, end = run(levels((CURRENT, 0.02, 0.1), (OFF, 0.0, 0.05), lasts_s=1.5))
    assert end is EndReason.DURATION
    assert {round(value, 6) for value, _ in cell.lengths(Control.CURRENT)} == {0.02, 0.0}


def test_a_staircase_stands_on_each_stair_for_its_time() -> None:
    stairs = StaircaseSegment(CURRENT, -0.01, 0.02, 31, 0.1, 0.0, 3.1, 1.0, math.inf, 5.0)
    cell, readings, _ = run(stairs)
    seen = cell.lengths(Control.CURRENT)
    assert [value for value, _ in seen] == pytest.approx(
        [0.001 * k - 0.01 for k in range(31)], abs=1e-6
    )
    assert all(abs(length_s - 0.1) < LATE_S for _, length_s in seen)
    assert counted(readings, "cathodic_C") == pytest.approx(0.0055, rel=2e-3)
    assert counted(readings, "anodic_C") == pytest.approx(0.021, rel=2e-3)


@pytest.mark.parametrize("larger", [0, 1])
def test_a_cell_voltage_limit_fires_at_either_polarity(larger: int) -> None:
    sizes = [0.01, -0.01]
    sizes[larger] *= 1.5
    both = [(CURRENT, size, 0.05) for size in sizes]
    segment = LevelsSegment(tuple(Level(*one) for one in both), 0.0, 9.0, 1.0, math.inf, 1.2)
    cell, _, end = run(segment)
    assert end is EndReason.CELL_VOLTAGE_LIMIT
    assert len(cell.lengths(Control.CURRENT)) == larger + 1


def test_a_charge_ends_it_on_the_instrument_in_either_direction() -> None:
    both = (CURRENT, 0.02, 0.05), (CURRENT, -0.02, 0.05)
    cell, readings, end = run(levels(*both, lasts_s=9.0, charge_limit_C=0.0301))
    assert end is EndReason.CHARGE_LIMIT
    assert cell.gross_C == pytest.approx(0.031, rel=5e-3)  # at the end of its level
    assert counted(readings, "anodic_C") == pytest.approx(cell.anodic_C, rel=1e-3)


def test_nobody_renews_it_and_it_ends() -> None:
    rig = Rig(cell=EdgeCell()).connect()
    both = (CURRENT, 0.02, 0.05), (CURRENT, -0.02, 0.05)
    stream = rig.driver.run(levels(*both, lasts_s=3600.0), rig.clock)
    for _ in range(5):
        next(stream)
    asked_s = rig.clock.monotonic_s()
    rig.clock.sleep_until(asked_s + 2.0)  # the reader stands still
    assert not rig.cell_on


def test_lines_that_are_lost_take_no_charge_with_them() -> None:
    cell = EdgeCell()
    rig = Rig(cell=cell).connect()
    both = (CURRENT, 0.02, 0.05), (CURRENT, -0.02, 0.05)
    packages = iter(range(1000))

    def disturb(line: bytes) -> bytes:
        lost = line.startswith(b"P") and next(packages) in (3, 4)
        return b"P????\n" if lost else line

    rig.cable.disturb = disturb
    readings, _ = rig.run(levels(*both, lasts_s=4.0))
    assert any(one.refused for one in readings)
    told = [one for one in readings if not one.refused]
    assert counted(told, "anodic_C") == pytest.approx(cell.anodic_C, rel=1e-3)


def test_a_nexus_alternates_an_ampere() -> None:
    cell = EdgeCell(ohm=5.0)
    rig = Rig(nexus, Nexus, cell).connect()
    segment = LevelsSegment(
        (Level(CURRENT, 0.8, 0.05), Level(CURRENT, -0.8, 0.05)), 0.0, 1.0, 1.0, math.inf, 9.0
    )
    readings, end = rig.run(segment)
    assert end is EndReason.DURATION
    assert counted(readings, "cathodic_C") == pytest.approx(0.4, rel=1e-3)
