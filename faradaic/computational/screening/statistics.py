"""What a screening shows as a whole: correlations with their confidence, pairs, cations.

Correlations carry two confidence intervals. Resampling compositions asks how much the number
depends on which compositions were computed. Reweighting cations asks how much it depends on which
cations were in the pool, and is the wider and more honest one here: every composition is made of
a few of the same cations, so that compositions are not independent of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faradaic.computational.screening.phase_diagram import TargetStability

RESAMPLES = 2000
CONFIDENCE = 0.95
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r of the energy above the hull with one descriptor."""

    r: float
    """NaN when one of the two does not vary."""
    interval_compositions: tuple[float, float] | None
    """95 % percentile interval from resampling compositions; None with fewer than four."""
    interval_cations: tuple[float, float] | None
    """95 % percentile interval from reweighting cations."""
    leaning_on: tuple[str, float] | None
    """(the cation without whose compositions r changes most, r without them)."""
    points: int


@dataclass(frozen=True, slots=True)
class Box:
    """The distribution of a set of energies, meV/atom."""

    count: int
    lowest: float
    quartile_1: float
    median: float
    quartile_3: float
    highest: float


def pearson(x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Pearson's correlation coefficient of weighted points; NaN when one does not vary."""
    return float(_weighted_pearson(x, y, weights[None, :])[0])


def correlate(
    values: Sequence[float],
    energies: Sequence[float],
    cations: Sequence[Sequence[str]],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Correlation:
    """Correlate energies with a descriptor, each point a composition with its `cations`.

    The interval over cations is a Bayesian bootstrap (Rubin, Ann. Statist. 9 (1981) 130): each
    cation draws a weight from the exponential distribution, a composition weighs the product of
    its cations' weights. Drawing cations with replacement would leave out a third of the pool, and
    with it most compositions of four.
    """
    x, y = np.asarray(values, float), np.asarray(energies, float)
    if not len(x) == len(y) == len(cations):
        raise ValueError(f"{len(x)} values, {len(y)} energies, {len(cations)} compositions")
    r = pearson(x, y, np.ones(len(x))) if len(x) else float("nan")
    if len(x) < _FEWEST or np.isnan(r):
        return Correlation(r, None, None, None, len(x))
    random = np.random.default_rng(seed)
    by_composition = random.multinomial(len(x), np.full(len(x), 1 / len(x)), size=resamples)
    pool = sorted({cation for group in cations for cation in group})
    member = np.array([[cation in group for cation in pool] for group in cations])
    drawn = random.exponential(size=(resamples, len(pool)))
    by_cation = np.array([drawn[:, inside].prod(axis=1) for inside in member]).T
    without = _weighted_pearson(x, y, (~member).T.astype(float))
    change = np.where(np.isnan(without), -1.0, np.abs(without - r))
    most = int(change.argmax())
    return Correlation(
        r,
        _interval(_weighted_pearson(x, y, by_composition)),
        _interval(_weighted_pearson(x, y, by_cation)),
        (pool[most], float(without[most])) if change[most] >= 0 else None,
        len(x),
    )


def cation_boxes(verdicts: Sequence[TargetStability], cations: Sequence[str]) -> dict[str, Box]:
    """The energies above the hull of the compositions with each cation, by cation."""
    boxes = {}
    for cation in cations:
        energies = [v.above_hull_meV_atom for v in verdicts if cation in v.cations]
        if energies:
            boxes[cation] = Box(
                len(energies), *(float(q) for q in np.percentile(energies, [0, 25, 50, 75, 100]))
            )
    return boxes


def pair_means(
    verdicts: Sequence[TargetStability], cations: Sequence[str]
) -> dict[tuple[str, str], tuple[float, int]]:
    """(mean energy above the hull in meV/atom, compositions) with each pair of cations.

    Pairs that no composition has are left out.
    """
    means = {}
    for pair in combinations(cations, 2):
        energies = [v.above_hull_meV_atom for v in verdicts if set(pair) <= set(v.cations)]
        if energies:
            means[pair] = (float(np.mean(energies)), len(energies))
    return means


def ranks(energies: Mapping[str, float]) -> dict[str, int]:
    """Rank of each name, 1 the lowest; equal energies share the better rank."""
    order = sorted(energies.values())
    return {name: order.index(energy) + 1 for name, energy in energies.items()}


def _weighted_pearson(
    x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.number]
) -> NDArray[np.float64]:
    """One coefficient for each row of weights."""
    total = weights.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        dx = x - (weights @ x)[:, None] / total
        dy = y - (weights @ y)[:, None] / total
        xx, yy = (weights * dx**2).sum(axis=1), (weights * dy**2).sum(axis=1)
        r: NDArray[np.float64] = (weights * dx * dy).sum(axis=1) / np.sqrt(xx * yy)
    r[(xx <= 1e-24 * (weights @ x**2)) | (yy <= 1e-24 * (weights @ y**2))] = np.nan
    return r


def _interval(samples: NDArray[np.float64]) -> tuple[float, float] | None:
    known = samples[np.isfinite(samples)]
    if len(known) < len(samples) / 2:
        return None
    low, high = np.percentile(known, [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return float(low), float(high)
