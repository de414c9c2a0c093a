"""Converters between numbers and voltages: a finite number of levels within a full scale."""

from __future__ import annotations

import math


def level_width(full_scale: float, bits: int) -> float:
    """Distance of two levels of a converter that spans ±`full_scale`, in its unit."""
    return 2.0 * full_scale / (1 << bits)


def quantise(value: float, full_scale: float, bits: int) -> float:
    """The nearest level; the error of a value between levels has the variance LSB²/12."""
    width = level_width(full_scale, bits)
    return round(value / width) * width


def convert(value: float, full_scale: float, bits: int) -> tuple[float, bool]:
    """A value as an ADC gives it, and whether it is beyond full scale (then that is given)."""
    if -full_scale < value < full_scale:
        return quantise(value, full_scale, bits), False
    return math.copysign(full_scale, value), True
