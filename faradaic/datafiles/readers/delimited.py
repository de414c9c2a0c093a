"""Tables of numbers with a header line: any separator, decimal mark and encoding.

Logs of flow meters and other recorders are of this kind: a column of dates or times of day becomes
`time_s`, the different
words of a column of words go into the metadata.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Column, Dataset, Sign
from faradaic.datafiles.readers.everyday_words import (
    everyday_columns,
    national_words,
    quantity_of,
)
from faradaic.datafiles.readers.headers import (
    scale_of,
    sign_unknown,
    split_header,
    warning,
)
from faradaic.datafiles.readers.moments import elapsed_s, is_moment
from faradaic.datafiles.readers.text import (
    NOT_DETECTED,
    damaged,
    decode,
    narrow,
    numeric_table,
    parse_number,
)
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

TEXT = True
_BLANK = b" "
_SEPARATORS = (b"\t", b";", b",", b"|", _BLANK)
_BLANKS = re.compile(r"\s+(?![(\[])")
"""Between names that no mark separates; not before the bracket of a unit."""
_HEAD_BYTES = 8192
_VERSUS = re.compile(r"\s+vs\.?\s+([^()\[\]]+)", re.IGNORECASE)
_INSTRUMENTS = {
    "Working Electrode (V)": "Admiral Squidstat",
    "DryCal smL/min": "MesaLabs DryCal",
    "DryCal sL/min": "MesaLabs DryCal",
}
"""By a column that only one maker's program writes."""
_MOST_WORDS = 12
_SIGNS: Mapping[str, Sign] = {"anodic": "anodic", "cathodic": "cathodic"}
_TOLD = re.compile(rb"^# column (\w+) - (.*?)\r?$", re.MULTILINE)
"""What our own tables tell of a column, above their header."""
_NATIONAL = ("cp932", "gb18030", "cp949", "euc_jp", "cp1251")
"""Japan, China, Korea, Japan again, Russia."""
_MINUS = "\u2212".encode()
"""The sign of typesetters, which journals and some spreadsheets write."""


class _Table(NamedTuple):
    names: list[str]
    separator: bytes
    start: int
    """Of the first row of numbers, in bytes."""
    words: tuple[int, ...] = ()
    """Columns that hold no numbers."""
    moments: tuple[int, ...] = ()
    """Those of them that hold dates or times of day."""


def sniff(head: bytes, path: Path) -> bool:
    """Somewhere in the beginning a line of names or numbers stands over one of as many numbers."""
    return _find_table(_narrow(head)[:_HEAD_BYTES]) is not None


def is_row_of_numbers(cells: Sequence[str]) -> bool:
    """Whether a row holds numbers and dates alone, so that no name stands in it."""
    return _values(list(cells)) is not None


def names_alone(data: bytes) -> bool:
    """Whether the last line holds names of columns with a unit, so that only the rows miss."""
    lines = [line for line in _narrow(data[:_HEAD_BYTES]).splitlines() if line.strip()]
    if not lines or b"\0" in lines[-1]:
        return False
    return any(
        len(cells) > 1
        and all(cells)
        and any(scale_of(u) for c in cells if (u := split_header(c)[1]))
        for cells in (_cells(lines[-1], separator) for separator in _SEPARATORS)
    )


def parse(data: bytes, path: Path) -> Dataset:
    """Read the columns, in SI where their unit is known; the sign of a current stays unknown but in
    our own tables, which tell it.

    "E (V vs RHE)" gives the reference electrode. Raises `InputError` when there is no table.
    """
    data = _narrow(data)
    table = _find_table(data[:_HEAD_BYTES])
    if table is None:
        raise damaged(path, 0, "no line of names stands over a line of as many numbers")
    words: dict[int, pl.Series | None] = dict.fromkeys(table.words)
    rows, separator = data[table.start :], table.separator.decode()
    if table.separator == _BLANK:
        rows, separator = b"".join(b"\t".join(r.split()) + b"\n" for r in rows.splitlines()), "\t"
    arrays, warnings = numeric_table(
        rows, 0, len(table.names), path, separator=separator, words=words
    )
    for i in [i for i in words if i not in table.moments]:
        if (numbers := _numbers_of(words[i], separator)) is not None:  # its first cell is damaged
            arrays[i], bad = numbers
            del words[i]
            warnings.append(warning("E746", f"{path}: {bad} cells are no numbers and stay empty"))
    table = table._replace(words=tuple(words))
    infinite = 0
    for values in arrays:
        endless = abs(values) == math.inf
        infinite += int(endless.sum())
        values[endless] = math.nan
    if infinite:
        warnings.append(warning("E746", f"{path}: {infinite} cells are infinite and stay empty"))
    raw, references = [], []
    for i, (header, values) in enumerate(zip(table.names, arrays, strict=True)):
        if i not in words:
            match = _VERSUS.search(header)
            references.append(match[1].strip() if match else None)
            raw.append((*split_header(_VERSUS.sub(_without_reference, header)), values))
    columns, unknown = everyday_columns(raw)
    told = _told(data[: table.start])
    named = {
        name: replace(
            column,
            reference=reference or told.get(name, {}).get("reference") or column.reference,
            sign=_SIGNS.get(told.get(name, {}).get("positive_current", "")),
        )
        for (name, column), reference in zip(columns.items(), references, strict=True)
    }
    warnings += unknown
    timed, start = _timed(table, words, named, path, warnings)
    metadata = _metadata(table, words, warnings)
    if any(column.unit in ("A", "A/m^2") and not column.sign for column in timed.values()):
        warnings.append(sign_unknown(path))
    if any(column.unit == "sccm" and not column.reference for column in timed.values()):
        warnings.append(
            warning(
                "E769",
                f"{path} does not tell for which state its standard volumes are counted",
                'state it: --assume flow_reference="0 degC, 1 atm"',
            )
        )
    return Dataset(
        timed,
        technique=metadata.get("Step name", ""),
        instrument=next((maker for key, maker in _INSTRUMENTS.items() if key in table.names), ""),
        start=start,
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _numbers_of(cells: pl.Series | None, separator: str) -> tuple[NDArray[np.float64], int] | None:
    """A column whose cells are mostly numbers, and how many are none; None for one of words."""
    import numpy as np
    import polars as pl

    if cells is None:
        return None
    filled = cells.fill_null("") != ""
    if separator != ",":
        cells = cells.str.replace(",", ".", literal=True)
    numbers = cells.cast(pl.Float64, strict=False)
    bad = int((numbers.is_null() & filled).sum())
    if 2 * bad >= filled.sum():
        return None
    return np.array(numbers.to_numpy(), dtype=np.float64), bad


def _timed(
    table: _Table,
    words: Mapping[int, pl.Series | None],
    columns: dict[str, Column],
    path: Path,
    warnings: list[Diagnostic],
) -> tuple[dict[str, Column], datetime | None]:
    """The columns, with the `time_s` of those that hold dates and times where there is none yet."""
    if not table.moments:
        return columns, None
    found = [series for i in table.moments if (series := words[i]) is not None]
    cells = found[0]
    for series in found[1:]:
        cells = cells + " " + series
    elapsed = columns["time_s"].values if "time_s" in columns else None
    seconds, start, doubt = elapsed_s(cells, path, elapsed)
    warnings += doubt
    name = "time_s" if "time_s" not in columns else "clock_s"
    header = " ".join(table.names[i] for i in table.moments)
    if (missing := int((seconds != seconds).sum())) > 0:
        warnings.append(warning("E746", f"{missing} cells of {header!r} are no times"))
    return {name: Column(seconds, "s", header), **columns}, start


def _metadata(
    table: _Table, words: Mapping[int, pl.Series | None], warnings: list[Diagnostic]
) -> dict[str, str]:
    """What stands in the columns of words, such as the gas of a flow meter, each word once."""
    found = {}
    for i in table.words:
        series = words[i]
        if series is None or i in table.moments:
            continue
        different = series.drop_nulls().unique(maintain_order=True)
        if len(different) > _MOST_WORDS:
            what = f"the {len(different)} different words of {table.names[i]!r} are left out"
            warnings.append(warning("E757", what))
        else:
            found[table.names[i]] = ", ".join(word for word in different if word)
    return found


def _told(head: bytes) -> dict[str, dict[str, str]]:
    """What the lines above the header tell of each column: "unit A - positive_current anodic"."""
    told: dict[str, dict[str, str]] = {}
    for name, text in _TOLD.findall(head):
        pairs = (part.partition(" ") for part in decode(text).split(" - "))
        told[name.decode()] = {key: value for key, _, value in pairs if value != "unknown"}
    return told


def _narrow(data: bytes) -> bytes:
    """UTF-8 without byte order mark, with the minus of machines."""
    data = narrow(data)
    if not data[:_HEAD_BYTES].isascii() and (name := _national_encoding(data[:_HEAD_BYTES])):
        data = data.decode(name, errors="replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf").replace(_MINUS, b"-")


def _national_encoding(head: bytes) -> str:
    """In which of the older encodings a head that is not UTF-8 has a word that is known."""
    head = head[: head.rfind(b"\n") + 1]
    with suppress(UnicodeDecodeError):
        head.decode()
        return ""
    for name in _NATIONAL:
        with suppress(UnicodeDecodeError):
            text = head.decode(name).casefold()
            if any(word in text for word in national_words()):
                return name
    return ""


def _find_table(head: bytes) -> _Table | None:
    """The first line of at least two names with a line of as many numbers below it.

    A line of units may stand between. Two lines of numbers are a table without names, "column 1"
    and so on, unless a line of names stands over them, in whatever number.
    """
    if b"\0" in head:
        return None
    before = above = b""
    start = above_start = 0
    for line in head.splitlines(keepends=True):
        if line.strip():
            for separator in _SEPARATORS:
                if separator not in line:
                    continue
                heading = _cells(before, separator)
                names = _with_units(heading, _cells(above, separator))
                cells = [
                    "" if NOT_DETECTED.fullmatch(cell) else cell for cell in _cells(line, separator)
                ]
                while names and not names[-1]:  # both lines may end with a separator
                    names.pop()
                while len(cells) > len(names) and not cells[-1]:
                    cells.pop()
                if not 2 <= len(names) == len(cells):
                    continue
                if (kinds := _values(names)) is not None and _values(cells) == kinds:
                    unnamed = [f"column {i + 1}" for i in range(len(names))]
                    if _is_heading(heading, len(names), separator):
                        unnamed = heading
                    return _Table(unnamed, separator, above_start, *kinds)
                if (kinds := _kinds(names, cells)) is not None:
                    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
                    return _Table(names, separator, start, *kinds)
            before, above, above_start = above, line, start
        start += len(line)
    return None


def _is_heading(cells: list[str], width: int, separator: bytes) -> bool:
    """Whether a line over rows of another number of cells holds their names.

    It does where it has more than a key and its value, or a name that is understood.
    """
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) < 2 or not all(cells) or any(_number(cell) is not None for cell in cells):
        return False
    understood = any(quantity_of(split_header(cell)[0]) for cell in cells)
    return understood or (separator != _BLANK and len(cells) > max(2, width // 2))


def _values(cells: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Which cells are dates, in a row of numbers and dates alone; None for any other."""
    moments = tuple(i for i, cell in enumerate(cells) if cell and _number(cell) is None)
    numbers = sum(1 for cell in cells if cell) - len(moments)
    if not numbers or any(not is_moment(cells[i]) for i in moments):
        return None
    return moments, moments


def _kinds(names: list[str], cells: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Which columns hold words and which of those dates; None where this is no table.

    Beside numbers, a row may have dates or times of day, and words where it has a date or at least
    two numbers: a line of metadata has a word and a number.
    """
    words = [i for i, cell in enumerate(cells) if cell and _number(cell) is None]
    moments = [i for i in words if is_moment(cells[i])]
    # a date in a cell of its own stands beside one with the time of day
    if not moments or len(moments) < len(words):
        moments += [
            i
            for i in words
            if i not in moments and any(is_moment(f"{cells[i]} {cells[k]}") for k in moments)
        ]
    numbers = sum(1 for cell in cells if cell) - len(words)
    if numbers < (1 if moments or not words else 2):
        return None
    if any(_number(name) is not None for name in names if name):
        return None
    return tuple(words), tuple(sorted(moments))


def _cells(line: bytes, separator: bytes) -> list[str]:
    text = decode(line.lstrip(b"#").rstrip(b"\r\n"))
    if separator == _BLANK:
        return _BLANKS.split(text.strip()) if text.strip() else []
    mark = separator.decode()
    cells = text.split(mark)
    if '"' in text and text.count('"') % 2 == 0:
        cells = next(csv.reader([text], delimiter=mark), [])
    return [cell.strip().strip('"') for cell in cells]


def _with_units(above: list[str], names: list[str]) -> list[str]:
    """The names of the line above, if what seemed to be names are their units."""
    units = [name.strip("()[]") for name in names]
    if len(above) != len(names) or not all(above):
        return names
    if not all(scale_of(unit) for unit in units) or not any(units):
        return names
    return [f"{n} ({u})" if u else n for n, u in zip(above, units, strict=True)]


def _without_reference(match: re.Match[str]) -> str:
    """A blank before what follows, so that "Electrode vs. NHE (V)" keeps its unit apart."""
    return " " if match.string[match.end() :].startswith(("(", "[")) else ""


def _number(cell: str) -> float | None:
    return parse_number(cell, decimal_comma=True)
