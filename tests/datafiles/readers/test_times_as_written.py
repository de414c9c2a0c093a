"""Dates and times as logs have them: the seconds between the rows, or a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.datafiles.statements import parse_statements
from faradaic.diagnostics import InputError


def table(tmp_path: Path, times: list[str], head: str = "time") -> Dataset:
    path = tmp_path / "table"
    rows = "".join(f"{time};{i},5\n" for i, time in enumerate(times))
    path.write_text(f"{head};I (mA)\n" + rows, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize(
    ("times", "seconds", "start"),
    [
        (["23:59:58", "00:00:01", "12:00:00", "00:00:01"], [0, 3, 43202, 86403], None),
        (["23:59:58,5", "00:00:00,5"], [0, 2], None),
        (["23:59:58.5", "00:00:00.5"], [0, 2], None),
        (["23:59:58:500", "00:00:00:250"], [0, 1.75], None),
        (["11:59:59 PM", "12:00:01 AM"], [0, 2], None),
        (["11:59:59 p.m.", "12:00:01 a.m."], [0, 2], None),
        (["12:59:59", "1:00:00"], [0, 1], None),
        (["99:59:59", "100:00:00"], [0, 1], None),
        (["0 00:00:01", "1 00:00:02"], [0, 86401], None),
        (["0d 00:00:01.5", "1d 00:00:02.5"], [0, 86401], None),
        (["0.00:00:01", "1.00:00:02"], [0, 86401], None),
        (["1 day, 0:00:01", "2 days, 0:00:02"], [0, 86401], None),
        (["-00:00:01", "00:00:02"], [0, 3], None),
        (["00:01.5", "59:59.5", "00:00.5"], [0, 3598, 3599], None),
        (["0h 0m 1s", "1h 0m 2s"], [0, 3601], None),
        (["1 min 5 s", "2 min 6 s"], [0, 61], None),
        (["2024-01-05", "2024-01-07"], [0, 172800], "2024-01-05 00:00:00"),
        (["05.01.2024", "07.01.2024"], [0, 172800], "2024-01-05 00:00:00"),
        (["5. Jan. 2024", "7. Jan. 2024"], [0, 172800], "2024-01-05 00:00:00"),
        (["2024-01-05T10:00:00Z", "2024-01-05T10:00:01Z"], [0, 1], "2024-01-05 10:00:00+00:00"),
        (["2024-01-05 10:00:00 UTC"] * 2, [0, 0], "2024-01-05 10:00:00+00:00"),
        (["2024-01-05 10:00:00+01"] * 2, [0, 0], "2024-01-05 10:00:00+01:00"),
        (["2024-10-27T02:59:59+02:00", "2024-10-27T02:00:00+01:00"], [0, 1],
         "2024-10-27 02:59:59+02:00"),
        (["20240105T100000Z", "20240105T100001Z"], [0, 1], "2024-01-05 10:00:00+00:00"),
        (["2024-01-05_10-00-00", "2024-01-05_10-00-01"], [0, 1], "2024-01-05 10:00:00"),
        (["20240105 100000", "20240105 100001"], [0, 1], "2024-01-05 10:00:00"),
        (["5.1.2024 10.00.00", "5.1.2024 10.00.01"], [0, 1], "2024-01-05 10:00:00"),
        (["2024/1/5 上午 11:59:59", "2024/1/5 下午 12:00:00"], [0, 1], "2024-01-05 11:59:59"),
        (["2024年1月5日 10:00:00", "2024年1月5日 10:00:01"], [0, 1], "2024-01-05 10:00:00"),
    ],
)  # fmt: skip
def test_seconds_between_rows(
    tmp_path: Path, times: list[str], seconds: list[float], start: str | None
) -> None:
    data = table(tmp_path, times)
    assert data["time_s"].tolist() == pytest.approx(seconds, abs=1e-6)
    assert data["current_A"].tolist() == pytest.approx(
        [1e-3 * (i + 0.5) for i in range(len(times))]
    )
    assert (str(data.start) if data.start else None) == start


def test_two_numbers_of_a_time_are_asked_for(tmp_path: Path) -> None:
    times = ["00:01", "00:02", "01:00"]
    with pytest.raises(InputError, match=r"E750.*minutes and seconds"):
        table(tmp_path, times)
    path = tmp_path / "table"
    for stated, seconds in (("mm:ss", [0, 1, 59]), ("hh:mm", [0, 60, 3540])):
        data = parse_statements([f"times={stated}"], None, None).read(path)
        assert data["time_s"].tolist() == seconds
    with pytest.raises(InputError, match="E767"):
        parse_statements(["times=seconds"], None, None).read(path)


@pytest.mark.parametrize(
    ("head", "seconds"),
    [("time (mm:ss)", [0, 1]), ("Zeit [min:s]", [0, 1]), ("time (hh:mm)", [0, 60])],
)
def test_the_header_tells_what_two_numbers_are(
    tmp_path: Path, head: str, seconds: list[float]
) -> None:
    assert table(tmp_path, ["00:01", "00:02"], head)["time_s"].tolist() == seconds


def test_a_column_of_elapsed_times_tells_what_two_numbers_are(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("clock,time (s)\n00:01,0\n00:02,1\n01:00,59\n")
    assert read(path)["clock_s"].tolist() == [0, 1, 59]
    path.write_text("clock,time (s)\n00:01,0\n00:02,60\n01:00,3540\n")
    assert read(path)["clock_s"].tolist() == [0, 60, 3540]


def test_a_record_that_begins_in_the_day_has_hours_and_says_so(tmp_path: Path) -> None:
    data = table(tmp_path, ["10:15", "10:30", "11:05"])
    assert data["time_s"].tolist() == [0, 900, 3000]
    assert any(one.code == "E750" for one in data.warnings)


def test_dates_without_times_are_told(tmp_path: Path) -> None:
    data = table(tmp_path, ["2024-01-05", "2024-01-05"])
    assert any("no times of day" in one.message for one in data.warnings)


@pytest.mark.parametrize(
    ("head", "first"),
    [("timestamp", 1704465000.5), ("time", 1704465000500), ("time (s)", 1704465000.5),
     ("Timestamp", 1704465000500000), ("time (s)", 3787309800.5)],
)  # fmt: skip
def test_times_of_the_calendar_count_from_the_first_row(
    tmp_path: Path, head: str, first: float
) -> None:
    second = next(s for s in (1, 1000, 1_000_000) if first / s < 4e9)
    path = tmp_path / "table"
    path.write_text(f"{head},I (A)\n{first!r},1.5\n{first + second!r},1.6\n")
    data = read(path)
    assert data["time_s"].tolist() == pytest.approx([0, 1])
    assert str(data.start)[:21] == "2024-01-05 14:30:00.5"
    assert "E764" in [one.code for one in data.warnings]


@pytest.mark.parametrize("head", ["TestTime", "测试时间"])
def test_elapsed_times_beside_dates_are_the_times(tmp_path: Path, head: str) -> None:
    path = tmp_path / "table"
    path.write_text(f"{head};Voltage/V;SysTime\n00:00:05;3,5;2024-01-05 14:30:00\n"
                    "00:00:15;3,6;2024-01-05 14:30:10\n", encoding="utf-8")  # fmt: skip
    data = read(path)
    assert data["time_s"].tolist() == [0, 10]
    assert data["clock_s"].tolist() == [0, 10]
    assert str(data.start) == "2024-01-05 14:30:00"


@pytest.mark.parametrize("first", [0.0, 3600.0, 45296.6, 8.0e8])
def test_a_time_without_a_unit_that_is_none_of_the_calendar_stays_as_it_is(
    tmp_path: Path, first: float
) -> None:
    path = tmp_path / "table"
    path.write_text(f"time,I (A)\n{first!r},1.5\n{first + 1!r},1.6\n")
    data = read(path)
    assert data["time"].tolist() == [first, first + 1]
    assert (data.start, "time_s" in data.columns) == (None, False)
