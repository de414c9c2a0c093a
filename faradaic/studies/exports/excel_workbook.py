"""An Excel workbook: what is known, each table with its units, the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from faradaic.diagnostics import refusal
from faradaic.records.folder import write_file
from faradaic.reporting.workbook import append, as_bytes
from faradaic.studies.exports.contents import Contents, Table, describe
from faradaic.studies.exports.formats import Options

SUFFIX = ".xlsx"
MOST_ROWS = 1_048_576
"""Of a sheet (Microsoft: Excel specifications and limits)."""
_ABOVE = 4
_WARNING = "FFC00000"
"""Red, of what says SIMULATED."""
_RESULT = (
    "where",
    "name",
    "value",
    "unit",
    "random",
    "systematic",
    "method",
    "basis",
    "flags",
    "reason",
)


def write(contents: Contents, path: Path, options: Options) -> Path:
    """Write the workbook; raises `InputError` (E792) for a table too long for a sheet."""
    from openpyxl import Workbook

    for table in contents.tables.values():
        rows = len(next(iter(table.values())).values)
        if rows + _ABOVE > MOST_ROWS:
            raise refusal(
                "E792",
                f"{contents.title} has {rows} rows, an Excel sheet holds {MOST_ROWS - _ABOVE}",
                "export it with --to csv or netcdf",
            )
    book = Workbook(write_only=True)
    _about(book.create_sheet("About"), contents, options)
    for number, (name, table) in enumerate(contents.tables.items()):
        _table(
            book.create_sheet("Data" if number == 0 else f"Table {number}"), contents, name, table
        )
    if contents.results:
        sheet = book.create_sheet("Results")
        _status(sheet, [contents.status], contents)
        append(sheet, _RESULT, bold=True)
        for result in contents.results:
            append(sheet, [result.get(key) for key in _RESULT])
    write_file(path, as_bytes(book))
    return path


def _about(sheet: Any, contents: Contents, options: Options) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 90
    _status(sheet, [contents.status], contents)
    rows = {"title": contents.title, **contents.description()}
    if options.author:
        rows["exported by"] = options.author.name
    for key, value in (rows | {f"header: {k}": v for k, v in contents.metadata.items()}).items():
        append(sheet, [key, "unknown" if value in (None, "") else value])


def _table(sheet: Any, contents: Contents, name: str, table: Table) -> None:
    sheet.freeze_panes = f"A{_ABOVE + 1}"
    append(
        sheet, [name, contents.status], bold=True, colour=_WARNING if contents.simulated else None
    )
    append(sheet, table, bold=True)
    known = [describe(header, column) for header, column in table.items()]
    append(sheet, [one["unit"] for one in known])
    append(sheet, [_about_column(one) for one in known])
    for row in zip(*(column.values.tolist() for column in table.values()), strict=True):
        # an empty cell was not measured; Excel knows no infinity
        sheet.append([v if v - v == 0.0 else None if v != v else str(v) for v in row])


def _about_column(known: Mapping[str, Any]) -> str:
    words = (("reference", "vs {}"), ("positive_current", "positive: {}"))
    return ", ".join(text.format(known[key]) for key, text in words if key in known)


def _status(sheet: Any, words: Sequence[str], contents: Contents) -> None:
    append(sheet, words, bold=True, colour=_WARNING if contents.simulated else None)
