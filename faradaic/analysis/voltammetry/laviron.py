"""Electron transfer to a species bound to the surface (Laviron 1979).

Waves of a monolayer without interaction, charge Q = nFΓA. E. Laviron, J. Electroanal. Chem. 101
(1979) 19. Two regimes: small separations by a table for α = ½, and the limit of large ones
(nΔE_p above 200 mV), where the peaks run away with the logarithm of the scan rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import (
    Floats,
    paired,
    per_volt,
    positive,
    series,
    straight_line,
    table,
)
from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result, missing

FAR_APART: Final = 7.785
"""nFΔE_p/RT from which the large-separation limit is used: 200 mV at 25 °C."""
REVERSIBLE_PEAK: Final = 0.25
"""i_p·RT/(nFνQ) of the reversible wave."""


@dataclass(frozen=True, slots=True)
class LavironFit:
    """What the peaks of a bound couple tell where they lie far apart."""

    transfer_coefficient: Result
    """α of the reduction, from the slopes of both branches."""
    rate_constant: Result
    """k_s, 1/s."""
    formal_potential: Result
    """V, where both branches meet."""


def surface_coverage(
    scan_rate_V_per_s: ArrayLike,
    peak_A: ArrayLike,
    *,
    electrons: int,
    area_m2: float,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    relative_area_uncertainty: float = 0.0,
) -> Result:
    """Γ in mol/m² from reversible peaks, i_p = n²F²νΓA/(4RT) (peaks in A, of one sign).

    An exponent of i_p on ν other than 1 is flagged (½ means a dissolved species).
    """
    key, method = "surface_coverage", "slope of i_p on the scan rate, n²F²Γ·A/(4RT)"
    rate, peak = series(scan_rate_V_per_s, peak_A, at_least=2, what="peak currents")
    positive(area_m2=area_m2, electrons=electrons, temperature_K=temperature_K)
    if not (np.all(peak > 0.0) or np.all(peak < 0.0)):
        reason = "the peak currents must be all anodic or all cathodic"
        return missing(key, "mol/m2", method, reason)
    line = straight_line(rate, np.abs(peak))
    if line.slope <= 0.0:
        return missing(key, "mol/m2", method, "the peaks do not grow with the scan rate")
    nF = electrons * FARADAY_C_PER_MOL
    factor = REVERSIBLE_PEAK * nF**2 * area_m2 / (GAS_CONSTANT_J_PER_MOL_K * temperature_K)
    value = line.slope / factor
    exponent = straight_line(np.log(rate), np.log(np.abs(peak))).slope
    flags = []
    if not 0.9 <= exponent <= 1.1:
        flags.append(f"i_p grows with the power {exponent:.2f} of the scan rate, not 1")
    return Result(
        key,
        value,
        "mol/m2",
        method,
        basis=f"{len(rate)} scan rates",
        random=None if len(rate) < 3 else value * line.slope_error / line.slope,
        systematic=value * relative_area_uncertainty,
        flags=tuple(flags),
    )


def rate_constant_by_table(
    scan_rate_V_per_s: ArrayLike,
    separation_V: ArrayLike,
    *,
    electrons: int,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    separation_uncertainty_V: float = 0.0,
) -> Result:
    """k_s in 1/s from peak separations (V) at scan rates (V/s), α = ½: mean over the scan rates.

    From the table of tables/laviron.csv, monotone interpolation; separations outside of it are left
    out and flagged.
    """
    key, method = "surface_rate_constant", "Laviron 1979, table of separations, alpha 0.5"
    rate, gap_V = series(scan_rate_V_per_s, separation_V, at_least=1, what="separations")
    positive(electrons=electrons, temperature_K=temperature_K)
    per_V = per_volt(electrons, temperature_K)
    ratio, separation = table("laviron", "nFv_over_RTk", "nF_separation_over_RT")

    def k_of(gap: Floats) -> Floats:
        from scipy.interpolate import PchipInterpolator

        curve = PchipInterpolator(np.log(separation), np.log(ratio), extrapolate=False)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(per_V * rate / np.exp(curve(np.log(per_V * gap))), float)

    found = k_of(gap_V)
    inside = np.isfinite(found)
    low_mV, high_mV = 1e3 * separation[0] / per_V, 1e3 * separation[-1] / per_V
    if not inside.any():
        reason = f"no separation lies between {low_mV:.2g} and {high_mV:.0f} mV, where the table is"
        return missing(key, "1/s", method, reason)
    k = found[inside]
    value = float(k.mean())
    flags = []
    if not inside.all():
        flags.append(f"{int((~inside).sum())} separations are outside the table and left out")
    if (per_V * gap_V[inside] < 0.3).any():
        flags.append("below 8/n mV the separation hardly depends on k_s: scan faster")
    if len(k) > 2 and abs(straight_line(np.log(rate[inside]), np.log(k)).slope) > 0.1:
        flags.append("k_s drifts with the scan rate: ohmic drop, a spread of k_s, or alpha not 0.5")
    systematic = None
    if separation_uncertainty_V > 0.0:
        moved = k_of(gap_V + separation_uncertainty_V)[inside]
        if np.isfinite(moved).all():
            systematic = abs(value - float(moved.mean()))
        else:
            flags.append("the uncertainty of the separations leads out of the table")
    return Result(
        key,
        value,
        "1/s",
        method,
        basis=f"{len(k)} scan rates",
        random=float(k.std(ddof=1)) / math.sqrt(len(k)) if len(k) > 1 else None,
        systematic=systematic,
        flags=tuple(flags),
    )


def fit_branches(
    scan_rate_V_per_s: ArrayLike,
    anodic_peak_V: ArrayLike,
    cathodic_peak_V: ArrayLike,
    *,
    electrons: int,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> LavironFit | Result:
    """α, k_s and the formal potential from the branches of large separation, n being known.

    E_pc = E0' − (RT/αnF) ln(αnFν/RTk), E_pa = E0' + (RT/(1−α)nF) ln((1−α)nFν/RTk). Scan rates with
    a separation below 200/n mV are left out; a `Result` with the reason where fewer than three
    remain.
    """
    key, method = "surface_rate_constant", "Laviron 1979, peaks on the logarithm of the scan rate"
    rate, anodic_V, cathodic_V = paired(
        scan_rate_V_per_s, anodic_peak_V, cathodic_peak_V, at_least=3, what="scan rates and peaks"
    )
    positive(lowest_scan_rate_V_per_s=float(rate.min()), electrons=electrons)
    positive(temperature_K=temperature_K)
    per_V = per_volt(electrons, temperature_K)
    far = per_V * (anodic_V - cathodic_V) >= FAR_APART
    if far.sum() < 3:
        reason = (
            f"{int(far.sum())} of {len(rate)} separations reach {1e3 * FAR_APART / per_V:.0f} mV, "
            "three are needed: scan faster, or use the table of small separations"
        )
        return missing(key, "1/s", method, reason)
    logs = np.log(rate[far])
    up, down = straight_line(logs, anodic_V[far]), straight_line(logs, cathodic_V[far])
    if up.slope <= 0.0 or down.slope >= 0.0:
        return missing(key, "1/s", method, "the peaks do not move apart with the scan rate")
    start = (
        float(np.mean(anodic_V[far] + cathodic_V[far])) / 2.0,
        up.slope / (up.slope - down.slope),
        float(logs.mean()) + math.log(per_V) - FAR_APART / 2.0,
    )
    values, errors = _fit(logs, anodic_V[far], cathodic_V[far], per_V, start)
    flags = []
    share = (1.0 / up.slope - 1.0 / down.slope) / per_V
    if not 0.9 <= share <= 1.1:
        flags.append(
            f"both slopes together belong to {share * electrons:.2f} electrons, not {electrons}: "
            "check n and the ohmic drop"
        )
    basis = f"{len(logs)} scan rates, {rate[far].min():g} to {rate[far].max():g} V/s"

    def result(key: str, unit: str, value: float, error: float) -> Result:
        return Result(key, value, unit, method, basis, random=error, flags=tuple(flags))

    k = math.exp(values[2])
    return LavironFit(
        result("transfer_coefficient", "1", values[1], errors[1]),
        result(key, "1/s", k, k * errors[2]),
        result("formal_potential", "V", values[0], errors[0]),
    )


def _fit(
    logs: Floats,
    anodic_V: Floats,
    cathodic_V: Floats,
    per_V: float,
    start: tuple[float, float, float],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """E0', α and ln k_s with their standard errors, both branches at once by least squares."""
    from scipy.optimize import least_squares

    def residual(x: Floats) -> Floats:
        formal_V, alpha, log_k = x
        up_V = formal_V + (logs + math.log((1.0 - alpha) * per_V) - log_k) / ((1.0 - alpha) * per_V)
        down_V = formal_V - (logs + math.log(alpha * per_V) - log_k) / (alpha * per_V)
        return np.concatenate((up_V - anodic_V, down_V - cathodic_V)) * per_V

    bounds = ([-np.inf, 0.01, -np.inf], [np.inf, 0.99, np.inf])
    found = least_squares(residual, start, bounds=bounds, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    variance = 2.0 * found.cost / (2 * len(logs) - 3)
    covariance = np.linalg.inv(found.jac.T @ found.jac) * variance
    return tuple(map(float, found.x)), tuple(map(float, np.sqrt(np.diag(covariance))))
