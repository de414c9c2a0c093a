"""Every row of every data table says where it comes from and how sure it is."""

from importlib.resources import files

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
        assert not (row["confidence"] == "verified" and row["source"].startswith("recalled"))


@pytest.mark.parametrize("name", NAMES)
def test_no_row_stands_in_a_table_twice(name: str) -> None:
    found = [tuple(row.values())[:-2] for row in rows(name)]
    assert len(set(found)) == len(found)
