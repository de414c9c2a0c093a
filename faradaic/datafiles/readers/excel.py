"""Excel workbooks (.xlsx, .xlsm): a sheet becomes text with tabs, and whoever knows it reads it."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import delimited, gas_chromatograph
from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import InputError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The compound files that Excel wrote until 2003 (.xls)."""
_MOST_UNPACKED = 200
"""Times the size of the file: sheets of numbers pack to a fifth or a tenth."""
_UNPACKED_FREE_B = 64 * 2**20
_HEAD_B = 8192


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this is a workbook, new or old."""
    if head.startswith(_OLD):
        return True
    return head.startswith(_ZIP) and (b"[Content_Types].xml" in head or b"xl/" in head)


def parse(data: bytes, path: Path, sheet: str | None = None) -> Dataset:
    """The named sheet, else the first that holds a table of numbers or of peaks.

    Raises `InputError` when there is none, or no sheet of that name.
    """
    book = _opened(data, path)
    try:
        names = book.sheetnames
        if sheet is not None and sheet not in names:
            raise InputError.of(
                f"{path} has no sheet {sheet!r}",
                help="there is " + ", ".join(repr(name) for name in names),
                code="E767",
            )
        with warnings.catch_warnings():  # of drop-down lists and the like, which hold no data
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            texts = {
                name: "\n".join(_lines(book[name])).encode() + b"\n"
                for name in ([sheet] if sheet is not None else names)
            }
    except InputError:
        raise
    except Exception as error:  # of many kinds, for damaged parts
        raise damaged(path, 0, f"the workbook cannot be read: {error}") from error
    finally:
        book.close()
    if any(gas_chromatograph.sniff(text[:_HEAD_B], path) for text in texts.values()):
        # a report has its injections on one sheet and their peaks on others
        return gas_chromatograph.parse(b"\n".join(texts.values()), path)
    tables = [name for name, text in texts.items() if delimited.sniff(text[:_HEAD_B], path)]
    if not tables:
        wanted = f"sheet {sheet!r}" if sheet is not None else "sheet"
        raise InputError.of(
            f"{path}: no {wanted} holds a row of names over rows of numbers",
            help='write names such as "time (s)", "current (mA)" in one row and numbers below;'
            " of a formula the value counts that was saved with it",
            code="E747",
        )
    dataset = delimited.parse(texts[tables[0]], path)
    told_before = dataset.warnings
    if len(tables) > 1:
        others = ", ".join(repr(name) for name in tables[1:])
        told = f"{path}: sheet {tables[0]!r} is read; there are tables in {others} too"
        told_before = (*told_before, warning("E757", told, f"--sheet {tables[1]!r}"))
    metadata = {**dataset.metadata, "sheet": tables[0]}
    return replace(dataset, metadata=metadata, warnings=told_before)


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
