"""Numbers and formulas as they are printed."""

from __future__ import annotations

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def subscripted(formula: str) -> str:
    """A formula with its numbers as subscripts: "MgAl₂O₄"."""
    return formula.translate(_SUBSCRIPTS)


def with_minus(text: str) -> str:
    """Numbers with a minus sign, not a hyphen."""
    return text.replace("-", "−")
