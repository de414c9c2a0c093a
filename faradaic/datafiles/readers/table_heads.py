"""Where the tables of a text begin: their names, what parts the cells, the first row of numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from faradaic.datafiles.readers.everyday_words import quantity_of
from faradaic.datafiles.readers.headers import scale_of, split_header
from faradaic.datafiles.readers.moments import is_date, is_moment
from faradaic.datafiles.readers.remarks import begins_wordy
from faradaic.datafiles.readers.text import NOT_DETECTED, decode, parse_number
from faradaic.datafiles.readers.written_numbers import is_missing, number_in
from faradaic.diagnostics import refusal

HEAD_BYTES = 8192
"""In which a table mostly begins."""
FAR_BYTES = 1 << 18
"""In which it is looked for in a file that nothing else could be made of."""
BLANK = b" "
SEPARATORS = (b"\t", b";", b",", b"|", BLANK)
_FILLING = b" \t\r\n;,|"
"""What a row without a cell consists of."""
_BLANKS = re.compile(r"\s+(?![(\[])")
"""Between names that no mark separates; not before the bracket of a unit."""
_WORDY = re.compile(rb"\n[\"'# ]{0,8}(?=[A-Za-z\x80-\xff])")
"""Before a line that begins with a letter."""
_MOST_WORDY = 50
"""Lines among rows that are looked at."""
_LONGEST_NAME = 80
_ORIGIN = re.compile(r"\\[-+ibug]\(([^()]*)\)")
"""How Origin marks what stands above, below, in italics, bold or in Greek."""
_WIDE_BLANKS = re.compile(r"\s{2,}|\t")
_VERSUS_REFERENCE = re.compile(r"\s+vs\.?\s+\S.*")
_MARKED = re.compile(rb"^[ \t]*(?:#+|(?:%+|//+|!+|\*+|;+)(?=\s))")
"""What makes a line of names a remark for the program that reads it."""
_MOST_TABLES = 1000
_NAME_LINES = 6
"""In which names, units and the first row of a further table stand."""


class Table(NamedTuple):
    """What is known of a table before its rows are read."""

    names: list[str]
    separator: bytes
    start: int
    """Of the first row of numbers, in bytes."""
    words: tuple[int, ...] = ()
    """Columns that hold no numbers."""
    moments: tuple[int, ...] = ()
    """Those of them that hold dates or times of day."""


def is_row_of_numbers(cells: Sequence[str]) -> bool:
    """Whether a row holds numbers and dates alone, so that no name stands in it."""
    return _values(list(cells), _number) is not None


def names_alone(data: bytes) -> Table | None:
    """The table of which only the rows miss: the last line holds names, one with a known unit."""
    lines = [line for line in data.splitlines() if line.strip(_FILLING)]
    if not lines or len(data) > HEAD_BYTES or b"\0" in data:
        return None
    for separator in SEPARATORS:
        names = _cells(lines[-1], separator)
        while names and not names[-1]:
            names.pop()
        for written in (names, _with_units(_above(lines, separator), names)):
            if len(written) > 1 and all(written) and _are_names(written):
                return Table(written, separator, len(data))
    return None


def _above(lines: list[bytes], separator: bytes) -> list[str]:
    return _cells(lines[-2], separator) if len(lines) > 1 else []


def _are_names(names: list[str]) -> bool:
    """Whether they are short, none is a number, and one is a quantity with a unit that it has."""
    if any(len(name) > _LONGEST_NAME or _number(name) is not None for name in names):
        return False
    for written in names:
        name, unit = split_header(written)
        found, scale = quantity_of(name), scale_of(unit) if unit else None
        if found and scale and (not found[2] or scale.unit in found[2]):
            return True
    return False


def stacked(data: bytes, first: Table, path: Path) -> Iterator[tuple[int, Table, bytes, int]]:
    """The tables that stand under each other, from the first on.

    Of each where the lines above it begin, itself, its rows, and how often its names are repeated
    between these. Names that are repeated begin a table of their own where the time does so.
    Raises `InputError` (E743) where there is no end of them.
    """
    begin, table, pieces = 0, first, [data[first.start :]]
    for count in range(_MOST_TABLES + 1):
        found = _next_table(pieces[-1], table)
        if found is None:
            break
        if count == _MOST_TABLES:
            what = f"{path}: names of columns stand between its rows more than {count} times"
            raise refusal("E743", what, "export it as one table")
        at, following = found
        rows = pieces[-1][following.start :]
        pieces[-1] = pieces[-1][:at]
        end = len(data) - len(rows) - (following.start - at)
        following = following._replace(start=len(data) - len(rows))
        if following.names == table.names and _goes_on(pieces[-1], rows, table):
            pieces.append(rows)
            continue
        yield begin, table, b"".join(pieces), len(pieces) - 1
        begin, table, pieces = end, following, [rows]
    yield begin, table, b"".join(pieces), len(pieces) - 1


def _goes_on(above: bytes, below: bytes, table: Table) -> bool:
    """Whether the time of some rows is not before that of the rows above, where there is one."""
    quantities = [quantity_of(split_header(name)[0]) for name in table.names]
    times = [i for i, found in enumerate(quantities) if found and found[0] == "time"]
    last = _cells(above.rstrip().rsplit(b"\n", 1)[-1], table.separator)
    then = _cells(below.lstrip().split(b"\n", 1)[0], table.separator)
    if not times or len(last) <= times[0] or len(then) <= times[0]:
        return True
    before, after = _number(last[times[0]]), _number(then[times[0]])
    return before is None or after is None or after >= before


def _next_table(rows: bytes, first: Table) -> tuple[int, Table] | None:
    """Where the lines of names of another table begin among the rows of one, and that table.

    Its start counts from the beginning of the rows. None where the rows begin with words, or
    nothing below a line that does is a table whose names are known or those of the first.
    """
    if 0 in first.words or not begins_wordy(rows):
        return None
    for match in islice(_WORDY.finditer(rows), _MOST_WORDY):
        at = match.start() + 1
        lines = rows[at : at + HEAD_BYTES].split(b"\n", _NAME_LINES)[:_NAME_LINES]
        found = find_table(b"\n".join(lines))
        if found is None or found.separator != first.separator:
            continue
        if found.names == first.names or _are_names(found.names):
            return at, found._replace(start=at + found.start)
    return None


def find_table(head: bytes) -> Table | None:
    """The first line of at least two names with a line of as many numbers below it.

    A line of units may stand between. Two lines of numbers are a table without names, "column 1"
    and so on, unless a line of names stands over them, in whatever number.
    """
    if b"\0" in head:
        return None
    before = above = b""
    start = above_start = 0
    headings: dict[bytes, _Heading] = {}
    for line in head.splitlines(keepends=True):
        if line.strip(_FILLING):
            for separator in SEPARATORS:
                if separator not in line:
                    continue
                found = _table_at(line, above, before, separator, above_start, start,
                                  headings.get(separator))  # fmt: skip
                if found is not None:
                    return found
                cells = _cells(line, separator)
                headings[separator] = _heading(headings.get(separator), cells, start + len(line))
            before, above, above_start = above, line, start
        start += len(line)
    return None


class _Heading(NamedTuple):
    """A line of words, and those below it with as many cells: names, units, what else is said."""

    names: list[str]
    start: int
    """Of the row behind them, in bytes."""
    width: int


def _heading(before: _Heading | None, cells: list[str], end: int) -> _Heading:
    """What a line that begins no table makes of the heading above it."""
    width = len(cells)
    if before is not None and before.width == width and before.names:
        named = _with_units(before.names, cells)
        if named is not cells:
            return _Heading(named, end, width)
        if not any(_number(cell) is not None for cell in cells):
            known, these = _understood(before.names), _understood(cells)
            if known >= these and known:  # what is said below names and units
                return before._replace(start=end)
        else:
            return before
    is_words = width > 1 and all(cells) and not any(_number(cell) is not None for cell in cells)
    return _Heading(cells if is_words and _understood(cells) else [], end, width)


def _understood(cells: Sequence[str]) -> int:
    return sum(quantity_of(split_header(cell)[0]) is not None for cell in cells)


def _table_at(
    line: bytes,
    above: bytes,
    before: bytes,
    separator: bytes,
    above_start: int,
    start: int,
    known: _Heading | None,
) -> Table | None:
    """The table whose first row a line is, below one or two others; None where it is none."""
    heading = _cells(before, separator)
    names = _with_units(heading, _cells(above, separator))
    cells = ["" if is_missing(cell) or NOT_DETECTED.fullmatch(cell) else cell
             for cell in _cells(line, separator)]  # fmt: skip
    while names and not names[-1]:  # both lines may end with a separator
        names.pop()
    while len(cells) > len(names) and not cells[-1]:
        cells.pop()
    if separator == BLANK and len(names) != len(cells):
        names = _WIDE_BLANKS.split(decode(_MARKED.sub(b"", above)).strip())
    if not 2 <= len(names) == len(cells):
        return None
    if known is not None and known.width == len(cells) and known.names:
        under = known.names
        if (kinds := _kinds(under, cells)) is not None and not _is_above(under, names):
            # lines of remarks stand between, or a first row that is no row of numbers
            return Table(under, separator, known.start, *kinds)
    written = _number if _values(cells, _number) is not None else _value
    if (kinds := _values(names, written)) is not None and _values(cells) == kinds:
        unnamed = [f"column {i + 1}" for i in range(len(names))]
        if _is_heading(heading, len(names), separator):
            unnamed = heading
        if separator == BLANK and len(unnamed) != len(cells):
            wide = _WIDE_BLANKS.split(decode(_MARKED.sub(b"", before)).strip())
            unnamed = wide if len(wide) == len(cells) else unnamed
        return Table(unnamed, separator, above_start, *kinds)
    if (kinds := _kinds(names, cells)) is not None:
        names = [name or f"column {i + 1}" for i, name in enumerate(names)]
        return Table(names, separator, start, *kinds)
    return None


def _is_above(known: list[str], names: list[str]) -> bool:
    return [*known] == [*names]


def _is_heading(cells: list[str], width: int, separator: bytes) -> bool:
    """Whether a line over rows of another number of cells holds their names.

    It does where it has more than a key and its value, or a name that is understood; among words
    that only blanks part, every other one.
    """
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) < 2 or not all(cells) or any(_number(cell) is not None for cell in cells):
        return False
    understood = sum(quantity_of(split_header(cell)[0]) is not None for cell in cells)
    if separator == BLANK:
        return 2 * understood >= len(cells)
    return understood > 0 or len(cells) > max(2, width // 2)


def _values(
    cells: list[str], number: Callable[[str], float | None] | None = None
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Which cells are dates, in a row of numbers and dates alone; None for any other."""
    number = number or _value
    moments = tuple(i for i, cell in enumerate(cells) if cell and number(cell) is None)
    numbers = sum(1 for cell in cells if cell) - len(moments)
    if not numbers:
        return None
    if all(is_moment(cells[i]) for i in moments):
        return moments, moments
    return (moments, moments) if len(moments) == 1 and is_date(cells[moments[0]]) else None


def _kinds(names: list[str], cells: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Which columns hold words and which of those dates; None where this is no table.

    Beside numbers, a row may have dates or times of day, and words where it has a date or at least
    two numbers: a line of metadata has a word and a number.
    """
    words = [i for i, cell in enumerate(cells) if cell and _value(cell) is None]
    moments = [i for i in words if is_moment(cells[i])]
    # a date in a cell of its own stands beside one with the time of day
    if not moments or len(moments) < len(words):
        moments += [
            i
            for i in words
            if i not in moments and any(is_moment(f"{cells[i]} {cells[k]}") for k in moments)
        ]
    moments = moments or [i for i in words if is_date(cells[i])][:1]
    numbers = sum(1 for cell in cells if cell) - len(words)
    if numbers < (1 if moments or not words else 2):
        return None
    if any(_number(name) is not None for name in names if name):
        return None
    return tuple(words), tuple(sorted(moments))


def _cells(line: bytes, separator: bytes) -> list[str]:
    text = decode(_MARKED.sub(b"", line).rstrip(b"\r\n"))
    if "\\" in text:
        text = _ORIGIN.sub(r"\1", text)
    if separator == BLANK:
        return _BLANKS.split(text.strip()) if text.strip() else []
    mark = separator.decode()
    cells = text.split(mark)
    if '"' in text and text.count('"') % 2 == 0:
        cells = next(csv.reader([text], delimiter=mark), [])
    return [cell.strip().strip('"') for cell in cells]


def _with_units(above: list[str], names: list[str]) -> list[str]:
    """The names of the line above, if what seemed to be names are their units."""
    units = [name.strip("()[]") if name[:1] in "([" else name for name in names]
    if len(above) != len(names) or not all(above):
        return names
    plain = [_VERSUS_REFERENCE.sub("", unit) for unit in units]
    if not all(scale_of(unit) for unit in plain) or not any(units):
        return names
    return [f"{n} ({u})" if u else n for n, u in zip(above, units, strict=True)]


def _value(cell: str) -> float | None:
    """The number of a cell, with a unit behind it too: of a row, where a name would have none."""
    value = _number(cell)
    return number_in(cell) if value is None else value


def _number(cell: str) -> float | None:
    return parse_number(cell, decimal_comma=True)
