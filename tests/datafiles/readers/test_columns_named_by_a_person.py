"""Columns that a person names, and sheets of a workbook: the command takes both."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.datafiles.assumptions import assume
from faradaic.datafiles.mapping_file import load_mapping
from faradaic.datafiles.readers import read
from faradaic.datafiles.readers.mapping import parse_option
from faradaic.diagnostics import InputError

TABLE = "clock (s),probe,I (2),E_we/V,dose (C)\n0,0.1,5,0.2,1\n1,0.3,6,0.4,2\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


def test_units_signs_and_references_come_from_the_mapping(table: Path) -> None:
    options = [
        "t=clock",
        "I=I (2), mA, cathodic",
        "E=E_we/V, vs Ag/AgCl 3 M KCl",
        "second_potential=probe, mV",
    ]
    data = read(table, mapping=[parse_option(option) for option in options])
    assert data["time_s"].tolist() == [0.0, 1.0]
    assert data["current_A"].tolist() == [-5e-3, -6e-3]  # anodic is positive everywhere
    assert data.columns["current_A"].sign == "anodic"
    assert data.columns["potential_V"].reference == "Ag/AgCl (3 M KCl)"
    assert data["second_potential_V"].tolist() == pytest.approx([1e-4, 3e-4])
    assert data["dose/C"].tolist() == [1.0, 2.0]  # the others stay
    assert [w.message for w in data.warnings] == ["unknown column 'dose/C', kept as it is"]


def test_a_number_in_si_already_is_not_scaled_twice(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("time (min),current (mA)\n1,5\n2,6\n")
    data = read(path, mapping=[parse_option("second_current=current/mA")])
    assert data["second_current_A"].tolist() == [5e-3, 6e-3]
    assert data["time_s"].tolist() == [60.0, 120.0]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("I=nothing", "has no column 'nothing'"),
        ("I=probe", "no known unit"),
        ("I=probe, V", "no current"),
        ("E=E_we/V, mV", "is in V, not in mV"),
        ("I=probe, sideways", "neither unit, sign nor reference"),
        ("probe", "names no column"),
        ("E=probe, furlong", "neither unit"),
    ],
)
def test_a_wrong_mapping_says_what_there_is(table: Path, option: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(table, mapping=[parse_option(option)])
    assert error.value.diagnostics[0].code == "E767"
    assert error.value.diagnostics[0].help


def test_two_columns_cannot_have_one_name(table: Path) -> None:
    with pytest.raises(InputError, match="two columns potential_V"):
        read(table, mapping=[parse_option("E=probe, V"), parse_option("E=E_we/V")])


def test_a_mapping_in_a_file_says_the_same(table: Path, tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(
        "faradaic_mapping: 1\ncolumns:\n"
        "  I (2): {quantity: current, unit: mA, sign: cathodic}\n  E_we/V: potential\n"
    )
    data = read(table, mapping=load_mapping(path))
    assert data["current_A"].tolist() == [-5e-3, -6e-3]
    assert data["potential_V"].tolist() == [0.2, 0.4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{I (2): {quantity: current, sgin: anodic}}", "did you mean `sign`"),
        ("{I (2): {unit: mA}}", "`quantity` is missing"),
        ("{I (2): {quantity: current, sign: up}}", '"up" is not a choice for `sign`'),
        ("[I]", "`columns` must be a mapping"),
        ("a: b", "map.yaml:2:11"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(f"faradaic_mapping: 1\ncolumns: {text}\n")
    with pytest.raises(InputError, match=message):
        load_mapping(path)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "notes"
    notes.append(["a sheet without numbers"])
    run = book.create_sheet("run")
    for _ in range(12):
        run.append(["Sample:", "gas diffusion electrode"])
    run.append(["when", "E (V vs RHE)", "I (mA)"])
    run.append([datetime(2024, 5, 13, 14, 0, 0), -0.5, -1.5])
    run.append([datetime(2024, 5, 13, 14, 0, 10), -0.6, -2])
    other = book.create_sheet("other")
    other.append(["time (s)", "I (A)"])
    other.append([0, 7])
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def test_the_sheet_and_its_row_of_names_are_found(workbook: Path) -> None:
    data = read(workbook)
    assert data.metadata["sheet"] == "run"
    assert data["time_s"].tolist() == [0.0, 10.0]
    assert data.start == datetime(2024, 5, 13, 14)
    assert data["current_A"].tolist() == [-1.5e-3, -2e-3]
    assert data.columns["potential_V"].reference == "RHE"
    assert any("'other'" in w.message for w in data.warnings)


def test_another_sheet_is_read_by_its_name(workbook: Path, table: Path) -> None:
    assert read(workbook, sheet="other")["current_A"].tolist() == [7.0]
    with pytest.raises(InputError, match="there is 'notes', 'run', 'other'"):
        read(workbook, sheet="Sheet1")
    with pytest.raises(InputError, match="leave --sheet out"):
        read(table, sheet="run")


@pytest.mark.parametrize("sign", ["cathodic", "cathodic positive", "Cathodic positive"])
@pytest.mark.parametrize("quantity", ["current, mA", "current density, mA/cm^2", "charge, mC"])
def test_a_sign_that_is_stated_turns_what_has_a_direction(
    tmp_path: Path, sign: str, quantity: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("time (s),x\n0,1\n1,2\n")
    name, unit = quantity.split(", ")
    data = read(path, mapping=[parse_option(f"{name}=x, {unit}, {sign}")])
    (column,) = [one for key, one in data.columns.items() if key != "time_s"]
    assert column.sign == "anodic"
    assert (column.values < 0).all()
    mapping = tmp_path / "map.yaml"
    stated = f"{{quantity: {name}, unit: {unit}, sign: {sign.lower()}}}"
    mapping.write_text(f"faradaic_mapping: 1\ncolumns:\n  x: {stated}\n")
    (same,) = [one for key, one in read(path, mapping=load_mapping(mapping)).columns.items()
               if key != "time_s"]  # fmt: skip
    assert same.values.tolist() == column.values.tolist()
    if name == "current":
        path.write_text("time (s),current (mA)\n0,1\n1,2\n")
        assert assume(read(path), {"sign": sign})["current_A"].tolist() == [-1e-3, -2e-3]


def test_a_potential_has_no_direction_of_current(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("time (s),x\n0,1\n1,2\n")
    with pytest.raises(InputError, match="-potential=x"):
        read(path, mapping=[parse_option("potential=x, V, cathodic positive")])
    turned = read(path, mapping=[parse_option("-potential=x, V")])
    assert turned["potential_V"].tolist() == [-1, -2]


def test_a_workbook_without_rows_is_not_called_damaged(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["time (s)", "current (mA)"])
    book.save(tmp_path / "names.xlsx")
    data = read(tmp_path / "names.xlsx")
    assert (len(data), [*data.columns]) == (0, ["time_s", "current_A"])
    assert "E744" in [one.code for one in data.warnings]


def test_a_damaged_old_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(InputError, match="the workbook in it is not whole"):
        read(path)


def test_the_command_joins_maps_and_assumes(table: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.csv"
    second.write_text(TABLE.replace("0,0.1", "5,0.1").replace("1,0.3", "6,0.3"))
    options = ["--map", "I=I (2), mA", "--map", "t=clock", "--assume", "start=2024-05-13 14:00:00"]
    options += ["--assume", "sign=anodic", "--join", "--json"]
    result = CliRunner().invoke(app, ["read", str(table), str(second), *options])
    said = json.loads(result.stdout)
    assert (said["ok"], said["format"], said["rows"]) == (True, "joined", 4)
    columns = {column["name"]: column for column in said["columns"]}
    assert columns["time_s"]["last"] == 6.0
    assert columns["current_A"]["positive"] == "anodic"
    assert {w["code"] for w in said["warnings"]} >= {"E761", "E764"}
    words = CliRunner().invoke(app, ["read", str(table), str(second)]).stdout
    assert words.count("format      delimited") == 2
