"""Standard rate constant from the peak separation (Nicholson 1965)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import (
    Floats,
    per_volt,
    positive,
    series,
    straight_line,
    table,
)
from faradaic.quantities.constants import (
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result, missing

_REVERSIBLE_mV = (
    np.array([141.0, 150.0, 200.0, 300.0, 400.0, 500.0]),
    np.array([58.95, 58.78, 58.16, 57.64, 57.41, 57.29]),
)
"""Turning point beyond E½ and separation of a reversible couple, n·mV at 298.15 K (Nicholson &
Shain 1964, recomputed)."""
_ALPHA_MATTERS_BELOW = 0.3
_ROUNDING_mV = 1e-6


def kinetic_parameter(
    separation_V: ArrayLike,
    *,
    electrons: int = 1,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    switching_V: float = 0.5,
) -> Floats:
    """Nicholson's ψ = k⁰/√(π D nFν/RT) of peak separations in V; NaN outside the table.

    `switching_V` says how far beyond E½ the sweep turned, 0.141/n to 0.5/n V or more (beyond half a
    volt nothing changes). α is 0.5. ln ψ is interpolated in ln(ΔE_p − ΔE_p,reversible), in which it
    is almost straight.
    """
    psi, near, far = table("nicholson", "psi", "n_separation_mV_141", "n_separation_mV_500")
    to_mV = 1e3 * electrons * STANDARD_TEMPERATURE_K / temperature_K
    turn_mV, x_mV = to_mV * switching_V, to_mV * np.asarray(separation_V, float)
    turns_mV, reversible_mV = _REVERSIBLE_mV
    if turn_mV < turns_mV[0] - 0.5:
        return np.full_like(x_mV, np.nan)
    here_mV = float(np.interp(turn_mV, turns_mV, reversible_mV))
    share = (here_mV - reversible_mV[-1]) / (reversible_mV[0] - reversible_mV[-1])
    table_mV = share * near + (1.0 - share) * far
    inside = (x_mV >= table_mV[0] - _ROUNDING_mV) & (x_mV <= table_mV[-1] + _ROUNDING_mV)
    beyond_mV = np.where(inside, x_mV, np.nan) - here_mV
    return np.exp(np.interp(np.log(beyond_mV), np.log(table_mV - here_mV), np.log(psi)))


def standard_rate_constant(
    scan_rate_V_per_s: ArrayLike,
    separation_V: ArrayLike,
    *,
    diffusion_m2_per_s: float,
    relative_diffusion_uncertainty: float = 0.0,
    separation_uncertainty_V: float = 0.0,
    electrons: int = 1,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    switching_V: float = 0.5,
) -> Result:
    """k⁰ in m/s, mean over the scan rates (V/s) whose ohmic-corrected ΔE_p (V) lies in the table.

    An ohmic drop widens the pair almost as slow kinetics does, at every scan rate, so nothing in
    the series shows it: correct the potentials first, which leaves a smaller error because the
    interface was scanned more slowly. Hence `separation_uncertainty_V` is systematic.
    """
    key, method = "standard_rate_constant", "Nicholson 1965, exact table, alpha 0.5"
    rate, gap_V = series(scan_rate_V_per_s, separation_V, at_least=1, what="separations")
    positive(electrons=electrons, temperature_K=temperature_K)
    positive(diffusion_m2_per_s=diffusion_m2_per_s)

    def psi_of(gaps_V: Floats) -> Floats:
        return kinetic_parameter(
            gaps_V, electrons=electrons, temperature_K=temperature_K, switching_V=switching_V
        )

    psi = psi_of(gap_V)
    per_s = per_volt(electrons, temperature_K) * rate
    scale = np.sqrt(math.pi * diffusion_m2_per_s * per_s)
    inside = np.isfinite(psi)
    if not np.any(inside):
        return missing(
            key,
            "m/s",
            method,
            "no separation between 58.6/n mV (reversible) and 217/n mV (irreversible) at 25 degC,"
            " with a sweep at least 141/n mV beyond the half-wave potential",
        )
    k0 = psi[inside] * scale[inside]
    value = float(k0.mean())
    flags = []
    if not np.all(inside):
        flags.append(f"{np.count_nonzero(~inside)} of {len(psi)} separations are outside the table")
    if np.any(psi[inside] < _ALPHA_MATTERS_BELOW):
        flags.append("psi below 0.3, where the separation depends on alpha (taken as 0.5)")
    if len(k0) > 2:
        trend = straight_line(np.log(rate[inside]), np.log(k0))
        if abs(trend.slope) > max(0.05, 2.0 * trend.slope_error):
            flags.append("k0 drifts with the scan rate: not one quasi-reversible electron transfer")
    systematic = 0.5 * relative_diffusion_uncertainty * value
    if separation_uncertainty_V > 0.0:
        moved = psi_of(gap_V[inside] + separation_uncertainty_V)
        if np.all(np.isfinite(moved)):
            shift = value - float(np.mean(moved * scale[inside]))
            systematic = math.hypot(systematic, shift)
        else:
            flags.append("the uncertainty of the separations leads out of the table")
    return Result(
        key,
        value,
        "m/s",
        method,
        basis=f"{len(k0)} scan rates, psi {psi[inside].min():.3g} to {psi[inside].max():.3g}",
        random=float(k0.std(ddof=1)) / math.sqrt(len(k0)) if len(k0) > 1 else None,
        systematic=systematic,
        flags=tuple(flags),
    )
