"""The steady-state wave: half-wave potential, limiting current, and how steep it is.

i = i_0 + (i_L − i_0)/(1 + exp(∓(E − E½)/w)) at a rotating disc or a microelectrode; w = RT/nF for
a reversible couple (Tomeš 1937: |E¾ − E¼| = 56.4/n mV at 25 °C).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import Floats, paired, positive
from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result, missing

TOMES: Final = 2.0 * math.log(3.0)
"""|E¾ − E¼|·nF/RT of a reversible wave."""
_FEWEST = 8
_REVERSIBLE_WITHIN = 0.05
_PLATEAU_WITHIN = 0.97
_SHAPE_WITHIN = 0.02


@dataclass(frozen=True, slots=True)
class Wave:
    """One sigmoid wave, all from one fit."""

    half_wave_potential: Result
    """V."""
    limiting_current: Result
    """A, from foot to plateau: negative for a reduction."""
    foot_current: Result
    """A, before the wave."""
    tomes_width: Result
    """|E¾ − E¼|, V."""
    electrons: Result
    """Of a reversible wave as steep as this one."""


def steady_state_wave(
    potential_V: ArrayLike,
    current_A: ArrayLike,
    *,
    electrons: int | None = None,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> Wave | Result:
    """Fit one steady-state wave: V and A in any order, anodic positive.

    Slopes that are not RT/nF for the given `electrons`, a plateau or foot that was not reached, and
    residuals beyond 2 % of the wave are flagged. A `Result` with the reason where there is no wave.
    """
    from scipy.optimize import least_squares

    key, method = "half_wave_potential", "fit of a sigmoid steady-state wave"
    E_V, i_A = paired(potential_V, current_A, at_least=_FEWEST, what="a wave's points")
    positive(temperature_K=temperature_K)
    order = np.argsort(E_V, kind="stable")
    E_V, i_A = E_V[order], i_A[order]
    span_V, height_A = float(np.ptp(E_V)), float(np.ptp(i_A))
    if span_V == 0.0 or height_A == 0.0:
        return missing(key, "V", method, "current or potential does not change")
    thermal_V = GAS_CONSTANT_J_PER_MOL_K * temperature_K / FARADAY_C_PER_MOL
    middle = float(E_V[np.argmin(np.abs(i_A - 0.5 * (i_A.min() + i_A.max())))])
    low_A, high_A = float(i_A.min()), float(i_A.max())

    def model(x: Floats) -> Floats:
        return np.asarray(x[0] + x[1] * _share((E_V - x[2]) / math.exp(x[3])), float)

    def residual(x: Floats) -> Floats:
        return (model(x) - i_A) / height_A

    start = [low_A, high_A - low_A, middle, math.log(thermal_V / (electrons or 1))]
    scale = [height_A, height_A, span_V, 1.0]
    found = least_squares(residual, start, x_scale=scale, xtol=1e-14, ftol=1e-14, gtol=1e-14)
    base_A, rise_A, half_V, log_width = map(float, found.x)
    if rise_A <= 0.0 or not E_V[0] < half_V < E_V[-1]:
        return missing(
            key, "V", method, "the current does not rise as a wave within the potentials"
        )
    width_V = math.exp(log_width)
    variance = 2.0 * float(found.cost) / (len(E_V) - 4)
    axes = np.linalg.pinv(found.jac.T @ found.jac) * variance
    errors = [math.sqrt(max(float(v), 0.0)) for v in np.diag(axes)]
    # a reduction has its foot on the anodic side, where the current is nearest to zero
    cathodic = abs(base_A) > abs(base_A + rise_A)
    foot_A, limit_A = (base_A + rise_A, -rise_A) if cathodic else (base_A, rise_A)
    flags = _flags(E_V, half_V, width_V, math.sqrt(2.0 * float(found.cost) / len(E_V)))
    apparent = thermal_V / width_V
    steep = list(flags)
    if electrons and abs(apparent / electrons - 1.0) > _REVERSIBLE_WITHIN:
        steep.append(f"not a reversible wave of {electrons} electrons: kinetics or ohmic drop")
    basis = f"{len(E_V)} points, {'reduction' if cathodic else 'oxidation'}"

    def result(key: str, unit: str, value: float, error: float, odd: list[str]) -> Result:
        return Result(key, value, unit, method, basis, random=error, flags=tuple(odd))

    foot_error = math.hypot(errors[0], errors[1]) if cathodic else errors[0]
    return Wave(
        result(key, "V", half_V, errors[2], flags),
        result("limiting_current", "A", limit_A, errors[1], flags),
        result("current_before_the_wave", "A", foot_A, foot_error, flags),
        result("tomes_width", "V", TOMES * width_V, TOMES * width_V * errors[3], steep),
        result("electrons_of_the_wave_if_reversible", "1", apparent, apparent * errors[3], steep),
    )


def _share(x: Floats) -> Floats:
    """1/(1 + exp(−x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), float)


def _flags(E_V: Floats, half_V: float, width_V: float, off: float) -> list[str]:
    flags = []
    low, high = (float(v) for v in _share((E_V[[0, -1]] - half_V) / width_V))
    if high < _PLATEAU_WITHIN:
        flags.append(f"at the anodic end only {high:.0%} of the wave are reached")
    if 1.0 - low < _PLATEAU_WITHIN:
        flags.append(f"at the cathodic end only {1.0 - low:.0%} of the wave are reached")
    if off > _SHAPE_WITHIN:
        flags.append(f"the points lie {off:.0%} of the wave off a sigmoid: it is not one wave")
    return flags
