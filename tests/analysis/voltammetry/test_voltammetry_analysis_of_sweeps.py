"""Onsets by their definitions, and pairs of sweeps on one grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from faradaic.analysis.voltammetry.onset import (
    onset_by_deviation,
    onset_by_tangents,
    onset_by_threshold,
)
from faradaic.analysis.voltammetry.pairs import Sweep, compare_sweeps
from faradaic.diagnostics import InputError

E_V = np.linspace(0.0, -0.6, 601)
CURRENT_A = -1e-6 * 10.0 ** (-E_V / 0.12)


def test_onset_by_threshold_of_an_exponential() -> None:
    # 1 mA/cm² on 1 cm² is 1 mA: three decades above 1 µA, 3 · 120 mV
    found = onset_by_threshold(E_V, CURRENT_A, threshold_A_per_m2=10.0, area_m2=1e-4)
    assert found.value == pytest.approx(-0.36, abs=1e-5)
    assert "10 A/m2" in found.method
    never = onset_by_threshold(E_V, CURRENT_A, threshold_A_per_m2=1e5, area_m2=1e-4)
    assert never.value is None
    at_once = onset_by_threshold(E_V, CURRENT_A, threshold_A_per_m2=1e-3, area_m2=1e-4)
    assert "starts above" in at_once.reason


def test_onset_by_deviation_moves_with_the_noise() -> None:
    noise = np.random.default_rng(5).standard_normal(E_V.size)
    wave_A = np.where(E_V < -0.3, -1e-3 * (-0.3 - E_V), 0.0)
    found = [
        onset_by_deviation(E_V, wave_A + sigma * noise, background_V=(0.0, -0.2)).value
        for sigma in (1e-6, 1e-5)
    ]
    assert found[0] == pytest.approx(-0.304, abs=0.003)
    assert found[1] == pytest.approx(-0.335, abs=0.012)
    quiet = onset_by_deviation(E_V, 1e-6 * noise, background_V=(0.0, -0.2))
    assert quiet.value is None


def test_onset_by_tangents_of_two_straight_lines() -> None:
    wave_A = 1e-6 + np.where(E_V < -0.3, -1e-3 * (-0.3 - E_V), 0.0)
    found = onset_by_tangents(E_V, wave_A, background_V=(0.0, -0.2), rise_V=(-0.6, -0.4))
    assert found.value == pytest.approx(-0.3, abs=1e-9)
    assert found.flags == ()
    flat = onset_by_tangents(E_V, wave_A, background_V=(0.0, -0.2), rise_V=(-0.601, -0.6))
    assert flat.value is None


CO2 = Sweep(E_V, CURRENT_A, 1e-4, "RHE", 6.8, True, "CO2")
N2 = Sweep(E_V[50::3], 0.5 * CURRENT_A[50::3], 2e-4, "RHE", 8.3, True, "N2")


def test_pair_is_interpolated_where_both_have_potentials_and_never_beyond() -> None:
    pair = compare_sweeps(CO2, N2, step_V=2e-3)
    assert pair.potential_V[0] == pytest.approx(N2.potential_V[-1])  # type: ignore[index]
    assert pair.potential_V[-1] <= -0.05 + 1e-12
    expected = -1e-2 * 10.0 ** (-pair.potential_V / 0.12)
    assert pair.sample_A_per_m2 == pytest.approx(expected, rel=1e-3)
    # half the current on twice the area
    assert pair.difference_A_per_m2 == pytest.approx(0.75 * expected, rel=2e-3)


def test_pair_states_its_caveats() -> None:
    caveats = " / ".join(compare_sweeps(CO2, N2).caveats)
    assert "not a partial current" in caveats
    assert "pH 6.8 in CO2, 8.3 in N2" in caveats
    assert "areas" in caveats


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"scale": "SHE"}, "scales"),
        ({"ohmic_corrected": False}, "only one"),
        ({"pH": None}, "pH of each"),
        ({"potential_V": E_V[::-1], "current_A": CURRENT_A[::-1]}, "opposite"),
        ({"potential_V": E_V + 2.0, "current_A": CURRENT_A}, "share no"),
    ],
)
def test_sweeps_that_cannot_be_compared_are_refused(change: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        compare_sweeps(CO2, replace(N2, **change))  # type: ignore[arg-type]
