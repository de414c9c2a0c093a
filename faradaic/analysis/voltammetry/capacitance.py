"""Double-layer capacitance from a series of scan rates, and the area that it stands for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import paired, positive, straight_line
from faradaic.results import Result, missing


def double_layer_capacitance(
    scan_rate_V_per_s: ArrayLike, anodic_A: ArrayLike, cathodic_A: ArrayLike
) -> Result:
    """C_dl in F: slope of (i_a − i_c)/2 against the scan rate (V/s).

    Currents in A are those of the anodic and of the cathodic sweep at one potential in a window
    without faradaic current. A constant faradaic current cancels in the difference. Half the
    difference between the slopes of both sweeps is the systematic uncertainty. Flagged: sweeps that
    differ by over 10 %, and a line that misses the origin.
    """
    key, method = "double_layer_capacitance", "slope of (i_a − i_c)/2 against the scan rate"
    rate, anodic, cathodic = paired(
        scan_rate_V_per_s, anodic_A, cathodic_A, at_least=3, what="scan rates and currents"
    )
    positive(lowest_scan_rate_V_per_s=float(rate.min()))
    line = straight_line(rate, 0.5 * (anodic - cathodic))
    if line.slope <= 0.0:
        return missing(key, "F", method, "the difference of the sweeps does not grow with the rate")
    up, down = straight_line(rate, anodic).slope, -straight_line(rate, cathodic).slope
    flags = []
    if abs(up - down) > 0.1 * line.slope:
        flags.append(f"the sweeps give {up:.3g} F (anodic) and {down:.3g} F (cathodic)")
    smallest_A = line.slope * float(rate.min())
    if abs(line.intercept) > max(2.0 * line.intercept_error, 0.1 * smallest_A):
        flags.append(f"the line misses the origin by {line.intercept:.3g} A")
    return Result(
        key,
        line.slope,
        "F",
        method,
        basis=f"{len(rate)} scan rates from {rate.min():g} to {rate.max():g} V/s",
        random=line.slope_error,
        systematic=0.5 * abs(up - down),
        flags=tuple(flags),
    )


def electrochemical_area(
    capacitance: Result,
    *,
    specific_F_per_m2: float,
    specific_range_F_per_m2: tuple[float, float],
) -> Result:
    """ECSA = C_dl/C_s in m², with the capacitance per area (F/m²; 40 µF/cm² is 0.4 F/m²).

    C_s has no default: for one metal the literature spreads from 0.22 to 1.30 F/m². The range taken
    for it gives the bounds, and half of their distance, as a rectangular distribution, the
    systematic uncertainty.
    """
    key, method = "electrochemically_active_area", "C_dl over the capacitance per area"
    low, high = specific_range_F_per_m2
    positive(specific_F_per_m2=specific_F_per_m2, lowest_specific_F_per_m2=low)
    if capacitance.value is None:
        return missing(key, "m2", method, capacitance.reason)
    if not low <= specific_F_per_m2 <= high:
        reason = f"{specific_F_per_m2:g} F/m2 is outside of its range, {low:g} to {high:g} F/m2"
        return missing(key, "m2", method, reason)
    bounds = (capacitance.value / high, capacitance.value / low)
    from_capacitance = (capacitance.systematic or 0.0) / specific_F_per_m2
    return Result(
        key,
        capacitance.value / specific_F_per_m2,
        "m2",
        method,
        basis=f"{specific_F_per_m2:g} F/m2, {low:g} to {high:g} F/m2",
        random=None if capacitance.random is None else capacitance.random / specific_F_per_m2,
        systematic=math.hypot(from_capacitance, (bounds[1] - bounds[0]) / math.sqrt(12.0)),
        bounds=bounds,
        flags=capacitance.flags,
    )


def current_at(potential_V: ArrayLike, current_A: ArrayLike, at_V: float) -> Result:
    """The current of one sweep (V, A) at a potential, by linear interpolation; never beyond it."""
    key, method = "current_at_a_potential", "linear interpolation"
    E_V, i_A = paired(potential_V, current_A, at_least=2, what="a sweep's potential and current")
    if not E_V.min() <= at_V <= E_V.max():
        reason = f"{at_V:g} V is outside of the sweep, {E_V.min():g} to {E_V.max():g} V"
        return missing(key, "A", method, reason)
    order = np.argsort(E_V, kind="stable")
    value = float(np.interp(at_V, E_V[order], i_A[order]))
    return Result(key, value, "A", method, basis=f"at {at_V:g} V")
