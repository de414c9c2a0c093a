"""Rate constants of slow electron transfers from peak separations (Klingler & Kochi 1980)."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.arrays import per_volt, positive, series, straight_line
from faradaic.analysis.voltammetry.peaks import Peak
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import (
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result, missing

PREFACTOR: Final = 2.18
"""e^0.780, from the peak potential of an irreversible wave (Nicholson & Shain 1964)."""
HALF_PEAK_WIDTH: Final = 1.857
"""|E_p − E_p/2|·αnF/RT of an irreversible wave (Nicholson & Shain 1964)."""
IRREVERSIBLE_ABOVE: Final = 5.8
"""nFΔE_p/RT from which the limit holds within a few per cent: 149 mV at 25 °C."""


def transfer_coefficient(
    peak: Peak, *, electrons: int, temperature_K: float = STANDARD_TEMPERATURE_K
) -> Result:
    """α of an irreversible wave from |E_p − E_p/2| = 1.857 RT/(αnF); 1 − α for an anodic peak."""
    name, method = "transfer coefficient", "1.857·RT/(nF·|E_p − E_p/2|), irreversible wave"
    positive(electrons=electrons, temperature_K=temperature_K)
    if peak.half_peak_V is None:
        return missing(name, "1", method, "the sweep starts above half of the peak")
    width_V = abs(peak.potential_V - peak.half_peak_V)
    if width_V == 0.0:
        return missing(name, "1", method, "peak and half-peak fall on one potential")
    per_V = per_volt(electrons, temperature_K)
    value = HALF_PEAK_WIDTH / (per_V * width_V)
    return Result(
        name,
        value,
        "1",
        method,
        basis="anodic" if peak.anodic else "cathodic",
        random=value * peak.potential_uncertainty_V / width_V,
        flags=("above 0.85: the wave is not irreversible",) if value > 0.85 else (),
    )


def rate_constant_m_per_s(
    scan_rate_V_per_s: float,
    separation_V: float,
    *,
    diffusion_m2_per_s: float,
    electrons: int,
    alpha: float = 0.5,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> float:
    """k0 = 2.18·√(DαnFν/RT)·exp(−α²nFΔE_p/RT), one separation at one scan rate."""
    per_V = per_volt(electrons, temperature_K)
    return (
        PREFACTOR
        * math.sqrt(diffusion_m2_per_s * alpha * per_V * scan_rate_V_per_s)
        * math.exp(-(alpha**2) * per_V * separation_V)
    )


def rate_constant(
    scan_rate_V_per_s: ArrayLike,
    separation_V: ArrayLike,
    *,
    diffusion_m2_per_s: float,
    electrons: int,
    alpha: float = 0.5,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    relative_diffusion_uncertainty: float = 0.0,
    alpha_uncertainty: float = 0.0,
) -> Result:
    """k0 in m/s from peak separations (V) at one or more scan rates (V/s): their geometric mean.

    After Klingler & Kochi, J. Am. Chem. Soc. 102 (1980) 4790: peaks so far apart that each wave is
    irreversible. Smaller separations are left out (Nicholson's method is for them). The formula
    takes both waves to have the same coefficient, true at α = ½; away from it the closed form of
    two irreversible peaks, α(1 − α) in the exponent, is given in a flag. Raises `InputError`.
    """
    found = partial(Result, "standard rate constant", unit="m/s", method="Klingler–Kochi")
    rate, gap_V = series(scan_rate_V_per_s, separation_V, at_least=1, what="separations")
    positive(electrons=electrons, temperature_K=temperature_K)
    positive(diffusion_m2_per_s=diffusion_m2_per_s)
    if not 0.0 < alpha < 1.0:
        raise InputError.of(
            f"a transfer coefficient of {alpha:g} cannot be",
            help="give alpha between 0 and 1, 0.5 for a symmetric barrier",
            code="E777",
        )
    per_V = per_volt(electrons, temperature_K)
    far = gap_V * per_V >= IRREVERSIBLE_ABOVE
    least_mV = 1e3 * IRREVERSIBLE_ABOVE / per_V
    if not far.any():
        why = f"no separation reaches {least_mV:.0f} mV: use Nicholson's method"
        return found(None, reason=why)
    rate, gap_V = rate[far], gap_V[far]
    logs = np.log(PREFACTOR * np.sqrt(diffusion_m2_per_s * alpha * per_V * rate))
    logs -= alpha**2 * per_V * gap_V
    value = float(np.exp(logs.mean()))
    flags = []
    if not far.all():
        flags.append(f"{int((~far).sum())} separations below {least_mV:.0f} mV are left out")
    if abs(alpha - 0.5) > 0.02:
        share = (0.5 - 0.5 * alpha) * math.log(alpha) + 0.5 * alpha * math.log(1.0 - alpha)
        closed = np.log(PREFACTOR * np.sqrt(diffusion_m2_per_s * per_V * rate)) + share
        closed -= alpha * (1.0 - alpha) * per_V * gap_V
        flags.append(
            "the formula holds at alpha 0.5; two irreversible peaks with this alpha give "
            f"{float(np.exp(closed.mean())):.3g} m/s"
        )
    if len(rate) > 2:
        trend = straight_line(np.log(rate), logs)
        if abs(trend.slope) > max(0.05, 2.0 * trend.slope_error):
            flags.append("k0 drifts with the scan rate: not one slow electron transfer")
    steepness = 0.5 / alpha - 2.0 * alpha * per_V * float(gap_V.mean())
    return found(
        value,
        basis=f"{len(rate)} scan rates, separations up to {1e3 * gap_V.max():.0f} mV, "
        f"alpha {alpha:g}",
        random=value * float(logs.std(ddof=1)) / math.sqrt(len(logs)) if len(logs) > 1 else None,
        systematic=value
        * math.hypot(0.5 * relative_diffusion_uncertainty, steepness * alpha_uncertainty),
        flags=tuple(flags),
    )
