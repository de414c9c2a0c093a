"""Workbooks, rich text, Fusion runs, LabVIEW files: what is read of them, what is refused."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from rigs.containers import binary_workbook, labview, open_document, record, zipped
from rigs.made_files import FIXTURES

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


def test_old_workbooks_of_other_programs_hold_their_table() -> None:
    for name in ("xlwt.xls", "excel95_by_sheetjs.xls", "libreoffice.xls", "libreoffice.ods"):
        data = read(FIXTURES / "workbooks" / name)
        assert data["time_s"] == pytest.approx([0.5 * i for i in range(12)])
        assert data["potential_V"] == pytest.approx([0.1 + 0.01 * i for i in range(12)])
        assert data.columns["potential_V"].reference == "RHE"
        empty = [i for i, value in enumerate(data["current_A"]) if value != value]
        assert empty == [0, 3, 6, 9]
        assert data["current_A"][11] == pytest.approx(13.75e-3)
        assert data["clock_s"].tolist() == list(range(12))  # midnight is none without a time
        assert str(data.start) == "2024-05-31 23:59:50"
        spectrum = read(FIXTURES / "workbooks" / name, sheet="Spectrum")
        assert spectrum["impedance_imaginary_Ohm"] == pytest.approx([-0.2, -0.9, -0.3])


@pytest.mark.parametrize("make", [open_document, binary_workbook])
def test_workbooks_in_other_parts(tmp_path: Path, make: Callable[[], bytes]) -> None:
    (tmp_path / "a").write_bytes(make())
    data = read(tmp_path / "a")
    assert data["time_s"].tolist() == list(range(20))
    assert data["current_A"].tolist() == [0.5 * i for i in range(20)]


def test_cells_that_would_be_lost_are_refused() -> None:
    with pytest.raises(InputError, match="short form"):
        read(FIXTURES / "workbooks" / "short_cells_by_sheetjs.xlsb")


def test_old_workbooks_whose_sheets_span_far_or_whose_cells_moved_are_refused(
    tmp_path: Path,
) -> None:
    whole = (FIXTURES / "workbooks" / "xlwt.xls").read_bytes()
    last = whole.rindex(struct.pack("<HHHH", 0xBD, 24, 3, 0))  # of the second sheet
    for row, column, why in (
        (65_535, 255, "cells lie in a sheet of"),
        (1, 0, "not in its place"),
        (2, 0, "not in its place"),
    ):
        moved = whole[: last + 4] + struct.pack("<HH", row, column) + whole[last + 8 :]
        (tmp_path / "a.xls").write_bytes(moved)
        with pytest.raises(InputError, match=why):
            read(tmp_path / "a.xls")


@pytest.mark.parametrize(
    "span",
    [
        (32, 13, 0, 5),
        (4_000_000_000, 13, 0, 5),
        (131_074, 3_435_986_960, 52_428, 52_428),  # nothing wide: the library counts below zero
        (5, 5, 0, 3),
        (0, 0, 0, 3),
    ],
)
def test_an_old_sheet_that_ends_before_it_begins_is_refused(
    tmp_path: Path, span: tuple[int, int, int, int]
) -> None:
    whole = (FIXTURES / "workbooks" / "xlwt.xls").read_bytes()
    at = whole.index(struct.pack("<HH", 0x200, 14)) + 4
    stated = struct.pack("<IIHH", *span)
    (tmp_path / "a.xls").write_bytes(whole[:at] + stated + whole[at + 12 :])
    with pytest.raises(InputError, match="rows and columns cannot be"):
        read(tmp_path / "a.xls")


VALUE = 'office:value-type="float" office:value="1"'
FAR_ROWS = (
    '<table:table-row table:number-rows-repeated="1000000">'
    '<table:table-cell table:number-columns-repeated="1000"/><table:table-cell {0}/>'
    "</table:table-row>"
)
FAR_TEXT = (
    '<table:table-row table:number-rows-repeated="1000000"><table:covered-table-cell '
    'table:number-columns-repeated="1000"><text:p>x</text:p></table:covered-table-cell>'
    "</table:table-row>"
)


def test_far_corners_of_other_workbooks_are_refused(tmp_path: Path) -> None:
    far = record(0, struct.pack("<IIHBBI", 1_000_000, 0, 300, 0, 0, 0))
    far += record(5, struct.pack("<IId", 16_000, 0, 1.0))
    for content in (
        open_document(further=FAR_ROWS.format(VALUE)),
        open_document(further=FAR_TEXT),
        binary_workbook(further=far),
    ):
        (tmp_path / "a").write_bytes(content)
        with pytest.raises(InputError, match="cells lie in a sheet of"):
            read(tmp_path / "a")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'r="1048576"><c r="XFD1048576"', b"r='1048576'><c r='XFD1048576'"),
        (b'r="1048576"><c r="XFD1048576"', b'r = "1048576"><c r = "XFD1048576"'),
    ],
)
def test_a_corner_is_found_however_it_is_written(tmp_path: Path, old: bytes, new: bytes) -> None:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'.replace(old, new)
    path = book(tmp_path / "a.xlsx", {"Run": ROWS})
    with pytest.raises(InputError, match="lie in a sheet of 1048576"):
        read(changed(path, b"</sheetData>", row + b"</sheetData>"))


def test_a_corner_is_found_wherever_its_sheet_lies(tmp_path: Path) -> None:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = changed(book(tmp_path / "a.xlsx", {"Run": ROWS}), b"</sheetData>",
                   row + b"</sheetData>")  # fmt: skip
    with zipfile.ZipFile(path) as source:
        members = {m: source.read(m) for m in source.namelist()}
    moved = {
        name.replace("worksheets/sheet1.xml", "other.dat"): content.replace(
            b"worksheets/sheet1.xml", b"other.dat"
        )
        for name, content in members.items()
    }
    path.write_bytes(zipped(moved))
    with pytest.raises(InputError, match="lie in a sheet of 1048576"):
        read(path)


def test_a_table_that_begins_far_down_keeps_all_its_columns(tmp_path: Path) -> None:
    notes = [["note", str(i)] for i in range(230)]
    table = [["time (s)", "E (V)", "I (mA)"], *([i, i / 2, i / 4] for i in range(6))]
    stray = [[None] * 9 + ["seen by A"]]
    data = read(book(tmp_path / "a.xlsx", {"Run": [*notes, [None], *table, [None], *stray]}))
    assert data["current_A"].tolist() == [i / 4e3 for i in range(6)]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<html><table><tr><td>time (s)</td></tr></table></html>", "a web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
         "Excel 2003"),
        (bytes.fromhex("0900040002001000"), "a workbook of Excel 2"),
        (zipped({"a.csv": "t,I\n1,2\n"}), "an archive that holds no workbook"),
    ],
)  # fmt: skip
def test_what_is_named_like_a_workbook_and_is_none_is_called_by_its_name(
    tmp_path: Path, content: bytes, what: str
) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    with pytest.raises(InputError, match=what):
        read(tmp_path / "a.xls")


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


def test_rich_text_that_ends_within_a_group_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.rtf"
    path.write_text(RICH[: RICH.rindex(r"\pard")])
    data = read(path)
    assert len(data) == 2
    assert any("ends within 1 groups" in w.message for w in data.warnings)


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
    peaks[0]["area"] = 10**400
    path.write_text(json.dumps(run))
    with pytest.raises(InputError, match="no whole run"):
        read(path)
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
    whole = path.read_bytes()
    path.write_bytes(whole + b"x")
    with pytest.raises(InputError, match="a segment should begin here"):
        read(path)
    path.write_bytes(whole[:60])
    with pytest.raises(InputError):
        read(path)


def test_what_the_library_says_of_a_cut_labview_file_is_told_and_not_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("nptdms")
    (tmp_path / "a.tdms").write_bytes(labview(Current=[0.25 * i for i in range(20)])[:-24])
    data = read(tmp_path / "a.tdms")
    assert len(data) == 17
    assert any("less data than expected" in told.message for told in data.warnings)
    assert not capfd.readouterr().err
