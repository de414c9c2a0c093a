"""Two exports of one run agree: those that makers wrote, and tables made of what was read."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.datafiles.readers.headers import own_columns
from faradaic.diagnostics import InputError
from rigs.made_files import BESIDE, MADE
from rigs.vendor_files import DATA, needs_vendor_files


def pairs() -> list[tuple[Path, Path]]:
    """Files of one folder that differ in their ending alone."""
    files = sorted(path for path in DATA.rglob("*") if path.is_file())
    return [
        (one, other)
        for one, other in itertools.combinations(files, 2)
        if one.with_suffix("") == other.with_suffix("")
    ]


@needs_vendor_files
def test_what_a_maker_exports_twice_agrees_in_every_column() -> None:
    found = pairs()
    assert len(found) >= 2
    for one, other in found:
        first, second = read(one), read(other)
        shared = first.columns.keys() & second.columns.keys()
        assert {"time_s", "potential_V", "current_A", "charge_C"} <= shared, one
        assert (len(first), first.technique, first.start, first.area_m2) == (
            len(second),
            second.technique,
            second.start,
            second.area_m2,
        )
        for name in shared:
            a, b = first.columns[name], second.columns[name]
            assert (a.unit, a.sign) == (b.unit, b.sign), name
            scale = np.nanmax(abs(b.values), initial=1e-30)
            differ = abs(a.values - b.values)
            # what EC-Lab writes as text has seven digits in places
            assert np.nanmax(differ / np.maximum(abs(b.values), 1e-4 * scale)) < 1e-6, (one, name)
            assert (np.isnan(a.values) == np.isnan(b.values)).all()


def as_text(separator: str, comma: bool) -> Callable[[Dataset, Path], Path]:
    def write(data: Dataset, folder: Path) -> Path:
        path = folder / "again.txt"
        lines = [separator.join(data.columns)]
        for row in zip(*(column.values for column in data.columns.values()), strict=True):
            cells = ["" if cell != cell else repr(float(cell)) for cell in row]
            lines.append(separator.join(c.replace(".", ",") if comma else c for c in cells))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def as_workbook(data: Dataset, folder: Path) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("run")
    sheet.append(list(data.columns))
    for row in zip(*(column.values for column in data.columns.values()), strict=True):
        sheet.append([None if cell != cell else float(cell) for cell in row])
    book.save(folder / "again.xlsx")
    return folder / "again.xlsx"


def as_polars_writes_it(data: Dataset, folder: Path) -> Path:
    frame = pl.DataFrame({n: pl.Series(c.values).fill_nan(None) for n, c in data.columns.items()})
    frame.write_csv(folder / "again.csv")
    return folder / "again.csv"


FORMS = {
    "comma": as_text(",", comma=False),
    "semicolon": as_text(";", comma=True),
    "tab": as_text("\t", comma=True),
    "workbook": as_workbook,
    "polars": as_polars_writes_it,
}


def agrees(path: Path, folder: Path, form: str) -> bool:
    """Whether what was read from a file comes back from a table of it; False where it has none."""
    data = read(path)
    known = {n: c for n, c in data.columns.items() if n.endswith(f"_{c.unit}") and c.unit != "1"}
    whole = {n: c for n, c in known.items() if not np.isnan(c.values[:2]).any()}
    if len(whole) < 2 or len(data) < 2:
        return False
    again = read(FORMS[form](Dataset(whole), folder))
    for name, column in whole.items():
        unit = again.columns[name].unit
        assert unit == column.unit or (unit == "" and name not in own_columns()), (path, name)
        assert again[name] == pytest.approx(column.values, rel=1e-14, abs=0, nan_ok=True), path
    return True


@needs_vendor_files
@pytest.mark.parametrize("form", FORMS)
def test_a_table_of_what_was_read_from_a_makers_file_is_the_same_run(
    tmp_path: Path, form: str
) -> None:
    held = 0
    for path in sorted(DATA.rglob("*")):
        if path.is_file() and path.stat().st_size < 100_000:
            try:
                read(path)
            except InputError:
                continue
            held += agrees(path, tmp_path, form)
    assert held >= 20


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [kind for kind in MADE if kind not in BESIDE])
def test_and_so_is_one_of_our_own_making(tmp_path: Path, kind: str, form: str) -> None:
    if kind == "labview":
        pytest.importorskip("nptdms")
    (tmp_path / "file").write_bytes(MADE[kind]())
    agrees(tmp_path / "file", tmp_path, form)
