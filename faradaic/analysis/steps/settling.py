"""Where a signal comes to rest: its last value with its spread, and how soon it is near it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from faradaic.analysis.stability.autocorrelation import mean_error
from faradaic.analysis.stability.drift import linear_drift
from faradaic.analysis.stability.trend import Trend
from faradaic.quantities.constants import HOUR_S
from faradaic.results import Result

LAST = 0.2
"""Share of the time whose mean is the steady value."""
_SIGNIFICANT = 3.0
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Steady:
    """The end of a signal."""

    value: Result
    """Mean over the last fifth of the time."""
    spread: Result
    """Standard deviation of the samples about it."""
    noise: Result
    """Standard deviation about the straight line through them."""
    drift: Result
    """Over the last fifth, per hour."""


def steady_value(series: Trend, *, key: str, negligible: float) -> Steady:
    """The mean over the last fifth of a series, flagged where it still changes.

    It does where its drift is three standard errors and moves it by more than `negligible` (of
    the unit of the series) within that fifth.
    """
    start_s = float(series.time_s[-1]) - LAST * float(series.time_s[-1] - series.time_s[0])
    end = series.between(start_s, float(series.time_s[-1]))
    method = "mean over the last fifth of the time"
    if end.values.size < _FEWEST:
        end = series.between(float(series.time_s[-min(_FEWEST, series.time_s.size)]), math.inf)
        method = f"mean of the last {end.values.size} samples"
    drift = linear_drift(end)
    mean = float(end.values.mean())
    spread = float(end.values.std(ddof=1)) if end.values.size > 1 else 0.0
    span_s = float(end.time_s[-1] - end.time_s[0])
    flags: tuple[str, ...] = ()
    moved = 0.0 if drift.value is None else drift.value * span_s / HOUR_S
    certain = drift.value is not None and abs(drift.value) > _SIGNIFICANT * (drift.random or 0.0)
    if certain and abs(moved) > negligible:
        share = f", {abs(moved / mean):.1%}" if series.keeps_zero and mean else ""
        flags = (f"not steady: it still changes by {moved:.3g} {series.unit}{share} at the end",)
    basis = f"{end.time_s[0]:.4g} to {end.time_s[-1]:.4g} s, {end.values.size} samples"
    centred_s = end.time_s - end.time_s.mean()
    spread_s = float(centred_s @ centred_s)
    line = float(centred_s @ end.values) / spread_s * centred_s if spread_s else 0.0 * centred_s
    noise = float((end.values - mean - line).std(ddof=2)) if end.values.size > 2 else 0.0
    unit = series.unit
    return Steady(
        Result(key, mean, unit, method, basis, random=mean_error(end.values), flags=flags),
        Result("spread", spread, unit, "standard deviation of the samples", basis, of=series.name),
        Result("noise", noise, unit, "standard deviation about a line", basis, of=series.name),
        drift,
    )


def settling_time(series: Trend, steady: Result, within: float) -> Result:
    """When a series, in s after its first sample, last came within `within` of its steady value."""
    key, method = "settling_time", f"last time further than {within:.3g} {series.unit} from the end"
    if steady.value is None:
        return Result(key, None, "s", method, reason=steady.reason)
    blocks = series.blocks(500)
    away = np.flatnonzero(np.abs(blocks.values - steady.value) > within)
    if not away.size:
        return Result(key, 0.0, "s", method, "never further", of=series.name)
    if away[-1] >= blocks.values.size - 1:
        return Result(
            key, None, "s", method, reason="it has not settled at the end", of=series.name
        )
    at_s = float(blocks.time_s[away[-1] + 1] - series.time_s[0])
    step_s = float(blocks.time_s[away[-1] + 1] - blocks.time_s[away[-1]])
    return Result(
        key, at_s, "s", method, steady.method, random=step_s / math.sqrt(12.0), of=series.name,
        flags=steady.flags,
    )  # fmt: skip
