"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): a table of a sheet is read as one of text is."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import delimited, gas_chromatograph
from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.readers.table_heads import is_row_of_numbers, names_alone
from faradaic.datafiles.readers.workbook_bounds import (
    check_old_workbook,
    check_workbook,
    holds_sheets,
)
from faradaic.diagnostics import InputError, refusal

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The compound files that Excel wrote until 2003 (.xls)."""
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_HEAD_B = 8192
_HEAD_ROWS = 200
"""Rows in which the first names of a table are looked for."""
_STRAY_CELLS = 2

Lines = Sequence[bytes]
"""Rows of a sheet as text, their cells parted by tabs: a third of what lists of cells take."""


class _Sheet(NamedTuple):
    lines: Lines
    filled: Sequence[int]
    """How many cells of each column hold something,"""
    named: Sequence[bool]
    """and whether one of its first rows does."""


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this is a workbook, new or old."""
    if head.startswith(_OLD):
        return True
    if not head.startswith(_ZIP):
        return False
    marks = (b"[Content_Types].xml", b"xl/", _OPEN_DOCUMENT)
    return any(mark in head for mark in marks) or holds_sheets(path)


def parse(
    data: bytes,
    path: Path,
    sheet: str | None = None,
    fits: Callable[[Dataset], bool] | None = None,
) -> Dataset:
    """The named sheet or table, else the one that `fits`, else peaks, else the largest table.

    Of several tables on a sheet one is named by its columns and, below another, its first row:
    "Raw data!AM:AR", "Raw data!A40:C". Raises `InputError` when there is none, no sheet of that
    name, or more than one that fits.
    """
    sheets = _sheets(data, path)
    name = sheet
    if sheet is not None and sheet not in sheets:
        name = sheet.rpartition("!")[0]
    if name is not None and name not in sheets:
        raise _no_sheet(path, sheet, sheets)
    chosen = sheets if name is None else {name: sheets[name]}
    parts = {part: text for name, whole in chosen.items() for part, text in _tables(name, whole)}
    heads = {name: _text(whole.lines[:_HEAD_ROWS])[:_HEAD_B] for name, whole in chosen.items()}
    if sheet is not None and sheet != name:
        if sheet not in parts:
            raise _no_sheet(path, sheet, parts)
        parts = {sheet: parts[sheet]}
    peaks = {name for name, head in heads.items() if gas_chromatograph.sniff(head, path)}
    wanted = fits or (lambda dataset: {"time_s", "current_A"} <= dataset.columns.keys())
    if fits or peaks:
        measured = {
            part: text
            for part, text in parts.items()
            if not gas_chromatograph.sniff(text[:_HEAD_B], path)
        }
        found = _fitting(measured, path, wanted)
        if fits and len(found) > 1:
            what = f"{path}: what is needed stands in {_listed(found)}"
            raise refusal("E767", what, f"say which: --sheet {next(iter(found))!r}")
        if fits and found:
            taken = next(iter(found))
            return _told(found[taken], path, taken, [name for name in parts if name != taken])
        if peaks:  # a report has its injections on one sheet and their peaks on others
            texts = [_text(whole.lines) for whole in chosen.values()]
            dataset = gas_chromatograph.parse(b"\n".join(texts), path)
            return _told(dataset, path, "", list(found))
    ranked = sorted(parts, key=lambda part: -parts[part].count(b"\t") - parts[part].count(b"\n"))
    refused: list[InputError] = []
    for part in ranked:
        try:
            dataset = delimited.parse(parts[part], path)
        except InputError as error:
            refused.append(error)
            continue
        return _told(dataset, path, part, [other for other in ranked if other != part])
    if refused:
        raise refused[0]
    for name, whole in chosen.items():
        if names_alone(text := _text(whole.lines)):
            return _told(delimited.parse(text, path), path, name, [])
    what = f"sheet {sheet!r}" if sheet is not None else "sheet"
    raise InputError.of(
        f"{path}: no {what} holds a row of names over rows of numbers",
        help='write names such as "time (s)", "current (mA)" in one row and numbers below;'
        " of a formula the value counts that was saved with it",
        code="E747",
    )


def _told(dataset: Dataset, path: Path, taken: str, others: list[str]) -> Dataset:
    """The dataset with the table that was taken, "" for a whole report, and what stands beside."""
    told = dataset.warnings
    if others:
        what = f"{taken!r} is read" if taken else "the injections are read"
        what = f"{path}: {what}; there are tables in {_listed(others)} too"
        told = (*told, warning("E757", what, f"--sheet {others[0]!r}"))
    metadata = {**dataset.metadata, "sheet": taken} if taken else dataset.metadata
    return replace(dataset, metadata=metadata, warnings=told)


def _fitting(
    texts: Mapping[str, bytes], path: Path, fits: Callable[[Dataset], bool]
) -> dict[str, Dataset]:
    found = {}
    for name, text in texts.items():
        with suppress(InputError):
            if fits(dataset := delimited.parse(text, path)):
                found[name] = dataset
    return found


def _tables(name: str, sheet: _Sheet) -> Iterator[tuple[str, bytes]]:
    """The tables of a sheet: what empty columns part, and in those what an empty row parts.

    A piece counts that has a row of numbers. The name is that of the sheet where nothing else
    stands on it.
    """
    found = []
    # a cell or two far below, without names over them, belong to no table
    filled = [
        named or count > _STRAY_CELLS
        for named, count in zip(sheet.named, sheet.filled, strict=True)
    ]
    strips = list(_runs(filled))
    for first, last in strips:
        strip: Lines = sheet.lines
        if last + 1 - first < len(filled):
            strip = [b"\t".join(line.split(b"\t")[first : last + 1]) for line in strip]
        for top, bottom in _pieces(strip):
            while bottom > top and not _holds(strip[bottom]):
                bottom -= 1
            if delimited.sniff(_text(strip[top : bottom + 1][:_HEAD_ROWS])[:_HEAD_B], Path(name)):
                found.append((first, last, top, _text(strip[top : bottom + 1])))
    if len(found) == len(strips) == 1:
        yield name, found[0][3]
        return
    for first, last, top, text in found:
        alone = sum(one[:2] == (first, last) for one in found) == 1
        corner = _letters(first) + ("" if alone else str(top + 1))
        yield f"{name}!{corner}:{_letters(last)}", text


def _pieces(strip: Lines) -> Iterator[tuple[int, int]]:
    """First and last row of what begins with words after an empty row, or at the top."""
    starts = [
        top
        for top, bottom in _runs([_holds(line) for line in strip])
        if bottom > top and not is_row_of_numbers(strip[top].decode().split("\t"))
    ]
    ends = [start - 1 for start in starts[1:]] + [len(strip) - 1]
    for start, end in zip(starts or [0], ends, strict=True):
        yield (0 if start == (starts or [0])[0] else start), end


def _holds(line: bytes) -> bool:
    """Whether a cell of a row holds something."""
    return bool(line.strip(b"\t"))


def _runs(filled: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start = None
    for i, one in enumerate((*filled, False)):
        if one and start is None:
            start = i
        elif not one and start is not None:
            yield start, i - 1
            start = None


def _letters(column: int) -> str:
    """The name of a column, A for 0."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _no_sheet(path: Path, sheet: str | None, names: Iterable[str]) -> InputError:
    return refusal("E767", f"{path} has no sheet {sheet!r}", f"there is {_listed(names)}")


def _sheets(data: bytes, path: Path) -> dict[str, _Sheet]:
    """The cells of every sheet as text, from its first row and column on."""
    import python_calamine

    try:
        if data.startswith(_ZIP):
            check_workbook(data, path)
        else:
            check_old_workbook(data, path)
        with _unheard():
            book: CalamineWorkbook = python_calamine.CalamineWorkbook.from_filelike(
                io.BytesIO(data)
            )
            return {name: _sheet(book.get_sheet_by_name(name)) for name in book.sheet_names}
    except InputError:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # of many kinds; a panic of the library is no Exception
        raise InputError.of(
            f"{path}: the workbook is damaged or of an unusual kind: {error}",
            help="open it in a spreadsheet program and save it as .xlsx",
            code="E743",
        ) from error


@contextmanager
def _unheard() -> Iterator[None]:
    """Without what the library itself writes to the terminal where it breaks off."""
    try:
        terminal, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # there is none
        yield
        return
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def _sheet(sheet: CalamineSheet) -> _Sheet:
    """The rows as text. A date among dates with times is one at midnight."""
    dates: list[tuple[int, int]] = []
    timed: set[int] = set()
    lines: list[bytes] = []
    width = sheet.end[1] + 1 if sheet.end else 0
    filled, named = [0] * width, [False] * width
    for i, row in enumerate(sheet.iter_rows()):
        cells = [""] * (width - len(row))  # the library leaves out empty columns before the first
        for k, value in enumerate(row, len(cells)):
            if value == "":
                cells.append("")
                continue
            if isinstance(value, float):
                whole = value.is_integer() and abs(value) < 2**53
                cells.append(str(int(value)) if whole else repr(value))
            elif isinstance(value, datetime):
                timed.add(k)
                cells.append(value.isoformat(sep=" "))
            elif isinstance(value, timedelta):
                cells.append(repr(value.total_seconds()))
            elif isinstance(value, date):
                dates.append((i, k))
                cells.append(value.isoformat())
            elif isinstance(value, time):
                cells.append(value.isoformat())
            else:
                cells.append(" ".join(str(value).split()))
            filled[k] += cells[k] != ""
        if i < _HEAD_ROWS:
            named = [was or bool(cell) for was, cell in zip(named, cells, strict=True)]
        lines.append("\t".join(cells).encode())
    for i, k in dates:
        if k in timed:
            at_midnight = lines[i].split(b"\t")
            at_midnight[k] += b" 00:00:00"
            lines[i] = b"\t".join(at_midnight)
    return _Sheet(lines, filled, named)


def _text(lines: Lines) -> bytes:
    return b"\n".join(lines) + b"\n" if lines else b""
