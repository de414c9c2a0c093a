"""Decay laws fitted to a series, and the one that the data support."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from faradaic.analysis.stability.autocorrelation import effective_size
from faradaic.analysis.stability.trend import Floats, Trend, refusal
from faradaic.quantities.constants import HOUR_S

_BLOCKS = 256
_MOST_STEPS = 200
FEWEST = 12
"""Points below which no law is chosen."""


@dataclass(frozen=True, slots=True)
class Law:
    """A decay law on time in hours, with what it takes to start a fit."""

    name: str
    formula: str
    parameters: tuple[str, ...]
    value: Callable[[Floats, Floats], Floats]
    """(time in hours from the start of the series (n,), parameters) -> values (n,)."""
    shapes: tuple[str, ...] = ()
    """The parameters that the law is not linear in."""


def _constant(t: Floats, p: Floats) -> Floats:
    return np.full_like(t, p[0])


def _linear(t: Floats, p: Floats) -> Floats:
    return np.asarray(p[0] + p[1] * t)


def _exponential(t: Floats, p: Floats) -> Floats:
    return np.asarray(p[1] + (p[0] - p[1]) * np.exp(-p[2] * t))


def _stretched(t: Floats, p: Floats) -> Floats:
    return np.asarray(p[0] * np.exp(-((p[1] * t) ** p[2])))


LAWS = (
    Law("constant", "X0", ("X0",), _constant),
    Law("linear", "X0 + b t", ("X0", "b_per_h"), _linear),
    Law(
        "exponential",
        "Xinf + (X0 - Xinf) exp(-k t)",
        ("X0", "Xinf", "k_per_h"),
        _exponential,
        ("k_per_h",),
    ),
    Law(
        "stretched exponential",
        "X0 exp(-(k t)^beta), beta up to 1",
        ("X0", "k_per_h", "beta"),
        _stretched,
        ("k_per_h", "beta"),
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class DecayFit:
    """One law fitted to one series."""

    law: Law
    start_s: float
    """Operating time at which the law's t is zero: the first sample of the series."""
    end_s: float
    parameters: Floats
    covariance: Floats
    """Of the parameters, widened for correlated residuals."""
    aicc: float
    """Compare within one `fit_decays` only; smaller is better."""

    @property
    def standard_errors(self) -> Floats:
        """Get the standard errors of the parameters, in their order."""
        return np.sqrt(np.diag(self.covariance))

    def at(self, time_s: Floats) -> Floats:
        """The law at operating times (n,) in seconds, not before the start of the series."""
        return self.law.value((time_s - self.start_s) / HOUR_S, self.parameters)


def fit_decays(series: Trend) -> tuple[DecayFit, ...]:
    """All laws that can be fitted, the one with the smallest AICc first.

    AICc (Hurvich & Tsai 1989) counts the effective number of points, taken from the residuals
    of the closest fit and the same for all laws: correlated noise would otherwise choose the law
    with the most parameters. The stretched law is fitted only where zero has a meaning. Raises
    `InputError` below twelve points.
    """
    from scipy.optimize import least_squares  # half a second that a mere import should not cost

    if series.values.size < FEWEST or series.time_s[-1] == series.time_s[0]:
        raise refusal(
            f"{series.name} has {series.values.size} points, too few to choose a decay law",
            f"give {FEWEST} or more at different times, or report the retention alone",
        )
    blocks = series.blocks(_BLOCKS)
    start_s = float(series.time_s[0])
    t, x = (blocks.time_s - start_s) / HOUR_S, blocks.values
    size = float(np.abs(x).max()) or 1.0
    fits = []
    for law in LAWS:
        if law.value is _stretched and not series.keeps_zero:
            continue
        guess = _guess(law, t, x / size)
        if guess is None:
            continue
        low = [0.0 if name in law.shapes else -math.inf for name in law.parameters]
        high = [1.0 if name == "beta" else math.inf for name in law.parameters]
        best = least_squares(
            lambda p, law=law: law.value(t, p) - x / size,
            guess,
            bounds=(low, high),
            x_scale="jac",
            max_nfev=_MOST_STEPS,
        )
        if not best.success:
            continue
        fits.append((law, best))
    n = x.size
    worth = max(effective_size(min((f for _, f in fits), key=lambda f: f.cost).fun), 6.0)
    done = []
    for law, found in fits:
        k = len(law.parameters) + 1  # the variance is a parameter too
        mean_square = max(2.0 * found.cost / n, np.finfo(float).eps ** 2)
        correction = 2.0 * k * (k + 1) / (worth - k - 1) if worth > k + 1 else math.inf
        aicc = worth * math.log(mean_square) + 2.0 * k + correction
        scale = np.array([size if p.startswith(("X", "b_")) else 1.0 for p in law.parameters])
        _, spread, axes = np.linalg.svd(found.jac, full_matrices=False)
        # a direction that the data do not hold keeps an enormous error, where pinv would give none
        axes /= np.maximum(spread, 1e-10 * spread[0])[:, None]
        covariance = axes.T @ axes * mean_square * n / (n - k + 1)
        covariance *= np.outer(scale, scale) * n / worth
        done.append(
            DecayFit(law, start_s, float(series.time_s[-1]), found.x * scale, covariance, aicc)
        )
    return tuple(sorted(done, key=lambda fit: fit.aicc))


def _guess(law: Law, t: Floats, x: Floats) -> Floats | None:
    """The best of a grid over the shapes, the other parameters by linear least squares.

    None when the slowest rate of the grid is the best one: the law is then a straight line by
    another name, and its parameters have no values of their own.
    """
    rates = np.geomspace(0.02, 500.0, 40) / t[-1]
    values = {"k_per_h": rates, "beta": np.array([0.3, 0.5, 0.7, 0.9])}
    grid = product(*(values[name] for name in law.shapes))  # one empty shape for a linear law
    free = len(law.parameters) - len(law.shapes)
    best, best_square = np.empty(0), math.inf
    for shape in grid:
        # each law is linear in its first parameters: its columns are its values at unit vectors
        columns = np.stack([law.value(t, np.array([*unit, *shape])) for unit in np.eye(free)], 1)
        linear = np.linalg.lstsq(columns, x, rcond=None)[0]
        square = float(np.sum((columns @ linear - x) ** 2))
        if square < best_square:
            best, best_square = np.array([*linear, *shape]), square
    if law.value is _exponential and best[2] == rates[0]:
        return None
    return best
