"""Rotating-disc currents: Levich (1942), Koutecký & Levich (1958)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import paired, positive, straight_line
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.results import Result

LEVICH: Final = 0.62048
"""Levich's coefficient for ω in rad/s, at an infinite Schmidt number."""


@dataclass(frozen=True, slots=True)
class KouteckyLevichFit:
    """At one potential: what the current would be without mass transport, and the slope."""

    kinetic_current: Result
    """A, of the sign of the currents."""
    levich_slope: Result
    """|i_L|/√ω in A s^½; compare it with `levich_current_A(1.0, ...)`."""
    r_squared: float


def levich_current_A(
    rotation_rad_per_s: float,
    *,
    electrons: float,
    area_m2: float,
    diffusion_m2_per_s: float,
    kinematic_viscosity_m2_per_s: float,
    concentration_mol_per_m3: float,
) -> float:
    """0.62048 nFA D^⅔ ν^−⅙ C ω^½ (Levich 1942), A; 1 to 3 % above the current of real solutions."""
    return (
        LEVICH
        * electrons
        * FARADAY_C_PER_MOL
        * area_m2
        * math.pow(diffusion_m2_per_s, 2.0 / 3.0)
        * math.pow(kinematic_viscosity_m2_per_s, -1.0 / 6.0)
        * concentration_mol_per_m3
        * math.sqrt(rotation_rad_per_s)
    )


def koutecky_levich(
    rotation_rad_per_s: ArrayLike, current_A: ArrayLike
) -> KouteckyLevichFit | Result:
    """1/i = 1/i_k + 1/(B√ω) through currents (A) at one potential and several rotations (rad/s).

    A `Result` with the reason where no such line exists. An intercept within two standard errors of
    zero (a current under pure transport control) is flagged, since i_k then has no upper bound.
    """
    method = "Koutecký–Levich, 1/i on 1/√ω, least squares"
    key = "kinetic_current"
    found = partial(Result, key, unit="A", method=method)
    omega, i_A = paired(rotation_rad_per_s, current_A, at_least=3, what="rotations and currents")
    positive(lowest_rotation_rad_per_s=float(omega.min()))
    if not (np.all(i_A > 0.0) or np.all(i_A < 0.0)):
        return found(None, reason="the currents must be all anodic or all cathodic")
    line = straight_line(1.0 / np.sqrt(omega), 1.0 / np.abs(i_A))
    if line.slope <= 0.0:
        return found(None, reason="the current does not grow with the rotation")
    if line.intercept <= 0.0:
        return found(None, reason="the line meets the axis at or below zero: i_k is open")
    flags: tuple[str, ...] = ()
    if line.intercept < 2.0 * line.intercept_error:
        flags = ("the intercept is within two standard errors of zero",)
    kinetic = found(
        math.copysign(1.0 / line.intercept, float(i_A[0])),
        basis=f"{len(omega)} rotations from {omega.min():.4g} to {omega.max():.4g} rad/s",
        random=line.intercept_error / line.intercept**2,
        flags=flags,
    )
    slope = replace(
        kinetic,
        key="levich_slope",
        name="",
        value=1.0 / line.slope,
        unit="A s^0.5",
        random=line.slope_error / line.slope**2,
        flags=(),
    )
    return KouteckyLevichFit(kinetic, slope, line.r_squared)
