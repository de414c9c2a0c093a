"""Tables as spreadsheets, chromatographs and people write them: no number is lost or changed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError


def table(tmp_path: Path, text: str) -> Dataset:
    path = tmp_path / "table"
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize("first", ['"999.5"', '"1,000.5"'])
def test_a_separator_within_quotation_marks_shifts_no_column(tmp_path: Path, first: str) -> None:
    data = table(tmp_path, f'"time, on (s)",current (mA)\n{first},2.5\n"2,000,100.5",3.5\n')
    assert next(iter(data.columns.values())).values[1] == 2_000_100.5
    assert data["current_A"].tolist() == [2.5e-3, 3.5e-3]


def test_a_quotation_that_is_never_closed_swallows_no_row(tmp_path: Path) -> None:
    data = table(tmp_path, 'time (s),current (mA),note\n1,2,"a\n2,3,"b\n')
    assert data["time_s"].tolist() == [1.0, 2.0]


def test_units_may_stand_in_a_line_of_their_own(tmp_path: Path) -> None:
    data = table(tmp_path, "time,current,WE potential,cycle\nmin,mA,mV,\n1,2,3,1\n2,3,4,1\n")
    assert data["time_s"].tolist() == [60.0, 120.0]
    assert data["current_A"].tolist() == [2e-3, 3e-3]


@pytest.mark.parametrize("mark", ["n.d.", "nd", "not detected", "-", "<LOD"])
def test_nothing_detected_in_the_first_injection_hides_no_later_one(
    tmp_path: Path, mark: str
) -> None:
    data = table(tmp_path, f"I (mA),CO (ppm),flow (sccm)\n-2,{mark},18\n-8,2728,18\n")
    first, second = data["CO/ppm"]
    assert math.isnan(first)
    assert second == 2728.0


def test_a_name_that_looks_like_nothing_detected_is_kept(tmp_path: Path) -> None:
    data = table(tmp_path, "time/s,<I>/mA,Trace\n0,1,2\n1,2,3\n")
    assert list(data.columns) == ["time_s", "current_A", "Trace"]


def test_the_minus_of_typesetters_is_a_minus(tmp_path: Path) -> None:
    assert table(tmp_path, "t (s),I (A)\n0,\u22121.5\n1,2.5\n")["current_A"].tolist() == [-1.5, 2.5]


def test_an_infinite_number_is_none_and_told(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s),I (A)\n0,inf\n1,2.5\n")
    assert math.isnan(data["current_A"][0])
    assert any("1 cells are infinite" in w.message for w in data.warnings)


def test_elapsed_hours_go_beyond_a_day(tmp_path: Path) -> None:
    data = table(tmp_path, "Time,I (A)\n23:59:59,1\n24:00:00,2\n100:00:00,3\n")
    assert data["time_s"].tolist() == [0.0, 1.0, 273601.0]


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_names_without_rows_are_told_as_such(tmp_path: Path, end: str) -> None:
    data = table(tmp_path, "time (s),current (mA)" + end)
    assert (len(data), [*data.columns]) == (0, ["time_s", "current_A"])
    assert any("holds no rows" in one.message for one in data.warnings)


@pytest.mark.parametrize("text", ["one, two (s)\n", "Dear reader, wait 5 s, then go\n", "a,b\n"])
def test_words_with_a_comma_are_no_names_of_columns(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="E747"):
        table(tmp_path, text)


def test_a_density_of_unknown_sign_is_told_like_a_current(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s),j (mA/cm2)\n0,1\n1,2\n")
    assert "E755" in [w.code for w in data.warnings]


def test_a_cell_that_is_no_number_stays_empty_and_is_told(tmp_path: Path) -> None:
    data = table(tmp_path, "time (s),I (mA)\n0,1\n1,2\n2,overflow\n3,4\n4,4x\n")
    assert math.isnan(data["current_A"][2])
    assert [w.message.split(": ")[1] for w in data.warnings if w.code == "E746"] == [
        "1 cells hold a mark in place of a number and stay empty",
        "1 cells are no numbers and stay empty",
    ]
