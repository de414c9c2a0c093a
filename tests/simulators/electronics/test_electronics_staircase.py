"""Staircases and sampling windows against the exact reversible couple.

Golden values: the staircase table of the exact Cottrell superposition for a reversible couple; the
ramp's peak is that of Nicholson & Shain, Anal. Chem. 1964, 36, 706.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.electronics import (
    RAMP_EQUIVALENT_FRACTION,
    DeviceClock,
    Electronics,
    ElectronicsSpec,
    SamplingWindow,
    staircase,
)
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.semi_integral.model import SemiIntegralCell

F_OVER_RT = 38.92174  # per volt at 298.15 K
RAMP_PEAK = 0.446294694845
RATE_V_PER_S = 0.1

SPEC = ElectronicsSpec(
    current_ranges_A=(0.1, 1.0, 10.0),
    voltage_ranges_V=(1.0,),
    current_max_A=1e3,
    compliance_V=1e3,
    dac_bits=48,
    adc_bits=48,
    current_noise=0.0,
    voltage_noise=0.0,
)


class ReversibleCouple:
    """O + e = R at a planar electrode, nFAC√D = 1: exact between jumps of the potential.

    i(t) = Σ Δφ_k/√(π(t - t_k)), with φ the reduced fraction at the surface (Cottrell 1903).
    """

    def __init__(self) -> None:
        self.time_s = 0.0
        self.potential_V = 0.3
        self.jumps: list[float] = []
        self.times_s: list[float] = []

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        if control is Control.OPEN_CIRCUIT and not self.jumps:  # at rest before the first stair
            self.time_s += dt_s
            return CellState(0.0, self.potential_V, self.potential_V)
        assert control is Control.POTENTIAL
        if value != self.potential_V:
            self.jumps.append(reduced(value) - reduced(self.potential_V))
            self.times_s.append(self.time_s)
            self.potential_V = value
        self.time_s += dt_s
        ages_s = self.time_s - np.array(self.times_s)
        current_A = -float(np.sum(np.array(self.jumps) / np.sqrt(np.pi * ages_s)))
        return CellState(current_A, value, value)

    def checkpoint(self):
        return self.time_s, self.potential_V, len(self.jumps)

    def restore(self, state):
        self.time_s, self.potential_V, count = state
        del self.jumps[count:], self.times_s[count:]


def reduced(potential_V: float) -> float:
    return 1.0 / (1.0 + math.exp(F_OVER_RT * potential_V))


def peak(step_V: float, window: SamplingWindow) -> tuple[float, float]:
    """Dimensionless peak current and peak potential (mV) of a cathodic staircase from 0.3 V."""
    source = Electronics(ReversibleCouple(), SPEC, seed=1)
    levels_V = [0.3 - step_V * k for k in range(round(0.42 / step_V))]
    samples = list(staircase(source, levels_V, step_V / RATE_V_PER_S, 0.0, window, 100.0))
    assert len(samples) == len(levels_V)
    currents = [-s.measured.current_A / math.sqrt(F_OVER_RT * RATE_V_PER_S) for s in samples]
    top = max(range(len(currents)), key=currents.__getitem__)
    left, middle, right = currents[top - 1 : top + 2]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return middle - 0.25 * (left - right) * shift, 1e3 * (levels_V[top] - shift * step_V)


@pytest.mark.parametrize(
    ("step_V", "fraction", "ratio"),
    [
        (1e-3, 1.0, 0.935),  # 6.5 % low
        (1e-3, 0.5, 0.9724),
        (1e-3, RAMP_EQUIVALENT_FRACTION, 1.0001),
        (1e-3, 0.25, 1.0113),
        (5e-3, 1.0, 0.862),
        (5e-3, RAMP_EQUIVALENT_FRACTION, 1.0006),
    ],
)
def test_the_peak_of_a_staircase_depends_on_when_a_stair_is_sampled(step_V, fraction, ratio):
    assert peak(step_V, SamplingWindow.at(fraction))[0] / RAMP_PEAK == pytest.approx(
        ratio, abs=1e-3
    )


@pytest.mark.parametrize(("fraction", "ratio"), [(1.0, 0.935), (RAMP_EQUIVALENT_FRACTION, 1.0001)])
def test_the_semi_integral_engine_under_a_staircase_peaks_as_low(fraction, ratio):
    couple = mechanism_parameters(
        parse_mechanism("O + e = R"),
        concentrations_mol_per_m3={"O": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        k0=math.inf,
    )
    cell = SemiIntegralCell(couple, area_m2=1e-5, rest_potential_V=0.3)
    spec = replace(SPEC, current_ranges_A=(1e-4,), current_max_A=1e-2)
    levels_V = [0.3 - 1e-3 * k for k in range(420)]
    samples = staircase(
        Electronics(cell, spec, seed=1), levels_V, 0.01, 0.0, SamplingWindow.at(fraction), 1e-2
    )
    highest_A = max(-s.measured.current_A for s in samples)
    # i_p = 0.4463 nFAC√(nFνD/RT) of the ramp
    ramp_A = RAMP_PEAK * 96485.33212 * 1e-5 * math.sqrt(F_OVER_RT * RATE_V_PER_S * 1e-9)
    assert highest_A / ramp_A == pytest.approx(ratio, abs=2e-3)


def test_stairs_sampled_at_their_end_peak_late_and_those_at_the_magic_fraction_do_not():
    # The ramp peaks at -28.49 mV.
    assert peak(1e-3, SamplingWindow.at(1.0))[1] == pytest.approx(-32.61, abs=0.1)
    assert peak(1e-3, SamplingWindow.at(RAMP_EQUIVALENT_FRACTION))[1] == pytest.approx(
        -28.70, abs=0.1
    )


def test_the_mean_over_whole_stairs_is_the_ramp():
    # ∫₀¹ ζ(½, a) da = 0, as for the magic fraction.
    assert peak(1e-3, SamplingWindow(0.0, 1.0))[0] / RAMP_PEAK == pytest.approx(1.0, abs=5e-3)


def test_a_window_gives_the_mean_of_what_flowed_in_it():
    cell = ReversibleCouple()
    source = Electronics(cell, SPEC, seed=1)
    source.potentiostat(-0.3, 1e3, 0.0)
    measured = source.measure(1.0, aperture_s=0.75)
    # Mean of (φ(E) - φ(0.3 V))/√(πt) from 0.25 to 1 s.
    jump = reduced(-0.3) - reduced(0.3)
    expected_A = -jump * 2 * (1.0 - 0.5) / 0.75 / math.sqrt(math.pi)
    assert measured.current_A == pytest.approx(expected_A, rel=1e-4)
    assert source.state.current_A == pytest.approx(-jump / math.sqrt(math.pi), rel=1e-4)


def test_a_window_never_reaches_into_the_stair_before():
    source = Electronics(ReversibleCouple(), SPEC, seed=1)
    source.potentiostat(0.0, 100.0, 0.0)
    source.advance(1.0)
    source.potentiostat(-0.2, 100.0, 1.0)
    measured = source.measure(1.01, aperture_s=5.0)
    assert measured.potential_V == pytest.approx(-0.2, abs=1e-9)


def test_stairs_of_a_coarse_converter_are_uneven():
    # 16 bits over ±10 V: the nearest levels to multiples of 1 mV lie 3 or 4 times 0.305 mV apart.
    source = Electronics(
        ReversibleCouple(),
        replace(SPEC, voltage_ranges_V=(10.0,), headroom=1.0, dac_bits=16),
        seed=1,
    )
    levels_V = [0.3 - 1e-3 * k for k in range(200)]
    samples = staircase(source, levels_V, 0.01, 0.0, SamplingWindow(0.5), 100.0)
    held_V = [source.state.potential_V for _ in samples]
    steps = np.diff(held_V) / (20.0 / 2**16)
    assert set(np.round(steps).astype(int)) == {-3, -4}
    assert steps == pytest.approx(np.round(steps), abs=1e-6)


def test_a_clock_of_50_ppm_is_3_s_off_after_16_h_and_so_is_the_charge_it_counts():
    clock = DeviceClock(error_ppm=50.0)
    assert clock.device_s(16 * 3600.0) - 16 * 3600.0 == pytest.approx(2.88, abs=1e-6)
    assert clock.true_s(clock.device_s(1234.5)) == pytest.approx(1234.5, rel=1e-15)
    source = Electronics(ReversibleCouple(), replace(SPEC, clock_error_ppm=50.0), seed=1)
    samples = list(staircase(source, [0.2] * 1000, 57.6, 0.0, SamplingWindow(0.9), 100.0))
    assert samples[-1].time_s == pytest.approx(57600.0)
    assert source.cell.time_s == pytest.approx(57600.0 - 2.88, abs=1e-3)


@pytest.mark.parametrize(("start", "end"), [(0.5, 0.5), (0.8, 0.2), (-0.1, 0.5), (0.5, 1.1)])
def test_a_window_outside_its_stair_is_refused(start, end):
    with pytest.raises(InputError, match="E548"):
        SamplingWindow(start, end)
