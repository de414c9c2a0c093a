"""Drift: the slope of a quantity against operating time, by two estimators."""

from __future__ import annotations

import math

import numpy as np

from faradaic.analysis.stability.autocorrelation import effective_size, variance_of_sum
from faradaic.analysis.stability.trend import Trend
from faradaic.results import Result, missing

HOUR_S = 3600.0
FEWEST = 8
"""Points below which no error of a slope is given."""
_BLOCKS = 2048
_PAIRED_BLOCKS = 512


def linear_drift(series: Trend) -> Result:
    """Slope by least squares, in units per hour, signed as the series is.

    Its random error is that of Newey and West with prewhitening (`variance_of_sum`), because the
    noise of a log is correlated and the ordinary error of a slope is then far too small.
    """
    name, unit = f"drift of {series.name}", f"{series.unit}/h"
    method = "least squares; error after Newey & West 1987 with prewhitening"
    refused = _too_short(series, name, unit, method)
    if refused:
        return refused
    blocks = series.blocks(_BLOCKS)
    time_h = blocks.time_s / HOUR_S
    centred_h = time_h - time_h.mean()
    spread = float(centred_h @ centred_h)
    slope = float(centred_h @ blocks.values) / spread
    residuals = blocks.values - blocks.values.mean() - slope * centred_h
    n = residuals.size
    if n < FEWEST:
        return Result(
            name,
            slope,
            unit,
            method,
            flags=(f"{n} points are too few for an error of the drift",),
            of=series.name,
        )
    variance = variance_of_sum(centred_h * residuals) * n / (n - 2)
    worth = effective_size(residuals)
    flags = (f"noise worth {worth:.0f} independent points only",) if worth < 10 else ()
    return Result(
        name, slope, unit, method, random=math.sqrt(variance) / spread, flags=flags, of=series.name
    )


def theil_sen_drift(series: Trend) -> Result:
    """Median slope over all pairs of block means (Theil 1950, Sen 1968), in units per hour.

    Nearly blind to spikes and bubbles. The error is half of the central 68 % interval of the
    slopes after Sen, with the effective number of independent points.
    """
    name, unit = f"robust drift of {series.name}", f"{series.unit}/h"
    method = "Theil-Sen"
    refused = _too_short(series, name, unit, method)
    if refused:
        return refused
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
        return Result(
            name,
            slope,
            unit,
            method,
            flags=(f"{n} points are too few for an error of the drift",),
            of=series.name,
        )
    residuals = blocks.values - slope * time_h
    worth = effective_size(residuals - np.median(residuals))
    # variance of Kendall's S (Kendall 1975), widened by n/worth
    deviation = math.sqrt(n * (n - 1) * (2 * n + 5) / 18.0 * n / worth)
    half = 0.5 * deviation / slopes.size
    low, high = np.quantile(slopes, (max(0.0, 0.5 - half), min(1.0, 0.5 + half)))
    return Result(name, slope, unit, method, random=float(high - low) / 2.0, of=series.name)


def relative_drift(series: Trend) -> Result:
    """Linear drift over the fitted value at the start of the series, per hour."""
    name, method = f"relative drift of {series.name}", "linear drift over the fitted start"
    if not series.keeps_zero:
        return missing(
            name,
            "1/h",
            method,
            f"the zero of {series.name} is a convention: give its drift",
            of=series.name,
        )
    drift = linear_drift(series)
    if drift.value is None:
        return missing(name, "1/h", method, drift.reason, of=series.name)
    span_s = float(series.time_s.mean() - series.time_s[0])
    start = float(series.values.mean()) - drift.value * span_s / HOUR_S
    if start == 0.0:
        return missing(name, "1/h", method, f"{series.name} starts at zero", of=series.name)
    random = None if drift.random is None else drift.random / abs(start)
    return Result(
        name,
        drift.value / start,
        "1/h",
        method,
        "fitted start",
        random,
        flags=drift.flags,
        of=series.name,
    )


def _too_short(series: Trend, name: str, unit: str, method: str) -> Result | None:
    if series.values.size >= 3 and series.time_s[-1] > series.time_s[0]:
        return None
    return missing(
        name,
        unit,
        method,
        f"{series.values.size} points: a drift needs three at different times",
        of=series.name,
    )
