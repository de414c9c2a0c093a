"""The Excel workbook: what was measured as numbers, what follows from it as formulas to audit."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from faradaic import __version__
from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.studies.outcome import StudyOutcome, Table

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_MEASURED = (
    "product",
    "point (V)",
    "electrode",
    "z",
    "I (A)",
    "x (mol/mol)",
    "flow (sccm)",
    "meter T (K)",
    "meter p (Pa)",
    "A (cm^2)",
    "sites (mol)",
)
"""Columns A to K of a sheet of injections."""
_FORMULAS = {
    "flow (mol/s)": "=I{r}*G{r}*1E-6/60/(Constants!$B$3*H{r})",
    "FE (%)": "=100*D{r}*Constants!$B$2*F{r}*L{r}/ABS(E{r})",
    "j (mA/cm^2)": "=M{r}/100*E{r}*1000/J{r}",
    "TOF (1/s)": "=M{r}/100*ABS(E{r})/(D{r}*Constants!$B$2*K{r})",
}
"""Columns L to O; r is the row."""
_SUMMARY = ("FE (%)", "j (mA/cm^2)", "TOF (1/s)")


def workbook_bytes(outcome: StudyOutcome) -> bytes:
    """The workbook as a file: conditions, constants, injections with formulas, summary, results."""
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None
    _study_sheet(first, outcome)
    tables = outcome.of("injections")
    if tables:
        _constants_sheet(book.create_sheet("Constants"))
        summary = book.create_sheet("Summary")
        _head(summary, _summary_head())
        for table in tables:
            name = _sheet_name(book, f"FE {table.sample}")
            groups = list(_injection_sheet(book.create_sheet(name), table))
            for group in groups:
                _summary_row(summary, table.sample, name, group, _by_program(outcome, table.sample))
        _widths(summary)
    _results_sheet(book.create_sheet("Results"), outcome)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _study_sheet(sheet: Worksheet, outcome: StudyOutcome) -> None:
    sheet.title = "Study"
    rows: list[Sequence[object]] = [
        ("Study", outcome.title),
        ("Data", "SIMULATED" if outcome.simulated else "measured"),
        ("Made by", f"faradaic {__version__}"),
        ("Study file, SHA-256", outcome.study_sha256),
    ]
    for sample, words in outcome.conditions.items():
        rows += [(), (sample,), *words.items()]
    rows += [(), ("Assumed on the command line",)] if outcome.assumptions else []
    rows += [(one.field, one.value) for one in outcome.assumptions]
    rows += [(), ("Remarks",), *((remark,) for remark in outcome.remarks)]
    rows += [(), ("File", "what it is", "SHA-256")]
    rows += [(entry.path, entry.role, entry.sha256) for entry in outcome.inputs]
    for row in rows:
        sheet.append([_text(cell) for cell in row])
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 60
    _bold(sheet, 1, 1)


def _constants_sheet(sheet: Worksheet) -> None:
    _head(sheet, ("constant", "value", "unit", "source"))
    exact = "exact by definition (SI 2019)"
    sheet.append(("Faraday constant", FARADAY_C_PER_MOL, "C/mol", exact))
    sheet.append(("gas constant", GAS_CONSTANT_J_PER_MOL_K, "J/(mol K)", exact))
    _widths(sheet)


def _injection_sheet(sheet: Worksheet, table: Table) -> Iterator[tuple[str, float, int, int]]:
    """Fill the sheet; (product, potential, first row, last row) of each group of injections."""
    _head(sheet, (*_MEASURED, *_FORMULAS))
    columns = table.columns
    order = sorted(
        range(len(table)),
        key=lambda i: (
            list(dict.fromkeys(columns["product"])).index(columns["product"][i]),
            -round(float(columns["point (V)"][i]), 4),
            columns["electrode"][i],
        ),
    )
    first, before = 2, None
    for row, i in enumerate(order, 2):
        group = (str(columns["product"][i]), round(float(columns["point (V)"][i]), 4))
        if before is not None and group != before:
            yield *before, first, row - 1
            first = row
        before = group
        sheet.append([_value(columns[name][i]) for name in _MEASURED])
        for number, (name, formula) in enumerate(_FORMULAS.items(), len(_MEASURED) + 1):
            sheet.cell(row, number, _live(name, formula.format(r=row), columns, i))
    if before is not None:
        yield *before, first, len(order) + 1
    _widths(sheet)


def _live(name: str, formula: str, columns: Any, i: int) -> Any:
    """The formula, unless what it needs was not given: a molar flow is a number of its own."""
    if name == "flow (mol/s)" and _value(columns["flow (sccm)"][i]) is None:
        return _value(columns["flow (mol/s)"][i])
    if name == "TOF (1/s)" and _value(columns["sites (mol)"][i]) is None:
        return None
    return formula


def _summary_head() -> list[str]:
    head = ["sample", "product", "E applied (V)", "injections"]
    for name in _SUMMARY:
        head += [f"mean {name}", f"s {name}"]
    return [*head, "FE (%) by the program", "difference"]


def _summary_row(
    sheet: Worksheet,
    sample: str,
    source: str,
    group: tuple[str, float, int, int],
    known: dict[tuple[str, float], Any],
) -> None:
    product, potential_V, first, last = group
    row = sheet.max_row + 1
    cells: list[Any] = [sample, product, potential_V, f"=COUNT('{source}'!M{first}:M{last})"]
    for letter in "MNO":
        area = f"'{source}'!{letter}{first}:{letter}{last}"
        cells += [f"=AVERAGE({area})", f"=STDEV({area})" if last > first else None]
    cells += [known.get((product, potential_V)), f"=E{row}-K{row}"]
    sheet.append([_text(cell) for cell in cells[:2]] + cells[2:])


def _by_program(outcome: StudyOutcome, sample: str) -> dict[tuple[str, float], Any]:
    """Efficiencies in % by product and potential, as computed without the workbook."""
    known: dict[tuple[str, float], Any] = {}
    for table in outcome.of("products"):
        if table.sample == sample:
            columns = (table.columns[n] for n in ("product", "E applied (V)", "FE (%)"))
            known |= {(p, round(e, 4)): fe for p, e, fe in zip(*columns, strict=True)}
    return known


def _results_sheet(sheet: Worksheet, outcome: StudyOutcome) -> None:
    _head(
        sheet,
        ("sample", "topic", "at", "result", "value", "unit", "random", "systematic", "method",
         "basis", "flags", "why not"),
    )  # fmt: skip
    for finding in outcome.findings:
        r = finding.result
        texts = (finding.sample, finding.topic, finding.at, r.name)
        numbers = (_value(r.value), r.unit, _value(r.random), _value(r.systematic))
        words = (r.method, r.basis, "; ".join(r.flags), r.reason)
        sheet.append([*map(_text, texts), *numbers, *map(_text, words)])
    _widths(sheet)


def _head(sheet: Worksheet, names: Sequence[str]) -> None:
    sheet.append(list(names))
    _bold(sheet, 1, len(names))
    sheet.freeze_panes = "A2"


def _bold(sheet: Worksheet, row: int, columns: int) -> None:
    from openpyxl.styles import Font

    for number in range(1, columns + 1):
        sheet.cell(row, number).font = Font(bold=True)


def _widths(sheet: Worksheet) -> None:
    from openpyxl.utils import get_column_letter

    for number in range(1, sheet.max_column + 1):
        width = max(11, len(str(sheet.cell(1, number).value)) + 2)
        sheet.column_dimensions[get_column_letter(number)].width = width


def _value(value: Any) -> Any:
    """A number of Python's own, None for one that is missing."""
    if value is None or isinstance(value, str):
        return None if value is None else _text(value)
    number = float(value)
    return number if math.isfinite(number) else None


def _text(value: Any) -> Any:
    """Text of people that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return value


def _sheet_name(book: Workbook, wanted: str) -> str:
    """At most 31 characters, none that Excel forbids, not there yet."""
    name = re.sub(r"[\[\]:*?/\\']", "_", wanted)[:31]
    number = 2
    while name in book.sheetnames:
        name, number = f"{name[:28]} {number}", number + 1
    return name
