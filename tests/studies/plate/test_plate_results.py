"""The table of a plate holds what its runs hold, and what is not known stays unknown."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conftest import HEADER, write_run
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.records.found import append_found
from faradaic.records.plate_folder import PlateFolder, PlateWell, find_plate, find_well
from faradaic.studies.plate.plate_figure import draw_plate
from faradaic.studies.plate.plate_report import table_bytes, write_plate_report
from faradaic.studies.plate.plate_results import plate_results

CHARGE_C = 5.0e-3 * 1000.0
"""Of `write_run`: 5 mA for 1000 s at 8 V."""


@pytest.fixture
def plate(tmp_path: Path) -> PlateFolder:
    """A1 is complete, with its yield; A2 tripped, without; A3 was not begun; B1 is a control."""
    wells = [
        PlateWell("A1", 0, 1, {"current": "5 mA"}, "", 1, 1, 1000.0),
        PlateWell("A2", 0, 2, {"current": "6 mA"}, "", 1, 2, 1000.0),
        PlateWell("A3", 0, 3, {"current": "7 mA"}, "", 1, 3, 1000.0),
        PlateWell("B1", 1, 1, {}, "=no substrate", 1, 4, 1000.0),
    ]
    about = {"title": "A plate", "bench": "rack", "rows": 2, "columns": 3, "channels": 4}
    found, lock = PlateFolder.create(
        tmp_path / "runs",
        "a-plate",
        {**about, "plate_sha256": "0" * 64},
        wells,
        {well.name: "" for well in wells},
        simulated=True,
    )
    lock.release()
    done = write_run(found.path / "A1")
    append_found(done, {"products": [{"id": "dioxide", "given": "x", "amount_mol": 0.5e-5}]})
    trip: dict[str, Any] = {"outcome": "TRIPPED", "stop_reason": "too high", "charge_high_C": None}
    write_run(found.path / "A2", stop=trip)
    header = {**HEADER, "limiting": "", "limiting_amount_mol": None}
    write_run(found.path / "B1", header=header)
    found.append("note", text="turned yellow")
    return PlateFolder(found.path)


def test_each_well_has_a_row_with_the_numbers_of_its_run(plate: PlateFolder) -> None:
    first, second, third, control = plate_results(plate).rows()
    assert first["charge_C"] == pytest.approx(CHARGE_C)
    assert first["charge_F_per_mol"] == pytest.approx(CHARGE_C / FARADAY_C_PER_MOL / 2e-4)
    assert first["mean_cell_voltage_V"] == pytest.approx(8.0)
    assert first["product_yield"] == pytest.approx(0.025)
    assert second["outcome"] == "TRIPPED"
    assert second["product_yield"] is None
    assert any("too high" in flag for flag in second["flags"])
    assert third["outcome"] == "NOT RUN"
    assert third["charge_C"] is None
    assert control["charge_F_per_mol"] is None
    assert control["charge_C"] == pytest.approx(CHARGE_C)


def test_the_same_table_is_csv_excel_and_json(plate: PlateFolder) -> None:
    results = plate_results(plate)
    rows = list(csv.DictReader(io.StringIO(table_bytes(results, "csv").decode())))
    assert [row["well"] for row in rows] == ["A1", "A2", "A3", "B1"]
    assert float(rows[0]["yield (%)"]) == pytest.approx(2.5)
    assert rows[2]["charge (C)"] == rows[1]["yield (%)"] == ""
    assert {row["source"] for row in rows} == {"SIMULATED"}
    assert not rows[3]["control"].startswith("=")  # a spreadsheet would compute it
    book = openpyxl.load_workbook(io.BytesIO(table_bytes(results, "excel")))
    sheet = book["Wells"]
    heads = [cell.value for cell in sheet[2]]
    assert "SIMULATED" in str(sheet["A1"].value)
    assert sheet.cell(3, heads.index("charge (C)") + 1).value == pytest.approx(CHARGE_C)
    assert sheet.cell(5, heads.index("charge (C)") + 1).value is None
    assert sheet.cell(6, 2).data_type == "s"
    told = json.loads(table_bytes(results, "json"))
    assert told["simulated"] is True
    assert told["wells"][0]["product_yield"] == pytest.approx(0.025)
    assert told["wells"][2]["charge_C"] is None


def test_what_is_not_known_is_hatched_and_no_colour_of_the_scale(plate: PlateFolder) -> None:
    figure = draw_plate(plate_results(plate))
    by_label = {axis.get_ylabel(): axis for axis in figure.axes}
    assert {"mean cell voltage / V", "yield / %"} <= by_label.keys()
    maps = [axis for axis in figure.axes if len(axis.patches) == 4]
    assert len(maps) == 3
    hatched = [[patch.get_hatch() is not None for patch in axis.patches] for axis in maps]
    per_mol, voltage, yields = hatched
    assert per_mol == [False, False, True, True]
    assert voltage == [False, False, True, False]
    assert yields == [False, True, True, True]
    assert any("SIMULATED" in text.get_text() for text in figure.texts)


def test_the_page_and_its_files_stand_in_the_folder(plate: PlateFolder) -> None:
    _, written = write_plate_report(plate)
    assert {path.name for path in written} == {
        "plate_results.csv", "plate_results.xlsx", "plate_results.json",
        "plate.svg", "plate.pdf", "plate.png", "report.html",
    }  # fmt: skip
    page = (plate.path / "report.html").read_text(encoding="utf-8")
    for words in ("SIMULATED", "turned yellow", "too high", "unknown", "NOT RUN"):
        assert words in page


def test_a_plate_and_its_wells_are_found_by_their_names(plate: PlateFolder) -> None:
    runs = plate.path.parent
    for token in (plate.name, plate.name[:12], "a-pl", str(plate.path)):
        assert find_plate(runs, token) == plate
        found = find_well(runs, f"{token}/b1")
        assert found is not None
        assert found[1].name == "B1"
    assert find_plate(runs, "another") is None
    assert plate.run_of("A3") is None
    run = plate.run_of("A2")
    assert run is not None
    assert run.outcome == "TRIPPED"
