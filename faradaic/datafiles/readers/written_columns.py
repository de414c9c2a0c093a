"""Columns of a text table whose cells are not plain numbers, read as they are written."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.readers.headers import scale_of, warning
from faradaic.datafiles.readers.written_numbers import Written, numbers_of, parts_thousands
from faradaic.diagnostics import Diagnostic, refusal

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_SHOWN_MARKS = 4
_LONGEST_MARK = 20


def by_cell(
    frame: pl.DataFrame,
    mark: str,
    texts: Collection[int],
    path: Path,
    units: dict[int, str] | None,
) -> tuple[pl.DataFrame, list[Diagnostic]]:
    """The columns as numbers, but for those of texts, and what is told of their cells.

    Units that stand in cells are put into `units`; without it such cells are no numbers. Raises
    `InputError` (E789) where the mark is "?" and no column tells what it is.
    """
    import polars as pl

    if mark == "?":
        mark = _mark_of(frame, texts, path)
    bad = missing = odd_marks = 0
    marks: dict[str, None] = {}
    grouped = ""
    made = []
    for i, series in enumerate(frame):
        if i not in texts:
            found = numbers_of(series, mark)
            if found.unit and units is None:
                found = found._replace(values=found.values * float("nan"), bad=len(series))
            elif found.unit and units is not None:
                units[i] = found.unit
            bad += found.bad
            missing += found.missing
            odd_marks += found.odd_marks
            marks.update(dict.fromkeys(found.marks))
            grouped = grouped or _example(series, found, mark)
            series = pl.Series(series.name, found.values)
        made.append(series)
    return pl.DataFrame(made), _told(path, mark, bad, missing, [*marks], odd_marks, grouped)


def missing_told(path: Path, missing: int, marks: Collection[str]) -> Diagnostic:
    """The warning for cells with a mark in place of a number."""
    shown = [one[:_LONGEST_MARK] for one in list(marks)[:_SHOWN_MARKS]]
    more = ", ..." if len(marks) > _SHOWN_MARKS else ""
    what = f"{path}: {missing} cells hold a mark in place of a number and stay empty"
    return warning("E746", f"{what}: {', '.join(shown)}{more}")


def with_unit_of_cells(
    name: str,
    unit: str,
    values: NDArray[np.float64],
    in_cells: str | None,
    warnings: list[Diagnostic],
) -> tuple[str, str, NDArray[np.float64]]:
    """Name, unit and numbers of a column in whose cells a unit stands behind the numbers.

    The unit of the name counts where both have one of a kind; where they are of two kinds the
    numbers are none.
    """
    if not in_cells or in_cells == unit:
        return name, unit, values
    if not unit:
        return name, in_cells, values
    written, wanted = scale_of(in_cells), scale_of(unit)
    if written is None or wanted is None or written.unit != wanted.unit:
        what = f"{name!r} is in {unit} by its name and in {in_cells} by its cells, which stay empty"
        warnings.append(warning("E746", what, "correct the one or the other"))
        return name, unit, values * float("nan")
    in_si = values * written.factor + written.offset
    return name, unit, (in_si - wanted.offset) / wanted.factor


def _told(
    path: Path,
    mark: str,
    bad: int,
    missing: int,
    marks: list[str],
    odd_marks: int,
    grouped: str,
) -> list[Diagnostic]:
    told = []
    if missing:
        told.append(missing_told(path, missing, marks))
    if bad:
        told.append(warning("E746", f"{path}: {bad} cells are no numbers and stay empty"))
    name, other = ("comma", "point") if mark == "," else ("point", "comma")
    if odd_marks:
        what = f"{path}: {odd_marks} numbers have a {other} for a decimal mark, the others a {name}"
        told.append(warning("E789", what, "look whether the file was put together of two"))
    if grouped:
        example, value = grouped.split("=")
        what = f"{path}: the {other} parts thousands, as the {name} is the decimal mark"
        wrong = "1,000.5" if mark == "," else "1.000,5"
        told.append(
            warning("E789", f"{what}: {example} is {value}", f'if not: --assume numbers="{wrong}"')
        )
    return told


def _example(series: pl.Series, found: Written, mark: str) -> str:
    """A cell whose thousands are known by the rest of the file alone, and its value."""
    if not found.grouped:
        return ""
    other = "." if mark == "," else ","
    for cell, value in zip(series.to_list(), found.values.tolist(), strict=True):
        if cell and other in cell and mark not in cell:
            return f"{cell.strip()}={value:.12g}"
    return ""


def _mark_of(frame: pl.DataFrame, texts: Collection[int], path: Path) -> str:
    """The decimal mark by what the columns tell of the mark of thousands."""
    thousands = {parts_thousands(one) for i, one in enumerate(frame) if i not in texts} - {""}
    if len(thousands) == 1:
        return "." if thousands == {","} else ","
    cells = (
        cell
        for i, one in enumerate(frame)
        if i not in texts
        for cell in one.head(1000).to_list()
        if cell and len(cell.strip(' "')) > 4 and ("," in cell or "." in cell)
    )
    example = next(cells, "1,000").strip(' "')
    raise refusal(
        "E789",
        f"{path}: numbers such as {example} may be {example.replace(',', '.')} or"
        f" {example.replace(',', '').replace('.', '')}, and nothing in the file tells which",
        'state the decimal mark by an example: --assume numbers="1.000,5" or'
        ' numbers="1,000.5", in a study `numbers: 1.000,5`',
    )
