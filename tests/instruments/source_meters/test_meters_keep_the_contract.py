"""Every source-measure unit against what is promised of all drivers, and its own."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import DeviceError, InputError
from faradaic.instruments.readings import Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    Level,
    LevelsSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)
from faradaic.instruments.traits import DRIVERS, OutputFoundOn, abilities_of
from faradaic.runner.bench_file import bench_of_text
from faradaic.testing import DummyCell, Rig, check_driver, drain
from rigs.meters import FAMILIES, NAMES, emulator, meter, typed


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_contract(name: str) -> None:
    check_driver(DRIVERS.load(name), emulator(name), garbled_runs=10)


@pytest.mark.parametrize("name", NAMES)
def test_a_current_that_it_cannot_hold_is_refused_before_anything_is_written(name: str) -> None:
    rig = meter(name)
    before = len(rig.cable.sent)
    for current_A, limit_V in ((1.2, 1.0), (0.1, 1.2)):
        can = rig.driver.capabilities
        segment = ConstantCurrentSegment(
            current_A * can.current_max_A, limit_V * can.compliance_V, 5.0, 1.0, 1e9
        )
        with pytest.raises(DeviceError, match="was asked of the"):
            next(rig.driver.run(segment, rig.clock))
    assert len(rig.cable.sent) == before


@pytest.mark.parametrize("name", FAMILIES)
def test_polarity_alternates_without_a_bridge(name: str) -> None:
    rig = meter(name, ohm=100.0)
    levels = tuple(Level(Regulation.CURRENT, value, 1.0) for value in (0.02, -0.02))
    segment = LevelsSegment(levels, 0.0, 20.0, 0.25, 1e9, cell_voltage_limit_V=5.0)
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    cell = rig.cell
    assert isinstance(cell, DummyCell)
    assert cell.gross_C == pytest.approx(0.4, rel=0.05)
    assert abs(cell.charge_C) < 0.06 * cell.gross_C
    for level, value in enumerate((0.02, -0.02)):
        mine = [r.current_A for r in readings if r.level == level and not r.refused]
        assert len(mine) > 5
        assert all(one == pytest.approx(value, rel=2e-3) for one in mine)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_sweep_of_the_cell_voltage(name: str) -> None:
    rig = meter(name, ohm=100.0)
    segment = StaircaseSegment(
        Regulation.VOLTAGE, -1.0, 1.0, 11, 0.5, 0.0, 5.5, 0.25, 1e9, current_limit_A=0.05
    )
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    first, last = readings[0], readings[-1]
    assert first.current_A == pytest.approx(-0.01, rel=5e-3)
    assert last.current_A == pytest.approx(0.01, rel=5e-3)


@pytest.mark.parametrize("name", FAMILIES)
def test_at_its_limit_it_says_so(name: str) -> None:
    rig = meter(name, ohm=100.0)
    segment = ConstantCurrentSegment(0.1, 5.0, 5.0, 1.0, 1e9)
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    assert readings[-1].compliance
    assert readings[-1].regulation is Regulation.VOLTAGE
    assert readings[-1].current_A == pytest.approx(0.05, rel=5e-3)
    held = ConstantCellVoltageSegment(5.0, 0.02, 5.0, 1.0, 1e9)
    readings, _ = drain(rig.driver.run(held, rig.clock))
    assert readings[-1].compliance
    assert readings[-1].regulation is Regulation.CURRENT
    assert readings[-1].cell_voltage_V == pytest.approx(2.0, rel=5e-3)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_rest_measures_the_cell_and_passes_nothing(name: str) -> None:
    rig = meter(name, ohm=100.0, rest_V=0.7)
    cell = rig.cell
    assert isinstance(cell, DummyCell)
    before_C = cell.gross_C  # its own off state holds 0 V, until the driver has opened its relay
    readings, _ = drain(rig.driver.run(OpenCircuitSegment(5.0, 1.0), rig.clock))
    assert readings[-1].cell_voltage_V == pytest.approx(0.7, abs=1e-3)
    assert cell.gross_C - before_C < 1e-6


@pytest.mark.parametrize("name", FAMILIES)
def test_an_output_that_is_on_is_reported_and_left_on(name: str) -> None:
    rig = Rig(DRIVERS.load(name), emulator(name), DummyCell(100.0))
    on = "smua.source.output = 1" if name.startswith("keithley-26") else ":OUTP ON"
    typed(rig, on)
    with pytest.raises(OutputFoundOn):
        rig.driver.connect(rig.clock)
    assert rig.driver.output_off(rig.clock).on is False
    rig.driver.connect(rig.clock)


def test_another_model_is_told_apart() -> None:
    rig = Rig(DRIVERS.load("keithley-2400"), emulator("keithley-2420"), DummyCell(100.0))
    with pytest.raises(DeviceError, match=r"is a KEITHLEY .*2420, not a Keithley 2400"):
        rig.driver.connect(rig.clock)


def test_a_meter_of_one_channel_has_no_second() -> None:
    with pytest.raises(InputError, match="has no channel 2"):
        Rig(
            lambda transport: DRIVERS.load("keysight-b2901a")(transport, channel=2),  # type: ignore[arg-type]
            emulator("keysight-b2901a"),
        )


def test_the_second_channel_is_the_cell_s() -> None:
    rig = meter("keysight-b2902a", ohm=100.0, options={"channel": 2}, channel="2")
    segment = ConstantCurrentSegment(0.01, 5.0, 5.0, 1.0, 1e9)
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    assert readings[-1].cell_voltage_V == pytest.approx(1.0, rel=5e-3)


def test_the_2460_has_regions() -> None:
    driver = DRIVERS.load("keithley-2460")
    assert abilities_of(driver, {"region": "7V"}).current_max_A == 7.0
    rig = meter("keithley-2460", ohm=0.5, options={"region": "7V"})
    segment = ConstantCurrentSegment(6.5, 7.0, 5.0, 1.0, 1e9)
    readings, _ = drain(rig.driver.run(segment, rig.clock))
    assert readings[-1].current_A == pytest.approx(6.5, rel=1e-3)
    assert readings[-1].cell_voltage_V == pytest.approx(3.25, rel=1e-3)


@pytest.mark.parametrize("driver", ["keithley-2400", "keithley-2601b"])
def test_a_channel_that_a_meter_has_not_is_told_at_its_bench_file(driver: str) -> None:
    text = f"""faradaic_bench: 1
name: second
source: {{driver: {driver}, address: "emulated://{driver}", options: {{channel: 2}}}}
"""
    with pytest.raises(InputError, match="has no channel 2") as refused:
        bench_of_text(text)
    assert refused.value.diagnostics[0].location.line == 3
