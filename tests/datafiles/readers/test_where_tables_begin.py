"""Where a table begins and ends in a text: long heads, several tables, names that are repeated."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError

ROWS = "0,1.5\n1,1.6\n2,1.7\n"


def table(tmp_path: Path, text: str) -> Dataset:
    path = tmp_path / "table"
    path.write_text(text, encoding="utf-8")
    return read(path)


def told(data: Dataset) -> str:
    return " ".join(f"{one.code} {one.message}" for one in data.warnings)


@pytest.mark.parametrize("line", ["value of a setting: 5\n", "# note\n", "setting;five\n"])
def test_a_table_behind_a_long_head_is_read(tmp_path: Path, line: str) -> None:
    for count in (10, 1000, 10_000):
        data = table(tmp_path, line * count + "time (s),current (mA)\n" + ROWS)
        assert data["time_s"].tolist() == [0, 1, 2]
        assert data["current_A"].tolist() == pytest.approx([1.5e-3, 1.6e-3, 1.7e-3])


def test_a_text_without_a_table_stays_refused_however_long(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E747"):
        table(tmp_path, "a line of words, with a comma, and 5 numbers\n" * 20_000)


@pytest.mark.parametrize("between", ["", "\n", "\n\nsecond part\n"])
def test_a_second_table_is_not_read_as_rows_of_the_first(tmp_path: Path, between: str) -> None:
    text = f"time (s),current (mA)\n{ROWS}{between}time (s),voltage (V)\n0,7\n1,8\n"
    data = table(tmp_path, text)
    assert data["current_A"].tolist() == pytest.approx([1.5e-3, 1.6e-3, 1.7e-3])
    (other,) = data.further.values()
    assert other["voltage_V"].values.tolist() == [7, 8]
    assert "E757" in told(data)
    assert "E746" not in told(data)


def test_the_table_of_the_most_rows_counts(tmp_path: Path) -> None:
    text = "rate (mV/s),area (cm^2)\n50,0.07\n20,0.07\n\ntime (s),current (mA)\n" + ROWS
    data = table(tmp_path, text)
    assert data["time_s"].tolist() == [0, 1, 2]
    assert [*data.further] == ["line 1"]
    spectrum = "freq (Hz),Z' (Ohm),Z'' (Ohm)\n100,1,-2\n10,2,-3\n1,3,-4\n0.1,4,-5\n"
    data = table(tmp_path, f"time (s),current (mA)\n{ROWS}\n{spectrum}")
    assert data["impedance_imaginary_Ohm"].tolist() == [-2, -3, -4, -5]


def test_names_that_are_repeated_are_no_row(tmp_path: Path) -> None:
    names = "time (s),current (mA)\n"
    data = table(tmp_path, names + ROWS + names + "3,1.8\n4,1.9\n" + names + "5,2.0\n6,2.1\n")
    assert data["time_s"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert "repeated 2 times" in told(data)
    data = table(tmp_path, names + ROWS + names + "0,3\n1,4\n")  # the time begins again
    assert data["time_s"].tolist() == [0, 1, 2]
    assert [other["time_s"].values.tolist() for other in data.further.values()] == [[0, 1]]


def test_a_note_among_rows_begins_no_table(tmp_path: Path) -> None:
    data = table(tmp_path, "time (s),current (mA)\n0,1\n1,2\npaused, stirrer stuck\n2,3\n3,4\n")
    assert data["time_s"].tolist()[-1] == 3
    assert not data.further
    assert "E746" in told(data)


@pytest.mark.parametrize(
    "rest", ["\n" * 500_000, ",\n" * 300_000, "paused, again\n" * 100_000], ids=["n", "c", "w"]
)
def test_what_stands_below_a_table_takes_no_time(tmp_path: Path, rest: str) -> None:
    begin_s = time.process_time()
    assert table(tmp_path, "time (s),current (A)\n0,1\n1,2\n" + rest)["time_s"][1] == 1
    assert time.process_time() - begin_s < 5


def test_tables_without_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than 1000 times"):
        table(tmp_path, "time (s),current (A)\n0,1\n1,2\n" * 2000)


def test_a_line_of_empty_cells_parts_no_names_from_their_rows(tmp_path: Path) -> None:
    data = table(tmp_path, "time,current\n[s],[mA]\n,\n0,1\n1,2\n")
    assert data["current_A"].tolist() == [1e-3, 2e-3]


def test_names_over_lists_of_single_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E743"):
        table(tmp_path, "time current voltage\n0 1 2\n" + "5\n" * 50)


def test_a_row_of_more_cells_is_left_out_where_others_end_with_a_separator(tmp_path: Path) -> None:
    data = table(tmp_path, "time (s),I (A),U (V)\n0,1,2\n1,1,2.1\n2,1,2.2,9\n3,1,2.3,\n")
    assert data["time_s"].tolist() == [0, 1, 3]
    assert data["voltage_V"].tolist() == [2, 2.1, 2.3]
    assert "row 3" in told(data)


@pytest.mark.parametrize("mark", ["9.9e37", "-9.9E+37", "9.91e37"])
def test_an_instruments_mark_of_an_overflow_is_no_number(tmp_path: Path, mark: str) -> None:
    data = table(tmp_path, f"time (s),current (A)\n0,1\n1,{mark}\n2,3\n")
    assert [str(x) for x in data["current_A"]] == ["1.0", "nan", "3.0"]
    assert "1 cells hold an instrument's mark of an overflow" in told(data)


@pytest.mark.parametrize(
    ("header", "reference"),
    [
        ("E vs. Ag/AgCl/V", "Ag/AgCl"),
        ("E vs Ag/AgCl / mV", "Ag/AgCl"),
        ("Potential vs. SCE (V)", "SCE"),
        ("E (V vs. Ag/AgCl)", "Ag/AgCl"),
        ("E/V vs. RHE", "RHE"),
    ],
)
def test_a_reference_and_a_unit_stand_on_either_side(
    tmp_path: Path, header: str, reference: str
) -> None:
    data = table(tmp_path, f"time (s)\t{header}\n0\t1\n1\t2\n")
    factor = 1e-3 if "mV" in header else 1.0
    assert data["potential_V"].tolist() == [1 * factor, 2 * factor]
    assert data.columns["potential_V"].reference == reference
