"""What is left: retention between two windows, and the time at which a fraction is left."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from faradaic.analysis.stability.autocorrelation import mean_error
from faradaic.analysis.stability.decay import DecayFit
from faradaic.analysis.stability.trend import Floats, Trend, refusal
from faradaic.quantities.constants import HOUR_S
from faradaic.results import Result

_GRID = 4096
_FARTHEST = 100.0
_MOST_WINDOWS = 1 << 16


def retention(series: Trend, window_s: float) -> Result:
    """Mean over the last window by the mean over the first, each `window_s` long.

    The errors of both means allow for correlated noise; a common error of scale cancels. Raises
    `InputError` when the windows overlap.
    """
    key, method = "retention", f"means over the first and last {window_s:g} s"
    found = partial(Result, key, unit="1", method=method, of=series.name)
    if not series.keeps_zero:
        return found(None, reason=f"the zero of {series.name} is a convention: give its drift")
    start_s, end_s = _span(series, window_s)
    first = series.between(start_s, start_s + window_s).values
    last = series.between(end_s - window_s, end_s).values
    before, after = float(first.mean()), float(last.mean())
    if before == 0.0:
        return found(None, reason=f"{series.name} starts at zero")
    value = after / before
    errors = mean_error(first), mean_error(last)
    random, flags = None, []
    if errors[0] is None or errors[1] is None:
        flags.append("fewer than 8 points in a window: no error given")
    else:
        random = math.hypot(errors[1], value * errors[0]) / abs(before)
    if value < 0:
        flags.append("the sign changed between the windows")
    return found(value, basis="first window", random=random, flags=tuple(flags))


def time_to_fraction(
    series: Trend, window_s: float, fit: DecayFit | None = None, *, fraction: float = 0.8
) -> Result:
    """Operating time from the start of the series until `fraction` of it is left; t80 is 0.8.

    The reference is the mean over the first `window_s`. "Reached" means that the mean over a
    moving window of that length crosses the fraction; the time is interpolated at the window's
    centre. Otherwise `fit` is extrapolated, which is flagged, and the result says how far; without
    a crossing of the fit within a hundred times the measured time there is no value, and the
    measured time is the lower bound. Raises `InputError` when two windows do not fit in.
    """
    key = f"t{100.0 * fraction:g}"
    name = f"{key} of {series.name}"
    found = partial(Result, key, unit="s", method="crossing", of=series.name, name=name)
    if not series.keeps_zero:
        return found(None, reason=f"the zero of {series.name} is a convention")
    if not 0.0 < fraction < 1.0:
        raise refusal(f"a fraction of {fraction:g} left", "give one between 0 and 1, as in 0.8")
    start_s, end_s = _span(series, window_s)
    reference = float(series.between(start_s, start_s + window_s).values.mean())
    if reference == 0.0:
        return found(None, reason=f"{series.name} starts at zero")
    centre_s, mean = _moving_mean(series, window_s)
    below = np.flatnonzero(mean / reference <= fraction)
    found = partial(found, basis=f"mean over the first {window_s:g} s")
    if below.size:
        i = int(below[0])
        crossing_s = float(
            np.interp(-fraction, -mean[i - 1 : i + 1] / reference, centre_s[i - 1 : i + 1])
        )
        flags = () if below.size == mean.size - i else ("rose above the fraction again later",)
        method = f"moving mean over {window_s:g} s, interpolated"
        random = _crossing_error(series, window_s, crossing_s)
        return found(crossing_s - start_s, method=method, random=random, flags=flags)
    measured_s = end_s - start_s
    bounds = (measured_s - window_s / 2.0, None)
    if fit is None:
        reason = "not reached in the measured time, and no decay law to extrapolate"
        return found(None, bounds=bounds, reason=reason)
    method = f"extrapolated: {fit.law.name}, {fit.law.formula}"
    reached_s = _extrapolate(fit, fit.parameters, fraction * reference)
    if reached_s is None:
        reason = f"not reached in the measured time, nor by the {fit.law.name} law"
        return found(None, method=method, bounds=bounds, reason=reason)
    flags = (f"extrapolated to {reached_s / measured_s:.1f} times the measured time",)
    random = _extrapolation_error(fit, fraction * reference, reached_s)
    return found(reached_s, method=method, random=random, flags=flags)


def _span(series: Trend, window_s: float) -> tuple[float, float]:
    if not series.time_s.size:
        raise refusal(f"{series.name} has no points", "give a series with values")
    start_s, end_s = float(series.time_s[0]), float(series.time_s[-1])
    if not 0.0 < window_s <= (end_s - start_s) / 2.0:
        raise refusal(
            f"a window of {window_s:g} s in {series.name}, which lasts {end_s - start_s:g} s",
            f"window_s must be above 0 and at most {(end_s - start_s) / 2.0:g}",
        )
    return start_s, end_s


def _moving_mean(series: Trend, window_s: float) -> tuple[Floats, Floats]:
    """Centres and means of windows that fit in; one begins at each sample, fewer in long logs."""
    time_s = series.time_s
    fitting = int(np.searchsorted(time_s, time_s[-1] - window_s, side="right"))
    first = np.arange(0, fitting, -(-fitting // _MOST_WINDOWS))
    last = np.searchsorted(time_s, time_s[first] + window_s, side="right")
    total = np.concatenate(([0.0], np.cumsum(series.values)))
    clock = np.concatenate(([0.0], np.cumsum(time_s - time_s[0])))
    count = last - first
    return (clock[last] - clock[first]) / count + time_s[0], (total[last] - total[first]) / count


def _crossing_error(series: Trend, window_s: float, crossing_s: float) -> float | None:
    """Error of the mean at the crossing by the slope there, from a line through the window."""
    near = series.between(crossing_s - window_s / 2.0, crossing_s + window_s / 2.0)
    if near.values.size < 8:
        return None
    slope, level = np.polyfit(near.time_s - crossing_s, near.values, 1)
    error = mean_error(near.values - level - slope * (near.time_s - crossing_s))
    return None if error is None or slope == 0.0 else error / abs(float(slope))


def _extrapolate(fit: DecayFit, parameters: Floats, level: float) -> float | None:
    """Time from the start at which the law crosses a level, up to a hundred measured times."""
    span_h = (fit.end_s - fit.start_s) / HOUR_S
    time_h = np.geomspace(span_h * 1e-3, span_h * _FARTHEST, _GRID)
    past = fit.law.value(time_h, parameters) / level <= 1.0
    if not past.any() or past[0]:
        return None
    from scipy.optimize import brentq

    i = int(past.argmax())

    def excess(hours: float) -> float:
        return float(fit.law.value(np.array([hours]), parameters)[0]) / level - 1.0

    return float(brentq(excess, time_h[i - 1], time_h[i])) * HOUR_S


def _extrapolation_error(fit: DecayFit, level: float, reached_s: float) -> float | None:
    """First-order error of the crossing: that of the law there, by the law's slope."""
    time_h = np.array([reached_s / HOUR_S])

    def law(parameters: Floats) -> float:
        return float(fit.law.value(time_h, parameters)[0])

    gradient = np.empty(fit.parameters.size)
    for i, error in enumerate(fit.standard_errors):
        step = np.zeros_like(gradient)
        step[i] = 1e-4 * error or 1e-9 * abs(fit.parameters[i])
        if step[i] == 0.0:
            return None
        gradient[i] = (law(fit.parameters + step) - law(fit.parameters - step)) / (2 * step[i])
    later = fit.law.value(time_h * (1 + 1e-6), fit.parameters) - law(fit.parameters)
    slope_per_s = float(later[0]) / (reached_s * 1e-6)
    variance = float(gradient @ fit.covariance @ gradient)
    return math.sqrt(variance) / abs(slope_per_s) if slope_per_s else None
