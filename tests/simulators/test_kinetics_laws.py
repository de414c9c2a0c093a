"""Rate laws of electron transfer against their integrals.

Golden values: the exact integral of Chidsey, Science 1991, 251, 919, recomputed to five digits.
"""

import math

import numpy as np
import pytest

from faradaic.simulators.finite_difference.finite_difference_kernels import log_rates
from faradaic.simulators.rate_laws import TABLE_STEP, marcus_hush_chidsey_table


def rates(phi, alpha, table):
    return log_rates(phi, alpha, table[None], 0, len(table), TABLE_STEP)


def k_red(eta, reorganisation):
    """k_red/k0 at a driving force η = -φ."""
    table = marcus_hush_chidsey_table(reorganisation)
    return math.exp(rates(-eta, 0.5, table)[0])


@pytest.mark.parametrize(
    ("reorganisation", "eta", "ratio"),
    [
        (20.0, 5.0, 9.4138),
        (20.0, 10.0, 53.276),
        (20.0, 20.0, 414.71),
        (20.0, 40.0, 828.42),
        (20.0, 1e3, 829.42),
        (40.0, 5.0, 10.586),
        (40.0, 10.0, 84.68),
        (40.0, 20.0, 2362.8),
        (40.0, 40.0, 8.308e4),
        (40.0, 1e3, 1.6616e5),
    ],
)
def test_marcus_hush_chidsey_rates_are_those_of_the_integral(reorganisation, eta, ratio):
    assert k_red(eta, reorganisation) == pytest.approx(ratio, rel=1e-4)


@pytest.mark.parametrize("reorganisation", [5.0, 20.0, 38.92, 80.0])
def test_interpolation_between_the_entries_keeps_to_the_integral(reorganisation):
    x = np.arange(-400.0, 400.0, 0.05)

    def integral(eta):
        gauss = np.exp(-((x - reorganisation + eta) ** 2) / (4.0 * reorganisation))
        return float((gauss / (1.0 + np.exp(x))).sum())

    for eta in (0.03, 0.1, 1.07, 7.77, 25.31, 60.09):
        exact = integral(eta) / integral(0.0)
        assert k_red(eta, reorganisation) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("phi", [-50.0, -3.3, -1e-9, 0.0, 0.7, 12.0, 90.0])
@pytest.mark.parametrize("table", [np.empty((0, 2)), marcus_hush_chidsey_table(30.0)])
def test_both_laws_keep_detailed_balance(phi, table):
    red, ox, red_slope, ox_slope = rates(phi, 0.3, table)
    assert ox - red == pytest.approx(phi, abs=1e-12)
    assert ox_slope - red_slope == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("phi", [-40.3, -2.21, 0.55, 33.3])
def test_the_slopes_are_those_of_the_rates(phi):
    table = marcus_hush_chidsey_table(25.0)
    step = 1e-5
    above, below = (rates(phi + s, 0.5, table) for s in (step, -step))
    _, _, red_slope, ox_slope = rates(phi, 0.5, table)
    assert (above[0] - below[0]) / (2 * step) == pytest.approx(red_slope, abs=1e-7)
    assert (above[1] - below[1]) / (2 * step) == pytest.approx(ox_slope, abs=1e-7)


def test_near_the_formal_potential_marcus_is_butler_volmer_with_one_half():
    phi = 0.2
    marcus = rates(phi, 0.5, marcus_hush_chidsey_table(100.0))
    butler = rates(phi, 0.5, np.empty((0, 2)))
    assert marcus[0] == pytest.approx(butler[0], abs=1e-3)
    assert butler == (-0.1, 0.1, -0.5, 0.5)
