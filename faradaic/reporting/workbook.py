"""What every Excel workbook shares: cells that are no formulas by accident, heads, names, bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook

_LONGEST_TEXT = 32_000
"""Of a cell; Excel takes 32,767 (Microsoft: Excel specifications and limits)."""
_LONGEST_NAME = 31
"""Of a sheet."""


class CellFormula(str):
    """A formula of ours; any other text stays text, whatever it begins with."""

    __slots__ = ()


def append(
    sheet: Any, values: Iterable[object], *, bold: bool = False, colour: str | None = None
) -> None:
    """A row: numbers stay numbers, what is missing is empty, lists and infinities become text."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    row = []
    for value in values:
        cell = WriteOnlyCell(sheet, value=_plain(value))
        if isinstance(cell.value, str) and not isinstance(value, CellFormula):
            cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True, color=colour)
        row.append(cell)
    sheet.append(row)


def head(sheet: Any, names: Sequence[str]) -> None:
    """The heads of the columns, which stay in sight."""
    append(sheet, names, bold=True)
    sheet.freeze_panes = "A2"


def fit_widths(sheet: Any) -> None:
    """Columns as wide as their heads."""
    from openpyxl.utils import get_column_letter

    for number, cell in enumerate(sheet[1], 1):
        width = max(11, len(str(cell.value)) + 2)
        sheet.column_dimensions[get_column_letter(number)].width = width


def sheet_name(book: Workbook, wanted: str) -> str:
    """A name that Excel takes and no other sheet has."""
    name = re.sub(r"[\[\]:*?/\\']", "_", wanted)[:_LONGEST_NAME]
    number = 2
    while name in book.sheetnames:
        name, number = f"{name[: _LONGEST_NAME - 3]} {number}", number + 1
    return name


def as_bytes(book: Workbook) -> bytes:
    """The workbook as a file."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _plain(value: Any) -> Any:
    """What a cell can hold: numbers, and text without control characters."""
    if value is None or value != value:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0.0:
        return value
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "".join(c if c.isprintable() else " " for c in text)[:_LONGEST_TEXT]
