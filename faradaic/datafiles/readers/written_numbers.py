"""Numbers as people and programs write them: "1.000,5", "1'000.5", "1.0D-03", "12,5 %", "OVLD".

A form counts where it can be nothing but that number. "1,000" can be two: the decimal mark of the
rest of the file says which, or a person; nothing is guessed.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.readers.headers import scale_of, table_rows
from faradaic.datafiles.written_forms import stated_mark

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_BLANK = " \u00a0\u2007\u2008\u2009\u200a\u202f\u205f"
"""A blank in its widths; typesetters part thousands with the narrow ones."""
_EDGES = _BLANK + '\t\r\n"\u200b\ufeff'
_APART = rf"['’‘ʼ´_{_BLANK}]"
_DASHES = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-", "－": "-", "‐": "-", "‑": "-"})
_POWER = r"(?:[eE][-+]?\d+)?"
_GROUPED = rf"^[-+]?\d{{1,3}}(?:{_APART}\d{{3}})+(?:[.,]\d*)?{_POWER}$"
_BY_POINT = rf"^[-+]?\d{{1,3}}(?:(?:\.\d{{3}})+,\d*{_POWER}|(?:\.\d{{3}}){{2,}})$"
_BY_COMMA = rf"^[-+]?\d{{1,3}}(?:(?:,\d{{2,3}})*,\d{{3}}\.\d*{_POWER}|(?:,\d{{3}}){{2,}})$"
"""Of hundreds too, as in India."""
_FORTRAN = r"^([-+]?[\d.,]+)[dDqQ]([-+]?\d+)$"
_WITHOUT_E = r"^([-+]?\d*[.,]\d+)([-+]\d{3})$"
"""Fortran leaves out the letter before an exponent of three digits."""
_TEN = r"^([-+]?[\d.,]+)\s?[x×*·⋅]\s?10\s?\^?\s?[({]?([-+]?\d+)[)}]?$"
_FORMULA = r'^="?([^"=]*)"?$'
"""A number that a program protects from a spreadsheet."""
_LONE = r"^[-+]?[1-9]\d{0,2}[.,]\d{3}$"
"""One mark before three digits: a decimal, or a thousand."""
_WITH_UNIT = r"^([-+]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][-+]?\d+)?) ?([%‰°µμΩA-Za-z][^\s\d]*)$"
_STROKES = r"^(?:-+|\*+|\++|\.+)$"
_CELLS = {code: re.compile(code) for code in (
    _GROUPED, _BY_POINT, _BY_COMMA, _FORTRAN, _WITHOUT_E, _TEN, _FORMULA, _LONE, _WITH_UNIT,
    _STROKES)}  # fmt: skip
_EXCEL_CELL = re.compile(r"#[^\W\d_]+(?:/[^\W\d_]+)?[!?]?|#[^\W\d_]+/0!?")
_SIGN_APART = re.compile(rf"^([-+])[{_BLANK}]+(?=\d)")
"""As balances write it: "+  12.345 g"."""
_SHARES = ("%", "‰", "ppm", "ppb")
_FEW = 200
"""Cells that are looked at one by one in any case."""
_MOST_FORMS = 20_000
"""Different cells that are looked at one by one."""

_POINT_IN_ROWS = re.compile(
    rb"(?<![0-9.,:/])(?:0|[0-9]{4,}|(?=\.))\.[0-9]|(?<![0-9.,:/])[0-9]{1,3}\.(?:[0-9]{1,2}|[0-9]{4,})"
    rb"(?![0-9.,:]|-[A-Za-z])|[0-9],[0-9]{3}\.[0-9]|(?<![0-9.,:/])[0-9]{1,3}\.[0-9]{3}[eEdD]"
    rb"|(?<![0-9.,:/])[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}(?![0-9.,:])"
)
_COMMA_IN_ROWS = re.compile(
    rb"(?<![0-9.,:/])(?:0|[0-9]{4,}|(?=,)),[0-9]|(?<![0-9.,:/])[0-9]{1,3},(?:[0-9]{1,2}|[0-9]{4,})"
    rb"(?![0-9.,:]|-[A-Za-z])|[0-9]\.[0-9]{3},[0-9]|(?<![0-9.,:/])[0-9]{1,3},[0-9]{3}[eEdD]"
    rb"|(?<![0-9.,:/])[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}(?![0-9.,:])"
)
"""What can be nothing but a decimal: no thousands stand before a lone 0, or before any other number
of digits than three."""
LONE_POINT = re.compile(rb"(?<![0-9.,:/])[1-9][0-9]{0,2}\.[0-9]{3}(?![0-9.,:])")
_LONE_IN_ROWS = re.compile(rb"(?<![0-9.,:/])[1-9][0-9]{0,2}([.,])[0-9]{3}(?![0-9.,:])")
_HEADS = (2048, 65_536)
QUOTED_COMMA = re.compile(rb'"\s*([-+]?)(\d+),(\d+)((?:[eE][-+]?\d+)?)\s*"')
"""A number in quotes whose mark is the comma that also parts the cells."""
_POINT_BETWEEN_COMMAS = re.compile(rb"(?<![0-9.])[0-9]+\.[0-9]+(?![0-9.])")
"""Of a number; a date has two of them."""


class Written(NamedTuple):
    """The numbers of a column of text."""

    values: NDArray[np.float64]
    """NaN where a cell is empty, a mark of what is missing, or no number."""
    bad: int
    """Cells that hold something else."""
    marks: tuple[str, ...]
    """The different marks of what is missing, and"""
    missing: int
    """how many cells hold one; an empty cell is none."""
    unit: str
    """Which stands in the cells, behind the number; "" where none does."""
    odd_marks: int
    """Cells with the other decimal mark than the rest of the file."""
    grouped: bool
    """Whether the other mark parts thousands by the rest of the file alone."""


def decimal_mark(rows: bytes, separator: str) -> str:
    """The decimal mark of rows, "." or ","; "?" where the only mark may part thousands.

    A point before three digits is taken for a decimal one unless semicolons part the cells, which
    do so where the comma is the decimal mark. Between commas it is the point, but for numbers in
    quotes.
    """
    if mark := stated_mark():
        return mark
    if separator == ",":
        return _quoted_mark(rows)
    for end in (*_HEADS, len(rows)):  # mostly the first rows tell
        head = rows if end >= len(rows) else rows[: rows.rfind(b"\n", 0, end) + 1]
        point = _POINT_IN_ROWS.search(head) if b"." in head else None
        comma = _COMMA_IN_ROWS.search(head) if b"," in head else None
        if point and comma:
            points = sum(1 for _ in _POINT_IN_ROWS.finditer(head))
            return "." if points >= sum(1 for _ in _COMMA_IN_ROWS.finditer(head)) else ","
        if point or comma:
            return "." if point else ","
        if end == _HEADS[-1] and not _lone(rows, separator):
            return "."
    return "?"


def _lone(rows: bytes, separator: str) -> bool:
    """Whether marks stand in rows that may be decimal ones or part thousands."""
    if b"," not in rows and (separator != ";" or b"." not in rows):
        return False
    marks = (match[1] for match in _LONE_IN_ROWS.finditer(rows))
    return any(mark == b"," or separator == ";" for mark in marks)


def _quoted_mark(rows: bytes) -> str:
    """The same where commas part the cells."""
    if b'"' not in rows or _POINT_BETWEEN_COMMAS.search(rows):
        return "."
    found = ""
    for match in QUOTED_COMMA.finditer(rows):
        before, behind = match[2], match[3]
        if len(behind) != 3 or len(before) > 3 or before.startswith(b"0"):
            return ","
        found = "?"
    return found or "."


def number_in(cell: str, mark: str = "") -> float | None:
    """The number in one cell, whatever unit stands behind it; None where there is none.

    `mark` is the decimal mark of the file; without one "1,000" is what it is with a comma.
    """
    try:
        return float(cell)
    except ValueError:
        read = _read(cell, mark)
    return read[0] if isinstance(read, tuple) else None


def number_alone(text: str, mark: str = "") -> float | None:
    """The same of a cell without a unit."""
    return _plain(text.strip(_EDGES), mark)


def is_missing(cell: str) -> bool:
    """Whether a cell holds a mark in place of a number that there is none of."""
    plain = cell.strip(_EDGES).translate(_DASHES).casefold()
    return (
        plain in _marks()
        or _CELLS[_STROKES].fullmatch(plain) is not None
        or _EXCEL_CELL.fullmatch(plain) is not None
    )


@cache
def _marks() -> frozenset[str]:
    rows = table_rows("missing_marks")
    return frozenset(row["mark"].translate(_DASHES) for row in rows)


def _read(cell: str, mark: str) -> tuple[float, str] | str | None:
    """Number and unit of a cell; "missing" where a mark says so; None for anything else."""
    text = cell.strip(_EDGES)
    if match := _CELLS[_FORMULA].fullmatch(text):
        text = match[1].strip(_EDGES)
    if not text or len(text) > 60:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES).strip(_EDGES)
    text = _SIGN_APART.sub(r"\1", text)
    if (value := _plain(text, mark)) is not None:
        return value, ""
    if is_missing(text):
        return "missing"
    text = re.sub(rf"[{_BLANK}]+(?=\D)", " ", text)
    match = _CELLS[_WITH_UNIT].fullmatch(text)
    if match is None:
        head, blank, behind = text.rpartition(" ")
        if not blank or not behind or behind[0].isdigit():
            return None
        number, unit = head, behind
    else:
        number, unit = match[1], match[2]
    if not _is_unit(unit):
        return None
    value = _plain(number, mark)
    return None if value is None else (value, unit)


def _plain(text: str, mark: str) -> float | None:
    for form in (_FORTRAN, _WITHOUT_E, _TEN):
        if match := _CELLS[form].fullmatch(text):
            text = f"{match[1]}E{match[2]}"
            break
    if _CELLS[_GROUPED].fullmatch(text):
        text = re.sub(_APART, "", text)
    if _CELLS[_BY_POINT].fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _CELLS[_BY_COMMA].fullmatch(text):
        text = text.replace(",", "")
    elif _CELLS[_LONE].fullmatch(text) and mark and mark not in text:
        return None  # of thousands, or with the other mark: a column says which
    elif text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def numbers_of(cells: pl.Series, mark: str) -> Written:
    """The numbers of a column of text whose file has this decimal mark.

    Where both marks stand in a number, or where more than one has the other mark before three
    digits, that one parts thousands.
    """
    import numpy as np
    import polars as pl

    other = "." if mark == "," else ","
    text = cells.str.strip_chars(_EDGES).fill_null("")
    filled = text != ""
    has_other = text.str.contains(other, literal=True)
    lone = has_other & text.str.contains(_LONE)
    sure = text.str.contains(_BY_POINT if mark == "," else _BY_COMMA)
    unlike = bool((has_other & ~lone & ~sure).any())
    grouped = not unlike and (bool(sure.any()) or int(lone.sum()) > 1)
    numbers = _with_point(text, mark, other, grouped, lone).cast(pl.Float64, strict=False)
    numbers = numbers.set(numbers.is_infinite().fill_null(False), None)
    left = numbers.is_null() & filled
    values = np.array(numbers.to_numpy(), dtype=np.float64)
    marks: dict[str, None] = {}
    missing, unit, bad = 0, "", 0
    if left.any():
        rows = np.flatnonzero(left.to_numpy())
        named, those, theirs = _with_units(text.filter(left), mark)
        with_unit, rows = rows[those], rows[~those]
        odd = text.filter(left).filter(pl.Series(~those)).to_list()
        read = {form: _read(form, mark) for form in list(dict.fromkeys(odd))[:_MOST_FORMS]}
        unit, scales = _one_unit(
            named | {one[1] for one in read.values() if isinstance(one, tuple)}
        )
        count = len(with_unit) + sum(isinstance(read.get(form), tuple) for form in odd)
        if not unit or 2 * count < filled.sum():  # one cell in many: it may be a slip
            unit, scales, bad = "", {"": 1.0}, len(with_unit)
        elif len(with_unit):
            values[with_unit] = theirs * (scales[min(named)] if named else 1.0)
        for row, form in zip(rows.tolist(), odd, strict=True):
            one = read.get(form)
            if isinstance(one, tuple) and one[1] in scales:
                values[row] = one[0] * scales[one[1]]
            elif one == "missing" or form.casefold().strip("+-") in ("nan", "inf", "infinity"):
                missing += 1
                marks[form] = None
            else:
                bad += 1
    odd_marks = 0
    if has_other.any() and not grouped:
        with_other = (has_other & ~text.str.contains(mark, literal=True)).to_numpy()
        odd_marks = int((with_other & ~np.isnan(values)).sum())
    return Written(values, bad, tuple(marks), missing, unit, odd_marks, grouped and not sure.any())


def parts_thousands(text: pl.Series) -> str:
    """The mark that parts thousands in a column of whole numbers, as in 999 and 1,500; "" where the
    column does not tell.

    With decimals of a fixed number all cells would have the mark, and otherwise none ended in 0.
    """
    text = text.str.strip_chars(_EDGES)
    lone = text.str.contains(_LONE)
    marked = text.str.contains(r"[.,]")
    whole = text.str.contains(r"^[-+]?\d{1,3}$")
    if (
        not (lone == marked).all()
        or int(lone.sum()) < 2
        or not whole.any()
        or text.str.contains(r"\d{4}").any()
    ):
        return ""
    round_ = text.filter(lone & text.str.ends_with("0"))
    marks = {"." if "." in cell else "," for cell in round_.head(100)}
    return marks.pop() if len(marks) == 1 else ""


def _with_units(
    cells: pl.Series, mark: str
) -> tuple[set[str], NDArray[np.bool_], NDArray[np.float64]]:
    """The units that cells have behind plain numbers, which cells do, and their numbers in the
    unit that `_one_unit` takes of these; nothing for a few cells or units of several kinds.
    """
    import numpy as np
    import polars as pl

    none: set[str] = set()
    if len(cells) < _FEW:
        return none, np.zeros(len(cells), bool), np.empty(0)
    parts = cells.str.extract_groups(_WITH_UNIT).struct.rename_fields(["n", "u"]).struct.unnest()
    named = {unit for unit in parts["u"].unique().to_list() if unit and _is_unit(unit)}
    unit, factors = _one_unit(named)
    other = "." if mark == "," else ","
    clear = (~parts["n"].str.contains(other, literal=True)).fill_null(False)
    numbers = parts["n"].str.replace(mark, ".", literal=True).cast(pl.Float64, strict=False)
    those = (clear & numbers.is_not_null() & parts["u"].is_in([*factors])).to_numpy()
    if not unit or not those.any():
        return none, np.zeros(len(cells), bool), np.empty(0)
    factor = parts["u"].replace_strict(factors, default=None, return_dtype=pl.Float64)
    return named, np.array(those), np.array((numbers * factor).to_numpy()[those])


def _is_unit(text: str) -> bool:
    scale = scale_of(text)
    return scale is not None and (scale.unit != "1" or text in _SHARES)


def _one_unit(units: set[str]) -> tuple[str, dict[str, float]]:
    """The unit of a column in whose cells these stand, and the factor that brings each to it.

    A cell without one is of it too; of units of different kinds none is taken.
    """
    named = sorted(unit for unit in units if unit)
    scales = {unit: scale for unit in named if (scale := scale_of(unit))}
    if not named or len({scale.unit for scale in scales.values()}) != 1:
        return "", {"": 1.0}
    if len(named) > 1 and ("" in units or any(scale.offset for scale in scales.values())):
        return "", {"": 1.0}
    first = scales[named[0]].factor
    return named[0], {"": 1.0, **{unit: scale.factor / first for unit, scale in scales.items()}}


def _with_point(
    text: pl.Series, mark: str, other: str, grouped: bool, lone: pl.Series
) -> pl.Series:
    """The cells with a decimal point and without marks of thousands, where that is certain."""
    plain = text
    if grouped:
        plain = plain.str.replace_all(other, "", literal=True)
    elif lone.any():
        plain = plain.zip_with(~lone, "?" + plain)  # one alone may be either
    if mark == ",":
        plain = plain.str.replace(",", ".", literal=True)
    if text.str.contains(r"[dDqQ][-+]?\d+$|\d[-+]\d{3}$").any():
        plain = plain.str.replace(_FORTRAN, "${1}E$2").str.replace(_WITHOUT_E, "${1}E$2")
    if (apart := text.str.contains(_GROUPED)).any():
        plain = plain.zip_with(~apart, plain.str.replace_all(_APART, ""))
    return plain
