"""Numbers and formulas as they are printed."""

from __future__ import annotations

import math

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def subscripted(formula: str) -> str:
    """A formula with its numbers as subscripts: "MgAl₂O₄"."""
    return formula.translate(_SUBSCRIPTS)


def power_of_ten(value: float) -> str:
    """A number of few digits by its decade: "10³", "2×10⁻⁵"."""
    power = math.floor(math.log10(value) + 1e-9)
    digits = f"{value / 10.0**power:.3g}"
    decade = "10" + f"{power}".translate(_SUPERSCRIPTS)
    return decade if digits == "1" else f"{digits}×{decade}"


def with_minus(text: str) -> str:
    """Numbers with a minus sign, not a hyphen."""
    return text.replace("-", "−")
