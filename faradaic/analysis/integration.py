"""Integrals over sampled current and voltage: pure functions on arrays, SI, nothing invented.

An interval between two samples counts with the time for which the output was on in it, where the
current was measured at both of its ends, within one step, and where that time is no longer than
`GAP_INTERVALS` times the usual one of that step. What lies outside while current flowed is a gap:
it is bounded by the larger of the nearest currents of its step, never interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from faradaic.timeseries import Floats, TimeSeries

Mask = NDArray[np.bool_]

GAP_INTERVALS = 3.0
"""Samples further apart than this many usual intervals leave a gap."""

_ROUNDING = 1e-12
_STEP, _ROUNDS = 5.0, 20
"""Times the root mean square of second differences from which on one is a step, not noise, and
how often those that are left are looked at again; of noise alone one in two million is left out."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """The times between neighbouring samples, sorted by what is known of them."""

    duration_s: Floats
    """Of all n - 1 intervals, less the time for which the output was off."""
    conducting: Mask
    """Current measured at both ends within one step, no gap: these are integrated."""
    gap: Mask
    """Too far apart to be integrated, or without a current at either end."""
    gap_C: float
    """What passed in the gaps at most, by the nearest currents that were measured."""
    counted: Mask
    """Between samples of levels in turn: conducting, but what passed is what was booked."""

    def straight(self) -> Intervals:
        """The same, those left out in which a straight line is not what was between."""
        return replace(self, conducting=self.conducting & ~self.counted)


def find_intervals(series: TimeSeries) -> Intervals:
    """Sort the intervals between the n samples of a series.

    Where the source does not tell when its output was on, it counts as on wherever a current was
    measured that is not exactly zero at both ends; a series of zeros alone is integrated as such.
    """
    duration_s, part = np.diff(series.on_time_s()), series.part
    known = np.isfinite(series.current_A)
    both = known[:-1] & known[1:]
    size_A, row = np.where(known, np.abs(series.current_A), np.nan), np.arange(known.size)
    before = np.maximum.accumulate(np.where(known, row, 0))
    after = np.minimum.accumulate(np.where(known, row, row.size - 1)[::-1])[::-1]
    before_A, after_A = (np.where(part[at] == part, size_A[at], np.nan) for at in (before, after))
    larger_A = np.fmax(before_A[:-1], after_A[1:])
    of_level = np.isfinite(series.level)
    inside = (part[:-1] == part[1:]) & (duration_s > 0) & np.isfinite(larger_A)
    if series.output_on_s is None and size_A[known].any():
        inside &= larger_A > 0
    counted = inside & of_level[:-1] & of_level[1:]
    gap = inside & ~both & ~counted
    for number in np.unique(part[:-1][inside & both]):
        of_part = inside & both & ~counted & (part[:-1] == number)
        if not of_part.any():
            continue
        gap |= of_part & (duration_s > GAP_INTERVALS * np.median(duration_s[of_part]))
    gap_C = float(np.sum((larger_A * duration_s)[gap]))
    return Intervals(duration_s, inside & ~gap, gap, gap_C, counted)


def trapezoid(values: Floats, intervals: Intervals) -> float:
    """Integral of `values` over the conducting intervals by the trapezoidal rule.

    Intervals with a missing value at either end are left out.
    """
    area = 0.5 * (values[:-1] + values[1:]) * intervals.duration_s
    return float(np.sum(area[intervals.conducting & np.isfinite(area)]))


def cumulative(values: Floats, intervals: Intervals) -> Floats:
    """The same up to each of the n samples, from zero at the first; NaN where they are missing."""
    area = 0.5 * (values[:-1] + values[1:]) * intervals.duration_s
    area = np.where(intervals.conducting & np.isfinite(area), area, 0.0)
    return np.append(0.0, np.cumsum(area))[: values.size] + 0.0 * values


def booked(column: Floats, intervals: Intervals) -> float:
    """What a column that counts up gained between the samples of levels in turn."""
    gained = np.diff(column)[intervals.counted]
    return float(np.sum(gained[np.isfinite(gained)]))


def cumulative_energy_J(series: TimeSeries, intervals: Intervals) -> Floats:
    """∫U·I dt up to each of the n samples; as it was counted, between those of levels in turn."""
    straight = cumulative(series.cell_voltage_V * series.current_A, intervals.straight())
    if not intervals.counted.any():
        return straight
    gained = np.where(intervals.counted, np.diff(series.energy_J), 0.0)
    whole: Floats = straight + np.append(0.0, np.cumsum(np.nan_to_num(gained)))
    return whole


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


def charge_shares(
    clock_s: Floats, charge_C: Floats, at_s: Floats
) -> tuple[Floats, tuple[float, float]]:
    """The charge in C for which each of a few values (m,) stands, and how long the ends are held.

    `charge_C` (n,) is that of each sample of the current, at `clock_s`; values taken at `at_s`,
    rising, go over into each other along straight lines, and the first and the last are held to
    the ends. So Σ shares·values is the integral of the value over the charge, and Σ shares the
    whole charge.
    """
    after = np.clip(np.searchsorted(at_s, clock_s, side="right"), 1, max(len(at_s) - 1, 1))
    before, after = after - 1, np.minimum(after, len(at_s) - 1)
    span_s = np.where(after > before, at_s[after] - at_s[before], 1.0)
    along = np.clip((clock_s - at_s[before]) / span_s, 0.0, 1.0)
    shares = np.zeros(len(at_s))
    np.add.at(shares, before, charge_C * (1.0 - along))
    np.add.at(shares, after, charge_C * along)
    ends_s = max(at_s[0] - clock_s[0], 0.0), max(clock_s[-1] - at_s[-1], 0.0)
    return shares, (float(ends_s[0]), float(ends_s[1]))


def weighted_mean(values: Floats, weights: Floats) -> float | None:
    """Mean of the values that are known; None when no weight is on any of them."""
    known = np.isfinite(values) & (weights > 0)
    total = float(np.sum(weights[known]))
    return float(np.sum(values[known] * weights[known])) / total if total > 0 else None


def noise(values: Floats, intervals: Intervals) -> float | None:
    """Standard deviation of the noise on evenly sampled values, trends removed.

    From second differences, whose variance is six times that of the noise (Gasser, Sroka and
    Jennen-Steinmetz 1986, for even spacing); steps of the current do not count. None with fewer
    than three neighbouring samples, and where there is no more than rounding of the arithmetic:
    then it cannot be estimated.
    """
    both = intervals.conducting[:-1] & intervals.conducting[1:]
    second = (values[:-2] - 2.0 * values[1:-1] + values[2:])[both]
    second = second[np.isfinite(second)]
    # A step of the current, as at an interruption, is no noise: what lies far out is left out.
    for _ in range(_ROUNDS):
        kept = np.abs(second) <= _STEP * np.sqrt(np.mean(second**2)) if len(second) else []
        if np.all(kept):
            break
        second = second[kept]
    sigma = float(np.sqrt(np.mean(second**2) / 6.0)) if len(second) else 0.0
    return sigma if sigma > _ROUNDING * np.nanmax(np.abs(values), initial=0.0) else None
