"""Ohmic drop: its sign, what was already compensated, and resistances from known circuits."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.analysis.ohmic_drop import correct_ohmic_drop
from faradaic.analysis.uncompensated_resistance import (
    compare_resistances,
    resistance_from_interrupt,
    uncompensated_resistance,
)
from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.chemistry.potential_scales import scale_shift
from faradaic.diagnostics import InputError
from faradaic.results import Result

FREQUENCY_HZ = np.logspace(5, 0, 51)
OMEGA = 2j * np.pi * FREQUENCY_HZ


def randles(
    resistance_ohm: float, charge_transfer_ohm: float, Q: float, n: float = 1.0
) -> np.ndarray:
    return resistance_ohm + 1.0 / (1.0 / charge_transfer_ohm + Q * OMEGA**n)


def test_the_sign_of_the_drop_is_that_of_the_current() -> None:
    # E = +0.10 V, I = −5 mA, R = 10 ohm: 0.15 V; the sign of E does not matter
    measured_V = np.array([0.10, -0.10])
    found = correct_ohmic_drop(measured_V, [-5e-3, -5e-3], 10.0, compensated_fraction=0.0)
    assert found.potential_V == pytest.approx([0.15, -0.05])
    assert measured_V.tolist() == [0.10, -0.10]


def test_scale_and_drop_together() -> None:
    # −1.00 V vs Ag/AgCl (sat. KCl), pH 7.2, −50 mA, 5 ohm: −1 + 0.197 + 7.2·0.0591593 + 0.25
    shift = scale_shift("Ag/AgCl (sat. KCl)", "RHE", temperature_K=298.15, pH=7.2)
    assert shift.value is not None
    found = correct_ohmic_drop(-1.0 + shift.value, -0.05, 5.0, compensated_fraction=0.0)
    assert float(found.potential_V) == pytest.approx(-0.127053, abs=1e-6)


def test_what_the_instrument_compensated_is_not_taken_off_again() -> None:
    found = correct_ohmic_drop([-1.0], [-0.05], 5.0, compensated_fraction=0.85, uncertainty_ohm=0.4)
    assert found.potential_V == pytest.approx([-1.0 + 0.15 * 0.25])
    assert found.uncertainty_V == pytest.approx([0.15 * 0.4 * 0.05])
    assert found.remaining_resistance_ohm == pytest.approx(0.75)


def test_a_drop_over_half_of_the_polarisation_is_flagged() -> None:
    found = correct_ohmic_drop(
        [-1.0, -0.2], [-0.1, -0.001], 6.0, compensated_fraction=0.0, open_circuit_V=0.0
    )
    assert found.flags == ("the drop is over half of the polarisation in 50% of the points",)


@pytest.mark.parametrize(
    "bad", [{"compensated_fraction": 85.0}, {"resistance_ohm": -1.0}, {"current_A": [1.0, 2.0]}]
)
def test_impossible_input_is_refused(bad: dict[str, object]) -> None:
    asked = {"current_A": [0.1], "resistance_ohm": 1.0, "compensated_fraction": 0.0} | bad
    with pytest.raises(InputError, match="E774"):
        correct_ohmic_drop([0.0], **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("highest_Hz", [1e5, 1e3])
@pytest.mark.parametrize(
    ("circuit", "others"),
    [
        ("R0+(C1|(R1+W1))", (2e-5, 50.0, 200.0)),
        ("R0+(Q1|(R1+W1))", (2e-5, 0.85, 50.0, 200.0)),
        ("R0+(R1|C1)", (1000.0, 2e-5)),
        ("R0+Q1", (2e-5, 0.9)),
    ],
)
def test_a_spectrum_without_noise_gives_the_resistance_it_was_made_with(
    highest_Hz: float, circuit: str, others: tuple[float, ...]
) -> None:
    f_Hz = np.geomspace(highest_Hz, 0.1, 51)
    impedance_ohm = parse_circuit(circuit).impedance_ohm(2 * np.pi * f_Hz, np.array((100, *others)))
    found = uncompensated_resistance(ImpedanceSpectrum(f_Hz, impedance_ohm))
    assert found.value == pytest.approx(100.0, rel=1e-3)
    assert not found.flags


def test_points_far_off_the_others_are_left_out_and_told() -> None:
    generator = np.random.default_rng(4)
    Z = randles(5.0, 40.0, 2e-5, 0.9)
    for _ in range(3):
        noisy = Z + 0.01 * (generator.standard_normal((2, len(Z))).T @ [1.0, 1.0j])
        noisy[3] *= 1.5
        found = uncompensated_resistance(ImpedanceSpectrum(FREQUENCY_HZ, noisy))
        assert found.value == pytest.approx(5.0, rel=0.005)
        assert "left out: 1" in found.flags[0]


def test_a_spectrum_that_ends_far_from_the_axis_is_flagged() -> None:
    low = FREQUENCY_HZ < 100.0
    generator = np.random.default_rng(1)
    noise = 1.0 + 0.01 * (generator.standard_normal((2, low.sum())).T @ [1.0, 1.0j])
    Z = randles(5.0, 1e9, 2e-5, 0.9)[low] * noise
    found = uncompensated_resistance(ImpedanceSpectrum(FREQUENCY_HZ[low], Z))
    assert found.flags


def test_interrupt_of_a_cathodic_current_gives_the_resistance() -> None:
    # R_u = 5 ohm, R_ct = 20 ohm parallel to 1 mF: E decays with 20 ms after the step of I·R_u
    t_s = np.arange(-2e-3, 5e-3, 1e-5)
    I_A = -0.05
    E_V = 0.1 + np.where(t_s < 0, I_A * 25.0, I_A * 20.0 * np.exp(-t_s / 0.02))
    found = resistance_from_interrupt(
        t_s, E_V, current_A=I_A, interrupt_time_s=0.0, dead_time_s=5e-5, window_s=2e-3
    )
    assert found.value == pytest.approx(5.0, rel=1e-3)
    assert found.systematic is not None
    assert 0.0 < found.systematic < 0.1
    opposite = resistance_from_interrupt(
        t_s, E_V, current_A=-I_A, interrupt_time_s=0.0, dead_time_s=5e-5, window_s=2e-3
    )
    assert any("sign" in flag for flag in opposite.flags)


def test_interrupt_without_enough_points_says_what_is_needed() -> None:
    found = resistance_from_interrupt(
        [-1.0, 1.0], [0.0, 1.0], current_A=1.0, interrupt_time_s=0.0, dead_time_s=0.0, window_s=2.0
    )
    assert found.value is None
    assert "needs 2 points before" in found.reason


def test_resistance_that_drifted_over_ten_percent_is_flagged() -> None:
    first, second = (
        Result("uncompensated_resistance", value, "ohm", "measured") for value in (5.0, 6.0)
    )
    drift = compare_resistances(first, second)
    assert drift.value == pytest.approx(0.2, abs=1e-12)
    assert drift.flags
    assert not compare_resistances(first, first).flags


def test_a_tafel_relaxation_is_extrapolated_by_its_own_law() -> None:
    # 10 mA through 88 Ω and a double layer that discharges as 0.12 V ln(1 + t/1 ms), read from
    # 2 ms on, every 2 ms: a parabola alone would take 13 Ω of the relaxation for R.
    t_s = np.concatenate([np.arange(-0.02, 0.0, 2e-3), np.arange(2e-3, 0.05, 2e-3)])
    E_V = np.where(t_s < 0, 3.88, 3.0 - 0.12 * np.log1p(np.maximum(t_s, 0.0) / 1e-3))
    found = resistance_from_interrupt(
        t_s, E_V, current_A=0.01, interrupt_time_s=0.0, dead_time_s=1e-3, window_s=0.05
    )
    assert found.value == pytest.approx(88.0, abs=1.0)
    assert "ln(1 + t/τ)" in found.method
    assert abs((found.value or 0.0) - 88.0) < (found.systematic or 0.0) + 0.5


@pytest.mark.parametrize("second_s", [2e-4, 5e-3])
def test_two_electrodes_that_relax_by_their_own_laws_are_told_or_bounded(second_s: float) -> None:
    # 42 Ω at 1 mA; one double layer relaxes with 5 ms, the other faster or alike: one law is not
    # enough, so that the uncertainty holds the value or the flag says that it may be far off.
    t_s = np.concatenate([np.arange(-0.02, 0.0, 1.4e-3), np.arange(7e-4, 0.05, 1.4e-3)])
    after = np.maximum(t_s, 0.0)
    relaxed = 0.05 * np.log1p(after / 5e-3) + 0.05 * np.log1p(after / second_s)
    E_V = np.where(t_s < 0, 3.0 + 42e-3, 3.0 - relaxed)
    found = resistance_from_interrupt(
        t_s, E_V, current_A=1e-3, interrupt_time_s=0.0, dead_time_s=7e-4, window_s=0.05
    )
    assert found.value is not None
    bounded = abs(found.value - 42.0) < 2.0 * (found.systematic or 0.0) + 0.5
    assert bounded or any("far off" in flag for flag in found.flags)


def test_a_relaxation_before_the_first_point_is_flagged() -> None:
    # τ of 0.3 ms, the first point at 3 ms: whatever is extrapolated rests on what nobody saw
    t_s = np.concatenate([np.arange(-0.02, 0.0, 2e-3), np.arange(3e-3, 0.05, 2e-3)])
    E_V = np.where(t_s < 0, 3.84, 3.0 - 0.05 * np.log1p(np.maximum(t_s, 0.0) / 3e-4))
    found = resistance_from_interrupt(
        t_s, E_V, current_A=0.02, interrupt_time_s=0.0, dead_time_s=3e-3, window_s=0.05
    )
    assert any("first 0.003 s is not seen" in flag for flag in found.flags)
    assert (found.systematic or 0.0) >= 0.8 * 0.05 / 0.02
