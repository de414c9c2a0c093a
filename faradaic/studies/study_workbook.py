"""The Excel workbook: what was measured as numbers, what follows from it as formulas to audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic import __version__
from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.reporting.workbook import CellFormula, append, as_bytes, fit_widths, head, sheet_name
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import APPLIED, DENSITY, EFFICIENCY, TURNOVER, InjectionRows, ProductRows

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_MEASURED = (
    "product",
    "point_V",
    "electrode",
    "electrons",
    "current_A",
    "fraction",
    "flow_sccm",
    "meter_K",
    "meter_Pa",
    "area_m2",
    "sites_mol",
)
"""Columns A to K of a sheet of injections, in the units in which `InjectionRows` shows them."""
_COMPUTED = (EFFICIENCY.header(), DENSITY.header(), TURNOVER.header())
_F, _R = FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
_FORMULAS: dict[str, tuple[str, Callable[[Mapping[str, float]], float]]] = {
    "flow (mol/s)": (
        "=I{r}*G{r}*1E-6/60/(Constants!$B$3*H{r})",
        lambda v: v["I"] * v["G"] * 1e-6 / 60 / (_R * v["H"]),
    ),
    _COMPUTED[0]: (
        "=100*D{r}*Constants!$B$2*F{r}*L{r}/ABS(E{r})",
        lambda v: 100 * v["D"] * _F * v["F"] * v["L"] / abs(v["E"]),
    ),
    _COMPUTED[1]: ("=M{r}/100*E{r}*1000/J{r}", lambda v: v["M"] / 100 * v["E"] * 1000 / v["J"]),
    _COMPUTED[2]: (
        "=M{r}/100*ABS(E{r})/(D{r}*Constants!$B$2*K{r})",
        lambda v: v["M"] / 100 * abs(v["E"]) / (v["D"] * _F * v["K"]),
    ),
}
"""Columns L to O; r is the row. With each what it gives, of the columns by their letters."""
_Group = tuple[str, float, int, int]
"""Product, potential, first row and last row."""


def workbook_bytes(outcome: StudyOutcome) -> bytes:
    """The workbook as a file: conditions, constants, injections with formulas, summary, results."""
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None
    _study_sheet(first, outcome)
    tables = outcome.of(InjectionRows)
    if tables:
        _constants_sheet(book.create_sheet("Constants"))
        summary = book.create_sheet("Summary")
        head(summary, _summary_head())
        for table in tables:
            name = sheet_name(book, f"FE {table.sample}")
            known = _by_program(outcome, table.sample)
            for group, computed in _injection_sheet(book.create_sheet(name), table.rows):
                _summary_row(summary, table.sample, name, group, computed, known)
        fit_widths(summary)
    _results_sheet(book.create_sheet("Results"), outcome)
    return as_bytes(book)


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
    for number, row in enumerate(rows):
        append(sheet, row, bold=number == 0)
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 60


def _constants_sheet(sheet: Worksheet) -> None:
    head(sheet, ("constant", "value", "unit", "source"))
    exact = "exact by definition (SI 2019)"
    append(sheet, ("Faraday constant", FARADAY_C_PER_MOL, "C/mol", exact))
    append(sheet, ("gas constant", GAS_CONSTANT_J_PER_MOL_K, "J/(mol K)", exact))
    fit_widths(sheet)


def _injection_sheet(
    sheet: Worksheet, rows: InjectionRows
) -> Iterator[tuple[_Group, list[list[Any]]]]:
    """Fill the sheet; each group of injections with its computed cells."""
    shown = rows.by_field()
    head(sheet, [*(shown[name][0] for name in _MEASURED), *_FORMULAS])
    products = list(dict.fromkeys(rows.product))
    points_V = [round(point_V, 4) for point_V in rows.point_V.tolist()]
    order = sorted(
        range(len(rows)),
        key=lambda i: (products.index(rows.product[i]), -points_V[i], rows.electrode[i]),
    )
    first, before = 2, None
    computed: list[list[Any]] = []
    for row, i in enumerate(order, 2):
        group = (rows.product[i], points_V[i])
        if before is not None and group != before:
            yield (*before, first, row - 1), computed
            first, computed = row, []
        before = group
        measured = [shown[name][1][i] for name in _MEASURED]
        computed.append(_live(rows, i, row, measured))
        append(sheet, [*measured, *computed[-1]])
    if before is not None:
        yield (*before, first, len(order) + 1), computed
    fit_widths(sheet)


def _live(rows: InjectionRows, i: int, row: int, measured: Sequence[Any]) -> list[Any]:
    """The formulas, unless what they need was not given: a molar flow is a number of its own."""
    cells: list[Any] = []
    numbers = (np.float64(v) if isinstance(v, float | int) else v for v in measured)
    known = dict(zip("ABCDEFGHIJK", numbers, strict=True))
    for letter, (formula, compute) in zip("LMNO", _FORMULAS.values(), strict=True):
        if letter == "L" and np.isnan(rows.flow_sccm[i]):
            cells.append(float(rows.flow_mol_per_s[i]))
        elif letter == "O" and np.isnan(rows.sites_mol[i]):
            cells.append(None)
        else:
            with np.errstate(all="ignore"):
                value = float(compute(known))
            cells.append(CellFormula(formula.format(r=row), value))
        known[letter] = np.float64(_value(cells[-1]))
    return cells


def _value(cell: Any) -> float:
    """What a cell holds or its formula gives; not a number where that is none."""
    found = cell.value if isinstance(cell, CellFormula) else cell
    return float("nan") if found is None else float(found)


def _summary_head() -> list[str]:
    names = ["sample", "product", APPLIED.header(), "injections"]
    for name in _COMPUTED:
        names += [f"mean {name}", f"s {name}"]
    return [*names, f"{EFFICIENCY.header()} by the program", "difference"]


def _summary_row(
    sheet: Worksheet,
    sample: str,
    source: str,
    group: _Group,
    computed: list[list[Any]],
    known: dict[tuple[str, float], float],
) -> None:
    product, potential_V, first, last = group
    row = sheet.max_row + 1
    columns = [[_value(cell) for cell in column] for column in zip(*computed, strict=True)][1:]
    numbers = [[value for value in column if value == value] for column in columns]
    count = CellFormula(f"=COUNT('{source}'!M{first}:M{last})", len(numbers[0]))
    cells: list[Any] = [sample, product, potential_V, count]
    for letter, found in zip("MNO", numbers, strict=True):
        area = f"'{source}'!{letter}{first}:{letter}{last}"
        cells.append(CellFormula(f"=AVERAGE({area})", fmean(found) if found else None))
        scatter = stdev(found) if len(found) > 1 else None
        cells.append(CellFormula(f"=STDEV({area})", scatter) if last > first else None)
    program = known.get((product, potential_V))
    apart = None if program is None else _value(cells[4]) - program
    append(sheet, [*cells, program, CellFormula(f"=E{row}-K{row}", apart)])


def _by_program(outcome: StudyOutcome, sample: str) -> dict[tuple[str, float], float]:
    """Efficiencies in % by product and potential, as computed without the workbook."""
    return {
        (product, round(applied_V, 4)): efficiency
        for table in outcome.of(ProductRows)
        if table.sample == sample
        for product, applied_V, efficiency in zip(
            table.rows.product,
            table.rows.applied_V.tolist(),
            EFFICIENCY.values(table.rows.efficiency.values).tolist(),
            strict=True,
        )
    }


def _results_sheet(sheet: Worksheet, outcome: StudyOutcome) -> None:
    head(
        sheet,
        ("sample", "topic", "at", "result", "value", "unit", "random", "systematic", "method",
         "basis", "flags", "why not"),
    )  # fmt: skip
    for finding in outcome.findings:
        r = finding.result
        place = (finding.sample, finding.topic, finding.at)
        numbers = (r.value, r.unit, r.random, r.systematic)
        append(sheet, (*place, r.name, *numbers, r.method, r.basis, r.flags, r.reason))
    fit_widths(sheet)
