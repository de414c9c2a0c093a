"""Sums of exponentials against the kernels they stand for, in closed form."""

import math

import numpy as np
import pytest

from faradaic.simulators.semi_integral.modes import (
    Disc,
    NernstFilm,
    Planar,
    Sphere,
    ThinLayer,
    kernel_modes,
)
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import lsv, potential_steps

D = 1e-9
LENGTH_M = 1e-4


def sum_of(modes, times_s):
    return np.exp(-np.outer(times_s, modes.rate_per_s)) @ modes.weight_per_m


@pytest.mark.parametrize(("shortest_s", "longest_s"), [(2e-3, 2.0), (1e-6, 1e6), (1e-5, 1e-4)])
def test_the_planar_kernel_is_the_inverse_root_of_time(shortest_s, longest_s):
    modes = kernel_modes(Planar(), D, 0.0, shortest_s, longest_s)
    times_s = np.geomspace(shortest_s, longest_s, 200)
    expected = 1.0 / np.sqrt(math.pi * D * times_s)
    assert sum_of(modes, times_s) == pytest.approx(expected, rel=5e-5)
    assert len(modes.rate_per_s) < 8 + 1.5 * math.log(longest_s / shortest_s) + 8


def test_a_sphere_approaches_its_steady_state():
    # 1/√(πDt) - exp(Dt/r²) erfc(√(Dt)/r)/r, the response of diffusion outside a sphere
    modes = kernel_modes(Sphere(LENGTH_M), D, 0.0, 1e-4, 1e3)
    times_s = np.geomspace(1e-4, 300.0, 100)
    x = np.sqrt(D * times_s) / LENGTH_M
    bracket = np.array([math.exp(v * v) * math.erfc(v) for v in x])
    expected = 1.0 / np.sqrt(math.pi * D * times_s) - bracket / LENGTH_M
    assert sum_of(modes, times_s) == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize("shortest_s", [1e-1, 1e-3, 1e-5])
def test_a_film_and_a_thin_layer_have_the_series_of_fourier(shortest_s):
    times_s = np.geomspace(shortest_s, 3.0, 60)
    n = np.arange(30_000)
    film = np.exp(-np.outer(times_s, D * ((n + 0.5) * math.pi / LENGTH_M) ** 2)).sum(axis=1)
    layer = np.exp(-np.outer(times_s, D * ((n + 1.0) * math.pi / LENGTH_M) ** 2)).sum(axis=1)
    modes = kernel_modes(NernstFilm(LENGTH_M), D, 0.0, shortest_s, 10.0)
    assert sum_of(modes, times_s) == pytest.approx(2.0 * film / LENGTH_M, rel=1e-4)
    modes = kernel_modes(ThinLayer(LENGTH_M), D, 0.0, shortest_s, 10.0)
    assert sum_of(modes, times_s) == pytest.approx((1.0 + 2.0 * layer) / LENGTH_M, rel=1e-4)


@pytest.mark.parametrize("decay_per_s", [1e-2, 1.0, 1e3, 1e6])
@pytest.mark.parametrize(
    ("geometry", "resistance"),
    [
        (Planar(), lambda q: 1.0 / q),
        (Sphere(LENGTH_M), lambda q: 1.0 / (q + 1.0 / LENGTH_M)),
        (NernstFilm(LENGTH_M), lambda q: math.tanh(q * LENGTH_M) / q),
        (ThinLayer(LENGTH_M), lambda q: 1.0 / (q * math.tanh(q * LENGTH_M))),
    ],
)
def test_a_decaying_species_has_the_steady_state_of_its_geometry(geometry, resistance, decay_per_s):
    # c(0)/J at steady state for D c'' = k c, with q = √(k/D)
    modes = kernel_modes(geometry, D, decay_per_s, 1e-3, 1e3)
    total = np.sum(modes.weight_per_m / modes.rate_per_s) + modes.instant_s_per_m
    assert total == pytest.approx(resistance(math.sqrt(decay_per_s / D)) / D, rel=1e-4)


def test_a_disc_has_the_current_of_shoup_and_szabo():
    """i/(4nFDcr) = 0.7854 + 0.8862 τ^-1/2 + 0.2146 exp(-0.7823 τ^-1/2), τ = 4Dt/r² (J. Electroanal.
    Chem. 140 (1982) 237; within 0.6 %); the planar current is 38 % low at τ = 0.4."""
    radius_m = 1.5e-3
    area_m2 = math.pi * radius_m**2
    for duration_s in (1e-2, 1.0, 1e2, 1e4, 1e6):
        curve = simulate_voltammogram(
            "A + e = B",
            potential_steps([-0.5], [duration_s], points=200),
            area_m2=area_m2,
            concentrations_mol_per_m3={"A": 1.0},
            diffusion_m2_per_s=2.4e-9,
            E0_V=0.0,
            rest_potential_V=0.5,
            geometry=Disc(radius_m),
        )
        root = np.sqrt(4.0 * 2.4e-9 * curve.time_s[5:]) / radius_m
        shape = 0.7854 + 0.8862 / root + 0.2146 * np.exp(-0.7823 / root)
        expected_A = -4.0 * 96485.33212 * 2.4e-9 * radius_m * shape
        assert curve.current_A[5:] == pytest.approx(expected_A, rel=6e-3)
        assert any("edge" in note for note in curve.notes)


@pytest.mark.parametrize("rate_V_per_s", [0.01, 0.1, 0.4, 1.0])
def test_the_peak_of_a_disc_of_3_mm_is_that_of_a_disc(rate_V_per_s):
    """nFDcr (0.34 exp(-0.66 p) + 0.66 - 0.13 exp(-11/p) + 0.351 p) x 4, p = √(nFr²v/RTD): Aoki,
    Akimoto, Tokuda, Matsuda and Osteryoung, J. Electroanal. Chem. 171 (1984) 219, recalled."""
    radius_m, diffusion = 1.5e-3, 2.4e-9
    numbers = {
        "area_m2": math.pi * radius_m**2,
        "concentrations_mol_per_m3": {"A": 1.0},
        "diffusion_m2_per_s": diffusion,
        "E0_V": 0.0,
    }
    wave = lsv(0.3, -0.4, rate_V_per_s)
    _, planar_A = simulate_voltammogram("A + e = B", wave, **numbers).peak(anodic=False)
    disc = simulate_voltammogram("A + e = B", wave, geometry=Disc(radius_m), **numbers)
    _, disc_A = disc.peak(anodic=False)
    p = radius_m * math.sqrt(38.9217 * rate_V_per_s / diffusion)
    shape = 0.34 * math.exp(-0.66 * p) + 0.66 - 0.13 * math.exp(-11.0 / p) + 0.351 * p
    expected_A = -4.0 * 96485.33212 * diffusion * radius_m * shape
    assert disc_A == pytest.approx(expected_A, rel=0.012)
    assert disc_A / planar_A - 1.0 == pytest.approx(1.68 * 1.0 / p, rel=0.1)
