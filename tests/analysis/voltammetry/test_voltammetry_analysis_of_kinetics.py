"""Tafel slopes, kinetic currents and capacitances found again in curves of known kinetics."""

from __future__ import annotations

import math

import numpy as np
import pytest

from faradaic.analysis.voltammetry.capacitance import (
    current_at,
    double_layer_capacitance,
    electrochemical_area,
)
from faradaic.analysis.voltammetry.curves import sweeps
from faradaic.analysis.voltammetry.rotating_electrodes import (
    KouteckyLevichFit,
    koutecky_levich,
    levich_current_A,
)
from faradaic.analysis.voltammetry.tafel import TafelFit, kinetic_current_A, tafel_fit
from faradaic.simulators.semi_integral.modes import NernstFilm
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv, lsv

# RT ln10/(αF) at 298.15 K and α = 0.5
SLOPE_V = 0.118319


def cathodic(limit_A: float = -math.inf) -> tuple[np.ndarray, np.ndarray]:
    E_V = np.linspace(-0.2, -0.6, 81)
    kinetic_A = -1e-5 * 10.0 ** (-E_V / SLOPE_V)
    return E_V, kinetic_A / (1.0 + kinetic_A / limit_A)


def fit(*args: object, **kwargs: object) -> TafelFit:
    found = tafel_fit(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(found, TafelFit), found
    return found


def test_slope_transfer_coefficient_and_exchange_current_of_butler_volmer() -> None:
    found = fit(*cathodic(), window_V=(-0.5, -0.2), equilibrium_V=0.0)
    assert found.slope.value == pytest.approx(-SLOPE_V, rel=1e-6)
    assert found.slope_of_log_current.value == pytest.approx(-SLOPE_V, rel=1e-6)
    assert found.transfer_coefficient.value == pytest.approx(0.5, rel=1e-4)
    assert found.exchange_current.value == pytest.approx(1e-5, rel=1e-6)
    assert found.decades == pytest.approx(0.3 / SLOPE_V, rel=1e-3)
    assert found.slope.systematic == pytest.approx(0.0, abs=1e-9)


def test_the_error_of_an_exchange_current_is_that_of_the_line_where_it_is_read() -> None:
    """s²(1/n + d²/Sxx) with n - 2 degrees of freedom (Draper and Smith, Applied Regression
    Analysis, 1.4), here of the covariances that numpy gives for the same line."""
    log_i = np.linspace(-5.0, -3.0, 9)
    E_V = 0.12 * log_i + 1e-3 * np.array([1, -2, 2, -1, 0.5, -1.5, 2, 0, -1])
    found = fit(E_V, 10.0**log_i, window_V=(-1.0, 0.0), equilibrium_V=-0.72)
    (slope, intercept), covariances = np.polyfit(log_i, E_V, 1, cov=True)
    at = (-0.72 - intercept) / slope
    error_V = math.sqrt(np.array([at, 1.0]) @ covariances @ np.array([at, 1.0]))
    assert found.exchange_current.value == pytest.approx(10.0**at, rel=1e-9)
    expected = 10.0**at * math.log(10.0) * error_V / slope
    assert found.exchange_current.random == pytest.approx(expected, rel=1e-6)


def test_anodic_slopes_are_positive() -> None:
    E_V, i_A = cathodic()
    assert fit(-E_V, -i_A, window_V=(0.2, 0.5)).slope.value == pytest.approx(SLOPE_V, rel=1e-6)


def test_mass_transport_bends_the_line_and_is_taken_out() -> None:
    E_V, i_A = cathodic(limit_A=-0.01)
    window = (-0.4, -0.2)
    raw = fit(E_V, i_A, window_V=window)
    assert raw.slope.value is not None
    assert abs(raw.slope.value) > 1.05 * SLOPE_V
    assert raw.slope.systematic is not None
    assert raw.slope.systematic > 0.005
    clean = fit(E_V, i_A, window_V=window, limiting_current_A=-0.01)
    assert clean.slope.value == pytest.approx(-SLOPE_V, rel=1e-6)
    assert any("of the limiting current" in flag for flag in clean.slope.flags)


@pytest.mark.long
def test_slope_of_a_simulated_wave_behind_a_diffusion_layer() -> None:
    area_m2, D_m2_per_s, film_m = 1e-5, 1e-9, 1e-5
    curve = simulate_voltammogram(
        "A + e -> B",
        lsv(-0.2, -0.65, 1e-3),
        area_m2=area_m2,
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=D_m2_per_s,
        E0_V=0.0,
        k0=1e-9,
        alpha=0.5,
        geometry=NernstFilm(film_m),
    )
    limit_A = -96485.33212 * area_m2 * D_m2_per_s / film_m
    found = fit(
        curve.potential_V, curve.current_A, window_V=(-0.6, -0.4), limiting_current_A=limit_A
    )
    assert found.slope.value == pytest.approx(-SLOPE_V, rel=5e-3)
    raw = fit(curve.potential_V, curve.current_A, window_V=(-0.6, -0.4))
    assert raw.slope.value is not None
    assert abs(raw.slope.value) > 1.05 * SLOPE_V


def test_constant_currents_have_no_slope() -> None:
    E_V = np.linspace(-0.2, -0.3, 11)
    found = tafel_fit(E_V, np.full(11, -1e-3), window_V=(-0.3, -0.2))
    assert not isinstance(found, TafelFit)
    assert "does not change" in found.reason


def test_currents_beyond_the_limit_have_no_kinetic_current() -> None:
    found = kinetic_current_A([-0.005, -0.01, -0.02, 0.001], -0.01)
    assert found[0] == pytest.approx(-0.01)
    assert np.all(np.isnan(found[1:]))
    E_V, i_A = cathodic()
    refused = tafel_fit(E_V, i_A, window_V=(-0.6, -0.2), limiting_current_A=-0.01)
    assert not isinstance(refused, TafelFit)
    assert "limiting current" in refused.reason


def test_short_windows_and_windows_near_equilibrium_are_flagged() -> None:
    flags = fit(*cathodic(), window_V=(-0.25, -0.2), equilibrium_V=-0.15).slope.flags
    assert any("less than one" in flag for flag in flags)
    assert any("of equilibrium" in flag for flag in flags)


def test_standard_error_of_the_slope_is_the_scatter_of_repeats() -> None:
    E_V, i_A = cathodic()
    generator = np.random.default_rng(3)
    fits = [
        fit(E_V + 0.003 * generator.standard_normal(E_V.size), i_A, window_V=(-0.7, -0.1))
        for _ in range(100)
    ]
    slopes = [one.slope.value for one in fits]
    stated = np.mean([one.slope.random for one in fits])
    assert np.std(slopes) == pytest.approx(stated, rel=0.25)
    inverted = np.mean([one.slope_of_log_current.random for one in fits])
    assert inverted == pytest.approx(stated, rel=0.05)


def test_change_of_sign_and_too_few_points_have_no_slope() -> None:
    E_V = np.linspace(-0.1, 0.1, 21)
    for window, word in (((-0.1, 0.1), "sign"), ((0.09, 0.1), "points")):
        found = tafel_fit(E_V, E_V - 1e-3, window_V=window)
        assert not isinstance(found, TafelFit)
        assert word in found.reason


def test_levich_current_of_a_disc() -> None:
    # 0.62048·96485.33·1e-4·(1e-9)^⅔·(1e-6)^−⅙·1·√100
    found_A = levich_current_A(
        100.0,
        electrons=1,
        area_m2=1e-4,
        diffusion_m2_per_s=1e-9,
        kinematic_viscosity_m2_per_s=1e-6,
        concentration_mol_per_m3=1.0,
    )
    assert found_A == pytest.approx(0.62048 * 96485.33212 * 1e-4 * 1e-6 * 10.0 * 10.0, rel=1e-9)


def test_koutecky_levich_gives_kinetic_current_and_slope_back() -> None:
    omega = np.array([42.0, 84.0, 168.0, 251.0])
    current_A = -1.0 / (1.0 / 3e-3 + 1.0 / (1e-4 * np.sqrt(omega)))
    found = koutecky_levich(omega, current_A)
    assert isinstance(found, KouteckyLevichFit)
    assert found.kinetic_current.value == pytest.approx(-3e-3, rel=1e-9)
    assert found.levich_slope.value == pytest.approx(1e-4, rel=1e-9)


def test_pure_transport_control_has_no_trustworthy_kinetic_current() -> None:
    omega = np.array([42.0, 84.0, 168.0, 251.0])
    noise = 1.0 + 0.003 * np.array([1.0, -1.0, -1.0, 1.0])
    found = koutecky_levich(omega, 1e-4 * np.sqrt(omega) * noise)
    kinetic = found.kinetic_current if isinstance(found, KouteckyLevichFit) else found
    assert kinetic.value is None or kinetic.flags


def test_capacitance_is_free_of_a_constant_faradaic_current() -> None:
    rates = np.array([0.01, 0.02, 0.05, 0.1])
    found = double_layer_capacitance(rates, 2e-3 * rates + 1e-6, -2e-3 * rates + 1e-6)
    assert found.value == pytest.approx(2e-3)
    assert found.flags == ()
    uneven = double_layer_capacitance(rates, 2.4e-3 * rates, -1.6e-3 * rates)
    assert uneven.systematic == pytest.approx(0.4e-3)
    assert any("0.0024 F (anodic)" in flag for flag in uneven.flags)


@pytest.mark.long
def test_capacitance_of_simulated_voltammograms() -> None:
    rates, found = np.array([0.05, 0.1, 0.2]), []
    for rate in rates:
        curve = simulate_voltammogram(
            "A + e = B",
            cv(0.6, 0.4, rate),
            area_m2=1e-5,
            concentrations_mol_per_m3={"A": 1e-6},
            diffusion_m2_per_s=1e-9,
            E0_V=-0.5,
            capacitance_F=2e-6,
            resistance_ohm=10.0,
        )
        out, back = sweeps(curve.potential_V)
        found.append(
            [current_at(curve.potential_V[s], curve.current_A[s], 0.5).value for s in (back, out)]
        )
    anodic_A, cathodic_A = np.array(found, float).T
    capacitance = double_layer_capacitance(rates, anodic_A, cathodic_A)
    assert capacitance.value == pytest.approx(2e-6, rel=1e-3)


def test_active_area_carries_the_range_of_the_specific_capacitance() -> None:
    # 2 mF at 40 µF/cm² is 50 cm²; 22 to 130 µF/cm² in the literature
    rates = np.array([0.01, 0.02, 0.05])
    capacitance = double_layer_capacitance(rates, 2e-3 * rates, -2e-3 * rates)
    area = electrochemical_area(
        capacitance, specific_F_per_m2=0.4, specific_range_F_per_m2=(0.22, 1.3)
    )
    assert area.value == pytest.approx(50e-4)
    assert area.bounds == pytest.approx((2e-3 / 1.3, 2e-3 / 0.22))


def test_no_current_beyond_the_sweep() -> None:
    assert current_at([0.0, 0.1], [0.0, 1.0], 0.05).value == pytest.approx(0.5)
    assert current_at([0.0, 0.1], [0.0, 1.0], 0.2).value is None
