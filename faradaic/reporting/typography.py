"""Numbers and formulas as they are printed."""

from __future__ import annotations

import math

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def subscripted(formula: str) -> str:
    """A formula with its numbers as subscripts: "MgAl₂O₄"."""
    return formula.translate(_SUBSCRIPTS)


def power_of_ten(value: float) -> str:
    """The label of a decade: "10³", "10⁻²"."""
    return "10" + f"{round(math.log10(value))}".translate(_SUPERSCRIPTS)


def with_minus(text: str) -> str:
    """Numbers with a minus sign, not a hyphen."""
    return text.replace("-", "−")
