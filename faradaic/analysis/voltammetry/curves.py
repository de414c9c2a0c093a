"""Curves as arrays: what every analysis asks of them, and the straight line with its errors."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.diagnostics import refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K

_wrong = partial(refusal, "E777")

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """y = intercept + slope·x by least squares, with standard errors."""

    slope: float
    intercept: float
    slope_error: float
    intercept_error: float
    r_squared: float


def paired(*arrays: ArrayLike, at_least: int, what: str) -> tuple[Floats, ...]:
    """One-dimensional finite arrays of one length, or `InputError` (E777) naming `what`."""
    found = tuple(np.asarray(array, float) for array in arrays)
    lengths = {array.shape for array in found}
    problem = ""
    if len(lengths) != 1 or found[0].ndim != 1:
        problem = "need arrays of one dimension and one length"
    elif len(found[0]) < at_least:
        problem = f"need at least {at_least} points, there are {len(found[0])}"
    elif not all(np.all(np.isfinite(array)) for array in found):
        problem = "hold values that are missing or infinite"
    if problem:
        raise _wrong(f"{what} {problem}", "give finite arrays of equal length")
    return found


def positive(**numbers: float) -> None:
    """Raises `InputError` (E777) naming the first number that is not positive and finite."""
    for name, number in numbers.items():
        if not 0.0 < number < math.inf:
            raise _wrong(f"{name} is {number:g}", f"give a positive {name}, in SI")


def series(
    scan_rate_V_per_s: ArrayLike, found: ArrayLike, *, at_least: int, what: str
) -> tuple[Floats, ...]:
    """Scan rates above zero, and what was found at each of them."""
    pair = paired(scan_rate_V_per_s, found, at_least=at_least, what=f"scan rates and {what}")
    positive(lowest_scan_rate_V_per_s=float(pair[0].min()))
    return pair


def per_volt(electrons: float, temperature_K: float) -> float:
    """nF/RT, 1/V."""
    return electrons * FARADAY_C_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * temperature_K)


@cache
def table(name: str, *keys: str) -> tuple[Floats, ...]:
    """Columns of one of the tables of the analyses."""
    text = (Path(__file__).parents[1] / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return tuple(np.array([float(row[key]) for row in rows]) for key in keys)


def straight_line(x: Floats, y: Floats) -> Line:
    """Ordinary least squares of y on x; the errors need three points, with two they are NaN."""
    centred = x - x.mean()
    spread = float(centred @ centred)
    if spread == 0.0:
        raise _wrong("all points have the same abscissa", "vary it to fit a line")
    slope = float(centred @ y) / spread
    intercept = float(y.mean() - slope * x.mean())
    residual = float(np.sum((y - intercept - slope * x) ** 2))
    total = float(np.sum((y - y.mean()) ** 2))
    variance = residual / (len(x) - 2) if len(x) > 2 else math.nan
    return Line(
        slope,
        intercept,
        math.sqrt(variance / spread),
        math.sqrt(variance * (1.0 / len(x) + x.mean() ** 2 / spread)),
        1.0 - residual / total if total > 0.0 else 1.0,
    )


def sweeps(potential_V: ArrayLike, hysteresis: float = 0.05) -> tuple[slice, ...]:
    """The sweeps of one direction in a voltammogram, as slices that share their turning points.

    A turn counts once the potential has come back by `hysteresis` of the whole span, so that noise
    and the steps of a staircase are no turns.
    """
    (E_V,) = paired(potential_V, at_least=2, what="potentials")
    back_V = hysteresis * float(np.ptp(E_V))
    if back_V == 0.0:
        return ()
    moving = np.flatnonzero(np.diff(E_V))
    signs = np.sign(np.diff(E_V)[moving])
    candidates = [*moving[1:][signs[1:] != signs[:-1]].tolist(), len(E_V) - 1]
    turns, best, sign = [0], 0, 0.0
    for k in candidates:
        if sign == 0.0:
            if abs(E_V[k] - E_V[0]) >= back_V:
                sign, best = float(np.sign(E_V[k] - E_V[0])), k
        elif sign * (E_V[k] - E_V[best]) >= 0.0:
            best = k
        elif sign * (E_V[best] - E_V[k]) >= back_V:
            turns.append(best)
            sign, best = -sign, k
    turns.append(len(E_V) - 1)
    return tuple(slice(a, b + 1) for a, b in pairwise(turns))
