"""What the rows of an EC-Lab file must look like before they are handed on.

The format has no check sums. A wrong width or a lost byte shows in numbers that no instrument
writes: a magnitude beyond reason, a counter that is none, a time that runs backwards, an impedance
whose parts do not make its modulus, a charge without a current. A changed byte within the digits of
one number cannot be seen. No such number stands in the 50 files of yadg 61d55fe.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from operator import gt
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.readers.biologic_layout import known_fields, layout_of
from faradaic.datafiles.readers.headers import table_rows, warning
from faradaic.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK_BYTES = 200_000
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
_CURRENT = {7, 8, 11, 76}
"""Columns of a current, or of the charge of each point."""
_CONTROL = {5, 19, 20}
_AT_REST = {11, 28}
"""Techniques in which no current flows."""
_MOST_CHARGE = 1000.0
"""How many times the largest current between two rows may be exceeded by the charge."""


class _Words(NamedTuple):
    """The numbers of one width, as words of bits without their sign."""

    names: list[str]
    word: str
    unsigned: np.unsignedinteger
    """A word with all bits but that of the sign."""
    one: np.unsignedinteger
    largest: list[int]
    """Of each column what no instrument exceeds, as a word."""
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
    moduli: list[tuple[str, ...]]
    charge: tuple[str, str] | None
    """The columns of charge and current, where there are both."""


class _Booked:
    """The charge that the rows book, and the most that their currents make."""

    booked_C = most_C = largest_C = 0.0


def check_rows(rows: NDArray[np.void], ids: tuple[int, ...], path: Path) -> list[Diagnostic]:
    """Warnings of the cells that hold no number. Raises `InputError` (E759) for nonsense."""
    plan = _plan(ids)
    empty: dict[str, int] = {}
    booked = _Booked()
    view = rows.view(plan.dtype)
    # a block at a time, of which everything stays in the processor's cache
    size = max(1, _BLOCK_BYTES // rows.dtype.itemsize)
    for start in range(0, len(rows), size):
        block = slice(max(0, start - 1), start + size)
        problem = _check_numbers(view[block], plan, empty) or _check_block(
            rows[block], plan, block.start, booked
        )
        if problem:
            raise _nonsense(path, problem)
    rounding_C = len(rows) * 2.0**-23 * booked.largest_C
    if booked.booked_C - rounding_C > _MOST_CHARGE * booked.most_C:
        what = f"the rows book {booked.booked_C:.3g} C, their currents make at most"
        raise _nonsense(path, f"{what} {booked.most_C:.3g} C")
    return [
        warning("E746", f"{path}: {count} cells of {header} hold no number")
        for header, count in empty.items()
    ]


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
            largest = [word(by_name[name].largest) for name in names]
            limits = word(smallest), word(float(np.finfo(kind).tiny)), word(np.inf)
            of = np.dtype(code).type
            unsigned = of(2 ** (8 * int(kind[1]) - 1) - 1)
            words.append(_Words(names, code, unsigned, of(1), largest, *limits))
    as_words = [
        (name, layout.dtype[name].str.replace("f", "u")) for name in layout.dtype.names or ()
    ]
    charge = next((name for name in _CHARGES if name in by_name), None)
    current = next((name for name in _CURRENTS if name in by_name), None)
    return _Plan(
        np.dtype(as_words),
        words,
        [(n, f.largest) for n, f in by_name.items() if "u" in f.dtype and not f.mask],
        {name: field.header for name, field in by_name.items()},
        [names for names in _MODULI if set(names) <= by_name.keys()],
        (charge, current) if charge and current and _TIME in by_name else None,
    )


def _check_numbers(view: NDArray[np.void], plan: _Plan, empty: dict[str, int]) -> str:
    """What is wrong with the size of a number, "" where nothing is; counts those that are none."""
    import numpy as np

    for words in plan.words:
        bits = np.empty((len(words.names), len(view)), words.word)
        for column, name in zip(bits, words.names, strict=True):
            column[:] = view[name]
        bits &= words.unsigned
        most = np.maximum.reduce(bits, axis=1).tolist()
        least = np.minimum.reduce(bits - words.one, axis=None)
        if least >= words.smallest - 1 and not any(map(gt, most, words.largest)):
            continue
        for column, name, largest in zip(bits, words.names, words.largest, strict=True):
            header, none = plan.headers[name], int((column > words.infinite).sum())
            if huge := int((column > largest).sum()) - none:
                return f"{huge} of {len(column)} numbers of {header} are too large"
            if ((column < words.lowest) & (column > 0)).any():
                return f"numbers of {header} are smaller than a number can be written"
            tiny = int(((column < words.smallest) & (column > 0)).sum())
            if tiny > _MOST_TINY * len(column):
                return f"{tiny} of {len(column)} numbers of {header} are nearly nothing, but not 0"
            if none:
                empty[header] = empty.get(header, 0) + none
    return ""


def _check_block(rows: NDArray[np.void], plan: _Plan, first: int, booked: _Booked) -> str:
    """What is wrong with counters, times and what belongs together, "" where nothing is."""
    import numpy as np

    for name, largest in plan.counters:
        if (most := np.maximum.reduce(rows[name])) > largest:
            return f"{plan.headers[name]} counts up to {most}"
    elapsed_s = np.empty(0)
    if _TIME in plan.headers:
        time_s = rows[_TIME]
        elapsed_s = time_s[1:] - time_s[:-1]
        if not first and time_s[0] < 0:
            return f"the time begins at {time_s[0]:g} s"
        if len(elapsed_s) and np.minimum.reduce(elapsed_s) < 0:
            return f"the time runs backwards after row {first + 1 + int((elapsed_s < 0).argmax())}"
    if _FREQUENCY in plan.headers and np.minimum.reduce(rows[_FREQUENCY]) < 0:
        return "a frequency is negative"
    if _CYCLE in plan.headers:
        cycle = rows[_CYCLE]
        if np.logical_or.reduce(np.floor(cycle) != cycle) or np.minimum.reduce(cycle) < 0:
            return "the number of a cycle is none to count with"
    for names in plan.moduli:
        modulus, real, imaginary = (rows[name].astype(np.float64) for name in names)
        found, square = real * real + imaginary * imaginary, modulus * modulus
        odd = np.abs(found - square) > 2.0 * _MODULUS_TOLERANCE * square
        if np.logical_or.reduce(odd):
            row = int(odd.argmax())
            what = f"in row {first + row + 1} the parts of an impedance make"
            return f"{what} {found[row] ** 0.5:g} Ohm, its modulus is {modulus[row]:g} Ohm"
    if plan.charge:
        name, in_C = plan.charge[0], _CHARGES[plan.charge[0]]
        charge, size_mA = rows[name].astype(np.float64), np.abs(rows[plan.charge[1]])
        booked.most_C += 1e-3 * float(np.maximum(size_mA[1:], size_mA[:-1]) @ elapsed_s)
        booked.booked_C += in_C * float(np.add.reduce(np.abs(charge[1:] - charge[:-1])))
        largest_C = in_C * float(np.maximum.reduce(np.abs(charge)))
        booked.largest_C = max(booked.largest_C, largest_C)
    return ""


@lru_cache(maxsize=64)
def check_columns(ids: tuple[int, ...], technique: int | None) -> str:
    """What is odd about the columns of a technique, by its number; "" where nothing is.

    Of a file without settings, which EC-Lab does not write, only that it has times or frequencies.
    """
    here = set(ids)
    if not here & {int(_TIME), int(_FREQUENCY)}:
        return "it has neither times nor frequencies"
    if technique is None:
        return ""
    for number in ids:
        field = known_fields()[number]
        if lacking := field.beside - here:
            lack = known_fields()[min(lacking)].header
            return f"it has a column {field.header} without {lack}"
    if len(here & _CONTROL) > 1:
        return "it has two columns of what was controlled"
    spectra = _spectra().get(str(technique))
    if spectra is None or technique in _AT_REST:
        return "" if spectra is None or here & _POTENTIAL else "it has no potential"
    kind = int(_FREQUENCY) in here
    odd = kind if spectra == "never" else not kind if spectra == "always" else False
    controlled = spectra == "always" or here & _CONTROL
    if odd or not (here & _POTENTIAL and here & _CURRENT and controlled):
        return f"its columns are not those of technique {technique}"
    return ""


@cache
def _spectra() -> Mapping[str, str]:
    """Whether a technique "always" or "never" measures spectra, by its number."""
    rows = table_rows("techniques")
    return {row["id"]: row["spectra"] for row in rows if row["format"] == "biologic"}


def _nonsense(path: Path, what: str) -> InputError:
    return InputError.of(
        f"{path} is damaged, or its columns are not what they are taken for: {what}",
        help="export it as text (.mpt), or copy the file again from the instrument's computer",
        code="E759",
    )
