"""Every row of every data table says where it comes from and how sure it is."""

import csv
from importlib.resources import files
from pathlib import Path

import pytest

from faradaic.chemistry.tables import rows

NAMES = sorted(
    entry.name.removesuffix(".csv")
    for entry in files("faradaic.chemistry.tables").iterdir()
    if entry.name.endswith(".csv")
)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source_and_a_confidence(name: str) -> None:
    found = rows(name)
    assert found
    for row in found:
        assert None not in row, f"too many cells: {row}"
        assert None not in row.values(), f"too few cells: {row}"
        assert row["source"].strip()
        assert row["confidence"] in {"verified", "approx"}


@pytest.mark.parametrize("name", NAMES)
def test_no_row_stands_in_a_table_twice(name: str) -> None:
    found = [tuple(row.values())[:-2] for row in rows(name)]
    assert len(set(found)) == len(found)


PACKAGE = Path(str(files("faradaic")))
TABLES = sorted(PACKAGE.rglob("*.csv"))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_what_is_recalled_is_verified_in_no_table_of_the_package(table: Path) -> None:
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            recalled = any("recalled" in cell.lower() for cell in row)
            assert not (recalled and "verified" in row), row
