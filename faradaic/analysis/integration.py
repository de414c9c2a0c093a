"""Integrals over sampled current and voltage: pure functions on arrays, SI, nothing invented.

An interval between two samples counts only where the output was on and the current measured at
both of its ends, within one step, and where it is no longer than `GAP_INTERVALS` times the
usual interval of that step. What lies outside is a gap: it is bounded, never interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

GAP_INTERVALS = 3.0
"""Samples further apart than this many usual intervals leave a gap."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """The times between neighbouring samples, sorted by what is known of them."""

    duration_s: Floats
    """Of all n - 1 intervals."""
    conducting: Mask
    """Output on and current measured at both ends, no gap: these are integrated."""
    gap: Mask
    """Output on at both ends within one step, but too far apart to be integrated."""


def find_intervals(
    time_s: Floats,
    current_A: Floats,
    *,
    output_on: Mask | None = None,
    step: Floats | None = None,
) -> Intervals:
    """Sort the intervals between samples of shape (n,).

    Without `output_on` the output counts as on wherever a current was measured; without `step`
    all samples belong to one step.
    """
    duration_s = np.diff(time_s)
    known = np.isfinite(current_A)
    on = known if output_on is None else known & output_on
    step = np.zeros_like(time_s) if step is None else step
    inside = on[:-1] & on[1:] & (step[:-1] == step[1:]) & (duration_s >= 0)
    gap = np.zeros_like(inside)
    for number in np.unique(step[:-1][inside]):
        of_step = inside & (step[:-1] == number)
        gap |= of_step & (duration_s > GAP_INTERVALS * np.median(duration_s[of_step]))
    return Intervals(duration_s, inside & ~gap, gap)


def trapezoid(values: Floats, intervals: Intervals) -> float:
    """Integral of `values` over the conducting intervals by the trapezoidal rule.

    Intervals with a missing value at either end are left out.
    """
    area = 0.5 * (values[:-1] + values[1:]) * intervals.duration_s
    return float(np.sum(area[intervals.conducting & np.isfinite(area)]))


def charge_by_direction(current_A: Floats, intervals: Intervals) -> tuple[float, float]:
    """Anodic and cathodic charge in C, both as magnitudes, shape of `current_A` (n,).

    Where the current changes sign between two samples, the two triangles on either side of the
    straight line's zero are booked by direction.
    """
    use = intervals.conducting
    first, second = current_A[:-1][use], current_A[1:][use]
    duration_s = intervals.duration_s[use]
    crosses = first * second < 0
    spread = np.where(crosses, np.abs(first) + np.abs(second), 1.0)
    straight = 0.5 * (first + second) * duration_s
    head = np.where(crosses, 0.5 * first * np.abs(first) / spread * duration_s, straight)
    tail = np.where(crosses, 0.5 * second * np.abs(second) / spread * duration_s, 0.0)
    parts = np.concatenate((head, tail))
    return float(np.sum(parts[parts > 0])), float(-np.sum(parts[parts < 0]))


def weights_s(intervals: Intervals) -> Floats:
    """Trapezoidal weight in s of each of the n samples over the conducting intervals."""
    half = np.where(intervals.conducting, 0.5 * intervals.duration_s, 0.0)
    weights: Floats = np.append(half, 0.0) + np.insert(half, 0, 0.0)
    return weights


def weighted_mean(values: Floats, weights: Floats) -> float | None:
    """Mean of the values that are known; None when no weight is on any of them."""
    known = np.isfinite(values) & (weights > 0)
    total = float(np.sum(weights[known]))
    return float(np.sum(values[known] * weights[known])) / total if total > 0 else None


def noise(values: Floats, intervals: Intervals) -> float | None:
    """Standard deviation of the noise on evenly sampled values, trends removed.

    From second differences, whose variance is six times that of the noise (Gasser, Sroka and
    Jennen-Steinmetz 1986, for even spacing). None with fewer than three neighbouring samples.
    """
    both = intervals.conducting[:-1] & intervals.conducting[1:]
    second = (values[:-2] - 2.0 * values[1:-1] + values[2:])[both]
    second = second[np.isfinite(second)]
    return float(np.sqrt(np.mean(second**2) / 6.0)) if len(second) else None
