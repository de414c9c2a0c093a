"""The source and meter of a simulated bench: limits, converters, noise, ranges, off states."""

import copy
import math
import statistics
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.electronics import Electronics, ElectronicsSpec
from faradaic.simulators.preparative.preparative_cell import PreparativeCell

CELL = tomllib.loads(
    (Path(__file__).parents[2] / "fixtures" / "cells" / "preparative.toml").read_text()
)
SPEC = ElectronicsSpec(
    current_ranges_A=(1e-3, 10e-3, 100e-3, 1.0),
    voltage_ranges_V=(2.0, 20.0),
    current_max_A=1.0,
    compliance_V=20.0,
)
QUIET = replace(SPEC, current_noise=0.0, voltage_noise=0.0, adc_bits=48, dac_bits=48)


def electronics(spec: ElectronicsSpec = QUIET, cell=CELL, seed: int = 1) -> Electronics:
    return Electronics(PreparativeCell.from_mapping(cell), spec, seed)


def test_the_charge_that_reached_the_cell_is_the_current_times_the_time():
    source = electronics()
    source.off(0.0)
    source.galvanostat(20e-3, 10.0, 60.0)
    for second in range(61, 661):
        source.advance(float(second))
    source.off(660.0)
    source.advance(700.0)
    # Settling at each change of control passes at the new set-point: 10 µs of error at most.
    assert source.cell.ledger().charge_C == pytest.approx(20e-3 * 600, abs=20e-3 * 2e-5)


def test_a_current_beyond_compliance_is_solved_at_the_limit_and_not_clipped():
    source = electronics()
    source.galvanostat(50e-3, 2.5, 0.0)
    reading = source.measure(100.0)
    assert reading.compliance
    assert reading.cell_voltage_V == pytest.approx(2.5, abs=1e-6)
    assert 1e-3 < reading.current_A < 49e-3
    at_limit = PreparativeCell.from_mapping(CELL)
    for _ in range(100):
        expected = at_limit.step(Control.CELL_VOLTAGE, 2.5, 1.0)
    assert reading.current_A == pytest.approx(expected.current_A, rel=1e-3)
    # What flowed is what the cell was charged with, not the set-point times the time.
    assert source.cell.ledger().charge_C < 100 * 49e-3


def test_depletion_drives_a_galvanostat_into_compliance_at_the_kink():
    source = electronics()
    limit_V = 3.2  # between the voltages before and after the substrate runs short
    source.galvanostat(20e-3, limit_V, 0.0)
    crossed_s = 0.0
    for second in range(1, 6000):
        reading = source.measure(float(second))
        if not reading.compliance:
            assert crossed_s == 0.0
            assert reading.current_A == pytest.approx(20e-3, rel=1e-6)
        elif not crossed_s:
            crossed_s = float(second)
    # t* = (nFV/i)(C0 - i/(nF k_m A)), where the limiting current falls to the set-point.
    beta = 20e-3 / 57.891e-3
    kink_s = 96.485 / 20e-3 * (1 - beta)
    assert crossed_s == pytest.approx(kink_s, rel=0.02)
    assert reading.current_A < 10e-3


def test_a_galvanostat_regulates_again_when_the_cell_allows_it():
    cell = copy.deepcopy(CELL)
    hydrogen = cell["electrodes"]["counter"]["reactions"][0]
    hydrogen["reference_potential_V_vs_SHE"] = -2.0
    # The product of the anode, once it is there, catalyses the reduction two volts earlier.
    cell["electrodes"]["counter"]["reactions"].append(
        {
            "name": "catalysed reduction",
            "direction": "reduction",
            "electrons": 2,
            "reference_potential_V_vs_SHE": 0.0,
            "exchange_current_density_A_per_m2": 10.0,
            "tafel_slope_V_per_decade": 0.12,
            "substrate": "product",
            "product": "product",
            "mass_transfer_m_per_s": 1e-4,
        }
    )
    cell["species"]["product"] = {"concentration_mol_per_m3": 0.0}
    source = electronics(cell=cell)
    source.galvanostat(10e-3, 3.2, 0.0)
    assert source.measure(1.0).compliance
    reading = source.measure(3000.0)
    assert not reading.compliance
    assert reading.current_A == pytest.approx(10e-3, rel=1e-9)
    assert reading.cell_voltage_V < 3.2


def test_a_voltage_source_goes_into_current_limit_with_the_sign_of_the_current():
    source = electronics()
    source.cell_voltage(5.0, 10e-3, 0.0)
    reading = source.measure(10.0)
    assert reading.compliance
    assert reading.current_A == pytest.approx(10e-3, rel=1e-9)
    assert reading.cell_voltage_V < 5.0
    source.cell_voltage(0.0, 1e-3, 10.0)  # the charged double layers drive it backwards
    reading = source.measure(10.0)
    assert reading.compliance
    assert reading.current_A == pytest.approx(-1e-3, rel=1e-9)


def test_a_potentiostat_is_limited_by_current_and_by_the_voltage_across_the_cell():
    source = electronics()
    source.potentiostat(1.2, 100e-3, 0.0)
    held = source.measure(10.0)
    assert not held.compliance
    assert held.potential_V == pytest.approx(1.2, abs=1e-6)
    source.potentiostat(1.2, 1e-3, 10.0)
    assert source.measure(20.0)[0] == pytest.approx(1e-3, rel=1e-6)
    assert source.in_compliance
    weak = electronics(replace(QUIET, compliance_V=1.5))
    weak.potentiostat(2.0, 1.0, 0.0)
    reading = weak.measure(10.0)
    assert reading.compliance
    assert reading.cell_voltage_V == pytest.approx(1.5, abs=1e-6)
    assert reading.potential_V < 2.0


def test_off_opens_the_circuit():
    source = electronics(QUIET)
    source.galvanostat(10e-3, 10.0, 0.0)
    source.advance(100.0)
    assert source.output_on
    source.off(100.0)
    assert not source.output_on
    source.advance(101.0)
    assert source.state.current_A == 0.0
    assert source.state.cell_voltage_V > 0.4


def test_the_noise_has_the_stated_size_on_the_range_in_use():
    source = electronics(replace(SPEC, adc_bits=24))
    source.galvanostat(5e-3, 20.0, 0.0)
    readings = [source.measure(100.0) for _ in range(4000)]
    currents = [r.current_A for r in readings]
    assert {r.current_range_A for r in readings} == {10e-3}
    assert statistics.fmean(currents) == pytest.approx(source.state.current_A, rel=1e-5)
    assert statistics.stdev(currents) == pytest.approx(2e-5 * 10e-3, rel=0.05)
    assert statistics.stdev(r.cell_voltage_V for r in readings) == pytest.approx(
        2e-5 * 2.0, rel=0.05
    )
    longer = [source.measure(100.0, aperture_s=0.18).current_A for _ in range(4000)]
    assert statistics.stdev(longer) == pytest.approx(2e-5 * 10e-3 / 3, rel=0.05)


def test_readings_and_set_points_are_levels_of_the_converters():
    coarse = replace(SPEC, dac_bits=8, adc_bits=10)
    source = electronics(coarse)
    source.galvanostat(5e-3, 20.0, 0.0)
    dac_A, adc_A = 2 * 10.5e-3 / 2**8, 2 * 10.5e-3 / 2**10
    assert source.state.current_A == round(5e-3 / dac_A) * dac_A
    level = source.measure(1.0).current_A / adc_A
    assert level == pytest.approx(round(level), abs=1e-9)
    levels = {source.measure(1.0).current_A for _ in range(200)}
    assert 1 < len(levels) < 6  # the noise is never below 0.3 of a level


def test_a_current_beyond_a_fixed_range_is_flagged_at_full_scale():
    source = electronics()
    source.galvanostat(50e-3, 20.0, 0.0)
    assert source.measure(1.0).current_range_A == 100e-3
    source.fix_current_range(10e-3)
    reading = source.measure(2.0)
    assert reading.current_overload
    assert reading.current_A == pytest.approx(10.5e-3)
    source.fix_current_range(None)
    assert not source.measure(3.0).current_overload


def test_the_same_seed_gives_the_same_readings_and_another_does_not():
    def readings(seed: int):
        source = electronics(SPEC, seed=seed)
        source.galvanostat(5e-3, 20.0, 0.0)
        return [source.measure(float(t)) for t in range(50)]

    assert readings(7) == readings(7)
    assert readings(7) != readings(8)


def test_the_charging_of_the_double_layers_after_a_change_is_resolved():
    fine = PreparativeCell.from_mapping(CELL)
    for _ in range(2500):
        halfway = fine.step(Control.CURRENT, 10e-3, 1e-6)
    steady = fine.step(Control.CURRENT, 10e-3, 100.0)
    source = electronics()
    source.galvanostat(10e-3, 20.0, 0.0)
    source.advance(2.5e-3)
    # One step of 2.5 ms instead would be 0.06 V off, and one of 1 s already steady.
    assert steady.cell_voltage_V - halfway.cell_voltage_V > 0.2
    assert source.state.cell_voltage_V == pytest.approx(halfway.cell_voltage_V, abs=0.03)


def test_asking_more_often_does_not_change_the_cell():
    often, seldom = electronics(), electronics()
    for source in (often, seldom):
        source.galvanostat(20e-3, 20.0, 0.0)
    for tenth in range(1, 6001):
        often.advance(tenth / 10)
    seldom.advance(600.0)
    assert often.state == pytest.approx(seldom.state, rel=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.galvanostat(1.1, 20.0, 0.0),
        lambda e: e.galvanostat(math.nan, 20.0, 0.0),
        lambda e: e.galvanostat(0.5, 20.1, 0.0),
        lambda e: e.galvanostat(0.5, 0.0, 0.0),
        lambda e: e.potentiostat(20.1, 1.0, 0.0),
        lambda e: e.potentiostat(1.0, 1.1, 0.0),
        lambda e: e.cell_voltage(-20.1, 1.0, 0.0),
        lambda e: e.fix_current_range(5e-3),
    ],
)
def test_a_set_point_beyond_the_instrument_is_refused_and_the_output_stays_off(call):
    source = electronics()
    with pytest.raises(ValueError):
        call(source)
    assert not source.output_on


@pytest.mark.parametrize(
    "wrong", [{"current_ranges_A": (1.0, 0.1)}, {"voltage_ranges_V": ()}, {"compliance_V": 0.0}]
)
def test_a_specification_that_cannot_be_built_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(SPEC, **wrong)
