"""Change points: where the level or the slope of a series breaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from faradaic.analysis.stability.trend import Floats, Trend
from faradaic.quantities.constants import HOUR_S

_BLOCKS = 256
_FEWEST_BLOCKS = 24
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Change:
    """A break between two straight pieces."""

    time_s: float
    """Operating time, halfway between the middles of the blocks on both sides."""
    resolution_s: float
    """Distance of those middles: the break lies within time_s +/- this, noise aside."""
    jump: float
    """Value after less value before, both pieces extrapolated to the break; unit of the series."""
    slope_before_per_h: float
    slope_after_per_h: float


def find_changes(
    series: Trend, *, less: Callable[[Floats], Floats] | None = None
) -> tuple[Change, ...]:
    """Breaks of a piecewise straight line through block medians, with the penalty of BIC.

    A curved decay is broken into straight pieces: `less` is a law, (times in s (n,)) -> values,
    that is taken off first. Exact optimum by dynamic programming (Jackson et al. 2005). Medians,
    because the mean of a block that a break runs through would pass for a piece of its own. The
    penalty counts the noise that is left in long blocks, so that slow noise rarely passes for a
    break; noise that remembers more than a hundredth of the log still may. Below 24 points nothing
    is claimed and the result is empty.
    """
    series = _distinct(series)
    if series.values.size < _FEWEST_BLOCKS:
        return ()
    blocks = _medians(series, _BLOCKS)
    if less is not None:
        blocks = replace(blocks, values=blocks.values - less(blocks.time_s))
    bounds = _segment(blocks.time_s / HOUR_S, blocks.values, _noise_variance(blocks.values))
    return tuple(_change(blocks, *bounds[i : i + 3]) for i in range(len(bounds) - 2))


def _distinct(series: Trend) -> Trend:
    """The means of samples at one and the same operating time, which has no slope."""
    if (np.diff(series.time_s) > 0).all():
        return series
    times_s, which, count = np.unique(series.time_s, return_inverse=True, return_counts=True)
    return replace(series, time_s=times_s, values=np.bincount(which, series.values) / count)


def _medians(series: Trend, at_most: int) -> Trend:
    """Medians over blocks of equal number; what does not fill a block at the end is left out."""
    length = -(-series.values.size // at_most)
    whole = series.values.size // length * length
    return replace(
        series,
        time_s=series.time_s[:whole].reshape(-1, length).mean(axis=1),
        values=np.median(series.values[:whole].reshape(-1, length), axis=1),
    )


def _noise_variance(medians: Floats) -> float:
    """Variance of a block median if its noise were white, as loud as at the loudest scale.

    The scales are one, two, four and eight blocks long.
    """
    loudest = 0.0
    for length in (1, 2, 4, 8):
        whole = medians.size // length * length
        # second differences see the noise and hardly the pieces: their variance is 6 sigma^2
        second = np.abs(np.diff(medians[:whole].reshape(-1, length).mean(axis=1), 2))
        if second.size:
            sigma = float(np.median(second)) / 0.6745 / math.sqrt(6.0)
            loudest = max(loudest, sigma**2 * length)
    return loudest


def _segment(t: Floats, x: Floats, variance: float) -> list[int]:
    """Block numbers at which the pieces of the best segmentation begin, and n."""
    n = x.size
    t, x = t - t.mean(), x - x.mean()
    sums = np.zeros((6, n + 1))
    np.cumsum(np.stack([np.ones(n), t, x, t * t, t * x, x * x]), axis=1, out=sums[:, 1:])
    # rounding of the sums must not pass for structure
    variance = max(variance, 1e-12 * float(x @ x) / n)
    penalty = 3.0 * math.log(n) * variance  # a break costs a level, a slope and a place
    cost = np.full(n + 1, math.inf)
    cost[0] = -penalty
    previous = np.zeros(n + 1, dtype=np.intp)
    for end in range(_SHORTEST, n + 1):
        begin = np.arange(0, end - _SHORTEST + 1)
        m, st, sx, stt, stx, sxx = sums[:, end, None] - sums[:, begin]
        rest = sxx - sx**2 / m - (stx - st * sx / m) ** 2 / (stt - st**2 / m)
        total = cost[begin] + np.maximum(rest, 0.0) + penalty
        best = int(total.argmin())
        cost[end], previous[end] = total[best], best
    bounds = [n]
    while bounds[-1]:
        bounds.append(int(previous[bounds[-1]]))
    bounds.reverse()
    return bounds


def _change(blocks: Trend, before: int, at: int, after: int) -> Change:
    time_s, values = blocks.time_s, blocks.values
    middle_s = float(time_s[at - 1] + time_s[at]) / 2.0
    left = np.polyfit((time_s[before:at] - middle_s) / HOUR_S, values[before:at], 1)
    right = np.polyfit((time_s[at:after] - middle_s) / HOUR_S, values[at:after], 1)
    return Change(
        middle_s,
        float(time_s[at] - time_s[at - 1]),
        float(right[1] - left[1]),
        float(left[0]),
        float(right[0]),
    )
