"""Text in a CSV file that a spreadsheet neither runs nor splits.

A spreadsheet takes a cell that begins with one of = + - @ for a formula, also behind a tab or a
carriage return (OWASP, CSV Injection).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

_Value = TypeVar("_Value")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BREAKS = str.maketrans(dict.fromkeys(',;\t"\r\n', " "))


def cell(value: _Value) -> _Value | str:
    """A value as a cell; text that would be a formula behind an apostrophe, numbers as they are."""
    if not isinstance(value, str) or not value.lstrip(" ").startswith(_FORMULA) or _number(value):
        return value
    return f"'{value}"


def cells(values: Iterable[_Value]) -> list[_Value | str]:
    """Each value as a cell."""
    return [cell(value) for value in values]


def note(text: str) -> str:
    """A line above a table: one cell, whatever it holds."""
    return "".join(c if c.isprintable() else " " for c in text.translate(_BREAKS)).lstrip("=+-@ ")


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
