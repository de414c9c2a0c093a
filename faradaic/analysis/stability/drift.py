"""Drift: the slope of a quantity against operating time, by two estimators."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from faradaic.analysis.stability.autocorrelation import effective_size, variance_of_sum
from faradaic.analysis.stability.trend import Trend
from faradaic.quantities.constants import HOUR_S
from faradaic.results import Result

FEWEST = 8
"""Points below which no error of a slope is given."""
_BLOCKS = 2048
_PAIRED_BLOCKS = 512


def linear_drift(series: Trend) -> Result:
    """Slope by least squares, in units per hour, signed as the series is.

    Its random error is that of Newey and West with prewhitening (`variance_of_sum`), because the
    noise of a log is correlated and the ordinary error of a slope is then far too small.
    """
    method = "least squares; error after Newey & West 1987 with prewhitening"
    drift = _drift_of(series, "drift", method)
    if _too_short(series):
        return drift(None, reason=_too_short(series))
    blocks = series.blocks(_BLOCKS)
    time_h = blocks.time_s / HOUR_S
    centred_h = time_h - time_h.mean()
    spread = float(centred_h @ centred_h)
    slope = float(centred_h @ blocks.values) / spread
    residuals = blocks.values - blocks.values.mean() - slope * centred_h
    n = residuals.size
    if n < FEWEST:
        return drift(slope, flags=_no_error(n))
    variance = variance_of_sum(centred_h * residuals) * n / (n - 2)
    worth = effective_size(residuals)
    flags = (f"noise worth {worth:.0f} independent points only",) if worth < 10 else ()
    return drift(slope, random=math.sqrt(variance) / spread, flags=flags)


def theil_sen_drift(series: Trend) -> Result:
    """Median slope over all pairs of block means (Theil 1950, Sen 1968), in units per hour.

    Nearly blind to spikes and bubbles. The error is half of the central 68 % interval of the
    slopes after Sen, with the effective number of independent points.
    """
    drift = _drift_of(series, "robust_drift", "Theil-Sen")
    if _too_short(series):
        return drift(None, reason=_too_short(series))
    blocks = series.blocks(_PAIRED_BLOCKS)
    time_h = blocks.time_s / HOUR_S
    first, second = np.triu_indices(time_h.size, 1)
    step_h = time_h[second] - time_h[first]
    apart = step_h > 0
    change = blocks.values[second] - blocks.values[first]
    slopes = np.sort(change[apart] / step_h[apart])
    slope = float(np.median(slopes))
    n = time_h.size
    if n < FEWEST:
        return drift(slope, flags=_no_error(n))
    residuals = blocks.values - slope * time_h
    worth = effective_size(residuals - np.median(residuals))
    # variance of Kendall's S (Kendall 1975), widened by n/worth
    deviation = math.sqrt(n * (n - 1) * (2 * n + 5) / 18.0 * n / worth)
    half = 0.5 * deviation / slopes.size
    low, high = np.quantile(slopes, (max(0.0, 0.5 - half), min(1.0, 0.5 + half)))
    return drift(slope, random=float(high - low) / 2.0)


def relative_drift(series: Trend) -> Result:
    """Linear drift over the fitted value at the start of the series, per hour."""
    key, method = "relative_drift", "linear drift over the fitted start"
    found = partial(Result, key, unit="1/h", method=method, of=series.name)
    if not series.keeps_zero:
        return found(None, reason=f"the zero of {series.name} is a convention: give its drift")
    drift = linear_drift(series)
    if drift.value is None:
        return found(None, reason=drift.reason)
    span_s = float(series.time_s.mean() - series.time_s[0])
    start = float(series.values.mean()) - drift.value * span_s / HOUR_S
    if start == 0.0:
        return found(None, reason=f"{series.name} starts at zero")
    random = None if drift.random is None else drift.random / abs(start)
    return found(drift.value / start, basis="fitted start", random=random, flags=drift.flags)


def _drift_of(series: Trend, key: str, method: str) -> partial[Result]:
    """The drift of a series, to be called with its value."""
    unit = f"{series.unit}/h"
    return partial(Result, key, unit=unit, method=method, of=series.name)


def _too_short(series: Trend) -> str:
    if series.values.size >= 3 and series.time_s[-1] > series.time_s[0]:
        return ""
    return f"{series.values.size} points: a drift needs three at different times"


def _no_error(points: int) -> tuple[str, ...]:
    return (f"{points} points are too few for an error of the drift",)
