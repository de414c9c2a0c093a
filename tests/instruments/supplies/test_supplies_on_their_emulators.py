"""The driver of bench supplies, every model of every profile, on emulated ones."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import DeviceError, InputError
from faradaic.instruments.readings import EndReason, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)
from faradaic.instruments.supplies.supply_profiles import families
from faradaic.instruments.traits import DRIVERS, OutputFoundOn, abilities_of
from faradaic.instruments.transports import LinkError
from faradaic.instruments.transports.addresses import Setting
from faradaic.runner.bench_ports import BenchPorts
from faradaic.simulators.emulated_bench import EMULATORS, EmulatedScheme
from faradaic.testing import check_driver
from rigs.supplies import MODELS, BadLine, current, rig, typed

LARGE = ("rigol-dp811", "siglent-spd1168x", "hmp4040", "owon-spe6103", "tti-cpx400dp")


def test_there_are_sources_above_five_amperes_and_all_say_what_is_not_verified() -> None:
    most_A = {key: DRIVERS.load(key).capabilities.current_max_A for key in MODELS}
    assert len(MODELS) >= 15
    assert sum(amps > 5.0 for amps in most_A.values()) >= 3
    assert all(family.unverified and family.sources for family in families().values())


@pytest.mark.parametrize("key", MODELS)
def test_it_keeps_what_is_promised_of_all_drivers(key: str) -> None:
    check_driver(DRIVERS.load(key), EMULATORS.load(key), garbled_runs=10)


@pytest.mark.parametrize("key", LARGE)
def test_five_amperes_flow_are_read_and_are_over_when_told(key: str) -> None:
    made = rig(key, ohm=1.2)
    made.driver.connect(made.clock)
    readings, end = made.run(current(5.0, 12.0, duration_s=20.0))
    assert end is EndReason.DURATION
    for reading in readings:
        assert reading.current_A == pytest.approx(5.0, rel=2e-3)
        assert reading.cell_voltage_V == pytest.approx(6.0, rel=2e-3)
        assert reading.regulation is Regulation.CURRENT
        assert not reading.compliance
    assert made.cell.gross_C == pytest.approx(100.0, rel=0.01)  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", MODELS)
def test_at_its_voltage_limit_every_reading_says_so(key: str) -> None:
    made = rig(key, ohm=5.0)
    made.driver.connect(made.clock)
    readings, _ = made.run(current(0.9, 3.0))
    assert readings
    for reading in readings:
        assert reading.compliance
        assert reading.regulation is Regulation.VOLTAGE
        assert reading.cell_voltage_V == pytest.approx(3.0, abs=0.02)
        assert reading.current_A == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("key", MODELS)
def test_a_voltage_is_held_within_a_current(key: str) -> None:
    made = rig(key, ohm=5.0)
    made.driver.connect(made.clock)
    readings, _ = made.run(ConstantCellVoltageSegment(2.5, 0.9, 5.0, 1.0, 1e6))
    assert all(not r.compliance and r.regulation is Regulation.VOLTAGE for r in readings)
    readings, _ = made.run(ConstantCellVoltageSegment(5.0, 0.5, 5.0, 1.0, 1e6))
    assert all(r.compliance and r.regulation is Regulation.CURRENT for r in readings)


@pytest.mark.parametrize("key", MODELS)
def test_what_it_cannot_do_is_refused_before_anything_is_written(key: str) -> None:
    made = rig(key)
    made.driver.connect(made.clock)
    able = made.driver.capabilities
    sent = len(made.cable.sent)
    for segment, said in (
        (current(-0.1, 3.0), f"-0.1 A was asked of the {able.model}"),
        (current(1.01 * able.current_max_A, 3.0), f"to {able.current_max_A:g} A"),
        (current(0.5, 1.01 * able.compliance_V), f"to {able.compliance_V:g} V"),
        (current(0.5 * able.current_min_A, 3.0), f"from {able.current_min_A:g} A"),
        (current(0.5, 3.0, interval_s=0.1), "or more"),
    ):
        with pytest.raises(DeviceError, match=said):
            made.run(segment)
    assert len(made.cable.sent) == sent


@pytest.mark.parametrize("key", MODELS)
def test_at_rest_no_voltage_is_given_for_the_cells(key: str) -> None:
    made = rig(key, rest_V=1.5)
    made.driver.connect(made.clock)
    assert not made.driver.capabilities.rests_measured
    readings, end = made.run(OpenCircuitSegment(5.0, 1.0))
    assert end is EndReason.DURATION
    assert len(readings) >= 5
    for reading in readings:
        assert (reading.current_A, reading.cell_voltage_V) == (0.0, None)
        assert reading.regulation is Regulation.OFF
    assert made.cell.gross_C == 0.0  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", MODELS)
def test_a_ramp_is_followed_stair_by_stair(key: str) -> None:
    made = rig(key, ohm=2.0)
    made.driver.connect(made.clock)
    segment = StaircaseSegment(Regulation.CURRENT, 0.2, 0.8, 4, 5.0, 0.0, 20.0, 1.0, 1e6, 5.0)
    readings, _ = made.run(segment)
    assert {reading.level for reading in readings} == {0, 1, 2, 3}
    for reading in readings:
        assert reading.current_A == pytest.approx(segment.value(reading.level or 0), abs=0.011)
        assert not reading.compliance


@pytest.mark.parametrize("key", MODELS)
def test_an_output_that_is_on_is_reported_and_left_as_it_is(key: str) -> None:
    made = rig(key)
    on = {"voltage": 2.0, "current": 0.3}
    family = made.driver.family  # type: ignore[attr-defined]
    for command in family.first:
        typed(made, command)
    for name, value in on.items():
        typed(made, getattr(family, name).tell.format(ch=1, value=value))
    typed(made, family.on.format(ch=1))
    made.wait(5.0)
    passed_C = made.cell.gross_C  # type: ignore[attr-defined]
    assert passed_C > 1.0
    with pytest.raises(OutputFoundOn, match="nobody here has switched it on") as caught:
        made.driver.connect(made.clock)
    assert "faradaic off" in caught.value.diagnostics[0].help
    made.wait(5.0)
    assert made.cell.gross_C > passed_C + 1.0  # type: ignore[attr-defined]
    assert made.driver.output_off(made.clock).on is False
    made.driver.connect(made.clock)


def test_the_ports_of_a_bench_turn_off_only_what_may_be_their_own() -> None:
    def ports(**how: bool) -> BenchPorts:
        scheme = EmulatedScheme(Setting(cell=None))
        supply = scheme.open("rigol-dp832")
        supply.write(b":SOUR1:VOLT 2\n:OUTP CH1,ON\n")
        return BenchPorts(DRIVERS.load("rigol-dp832"), scheme, "rigol-dp832", **how)

    somebody_elses = ports()
    with pytest.raises(OutputFoundOn):
        somebody_elses.open()
    assert somebody_elses.output_off().on is None  # nothing was switched on from here
    ours = ports(may_be_on=True)
    assert ours.open().model == "DP832"
    assert ours.output_off().on is False
    asked = ports()
    asked.open(turn_off=True)
    assert asked.output_off().on is False


@pytest.mark.parametrize("key", ["rigol-dp832", "hmp4040", "keysight-e36313a", "tti-cpx400dp"])
def test_an_output_that_trips_ends_the_segment_by_name(key: str) -> None:
    made = rig(key, ohm=5.0)
    made.driver.connect(made.clock)
    stream = made.driver.run(current(0.5, 5.0, duration_s=60.0), made.clock)
    next(stream)
    family = made.driver.family  # type: ignore[attr-defined]
    typed(made, family.ovp.tell.format(ch=1, value="1.5"))
    with pytest.raises(DeviceError, match="overvoltage") as caught:
        list(stream)
    assert caught.value.diagnostics[0].code == "E518"
    assert made.driver.output_off(made.clock).on is False


@pytest.mark.parametrize("key", ["rigol-dp832", "hmp4040", "keysight-e36313a"])
def test_a_tripped_supply_is_refused_and_never_cleared(key: str) -> None:
    made = rig(key)
    made.driver.connect(made.clock)
    made.emulator.wired.tripped = "OVP"  # type: ignore[attr-defined]
    with pytest.raises(DeviceError, match="has tripped and holds its output off") as caught:
        made.run(current(0.5, 3.0))
    assert caught.value.diagnostics[0].code == "E529"
    assert made.emulator.wired.tripped  # type: ignore[attr-defined]


def test_a_setting_that_is_not_taken_is_an_error_that_says_which() -> None:
    made = rig("delta-sm66-ar-110")
    made.driver.connect(made.clock)
    typed(made, "SYST:REM:CC front")
    with pytest.raises(DeviceError, match=r"did not take `SOURCE:CURRENT 0\.500`") as caught:
        made.run(current(0.5, 3.0))
    assert caught.value.diagnostics[0].code == "E512"


def test_another_model_and_another_maker_are_refused() -> None:
    made = rig("rigol-dp832")
    made.emulator.identification = "RIGOL TECHNOLOGIES,DP811,SIM1,1"  # type: ignore[attr-defined]
    with pytest.raises(DeviceError, match="not as a Rigol DP832"):
        made.driver.connect(made.clock)


def test_channels_and_ranges_have_their_own_limits_and_wrong_ones_are_refused() -> None:
    driver = DRIVERS.load("rigol-dp832")
    assert abilities_of(driver, {"channel": 3}).compliance_V == 5.0
    with pytest.raises(InputError, match="no channel 4"):
        abilities_of(driver, {"channel": 4})
    dp811 = DRIVERS.load("rigol-dp811")
    wide = abilities_of(dp811, {"voltage_range": "P40V"})
    assert (wide.compliance_V, wide.current_max_A) == (40.0, 5.0)
    with pytest.raises(InputError, match="P20V, P40V"):
        abilities_of(dp811, {"voltage_range": "P60V"})


def test_a_supply_that_loses_commands_that_come_at_once_is_given_time() -> None:
    made = rig("siglent-spd1168x", ohm=1.0, deaf="0.03")
    made.driver.connect(made.clock)
    readings, _ = made.run(current(5.0, 12.0, interval_s=2.0))
    assert [r.current_A for r in readings] == pytest.approx([5.0] * len(readings), abs=5e-3)


@pytest.mark.parametrize("key", ["rigol-dp832", "siglent-spd3303x", "tti-ql355p", "hmp2020"])
def test_late_doubled_lost_and_flipped_answers_never_become_a_value(key: str) -> None:
    faults = values = 0
    codes: set[str] = set()
    for seed in range(12):
        made = rig(key, ohm=7.0)
        made.driver.connect(made.clock)
        line = BadLine(made.driver.transport, seed, 0.03)  # type: ignore[attr-defined]
        made.driver._lines.transport = line  # type: ignore[attr-defined]
        try:
            for reading in made.driver.run(current(0.4, 9.0, duration_s=60.0), made.clock):
                if reading.refused and reading.current_A is None:
                    continue
                values += 1
                assert reading.current_A == pytest.approx(0.4, abs=6e-3)
                assert reading.cell_voltage_V == pytest.approx(2.8, abs=0.04)
                assert not reading.compliance
        except (LinkError, DeviceError) as error:
            codes.add(error.diagnostics[0].code)
        faults += line.faults
        line._share = 0.0
        assert made.driver.output_off(made.clock).on is False
    assert codes <= {"E501", "E514", "E517"}
    assert faults > 60
    assert values > 200
