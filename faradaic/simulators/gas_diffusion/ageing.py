"""How a gas-diffusion electrode ages under current: flooding and salt.

Plain functions of the operating time, compiled into the cell's kernel.
"""

from __future__ import annotations

import math

from faradaic.simulators.kernel_cache import njit


@njit(cache=True)
def open_fraction(time_s: float, floor: float, decay_s: float, shape: float) -> float:
    """Fraction of the catalyst layer that gas still reaches: f∞ + (1 − f∞) exp(−(t/τ)^p)."""
    return floor + (1.0 - floor) * math.exp(-((time_s / decay_s) ** shape))


@njit(cache=True)
def salt_fraction(time_s: float, rate_per_s: float, flush_period_s: float) -> float:
    """Fraction that salt blocks: grows evenly, and each flush washes all of it away."""
    return rate_per_s * (time_s % flush_period_s)
