"""Which law a rising cell voltage follows: the laws are fitted, and weighed by what they leave.

With U0 where the rise begins, I·R the ohmic drop there and u = (t − t0)/T:

film            U0 + k·(Q − Q0)                       a resistance that grows with charge
precipitation   U0 + I·R·(exp((t − t0)/τ) − 1)        a conductivity that decays in time
leak            U0 + I·R·u/(1 − u) − b·ln(1 − u)      an immersed depth that falls in time
evaporation     the same, with the solution growing more concentrated: I·R·((1 − g·u)/(1 − u) − 1)
shortage        U0 − b·ln(1 − (Q − Q0)/Q1)            something that is used up by charge

g is the share of the volume that is lost when the electrodes are dry; b lies between 10 and 150 mV
(a multiple of RT/F). Source: Ohm's law and the Nernst term of a surface concentration that falls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_B_V, MOST_B_V = 0.010, 0.150
MODEL_ERROR = 0.01
"""Of the rise: no cell follows a law more closely."""
LEAST_ERROR_V = 0.3e-3
DROP_SLACK = (0.75, 1.3)
"""By what the planned ohmic drop may be off."""
PRIOR = {"film": 1.0, "precipitation": 0.7, "leak": 0.6, "evaporation": 0.6, "shortage": 1.0}

WEIGHED = 12.0
"""Neighbours err alike: no rise has more independent points than this."""
HINGES, LEAST_BEYOND = 8, 6
"""Points at which a rise may begin, about; so many points come after the last of them."""

Floats = NDArray[np.float64]

_DECAYS: Floats = np.geomspace(0.15, 60.0, 80)
_SPANS: Floats = np.geomspace(1.02, 60.0, 80)
"""Scales that are tried, in spans of the rise."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One law at its best."""

    likelihood: float
    scale: float
    """Of the law: V/C for a film, s for τ and T, C for Q1."""
    left_V: float
    """Root mean square of what it leaves."""
    hinge: int = 0
    """The point from which on it rises."""


def shapes(
    times_s: Sequence[float],
    charges_C: Sequence[float],
    values_V: Sequence[float],
    scatter_V: float,
    drop_V: tuple[float, float] | None,
    dry_share: float | None,
) -> Mapping[str, Shape]:
    """Every law fitted to a rise from its first point on; likelihoods relative to the best."""
    t = np.asarray(times_s) - times_s[0]
    q = np.asarray(charges_C) - charges_C[0]
    y = np.asarray(values_V)
    n = len(y)
    error_V = max(LEAST_ERROR_V, 0.5 * scatter_V, MODEL_ERROR * float(y[-1] - y[0]))
    low, high = (0.0, np.inf) if drop_V is None else drop_V
    drops = (low * DROP_SLACK[0], high * DROP_SLACK[1])
    best: dict[str, tuple[float, float, int]] = {}
    for hinge in range(0, n - LEAST_BEYOND, max(1, n // HINGES)):
        for name, (rss, scale) in _from(hinge, t, q, y, drops, dry_share).items():
            if name not in best or rss < best[name][0]:
                best[name] = rss, scale, hinge
    least = min(rss for rss, _, _ in best.values())
    error_V = max(error_V, float(np.sqrt(least / n)))
    told = {}
    for name, (rss, scale, hinge) in best.items():
        score = -0.5 * (rss - least) / error_V**2 * min(1.0, WEIGHED / n)
        left_V = float(np.sqrt(rss / n))
        told[name] = Shape(PRIOR[name] * float(np.exp(score)), scale, left_V, hinge)
    return told


def _from(
    hinge: int,
    t: Floats,
    q: Floats,
    y: Floats,
    drops: tuple[float, float],
    dry_share: float | None,
) -> Mapping[str, tuple[float, float]]:
    """What each law leaves, and its scale, where the rise begins at a point and all is flat
    before it."""
    t, q = np.maximum(t - t[hinge], 0.0), np.maximum(q - q[hinge], 0.0)
    decays, spans = _DECAYS, _SPANS
    u = t[None, :] / (t[-1] * spans)[:, None]
    shrinking = 1.0 - (0.6 if dry_share is None else dry_share) * u
    used = q[None, :] / (q[-1] * spans)[:, None]
    kinetic = -np.log1p(-u)
    found = {
        "precipitation": (_grid(np.expm1(t[None, :] / (t[-1] * decays)[:, None]), y, drops), t[-1]),
        "leak": (_grid(u / (1.0 - u), y, drops, kinetic), t[-1]),
        "evaporation": (_grid(shrinking / (1.0 - u) - 1.0, y, drops, kinetic), t[-1]),
        "shortage": (_grid(-np.log1p(-used), y, (LEAST_B_V, MOST_B_V)), q[-1]),
    }
    told = {"film": _line(q, y)}
    for name, ((rss, at), scale) in found.items():
        along = decays if name == "precipitation" else spans
        told[name] = rss, float(along[at] * scale)
    return told


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Squares left by a straight line, and its slope."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = float(dx @ dy / (dx @ dx))
    return float(np.sum((dy - slope * dx) ** 2)), slope


def _grid(
    basis: Floats, y: Floats, within: tuple[float, float], beside: Floats | None = None
) -> tuple[float, int]:
    """Squares left at the best row of `basis`, whose factor is kept `within` bounds; `beside` is a
    second term with a factor of 2RT/F."""
    rest = y[None, :] if beside is None else y[None, :] - 0.05 * beside
    db = basis - basis.mean(axis=1, keepdims=True)
    dy = rest - rest.mean(axis=1, keepdims=True)
    factor = np.sum(db * dy, axis=1) / np.maximum(np.sum(db * db, axis=1), 1e-300)
    factor = np.clip(factor, *within)
    left = np.sum((dy - factor[:, None] * db) ** 2, axis=1)
    best = int(np.argmin(left))
    return float(left[best]), best
