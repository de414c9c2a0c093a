"""Peaks above a baseline, and what a pair of them says about a couple."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import Floats, paired, straight_line
from faradaic.diagnostics import InputError
from faradaic.results import Result, missing

LEAST_FALL = 0.05
"""Share of a peak by which the current falls again behind it."""
FALL_IN_NOISE = 5.0
"""And in standard deviations of the noise."""
_TOP = 0.98
"""Share of the peak above which a cubic is laid through the points."""


@dataclass(frozen=True, slots=True)
class Peak:
    """One peak of one sweep; the current counts from the baseline."""

    potential_V: float
    current_A: float
    """Anodic positive, without `baseline_A`."""
    baseline_A: float
    """Of the baseline at the potential of the peak."""
    half_peak_V: float | None
    """Where the rising side has half of the peak; None when the sweep starts above it."""
    potential_uncertainty_V: float
    """Standard uncertainty: of the fitted vertex, at least a third of the spacing."""
    anodic: bool


def find_peak(
    potential_V: ArrayLike,
    current_A: ArrayLike,
    *,
    anodic: bool,
    baseline_V: tuple[float, float] | None = None,
) -> Peak:
    """The peak of one sweep, given in the order of time; V and A, anodic positive.

    `baseline_V` is a stretch ahead of the peak through which a straight baseline is laid; without
    it currents count from zero. Raises `InputError` (E778) where the current does not fall again
    behind its largest value, by a twentieth and by more than the noise (a shoulder, a plateau or
    the rise at a turning point is no peak), or the baseline has fewer than 3 points.
    """
    E_V, I_A = paired(potential_V, current_A, at_least=5, what="a sweep's potential and current")
    slope = offset = 0.0
    if baseline_V is not None:
        low_V, high_V = sorted(baseline_V)
        inside = (low_V <= E_V) & (high_V >= E_V)
        if np.count_nonzero(inside) < 3:
            raise InputError.of(
                f"the baseline from {low_V:g} to {high_V:g} V holds fewer than 3 points",
                help=f"the sweep runs from {E_V.min():.3f} to {E_V.max():.3f} V",
                code="E778",
            )
        line = straight_line(E_V[inside], I_A[inside])
        slope, offset = line.slope, line.intercept
    sign = 1.0 if anodic else -1.0
    height_A = sign * (I_A - offset - slope * E_V)
    top = int(np.argmax(height_A))
    if not (0 < top < len(E_V) - 1 and height_A[top] > 0.0 and _falls(height_A, top)):
        raise InputError.of(
            f"the sweep has no {'anodic' if anodic else 'cathodic'} peak above the baseline",
            help="sweep further, give the other sweep, or set anodic=" + str(not anodic),
            code="E778",
        )
    peak_V, peak_A, error_V = _vertex(E_V, height_A, top)
    below = np.flatnonzero(height_A[: top + 1] < 0.5 * peak_A)
    half_V = None
    if below.size:
        k = int(below[-1])
        share = (0.5 * peak_A - height_A[k]) / (height_A[k + 1] - height_A[k])
        half_V = float(E_V[k] + share * (E_V[k + 1] - E_V[k]))
    return Peak(peak_V, sign * peak_A, offset + slope * peak_V, half_V, error_V, anodic)


def _falls(height_A: Floats, top: int) -> bool:
    """Whether the current behind the top falls by a twentieth of it and by more than the noise."""
    fall_A = float(height_A[top] - height_A[top + 1 :].min())
    noise_A = float(np.median(np.abs(np.diff(height_A, 2)))) / (0.6745 * math.sqrt(6.0))
    return fall_A >= max(LEAST_FALL * float(height_A[top]), FALL_IN_NOISE * noise_A)


def half_wave_potential(one: Peak, other: Peak) -> Result:
    """Mean of the anodic and the cathodic peak potential, V: E½ of a reversible couple."""
    found = partial(Result, "half_wave_potential", unit="V", method="mean of the peak potentials")
    if one.anodic == other.anodic:
        return found(None, reason="needs one anodic and one cathodic peak")
    return found(
        0.5 * (one.potential_V + other.potential_V),
        random=0.5 * math.hypot(one.potential_uncertainty_V, other.potential_uncertainty_V),
    )


def peak_separation(one: Peak, other: Peak) -> Result:
    """ΔE_p = E_p(anodic) − E_p(cathodic), V."""
    found = partial(
        Result, "peak_separation", unit="V", method="anodic minus cathodic peak potential"
    )
    if one.anodic == other.anodic:
        return found(None, reason="needs one anodic and one cathodic peak")
    sign = 1.0 if one.anodic else -1.0
    value_V = sign * (one.potential_V - other.potential_V)
    return found(
        value_V,
        random=math.hypot(one.potential_uncertainty_V, other.potential_uncertainty_V),
        flags=("the anodic peak lies below the cathodic one",) if value_V < 0.0 else (),
    )


def peak_current_ratio(forward: Peak, reverse: Peak, switching_current_A: float) -> Result:
    """|i_p(reverse)|/|i_p(forward)| without a baseline for the reverse peak (Nicholson 1966).

    i_r/i_f = i_r⁰/i_f + 0.485 i_λ/i_f + 0.086, with the reverse peak i_r⁰ and the current i_λ at
    the turning point counted from zero; both peaks must have been found without a baseline.
    """
    key, method = "ratio_of_the_peak_currents", "Nicholson 1966, from the zero of current"
    if forward.anodic == reverse.anodic:
        return missing(key, "1", method, "needs one anodic and one cathodic peak")
    if forward.baseline_A or reverse.baseline_A:
        return missing(key, "1", method, "needs peaks found without baseline_V")
    scale_A = abs(forward.current_A)
    value = (abs(reverse.current_A) + 0.485 * abs(switching_current_A)) / scale_A + 0.086
    return Result(key, value, "1", method, basis="reverse over forward")


def _vertex(E_V: Floats, height_A: Floats, top: int) -> tuple[float, float, float]:
    """(potential, height, uncertainty of the potential) from a cubic through the top."""
    low = high = top
    while low > 0 and height_A[low - 1] >= _TOP * height_A[top]:
        low -= 1
    while high < len(E_V) - 1 and height_A[high + 1] >= _TOP * height_A[top]:
        high += 1
    low, high = min(low, top - 1), max(high, top + 1)
    x_V, y_A = E_V[low : high + 1] - E_V[top], height_A[low : high + 1]
    scale_V = float(np.max(np.abs(x_V)))
    spacing_V = scale_V / max(top - low, high - top) if scale_V > 0.0 else 0.0
    if scale_V == 0.0 or len(np.unique(x_V)) < 3:
        return float(E_V[top]), float(height_A[top]), spacing_V
    u = x_V / scale_V
    degree = 3 if len(u) > 5 else 2
    design = np.vander(u, degree + 1)
    coefficients, *_ = np.linalg.lstsq(design, y_A, rcond=None)
    bend = np.polyder(coefficients, 2)
    turns = np.roots(np.polyder(coefficients))
    turns = turns[np.isreal(turns)].real
    tops = turns[(np.polyval(bend, turns) < 0.0) & (turns >= u.min()) & (turns <= u.max())]
    if tops.size == 0:
        return float(E_V[top]), float(height_A[top]), spacing_V
    vertex = float(tops[0])
    error = 0.0
    if len(u) > degree + 1:
        residual = y_A - design @ coefficients
        variance = float(residual @ residual) / (len(u) - degree - 1)
        covariance = np.linalg.inv(design.T @ design) * variance
        # of the zero of the derivative, by its change with each coefficient
        powers = np.arange(degree, -1, -1)
        gradient = powers * vertex ** np.maximum(powers - 1, 0) / np.polyval(bend, vertex)
        error = scale_V * math.sqrt(float(gradient @ covariance @ gradient))
    return (
        float(E_V[top] + scale_V * vertex),
        float(np.polyval(coefficients, vertex)),
        max(error, spacing_V / 3.0),
    )
