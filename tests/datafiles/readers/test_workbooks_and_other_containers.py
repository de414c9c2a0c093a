"""Workbooks, rich text, Fusion runs, LabVIEW files: what is read of them, what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError

ROWS = [["time (s)", "I (mA)"], *([i, i / 4] for i in range(6))]


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def changed(path: Path, old: bytes, new: bytes) -> Path:
    """The workbook with something else in its first sheet."""
    whole = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(path, "w", 8) as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                assert old in content
                content = content.replace(old, new, 1)
            target.writestr(member.filename, content)
    return path


def test_the_largest_table_of_all_sheets_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Notes": [["E (V)", "I (A)"], [1, 2], [2, 3]], "Run": ROWS})
    data = read(path)
    assert data["current_A"].tolist() == [i / 4e3 for i in range(6)]
    assert data.metadata["sheet"] == "Run"
    assert any("'Notes'" in warning.message for warning in data.warnings)
    assert read(path, sheet="Notes")["potential_V"].tolist() == [1, 2]


def test_tables_beside_and_below_each_other_are_named_by_their_place(tmp_path: Path) -> None:
    below = [[None], ["E (V)", "I (A)"], [1, 2], [2, 3]]
    rows = [[*row, None, *row[::-1]] for row in ROWS] + below
    path = book(tmp_path / "a.xlsx", {"Run": rows})
    assert read(path, sheet="Run!D:E")["current_A"].tolist() == [i / 4e3 for i in range(6)]
    assert read(path, sheet="Run!A9:B")["potential_V"].tolist() == [1, 2]
    assert read(path, sheet="Run!A1:B")["time_s"].tolist() == list(range(6))


def test_a_sheet_with_fewer_names_than_columns_is_refused(tmp_path: Path) -> None:
    rows = [ROWS[0], *([*row, 1] for row in ROWS[1:])]
    with pytest.raises(InputError, match="2 names stand over 3 columns"):
        read(book(tmp_path / "a.xlsx", {"Run": rows}))


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "lie in a sheet of 1048576"),
        (b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "Excel's own limits"),
        (b"<row><c><v>1</v></c></row>" * 1_000_000, "would unpack to"),
        (b"<!DOCTYPE x [<!ENTITY e 'x'>]>", "defines entities"),
    ],
)
def test_what_would_fill_the_memory_is_refused_before_it_is_read(
    tmp_path: Path, new: bytes, why: str
) -> None:
    path = book(tmp_path / "a.xlsx", {"Run": ROWS})
    with pytest.raises(InputError, match=why):
        read(changed(path, b"</sheetData>", new + b"</sheetData>"))


RICH = (
    r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator x}DryCal Log Report\par "
    r"\trowd\intbl Sample\cell DryCal smL/min\cell Temp.\par Deg C\cell Time\cell\row "
    r"\trowd\intbl 1\cell 28.690\cell 27.4\cell 11:59:50 PM\cell\row "
    r"\trowd\intbl 2\cell 29.124\cell 27.4\cell 12:00:10 AM\cell\row \pard }"
)


def test_a_drycal_log_in_rich_text(tmp_path: Path) -> None:
    path = tmp_path / "log.rtf"
    path.write_text(RICH)
    data = read(path)
    assert (data.format, data.instrument) == ("rich_text", "MesaLabs DryCal")
    assert data["flow_sccm"].tolist() == [28.69, 29.124]
    assert data["time_s"].tolist() == [0, 20]


def test_a_fusion_run_is_one_injection(tmp_path: Path) -> None:
    peaks = [{"area": 5649.79, "height": 5226, "top": 52.16, "label": "H2", "concentration": 0.08}]
    run = {
        "methodName": "m",
        "detectors": {"moduleA:tcd": {"values": [0], "analysis": {"peaks": peaks}}},
        "annotations": {"name": "sample 1"},
        "runTimeStamp": "2022-06-08T14:10:58.301Z",
    }
    path = tmp_path / "a.fusion-data"
    path.write_text(json.dumps(run))
    data = read(path)
    assert data["area_H2"].tolist() == [5649.79]
    assert data["retention_time_H2_s"].tolist() == [52.16]
    assert str(data.start) == "2022-06-08 14:10:58.301000+00:00"
    assert any("unit of the concentration" in w.message for w in data.warnings)
    path.write_text(json.dumps(run)[:-20])
    with pytest.raises(InputError, match="no whole run"):
        read(path)


def test_a_labview_file_has_its_units_and_intervals(tmp_path: Path) -> None:
    nptdms = pytest.importorskip("nptdms")
    np = pytest.importorskip("numpy")
    path = tmp_path / "a.tdms"
    about = {"wf_increment": 0.5, "unit_string": "mA"}
    with nptdms.TdmsWriter(path) as writer:
        writer.write_segment([nptdms.ChannelObject("run", "Current", np.arange(4.0), about)])
    data = read(path)
    assert data["time_s"].tolist() == [0, 0.5, 1, 1.5]
    assert data["current_A"].tolist() == [0, 1e-3, 2e-3, 3e-3]
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError):
        read(path)
