"""Uncompensated resistance, and potentials without its drop.

E(corrected) = E(measured) − (1 − f)·I·R_u, with f the fraction that the instrument has already
compensated. The sign comes from the current alone: with anodic currents positive, an anodic current
makes the measured potential too positive, wherever on the scale it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.results import Result, missing

_NAME = "uncompensated resistance"
_DOMINANT_FRACTION = 0.5
_FEWEST_POINTS = 5
_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class OhmicCorrection:
    """Potentials without the ohmic drop, beside what was taken off; arrays of one shape."""

    potential_V: NDArray[np.float64]
    drop_V: NDArray[np.float64]
    """(1 − f)·I·R_u; the measured potential is the sum of both."""
    uncertainty_V: NDArray[np.float64]
    """Standard uncertainty from that of the resistance; it is common to all points."""
    remaining_resistance_ohm: float
    flags: tuple[str, ...]


def correct_ohmic_drop(
    potential_V: ArrayLike,
    current_A: ArrayLike,
    resistance_ohm: float,
    *,
    compensated_fraction: float,
    uncertainty_ohm: float = 0.0,
    open_circuit_V: float | None = None,
) -> OhmicCorrection:
    """Potentials (V) without the drop of the current (A) in the resistance not yet compensated.

    `compensated_fraction` has no default: 0 for raw potentials, 0.85 where the instrument
    compensated 85 % during the measurement, 1 where the file is already corrected. With
    `open_circuit_V`, a drop above half of the polarisation is flagged. Raises `InputError` (E774).
    """
    if not 0.0 <= compensated_fraction <= 1.0:
        raise InputError(
            Diagnostic(
                "E774",
                f"the compensated fraction is {compensated_fraction:g}; it lies from 0 to 1",
                help="write 0 for raw potentials, 0.85 for 85 % compensated by the instrument",
            )
        )
    if not (0.0 <= resistance_ohm < math.inf and 0.0 <= uncertainty_ohm < math.inf):
        raise InputError(
            Diagnostic(
                "E774",
                f"the resistance is {resistance_ohm:g} ± {uncertainty_ohm:g} ohm",
                help="give finite numbers of at least 0, in ohm: resistance_ohm=5.0",
            )
        )
    measured_V, I_A = np.asarray(potential_V, float), np.asarray(current_A, float)
    if measured_V.shape != I_A.shape:
        raise InputError(
            Diagnostic(
                "E774",
                f"potentials of shape {measured_V.shape} and currents of shape {I_A.shape}",
                help="give one current for each potential",
            )
        )
    left = 1.0 - compensated_fraction
    drop_V = left * resistance_ohm * I_A
    flags = []
    if open_circuit_V is not None:
        polarisation_V = np.abs(measured_V - open_circuit_V)
        share = np.mean(np.abs(drop_V) > _DOMINANT_FRACTION * polarisation_V)
        if share > 0.0:
            flags.append(f"the drop is over half of the polarisation in {share:.0%} of the points")
    return OhmicCorrection(
        measured_V - drop_V,
        drop_V,
        np.abs(left * uncertainty_ohm * I_A),
        left * resistance_ohm,
        tuple(flags),
    )


def resistance_from_impedance(frequency_Hz: ArrayLike, impedance_ohm: ArrayLike) -> Result:
    """The high-frequency intercept of a spectrum (complex ohm) with the real axis.

    Where the top of the spectrum is inductive, Z′ is read where Z″ changes sign, from a line
    through the points around. Otherwise Z′ is extrapolated to Z″ = 0 as a parabola in −Z″, which
    holds to first order for a resistance in series with a capacitance, a constant-phase element or
    their arcs; outlying points lose their weight (Tukey's biweight). The number of points is
    varied: the median is the value, the distance within which 68 % of the others lie from it the
    systematic uncertainty.

    Raises `InputError` (E775) for arrays that are no spectrum.
    """
    f_Hz, Z = np.asarray(frequency_Hz, float), np.asarray(impedance_ohm, complex)
    if f_Hz.ndim != 1 or f_Hz.shape != Z.shape or not np.all(f_Hz > 0.0):
        raise InputError(
            Diagnostic(
                "E775",
                "an impedance spectrum needs one complex impedance for each positive frequency",
                help="give two arrays of one length: [1e5, 1e4] and [5-1j, 7-3j]",
            )
        )
    usable = np.isfinite(Z)
    order = np.argsort(-f_Hz[usable])
    Z = Z[usable][order]
    if len(Z) < _FEWEST_POINTS:
        return missing(
            _NAME, "ohm", "high-frequency intercept", f"fewer than {_FEWEST_POINTS} points"
        )
    real, height = Z.real, -Z.imag
    turn = int(np.argmax(height > 0.0))
    if height[turn] <= 0.0:
        return missing(
            _NAME, "ohm", "high-frequency intercept", "the whole spectrum is inductive: Z″ > 0"
        )
    if turn > 0:
        method = "Z′ where Z″ changes sign"
        fits = [
            _intercept(
                real[max(0, turn - half) : turn + half],
                height[max(0, turn - half) : turn + half],
                1,
            )
            for half in (2, 3, 4)
        ]
    else:
        method = "Z′ extrapolated to Z″ = 0"
        rising = _rising_length(height)
        longest = max(_FEWEST_POINTS, min(rising, 15, len(Z)))
        fits = [_intercept(real[:k], height[:k], 2) for k in range(_FEWEST_POINTS, longest + 1)]
    values = np.array([fit[0] for fit in fits])
    value = float(np.median(values))
    flags = []
    if value <= 0.0:
        flags.append("the intercept is not positive: the spectrum does not reach high enough")
    if turn == 0 and height[0] > 0.2 * abs(value):
        flags.append("extrapolated far: the highest frequency still has −Z″ above 20 % of R_u")
    return Result(
        _NAME,
        value,
        "ohm",
        method,
        basis=f"{len(fits)} windows at the high-frequency end",
        random=float(np.median([fit[1] for fit in fits])),
        systematic=float(np.quantile(np.abs(values - value), 0.68)),
        flags=tuple(flags),
    )


def resistance_from_interrupt(
    time_s: ArrayLike,
    potential_V: ArrayLike,
    *,
    current_A: float,
    interrupt_time_s: float,
    dead_time_s: float,
    window_s: float,
) -> Result:
    """R_u = (E before − E just after)/I from the potential (V) around an interrupt of the current.

    The potential after the interrupt, without the first `dead_time_s` (ringing, slew), is
    extrapolated back over `window_s` as a parabola in time; what a line would give instead is the
    systematic uncertainty. Before it, the mean of the last `window_s` counts. `current_A` is the
    current before, anodic positive. Raises `InputError` (E776) for a current of zero.
    """
    method = "current interrupt, extrapolated back as a parabola"
    if current_A == 0.0 or not math.isfinite(current_A):
        raise InputError(
            Diagnostic(
                "E776",
                f"the current before the interrupt is {current_A:g} A",
                help="give the current that flowed until then, anodic positive: current_A=-0.05",
            )
        )
    t_s, E_V = np.asarray(time_s, float) - interrupt_time_s, np.asarray(potential_V, float)
    before = (t_s < 0.0) & (t_s >= -window_s)
    after = (t_s >= dead_time_s) & (t_s <= dead_time_s + window_s) & (t_s > 0.0)
    if np.count_nonzero(before) < 2 or np.count_nonzero(after) < _FEWEST_POINTS:
        return missing(
            _NAME,
            "ohm",
            method,
            f"needs 2 points before and {_FEWEST_POINTS} after the interrupt within window_s;"
            f" there are {np.count_nonzero(before)} and {np.count_nonzero(after)}",
        )
    ends = [_polynomial_at_zero(t_s[after], E_V[after], np.ones(after.sum()), k) for k in (2, 1)]
    before_V = float(np.mean(E_V[before]))
    before_u_V = float(np.std(E_V[before], ddof=1) / math.sqrt(before.sum()))
    value = (before_V - ends[0][0]) / current_A
    return Result(
        _NAME,
        value,
        "ohm",
        method,
        basis=f"{after.sum()} points from {dead_time_s:g} s after the interrupt",
        random=math.hypot(before_u_V, ends[0][1]) / abs(current_A),
        systematic=abs(ends[1][0] - ends[0][0]) / abs(current_A),
        flags=("negative: is the current's sign anodic positive?",) if value < 0.0 else (),
    )


def compare_resistances(before: Result, after: Result) -> Result:
    """Relative drift of R_u between two measurements; above 10 % it is flagged."""
    name, method = "drift of the uncompensated resistance", "(after − before)/before"
    if before.value is None or after.value is None or before.value == 0.0:
        return missing(name, "1", method, before.reason or after.reason or "R_u before is zero")
    drift = after.value / before.value - 1.0
    flags = ("R_u changed by more than 10 % during the experiment",) if abs(drift) > 0.1 else ()
    return Result(name, drift, "1", method, flags=flags)


def _rising_length(height: NDArray[np.float64]) -> int:
    """Points from the top frequency until −Z″ has grown tenfold or starts to fall for good."""
    far = np.flatnonzero(height > 10.0 * abs(height[0]))
    summit = int(np.argmax(height)) // 2
    return min(int(far[0]) if far.size else len(height), max(summit, _FEWEST_POINTS))


def _intercept(
    real: NDArray[np.float64], height: NDArray[np.float64], degree: int
) -> tuple[float, float]:
    """(Z′ at Z″ = 0, its standard error) with Tukey's biweight."""
    weights = np.ones(len(real))
    value = _polynomial_at_zero(height, real, weights, degree)
    for _ in range(_ROUNDS):
        residuals = value[2]
        scale = 1.4826 * float(np.median(np.abs(residuals)))
        if scale <= 1e-12 * float(np.max(np.abs(real))):
            break
        u = residuals / (4.685 * scale)
        renewed = np.where(np.abs(u) < 1.0, (1.0 - u**2) ** 2, 0.0)
        if np.count_nonzero(renewed) <= degree + 1 or np.allclose(renewed, weights, atol=1e-3):
            break
        weights = renewed
        value = _polynomial_at_zero(height, real, weights, degree)
    return value[0], value[1]


def _polynomial_at_zero(
    x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64], degree: int
) -> tuple[float, float, NDArray[np.float64]]:
    """(value at x = 0, standard error, residuals) of a weighted polynomial fit."""
    scale = float(np.max(np.abs(x)))
    design = np.vander(x / scale, degree + 1, increasing=True)
    root = np.sqrt(weights)[:, None]
    inverse = np.linalg.pinv(design * root)
    coefficients = inverse @ (y * root[:, 0])
    residuals = y - design @ coefficients
    freedom = max(int(np.count_nonzero(weights)) - degree - 1, 1)
    variance = float(np.sum(weights * residuals**2)) / freedom
    return (
        float(coefficients[0]),
        math.sqrt(variance * float(np.sum(inverse[0] ** 2))),
        residuals,
    )
