"""Cottrell's and Sand's laws, and values at rest, against their closed forms.

Bard, Faulkner, Electrochemical Methods, 2nd ed.: I = nFAc√(D/πt) (5.2.11), i√τ = nFAc√(πD)/2
(8.2.14), E = E_τ/4 + (RT/nF) ln((√τ − √t)/√t) of a reversible couple (8.3.1).
"""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.stability.trend import Trend
from faradaic.analysis.steps.cottrell import Cottrell, cottrell, diffusion_from_product
from faradaic.analysis.steps.levels import levels, what_was_held
from faradaic.analysis.steps.sand import sand_product, transition_time
from faradaic.analysis.steps.settling import settling_time, steady_value
from faradaic.results import Result

F, R, T_K = 96485.33212, 8.314462618, 298.15
D, AREA_M2, C = 1.0e-9, 7.07e-6, 1.0
PRODUCT = AREA_M2 * C * np.sqrt(D)
SLOPE = F * PRODUCT / np.sqrt(np.pi)
SEED = 20161


def test_cottrell_of_the_law_itself_to_the_digit() -> None:
    t = np.linspace(0.01, 10.0, 1000)
    found = cottrell(t, -SLOPE / np.sqrt(t))
    assert isinstance(found, Cottrell)
    assert found.slope.value == pytest.approx(-SLOPE, rel=1e-9)
    assert found.product.value == pytest.approx(PRODUCT, rel=1e-9)
    assert found.exponent == pytest.approx(-0.5, abs=1e-6)
    found_D = diffusion_from_product(
        found.product, electrons=1, area_m2=AREA_M2, concentration_mol_per_m3=C
    )
    assert found_D.value == pytest.approx(D, rel=1e-9)


def test_charging_before_and_a_background_after_are_left_out() -> None:
    """R C = 20 ms of charging; convection adds from 20 s on; 1 % of noise."""
    t = np.arange(1, 40001) * 1e-3
    rng = np.random.default_rng(SEED)
    I_A = SLOPE / np.sqrt(t) + 1e-4 * np.exp(-t / 0.02) + np.where(t > 20.0, 4e-7 * (t - 20.0), 0.0)
    found = cottrell(t, I_A * (1.0 + 0.01 * rng.standard_normal(t.size)))
    assert isinstance(found, Cottrell)
    assert found.slope.value == pytest.approx(SLOPE, rel=0.01)
    assert found.from_s > 0.03
    assert found.to_s < 30.0


@pytest.mark.parametrize("power", [0.0, -0.3, -1.0])
def test_another_power_of_the_time_is_no_diffusion(power: float) -> None:
    t = np.linspace(0.01, 10.0, 2000)
    found = cottrell(t, 1e-6 * t**power)
    assert isinstance(found, Result)
    assert found.value is None
    assert "t^" in found.reason


def test_an_unknown_start_counts_as_uncertainty() -> None:
    t = np.linspace(0.1, 10.0, 1000)
    sure, unsure = (cottrell(t, SLOPE / np.sqrt(t), start_uncertainty_s=u) for u in (0.0, 0.05))
    assert isinstance(sure, Cottrell)
    assert isinstance(unsure, Cottrell)
    assert sure.slope.systematic == 0.0
    assert unsure.slope.systematic is not None
    assert unsure.slope.systematic > 0.01 * SLOPE


def _chronopotentiogram(tau_s: float, end_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Reversible up to τ, then a next process 0.8 V away, reached with 30 mV/√s."""
    t = np.linspace(0.002, end_s, 4000)
    root = np.sqrt(np.minimum(t, tau_s * (1 - 1e-9)))
    E = R * T_K / F * np.log((np.sqrt(tau_s) - root) / root)
    return t, np.maximum(E, -0.4 - 0.03 * np.sqrt(np.maximum(t - tau_s, 0.0)))


@pytest.mark.parametrize("tau_s", [1.0, 4.0, 7.0])
def test_sand_gives_the_transition_and_the_diffusion_coefficient(tau_s: float) -> None:
    i_A = 0.5 * F * PRODUCT * np.sqrt(np.pi / tau_s)
    found = transition_time(*_chronopotentiogram(tau_s, 10.0))
    assert found.value == pytest.approx(tau_s, rel=0.02)
    assert abs(found.value - tau_s) < 3.0 * (found.random or 0.0)
    product = sand_product(-i_A, found)
    assert product.value == pytest.approx(PRODUCT, rel=0.01)


def test_no_transition_is_made_up() -> None:
    t = np.linspace(0.002, 10.0, 4000)
    rng = np.random.default_rng(SEED)
    charging = 0.5 * (1.0 - np.exp(-t / 0.5)) + 1e-4 * rng.standard_normal(t.size)
    assert transition_time(t, charging).value is None
    cut, E = _chronopotentiogram(4.0, 3.99)
    assert transition_time(cut, E).value is None  # the end is not in the data


def test_steady_value_spread_and_settling() -> None:
    """1 mV of white noise about an exponential of 10 s: 0.5 V, within 5 mV after 10 ln 20 s."""
    rng = np.random.default_rng(SEED)
    t = np.arange(0.0, 600.0, 0.1)
    E = 0.5 + 0.1 * np.exp(-t / 10.0) + 1e-3 * rng.standard_normal(t.size)
    trend = Trend("potential", "V", t, E, keeps_zero=False)
    steady = steady_value(trend, key="steady_potential", negligible=2e-3)
    assert steady.value.value == pytest.approx(0.5, abs=1e-4)
    assert steady.value.flags == ()
    assert steady.noise.value == pytest.approx(1e-3, rel=0.05)
    settled = settling_time(trend, steady.value, 5e-3)
    assert settled.value == pytest.approx(10.0 * np.log(20.0), rel=0.05)
    early = steady_value(trend.between(0.0, 20.0), key="steady_potential", negligible=2e-3)
    assert any("not steady" in flag for flag in early.value.flags)


def test_levels_and_what_was_held() -> None:
    t = np.arange(0.1, 60.0, 0.1)
    E = np.where(t < 20.0, 0.1, 0.6)
    I_A = SLOPE / np.sqrt(np.where(t < 20.0, t, t - 19.99))
    assert what_was_held(t, E, I_A) == "potential"
    assert what_was_held(t, np.sqrt(t), np.full(t.size, 1e-3)) == "current"
    assert what_was_held(t, np.sqrt(t), I_A) is None
    found = levels(t, E, 5e-3)
    assert [one.start_s for one in found] == [0.0, pytest.approx(19.95, abs=0.06)]
    assert found[0].start_uncertainty_s == 0.0
    assert found[1].start_uncertainty_s == pytest.approx(0.1 / np.sqrt(12.0))
