"""The root of a rising function, asked for one value at a time.

A search that is told values instead of being handed the function: numba can keep the compiled code
of its callers on disk, which it cannot for functions that are passed as arguments.

    search = begin(start, first, tolerance)
    while not search.done:
        search = told(search, function(search.x))
"""

from __future__ import annotations

import math
from typing import NamedTuple

from faradaic.simulators.kernel_cache import njit

LONGEST_SEARCH = 250
"""Function values. Bisection alone needs 64 in a bracket; moves that double need 60 to find it."""


class Bracket(NamedTuple):
    """The last three places asked, and the values there; the root lies between `a` and `b`."""

    a: float
    fa: float
    b: float
    fb: float
    c: float
    fc: float


class Search(NamedTuple):
    """Where to ask next, and what is known."""

    x: float
    """Where to ask for the function; the root once `done`, `nan` if there is none in reach."""
    done: bool
    tolerance: float
    asked: int
    move: float
    """The next move while there is no bracket; then 0."""
    bracket: Bracket


@njit(cache=True)
def begin(start: float, first: float, tolerance: float) -> Search:
    """A search that moves away from `start` by steps that double from `first`.

    It ends within `tolerance` of the root, absolute, or where floats end.
    """
    nowhere = Bracket(start, math.nan, start, math.nan, start, math.nan)
    return Search(start, False, tolerance, 0, first, nowhere)


@njit(cache=True)
def told(search: Search, value: float) -> Search:
    """The search after the function's value at `search.x`."""
    x, _, tolerance, asked, move, last = search
    if value == 0.0:
        return Search(x, True, tolerance, asked, move, last)
    if not math.isfinite(value) or asked > LONGEST_SEARCH:
        return Search(math.nan, True, tolerance, asked, move, last)
    if move != 0.0:
        if asked == 0:
            move = math.copysign(move, -value)
        if asked == 0 or (value > 0.0) == (last.fa > 0.0):
            here = Bracket(x, value, x, value, x, value)
            return Search(x + move, False, tolerance, asked + 1, 2.0 * move, here)
        bracket = Bracket(x, value, last.a, last.fa, last.a, last.fa)
        at = value / (value - last.fa)
    else:
        bracket = _narrowed(last, x, value)
        at = _fraction(bracket)
    a, fa, b, fb = bracket.a, bracket.fa, bracket.b, bracket.fb
    limit = (4.5e-16 * max(abs(a), abs(b)) + 0.5 * tolerance) / abs(b - a)
    if limit > 0.5:
        return Search(a if abs(fa) < abs(fb) else b, True, tolerance, asked, 0.0, bracket)
    at = min(max(at, limit), 1.0 - limit)
    return Search(a + at * (b - a), False, tolerance, asked + 1, 0.0, bracket)


@njit(cache=True)
def _narrowed(last: Bracket, x: float, value: float) -> Bracket:
    if (value > 0.0) == (last.fa > 0.0):
        return Bracket(x, value, last.b, last.fb, last.a, last.fa)
    return Bracket(x, value, last.a, last.fa, last.b, last.fb)


@njit(cache=True)
def _fraction(bracket: Bracket) -> float:
    """Where between `a` and `b` to ask next (Chandrupatla, Adv. Eng. Softw. 1997, 28, 145).

    Inverse quadratic interpolation where the three points allow it, else the middle.
    """
    a, fa, b, fb, c, fc = bracket
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (phi * phi < xi and (1.0 - phi) * (1.0 - phi) < 1.0 - xi):
        return 0.5
    quadratic = fa / (fb - fa) * (fc / (fb - fc))
    return quadratic + (c - a) / (b - a) * (fa / (fc - fa)) * (fb / (fc - fb))
