"""The workbook's formulas, evaluated by a small calculator of their own, agree with the program."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import ProductRows
from faradaic.studies.study_workbook import workbook_bytes

REFERENCE = re.compile(
    r"(?:(?:'([^']+)'|([A-Za-z]+))!)?\$?([A-Z]{1,2})\$?(\d+)(?::\$?([A-Z]{1,2})\$?(\d+))?"
)


class Calculator:
    """Evaluates + - * / and the four functions that the workbook uses."""

    def __init__(self, book: Workbook) -> None:
        self.book = book

    def value(self, sheet: str, cell: str) -> Any:
        content = self.book[sheet][cell].value
        if not (isinstance(content, str) and content.startswith("=")):
            return content
        names: dict[str, Any] = {
            "ABS": abs,
            "AVERAGE": statistics.mean,
            "STDEV": statistics.stdev,
            "COUNT": len,
        }

        def looked_up(match: re.Match[str]) -> str:
            there = match[1] or match[2] or sheet
            name = f"v{len(names)}"
            if match[5]:
                rows = range(int(match[4]), int(match[6]) + 1)
                names[name] = [self.value(there, f"{match[3]}{row}") for row in rows]
            else:
                names[name] = self.value(there, f"{match[3]}{match[4]}")
            return name

        return eval(REFERENCE.sub(looked_up, content[1:]), {"__builtins__": {}}, names)


@pytest.fixture
def book(written: Path) -> Workbook:
    return openpyxl.load_workbook(written / "study.xlsx")


def test_live_formulas_give_the_efficiencies_of_the_program(book: Workbook) -> None:
    calculator = Calculator(book)
    summary = book["Summary"]
    head = [cell.value for cell in summary[1]]
    assert summary.max_row == 1 + 2 * 6 * 2  # catalysts, potentials, products
    for row in range(2, summary.max_row + 1):
        live = calculator.value("Summary", f"E{row}")
        program = summary[f"K{row}"].value
        assert head[4] == "mean FE (%)"
        assert head[10] == "FE (%) by the program"
        assert live == pytest.approx(program, rel=1e-9)
        assert calculator.value("Summary", f"L{row}") == pytest.approx(0, abs=1e-7)
        assert calculator.value("Summary", f"D{row}") == 3


def test_what_a_formula_gives_stands_beside_it(book: Workbook, written: Path) -> None:
    # as programs see it that do not compute
    shown = openpyxl.load_workbook(written / "study.xlsx", data_only=True)
    calculator = Calculator(book)
    formulas = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    formulas += 1
                    live = calculator.value(sheet.title, cell.coordinate)
                    there = shown[sheet.title][cell.coordinate].value
                    assert there == pytest.approx(live, rel=1e-12, abs=1e-9), cell.coordinate
    assert formulas > 100


def test_partial_currents_and_turnover_agree_with_the_tables(
    book: Workbook, analysed: StudyOutcome
) -> None:
    calculator = Calculator(book)
    for table in analysed.of(ProductRows):
        (first, *_) = (
            row
            for row in range(2, book["Summary"].max_row + 1)
            if book["Summary"][f"A{row}"].value == table.sample
        )
        assert table.rows.product[0] == book["Summary"][f"B{first}"].value
        assert calculator.value("Summary", f"G{first}") == pytest.approx(
            table.rows.density_A_per_m2.values[0] / 10, rel=1e-9
        )
        assert table.rows.turnover_per_s is not None
        assert calculator.value("Summary", f"I{first}") == pytest.approx(
            table.rows.turnover_per_s.values[0], rel=1e-9
        )


def test_a_changed_number_changes_the_result(book: Workbook) -> None:
    before = Calculator(book).value("FE Ag25", "M2")
    book["FE Ag25"]["G2"].value *= 2
    assert Calculator(book).value("FE Ag25", "M2") == pytest.approx(2 * before)
    book["FE Ag25"]["H2"].value *= 2  # a meter at twice the temperature counts half the moles
    assert Calculator(book).value("FE Ag25", "M2") == pytest.approx(before)


def test_names_of_people_are_never_formulas(tmp_path: Path) -> None:
    outcome = StudyOutcome("=HYPERLINK(1)", "co2", "0" * 64)
    outcome.conditions["=1+1"] = {"note": "@SUM(1)"}
    outcome.remarks.append("=1+1")
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook_bytes(outcome))
    cells = [c for row in openpyxl.load_workbook(path)["Study"].iter_rows() for c in row]
    assert not [c.coordinate for c in cells if c.data_type == "f"]
