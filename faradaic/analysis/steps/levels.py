"""The levels of a signal that was held, and which of two signals was."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POTENTIAL_JUMP_V = 5e-3
"""A potential that moves by more than this from one sample to the next was set anew ..."""
CURRENT_JUMP = 0.02
"""... and a current that moves by more than this of the largest one."""
FEWEST = 8
"""Samples of a level; shorter ones are transitions."""
_COVERED = 0.8
_CLEARLY = 3.0

Held = Literal["potential", "current"]


@dataclass(frozen=True, slots=True)
class Level:
    """Samples under one set-point."""

    samples: slice
    start_s: float
    """When the step was made, as far as it is known."""
    start_uncertainty_s: float
    """Standard uncertainty of that."""


def levels(time_s: Floats, held: Floats, jump: float) -> tuple[Level, ...]:
    """The stretches over which a held signal (n,) does not jump, in the order of time.

    A step lies between the last sample of the level before it and the first of its own; the first
    level begins with the clock, where that began at most one sampling interval earlier, otherwise
    at its first sample.
    """
    edges = np.flatnonzero(np.abs(np.diff(held)) > jump) + 1
    bounds = [0, *edges.tolist(), held.size]
    found = []
    for first, last in pairwise(bounds):
        if last - first < FEWEST:
            continue
        interval_s = float(np.median(np.diff(time_s[first:last])))
        at_s = float(time_s[first])
        if first:
            before_s = float(time_s[first - 1])
            start_s, error_s = 0.5 * (before_s + at_s), (at_s - before_s) / np.sqrt(12.0)
        elif 0.0 <= at_s <= 1.5 * interval_s:
            start_s, error_s = 0.0, 0.0
        else:
            start_s, error_s = at_s, interval_s / np.sqrt(12.0)
        found.append(Level(slice(first, last), start_s, float(error_s)))
    return tuple(found)


def jump_of(held: Held, values: Floats) -> float:
    """By how much a held potential (V) or current (A) moves where it is set anew."""
    if held == "potential":
        return POTENTIAL_JUMP_V
    return CURRENT_JUMP * float(np.max(np.abs(values), initial=0.0))


def what_was_held(time_s: Floats, potential_V: Floats, current_A: Floats) -> Held | None:
    """Which of the two signals stays at levels while the other moves; None where neither is clear.

    Both may: then it is the one that moves less of itself, by a factor of three or more.
    """
    scatter: dict[Held, float] = {}
    of: tuple[tuple[Held, Floats, float], ...] = (
        ("potential", potential_V, max(float(np.max(np.abs(potential_V))), 0.1)),
        ("current", current_A, float(np.max(np.abs(current_A)))),
    )
    for held, values, size in of:
        found = levels(time_s, values, jump_of(held, values))
        covered = sum(one.samples.stop - one.samples.start for one in found)
        if size == 0.0 or covered < _COVERED * values.size:
            continue
        moved = [float(np.std(values[one.samples])) for one in found]
        scatter[held] = max(moved) / size
    if not scatter:
        return None
    order = sorted(scatter, key=lambda held: scatter[held])
    least = order[0]
    if scatter[least] > CURRENT_JUMP:
        return None
    if len(order) == 2 and scatter[order[1]] < _CLEARLY * scatter[least]:
        return None
    return least
