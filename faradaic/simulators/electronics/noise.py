"""Noise of a meter, sample by sample: white, 1/f and mains; every part O(1) per sample and seeded.

1/f noise is a sum of Ornstein-Uhlenbeck processes (relaxations) with rates evenly spaced on a
logarithmic scale (van der Ziel 1950). Each is exact for any spacing of the samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable

LOWEST_HZ = 1e-5
"""Below it, about once a day, 1/f noise levels off."""

HIGHEST_HZ = 1e4
RATIO = math.sqrt(10.0)
"""Between neighbouring rates: the ripple of the sum about 1/f is then below 0.1 %."""


class FlickerNoise:
    """A process with the one-sided power spectral density 1/f, in units² per Hz at 1 Hz."""

    def __init__(self, gauss: Callable[[float, float], float]) -> None:
        """`gauss(mean, deviation)` draws the innovations."""
        self._gauss = gauss
        count = round(math.log(HIGHEST_HZ / LOWEST_HZ) / math.log(RATIO)) + 1
        self._rates_per_s = [2.0 * math.pi * LOWEST_HZ * RATIO**k for k in range(count)]
        # One process of variance s² at every factor r in rate adds up to s²/(f ln r).
        self._deviation = math.sqrt(math.log(RATIO))
        self._modes = [gauss(0.0, self._deviation) for _ in range(count)]
        self._time_s: float | None = None
        self._dt_s = self._aperture_s = math.nan
        self._decays: list[tuple[float, float]] = []
        self._weights: list[float] = []

    def sample(self, time_s: float, aperture_s: float) -> float:
        """The mean over an aperture that ends at a time; times must not decrease.

        A mode keeps the share of its rms that survives an average over the aperture.
        """
        dt_s = 0.0 if self._time_s is None else time_s - self._time_s
        self._time_s = time_s
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._decays = [
                (
                    math.exp(-rate * dt_s),
                    self._deviation * math.sqrt(-math.expm1(-2.0 * rate * dt_s)),
                )
                for rate in self._rates_per_s
            ]
        if aperture_s != self._aperture_s:
            self._aperture_s = aperture_s
            self._weights = [_survival(rate * aperture_s) for rate in self._rates_per_s]
        if dt_s > 0.0:
            gauss = self._gauss
            self._modes = [
                mode * decay + gauss(0.0, innovation)
                for mode, (decay, innovation) in zip(self._modes, self._decays, strict=True)
            ]
        return sum(mode * weight for mode, weight in zip(self._modes, self._weights, strict=True))


def mains(time_s: float, aperture_s: float, mains_Hz: float) -> float:
    """Mean of sin(2πft) over an aperture that ends at a time; 0 for whole cycles of the mains."""
    turns = mains_Hz * aperture_s
    share = math.sin(math.pi * turns) / (math.pi * turns) if turns > 0.0 else 1.0
    return share * math.sin(2.0 * math.pi * mains_Hz * (time_s - 0.5 * aperture_s))


def _survival(x: float) -> float:
    """rms of the mean of a relaxation over an aperture of x relaxation times, against its own."""
    if x < 1e-3:
        return 1.0 - x / 6.0
    return math.sqrt(2.0 * (x + math.expm1(-x))) / x
