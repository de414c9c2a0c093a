"""The control loop: bandwidth, slew rate, sweeps, and iR compensation up to where it rings."""

import math
from dataclasses import replace

import pytest

from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.electronics import Electronics, ElectronicsSpec, LoopSpec
from faradaic.simulators.electronics.loop import is_stable, small_signal

R_OHM, C_F = 100.0, 10e-6
CELL_S = R_OHM * C_F  # 1 ms
LOOP_S = 10e-6
LOOP = LoopSpec(bandwidth_Hz=1.0 / (2.0 * math.pi * LOOP_S))

SPEC = ElectronicsSpec(
    current_ranges_A=(1e-3, 1.0),
    voltage_ranges_V=(20.0,),
    current_max_A=1.0,
    compliance_V=12.0,
    dac_bits=48,
    adc_bits=48,
    current_noise=0.0,
    voltage_noise=0.0,
    first_step_s=1e-6,
)


class SeriesCell:
    """R and C in series, exact for a potential or current that is constant within a step."""

    def __init__(self, leak_ohm: float = math.inf) -> None:
        self.interface_V = 0.0
        self.leak_ohm = leak_ohm

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        leak_S = 1.0 / self.leak_ohm
        if control in (Control.POTENTIAL, Control.CELL_VOLTAGE):
            conductance_S = 1.0 / R_OHM + leak_S
            rest_V = value / R_OHM / conductance_S
            decay = math.exp(-dt_s * conductance_S / C_F)
            self.interface_V = rest_V + (self.interface_V - rest_V) * decay
            current_A = (value - self.interface_V) / R_OHM
            return CellState(current_A, value, value)
        current_A = value if control is Control.CURRENT else 0.0
        if leak_S:
            rest_V = current_A / leak_S
            self.interface_V = rest_V + (self.interface_V - rest_V) * math.exp(-dt_s * leak_S / C_F)
        else:
            self.interface_V += current_A * dt_s / C_F
        voltage_V = self.interface_V + current_A * R_OHM
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> float:
        return self.interface_V

    def restore(self, state: float) -> None:
        self.interface_V = state


def source_with(loop: LoopSpec = LOOP, cell: SeriesCell | None = None, **changes) -> Electronics:
    return Electronics(cell or SeriesCell(), replace(SPEC, loop=loop, **changes), seed=1)


def test_a_potential_arrives_with_the_time_constant_of_the_bandwidth():
    source = source_with(LoopSpec(bandwidth_Hz=100.0))
    source.potentiostat(1.0, 1.0, 0.0)
    for time_s in (0.5e-3, 1.6e-3, 5e-3):
        source.advance(time_s)
        expected_V = -math.expm1(-time_s * 2.0 * math.pi * 100.0)
        assert source.state.potential_V == pytest.approx(expected_V, abs=1e-9)
    source.advance(0.1)
    assert source.state.potential_V == pytest.approx(1.0, abs=1e-9)


def test_a_current_arrives_with_the_time_constant_of_the_bandwidth():
    source = source_with(LoopSpec(bandwidth_Hz=100.0))
    source.galvanostat(1e-3, 10.0, 0.0)
    source.advance(1.6e-3)
    assert source.state.current_A == pytest.approx(-1e-3 * math.expm1(-0.32 * math.pi), rel=1e-9)


def test_the_capacitive_spike_of_a_step_is_that_of_loop_and_cell_in_series():
    source = source_with()
    source.potentiostat(0.1, 1.0, 0.0)
    for time_s in (20e-6, 100e-6, 1e-3):
        source.advance(time_s)
        # Two first-order stages: i = ΔE/R (e^(-t/τu) - e^(-t/τc)) τu/(τu - τc).
        expected_A = 1e-3 * (math.exp(-time_s / CELL_S) - math.exp(-time_s / LOOP_S))
        expected_A *= CELL_S / (CELL_S - LOOP_S)
        assert source.state.current_A == pytest.approx(expected_A, rel=5e-3)


def test_an_ideal_loop_charges_the_double_layer_through_the_resistance_alone():
    # i = (ΔE/R_u) e^(-t/R_u C)
    source = source_with(LoopSpec())
    source.potentiostat(0.1, 1.0, 0.0)
    for time_s in (1e-4, 1e-3, 3e-3):
        source.advance(time_s)
        expected_A = 1e-3 * math.exp(-time_s / CELL_S)
        assert source.state.current_A == pytest.approx(expected_A, rel=1e-6)


def test_the_slew_rate_bounds_how_fast_a_potential_moves():
    source = source_with(LoopSpec(slew_V_per_s=1000.0))
    source.potentiostat(-2.0, 1.0, 0.0)
    source.advance(0.5e-3)
    assert source.state.potential_V == pytest.approx(-0.5, abs=1e-9)
    source.advance(3e-3)
    assert source.state.potential_V == pytest.approx(-2.0, abs=1e-9)
    # A step smaller than slew rate times time constant does not notice it.
    small = source_with(LoopSpec(bandwidth_Hz=100.0, slew_V_per_s=1000.0))
    small.potentiostat(0.5, 1.0, 0.0)
    small.advance(1e-3)
    assert small.state.potential_V == pytest.approx(-0.5 * math.expm1(-0.2 * math.pi), abs=1e-9)


def test_what_a_loop_sees_of_a_cell_is_its_resistance_and_double_layer():
    cell = SeriesCell()
    cell.interface_V = 0.3
    seen = small_signal(cell, 0.5, 1e-6)
    assert seen.resistance_ohm == pytest.approx(R_OHM, rel=1e-4)
    assert seen.time_constant_s == pytest.approx(CELL_S, rel=1e-2)
    assert cell.interface_V == 0.3


def damping(feedback: float, loop_s: float, cell_s: float) -> float:
    root = math.sqrt(cell_s / loop_s)
    return 0.5 * ((1.0 - feedback) * root + 1.0 / root)


def test_the_rule_of_stability():
    # p < 1 + τc/τu, where the damping is zero
    assert is_stable(1.0099, LOOP_S, CELL_S)
    assert not is_stable(1.0101, LOOP_S, CELL_S)
    assert not is_stable(1.0, 0.0, CELL_S)


def overshoot(compensation: float) -> tuple[float, float]:
    """Of the interface after a step of 10 mV, and the time of its highest potential."""
    cell = SeriesCell()
    source = source_with(cell=cell)
    source.compensate(compensation * R_OHM, 0.0)
    source.potentiostat(0.01, 1.0, 0.0)
    highest_V, when_s = 0.0, 0.0
    for count in range(1, 200):
        source.advance(count * 5e-6)
        if cell.interface_V > highest_V:
            highest_V, when_s = cell.interface_V, count * 5e-6
    assert not source.in_compliance
    return highest_V / 0.01 - 1.0, when_s


@pytest.mark.parametrize("compensation", [1.0, 0.98, 0.96])
def test_full_compensation_rings_with_the_damping_of_loop_and_cell(compensation):
    # A second-order system overshoots by e^(-πζ/√(1-ζ²)) after half a period, π/ω√(1-ζ²).
    zeta = damping(compensation, LOOP_S, CELL_S)
    assert zeta < 0.3
    over, when_s = overshoot(compensation)
    root = math.sqrt(1.0 - zeta**2)
    assert over == pytest.approx(math.exp(-math.pi * zeta / root), abs=0.03)
    assert when_s == pytest.approx(math.pi * math.sqrt(LOOP_S * CELL_S) / root, rel=0.05)


def test_moderate_compensation_charges_faster_and_does_not_ring():
    cell = SeriesCell()
    source = source_with(cell=cell)
    source.compensate(0.5 * R_OHM, 0.0)
    source.potentiostat(0.01, 1.0, 0.0)
    # Poles of s² + 2ζωs + ω², ω² = 1/(τc τu); the slow one is near 1/(0.5 R_u C).
    omega, zeta = 1.0 / math.sqrt(LOOP_S * CELL_S), damping(0.5, LOOP_S, CELL_S)
    root = math.sqrt(zeta**2 - 1.0)
    slow, fast = omega * (zeta - root), omega * (zeta + root)
    assert slow == pytest.approx(2.0 / CELL_S, rel=0.05)
    for time_s in (0.1e-3, 0.4e-3, 1e-3):
        source.advance(time_s)
        left = fast * math.exp(-slow * time_s) - slow * math.exp(-fast * time_s)
        assert 1.0 - cell.interface_V / 0.01 == pytest.approx(left / (fast - slow), abs=0.02)
    assert cell.interface_V <= 0.01 * (1 + 1e-6)


@pytest.mark.parametrize("loop", [LoopSpec(), LOOP])
def test_compensation_leaves_the_residual_drop_of_a_steady_current(loop):
    cell = SeriesCell(leak_ohm=1000.0)
    source = source_with(loop, cell)
    source.compensate(0.9 * R_OHM, 0.0)
    source.potentiostat(0.5, 1.0, 0.0)
    reading = source.measure(1.0)
    expected_A = 0.5 / (1000.0 + 0.1 * R_OHM)
    assert reading.current_A == pytest.approx(expected_A, rel=1e-5)
    assert cell.interface_V == pytest.approx(0.5 - 0.1 * R_OHM * expected_A, rel=1e-5)
    assert not reading.compliance
    assert not reading.current_overload
    source.compensate(0.0, 1.0)
    assert source.measure(2.0).current_A == pytest.approx(0.5 / 1100.0, rel=1e-5)


@pytest.mark.parametrize(("loop", "too_much"), [(LoopSpec(), 1.001), (LOOP, 1.02)])
def test_more_compensation_than_the_loop_bears_takes_it_to_its_rail(loop, too_much):
    source = source_with(loop, SeriesCell(leak_ohm=1000.0))
    source.compensate(too_much * R_OHM, 0.0)
    source.potentiostat(-0.5, 1.0, 0.0)
    reading = source.measure(0.1)
    assert reading.compliance
    assert reading.current_overload
    assert reading.cell_voltage_V == pytest.approx(-12.0, abs=1e-6)
    # Less of it, and the potential is held again.
    source.compensate(0.5 * R_OHM, 0.1)
    reading = source.measure(0.3)
    assert not reading.compliance
    assert not reading.current_overload


def test_a_railed_amplifier_still_limits_its_current():
    source = source_with(LoopSpec())
    source.compensate(2.0 * R_OHM, 0.0)
    source.potentiostat(1.0, 5e-3, 0.0)
    assert source.measure(1e-3).current_A == pytest.approx(5e-3, rel=1e-9)


def test_a_loop_does_not_wind_up_behind_a_limit():
    source = source_with(LoopSpec(bandwidth_Hz=1000.0), SeriesCell(leak_ohm=1000.0))
    source.potentiostat(1.0, 1e-4, 0.0)
    assert source.measure(0.05).compliance
    assert source.state.potential_V == pytest.approx(1e-4 * 1100.0, rel=1e-2)
    source.potentiostat(0.05, 1e-4, 0.05)
    source.advance(0.1)
    assert not source.in_compliance
    assert source.state.potential_V == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.compensate(-1.0, 0.0),
        lambda e: e.compensate(math.nan, 0.0),
        lambda e: LoopSpec(bandwidth_Hz=0.0),
        lambda e: LoopSpec(slew_V_per_s=-1.0),
    ],
)
def test_what_no_loop_can_do_is_refused(call):
    source = source_with()
    with pytest.raises(ValueError):
        call(source)
    assert not source.output_on
