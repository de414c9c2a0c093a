"""A reference that a person states is one of the table, or is refused with what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.datafiles.assumptions import assume, parse_place
from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.mapping_file import load_mapping
from faradaic.datafiles.readers.mapping import parse_option
from faradaic.diagnostics import InputError

np = pytest.importorskip("numpy")
DATA = Dataset({"potential_V": Column(np.zeros(2), "V", "E/V")})


@pytest.mark.parametrize("written", ["Ag/AgCl (3 M KCl)", "vs ag/agcl 3M KCl", "0.21 V vs SHE"])
def test_every_spelling_of_the_table_and_a_calibrated_zero_are_taken(written: str) -> None:
    assume(DATA, {"reference": written})
    parse_option(f"potential=E/V, vs {written.removeprefix('vs ')}")
    assert parse_place({"reference": written})[0]


def test_what_is_no_electrode_is_refused_wherever_it_is_stated() -> None:
    for state in (
        lambda: assume(DATA, {"reference": "foo"}),
        lambda: parse_option("potential=E/V, vs foo"),
        lambda: parse_place({"reference": "foo"}),
    ):
        with pytest.raises(InputError, match=r"(?s)E770.*'foo' is unknown.*SCE.*by its zero"):
            state()


def test_what_is_no_electrode_is_refused_at_its_line_of_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(
        "faradaic_mapping: 1\ncolumns:\n  E:\n    quantity: potential\n    reference: foo\n"
    )
    with pytest.raises(InputError, match="'foo' is unknown") as refused:
        load_mapping(path)
    assert [told.location.line for told in refused.value.diagnostics] == [5]
    path.write_text(path.read_text().replace("foo", "ag/agcl 3M KCl"))
    assert load_mapping(path)[0].reference == "Ag/AgCl (3 M KCl)"
