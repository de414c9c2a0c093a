"""The current after a step of the potential under diffusion alone (Cottrell 1903)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import Floats, paired, straight_line
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.results import Result

LARGEST_RESIDUAL = 0.03
"""Root mean square, relative to the current, up to which the law holds ..."""
_EXPONENT_OFF = 0.05
"""... and how far the exponent of the time may be from -1/2."""
_DECADE = 1.0
"""Of the time, over which it must at least hold."""
_PER_DECADE = 12
_FEWEST = 6
KEY, METHOD = "cottrell_slope", "median of I√t over the stretch"


@dataclass(frozen=True, slots=True, eq=False)
class Cottrell:
    """Where I√t does not change, and its value."""

    slope: Result
    """I√t = nFAc√(D/π), A s^½, of the sign of the current."""
    product: Result
    """nAc√D, mol s^-½, above zero."""
    from_s: float
    to_s: float
    """After the step."""
    residual: float
    """Root mean square of the means over twelfths of a decade, relative to the law."""
    exponent: float
    """Of a power law over the same stretch, -0.5 of the law itself."""


def cottrell(
    after_s: ArrayLike, current_A: ArrayLike, *, start_uncertainty_s: float = 0.0
) -> Cottrell | Result:
    """The longest stretch after a step over which I√t is constant; else a `Result` that says why.

    Currents are averaged over twelfths of a decade of the time first. The law holds over a decade
    or more if the means lie within 3 % of it and a power law has an exponent within 0.05 of -1/2:
    charging, an ohmic drop or slow kinetics spoil its beginning, convection and the edge of the
    electrode its end. The uncertainty of the beginning counts as systematic.

    I = nFAc√(D/πt): Cottrell 1903; Bard, Faulkner, Electrochemical Methods, 2nd ed., eq. 5.2.11.
    """
    missing = partial(Result, KEY, None, "A s^0.5", METHOD)
    t_s, I_A = paired(after_s, current_A, at_least=2, what="times and currents of a step")
    kept = t_s > 0.0
    t_s, I_A = t_s[kept], I_A[kept]
    way = math.copysign(1.0, float(np.median(I_A))) if I_A.size else 1.0
    t_s, product = _means(t_s, way * I_A)
    known = product > 0.0
    if known.sum() < _FEWEST:
        return missing(reason=f"{known.sum()} means of the current after the step are too few")
    log_t, log_y = np.log10(t_s[known]), np.log(product[known])
    if log_t[-1] - log_t[0] < _DECADE:
        return missing(reason="less than a decade of the time was measured")
    best: tuple[float, int, int, float, float] | None = None
    closest = (math.inf, 0.0)
    for first in range(log_t.size - _FEWEST + 1):
        for last in range(log_t.size, first + _FEWEST - 1, -1):
            wide = float(log_t[last - 1] - log_t[first])
            if wide < _DECADE - 1e-9 or (best is not None and wide <= best[0]):
                break
            y = log_y[first:last]
            residual = float(np.sqrt(np.mean((y - y.mean()) ** 2)))
            line = straight_line(log_t[first:last] * math.log(10.0), y)
            off = abs(line.slope)
            closest = min(closest, (residual, line.slope - 0.5))
            if residual <= LARGEST_RESIDUAL and off <= _EXPONENT_OFF:
                best = (wide, first, last, residual, line.slope - 0.5)
                break
    if best is None:
        return missing(
            reason=f"over no decade of the time does the current follow t^-1/2: closest is t^"
            f"{closest[1]:.2f}, {closest[0]:.0%} off"
        )
    _, first, last, residual, exponent = best
    y = log_y[first:last]
    value = float(np.exp(np.median(y)))
    from_s, to_s = float(10.0 ** log_t[first]), float(10.0 ** log_t[last - 1])
    # a start that is off by u changes I√t by u/(2t)
    shift = start_uncertainty_s * float(np.mean(0.5 / 10.0 ** log_t[first:last]))
    slope = Result(
        KEY,
        way * value,
        "A s^0.5",
        METHOD,
        f"{from_s:.3g} to {to_s:.3g} s after the step; {residual:.1%} off the law, power law t^"
        f"{exponent:.3f}",
        random=value * residual / math.sqrt(last - first - 1),
        systematic=value * shift,
    )
    factor = math.sqrt(math.pi) / FARADAY_C_PER_MOL
    found = slope.scaled(factor, key="diffusion_product", unit="mol s^-0.5")
    found = Result(
        found.key, abs(value * factor), found.unit, "n A c √D = S √π / F", slope.basis,
        random=found.random, systematic=found.systematic,
    )  # fmt: skip
    return Cottrell(slope, found, from_s, to_s, residual, exponent)


def diffusion_from_product(
    product: Result,
    *,
    electrons: float,
    area_m2: float,
    concentration_mol_per_m3: float,
    relative_area_uncertainty: float = 0.0,
) -> Result:
    """D in m²/s of nAc√D (mol s^-½); its relative uncertainty is twice that of the product."""
    key, method = "diffusion_coefficient", "(nAc√D / nAc)²"
    if product.value is None:
        return Result(key, None, "m2/s", method, reason=product.reason)
    root = product.value / (electrons * area_m2 * concentration_mol_per_m3)

    def twice(error: float | None) -> float:
        return 2.0 * root**2 * (error or 0.0) / abs(product.value or 1.0)

    return Result(
        key,
        root**2,
        "m2/s",
        method,
        f"{product.method}; n = {electrons:g}, {concentration_mol_per_m3:g} mol/m3",
        random=twice(product.random),
        systematic=math.hypot(twice(product.systematic), 2.0 * root**2 * relative_area_uncertainty),
        flags=product.flags,
    )


def _means(t_s: Floats, I_A: Floats) -> tuple[Floats, Floats]:
    """(geometric mean time, mean of I√t) of each twelfth of a decade that holds samples."""
    bins = np.floor(np.log10(t_s) * _PER_DECADE).astype(int)
    names, where = np.unique(bins, return_inverse=True)
    count = np.bincount(where, minlength=names.size)
    log_t = np.bincount(where, np.log10(t_s), names.size) / count
    return 10.0**log_t, np.bincount(where, I_A * np.sqrt(t_s), names.size) / count
