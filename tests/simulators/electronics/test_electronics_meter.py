"""Ranges and flags of the meter: autoranging, dead time, overload, underload, noise by kind."""

import statistics
from dataclasses import replace

import pytest

from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.electronics import Electronics, ElectronicsSpec, SamplingWindow, staircase

SPEC = ElectronicsSpec(
    current_ranges_A=(1e-3, 10e-3, 100e-3),
    voltage_ranges_V=(20.0,),
    current_max_A=1.0,
    compliance_V=20.0,
    dac_bits=48,
    adc_bits=48,
    current_noise=0.0,
    voltage_noise=0.0,
)


class Resistor:
    """100 Ω."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        if control is Control.OPEN_CIRCUIT:
            return CellState(0.0, 0.0, 0.0)
        current_A = value if control is Control.CURRENT else value / 100.0
        return CellState(current_A, 100.0 * current_A, 100.0 * current_A)

    def checkpoint(self) -> None:
        return None

    def restore(self, state: None) -> None:
        pass


def meter(**changes) -> Electronics:
    return Electronics(Resistor(), replace(SPEC, **changes), seed=2)


def read_at(source: Electronics, current_A: float, now_s: float):
    source.potentiostat(100.0 * current_A, 1.0, now_s)
    return source.measure(now_s + 0.01)


def test_a_meter_goes_up_above_0_95_of_its_range_and_down_below_0_08_with_hysteresis():
    source = meter()
    ranges_A = []
    for count, current_A in enumerate(
        [5e-3, 9.4e-3, 9.6e-3, 9.4e-3, 9e-3, 8.1e-3, 7.9e-3, 8.1e-3, 7.9e-3, 7.9e-3, 7.9e-3]
    ):
        reading = read_at(source, current_A, 0.1 * count)
        assert reading.current_A == pytest.approx(current_A, rel=1e-9)
        assert not reading.settling
        ranges_A.append(reading.current_range_A)
    assert ranges_A == [10e-3] * 2 + [100e-3] * 7 + [10e-3] * 2


def test_a_current_far_above_its_range_takes_the_one_that_holds_it_at_once():
    source = meter()
    assert read_at(source, 0.5e-3, 0.0).current_range_A == 1e-3
    reading = read_at(source, 50e-3, 0.1)
    assert (reading.current_range_A, reading.current_overload) == (100e-3, False)
    assert read_at(source, 0.1e-3, 0.2).current_range_A == 100e-3
    assert read_at(source, 0.1e-3, 0.3).current_range_A == 1e-3


def test_after_a_change_of_range_there_is_no_data_for_the_dead_time():
    source = meter(autorange_dead_s=0.05)
    source.potentiostat(0.05, 1.0, 0.0)
    assert not source.measure(0.02).settling
    source.potentiostat(0.5, 1.0, 0.02)
    assert [source.measure(0.02 + 0.01 * k).settling for k in range(1, 9)] == [True] * 5 + [
        False
    ] * 3
    levels_V = [0.05] * 3 + [0.5] * 10
    samples = list(
        staircase(meter(autorange_dead_s=0.05), levels_V, 0.02, 0.0, SamplingWindow(0.5), 1.0)
    )
    # The change is seen at the end of the fourth stair, and settles for two and a half more.
    assert [round(s.time_s / 0.02) for s in samples] == [1, 2, 3, 7, 8, 9, 10, 11, 12, 13]


def test_a_small_part_of_a_range_is_flagged_as_underload_except_on_the_smallest():
    source = meter()
    source.fix_current_range(100e-3)
    assert read_at(source, 7e-3, 0.0).underload
    assert not read_at(source, 9e-3, 0.1).underload
    source.fix_current_range(1e-3)
    assert not read_at(source, 1e-6, 0.2).underload


def test_a_current_beyond_its_range_is_flagged_and_reads_full_scale():
    source = meter()
    source.fix_current_range(10e-3)
    for sign in (1.0, -1.0):
        reading = read_at(source, sign * 30e-3, 0.2 if sign > 0 else 0.5)
        assert reading.current_overload
        assert reading.current_A == sign * 10.5e-3
        # What the meter cannot show flowed all the same.
        assert source.state.current_A == pytest.approx(sign * 30e-3)


def test_a_reading_a_second_costs_one_time_step_once_the_cell_has_settled():
    class Counting(Resistor):
        steps = 0

        def step(self, control: Control, value: float, dt_s: float) -> CellState:
            self.steps += 1
            return super().step(control, value, dt_s)

    cell = Counting()
    source = Electronics(cell, SPEC, seed=1)
    source.galvanostat(1e-3, 20.0, 0.0)
    for second in range(1, 21):
        source.measure(float(second))
    settled = cell.steps
    for second in range(21, 121):
        source.measure(float(second))
    assert cell.steps - settled == 100


def test_compliance_holds_the_voltage_and_says_so():
    source = meter()
    source.galvanostat(90e-3, 5.0, 0.0)
    reading = source.measure(1.0)
    assert reading.compliance
    assert reading.cell_voltage_V == pytest.approx(5.0, abs=1e-9)
    assert reading.current_A == pytest.approx(50e-3, rel=1e-9)


def test_flicker_and_white_noise_differ_in_what_an_average_leaves():
    def mean_of_readings(**noise: float) -> float:
        means = []
        for seed in range(60):
            source = Electronics(Resistor(), replace(SPEC, **noise), seed)
            source.galvanostat(5e-3, 20.0, 0.0)
            means.append(statistics.fmean(source.measure(0.1 * k).current_A for k in range(1, 101)))
        return statistics.pstdev(means)

    white = mean_of_readings(current_noise=1e-4)
    flicker = mean_of_readings(current_flicker=1e-4)
    assert white == pytest.approx(1e-4 * 10e-3 / 10.0, rel=0.3)  # 100 readings of 20 ms
    assert flicker > 10 * white


@pytest.mark.parametrize("wrong", [{"autorange_down": 0.95}, {"max_step_s": 0.0}])
def test_a_meter_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(SPEC, **wrong)
