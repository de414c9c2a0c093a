"""One electrode of a simulated cell: partial currents in parallel with a double layer.

Currents are anodic positive; potentials are against SHE and free of ohmic drop. The kernels take
the records of `faradaic.simulators.preparative.layout` and are compiled by numba when a simulation
starts; with NUMBA_DISABLE_JIT=1 they run as they stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.kernel_cache import njit

_EXPONENT_MAX = 600.0
"""Keeps exp() finite while a root is bracketed; no current of this size is ever a root."""

_TOLERANCE_V = 1e-8
_FIRST_MOVE_V = 0.2
ITERATIONS = 200


class Side(NamedTuple):
    """One electrode during one time step."""

    electrode: int
    before_V: float
    """Its potential at the start of the step."""
    farads_per_s: float
    """Double layer over the length of the step."""
    temperature_K: float
    slope_factor: float
    """By which slopes differ from those given, T0/T: transfer coefficients stay."""
    reactions: Any
    work: Any
    """Rates and limits set for the step; currents and their slopes are left here."""


@njit(error_model="numpy", inline="always")
def partial_currents(potential_V: float, side: Side) -> tuple[float, float]:
    """Sum of an electrode's partial currents at a potential, and its derivative (A, A/V).

    Each is left in `side.work`. A reaction that runs one way follows 1/i = 1/i_k + 1/i_lim
    (Koutecky and Levich, 1956), a reversible one the same with both directions:
    i = (K_f c_s - K_b c_p)/(1 + K_f/M_s + K_b/M_p), K = zFAk, M = zFAm.
    """
    reactions, work = side.reactions, side.work
    total_A = 0.0
    slope_A_per_V = 0.0
    for k in range(len(reactions)):
        reaction = reactions[k]
        if reaction["electrode"] != side.electrode:
            continue
        now = work[k]
        slope = reaction["slope_per_V"] * side.slope_factor
        forward = now["log_rate"] + slope * (potential_V - now["reference_V"])
        rate = math.exp(min(forward, _EXPONENT_MAX))
        if reaction["reversible"]:
            sign = reaction["sign"]
            nernst = sign * reaction["electrons"] * FARADAY_C_PER_MOL
            nernst /= GAS_CONSTANT_J_PER_MOL_K * side.temperature_K
            away = nernst * (potential_V - now["reference_V"])
            back_rate = math.exp(min(forward - away, _EXPONENT_MAX))
            back_slope = slope - nernst
            onward, back = rate * now["substrate"], back_rate * now["product"]
            limit, back_limit = now["inverse_limit"], now["inverse_back_limit"]
            hindrance = 1.0 + rate * limit + back_rate * back_limit
            current_A = sign * (onward - back) / hindrance
            stiffer = slope * rate * limit + back_slope * back_rate * back_limit
            change = sign * (slope * onward - back_slope * back) / hindrance
            change -= current_A * (stiffer / hindrance)
        else:
            share = 1.0 / (1.0 + rate * now["inverse_limit"])
            current_A = reaction["sign"] * rate * share
            change = slope * current_A * share
        now["current_A"] = current_A
        now["slope_A_per_V"] = change
        total_A += current_A
        slope_A_per_V += change
    return total_A, slope_A_per_V


@njit(error_model="numpy")
def at_current(current_A: float, guess_V: float, side: Side) -> tuple[float, float, bool]:
    """Potential at the end of a step through which a current flows, its derivative (V, V/A), found.

    The partial currents are left in `side.work`, carried along the last Newton move, so that with
    the charging current they add up to the given current to the last digit.
    """
    potential_V = guess_V
    low, high, longest = -math.inf, math.inf, _FIRST_MOVE_V
    before_last = last = math.inf
    for _ in range(ITERATIONS):
        total_A, slope = partial_currents(potential_V, side)
        slope += side.farads_per_s
        total_A += side.farads_per_s * (potential_V - side.before_V)
        move = (current_A - total_A) / slope
        if -_TOLERANCE_V < move < _TOLERANCE_V:
            for k in range(len(side.reactions)):
                if side.reactions[k]["electrode"] == side.electrode:
                    side.work[k]["current_A"] += side.work[k]["slope_A_per_V"] * move
            return potential_V + move, 1.0 / slope, True
        move, low, high, longest, stuck = next_move(
            potential_V, total_A - current_A, move, low, high, longest, before_last
        )
        if stuck:
            return potential_V, 1.0 / slope, True
        before_last, last = last, move
        potential_V += move
    return potential_V, 0.0, False


@njit(error_model="numpy")
def next_move(
    x: float,
    value: float,
    move: float,
    low: float,
    high: float,
    longest: float,
    before_last: float,
) -> tuple[float, float, float, float, bool]:
    """The move after a Newton move is proposed: (move, low, high, longest, bracket exhausted).

    Where moves do not shrink, or leave the bracket that the signs seen so far span, the bracket
    is halved; while there is no bracket, moves are limited, and where they do not shrink they are
    made as long as the limit, which doubles each time.
    """
    if value > 0.0:
        high = x
    elif value < 0.0:
        low = x
    slow = abs(move) > 0.5 * abs(before_last)
    if high - low < math.inf:
        if slow or not low < x + move < high:
            move = 0.5 * (low + high) - x
            if x + move == low or x + move == high:
                return 0.0, low, high, longest, True
    elif slow or abs(move) > longest:
        move = math.copysign(longest, move)
        longest *= 2.0
    return move, low, high, longest, False


def root(function: Callable[[float], tuple[float, float]], start: float) -> float:
    """The root of a rising function that returns its value and its slope.

    Newton's method, kept in hand by `next_move`; ends with a Newton move below 1e-8, which leaves
    an error of the order of its square. Raises `ArithmeticError` if the function does not cross
    zero.
    """
    guide = getattr(next_move, "py_func", next_move)  # not worth compiling for one root
    x = start
    low, high, longest = -math.inf, math.inf, _FIRST_MOVE_V
    before_last = last = math.inf
    for _ in range(ITERATIONS):
        value, slope = function(x)
        move = -value / slope
        if -_TOLERANCE_V < move < _TOLERANCE_V:
            return x + move
        move, low, high, longest, stuck = guide(x, value, move, low, high, longest, before_last)
        if stuck:
            return x
        before_last, last = last, move
        x += move
    raise ArithmeticError(f"no root between {low} and {high}, from {start}")
