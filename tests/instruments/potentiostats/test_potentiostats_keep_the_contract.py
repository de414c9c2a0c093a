"""Every potentiostat that is asked for its readings against what is promised of all drivers."""

from __future__ import annotations

from typing import Any

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.readings import Regulation
from faradaic.instruments.segments import (
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    Level,
    LevelsSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)
from faradaic.instruments.traits import DRIVERS, OutputFoundOn
from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.testing import DummyCell, Rig, check_driver, drain
from rigs.potentiostats import ALL, GALVANOSTATS, NAMES, potentiostat


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_contract(name: str) -> None:
    check_driver(DRIVERS.load(name), EMULATORS.load(name), garbled_runs=10)


@pytest.mark.parametrize("name", ALL)
def test_a_potential_is_held_against_the_reference(name: str) -> None:
    rig = potentiostat(name, rest_V=0.3)
    segment = ConstantPotentialSegment(0.8, 0.012, 5.0, 1.0, 1e9)
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    last = readings[-1]
    assert last.potential_V == pytest.approx(0.8, abs=5e-3)
    assert last.cell_voltage_V is None
    assert last.current_A == pytest.approx(5e-3, rel=0.05)
    assert last.regulation is Regulation.POTENTIAL


@pytest.mark.parametrize("name", ALL)
def test_a_sweep_of_the_potential_is_a_staircase(name: str) -> None:
    rig = potentiostat(name)
    can = rig.driver.capabilities
    segment = StaircaseSegment(
        Regulation.POTENTIAL, -0.5, 0.5, 11, 1.0, 0.0, 11.0, can.interval_min_s, 1e9,
        current_limit_A=0.01,
    )  # fmt: skip
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    first, last = readings[0], readings[-1]
    assert first.potential_V == pytest.approx(-0.5, abs=5e-3)
    assert last.potential_V == pytest.approx(0.5, abs=5e-3)
    assert last.current_A == pytest.approx(5e-3, rel=0.05)
    assert {reading.level for reading in readings} == set(range(11))


@pytest.mark.parametrize("name", GALVANOSTATS)
def test_polarity_alternates_without_a_bridge(name: str) -> None:
    rig = potentiostat(name, ohm=10.0)
    levels = tuple(Level(Regulation.CURRENT, value, 2.0) for value in (0.1, -0.1))
    segment = LevelsSegment(levels, 0.0, 16.0, 0.5, 1e9, cell_voltage_limit_V=5.0)
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    cell = rig.cell
    assert isinstance(cell, DummyCell)
    assert abs(cell.charge_C) < 0.05 * cell.gross_C
    for level, value in enumerate((0.1, -0.1)):
        mine = [r.current_A for r in readings if r.level == level and not r.refused]
        assert len(mine) > 4
        assert all(one == pytest.approx(value, rel=0.01) for one in mine)


@pytest.mark.parametrize("name", GALVANOSTATS)
def test_a_rest_is_measured_with_the_cell_off(name: str) -> None:
    rig = potentiostat(name, rest_V=0.7)
    readings, _ = drain(rig.driver.run(OpenCircuitSegment(5.0, 1.0), rig.clock))
    assert readings[-1].cell_voltage_V == pytest.approx(0.7, abs=2e-3)
    assert {reading.current_A for reading in readings} == {0.0}
    assert isinstance(rig.cell, DummyCell)
    assert rig.cell.gross_C == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_a_value_beyond_it_is_refused_before_anything_is_written(name: str) -> None:
    rig = potentiostat(name)
    can = rig.driver.capabilities
    before = len(rig.cable.sent)
    segment = ConstantPotentialSegment(1.2 * can.compliance_V, 1e-3, 5.0, 1.0, 1e9)
    with pytest.raises(DeviceError, match="was asked of the"):
        next(rig.driver.run(segment, rig.clock))
    assert len(rig.cable.sent) == before


def told(rig: Rig, *lines: str) -> None:
    """What somebody else tells the instrument."""
    aside = EmulatedTransport(rig.emulator, rig.clock, "aside")
    for line in lines:
        aside.write(line.encode() + b"\n")
    aside.drain(0.1)


ON = {
    "ec301": ("ecmode 1", "setcur 0.5", "ceenab 1"),
    "zahner-pp222": (":SESO:COUP gal", ":SESO:IVAL 0.1", ":SESO:STAT ON"),
    "rodeostat-24ma": (
        '{"command":"setVolt","v":0.5}',
        '{"command":"setAllElectConnected","connected":true}',
    ),
}


@pytest.mark.parametrize("name", ALL)
def test_an_output_that_is_on_is_reported_and_left_on(name: str) -> None:
    rig = Rig(DRIVERS.load(name), EMULATORS.load(name), DummyCell(10.0))
    told(rig, *ON[name])
    with pytest.raises(OutputFoundOn):
        rig.driver.connect(rig.clock)
    cell = rig.cell
    assert isinstance(cell, DummyCell)
    before = cell.gross_C
    rig.wait(1.0)
    assert cell.gross_C > before
    assert rig.driver.output_off(rig.clock).on is False
    rig.driver.connect(rig.clock)


def test_the_safety_switch_of_an_ec301_ends_a_segment_by_name() -> None:
    rig = potentiostat("ec301")
    stream = rig.driver.run(ConstantCurrentSegment(0.01, 5.0, 20.0, 1.0, 1e9), rig.clock)
    next(stream)
    emulator: Any = rig.emulator
    emulator.press_safety_switch(pushed_in=False)
    with pytest.raises(DeviceError, match=r"lost or damaged|is off though"):
        list(stream)
    assert rig.driver.output_off(rig.clock).on is False


def test_an_ec301_at_its_limit_says_so() -> None:
    rig = potentiostat("ec301")
    readings, _ = drain(rig.driver.run(ConstantCurrentSegment(0.1, 2.0, 5.0, 1.0, 1e9), rig.clock))
    assert readings[-1].compliance
    assert readings[-1].cell_voltage_V == pytest.approx(2.0, abs=0.02)


def test_what_a_zahner_cannot_be_asked_stands_in_the_notes() -> None:
    rig = potentiostat("zahner-pp222")
    notes: Any = rig.driver
    assert any("cannot be asked" in note for note in notes.notes())
