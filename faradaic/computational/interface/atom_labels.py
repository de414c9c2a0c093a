"""Atoms named by element and number, counted from 1 as in VASP and CP2K: `O6`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from faradaic.diagnostics import refusal


def index_of(label: str) -> int:
    """`O6` is index 5."""
    return int(re.sub(r"\D", "", label)) - 1


def checked_index(label: str, symbols: Sequence[str], source: str, code: str) -> int:
    """The index of a label. Raises `InputError` with `code` where no such atom is there."""
    index, element = index_of(label), re.sub(r"\d", "", label)
    if index >= len(symbols):
        raise refusal(
            code,
            f"there is no atom {label}: {source} has {len(symbols)} atoms",
            f"write an element and a number from 1 to {len(symbols)}",
        )
    if symbols[index] != element:
        same = [f"{symbol}{i + 1}" for i, symbol in enumerate(symbols) if symbol == element]
        there = f"its atoms of {element} are {', '.join(same[:12])}"
        raise refusal(
            code,
            f"atom {index + 1} of {source} is {symbols[index]}, not {element}",
            f"{there if same else f'it has no {element}'}; numbers count from 1",
        )
    return index
