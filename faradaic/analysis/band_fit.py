"""Overlapping absorption bands: a sum of Gaussians on a background, fitted at once.

A neighbour and a falling background both move the top of a band; a fit of all of them takes their
pull off. Which shape the bands and the background have is not known, so that several are tried:
bands that are Gaussian in energy or in wavelength, on nothing but an offset, on an exponential
tail in energy or wavelength, or on an edge. Where one of them describes the spectrum, places and
their uncertainty are those of the ones that do; where none does, how far they move a band is an
uncertainty of its place.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WINDOW_m = 25e-9
"""Over which the second derivative is taken that bands are looked for in."""
_SIGMAS = 8.0
_LEAST_CURVATURE = 0.03
"""Of that of the sharpest band."""
_MOST_BANDS, _MOST_ADDED, _MOST_POINTS = 7, 2, 200
_FIRST_WIDTH, _WIDTHS = 0.03, (0.008, 0.12)
"""Standard deviation of a band over its place: at first, and between which."""
_SHIFT = 0.06
"""By which a place may differ from where it is looked for."""
NEAR = 0.08
"""Within this share of its place a band is the same, or one of two that seemed to be one."""
_BACKGROUNDS = ("flat", "tail", "edge", "energy tail")
_SHAPES = ("wavelength", "energy")
_SHAPE = 0.01
"""Of the width of a band: what its place is uncertain by for it need not be a Gaussian."""
_DESCRIBES = 0.01
"""How large the misfit may be, of the height of a band, for its place to be believed."""
_AS_GOOD = 3.0
"""By how much the mean square of the misfit may exceed the best one."""
_MOST_STEPS = 60
_LIKELY = 3
"""How many of the kinds of fit are gone on with."""
_TO_THE_NOISE = 1.3
"""A fit whose misfit is within this many times the noise leaves nothing to explain: what it added
are bands."""
_MOST_WIDE = 0.95
"""Of the largest width: what is wider belongs to the background."""
_WORTH = 30.0
"""What a further band must lower the deviance by (Schwarz's criterion asks for 3 ln n, 18)."""


@dataclass(frozen=True, slots=True)
class FittedBand:
    """One band of the best fit."""

    wavelength_m: float
    uncertainty_m: float
    """Of this fit, between those that are as good, and of the shape, which none may have."""
    height: float
    width_m: float
    """Full width at half height."""
    described: bool
    """Whether the fit describes the spectrum well enough for its place to be believed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    starts_m: Floats
    places_m: Floats
    errors_m: Floats
    widths_m: Floats
    heights: Floats
    misfit: Floats
    """On the points that were fitted."""


def fitted_bands(
    wavelength_m: Floats, absorbance: Floats, noise: float, bands_m: Floats
) -> tuple[FittedBand, ...]:
    """The bands that were found, and those that the second derivative shows besides, as fitted.

    Wavelengths rise evenly; `noise` is the standard deviation of one absorbance. A band that only
    takes up what the others leave is among them where nothing is left then. There are none where no
    fit succeeds.
    """
    noise = max(noise, _scatter(wavelength_m, absorbance))
    starts_m = _starts(wavelength_m, absorbance, noise, bands_m)
    if len(starts_m) > _MOST_BANDS:  # the second derivative shows noise
        starts_m = bands_m
    if not 0 < len(starts_m) <= _MOST_BANDS:
        return ()
    step = max(1, len(wavelength_m) // _MOST_POINTS)
    x_m, y = wavelength_m[::step], absorbance[::step]
    kinds = [*itertools.product(_SHAPES, _BACKGROUNDS)]
    fits = {kind: fit for kind in kinds if (fit := _fit(x_m, y, starts_m, kind))}
    if not fits:
        return ()
    kind = min(fits, key=lambda one: _square(fits[one]))
    for _ in range(_MOST_ADDED):  # what is left over may be a band that nothing showed
        best = fits[kind]
        smooth = np.convolve(best.misfit, np.full(9, 1 / 9), "same")
        further = np.append(best.starts_m, x_m[int(np.argmax(smooth))])
        if len(further) > _MOST_BANDS or _square(best) <= 2.0 * noise**2:
            break
        likely = sorted(fits, key=lambda one: _square(fits[one]))[:_LIKELY]
        more = {one: fit for one in likely if (fit := _fit(x_m, y, further, one))}
        if not more:
            break
        then = min(more, key=lambda one: _square(more[one]))
        lower = len(x_m) * math.log(_square(best) / max(_square(more[then]), 1e-300))
        if lower < _WORTH:
            break
        fits, kind = more, then
    good = [fit for fit in fits.values() if _square(fit) <= _AS_GOOD * _square(fits[kind])]
    best = fits[kind]
    explains = _square(best) <= (_TO_THE_NOISE * noise) ** 2
    return tuple(
        _band(number, best, good)
        for number, start_m in enumerate(best.starts_m)
        if (start_m in starts_m or (explains and _is_narrow(best, number)))
        and best.heights[number] > _SIGMAS * noise
    )


def _is_narrow(fit: _Fit, number: int) -> bool:
    return bool(fit.widths_m[number] < _MOST_WIDE * _WIDTHS[1] * fit.places_m[number])


def _band(number: int, best: _Fit, good: list[_Fit]) -> FittedBand:
    place_m = float(best.places_m[number])
    others_m = [fit.places_m[int(np.argmin(np.abs(fit.places_m - place_m)))] for fit in good]
    height = float(best.heights[number])
    width_m = float(best.widths_m[number]) * 2.0 * math.sqrt(2.0 * math.log(2.0))
    return FittedBand(
        place_m,
        math.hypot(float(best.errors_m[number]), float(np.std(others_m)), _SHAPE * width_m),
        height,
        width_m,
        math.sqrt(_square(best)) <= _DESCRIBES * height,
    )


def _square(fit: _Fit) -> float:
    return float(fit.misfit @ fit.misfit) / len(fit.misfit)


def _starts(x_m: Floats, y: Floats, noise: float, bands_m: Floats) -> Floats:
    """Where a band is looked for: those found, and what the second derivative shows besides."""
    from scipy.signal import find_peaks, savgol_coeffs, savgol_filter

    step_m = float(x_m[1] - x_m[0])
    window = _window(x_m)
    if window > len(x_m) // 2:
        return bands_m
    bent = -savgol_filter(y, window, 4, deriv=2, delta=step_m)
    # neighbouring points of an instrument that averages err together
    error = noise * math.sqrt(_alike(y - savgol_filter(y, window, 4)))
    error *= float(np.linalg.norm(savgol_coeffs(window, 4, deriv=2, delta=step_m)))
    least = max(_SIGMAS * error, _LEAST_CURVATURE * float(bent.max()))
    tops = find_peaks(bent, prominence=least)[0]
    shown = x_m[[t for t in tops if window // 2 <= t < len(x_m) - window // 2 and bent[t] > 0]]
    missed = [m for m in bands_m if not (np.abs(shown - m) < NEAR * m).any()]
    return np.sort(np.append(shown, missed))


def _window(x_m: Floats) -> int:
    return max(7, 2 * round(0.5 * _WINDOW_m / float(x_m[1] - x_m[0])) + 1)


def _scatter(x_m: Floats, y: Floats) -> float:
    """Of a point around what is smooth, also where an instrument has averaged neighbours."""
    from scipy.signal import savgol_filter

    window = _window(x_m)
    if window > len(x_m) // 2:
        return 0.0
    return float(np.median(np.abs(y - savgol_filter(y, window, 4)))) / 0.6745


def _alike(left: Floats) -> float:
    """How many neighbouring points tell the same: the sum of their correlations."""
    total, square = 1.0, float(left @ left)
    for lag in range(1, min(30, len(left) // 4)):
        correlation = float(left[lag:] @ left[:-lag]) / square if square else 0.0
        if correlation <= 0.05:
            break
        total += 2.0 * correlation
    return total


def _fit(x_m: Floats, y: Floats, starts_m: Floats, kind: tuple[str, str]) -> _Fit | None:
    """Places, widths and background that are fitted, with the heights that belong to them."""
    from scipy.optimize import least_squares

    shape, background = kind
    count = len(starts_m)
    shortest, longest = float(x_m[0]), float(x_m[-1])
    u = x_m if shape == "wavelength" else 1.0 / x_m

    def design(p: Floats) -> Floats:
        places, widths = starts_m * np.exp(p[:count]), np.exp(p[count : 2 * count])
        at = places if shape == "wavelength" else 1.0 / places
        bands: Any = np.exp(-0.5 * ((u[:, None] - at) / (widths * at)) ** 2)
        if background == "flat":
            return np.column_stack((bands, np.ones_like(x_m)))
        below: Any
        if background == "tail":
            below = np.exp(-(x_m - shortest) / (longest - shortest) / math.exp(p[-2]))
        elif background == "energy tail":
            below = np.exp((shortest / x_m - 1.0) / math.exp(p[-2]))
        else:
            below = 1.0 / (1.0 + np.exp(-(shortest / x_m - p[-1]) / math.exp(p[-2])))
        return np.column_stack((bands, below, np.ones_like(x_m)))

    def heights(columns: Floats) -> Floats:
        square = columns.T @ columns
        square[np.diag_indices_from(square)] *= 1.0 + 1e-12
        solved: Floats = np.asarray(np.linalg.solve(square, columns.T @ y), np.float64)
        return solved

    def misfit(p: Floats) -> Floats:
        columns = design(p)
        left: Floats = y - columns @ heights(columns)
        return left

    def bounds(place: float, width: float, length: float, edge: float) -> Floats:
        return np.array([place] * count + [math.log(width)] * count + [math.log(length), edge])

    first = bounds(0.0, _FIRST_WIDTH, 0.15, 1.0)
    limits = bounds(-_SHIFT, _WIDTHS[0], 0.02, 0.5), bounds(_SHIFT, _WIDTHS[1], 5.0, 2.0)
    try:
        done = least_squares(
            misfit,
            first,
            bounds=limits,
            x_scale="jac",
            max_nfev=_MOST_STEPS,
        )
        columns = design(done.x)
        found = heights(columns)
        square = done.jac.T @ done.jac
        covariance = np.linalg.pinv(square)
    except (np.linalg.LinAlgError, ValueError):
        return None
    if background != "flat" and found[count] < 0.0:
        return None
    if (found[:count] <= 0.0).any():  # no band stands there
        kept = starts_m[found[:count] > 0.0]
        return _fit(x_m, y, kept, kind) if len(kept) else None
    left = -misfit(done.x)
    free = max(1, len(x_m) - len(done.x) - len(found))
    # points between two changes of sign of the misfit tell the same
    runs = len(x_m) / (1.0 + 2.0 * float(np.count_nonzero(left[1:] * left[:-1] < 0)))
    scale = float(left @ left) / free * max(1.0, runs)
    places_m = starts_m * np.exp(done.x[:count])
    errors_m = places_m * np.sqrt(scale * np.diag(covariance)[:count])
    widths_m = places_m * np.exp(done.x[count : 2 * count])
    return _Fit(starts_m, places_m, errors_m, widths_m, found[:count], -left)
