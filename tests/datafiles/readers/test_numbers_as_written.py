"""Numbers as people and programs write them: right to the last digit, missing, or asked for."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.datafiles.statements import parse_statements
from faradaic.diagnostics import InputError

FORMS = list(
    csv.DictReader(
        Path(__file__).with_name("written_numbers.csv").read_text("utf-8").splitlines(),
        delimiter=";",
    )
)
SEPARATORS = {"tab": "\t", "semicolon": ";"}
ROWS = 4000
"""So many are no longer a small table."""


def table(tmp_path: Path, text: str) -> Dataset:
    path = tmp_path / "table"
    path.write_text(text, encoding="utf-8")
    return read(path)


def told(data: Dataset, code: str) -> list[str]:
    return [one.message for one in data.warnings if one.code == code]


@pytest.mark.parametrize("times", [1, ROWS])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form['first']} {form['second']}")
def test_a_written_number_is_that_number_or_none(
    tmp_path: Path, form: dict[str, str], times: int
) -> None:
    mark = SEPARATORS[form["separator"]]
    rows = [f"{i}{mark}{form['first']}\n{i}{mark}{form['second']}\n" for i in range(times)]
    text = f"t (s){mark}Q (C)\n" + "".join(rows)
    if form["code"]:
        with pytest.raises(InputError, match=form["code"]):
            table(tmp_path, text)
        return
    data = table(tmp_path, text)
    wanted = [float(form[key] or "nan") for key in ("value", "other")] * times
    assert np.allclose(data["charge_C"], wanted, rtol=1e-15, atol=0, equal_nan=True)
    assert data["time_s"].tolist() == [i for i in range(times) for _ in range(2)]
    assert bool(told(data, "E746")) == math.isnan(sum(wanted))


@pytest.mark.parametrize(
    ("stated", "first"), [("1.000,5", 1.0), ("1,000.5", 1000.0), ("1 000.5", 1000.0)]
)
def test_a_person_says_what_the_comma_is(tmp_path: Path, stated: str, first: float) -> None:
    path = tmp_path / "table"
    path.write_text("t (s)\tQ (C)\n0\t1,000\n1\t2,500\n")
    data = parse_statements([f"numbers={stated}"], None, None).read(path)
    assert data["charge_C"].tolist() == [first, 2.5 * first]
    assert data.metadata["assumed numbers"] == stated


def test_an_example_that_shows_no_more_than_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("t (s)\tQ (C)\n0\t1.5\n1\t2.5\n")
    with pytest.raises(InputError, match="E767"):
        parse_statements(["numbers=1,000"], None, None).read(path)


def test_thousands_that_the_other_columns_tell_are_told(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s);Q (C)\n0,5;1.000\n1,5;2.500\n2,5;3.100\n")
    assert data["charge_C"].tolist() == [1000, 2500, 3100]
    assert "1.000 is 1000" in told(data, "E789")[0]


def test_whole_numbers_beside_round_ones_tell_what_the_comma_is(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s)\tQ (C)\n0\t999\n1\t1,000\n2\t1,001\n")
    assert data["charge_C"].tolist() == [999, 1000, 1001]
    with pytest.raises(InputError, match="E789"):
        table(tmp_path, "t (s)\tQ (C)\n0\t999\n1\t1,125\n2\t1,001\n")


def test_one_cell_with_the_other_mark_may_be_a_slip_and_stays_empty(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s);Q (C)\n0,5;1,125\n1,5;2.500\n2,5;3,125\n")
    assert math.isnan(data["charge_C"][1])
    assert data["charge_C"][2] == 3.125
    assert told(data, "E746")


def test_two_decimal_marks_in_a_file_are_told(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s);Q (C)\n0.5;1,5\n1.5;2,5\n")
    assert data["charge_C"].tolist() == [1.5, 2.5]
    assert "2 numbers have a comma" in told(data, "E789")[0]


@pytest.mark.parametrize("mark", [
    "nan", "NaN", "-nan", "inf", "-inf", "-nan(ind)", "-1.#IND", "1.#INF", "1.#QNAN", "---", "OVLD",
    "OL", "Overload", "#N/A", "#WERT!", "#DIV/0!", "#VALEUR!", "#REF!", "null", "None", "n/a",
    "*****", "?", "err", "—",
])  # fmt: skip
@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_mark_of_what_is_missing_is_no_number_in_any_row(
    tmp_path: Path, mark: str, row: int
) -> None:
    cells = ["1.5", "2.5", "3.5", "4.5"]
    cells[row] = mark
    text = "".join(f"{i};{cell}\n" for i, cell in enumerate(cells))
    data = table(tmp_path, "t (s);Q (C)\n" + text)
    wanted = [math.nan if i == row else i + 1.5 for i in range(4)]
    assert data["charge_C"].tolist() == pytest.approx(wanted, nan_ok=True)
    assert data["time_s"].tolist() == [0, 1, 2, 3]
    if "nan" not in mark.lower() or mark == "-nan(ind)":
        assert told(data, "E746")


@pytest.mark.parametrize(
    ("header", "cells", "name", "values"),
    [
        ("transmittance", ["12.5%", "13.5 %"], "transmittance", [0.125, 0.135]),
        ("T (%)", ["12,5%", "13,5%"], "transmittance", [0.125, 0.135]),
        ("I", ["1.5 mA", "2.5 mA"], "current_A", [1.5e-3, 2.5e-3]),
        ("I", ["950 µA", "1.2 mA"], "current_A", [0.95e-3, 1.2e-3]),
        ("I (mA)", ["950 µA", "1.2 mA"], "current_A", [0.95e-3, 1.2e-3]),
        ("I (mA)", ["1.5 mA", "2.5"], "current_A", [1.5e-3, 2.5e-3]),
        ("T", ["20 °C", "21 °C"], "temperature_K", [293.15, 294.15]),
    ],
)
def test_units_may_stand_behind_the_numbers(
    tmp_path: Path, header: str, cells: list[str], name: str, values: list[float]
) -> None:
    text = "".join(f"{400 + i};{cell}\n" for i, cell in enumerate(cells))
    data = table(tmp_path, f"wavelength (nm);{header}\n" + text)
    assert data[name].tolist() == pytest.approx(values, rel=1e-12)


def test_units_of_two_kinds_are_no_numbers(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s);I (mA)\n0;1.5 V\n1;2.5 V\n")
    assert not (data["current_A"] == data["current_A"]).any()
    assert "in mA by its name and in V by its cells" in told(data, "E746")[0]


@pytest.mark.parametrize("name", ["0.1 V", "5 mV/s", "10 %"])
def test_a_number_with_a_unit_over_numbers_is_a_name(tmp_path: Path, name: str) -> None:
    data = table(tmp_path, f"0.0 V,{name}\n1.5,2.5\n3.5,4.5\n")
    assert [column.values.tolist() for column in data.columns.values()] == [[1.5, 3.5], [2.5, 4.5]]


@pytest.mark.parametrize("remark", [
    "# stirrer off", "# stirrer off, on again", "// stopped, then on", "% hello, you", "! stop, go",
    "*** a break, of 3 min ***", "; a note, too",
])  # fmt: skip
def test_a_remark_among_the_rows_is_no_row_and_is_kept(tmp_path: Path, remark: str) -> None:
    data = table(tmp_path, f"t (s),Q (C)\n0,1\n1,2\n{remark}\n2,3\n3,4\n")
    assert data["time_s"].tolist() == [0, 1, 2, 3]
    assert data["charge_C"].tolist() == [1, 2, 3, 4]
    assert data.metadata["remarks"] == remark
    assert told(data, "E757")


@pytest.mark.parametrize("word", ["Total", "Mean", "Mittelwert", "Std Dev", "平均值"])
def test_a_sum_below_the_rows_is_no_row(tmp_path: Path, word: str) -> None:
    data = table(tmp_path, f"t (s),Q (C)\n0,1\n1,2\n{word},3\n")
    assert data["charge_C"].tolist() == [1, 2]
    assert word in told(data, "E757")[0]


def test_a_row_whose_first_cell_is_empty_is_no_remark(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s);gas;Q (C);T (°C)\n0;CO;1;20\n;CO;2;20\n2;CO;3;20\n")
    assert data["charge_C"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("head", [
    "t,E,I\ns,V,mA\n", "t,E,I\n(s),(V),(mA)\n", "t,E,I\n[s],[V],[mA]\n", "t,E,I\ns,V,mA\n\n",
    "t,E,I\ns,V,mA\n,sample 1,sample 1\n", "t,E,I\ns,V,mA\n,,\n", "# t,E,I\n# s,V,mA\n",
    "% t,E,I\n% s,V,mA\n",
])  # fmt: skip
def test_units_stand_below_the_names(tmp_path: Path, head: str) -> None:
    data = table(tmp_path, head + "0,1,2\n1,2,3\n")
    assert [*data.columns] == ["time_s", "potential_V", "current_A"]
    assert data["current_A"].tolist() == [2e-3, 3e-3]


def test_a_first_row_that_is_none_takes_no_name_away(tmp_path: Path) -> None:
    data = table(tmp_path, "t (s),Q (C)\n0,x1\n1,2\n2,3\n")
    assert data["time_s"].tolist() == [0, 1, 2]
    assert math.isnan(data["charge_C"][0])
    assert told(data, "E746")


def test_a_narrow_blank_of_an_older_encoding_parts_thousands(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes("t (s);Intensité (mA)\n0;0,5\n1;-1\u00a0234,5\n".encode("cp1252"))
    assert read(path)["current_A"].tolist() == [0.5e-3, -1.2345]


def test_blanks_within_names_part_no_columns(tmp_path: Path) -> None:
    text = (
        "% Time (s)        Total current (A)\n0                 1.5E-3\n1                 2.5E-3\n"
    )
    data = table(tmp_path, text)
    assert data["time_s"].tolist() == [0, 1]
    assert [column.values.tolist() for column in data.columns.values()][1] == [1.5e-3, 2.5e-3]
    assert len(data.columns) == 2


def test_origins_units_are_read(tmp_path: Path) -> None:
    head = "Time\tPotential\tCurrent\ns\tV vs. RHE\tmA cm\\+(-2)\n\tsample A\tsample A\n"
    data = table(tmp_path, head + "0\t0.5\t1.5\n1\t0.51\t1.6\n")
    assert [*data.columns] == ["time_s", "potential_V", "current_density_A_per_m2"]
    assert data.columns["potential_V"].reference == "RHE"


@pytest.mark.parametrize("name", ["Vf (V vs. Ref.)", "E (V vs ref)"])
def test_an_electrode_that_the_program_does_not_know_is_no_reference(
    tmp_path: Path, name: str
) -> None:
    data = table(tmp_path, f"T (s),{name}\n0.5,0.1\n1.5,0.2\n")
    assert data.columns["potential_V"].reference is None


def test_a_balance_writes_its_sign_apart(tmp_path: Path) -> None:
    rows = ["2024-01-05 14:30:00\t  +  12.345 g\n", "2024-01-05 14:30:10\t  -   0.001 g\n"]
    data = table(tmp_path, "".join(rows))
    assert [*data.columns.values()][1].values.tolist() == [12.345, -0.001]


@pytest.mark.parametrize("units", [("V",), ("mV", "V"), ("V", "mV")])
def test_units_stand_behind_many_different_numbers(tmp_path: Path, units: tuple[str, ...]) -> None:
    factors = {"V": 1.0, "mV": 1e-3}
    cells = [(i + 0.5, units[i % len(units)]) for i in range(25_000)]
    rows = "".join(f"{i};{number} {unit}\n" for i, (number, unit) in enumerate(cells))
    data = table(tmp_path, "t (s);U\n" + rows)
    wanted = [number * factors[unit] for number, unit in cells]
    assert np.allclose(data["voltage_V"], wanted, rtol=1e-14, atol=0)
    assert not told(data, "E746")


def test_one_cell_with_a_unit_among_many_is_a_slip(tmp_path: Path) -> None:
    rows = "".join(f"{i};{i}.5{' mV' if i == 7 else ''}\n" for i in range(1000))
    data = table(tmp_path, "t (s);U (V)\n" + rows)
    assert math.isnan(data["voltage_V"][7])
    assert told(data, "E746")
