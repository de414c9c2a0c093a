"""The transition time of a step of the current (Sand 1901)."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import paired
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.results import Result

KEY, METHOD = "transition_time", "steepest change of the potential between flatter stretches"
_BLOCKS = 240
_FEWEST = 30
_STEEPER = 3.0
"""How many times steeper than flatter stretches on both sides a transition is, ..."""
_LEAST_V = 0.02
"""... and by how much the potential at least moves in it."""
_NOISE = 3.0
_OF_SECOND_DIFFERENCES = 1.0 / (0.6745 * math.sqrt(6.0))
"""From the median of their magnitude to the standard deviation of white noise."""


def transition_time(after_s: ArrayLike, potential_V: ArrayLike) -> Result:
    """τ in s after a step of the current: the steepest potential between two flatter stretches.

    The potential is averaged over up to 240 blocks of equal length; half a block is the
    uncertainty. A transition is three times as steep as flatter stretches before and after it: it
    is over before the data are, and the potential flattens again at the next process.
    """
    missing = partial(Result, KEY, None, "s", METHOD)
    t_s, E_V = paired(after_s, potential_V, at_least=2, what="times and potentials of a step")
    if t_s.size < _FEWEST or t_s[-1] <= t_s[0]:
        return missing(reason=f"{t_s.size} points are too few to see a transition")
    count = min(_BLOCKS, t_s.size // 3)
    edges = np.linspace(t_s[0], t_s[-1], count + 1)
    where = np.clip(np.searchsorted(edges, t_s, side="right") - 1, 0, count - 1)
    held = np.bincount(where, minlength=count)
    full = held > 0
    mean_t = np.bincount(where, t_s, count)[full] / held[full]
    mean_E = np.bincount(where, E_V, count)[full] / held[full]
    if mean_t.size < _FEWEST // 3:
        return missing(reason="the samples leave most of the time without a potential")
    way = math.copysign(1.0, float(mean_E[-1] - mean_E[0]))
    steep = way * np.gradient(mean_E, mean_t)
    bends = np.diff(mean_E, 2)
    noise_V = float(np.median(np.abs(bends - np.median(bends)))) * _OF_SECOND_DIFFERENCES
    block_s = float(np.median(np.diff(mean_t)))
    floor = max(_NOISE * noise_V / block_s, 1e-30)
    flat = np.maximum(_smooth(np.abs(steep)), floor)
    before = np.minimum.accumulate(flat)
    after = np.minimum.accumulate(flat[::-1])[::-1]
    score = np.minimum(steep / before, steep / after)
    top = int(np.argmax(score[1:-1])) + 1
    if score[top] < _STEEPER:
        return missing(reason="the potential is nowhere steep between two flatter stretches")
    far = np.flatnonzero(steep < 0.5 * steep[top])
    low = int(far[far < top][-1]) if (far < top).any() else 0
    high = int(far[far > top][0]) if (far > top).any() else steep.size - 1
    moved_V = abs(float(mean_E[high] - mean_E[low]))
    if moved_V < _LEAST_V:
        return missing(reason=f"the steepest change is one of {1e3 * moved_V:.2g} mV only")
    at_s = float(mean_t[top])
    left, middle, right = steep[top - 1], steep[top], steep[top + 1]
    bend = left - 2.0 * middle + right
    if bend < 0.0:
        at_s += 0.5 * block_s * float((left - right) / bend)
    return Result(
        KEY,
        at_s,
        "s",
        METHOD,
        f"{1e3 * steep[top]:.3g} mV/s, {score[top]:.3g} times as steep as around it",
        random=0.5 * block_s,
    )


def sand_product(current_A: float, transition: Result) -> Result:
    """nAc√D in mol s^-½ of a constant current (A) and its transition time.

    i√τ = nFAc√(πD)/2: Sand 1901; Bard, Faulkner, Electrochemical Methods, 2nd ed., eq. 8.2.14.
    """
    key, method = "diffusion_product", "n A c √D = 2 i √τ / (F √π)"
    if transition.value is None:
        return Result(key, None, "mol s^-0.5", method, reason=transition.reason)
    value = 2.0 * abs(current_A) * math.sqrt(transition.value)
    value /= FARADAY_C_PER_MOL * math.sqrt(math.pi)
    relative = 0.5 * (transition.random or 0.0) / transition.value
    return Result(
        key,
        value,
        "mol s^-0.5",
        method,
        f"i = {1e3 * current_A:.4g} mA, τ = {transition.value:.4g} s",
        random=value * relative,
    )


def _smooth(values: np.ndarray) -> np.ndarray:
    return np.convolve(np.pad(values, 2, mode="edge"), np.full(5, 0.2), mode="valid")
