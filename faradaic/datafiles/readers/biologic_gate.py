"""What the rows of an EC-Lab file must look like before they are handed on.

The format has no check sums. A wrong width or a lost byte shows in numbers that no instrument
writes: a magnitude beyond reason, a counter that is none, a time that runs backwards, an impedance
whose parts do not make its modulus, a charge without a current. A changed byte within the digits of
one number cannot be seen. No such number stands in the 50 files of yadg 61d55fe.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.readers.biologic_layout import layout_of
from faradaic.datafiles.readers.headers import table_rows, warning
from faradaic.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SMALLEST = {"f4": 1e-25, "f8": 1e-30}
"""Below it, but for zero, nothing is measured; a rare difference of two equal charges may be."""
_MOST_TINY = 0.01
"""The share of a column that may be so small."""
_TIME, _CYCLE, _FREQUENCY = "4", "24", "32"
_MODULI = (
    ("36", "37", "38"),
    ("99", "100", "101"),
    ("431", "432", "433"),
    ("301", "331", "361"),
    ("302", "332", "362"),
    ("423", "424", "425"),
)
"""|Z| with its two parts."""
_MODULUS_TOLERANCE = 1e-4
_CURRENTS = ("11", "8", "76")
_CHARGES = {"434": 1.0, "13": 3.6}
"""With what makes coulombs of them."""
_POTENTIAL = {6, 77, 174}
_CURRENT = {7, 8, 11, 13, 23, 76, 434, 435}
"""Columns of a current or a charge."""
_IMPEDANCE = {33, 34, 35, 36, 37, 38, 98, 99, 100, 101, 430, 431, 432, 433}
_AT_REST = {11, 28}
"""Techniques in which no current flows."""
_MOST_CHARGE = 1000.0
"""How many times the largest current between two rows may be exceeded by the charge."""


class _Words(NamedTuple):
    """The numbers of one width, as words of bits without their sign."""

    names: list[str]
    word: str
    largest: NDArray[np.unsignedinteger]
    """(column, 1): the words of what no instrument exceeds."""
    smallest: int
    lowest: int
    """Of the numbers that have all their digits."""
    infinite: int


class _Plan(NamedTuple):
    dtype: np.dtype[np.void]
    """A row as words."""
    words: list[_Words]
    counters: list[tuple[str, float]]
    headers: Mapping[str, str]


def check_rows(rows: NDArray[np.void], ids: tuple[int, ...], path: Path) -> list[Diagnostic]:
    """Warnings of the cells that hold no number. Raises `InputError` (E759) for nonsense."""
    import numpy as np

    if not len(rows):
        return []
    plan = _plan(ids)
    warnings: list[Diagnostic] = []
    view = rows.view(plan.dtype)
    for words in plan.words:
        bits = np.empty((len(words.names), len(rows)), words.word)
        for column, name in zip(bits, words.names, strict=True):
            column[:] = view[name]
        bits &= bits.dtype.type(2 ** (8 * bits.itemsize - 1) - 1)
        if (bits.max(axis=1) > words.largest).any() or (bits - 1).min() < words.smallest - 1:
            warnings += _judge(bits, words, plan, path)
    for name, largest in plan.counters:
        if rows[name].max() > largest:
            raise _nonsense(path, f"{plan.headers[name]} counts up to {rows[name].max()}")
    for check in (_check_time, _check_counts, _check_impedance, _check_charge):
        if problem := check(rows):
            raise _nonsense(path, problem)
    return warnings


@lru_cache(maxsize=64)
def _plan(ids: tuple[int, ...]) -> _Plan:
    import numpy as np

    layout = layout_of(ids)
    by_name = {str(number): field for number, field in zip(layout.ids, layout.fields, strict=True)}
    words = []
    for kind, smallest in _SMALLEST.items():
        code = "<u" + kind[1]

        def word(value: float, kind: str = kind, code: str = code) -> int:
            return int(np.array([value], kind).view(code)[0])

        names = [name for name, field in by_name.items() if field.dtype == "<" + kind]
        if names:
            largest = np.array([word(by_name[name].largest) for name in names], code)
            lowest = word(float(np.finfo(kind).tiny))
            words.append(_Words(names, code, largest, word(smallest), lowest, word(np.inf)))
    counters = [(n, f.largest) for n, f in by_name.items() if "u" in f.dtype and not f.mask]
    as_words = [
        (name, layout.dtype[name].str.replace("f", "u")) for name in layout.dtype.names or ()
    ]
    headers = {name: field.header for name, field in by_name.items()}
    return _Plan(np.dtype(as_words), words, counters, headers)


def _judge(
    bits: NDArray[np.unsignedinteger], words: _Words, plan: _Plan, path: Path
) -> list[Diagnostic]:
    """The same column by column, when one of them is suspicious."""
    found = []
    for column, name, largest in zip(bits, words.names, words.largest, strict=True):
        header, none = plan.headers[name], int((column > words.infinite).sum())
        if huge := int((column > largest).sum()) - none:
            raise _nonsense(path, f"{huge} of {len(column)} numbers of {header} are too large")
        if int(((column < words.lowest) & (column > 0)).sum()):
            raise _nonsense(path, f"numbers of {header} are smaller than a number can be written")
        tiny = int(((column < words.smallest) & (column > 0)).sum())
        if tiny > _MOST_TINY * len(column):
            what = f"{tiny} of {len(column)} numbers of {header} are next to nothing, but not zero"
            raise _nonsense(path, what)
        if none:
            found.append(warning("E746", f"{path}: {none} cells of {header} hold no number"))
    return found


def check_technique(ids: tuple[int, ...], technique: int | None) -> str:
    """What is odd about the columns of a technique, by its number; "" where nothing is."""
    here = set(ids)
    if not here >= {int(_TIME)}:
        return "it has no column of times"
    frequency = int(_FREQUENCY) in here
    if here & _IMPEDANCE and not frequency:
        return "it has columns of an impedance and none of frequencies"
    if str(technique) not in _spectra():
        return ""
    spectra = _spectra()[str(technique)]
    lacking = not here & _POTENTIAL or (technique not in _AT_REST and not here & _CURRENT)
    odd = frequency if spectra == "never" else not frequency if spectra == "always" else False
    return f"its columns are not those of technique {technique}" if lacking or odd else ""


@cache
def _spectra() -> Mapping[str, str]:
    """Whether a technique "always" or "never" measures spectra, by its number."""
    rows = table_rows("techniques")
    return {row["id"]: row["spectra"] for row in rows if row["format"] == "biologic"}


def _names(rows: NDArray[np.void]) -> tuple[str, ...]:
    return rows.dtype.names or ()


def _check_time(rows: NDArray[np.void]) -> str:
    if _TIME not in _names(rows):
        return ""
    time_s = rows[_TIME]
    if time_s[0] < 0:
        return f"the time begins at {time_s[0]:g} s"
    back = time_s[1:] < time_s[:-1]
    return f"the time runs backwards after row {int(back.argmax()) + 1}" if back.any() else ""


def _check_counts(rows: NDArray[np.void]) -> str:
    if _FREQUENCY in _names(rows) and rows[_FREQUENCY].min() < 0:
        return "a frequency is negative"
    if _CYCLE not in _names(rows):
        return ""
    cycle = rows[_CYCLE]
    odd = (cycle % 1 != 0) | (cycle < 0)
    return f"the number of a cycle is {cycle[odd][0]:g}" if odd.any() else ""


def _check_impedance(rows: NDArray[np.void]) -> str:
    import numpy as np

    for of_modulus, *parts in _MODULI:
        if not {of_modulus, *parts} <= set(_names(rows)):
            continue
        modulus = rows[of_modulus].astype(np.float64)
        found = np.hypot(*(rows[part].astype(np.float64) for part in parts))
        odd = np.abs(found - modulus) > _MODULUS_TOLERANCE * np.maximum(found, modulus)
        if odd.any():
            row = int(odd.argmax())
            what = f"in row {row + 1} the parts of an impedance make {found[row]:g} Ohm"
            return f"{what}, its modulus is {modulus[row]:g} Ohm"
    return ""


def _check_charge(rows: NDArray[np.void]) -> str:
    import numpy as np

    names = _names(rows)
    current = next((name for name in _CURRENTS if name in names), None)
    charge = next((name for name in _CHARGES if name in names), None)
    if current is None or charge is None or _TIME not in names:
        return ""
    size_A = np.abs(rows[current].astype(np.float64)) * 1e-3
    charge_C = rows[charge] * _CHARGES[charge]
    most_C = float(np.maximum(size_A[1:], size_A[:-1]) @ np.diff(rows[_TIME]))
    booked_C = float(np.abs(np.diff(charge_C)).sum(dtype=np.float64))
    rounding_C = len(rows) * 2.0**-23 * float(np.abs(charge_C).max())
    if booked_C - rounding_C <= _MOST_CHARGE * most_C:
        return ""
    return f"the rows book {booked_C:.3g} C, their currents make {most_C:.3g} C at most"


def _nonsense(path: Path, what: str) -> InputError:
    return InputError.of(
        f"{path} is damaged, or its columns are not what they are taken for: {what}",
        help="export it as text (.mpt), or copy the file again from the instrument's computer",
        code="E759",
    )
