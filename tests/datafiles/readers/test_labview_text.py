"""LabVIEW's .lvm: channels, units, times and segments as the headings have them."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read

HEAD = """LabVIEW Measurement\t
Writer_Version\t2
Reader_Version\t2
Separator\tTab
Decimal_Separator\t{mark}
Multi_Headings\t{multi}
X_Columns\t{x}
Time_Pref\t{pref}
Operator\tlab
Date\t2024/01/05
Time\t14:30:00{mark}5
***End_of_Header***\t
\t
"""
SEGMENT = """Channels\t2\t\t
Samples\t{samples}\t{samples}\t
Date\t2024/01/05\t2024/01/05\t
Time\t14:3{minute}:00{mark}2500000000000000000\t14:3{minute}:00{mark}25\t
Y_Unit_Label\tVolts\tmA\t
X_Dimension\tTime\tTime\t
X0\t0{mark}0E+0\t0{mark}0E+0\t
Delta_X\t0{mark}500000\t0{mark}500000\t
***End_of_Header***\t\t\t
{names}\tComment
"""
ROWS = {
    "No": ("X_Value\tVoltage\tCurrent", "\t{0}\t{1}\n"),
    "One": ("X_Value\tVoltage\tCurrent", "{2}\t{0}\t{1}\n"),
    "Multi": ("X_Value\tVoltage\tX_Value\tCurrent", "{2}\t{0}\t{2}\t{1}\n"),
}


def lvm(
    tmp_path: Path, x: str = "One", mark: str = ".", *, segments: int = 1, samples: int = 3,
    pref: str = "Relative", first_x: float = 0.0,
) -> Dataset:  # fmt: skip
    names, row = ROWS[x]
    text = HEAD.format(mark=mark, multi="Yes" if segments > 1 else "No", x=x, pref=pref)
    for minute in range(segments):
        text += SEGMENT.format(samples=samples, minute=minute, mark=mark, names=names)
        for i in range(3):
            cells = [f"{1.5 + i:.6f}", f"{10 * (i + 1):.6f}", f"{first_x + 0.25 * i:.6f}"]
            text += row.format(*(cell.replace(".", mark) for cell in cells))
        text += "\n"
    path = tmp_path / "log.lvm"
    path.write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    return read(path)


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize(("x", "step"), [("No", 0.5), ("One", 0.25), ("Multi", 0.25)])
def test_channels_have_their_units_and_times(
    tmp_path: Path, x: str, step: float, mark: str
) -> None:
    data = lvm(tmp_path, x, mark)
    assert data.format == "labview"
    assert [*data.columns] == ["time_s", "voltage_V", "current_A"]
    assert data["time_s"].tolist() == [0.0, step, 2 * step]
    assert data["voltage_V"].tolist() == [1.5, 2.5, 3.5]
    assert data["current_A"].tolist() == pytest.approx([0.01, 0.02, 0.03])
    assert data.start == datetime(2024, 1, 5, 14, 30, 0, 250_000)
    assert [one.code for one in data.warnings] == ["E755"]


def test_segments_follow_each_other_by_their_dates(tmp_path: Path) -> None:
    data = lvm(tmp_path, segments=2)
    assert data["time_s"].tolist() == [0.0, 0.25, 0.5, 60.0, 60.25, 60.5]
    assert data["voltage_V"].tolist() == [1.5, 2.5, 3.5] * 2


def test_rows_beyond_those_that_the_heading_counts_have_no_time(tmp_path: Path) -> None:
    data = lvm(tmp_path, "No", samples=2)
    assert data["time_s"].tolist()[:2] == [0.0, 0.5]
    assert math.isnan(data["time_s"][2])
    assert any("first 2 of 3 rows" in one.message for one in data.warnings)


def test_absolute_times_count_from_the_first_row(tmp_path: Path) -> None:
    data = lvm(tmp_path, pref="Absolute", first_x=3787309800.0)
    assert data["time_s"].tolist() == [0.0, 0.25, 0.5]


def test_times_that_fall_are_told(tmp_path: Path) -> None:
    path = tmp_path / "log.lvm"
    lvm(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"0.500000\t3.5", b"0.000000\t3.5"))
    assert any(one.code == "E759" for one in read(path).warnings)


def test_a_row_with_a_number_too_many_is_not_shifted_into_the_comments(tmp_path: Path) -> None:
    path = tmp_path / "log.lvm"
    lvm(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"0.250000\t2.5", b"0.250000\t\t2.5"))
    data = read(path)
    assert math.isnan(data["voltage_V"][1])
    assert math.isnan(data["current_A"][1])
    assert any(one.code == "E744" for one in data.warnings)
