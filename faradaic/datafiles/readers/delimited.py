"""Tables of numbers with a header line: any separator, decimal mark and encoding.

Logs of flow meters and other recorders are of this kind: a column of dates or times of day becomes
`time_s`, the different
words of a column of words go into the metadata.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from faradaic.datafiles.dataset import Column, Dataset, Sign
from faradaic.datafiles.readers.clock_times import is_clock
from faradaic.datafiles.readers.everyday_words import everyday_columns, national_words
from faradaic.datafiles.readers.headers import scale_of, sign_unknown, split_header, warning
from faradaic.datafiles.readers.moments import elapsed_s, first_of, parse_moment
from faradaic.datafiles.readers.remarks import without_remarks
from faradaic.datafiles.readers.since_1970 import since_1970
from faradaic.datafiles.readers.table_heads import (
    BLANK,
    FAR_BYTES,
    HEAD_BYTES,
    Table,
    find_table,
    names_alone,
    stacked,
)
from faradaic.datafiles.readers.text import damaged, decode, narrow, numeric_table
from faradaic.datafiles.readers.written_columns import missing_told, with_unit_of_cells
from faradaic.datafiles.readers.written_numbers import Written, decimal_mark, numbers_of
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import polars as pl

TEXT = True
_VERSUS = re.compile(r"\s+vs\.?\s+([^()\[\]]+)", re.IGNORECASE)
_INSTRUMENTS = {
    "Working Electrode (V)": "Admiral Squidstat",
    "DryCal smL/min": "MesaLabs DryCal",
    "DryCal sL/min": "MesaLabs DryCal",
}
"""By a column that only one maker's program writes."""
_MOST_WORDS = 12
_HEAD_CELLS = 200
_OVERFLOW = 9.9e37
"""SCPI's infinity; 9.91e37 stands for no number (SCPI-99, volume 1, 7.2.1.4 and 7.2.1.5)."""
_SIGNS: Mapping[str, Sign] = {"anodic": "anodic", "cathodic": "cathodic"}
_TOLD = re.compile(rb"^# column (\w+) - (.*?)\r?$", re.MULTILINE)
"""What our own tables tell of a column, above their header."""
_NATIONAL = ("cp932", "gb18030", "cp949", "euc_jp", "cp1251")
"""Japan, China, Korea, Japan again, Russia."""
_NO_REFERENCE = ("ref", "reference", "reference electrode", "re")
"""What programs write for an electrode that they don't know."""
_MINUS = "\u2212".encode()
"""The sign of typesetters, which journals and some spreadsheets write."""


def sniff(head: bytes, path: Path) -> bool:
    """Somewhere in the beginning a line of names or numbers stands over one of as many numbers."""
    return find_table(_narrow(head)[:HEAD_BYTES]) is not None


def begins_late(data: bytes) -> bool:
    """Whether a table stands behind a long head, or is nothing but the names of its columns."""
    return _head(_narrow(data[:FAR_BYTES])) is not None


def parse(data: bytes, path: Path) -> Dataset:
    """Read the columns, in SI where their unit is known; the sign of a current stays unknown but in
    our own tables, which tell it.

    "E (V vs RHE)" gives the reference electrode. Of several tables the one of the most rows counts,
    the others are `further`. Raises `InputError` when there is none.
    """
    data = _narrow(data)
    first = find_table(data[:HEAD_BYTES]) or _head(data)
    if first is None:
        raise damaged(path, 0, "no line of names stands over a line of as many numbers")
    found = []
    for begin, table, rows, joined in stacked(data, first, path):
        read = _one(table, data[begin : table.start], rows, path)
        line = data.count(b"\n", 0, begin) + 1
        if joined:
            what = f"{path}: the names of the table of line {line} are repeated {joined} times"
            told = warning("E757", f"{what}; its rows are joined", "look at them in the file")
            read = replace(read, warnings=(*read.warnings, told))
        found.append((line, read))
    if len(found) == 1:
        return found[0][1]
    taken, dataset = max(found, key=lambda one: len(one[1]))
    others = {f"line {line}": other.columns for line, other in found if line != taken}
    what = f"{path}: the table of line {taken} is read; there are tables in {', '.join(others)} too"
    told = warning("E757", what, "give that table in a file of its own")
    return replace(dataset, further=others, warnings=(*dataset.warnings, told))


def _head(data: bytes) -> Table | None:
    """What `find_table` makes of the beginning of a file of which it made nothing in less."""
    far = data[:FAR_BYTES]
    return find_table(far) if len(far) > HEAD_BYTES else names_alone(far)


def _one(table: Table, above: bytes, rows: bytes, path: Path) -> Dataset:
    """One table of a text, with what stands above its rows."""
    words: dict[int, pl.Series | None] = dict.fromkeys(table.words)
    separator = table.separator.decode()
    if table.separator == BLANK:
        rows, separator = b"".join(b"\t".join(r.split()) + b"\n" for r in rows.splitlines()), "\t"
    of_words = 0 in words and 0 not in table.moments
    rows, remarks, warnings = without_remarks(rows, path, separator, of_words)
    units: dict[int, str] = {}
    arrays, told_of_rows = numeric_table(
        rows, 0, len(table.names), path, separator=separator, words=words, units=units
    )
    warnings += told_of_rows
    for i in [i for i in words if i not in table.moments]:
        mark = decimal_mark(rows, separator).replace("?", ".")
        if found := _numbers_of(words[i], mark):  # its first cell is damaged
            arrays[i] = found.values
            units[i] = found.unit
            del words[i]
            if found.missing:
                warnings.append(missing_told(path, found.missing, found.marks))
            if found.bad:
                what = f"{path}: {found.bad} cells are no numbers and stay empty"
                warnings.append(warning("E746", what))
    table = table._replace(words=tuple(words))
    infinite = overflow = 0
    for values in arrays:
        endless = abs(values) >= _OVERFLOW
        overflow += int((endless & (abs(values) < math.inf)).sum())
        infinite += int(endless.sum())
        values[endless] = math.nan
    if infinite > overflow:
        what = f"{path}: {infinite - overflow} cells are infinite and stay empty"
        warnings.append(warning("E746", what))
    if overflow:
        what = f"{path}: {overflow} cells hold an instrument's mark of an overflow and stay empty"
        warnings.append(warning("E746", what))
    raw, references = [], []
    for i, (header, values) in enumerate(zip(table.names, arrays, strict=True)):
        if i not in words:
            header, reference = _apart(header)
            references.append(reference)
            raw.append(with_unit_of_cells(*split_header(header), values, units.get(i), warnings))
    columns, unknown = everyday_columns(raw)
    told = _told(above)
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
    metadata = {**_metadata(table, words, warnings), **remarks}
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


def _numbers_of(cells: pl.Series | None, mark: str) -> Written | None:
    """A column whose cells are mostly numbers, though its first is none; None for one of words."""
    if cells is None:
        return None
    if len(cells) > 2 * _HEAD_CELLS and _numbers_of(cells.head(_HEAD_CELLS), mark) is None:
        return None
    filled = int((cells.fill_null("") != "").sum())
    found = numbers_of(cells, mark)
    return None if 2 * (found.bad + found.missing) >= filled else found


def _timed(
    table: Table,
    words: Mapping[int, pl.Series | None],
    columns: dict[str, Column],
    path: Path,
    warnings: list[Diagnostic],
) -> tuple[dict[str, Column], datetime | None]:
    """The columns, with the `time_s` of those that hold dates and times where there is none yet."""
    if not table.moments:
        return since_1970(columns, path, warnings)
    alone, beside = _moments_apart(table, words)
    if beside is not None and "time_s" not in columns:
        seconds, _, doubt = elapsed_s(
            cast("pl.Series", words[beside]), path, None, table.names[beside]
        )
        warnings += doubt
        columns = {"time_s": Column(seconds, "s", table.names[beside]), **columns}
    table = table._replace(moments=alone)
    found = [series for i in table.moments if (series := words[i]) is not None]
    cells = found[0]
    for series in found[1:]:
        cells = cells + " " + series
    elapsed = columns["time_s"].values if "time_s" in columns else None
    header = " ".join(table.names[i] for i in table.moments)
    seconds, start, doubt = elapsed_s(cells, path, elapsed, header)
    warnings += doubt
    name = "time_s" if "time_s" not in columns else "clock_s"
    if (missing := int((seconds != seconds).sum())) > 0:
        warnings.append(warning("E746", f"{missing} cells of {header!r} are no times"))
    return {name: Column(seconds, "s", header), **columns}, start


def _moments_apart(
    table: Table, words: Mapping[int, pl.Series | None]
) -> tuple[tuple[int, ...], int | None]:
    """The columns that make one moment together, and one of elapsed times beside them.

    A date and a time of day in cells of their own belong together; a moment with its date does
    not need the other column, which counts from the beginning of the test.
    """
    firsts = {i: first_of(series) for i in table.moments if (series := words[i]) is not None}
    dated = [i for i, first in firsts.items() if parse_moment(first)]
    clocks = [i for i, first in firsts.items() if is_clock(first)]
    if dated and clocks:
        return (dated[0],), clocks[0]
    if dated:
        return (dated[0],), None
    if len(clocks) > 1 and len(clocks) == len(firsts):
        return (clocks[0],), None
    return table.moments, None


def _metadata(
    table: Table, words: Mapping[int, pl.Series | None], warnings: list[Diagnostic]
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
    if not data.isascii():
        if name := _national_encoding(data[:HEAD_BYTES]):
            data = data.decode(name, errors="replace").encode()
        elif not _is_utf8(data):
            data = decode(data).encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    return data.replace(_MINUS, b"-") if _MINUS[:1] in data else data


def _is_utf8(data: bytes) -> bool:
    try:
        data[: data.rfind(b"\n") + 1].decode()
    except UnicodeDecodeError:
        return False
    return True


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


def _apart(header: str) -> tuple[str, str | None]:
    """A header without its "vs. NHE", and the reference; the unit may stand on either side."""
    match = _VERSUS.search(header)
    if match is None:
        return header, None
    reference, slash, unit = match[1].strip().rpartition("/")
    scale = scale_of(unit.strip()) if slash and reference else None
    if scale is None or scale.unit != "V":
        reference, unit = match[1].strip(), ""
    if reference.rstrip(".").casefold() in _NO_REFERENCE:
        reference = ""
    before, behind = header[: match.start()], header[match.end() :]
    blank = " " if behind.startswith(("(", "[")) else ""
    header = f"{before}{' / ' if unit else ''}{unit.strip()}{blank}{behind}"
    return header, reference.strip() or None
