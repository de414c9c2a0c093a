"""Sums of exponentials against the kernels they stand for, in closed form."""

import math

import numpy as np
import pytest

from faradaic.simulators.semi_integral.modes import (
    NernstFilm,
    Planar,
    Sphere,
    ThinLayer,
    kernel_modes,
)

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
