"""The noise of a current: interruptions are none, and what of it a gross charge counts is told."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.electrical import delivered_charge
from faradaic.analysis.integration import find_intervals, noise
from faradaic.timeseries import TimeSeries

TIME_S = np.arange(0.0, 100.0, 0.1)


def test_an_interruption_is_no_noise_of_the_current() -> None:
    # 5 mA with 1 µA of noise, interrupted for three readings: the second difference there is 10 mA
    values = 5e-3 + np.random.default_rng(1).normal(0.0, 1e-6, TIME_S.size)
    values[500:503] = 0.0
    found = noise(values, find_intervals(TimeSeries(TIME_S, values)))
    assert found == pytest.approx(1e-6, rel=0.1)


def test_a_gross_charge_says_how_much_of_it_is_noise() -> None:
    # no current but 10 nA of noise: ∫|I|dt is 10 nA sqrt(2/pi) t, all of it noise
    values = np.random.default_rng(2).normal(0.0, 1e-8, TIME_S.size)
    series = TimeSeries(TIME_S, values)
    gross, _ = delivered_charge(series, find_intervals(series))
    (told,) = (flag for flag in gross.flags if "noise of the current, rectified" in flag)
    share = float(told.split("%")[0].split()[-1]) / 100.0
    assert share == pytest.approx(1.0, abs=0.15)


def test_a_current_far_above_its_noise_counts_none_of_it() -> None:
    values = 1e-6 + np.random.default_rng(3).normal(0.0, 1e-8, TIME_S.size)
    series = TimeSeries(TIME_S, values)
    gross, _ = delivered_charge(series, find_intervals(series))
    assert not any("rectified" in flag for flag in gross.flags)
