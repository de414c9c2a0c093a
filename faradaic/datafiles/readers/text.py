"""Tables of numbers in text files, a whole array at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.readers.whole_rows import (
    ends_within_a_number,
    ends_without_a_line,
    whole_rows,
)
from faradaic.datafiles.readers.written_columns import by_cell
from faradaic.datafiles.readers.written_numbers import (
    LONE_POINT,
    QUOTED_COMMA,
    decimal_mark,
    number_alone,
)
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.input_files import read_file

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_SMALL_BYTES = 60_000
_WIDE_HEAD, _LINE_HEAD = 64, 8192
_SHOWN = frozenset((9, 10, 13, *range(32, 127), *range(160, 256)))
_ODD_MARKS = (b'"', b"_", b"n", b"N")
"""Quotations, and what Python takes for numbers: 1_000, inf, nan."""
_POINT = re.compile(rb"[0-9]\.[0-9]")
_LONE_MARK = re.compile(rb'^[^"\n]*"[^"\n]*(?:"[^"\n]*"[^"\n]*)*$', re.MULTILINE)
"""A line in which a quotation is not closed."""
NOT_DETECTED = re.compile(
    r"n\.? ?[dfa]\.?|not (detected|found)|-+|b\.?d\.?l\.?|<.*|tr(ace)?s?", re.IGNORECASE
)
"""What chromatographs and people write in place of a number that there is none of."""


def read_bytes(path: Path) -> bytes:
    """All of a file. Raises `InputError` when it cannot be read."""
    try:
        return read_file(path)
    except OSError as error:
        raise InputError.of(
            f"{path} cannot be read: {error.strerror or error}", code="E742"
        ) from error


def damaged(path: Path, offset: int, what: str) -> InputError:
    """The error for a file that ends or breaks at an offset (bytes from its beginning)."""
    return InputError(
        Diagnostic(
            "E743",
            f"{path} is damaged or cut off at byte {offset}: {what}",
            help="export or copy the file again from the instrument's computer",
            numbers={"offset_B": float(offset)},
        )
    )


def unended(path: Path) -> Diagnostic:
    """The warning for a text whose last line is whole, but may have lost its last digits."""
    what = f"{path} ends without the end of a line: its last number may have lost digits"
    return warning("E744", what, "compare it with the instrument's own copy")


def wide_encoding(data: bytes) -> str:
    """The encoding of a text whose signs have two bytes or four; "" for any other.

    By its byte order mark, or by ASCII signs that each have a zero beside them.
    """
    begins = data[:2]
    if b"\0" not in begins and b"\xfe" not in begins:
        return ""
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if begins in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    head = data[:_WIDE_HEAD]
    if len(head) < _WIDE_HEAD:
        return ""
    for name, zeros, signs in (
        ("utf-16-le", head[1::2], head[::2]),
        ("utf-16-be", head[::2], head[1::2]),
    ):
        if not any(zeros) and all(sign in _SHOWN for sign in signs):
            return name
    return ""


def decode(data: bytes) -> str:
    """Text by its own marks: byte order mark, else UTF-8 where it is, else Windows-1252."""
    if name := wide_encoding(data):
        whole = len(data) // (4 if name == "utf-32" else 2) * (4 if name == "utf-32" else 2)
        return data[:whole].decode(name, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def narrow(data: bytes) -> bytes:
    """UTF-16 and UTF-32 as UTF-8, lines that end with a return alone as others'; else as it is."""
    if wide_encoding(data):
        data = decode(data).lstrip("\ufeff").encode()
    head = data[:_LINE_HEAD]
    if b"\r" in head and b"\n" not in head and b"\0" not in head:
        data = data.replace(b"\r", b"\n")
    return data


def parse_number(text: str, decimal_comma: bool = False) -> float | None:
    """One number of a header; None where it is none."""
    try:
        return float(text.strip().replace(",", ".") if decimal_comma else text)
    except ValueError:
        return number_alone(text, "," if decimal_comma else ".")


def numeric_table(
    data: bytes,
    start: int,
    width: int,
    path: Path,
    *,
    separator: str = "\t",
    end: int | None = None,
    flags: Sequence[int] = (),
    words: dict[int, pl.Series | None] | None = None,
    units: dict[int, str] | None = None,
) -> tuple[list[NDArray[np.float64]], list[Diagnostic]]:
    """The columns of the rows between two offsets, NaN where a cell is empty or no number.

    `flags` are columns of marks such as "....a": the number of marks that are not a point. The
    keys of `words` are columns of words: their cells are put into it, their numbers are NaN. The
    units that stand in the cells of a column are put into `units`; without it such cells are none.
    Rows with too few or too many cells are left out and reported, as are cells that are no
    numbers. Raises `InputError` (E743) where the rows have more columns than `width`, and (E789)
    where nothing tells whether 1,000 is one or a thousand.
    """
    import numpy as np
    import polars as pl

    end = len(data) if end is None else end
    warnings: list[Diagnostic] = []
    rows = data[start:end] if start or end < len(data) else data
    if rows and not rows.endswith(b"\n"):
        last = rows.rfind(b"\n") + 1
        if rows[last:].strip() and (
            rows.count(separator.encode(), last) < width - 1
            or ends_within_a_number(rows, separator.encode())
        ):
            what = f"{path} ends in the middle of the row at byte {start + last}"
            warnings.append(warning("E744", what, "the row is left out"))
            rows = rows[:last]
        elif ends_without_a_line(rows):
            warnings.append(unended(path))
    mark = decimal_mark(rows, separator)
    if separator == "," and mark == ",":
        rows, mark = QUOTED_COMMA.sub(rb"\1\2.\3\4", rows), "."
    comma = mark == ","
    small = mark != "?" and not words
    if small and (found := _small_table(rows, separator, comma, width, flags)) is not None:
        return found, warnings
    quoted = b'"' in rows and not _LONE_MARK.search(rows)
    rows, most, odd = whole_rows(rows, separator.encode(), width, path, quoted)
    warnings += odd
    if not rows:
        return [np.empty(0) for _ in range(width)], warnings
    words = {} if words is None else words
    texts = {*flags, *words}
    schema = {str(i): pl.String if i in texts else pl.Float64 for i in range(most)}
    try:
        if mark == "?" or (comma and b"." in rows and LONE_POINT.search(rows)):
            raise pl.exceptions.ComputeError
        frame = _csv(rows, separator, comma, schema, quoted)
    except pl.exceptions.PolarsError:
        try:
            frame = _csv(rows, separator, False, dict.fromkeys(schema, pl.String), quoted)
        except pl.exceptions.PolarsError:
            raise damaged(path, start, f"no table of {width} columns begins there") from None
        frame, told = by_cell(frame, mark, texts, path, units)
        warnings += told
    columns = []
    for i in range(width):
        if i >= most:  # a name without a column
            columns.append(np.full(len(frame), np.nan))
            continue
        series = frame[str(i)]
        if i in words:
            words[i] = series.str.strip_chars(' \t\r"')
            columns.append(np.full(len(series), np.nan))
            continue
        if i in flags:
            series = series.str.count_matches(r"[^.\s]")
        # without a value to_numpy gives NaN; a copy, as polars' own memory may be shared
        columns.append(series.cast(pl.Float64).to_numpy().copy())
    return columns, warnings


def _small_table(
    rows: bytes, separator: str, comma: bool, width: int, flags: Sequence[int]
) -> list[NDArray[np.float64]] | None:
    """A small table of nothing but numbers, in less time than polars takes to begin.

    None for any other: whatever is odd about a cell is found and told in one place only.
    """
    import numpy as np

    if not rows or len(rows) > _SMALL_BYTES or any(mark in rows for mark in _ODD_MARKS):
        return None
    if comma:
        if b"." in rows and _POINT.search(rows):
            return None
        rows = rows.replace(b",", b".")
    mark = separator.encode()
    if mark == b"\t" and not flags and (found := _nothing_missing(rows, width)) is not None:
        return found
    cells = [line.split(mark) for line in
             rows.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")]  # fmt: skip
    most = len(cells[0])
    if most < width or {*map(len, cells)} != {most}:
        return None
    columns = list(zip(*cells, strict=True))
    if any(any(column) for column in columns[width:]):
        return None
    made = []
    try:
        for i, column in enumerate(columns[:width]):
            if column.count(column[0]) == len(column):  # as marks and settings mostly are
                number = _small_number(column[0], i in flags)
                made.append(np.full(len(column), number))
            elif i in flags:
                made.append(np.array([_small_number(cell, True) for cell in column]))
            elif all(column):
                made.append(np.fromiter(map(float, column), np.float64, len(column)))
            else:
                made.append(np.array([_small_number(cell, False) for cell in column]))
    except ValueError:
        return None
    return made


def _nothing_missing(rows: bytes, width: int) -> list[NDArray[np.float64]] | None:
    """The columns of rows that have a number in each cell, and none elsewhere; None of others."""
    import numpy as np

    if b" " in rows or not rows.endswith(b"\n"):
        return None
    lines = rows.splitlines()
    if any(line.count(b"\t") != width - (not line.endswith(b"\t")) for line in lines):
        return None
    cells = rows.split()
    if len(cells) != width * len(lines):
        return None
    try:
        table = np.fromiter(map(float, cells), np.float64, len(cells)).reshape(-1, width)
    except ValueError:
        return None
    return [*np.ascontiguousarray(table.T)]


def _small_number(cell: bytes, is_flag: bool) -> float:
    """A cell of a small table. Raises `ValueError` for one that is no number."""
    if is_flag:
        return float(len(cell.strip()) - cell.count(b"."))
    return float(cell) if cell else math.nan


def _csv(
    rows: bytes, separator: str, comma: bool, schema: Mapping[str, type[pl.DataType]], quoted: bool
) -> pl.DataFrame:
    import polars as pl

    return pl.read_csv(
        rows,
        separator=separator,
        has_header=False,
        schema=schema,
        decimal_comma=comma,
        # a quoted cell may hold the separator; a lone mark is a character like others
        quote_char='"' if quoted else None,
        infer_schema_length=1,
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
    )
