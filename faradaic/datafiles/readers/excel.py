"""Excel workbooks (.xlsx, .xlsm): a sheet becomes text with tabs, and whoever knows it reads it."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import delimited, gas_chromatograph
from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.readers.text import damaged, parse_number
from faradaic.diagnostics import InputError, refusal

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The compound files that Excel wrote until 2003 (.xls)."""
_MOST_UNPACKED = 200
"""Times the size of the file: sheets of numbers pack to a fifth or a tenth."""
_UNPACKED_FREE_B = 64 * 2**20
_HEAD_B = 8192
_HEAD_ROWS = 20


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this is a workbook, new or old."""
    if head.startswith(_OLD):
        return True
    return head.startswith(_ZIP) and (b"[Content_Types].xml" in head or b"xl/" in head)


def parse(
    data: bytes,
    path: Path,
    sheet: str | None = None,
    fits: Callable[[Dataset], bool] | None = None,
) -> Dataset:
    """The named sheet, else the one table that `fits`, else the first of numbers or of peaks.

    Of tables side by side one is named by its columns too: "Raw data!AM:AR". Raises `InputError`
    when there is none, no sheet of that name, or more than one that fits.
    """
    book = _opened(data, path)
    name, columns = sheet, ""
    try:
        if sheet is not None and sheet not in book.sheetnames:
            name, _, columns = sheet.rpartition("!")
        if name is not None and name not in book.sheetnames:
            raise _no_sheet(path, sheet, book.sheetnames)
        with warnings.catch_warnings():  # of drop-down lists and the like, which hold no data
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            texts = {
                name: "\n".join(_lines(book[name])).encode() + b"\n"
                for name in ([name] if name is not None else book.sheetnames)
            }
    except InputError:
        raise
    except Exception as error:  # of many kinds, for damaged parts
        raise damaged(path, 0, f"the workbook cannot be read: {error}") from error
    finally:
        book.close()
    if columns:
        parts = _side_by_side(texts)
        if sheet not in parts:
            raise _no_sheet(path, sheet, parts)
        texts = {sheet: parts[sheet]}
    peaks = {name for name, text in texts.items() if gas_chromatograph.sniff(text[:_HEAD_B], path)}
    tables = [name for name, text in texts.items() if delimited.sniff(text[:_HEAD_B], path)]
    if fits or peaks:
        wanted = fits or (lambda dataset: {"time_s", "current_A"} <= dataset.columns.keys())
        whole = {name: text for name, text in texts.items() if name not in peaks}
        found = _fitting(whole, path, wanted) or _fitting(_side_by_side(texts), path, wanted)
        if fits and len(found) > 1:
            what, remedy = (
                f"{path}: what is needed stands in {_listed(found)}",
                "say which: --sheet",
            )
            raise refusal("E767", what, f"{remedy} {next(iter(found))!r}")
        if fits and found:
            taken = next(iter(found))
            return _told(found[taken], path, taken, [name for name in tables if name != taken])
        if peaks:  # a report has its injections on one sheet and their peaks on others
            dataset = gas_chromatograph.parse(b"\n".join(texts.values()), path)
            return _told(dataset, path, "", list(found))
    if not tables:
        what = f"sheet {sheet!r}" if sheet is not None else "sheet"
        raise InputError.of(
            f"{path}: no {what} holds a row of names over rows of numbers",
            help='write names such as "time (s)", "current (mA)" in one row and numbers below;'
            " of a formula the value counts that was saved with it",
            code="E747",
        )
    return _told(delimited.parse(texts[tables[0]], path), path, tables[0], tables[1:])


def _told(dataset: Dataset, path: Path, taken: str, others: list[str]) -> Dataset:
    """The dataset with the sheet that was taken, "" for a whole report, and what stands beside."""
    told = dataset.warnings
    if others:
        what = f"sheet {taken!r} is read" if taken else "the injections are read"
        what = f"{path}: {what}; there are tables in {_listed(others)} too"
        told = (*told, warning("E757", what, f"--sheet {others[0]!r}"))
    metadata = {**dataset.metadata, "sheet": taken} if taken else dataset.metadata
    return replace(dataset, metadata=metadata, warnings=told)


def _fitting(
    texts: Mapping[str, bytes], path: Path, fits: Callable[[Dataset], bool]
) -> dict[str, Dataset]:
    found = {}
    for name, text in texts.items():
        if delimited.sniff(text[:_HEAD_B], path):
            with suppress(InputError):
                if fits(dataset := delimited.parse(text, path)):
                    found[name] = dataset
    return found


def _side_by_side(texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The tables that columns without a name part, by sheet and columns: "Raw data!AM:AR".

    The row of names is that of the first ones which has most words.
    """
    from openpyxl.utils import get_column_letter

    found = {}
    for name, text in texts.items():
        rows = [line.split(b"\t") for line in text.splitlines()]
        words = [
            {i for i, cell in enumerate(row) if cell and parse_number(cell.decode()) is None}
            for row in rows[:_HEAD_ROWS]
        ]
        named = max(words, key=len, default=set())
        for start in sorted(i for i in named if i - 1 not in named):
            end = next(i for i in range(start + 1, max(named) + 2) if i not in named)
            cut = b"\n".join(b"\t".join(row[start:end]) for row in rows).rstrip() + b"\n"
            found[f"{name}!{get_column_letter(start + 1)}:{get_column_letter(end)}"] = cut
    return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _no_sheet(path: Path, sheet: str | None, names: Iterable[str]) -> InputError:
    return refusal("E767", f"{path} has no sheet {sheet!r}", f"there is {_listed(names)}")


def _opened(data: bytes, path: Path) -> Workbook:
    if data.startswith(_OLD):
        raise InputError.of(
            f"{path} is an Excel file of the old kind (.xls)",
            help="save it as .xlsx or as CSV and read that",
            code="E747",
        )
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked_B = sum(member.file_size for member in archive.infolist())
        if unpacked_B > _UNPACKED_FREE_B + _MOST_UNPACKED * len(data):
            raise damaged(path, 0, f"it would unpack to {unpacked_B} bytes")
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except InputError:
        raise
    except Exception as error:  # of many kinds, for damaged parts
        raise damaged(path, 0, f"the workbook cannot be opened: {error}") from error


def _lines(sheet: Any) -> Iterator[str]:
    for row in sheet.iter_rows(values_only=True):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        yield "\t".join(cells)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return " ".join(str(value).split())
