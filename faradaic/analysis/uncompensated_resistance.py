"""The uncompensated resistance, from an impedance spectrum or a current interrupt."""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.analysis.impedance.fitting import CircuitFit, fit_circuit
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum, refusal
from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.diagnostics import InputError
from faradaic.results import Result, missing

_KEY = "uncompensated_resistance"
_CELLS = ("R0+Q1", "R0+(R1|Q1)", "R0+(Q1|(R1+W1))")
_MODELS = (*_CELLS, *(f"L0+{cell}" for cell in _CELLS))
_FEWEST = 6
_DECADES = 2.0
_RIVAL = 4.0
_OUTLYING = 6.0
"""Times the median residual, from which a point counts as far off."""
_OUTLYING_LEAST = 1e-3
"""And the least residual, relative to |Z|."""
_FEWEST_AFTER_INTERRUPT = 5
_SHORTEST_OF_DEAD_TIME = 30.0
"""A relaxation this much faster than the dead time is not looked for."""
_NEARLY_AS_GOOD = 1.5
"""Times the residual of the best law, up to which another is as likely."""
_UNSURE = 0.1
"""Share of R_u beyond which the choice of the law is worth a flag."""
_NOT_TOLD = 0.3
"""And beyond which, where the beginning of the relaxation was not seen, there is no value."""


def uncompensated_resistance(spectrum: ImpedanceSpectrum) -> Result:
    """R_u with its uncertainty, from the highest two decades of frequency, at least six points.

    A resistance is fitted with a constant phase element, alone, with a charge transfer beside it
    and with the diffusion of Randles' circuit, each with and without the inductance of the leads;
    AICc chooses. Single points far off the fit are left out, which is flagged. The random
    uncertainty is that of the fit; the systematic one is the spread of the values over the models
    whose AICc comes within 4 of the best. Raises `InputError` below six points.
    """
    if spectrum.frequency_Hz.size < _FEWEST:
        raise refusal(
            f"{spectrum.frequency_Hz.size} points are too few for R_u",
            f"give {_FEWEST} frequencies or more, up to 10 kHz or above",
        )
    top = spectrum.frequency_Hz >= spectrum.frequency_Hz[0] / 10.0**_DECADES * (1.0 - 1e-9)
    count = max(int(top.sum()), _FEWEST)
    part = ImpedanceSpectrum(spectrum.frequency_Hz[:count], spectrum.impedance_ohm[:count])
    fits = _fits(part)
    flags = []
    off = np.abs(fits[0].residual)
    outlying = off > max(_OUTLYING * float(np.median(off)), _OUTLYING_LEAST)
    if 0 < outlying.sum() <= max(1, count // 10) and count - outlying.sum() >= _FEWEST:
        flags.append(f"points far off the others left out: {outlying.sum()}")
        kept = ~outlying
        part = ImpedanceSpectrum(part.frequency_Hz[kept], part.impedance_ohm[kept])
        fits = _fits(part)
    rivals = [fit for fit in fits if fit.aicc <= fits[0].aicc + _RIVAL]
    resistances, errors = zip(*(_resistance(fit) for fit in rivals), strict=True)
    value, random = resistances[0], errors[0]
    if value < 0.5 * float(part.impedance_ohm.real.min()):
        flags.append("far below every measured Z': measure to higher frequencies")
    if random > 0.1 * value:
        flags.append("uncertain by more than 10 %")
    return Result(
        _KEY,
        value,
        "ohm",
        f"intercept of {fits[0].circuit.text} fitted from "
        f"{part.frequency_Hz[-1]:g} to {part.frequency_Hz[0]:g} Hz",
        "high-frequency intercept",
        random,
        float(np.std(resistances)),
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
    extrapolated back over `window_s`: as a parabola in time, or as a − b ln(1 + t/τ), which is how
    a double layer discharges through a Tafel reaction (C dη/dt = −i₀ exp(η/b)), whichever lies
    closest to the points. What those give that lie nearly as close (other τ, and a line instead of
    the parabola), what the first half of the points alone gives, and how far a logarithm moves
    per e-fold of time at the first point, are the systematic uncertainty, the largest of them.
    What relaxed within `dead_time_s` cannot be told from an ohmic drop, which is flagged; where the
    uncertainty is then above three tenths, there is no value, and the reason says what R_u is at
    most: all that was lost by the first point. Before the interrupt, the mean of the last
    `window_s` counts. `current_A` is the current before,
    anodic positive. Raises `InputError` (E776) for a current of zero.
    """
    found = partial(Result, _KEY, unit="ohm", method="current interrupt, extrapolated back")
    if current_A == 0.0 or not math.isfinite(current_A):
        raise InputError.of(
            f"the current before the interrupt is {current_A:g} A",
            help="give the current that flowed until then, anodic positive: current_A=-0.05",
            code="E776",
        )
    t_s, E_V = np.asarray(time_s, float) - interrupt_time_s, np.asarray(potential_V, float)
    before = (t_s < 0.0) & (t_s >= -window_s)
    after = (t_s >= dead_time_s) & (t_s <= dead_time_s + window_s) & (t_s > 0.0)
    if np.count_nonzero(before) < 2 or np.count_nonzero(after) < _FEWEST_AFTER_INTERRUPT:
        return found(
            None,
            reason=f"needs 2 points before and {_FEWEST_AFTER_INTERRUPT} after the interrupt within"
            f" window_s; there are {np.count_nonzero(before)} and {np.count_nonzero(after)}",
        )
    t_after, E_after = t_s[after], E_V[after]
    best, rivals = _extrapolated(t_after, E_after, dead_time_s)
    first_s, logarithms = float(np.min(t_after)), [f for f in (best, *rivals) if f.tau_s]
    begun_V = [fit.efold_V * first_s / (first_s + fit.tau_s) for fit in logarithms]
    unseen = any(fit.tau_s < first_s for fit in logarithms)
    half = t_after <= 0.5 * float(np.max(t_after))
    if np.count_nonzero(half) >= _FEWEST_AFTER_INTERRUPT:
        rivals = [*rivals, _extrapolated(t_after[half], E_after[half], dead_time_s)[0]]
    law = "a − b ln(1 + t/τ)" if best.tau_s else "a parabola"
    before_V = float(np.mean(E_V[before]))
    before_u_V = float(np.std(E_V[before], ddof=1) / math.sqrt(before.sum()))
    value = (before_V - best.value_V) / current_A
    off_V = [abs(fit.value_V - best.value_V) for fit in rivals]
    systematic = max(*off_V, *begun_V, 0.0) / abs(current_A)
    if unseen and systematic > _NOT_TOLD * abs(value):
        most = (before_V - float(E_after[np.argmin(t_after)])) / current_A
        return found(
            None,
            bounds=(None, most),
            reason=f"at most {most:.3g} ohm: what relaxed in the {first_s * 1e3:.2g} ms before the"
            " first point cannot be told from the ohmic drop; take a spectrum",
        )
    flags = ["negative: is the current's sign anodic positive?"] if value < 0.0 else []
    if systematic > _UNSURE * abs(value):
        flags.append("relaxes so fast that the extrapolation decides: a spectrum tells it better")
    if unseen:
        flags.append(
            f"what relaxed in the first {dead_time_s:g} s is not seen, and may put it far off"
        )
    return found(
        value,
        method=f"current interrupt, extrapolated back as {law}",
        basis=f"{after.sum()} points from {dead_time_s:g} s after the interrupt",
        random=math.hypot(before_u_V, best.error_V) / abs(current_A),
        systematic=systematic,
        flags=tuple(flags),
    )


def compare_resistances(before: Result, after: Result) -> Result:
    """Relative drift of R_u between two measurements; above 10 % it is flagged."""
    key, method = "drift_of_the_uncompensated_resistance", "(after − before)/before"
    if before.value is None or after.value is None or before.value == 0.0:
        return missing(key, "1", method, before.reason or after.reason or "R_u before is zero")
    drift = after.value / before.value - 1.0
    flags = ("R_u changed by more than 10 % during the experiment",) if abs(drift) > 0.1 else ()
    return Result(key, drift, "1", method, flags=flags)


def _fits(spectrum: ImpedanceSpectrum) -> list[CircuitFit]:
    """Of all models that the points can carry, the best first."""
    parsed = ((model, len(parse_circuit(model).parameters)) for model in _MODELS)
    able = [model for model, count in parsed if 2 * spectrum.frequency_Hz.size >= count + 3]
    return sorted((fit_circuit(spectrum, model) for model in able), key=lambda fit: fit.aicc)


def _resistance(fit: CircuitFit) -> tuple[float, float]:
    at = [parameter.name for parameter in fit.circuit.parameters].index("R0")
    return float(fit.parameters[at]), float(fit.standard_errors[at])


class _AtZero(NamedTuple):
    """A law that was fitted to points, at x = 0."""

    value_V: float
    error_V: float
    """Standard error."""
    residual_V: float
    """Root mean square."""
    tau_s: float = 0.0
    """Of a logarithm; 0 for a polynomial."""
    efold_V: float = 0.0
    """How far a logarithm moves for each e-fold of time, long after τ."""


def _extrapolated(
    t_s: NDArray[np.float64], E_V: NDArray[np.float64], dead_time_s: float
) -> tuple[_AtZero, list[_AtZero]]:
    """The law that lies closest to the points, and those nearly as close."""
    parabola, line = (_polynomial_at_zero(t_s, E_V, degree) for degree in (2, 1))
    relaxed = _logarithms_at_zero(t_s, E_V, dead_time_s)
    best = min((parabola, *relaxed), key=lambda fit: fit.residual_V)
    near_V = _NEARLY_AS_GOOD * best.residual_V
    rivals = [fit for fit in (parabola, *relaxed) if fit.residual_V <= near_V]
    return best, rivals + ([line] if best is parabola else [])


def _polynomial_at_zero(x: NDArray[np.float64], y: NDArray[np.float64], degree: int) -> _AtZero:
    return _fitted(np.vander(x / np.max(np.abs(x)), degree + 1, increasing=True), y, degree + 1)


def _logarithms_at_zero(
    x: NDArray[np.float64], y: NDArray[np.float64], dead_time_s: float
) -> list[_AtZero]:
    """One for each τ."""
    shortest_s = max(dead_time_s, float(np.min(x))) / _SHORTEST_OF_DEAD_TIME
    taus_s = np.geomspace(shortest_s, 10.0 * float(np.max(x)), 60)
    ones = np.ones_like(x)
    found = []
    for tau_s in taus_s:
        fit = _fitted(np.column_stack((ones, np.log1p(x / tau_s))), y, 3)
        found.append(fit._replace(tau_s=float(tau_s)))
    return found


def _fitted(design: NDArray[np.float64], y: NDArray[np.float64], parameters: int) -> _AtZero:
    """By least squares; the first column of the design is that of the value at zero."""
    inverse = np.linalg.pinv(design)
    coefficients = inverse @ y
    squares = float(np.sum((y - design @ coefficients) ** 2))
    variance = squares / max(len(y) - parameters, 1)
    error_V = math.sqrt(variance * float(np.sum(inverse[0] ** 2)))
    efold_V = abs(float(coefficients[1]))
    return _AtZero(float(coefficients[0]), error_V, math.sqrt(squares / len(y)), efold_V=efold_V)
