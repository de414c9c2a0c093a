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


def electrons_from_levich(
    slope: Result,
    *,
    diffusion_m2_per_s: float,
    area_m2: float,
    kinematic_viscosity_m2_per_s: float,
    concentration_mol_per_m3: float,
) -> Result:
    """n from |i_L|/√ω (A s^½), by Levich's equation; its relative uncertainty is the slope's."""
    method = "Levich slope over that of one electron"
    if slope.value is None:
        return Result("electrons", None, "1", method, reason=slope.reason)
    one_A = levich_current_A(
        1.0,
        electrons=1.0,
        area_m2=area_m2,
        diffusion_m2_per_s=diffusion_m2_per_s,
        kinematic_viscosity_m2_per_s=kinematic_viscosity_m2_per_s,
        concentration_mol_per_m3=concentration_mol_per_m3,
    )
    basis = f"D = {diffusion_m2_per_s:g} m2/s; {slope.basis}"
    return slope.scaled(1.0 / one_A, key="electrons", unit="1", method=method, basis=basis)


def diffusion_from_levich(
    slope: Result,
    *,
    electrons: float,
    area_m2: float,
    kinematic_viscosity_m2_per_s: float,
    concentration_mol_per_m3: float,
) -> Result:
    """D in m²/s from |i_L|/√ω (A s^½): it goes with the slope to the power of 3/2."""
    key, method = "diffusion_coefficient", "Levich slope"
    if slope.value is None:
        return Result(key, None, "m2/s", method, reason=slope.reason)
    one_A = levich_current_A(
        1.0,
        electrons=electrons,
        area_m2=area_m2,
        diffusion_m2_per_s=1.0,
        kinematic_viscosity_m2_per_s=kinematic_viscosity_m2_per_s,
        concentration_mol_per_m3=concentration_mol_per_m3,
    )
    value = math.pow(slope.value / one_A, 1.5)
    random = 1.5 * value * (slope.random or 0.0) / slope.value
    return Result(
        key, value, "m2/s", method, f"n = {electrons:g}; {slope.basis}", random=random,
        flags=slope.flags,
    )  # fmt: skip
