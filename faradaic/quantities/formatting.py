"""Between SI floats and a chosen unit, and from SI floats back to text."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

from faradaic.quantities import units
from faradaic.quantities.grammar import QuantityError


def convert(value_SI: float, unit: str) -> float:
    """A value in SI, in `unit`: `convert(0.005, "mA")` is 5. Raises `QuantityError` (E104)."""
    found = _find(unit)
    if not math.isfinite(value_SI):
        return value_SI
    return float((Fraction(value_SI) - found.offset) / found.factor)


def to_SI(value: float, unit: str) -> float:
    """A value in `unit`, in SI: `to_SI(5.0, "mA")` is 0.005. Raises `QuantityError` (E104)."""
    found = _find(unit)
    if not math.isfinite(value):
        return value
    return float(Fraction(value) * found.factor + found.offset)


def format_quantity(value_SI: float, unit: str, digits: int = 3) -> str:
    """A value in SI as text in `unit`, with at least `digits` significant digits: "5.00 mA".

    Digits before the point are never rounded away ("12345 s"); numbers too large or too small to
    be written out are given as powers of ten. Raises `QuantityError` (E104).
    """
    value = convert(value_SI, unit)
    if not math.isfinite(value):
        return f"{value} {unit}"
    scientific = f"{value:.{digits - 1}e}"
    exponent = int(scientific.partition("e")[2])
    if value and not -4 <= exponent < 6:
        mantissa, _, power = scientific.partition("e")
        return f"{mantissa}e{int(power)} {unit}"
    return f"{value:.{max(0, digits - 1 - exponent)}f} {unit}"


def format_duration(seconds: float) -> str:
    """A duration in its two largest units: "4 h 49 min", "2 min 5 s", "1.50 s"."""
    if not math.isfinite(seconds) or seconds < 0:
        return f"{seconds} s"
    if round(seconds) < 60:
        whole = round(seconds, 2)
        return f"{whole:.0f} s" if whole == int(whole) else f"{whole:.2f} s"
    large, small = (60, 1) if round(seconds) < 3600 else (3600, 60)
    if round(seconds / small) * small >= 86400:
        large, small = 86400, 3600
    names = {1: "s", 60: "min", 3600: "h", 86400: "d"}
    first, rest = divmod(round(seconds / small) * small, large)
    head = f"{first} {names[large]}"
    return f"{head} {rest // small} {names[small]}" if rest else head


@lru_cache(maxsize=256)
def _find(unit: str) -> units.Unit:
    key, end = units.scan_unit(unit, 0)
    known = units.with_key(key) if end == len(unit) else {}
    if not known:
        raise QuantityError.of(f"`{unit}` is not a unit", help="see units.csv", code="E104")
    return next(iter(known.values()))
