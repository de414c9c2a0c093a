"""Onset potentials; an onset is only a number together with its definition, which the result names.

Sweeps are given in the order of time, from where nothing flows into the wave.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.analysis.voltammetry.curves import Floats, paired, positive, straight_line
from faradaic.results import Result

_KEY = "onset_potential"
_CONSECUTIVE = 5


def onset_by_threshold(
    potential_V: ArrayLike, current_A: ArrayLike, *, threshold_A_per_m2: float, area_m2: float
) -> Result:
    """Where |i|/A first reaches a named density (A/m²; 1 mA/cm² is 10 A/m²), interpolated, in V."""
    positive(threshold_A_per_m2=threshold_A_per_m2, area_m2=area_m2)
    method = f"|j| reaches {threshold_A_per_m2:g} A/m2"
    found = partial(Result, _KEY, unit="V", method=method)
    E_V, i_A = paired(potential_V, current_A, at_least=2, what="a sweep's potential and current")
    density = np.abs(i_A) / area_m2
    above = np.flatnonzero(density >= threshold_A_per_m2)
    if above.size == 0:
        return found(None, reason=f"the largest is {density.max():.4g} A/m2")
    k = int(above[0])
    if k == 0:
        return found(None, reason="the sweep starts above it: start it further away")
    share = (threshold_A_per_m2 - density[k - 1]) / (density[k] - density[k - 1])
    return found(
        float(E_V[k - 1] + share * (E_V[k] - E_V[k - 1])),
        basis=f"area {area_m2:g} m2",
        systematic=abs(float(E_V[k] - E_V[k - 1])) / math.sqrt(12.0),
    )


def onset_by_deviation(
    potential_V: ArrayLike,
    current_A: ArrayLike,
    *,
    background_V: tuple[float, float],
    sigmas: float = 3.0,
) -> Result:
    """First of 5 points in a row further than `sigmas` standard deviations from the background.

    The background is a line through the stretch `background_V` (V), its scatter the deviation. This
    onset moves with the noise of the instrument: a quieter one finds an earlier onset.
    """
    method = f"{_CONSECUTIVE} points beyond {sigmas:g} sigma of the background"
    found = partial(Result, _KEY, unit="V", method=method)
    E_V, i_A = paired(potential_V, current_A, at_least=2, what="a sweep's potential and current")
    inside = _within(E_V, background_V)
    if np.count_nonzero(inside) < _CONSECUTIVE:
        return found(None, reason=f"fewer than {_CONSECUTIVE} points of background")
    line = straight_line(E_V[inside], i_A[inside])
    residual_A = i_A - line.intercept - line.slope * E_V
    scatter_A = math.sqrt(float(np.sum(residual_A[inside] ** 2)) / (inside.sum() - 2))
    past = np.arange(len(E_V)) > int(np.flatnonzero(inside)[-1])
    beyond = past & (np.abs(residual_A) > sigmas * scatter_A)
    runs = np.convolve(beyond, np.ones(_CONSECUTIVE, int), mode="valid") == _CONSECUTIVE
    if not np.any(runs):
        return found(None, reason="the current stays within the background")
    k = int(np.argmax(runs))
    return found(
        float(E_V[k]),
        basis=f"scatter {scatter_A:.3g} A",
        systematic=abs(float(E_V[k] - E_V[k - 1])) / math.sqrt(12.0),
    )


def onset_by_tangents(
    potential_V: ArrayLike,
    current_A: ArrayLike,
    *,
    background_V: tuple[float, float],
    rise_V: tuple[float, float],
) -> Result:
    """Where the lines through the background and through the rise (stretches in V) cross, in V.

    On an exponential rise the result follows the choice of `rise_V`; it belongs to the result.
    """
    method = "intersection of two lines"
    found = partial(Result, _KEY, unit="V", method=method)
    E_V, i_A = paired(potential_V, current_A, at_least=2, what="a sweep's potential and current")
    masks = [_within(E_V, background_V), _within(E_V, rise_V)]
    if min(np.count_nonzero(mask) for mask in masks) < 3:
        return found(None, reason="each line needs 3 points: widen background_V or rise_V")
    flat, rise = (straight_line(E_V[mask], i_A[mask]) for mask in masks)
    steeper = rise.slope - flat.slope
    if steeper == 0.0:
        return found(None, reason="the lines are parallel")
    value_V = (flat.intercept - rise.intercept) / steeper
    low_V, high_V = float(E_V.min()), float(E_V.max())
    return found(
        value_V,
        basis=f"background {background_V} V, rise {rise_V} V",
        flags=() if low_V <= value_V <= high_V else ("the lines cross outside of the sweep",),
    )


def _within(E_V: Floats, stretch_V: tuple[float, float]) -> NDArray[np.bool_]:
    low_V, high_V = sorted(stretch_V)
    return (low_V <= E_V) & (high_V >= E_V)
