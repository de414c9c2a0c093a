"""Peak currents against the square root of the scan rate (Randles 1948, Ševčík 1948)."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import per_volt, positive, series, straight_line
from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result

REVERSIBLE_PEAK: Final = 0.446294694845
"""Largest √π χ of a reversible wave (Nicholson & Shain 1964, to more digits)."""
IRREVERSIBLE_PEAK: Final = 0.495763
"""The same for an irreversible wave, with αn in place of n under the root."""


def peak_current_A(
    scan_rate_V_per_s: float,
    diffusion_m2_per_s: float,
    *,
    electrons: int,
    area_m2: float,
    concentration_mol_per_m3: float,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    alpha: float | None = None,
) -> float:
    """Magnitude of the peak current in A; reversible, or irreversible where `alpha` is given."""
    return math.sqrt(scan_rate_V_per_s * diffusion_m2_per_s) * _factor(
        electrons, area_m2, concentration_mol_per_m3, temperature_K, alpha
    )


def diffusion_coefficient(
    scan_rate_V_per_s: ArrayLike,
    peak_A: ArrayLike,
    *,
    electrons: int,
    area_m2: float,
    concentration_mol_per_m3: float,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    alpha: float | None = None,
    relative_area_uncertainty: float = 0.0,
    relative_concentration_uncertainty: float = 0.0,
) -> Result:
    """D in m²/s from the slope of peak currents (A, of one sign) against √ν (V/s).

    The line has an intercept, which must be zero within its error; the exponent of a power law must
    be near ½ (1 means an adsorbed species). Both are flagged. `alpha` makes the wave irreversible.
    """
    key = "diffusion_coefficient"
    kind = "reversible" if alpha is None else f"irreversible, alpha {alpha:g}"
    method = f"Randles–Ševčík, {kind}, slope of i_p against the root of the scan rate"
    found = partial(Result, key, unit="m2/s", method=method)
    rate, peak = series(scan_rate_V_per_s, peak_A, at_least=2, what="peak currents")
    positive(area_m2=area_m2, temperature_K=temperature_K)
    positive(concentration_mol_per_m3=concentration_mol_per_m3)
    if not (np.all(peak > 0.0) or np.all(peak < 0.0)):
        return found(None, reason="the peak currents must be all anodic or all cathodic")
    line = straight_line(np.sqrt(rate), np.abs(peak))
    if line.slope <= 0.0:
        return found(None, reason="the peaks do not grow with the scan rate")
    factor = _factor(electrons, area_m2, concentration_mol_per_m3, temperature_K, alpha)
    value = (line.slope / factor) ** 2
    flags = []
    if abs(line.intercept) > max(2.0 * line.intercept_error, 0.05 * float(np.abs(peak).min())):
        flags.append(f"the line misses the origin by {line.intercept:.3g} A")
    exponent = straight_line(np.log(rate), np.log(np.abs(peak))).slope
    if not 0.45 <= exponent <= 0.55:
        flags.append(f"i_p grows with the power {exponent:.2f} of the scan rate, not ½")
    relative = math.hypot(relative_area_uncertainty, relative_concentration_uncertainty)
    return found(
        value,
        basis=f"{len(rate)} scan rates from {rate.min():g} to {rate.max():g} V/s",
        random=None if len(rate) < 3 else 2.0 * value * line.slope_error / line.slope,
        systematic=2.0 * value * relative,
        flags=tuple(flags),
    )


def _factor(
    electrons: int,
    area_m2: float,
    concentration_mol_per_m3: float,
    temperature_K: float,
    alpha: float | None,
) -> float:
    coefficient, share = (REVERSIBLE_PEAK, 1.0) if alpha is None else (IRREVERSIBLE_PEAK, alpha)
    per_V = per_volt(share * electrons, temperature_K)
    charge = electrons * FARADAY_C_PER_MOL * area_m2 * concentration_mol_per_m3
    return coefficient * charge * math.sqrt(per_V)
