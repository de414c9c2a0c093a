"""Everyday tables: what columns are called, which number of a date is the day, whole rows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.datafiles.readers.mapping import parse_option
from faradaic.datafiles.statements import parse_statements
from faradaic.diagnostics import InputError


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Dataset:
    path = tmp_path / "table"
    path.write_text(text, encoding=encoding)
    return read(path)


def codes(data: Dataset) -> list[str]:
    return [one.code for one in data.warnings]


@pytest.mark.parametrize(
    ("real", "imaginary", "sign"),
    [
        ("Zreal (Ohm)", "Zimag (Ohm)", 1),
        ("Zre/ohm", "Zim/ohm", 1),
        ("ReZ [Ω]", "-ImZ [Ω]", -1),
        ("Z' (Ohm)", "−Z'' (Ohm)", -1),
        ("Z′ / Ω", "−Z″ / Ω", -1),
        ("Z' (Ohms)", 'Z" (Ohms)', 1),
        ("Re(Z)/Ohm", "-Im(Z)/Ohm", -1),
        ("Z Real (Ω)", "Z Imag (Ω)", 1),
        ("Z_re（Ω）", "Z_im（Ω）", 1),
        ("Real", "Imag", 1),
        ("Z'(a)", "Z''(b)", 1),
        ("Re(Z)", "-Im(Z)", -1),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_an_impedance_is_one_in_every_spelling(
    tmp_path: Path, real: str, imaginary: str, sign: int, separator: str
) -> None:
    if separator == "," and '"' in imaginary:
        imaginary = "Z'' (Ohms)"
    head = separator.join(["Freq (Hz)", real, imaginary])
    rows = [separator.join(map(str, row)) for row in [(1e5, 10, -0.5 * sign), (10, 110, -6 * sign)]]
    data = table(tmp_path, "\n".join([head, *rows]) + "\n")
    assert data["frequency_Hz"].tolist() == [1e5, 10]
    assert data["impedance_real_Ohm"].tolist() == [10, 110]
    assert data["impedance_imaginary_Ohm"].tolist() == [-0.5, -6]


def test_a_unit_that_is_assumed_in_a_spectrum_is_told_and_elsewhere_not_assumed(
    tmp_path: Path,
) -> None:
    assert codes(table(tmp_path, "f,Z',Z''\n10,1,-2\n20,2,-1\n")) == ["E764"] * 3
    data = table(tmp_path, "f,current (mA)\n10,1\n20,2\n")
    assert data.columns["f"].unit == ""
    assert "E745" in codes(data)


def test_the_sign_of_an_imaginary_part_is_asked_for_where_it_is_all_positive(
    tmp_path: Path,
) -> None:
    path = tmp_path / "table"
    path.write_text("freq/Hz,Zreal/Ohm,Zimag/Ohm\n10,1,2\n20,2,1\n")
    data = read(path)
    assert data["impedance_imaginary_Ohm"].tolist() == [2, 1]
    assert "E758" in codes(data)
    turned = read(path, mapping=[parse_option("-Z''=Zimag")])
    assert turned["impedance_imaginary_Ohm"].tolist() == [-2, -1]
    assert "E758" not in codes(turned)


def test_numbers_without_names_are_named_by_a_person(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("1.0E+05 1.0E+01 1.5E-01\n  1.0E+04   1.1E+01 2.5E-01\n1.0 2.0 3.0\n")
    options = ["frequency=column 1, Hz", "Z'=column 2, Ohm", "-Z''=column 3, Ohm"]
    data = parse_statements(None, options, None).read(path)
    assert data["frequency_Hz"].tolist() == [1e5, 1e4, 1.0]
    assert data["impedance_imaginary_Ohm"].tolist() == [-0.15, -0.25, -3.0]
    assert not data.warnings


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        ("T/°C", "temperature_K", 274.15),
        ("T (℃)", "temperature_K", 274.15),
        ("Amps", "current_A", 1),
        ("Volts", "voltage_V", 1),
        ("Ecell/V", "cell_voltage_V", 1),
        ("U/V", "voltage_V", 1),
        ("Voltage [V]", "voltage_V", 1),
        ("current (mA/cm²)", "current_density_A_per_m2", 10),
        ("I_mA", "current_A", 1e-3),
        ("Voltage, V", "voltage_V", 1),
        ("电流（mA）", "current_A", 1e-3),
        ("Q (mAh)", "charge_C", 3.6),
        ("Wavelength nm.", "wavelength_m", 1e-9),
        ("Phase (rad)", "impedance_phase_deg", 180 / np.pi),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_word_counts_where_its_unit_fits(
    tmp_path: Path, header: str, name: str, value: float, encoding: str
) -> None:
    data = table(tmp_path, f"time (s)\t{header}\n0\t1\n1\t1\n", encoding)
    assert data["time_s"].tolist() == [0, 1]
    assert data[name][0] == pytest.approx(value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_fewer_names_than_columns_are_refused_with_both_counts(
    tmp_path: Path, separator: str
) -> None:
    text = "E (V),I (A),T (K)\n1,2,3,4\n1,2,3,4\n".replace(",", separator)
    with pytest.raises(InputError, match="3 names stand over 4 columns"):
        table(tmp_path, text)


def test_more_names_than_cells_are_read(tmp_path: Path) -> None:
    assert table(tmp_path, "t (s),I (A),,\n0,1\n1,2\n")["current_A"].tolist() == [1, 2]
    data = table(tmp_path, "t (s),I (A),note\n0,1\n1,2\n")
    assert data["current_A"].tolist() == [1, 2]
    assert "E752" in codes(data)


ROWS = [f"{i * 0.5:.3f},{i * 0.25 - 3:.4f},{i * 1e-3:.5f}" for i in range(12)]
WHOLE = ("time (s),E (V),I (A)\n" + "\n".join(ROWS) + "\n").encode()
NUMBERS = {tuple(map(float, row.split(","))) for row in ROWS}


@pytest.mark.parametrize("way", ["cut", "left out", "separator", "newline", "letter"])
def test_no_damage_shifts_a_number(tmp_path: Path, way: str) -> None:
    """Every row that is read without a word is one of the file, or differs in a digit."""
    path = tmp_path / "file"
    kept = 0
    for at in range(len(WHOLE)):
        rest = WHOLE[at:]
        added = {"separator": b",", "newline": b"\n", "letter": b"x"}.get(way, b"")
        path.write_bytes(WHOLE[:at] + (b"" if way == "cut" else added + rest[way == "left out" :]))
        try:
            data = read(path)
        except InputError:
            continue
        columns = [column.values for column in data.columns.values()]
        rows = {tuple(row) for row in np.array(columns).T.tolist()}
        told = {"E743", "E744", "E745", "E746", "E752"} & set(codes(data))
        strange = [row for row in rows - NUMBERS if not any(np.isnan(row))]
        kept += not told
        if told or not strange:
            continue
        # no cell or line is lost: one number alone has another digit
        assert len(strange) == 1, (way, at)
        differ = min(sum(a != b for a, b in zip(strange[0], row, strict=True)) for row in NUMBERS)
        assert differ == 1, (way, at)
    assert kept or way in ("separator", "letter")


@pytest.mark.parametrize(
    ("rows", "start", "elapsed_s"),
    [
        (["23:58:00 18/12/11", "00:01:00 18/12/12", "00:04:00 18/12/12"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["11/12/18 23:58:00", "12/12/18 00:01:00", "12/12/18 00:04:00"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["12/11/18 23:58:00", "12/12/18 00:01:00", "12/12/18 00:04:00"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["11.12.18 23:58:00", "12.12.18 00:01:00", "12.12.18 00:04:00"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["18-12-11 23:58:00", "18-12-12 00:01:00", "18-12-12 00:04:00"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["12/31/18 11:58:00 PM", "1/1/19 12:01:00 AM", "1/1/19 12:04:00 AM"],
         datetime(2018, 12, 31, 23, 58), 360),
        (["11-Dez-18 23:58", "12-Dez-18 00:01", "12-Dez-18 00:04"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["Dec 11, 2018 23:58", "Dec 12, 2018 00:01", "Dec 12, 2018 00:04"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["2018年12月11日 23:58", "2018年12月12日 00:01", "2018年12月12日 00:04"],
         datetime(2018, 12, 11, 23, 58), 360),
        (["11:58:00 PM", "12:01:00 AM", "12:04:00 AM"], None, 360),
        (["12:58:00", "1:01:00", "1:04:00"], None, 360),
    ],
)  # fmt: skip
def test_the_rows_settle_what_a_date_leaves_open(
    tmp_path: Path, rows: list[str], start: datetime | None, elapsed_s: float
) -> None:
    text = "Inject Time;CO (ppm)\n" + "".join(f"{row};{i}\n" for i, row in enumerate(rows, 100))
    data = table(tmp_path, text)
    assert data["time_s"].tolist() == [0, 180, elapsed_s]
    assert data.start == start


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["01/02/03 23:59:00", "02/02/03 00:01:00"], "as day/month/year: as month/day/year"),
        (["12/01/2023 23:30", "12/02/2023 00:10"], "as month/day/year: as day/month/year"),
        (["13/02/2023 23:59:00", "14/02/2023 00:01:00"], ""),
    ],
)
def test_an_order_that_only_the_shorter_span_speaks_for_is_told(
    tmp_path: Path, rows: list[str], told: str
) -> None:
    path = tmp_path / "table"
    path.write_text("Date;CO (ppm)\n" + "".join(f"{row};1\n" for row in rows))
    data = read(path)
    said = [one for one in data.warnings if one.code == "E750"]
    assert bool(said) == bool(told)
    if told:
        assert told in said[0].message
        assert said[0].help
        stated = parse_statements(["dates=" + said[0].help.split('"')[1]], None, None).read(path)
        assert stated["time_s"].tolist() == data["time_s"].tolist()
        assert "E750" not in codes(stated)


DAILY = "Date;CO (ppm)\n05/06/24 10:00:00;1\n06/06/24 10:00:00;2\n07/06/24 10:00:00;3\n"


def test_times_that_depend_on_an_open_order_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text(DAILY)
    with pytest.raises(InputError, match="--assume dates="):
        read(path)
    data = parse_statements(["dates=dd/mm/yy"], None, None).read(path)
    assert data["time_s"].tolist() == [0, 86400, 172800]
    assert data.start == datetime(2024, 6, 5, 10)
    assert "E750" not in codes(data)
    data = parse_statements(["dates=mm/dd/yy"], None, None).read(path)
    assert data.start == datetime(2024, 5, 6, 10)


def test_a_column_of_elapsed_times_settles_the_order(tmp_path: Path) -> None:
    seconds = iter((0, 86400, 172800))
    lines = [f"{line};{next(seconds)}" for line in DAILY.splitlines()[1:]]
    data = table(tmp_path, "\n".join(["Date;CO (ppm);time (s)", *lines]) + "\n")
    assert data.start == datetime(2024, 6, 5, 10)
