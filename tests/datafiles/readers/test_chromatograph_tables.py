"""Result tables of chromatographs: one row for each injection, whoever laid the table out.

The layouts are those of Agilent OpenLab and ChemStation, Thermo Chromeleon, SRI PeakSimple,
Shimadzu LabSolutions and Inficon Fusion; the numbers are made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from rigs.vendor_files import DATA, needs_vendor_files

Write = Callable[[str, str], Path]

OPENLAB = """Sequence name:,LC-1
Acquisition date:,2022-08-05 14:48:46+02:00
Data path:,C:\\CDSProjects\\CO2

Line#,Location,Sample Name,Injection Date,Time offset
2,D1F-A1,first,2022-08-05 15:50:21+02:00,00:00:00
3,D1F-A2,second,2022-08-05 16:23:31+02:00,00:20:00

Line#,Compound,Sample Name,Inj#,RT [min],Area,Peak Height,Amount,Concentration
2,Formic acid,first,1,15.274,534.849,26.814,0.0643,0.0643
3,Formic acid,second,1,15.318,3421.697,161.201,0.4115,0.4115
Line#,Compound,Sample Name,Inj#,RT [min],Area,Peak Height,Amount,Concentration
3,Ethanol,second,1,21.0,28.0,3.1,,
"""

SHIMADZU = """[Header]
Application Name\tLabSolutions

[Sample Information]
Acquired\t7/18/2019 7:45:56 PM
Sample Name\tgas 1

[Peak Table(Ch1)]
# of Peaks\t3
Peak#\tR.Time\tI.Time\tF.Time\tArea\tHeight\tA/H\tConc.\tMark\tID#\tName
1\t1.843\t1.774\t1.876\t2042\t505\t4.044\t0.500\t V \t1\tH2
2\t3.5\t3.4\t3.6\t100\t20\t4\t0.1\t\t2\tCO
3\t9.0\t8.9\t9.1\t7\t1\t4\t0.0\t\t\t
"""

CHEMSTATION = """Sample Name: gas 1
Acq. Operator   : somebody                       Seq. Line :  10
Injection Date  : 9/23/2015 12:43:30 AM                Inj :   1
Method          : C:\\CHEM32\\1\\METHODS\\GAS.M

Signal 1: TCD2 B, Back Signal

RetTime  Type     Area     Amt/Area    Amount   Grp   Name
[min]             [pA*s]               [%]
-------|------|----------|----------|----------|--|------------------
  1.442 BB      831.18597     1.0e-3    0.83119    H2
  2.348 BB      496.12753     1.0e-3    0.49613    CO
  5.000                 -          -          -    C2H4
Totals :                               1.32732

*** End of Report ***
"""

FUSION = """ ,WARNING: CSV format is subject to change without notice.

Cal,SampleName,Concentration, ,NormalizedConcentration, ,Area, ,RT(s), ,
Detectors,,"moduleA:tcd","moduleB:tcd","moduleA:tcd","moduleB:tcd","moduleA:tcd","moduleB:tcd",,
Time (GMT 120 mins),,"H2","CO2","H2","CO2","H2","CO2","H2","CO2"
2022-06-08 16:23:13,late,0.2,10.0,2,98,200.0,-4.0,52.08,31.98
2022-06-08 16:17:06,early,0.1,10.0,1,99,100.0,1000.0,52.14,31.98
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "report"
        path.write_bytes(text.encode(encoding))
        return path

    return written


def test_an_openlab_report_finds_the_times_of_its_injections(write: Write) -> None:
    data = read(write(OPENLAB, "utf-8"))
    assert data.instrument == "Agilent OpenLab"
    assert data["time_s"].tolist() == [0.0, 33 * 60 + 10.0]
    assert data.start == datetime.fromisoformat("2022-08-05T15:50:21+02:00")
    assert data["area_Formic acid"].tolist() == [534.849, 3421.697]
    assert data["retention_time_Formic acid_s"][0] == pytest.approx(15.274 * 60)
    assert np.isnan(data["area_Ethanol"][0])  # no peak is not a peak of nothing
    assert data["area_Ethanol"][1] == 28.0
    assert data.metadata["sample of injection 2"] == "second"


def test_the_unit_of_a_concentration_is_unknown_where_the_report_has_none(write: Write) -> None:
    data = read(write(OPENLAB, "utf-8"))
    assert data.columns["concentration_Formic acid"].unit == ""
    assert any("unit of the concentration" in w.message for w in data.warnings)


def test_a_shimadzu_export_keeps_peaks_without_a_name(write: Write) -> None:
    data = read(write(SHIMADZU, "utf-8"))
    assert (len(data), data.start) == (1, datetime(2019, 7, 18, 19, 45, 56))
    assert (data["area_H2"][0], data["area_CO"][0], data["area_unnamed 9"][0]) == (2042, 100, 7)
    assert data["retention_time_H2_s"][0] == pytest.approx(1.843 * 60)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_chemstation_report_is_cut_by_its_rule(write: Write, encoding: str) -> None:
    data = read(write(CHEMSTATION, encoding))
    assert (data.instrument, data.start) == (
        "Agilent ChemStation",
        datetime(2015, 9, 23, 0, 43, 30),
    )
    assert data["area_H2"].tolist() == [831.18597]
    assert data.columns["area_H2"].unit == "pA*s"
    assert data["retention_time_CO_s"][0] == pytest.approx(2.348 * 60)
    assert data["amount_CO"][0] == pytest.approx(0.49613e-2)
    assert "area_C2H4" not in data.columns
    assert any("not detected is not zero" in w.message for w in data.warnings)


def test_fusion_blocks_are_ordered_in_time_and_have_their_zone(write: Write) -> None:
    data = read(write(FUSION, "utf-8"))
    assert data.start == datetime(2022, 6, 8, 14, 17, 6, tzinfo=UTC)
    assert data["time_s"].tolist() == [0.0, timedelta(minutes=6, seconds=7).total_seconds()]
    assert data["area_H2"].tolist() == [100.0, 200.0]
    assert data["retention_time_CO2_s"].tolist() == [31.98, 31.98]
    assert data["area_CO2"][1] == -4.0
    assert any("area of CO2 is negative in 1" in w.message for w in data.warnings)


def test_a_peaksimple_table_has_its_unit_in_every_row(write: Write) -> None:
    text = (
        "PeakSimple\nSample:\tgas 7\nDate/Time:\t2024-05-13 14:00:00\n\n"
        "Component\tRetention\tArea\tExternal\tUnits\n"
        "Hydrogen\t1.25\t1532.25\t1000\tppm\nCO\t7.1\t820.5\t0.5\t%\n"
    )
    data = read(write(text, "utf-8"))
    assert data.instrument == "SRI PeakSimple"
    assert data["concentration_Hydrogen"][0] == pytest.approx(1e-3)
    assert data["concentration_CO"][0] == pytest.approx(5e-3)
    assert data["retention_time_Hydrogen_s"][0] == pytest.approx(75.0)
    assert data.columns["concentration_CO"].unit == "1"


CHROMELEON = (
    ("Chromeleon report",),
    ("Injection Name:", "gas 3"),
    ("Injection Date/Time:", datetime(2024, 5, 13, 14, 0, 0)),
    (),
    ("No.", "Peak Name", "Retention Time", "Area", "Height", "Amount"),
    ("", "", "min", "µS*min", "µS", "n.a."),
    (1, "H2", 1.5, 12.5, 3.0, "n.a."),
    (2, "CO", 4.0, 0.25, 0.1, "n.a."),
)


def test_chromeleon_as_text_with_commas_and_as_a_workbook_say_the_same(
    write: Write, tmp_path: Path
) -> None:
    def cell(value: object) -> str:
        return str(value).replace(".", ",") if isinstance(value, float) else str(value)

    lines = ["\t".join(cell(value) for value in row) for row in CHROMELEON]
    text = read(write("\n".join(lines) + "\n", "utf-8"))
    book = openpyxl.Workbook()
    book.active.title = "Overview"  # type: ignore[union-attr]
    sheet = book.create_sheet("Integration")
    for row in CHROMELEON:
        sheet.append(row)
    path = tmp_path / "report.xlsx"
    book.save(path)
    for data in (text, read(path)):
        assert data.instrument == "Thermo Chromeleon"
        assert data.start == datetime(2024, 5, 13, 14, 0, 0)
        assert (data["area_H2"][0], data["area_CO"][0]) == (12.5, 0.25)
        assert data["retention_time_CO_s"][0] == 240.0
        assert data.columns["area_H2"].unit == "µS*min"


def test_a_tidy_table_and_one_with_a_row_for_each_injection_say_the_same(write: Write) -> None:
    tidy = (
        "injection time,component,area,concentration (ppm)\n"
        "2024-05-13 14:20:00,H2,30,2000\n2024-05-13 14:00:00,H2,15,1000\n"
        "2024-05-13 14:00:00,CO,7,N.D.\n"
    )
    wide = (
        "Injection time,H2 area,H2 conc (ppm),CO area,CO conc (ppm)\n"
        "2024-05-13 14:00:00,15,1000,7,N.D.\n2024-05-13 14:20:00,30,2000,,\n"
    )
    for text in (tidy, wide):
        data = read(write(text, "utf-8"))
        assert data["time_s"].tolist() == [0.0, 1200.0]
        assert data["area_H2"].tolist() == [15.0, 30.0]
        assert data["concentration_H2"] == pytest.approx([1e-3, 2e-3])
        assert data["area_CO"][0] == 7.0
        assert np.isnan(data["area_CO"][1])
        assert "concentration_CO" not in data.columns


def test_two_signals_of_one_compound_stay_two_columns(write: Write) -> None:
    text = "Injection,Component,Detector,Area\n1,N2,TCD,5\n1,N2,FID,6\n2,N2,TCD,7\n2,N2,FID,8\n"
    data = read(write(text, "utf-8"))
    assert data["area_N2"].tolist() == [5.0, 7.0]
    assert data["area_N2 (FID)"].tolist() == [6.0, 8.0]
    assert any(w.code == "E756" for w in data.warnings)  # when they were made is not told


def test_peaks_side_by_side_are_one_injection_beside_another_table(tmp_path: Path) -> None:
    path = tmp_path / "peaks.csv"
    block = "Gas type,RT,area,ppm value,"
    path.write_text(
        f"Experiment name,Date,Time,{block},{block},,time (s),I (mA)\n"
        "a.CHR,2025-12-17,12:34:15,CO,2.4,100,1000,ppm,C2H4,9.6,15,277,ppm,,0,1\n"
        "b.CHR,2025-12-17,12:52:15,CO,2.4,120,1200,ppm,C2H4,0,0,0,ppm,,1,1\n"
        ",,,,,,,,,,,,,,2,1\n"
    )
    data = read(path)
    assert data["time_s"].tolist() == [0, 1080]
    assert data["concentration_CO"].tolist() == [1e-3, 1.2e-3]
    assert data["concentration_C2H4"][0] == pytest.approx(277e-6)
    assert np.isnan(data["concentration_C2H4"][1])  # a peak at no time is none
    assert not any(w.code == "E744" for w in data.warnings)


@needs_vendor_files
def test_the_injections_of_a_groups_workbook() -> None:
    data = read(DATA / "study" / "co_electrolyser_ec_gc.xlsx")
    # as the cells of the sheet "Raw Data" have them
    assert (len(data), str(data.start)) == (7, "2025-12-17 12:34:15")
    assert data["concentration_C2H4"][4] == pytest.approx(0.01043108, rel=1e-6)
    assert data["area_H2"][2] == 11933.1128


@pytest.mark.parametrize("names", ["Compound,RT [min],Area", "Injection Date,Compound,Area"])
def test_names_over_more_columns_than_they_name_are_refused(tmp_path: Path, names: str) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"2024-05-13 14:0{i}:00,H2,1.5,{i}\n" for i in range(3))
    path.write_text(f"{names}\n{rows}")
    with pytest.raises(InputError, match="3 names stand over 4 columns"):
        read(path)
