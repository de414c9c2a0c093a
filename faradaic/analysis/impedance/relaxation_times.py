"""The distribution of relaxation times of a spectrum, and the relaxations that its peaks stand for.

Z(ω) = R∞ + jωL + ∫ γ(ln τ)/(1 + jωτ) d ln τ with γ ≥ 0, by Tikhonov's regularisation of the
curvature of γ. How strongly it is smoothed is chosen by the cross-validation of real and imaginary
part (Saccoccio, Wan, Chen & Ciucci, Electrochim. Acta 2014, 147, 470), by the rule of one
standard error (Breiman, Friedman, Olshen & Stone 1984): a peak that less smoothing would show is
told only where the data ask for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from faradaic.analysis.impedance.spectrum import Floats, ImpedanceSpectrum, refusal
from faradaic.results import Result

_PER_DECADE = 12
_BEYOND = 1.0
"""Decades by which the times reach beyond the inverse of the measured frequencies."""
_STRENGTHS = np.geomspace(1e-7, 1e2, 19)
_FEWEST = 10
_LEAST_SHARE = 0.02
"""Of the whole polarisation; smaller peaks are ripple, and are told as a sum."""
_UNSURE = 0.3
_BOOTSTRAPS = 16
_SEED = 471
LARGEST_RESIDUAL = 0.03
METHOD = "Tikhonov on the curvature, not negative; cross-validation of real and imaginary part"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One peak of the distribution."""

    time_constant: Result
    """s, mean of ln τ weighted by γ²."""
    resistance: Result
    """Ohm, the area below the peak."""


@dataclass(frozen=True, slots=True, eq=False)
class RelaxationTimes:
    """γ over ln τ (m,), and what it says."""

    tau_s: Floats
    gamma_ohm: Floats
    strength: float
    series_ohm: float
    """R∞."""
    rms_residual: float
    """Relative to |Z|."""
    peaks: tuple[Relaxation, ...]
    left_over_ohm: float
    """In peaks too small to be told from ripple."""

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd of all of it."""
        if self.rms_residual <= LARGEST_RESIDUAL:
            return ()
        return (
            f"the distribution is {self.rms_residual:.1%} off the spectrum: an inductive loop, a"
            " blocking electrode or noise is no relaxation",
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The linear system, each point weighted by 1/|Z|."""

    real: Floats
    imaginary: Floats
    real_columns: Floats
    """(n, m + 1): R∞ in the first."""
    imaginary_columns: Floats
    """(n, m + 1): L in the first."""
    curvature: Floats
    size_ohm: float


def relaxation_times(spectrum: ImpedanceSpectrum) -> RelaxationTimes:
    """The distribution of one spectrum with its peaks.

    Times reach one decade beyond the measured frequencies, at twelve a decade. A peak's random
    uncertainty is that of 16 spectra made of the fit and its resampled residuals, its systematic
    one how far it moves with ten times more and less smoothing. Raises `InputError` (E765) below
    ten points.
    """
    if spectrum.frequency_Hz.size < _FEWEST:
        raise refusal(
            f"{spectrum.frequency_Hz.size} points are too few for relaxation times",
            f"give {_FEWEST} frequencies or more",
        )
    omega = spectrum.angular_frequency
    low, high = math.log10(1.0 / omega.max()) - _BEYOND, math.log10(1.0 / omega.min()) + _BEYOND
    tau_s = np.logspace(low, high, round((high - low) * _PER_DECADE) + 1)
    problem = _problem(spectrum, tau_s)
    strength = _chosen(problem)
    found = _solve(problem, strength)
    fitted = _impedance(problem, found)
    residual = np.concatenate((problem.real, problem.imaginary)) - fitted
    step = math.log(tau_s[1] / tau_s[0])
    areas = found[2:] * problem.size_ohm  # of each time; γ itself is per unit of ln τ
    bounds = _peaks(areas)
    others = [
        _measure(tau_s, _solve(problem, s)[2:] * problem.size_ohm, bounds)
        for s in (10.0 * strength, 0.1 * strength)
    ]
    resampled = _bootstrap(problem, found, strength, residual, tau_s, bounds)
    whole = float(areas.sum())
    peaks, left = [], 0.0
    inside_s = (1.0 / omega.max(), 1.0 / omega.min())
    for number, (place, area) in enumerate(_measure(tau_s, areas, bounds)):
        if area < _LEAST_SHARE * whole:
            left += area
            continue
        moved = [one[number] for one in others]
        again = np.array([one[number] for one in resampled])
        peaks.append(_relaxation(place, area, moved, again, inside_s, whole))
    return RelaxationTimes(
        tau_s,
        areas / step,
        strength,
        float(found[0]) * problem.size_ohm,
        float(np.sqrt(np.mean(residual**2))),
        tuple(peaks),
        left,
    )


def _problem(spectrum: ImpedanceSpectrum, tau_s: Floats) -> _Problem:
    z, omega = spectrum.impedance_ohm, spectrum.angular_frequency
    size = float(np.median(np.abs(z)))
    kernel = 1.0 / (1.0 + 1j * omega[:, None] * tau_s)
    weight = (size / np.abs(z))[:, None]
    kernel *= weight
    ramp = weight * (omega / omega.max())[:, None]
    second = np.diff(np.eye(tau_s.size), 2, axis=0)
    second *= (_PER_DECADE / 6.0) ** 2
    return _Problem(
        z.real / np.abs(z),
        z.imag / np.abs(z),
        np.hstack((weight, kernel.real)),
        np.hstack((ramp, kernel.imag)),
        second,
        size,
    )


def _solve(problem: _Problem, strength: float, data: Floats | None = None) -> Floats:
    """(R∞, L, γ ...) that fit both parts; all of them zero or more."""
    n = problem.real.size
    if data is None:
        data = np.concatenate((problem.real, problem.imaginary))
    zeros = np.zeros((n, 1))
    top = np.hstack((problem.real_columns[:, :1], zeros, problem.real_columns[:, 1:]))
    below = np.hstack((zeros, problem.imaginary_columns))
    return _not_negative(np.vstack((top, below)), data, problem.curvature, strength)


def _not_negative(columns: Floats, data: Floats, curvature: Floats, strength: float) -> Floats:
    from scipy.optimize import nnls  # half a second that a mere import should not cost

    extra = columns.shape[1] - curvature.shape[1]
    penalty = math.sqrt(strength) * np.hstack((np.zeros((len(curvature), extra)), curvature))
    matrix = np.vstack((columns, penalty))
    found, _ = nnls(matrix, np.append(data, np.zeros(len(curvature))), maxiter=50 * len(matrix))
    return np.asarray(found)


def _impedance(problem: _Problem, found: Floats) -> Floats:
    gamma = found[2:]
    real = problem.real_columns @ np.append(found[0], gamma)
    imaginary = problem.imaginary_columns @ found[1:]
    return np.concatenate((real, imaginary))


def _chosen(problem: _Problem) -> float:
    """The strongest smoothing whose cross-validation is within one standard error of the best."""
    missed = [_cross_validation(problem, float(strength)) for strength in _STRENGTHS]
    best = min(missed, key=lambda m: float(m.sum()))
    limit = float(best.sum()) + math.sqrt(best.size) * float(best.std(ddof=1))
    return max(float(s) for s, m in zip(_STRENGTHS, missed, strict=True) if m.sum() <= limit)


def _cross_validation(problem: _Problem, strength: float) -> Floats:
    """(2n,) squares of how far each part is from what the other predicts.

    What a part does not hold, R∞ and L, is fitted to the other.
    """
    of_real = _not_negative(problem.real_columns, problem.real, problem.curvature, strength)
    of_imaginary = _not_negative(
        problem.imaginary_columns, problem.imaginary, problem.curvature, strength
    )
    missed = []
    for data, columns, found in (
        (problem.imaginary, problem.imaginary_columns, of_real),
        (problem.real, problem.real_columns, of_imaginary),
    ):
        rest = data - columns[:, 1:] @ found[1:]
        own = columns[:, 0]
        missed.append(rest - own * max(float(own @ rest) / float(own @ own), 0.0))
    return np.concatenate(missed) ** 2


def _peaks(areas: Floats) -> list[slice]:
    """From valley to valley around each maximum; a valley is lower than 90 % of both sides."""
    padded = np.concatenate(([-1.0], areas, [-1.0]))
    tops = [k for k in range(areas.size) if padded[k] < padded[k + 1] >= padded[k + 2]]
    kept: list[int] = []
    for top in tops:
        if areas[top] <= 0.0:
            continue
        if kept:
            valley = float(areas[kept[-1] : top + 1].min())
            if valley > 0.9 * min(areas[kept[-1]], areas[top]):
                if areas[top] > areas[kept[-1]]:
                    kept[-1] = top
                continue
        kept.append(top)
    edges = [0]
    for one, other in pairwise(kept):
        edges.append(one + int(np.argmin(areas[one : other + 1])))
    edges.append(areas.size)
    return [slice(a, b) for a, b in pairwise(edges)] if kept else []


def _measure(tau_s: Floats, areas: Floats, bounds: list[slice]) -> list[tuple[float, float]]:
    """(mean ln τ by γ², area) of each peak; NaN where nothing is in it."""
    measured = []
    for piece in bounds:
        area = float(areas[piece].sum())
        squares = areas[piece] ** 2  # ripple beside the peak hardly counts
        place = math.nan
        if area > 0.0:
            place = float(squares @ np.log(tau_s[piece])) / float(squares.sum())
        measured.append((place, area))
    return measured


def _bootstrap(
    problem: _Problem,
    found: Floats,
    strength: float,
    residual: Floats,
    tau_s: Floats,
    bounds: list[slice],
) -> list[list[tuple[float, float]]]:
    rng = np.random.default_rng(_SEED)
    fitted = _impedance(problem, found)
    drawn = []
    for _ in range(_BOOTSTRAPS):
        data = fitted + rng.choice(residual, residual.size)
        again = _solve(problem, strength, data)
        drawn.append(_measure(tau_s, again[2:] * problem.size_ohm, bounds))
    return drawn


def _relaxation(
    place: float,
    area: float,
    moved: list[tuple[float, float]],
    again: Floats,
    inside_s: tuple[float, float],
    whole: float,
) -> Relaxation:
    tau = math.exp(place)
    shift = max(abs(one[0] - place) for one in moved)
    change = max(abs(one[1] - area) for one in moved)
    flags: tuple[str, ...] = ()
    if not inside_s[0] <= tau <= inside_s[1]:
        flags = ("beyond the measured frequencies: its arc is not closed",)
    elif not shift <= 0.5 or math.hypot(change, float(np.nanstd(again[:, 1]))) > _UNSURE * area:
        flags = ("its area is uncertain by over a third: no peak to rely on",)
    constant = Result(
        "relaxation_time",
        tau,
        "s",
        METHOD,
        f"{0.5 / math.pi / tau:.4g} Hz",
        random=tau * float(np.nanstd(again[:, 0])),
        systematic=tau * min(shift, 10.0) if math.isfinite(shift) else None,
        flags=flags,
    )
    resistance = replace(
        constant,
        key="relaxation_resistance",
        name="",
        value=area,
        unit="Ohm",
        basis=f"{area / whole:.1%} of the polarisation",
        random=float(np.nanstd(again[:, 1])),
        systematic=change,
    )
    return Relaxation(constant, resistance)
