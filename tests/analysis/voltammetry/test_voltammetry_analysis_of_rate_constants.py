"""Laviron and the steady-state wave against closed forms and simulated curves."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.voltammetry import half_wave, laviron
from faradaic.analysis.voltammetry.half_wave import Wave, steady_state_wave
from faradaic.analysis.voltammetry.laviron import LavironFit, fit_branches, rate_constant_by_table

PER_V = 96485.33212 / (8.314462618 * 298.15)
RATES = np.array([0.1, 0.2, 0.5, 1.0, 2.0])


def laviron_peaks(rate, k, alpha, formal_V, n=1):
    x = n * PER_V * rate / k
    anodic = formal_V + np.log((1 - alpha) * x) / ((1 - alpha) * n * PER_V)
    return anodic, formal_V - np.log(alpha * x) / (alpha * n * PER_V)


@pytest.mark.parametrize(("alpha", "n", "k"), [(0.5, 1, 3.0), (0.35, 2, 0.4)])
def test_laviron_returns_alpha_and_k_of_its_own_limit(alpha, n, k):
    rate = k * np.geomspace(5, 500, 7)
    found = fit_branches(rate, *laviron_peaks(rate, k, alpha, 0.2, n), electrons=n)
    assert isinstance(found, LavironFit)
    assert found.transfer_coefficient.value == pytest.approx(alpha, rel=1e-8)
    assert found.rate_constant.value == pytest.approx(k, rel=1e-8)
    assert found.formal_potential.value == pytest.approx(0.2, abs=1e-9)
    assert found.rate_constant.flags == ()


def test_a_wrong_number_of_electrons_is_flagged():
    rate = np.geomspace(10, 1000, 7)
    found = fit_branches(rate, *laviron_peaks(rate, 1.0, 0.5, 0.0, 2), electrons=1)
    assert isinstance(found, LavironFit)
    assert "2.00 electrons, not 1" in found.rate_constant.flags[0]


def test_separations_that_are_too_small_for_the_limit_are_not_used():
    rate = np.array([0.1, 0.2, 0.3])
    found = fit_branches(rate, rate * 0 + 0.05, rate * 0 - 0.05, electrons=1)
    assert found.value is None
    assert "small separations" in found.reason


def bound_wave_peak(ratio):
    """(potential, current) of the anodic peak of a bound couple, F·E/RT and i·RT/(FνQ).

    Butler–Volmer with alpha ½, RTk/Fν = 1/ratio, integrated here anew.
    """
    from scipy.integrate import solve_ivp

    m = 1.0 / ratio

    def current(p, reduced):
        return m * (np.exp(p / 2) * reduced - np.exp(-p / 2) * (1 - reduced))

    # the coverage follows equilibrium so closely at first that an implicit method is needed
    run = solve_ivp(
        lambda p, y: [-current(p, y[0])],
        (-20.0, 20.0),
        [1.0],
        method="Radau",
        rtol=1e-9,
        atol=1e-12,
        dense_output=True,
    )
    p = np.linspace(-5, 15, 200_001)
    i = current(p, run.sol(p)[0])
    top = int(np.argmax(i))
    return p[top], i[top]


@pytest.mark.parametrize("ratio", [0.5, 2.0, 10.0])
def test_the_table_of_small_separations_is_that_of_an_integration(ratio):
    separation_V = 2 * bound_wave_peak(ratio)[0] / PER_V
    k = 5.0
    rate = ratio * k / PER_V
    found = rate_constant_by_table([rate], [separation_V], electrons=1)
    assert found.value == pytest.approx(k, rel=2e-3)


def test_the_table_meets_the_limit_of_large_separations():
    k, rate = 2.0, 2.0 * 40 / PER_V
    anodic, cathodic = laviron_peaks(rate, k, 0.5, 0.0)
    found = rate_constant_by_table([rate], [anodic - cathodic], electrons=1)
    assert found.value == pytest.approx(k, rel=0.02)


def test_separations_outside_of_the_table_are_left_out_and_said_so():
    found = rate_constant_by_table([0.1, 0.1], [0.04, 2.0], electrons=1)
    assert "1 separations are outside" in found.flags[0]
    assert rate_constant_by_table([0.1], [2.0], electrons=1).value is None


def test_coverage_from_reversible_peaks_of_a_monolayer():
    # i_p = n²F²νAΓ/4RT (Laviron 1974)
    area, gamma = 2e-5, 3e-6
    peak = 96485.33212 * PER_V * RATES * area * gamma / 4
    found = laviron.surface_coverage(RATES, peak, electrons=1, area_m2=area)
    assert found.value == pytest.approx(gamma, rel=1e-9)
    assert found.flags == ()
    dissolved = laviron.surface_coverage(RATES, np.sqrt(RATES), electrons=1, area_m2=area)
    assert "0.50" in dissolved.flags[0]


def wave(n=1, half_V=-0.3, limit_A=-2e-6, foot_A=1e-8, cathodic=True, E_V=None):
    E_V = np.linspace(-0.6, 0.0, 121) if E_V is None else E_V
    sign = 1 if cathodic else -1
    return E_V, foot_A + limit_A / (1 + np.exp(sign * n * PER_V * (E_V - half_V)))


@pytest.mark.parametrize("n", [1, 2])
def test_a_reversible_reduction_wave_is_found_again(n):
    found = steady_state_wave(*wave(n), electrons=n)
    assert isinstance(found, Wave)
    assert found.half_wave_potential.value == pytest.approx(-0.3, abs=1e-9)
    assert found.limiting_current.value == pytest.approx(-2e-6, rel=1e-6)
    assert found.foot_current.value == pytest.approx(1e-8, rel=1e-3)
    # 2 ln 3·RT/nF (Tomeš 1937): 56.45/n mV at 25 °C
    assert found.tomes_width.value == pytest.approx(0.05645 / n, abs=2e-5)
    assert found.electrons.value == pytest.approx(n, rel=1e-6)
    assert found.electrons.flags == ()


def test_an_oxidation_has_a_positive_limit_in_either_order_of_the_points():
    E_V, i_A = wave(limit_A=3e-6, cathodic=False)
    for order in (slice(None), slice(None, None, -1)):
        found = steady_state_wave(E_V[order], i_A[order])
        assert isinstance(found, Wave)
        assert found.limiting_current.value == pytest.approx(3e-6, rel=1e-6)


def test_slow_kinetics_and_a_missing_plateau_are_flagged():
    stretched = steady_state_wave(*wave(0.6), electrons=1)
    assert isinstance(stretched, Wave)
    assert any("not a reversible wave" in flag for flag in stretched.electrons.flags)
    cut = steady_state_wave(*wave(E_V=np.linspace(-0.33, 0.0, 60)))
    assert isinstance(cut, Wave)
    assert any("cathodic end" in flag for flag in cut.half_wave_potential.flags)


def test_the_error_of_the_half_wave_potential_covers_its_scatter():
    rng = np.random.default_rng(1)
    E_V, i_A = wave()
    off = []
    for _ in range(60):
        found = steady_state_wave(E_V, i_A + rng.normal(0, 2e-8, i_A.size))
        assert isinstance(found, Wave)
        half = found.half_wave_potential
        off.append((half.value + 0.3) / half.random)
    assert 0.8 < np.std(off) < 1.25


def test_a_straight_line_is_no_wave():
    E_V = np.linspace(0, 0.5, 30)
    found = half_wave.steady_state_wave(E_V, np.zeros(30))
    assert found.value is None
