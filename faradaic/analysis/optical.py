"""UV-vis absorption: bands above a baseline, with the uncertainty of their positions.

Cluster spectra fall steeply towards the red and their bands ride on that slope as shoulders. The
baseline is the lower convex hull of the spectrum ("rubber band"), which has no parameter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.analysis.band_fit import NEAR, fitted_bands
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import LIGHT_M_PER_S, PLANCK_J_S
from faradaic.results import Result

_wrong = partial(refusal, "E787")

Floats = NDArray[np.float64]

FEWEST = 20
_TOP = 0.9
"""Share of the height above which a parabola is laid through the points of a band."""
_SIGMAS = 6.0
_WIDTH_PER_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))
"""Full width at half height of a Gaussian over its standard deviation."""


@dataclass(frozen=True, slots=True)
class Band:
    """One absorption band above the baseline."""

    wavelength_m: float
    """Of the maximum above the baseline."""
    uncertainty_m: float
    """Standard uncertainty: fit, spacing, and the baseline. Taking it off moves the maximum; the
    true place is taken to lie anywhere within half of that movement on either side."""
    height: float
    """Absorbance above the baseline."""
    width_m: float | None
    """Full width at half of the height; None where a neighbour hides it."""
    shoulder: bool
    """Whether the raw spectrum has no maximum there."""
    fitted: bool = False
    """Whether the place is that of a fit of all bands on their background."""

    @property
    def energy_J(self) -> float:
        """Photon energy at the maximum."""
        return PLANCK_J_S * LIGHT_M_PER_S / self.wavelength_m


@dataclass(frozen=True, slots=True, eq=False)
class AbsorptionSpectrum:
    """A spectrum, its baseline and its bands; arrays of one length, wavelengths rising."""

    wavelength_m: Floats
    absorbance: Floats
    baseline: Floats
    bands: tuple[Band, ...]
    noise: float
    """Standard deviation of one absorbance."""


def absorption_bands(
    wavelength_m: ArrayLike,
    absorbance: ArrayLike,
    *,
    smoothing_m: float = 15e-9,
    prominence: float | None = None,
) -> AbsorptionSpectrum:
    """The bands of a spectrum of at least 20 points, wavelengths in m in any order.

    Absorbances are smoothed by a cubic over `smoothing_m` (Savitzky & Golay 1964) to find the
    bands; a band stands out of its surroundings by `prominence`, by default six times the noise or
    1 % of the highest band. Raises `InputError` (E787).
    """
    from scipy.signal import find_peaks, peak_widths, savgol_coeffs, savgol_filter

    x_m, y = _ordered(wavelength_m, absorbance)
    step_m = float(np.median(np.diff(x_m)))
    if (x_m[-1] - x_m[0]) / step_m > 10 * len(x_m):
        raise _wrong("the wavelengths are spaced too unevenly", "give one scan at even steps")
    grid_m = np.arange(x_m[0], x_m[-1] + 0.5 * step_m, step_m)
    even = np.interp(grid_m, x_m, y)
    window = 2 * round(0.5 * smoothing_m / step_m) + 1
    if not 5 <= window <= len(grid_m) // 2:
        raise _wrong(
            f"a smoothing of {1e9 * smoothing_m:g} nm does not fit to points {1e9 * step_m:g} nm"
            f" apart over {1e9 * (x_m[-1] - x_m[0]):g} nm",
            f"give smoothing_m between {5 * step_m:g} and {0.4 * (x_m[-1] - x_m[0]):g}",
        )
    smooth = savgol_filter(even, window, 3)
    noise = _noise(even)
    baseline = _lower_hull(grid_m, smooth)
    above = smooth - baseline
    gain = float(np.linalg.norm(savgol_coeffs(window, 3)))
    least = prominence or max(_SIGMAS * noise * gain, 0.01 * float(above.max()))
    half = window // 2
    tops = [t for t in find_peaks(above, prominence=least)[0] if half <= t < len(above) - half]
    widths = peak_widths(above, tops, rel_height=0.5)
    own_m = grid_m[find_peaks(smooth)[0]]
    slope = np.gradient(baseline, grid_m)
    bands = []
    valleys = [a + int(np.argmin(above[a:b])) for a, b in pairwise(tops)]
    limits = [0, *valleys, len(above) - 1]
    for number, (top, width, low, high) in enumerate(
        zip(tops, widths[0], widths[2], widths[3], strict=True)
    ):
        between = (limits[number], limits[number + 1])
        vertex_m, error_m, height = _vertex(grid_m, above, int(top), between, noise)
        width_m = float(width) * step_m
        # taking a straight baseline off a Gaussian moves its top by slope·sigma²/height
        moved_m = abs(float(slope[top])) * (width_m / _WIDTH_PER_SIGMA) ** 2 / height
        ends = np.interp([low, high], np.arange(len(above)), above)
        bands.append(
            Band(
                vertex_m,
                math.hypot(error_m, moved_m / math.sqrt(12.0), step_m / math.sqrt(12.0)),
                height,
                width_m if (ends <= 0.55 * height).all() else None,
                not np.any(np.abs(own_m - vertex_m) <= 0.5 * width_m),
            )
        )
    bands = _beside_neighbours(bands, grid_m, even, noise)
    return AbsorptionSpectrum(x_m, y, np.interp(x_m, grid_m, baseline), tuple(bands), noise)


def _beside_neighbours(bands: list[Band], grid_m: Floats, even: Floats, noise: float) -> list[Band]:
    """The bands where a fit of all of them puts them, and how far it moves those of which it does
    not describe the surroundings. What seemed to be one may be two."""
    fitted = fitted_bands(grid_m, even, noise, np.array([b.wavelength_m for b in bands]))
    smooth_tops_m = [b.wavelength_m for b in bands if not b.shoulder]
    least_m = float(grid_m[1] - grid_m[0]) / math.sqrt(12.0)
    found = [
        Band(
            one.wavelength_m,
            math.hypot(one.uncertainty_m, least_m),
            one.height,
            one.width_m,
            not any(abs(top - one.wavelength_m) <= 0.5 * one.width_m for top in smooth_tops_m),
            True,
        )
        for one in fitted
        if one.described
    ]
    for band in bands:
        near_m = NEAR * band.wavelength_m
        if any(abs(one.wavelength_m - band.wavelength_m) <= near_m for one in found):
            continue
        apart_m = [abs(one.wavelength_m - band.wavelength_m) for one in fitted]
        moved_m = min((apart for apart in apart_m if apart <= near_m), default=0.0)
        found.append(replace(band, uncertainty_m=math.hypot(band.uncertainty_m, moved_m)))
    return sorted(found, key=lambda one: one.wavelength_m)


def band_results(spectrum: AbsorptionSpectrum) -> tuple[Result, ...]:
    """Position of each band in m, with height and width in the basis."""
    results = []
    for band in spectrum.bands:
        width = "hidden by a neighbour" if band.width_m is None else f"{1e9 * band.width_m:.0f} nm"
        results.append(
            Result(
                "absorption_band",
                band.wavelength_m,
                "m",
                "fit of Gaussian bands on a background"
                if band.fitted
                else "maximum above the lower convex hull",
                f"height {band.height:.3g}, full width at half height {width}",
                systematic=band.uncertainty_m,
                flags=("a shoulder: the spectrum as measured has no maximum here",)
                if band.shoulder
                else (),
            )
        )
    return tuple(results)


def _ordered(wavelength_m: ArrayLike, absorbance: ArrayLike) -> tuple[Floats, Floats]:
    x_m, y = np.asarray(wavelength_m, np.float64), np.asarray(absorbance, np.float64)
    if x_m.shape != y.shape or x_m.ndim != 1 or len(x_m) < FEWEST:
        raise _wrong(
            f"{x_m.size} wavelengths and {y.size} absorbances are no spectrum",
            f"give one absorbance for each wavelength, {FEWEST} at least",
        )
    if not (np.isfinite(x_m).all() and np.isfinite(y).all()):
        raise _wrong("the spectrum holds values that are missing or infinite", "leave them out")
    order = np.argsort(x_m)
    x_m, y = x_m[order], y[order]
    if not (np.diff(x_m) > 0).all():
        raise _wrong("a wavelength stands in the spectrum twice", "give one scan")
    if not 1e-7 <= x_m[0] <= x_m[-1] <= 1e-5:
        raise _wrong(
            f"wavelengths from {x_m[0]:g} to {x_m[-1]:g} m are no UV-vis spectrum",
            "give metres, 400 nm as 4e-7; in a file, write the unit: `wavelength (nm)`",
        )
    return x_m, y


def _noise(y: Floats) -> float:
    """From third differences, which a smooth curve hardly has: their variance is 20 sigma²."""
    third = np.diff(y, 3)
    return float(np.median(np.abs(third)) / 0.6745 / math.sqrt(20.0))


def _lower_hull(x: Floats, y: Floats) -> Floats:
    """The lower convex hull of a curve, at x (Andrew's monotone chain, 1979)."""
    hull: list[int] = []
    for k in range(len(x)):
        while len(hull) > 1:
            i, j = hull[-2], hull[-1]
            if (y[j] - y[i]) * (x[k] - x[i]) < (y[k] - y[i]) * (x[j] - x[i]):
                break
            hull.pop()
        hull.append(k)
    return np.interp(x, x[hull], y[hull])


def _vertex(
    x_m: Floats, above: Floats, top: int, limits: tuple[int, int], noise: float
) -> tuple[float, float, float]:
    """(position, standard error, height) of a parabola through the top of a band.

    The points lie between `limits`, the valleys on both sides.
    """
    low = high = top
    while low > limits[0] and above[low - 1] >= _TOP * above[top]:
        low -= 1
    while high < limits[1] and above[high + 1] >= _TOP * above[top]:
        high += 1
    low, high = max(0, min(low, top - 2)), min(len(above) - 1, max(high, top + 2))
    scale_m = float(x_m[high] - x_m[low])
    u = (x_m[low : high + 1] - x_m[top]) / scale_m
    design = np.vander(u, 3)
    (a, b, c), *_ = np.linalg.lstsq(design, above[low : high + 1], rcond=None)
    if a >= 0.0:
        return float(x_m[top]), float(x_m[1] - x_m[0]), float(above[top])
    vertex = -b / (2.0 * a)
    covariance = np.linalg.inv(design.T @ design) * noise**2
    gradient = np.array([-vertex / a, -1.0 / (2.0 * a), 0.0])
    error = math.sqrt(float(gradient @ covariance @ gradient))
    return float(x_m[top] + scale_m * vertex), scale_m * error, float(c - b * b / (4.0 * a))
