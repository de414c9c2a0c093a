"""Ohmic drop: its sign, what was already compensated, and resistances from known circuits."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.ohmic import (
    compare_resistances,
    correct_ohmic_drop,
    resistance_from_impedance,
    resistance_from_interrupt,
)
from faradaic.chemistry.potential_scales import convert_potential
from faradaic.diagnostics import InputError

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
    rhe = convert_potential(-1.0, "Ag/AgCl (sat. KCl)", "RHE", temperature_K=298.15, pH=7.2)
    found = correct_ohmic_drop(rhe.potential_V, -0.05, 5.0, compensated_fraction=0.0)
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


@pytest.mark.parametrize("n", [1.0, 0.9, 0.8])
@pytest.mark.parametrize("charge_transfer_ohm", [40.0, 1e9])
def test_intercept_of_arcs_and_blocking_electrodes(n: float, charge_transfer_ohm: float) -> None:
    found = resistance_from_impedance(FREQUENCY_HZ, randles(5.0, charge_transfer_ohm, 2e-5, n))
    assert found.value == pytest.approx(5.0, rel=0.01)


def test_intercept_with_noise_and_outliers_stays_within_two_percent() -> None:
    generator = np.random.default_rng(4)
    Z = randles(5.0, 40.0, 2e-5, 0.9)
    for _ in range(20):
        noisy = Z + 0.01 * (generator.standard_normal((2, len(Z))).T @ [1.0, 1.0j])
        noisy[3] *= 1.5
        found = resistance_from_impedance(FREQUENCY_HZ, noisy)
        assert found.value == pytest.approx(5.0, rel=0.02)
        assert found.systematic is not None
        assert found.systematic < 1.0


def test_intercept_where_cables_are_inductive() -> None:
    Z = randles(5.0, 40.0, 2e-5) + OMEGA * 1e-6
    found = resistance_from_impedance(FREQUENCY_HZ, Z)
    assert found.method == "Z′ where Z″ changes sign"
    assert found.value == pytest.approx(5.0, rel=0.02)


def test_order_of_the_frequencies_does_not_matter() -> None:
    Z = randles(5.0, 40.0, 2e-5)
    up, down = (
        resistance_from_impedance(FREQUENCY_HZ[s], Z[s])
        for s in (slice(None, None, -1), slice(None))
    )
    assert up == down


def test_spectrum_that_ends_far_from_the_axis_is_flagged() -> None:
    low = FREQUENCY_HZ < 100.0
    found = resistance_from_impedance(FREQUENCY_HZ[low], randles(5.0, 1e9, 2e-5)[low])
    assert any("extrapolated far" in flag for flag in found.flags)


def test_inductive_spectrum_has_no_intercept() -> None:
    assert resistance_from_impedance(FREQUENCY_HZ, 5.0 + OMEGA * 1e-6).value is None


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
        resistance_from_impedance(FREQUENCY_HZ, randles(R, 40.0, 2e-5)) for R in (5.0, 6.0)
    )
    drift = compare_resistances(first, second)
    assert drift.value == pytest.approx(0.2, abs=0.01)
    assert drift.flags
    assert not compare_resistances(first, first).flags
