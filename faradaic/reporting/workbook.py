"""What every Excel workbook shares: cells that are no formulas by accident, heads, names, bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from openpyxl import Workbook

_LONGEST_TEXT = 32_000
"""Of a cell; Excel takes 32,767 (Microsoft: Excel specifications and limits)."""
_LONGEST_NAME = 31
"""Of a sheet."""


_FORMULA_CELL = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*><f>[^<]*</f>)(?:<v ?/>|<v></v>)')
_CACHED = "cached_values"
"""The attribute of a sheet that holds what its formulas give, by cell."""


class CellFormula(str):
    """A formula of ours; any other text stays text, whatever it begins with.

    `value` is what it gives: programs that do not compute show that.
    """

    __slots__ = ("value",)
    value: float | None

    def __new__(cls, text: str, value: float | None = None) -> Self:
        """A formula with its value, None where it is not known or no number."""
        formula = super().__new__(cls, text)
        formula.value = value if value is not None and value - value == 0.0 else None
        return formula


def append(
    sheet: Any, values: Iterable[object], *, bold: bool = False, colour: str | None = None
) -> None:
    """A row: numbers stay numbers, what is missing is empty, lists and infinities become text."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    values, row = list(values), []
    for value in values:
        cell = WriteOnlyCell(sheet, value=_plain(value))
        if isinstance(cell.value, str) and not isinstance(value, CellFormula):
            cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True, color=colour)
        row.append(cell)
    sheet.append(row)
    cached = {
        number: value.value
        for number, value in enumerate(values, 1)
        if isinstance(value, CellFormula) and value.value is not None
    }
    if cached:
        from openpyxl.utils import get_column_letter

        known = vars(sheet).setdefault(_CACHED, {})
        known |= {f"{get_column_letter(n)}{sheet.max_row}": value for n, value in cached.items()}


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
    cached = {
        f"xl/worksheets/sheet{number}.xml": vars(sheet)[_CACHED]
        for number, sheet in enumerate(book.worksheets, 1)
        if _CACHED in vars(sheet)
    }
    return _with_values(stream, cached) if cached else stream.getvalue()


def _with_values(stream: io.BytesIO, cached: Mapping[str, Mapping[str, float]]) -> bytes:
    """The same file with what its formulas give, which openpyxl has no place for."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(stream) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.infolist():
            content = source.read(member)
            values = cached.get(member.filename, {})

            def filled(match: re.Match[bytes], values: Mapping[str, float] = values) -> bytes:
                value = values.get(match[2].decode())
                return match[0] if value is None else match[1] + b"<v>%r</v>" % float(value)

            if values:
                content = _FORMULA_CELL.sub(filled, content)
            target.writestr(member, content)
    return made.getvalue()


def _plain(value: Any) -> Any:
    """What a cell can hold: numbers, and text without control characters."""
    if value is None or value != value:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0.0:
        return value
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "".join(c if c.isprintable() else " " for c in text)[:_LONGEST_TEXT]
