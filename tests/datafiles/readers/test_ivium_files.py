"""Ivium: tables after their names in a binary hybrid, and the text export.

Layouts as in the sources that `readers.ivium` names; the numbers are made.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError

START = bytes(16) + b"H\0\0\0\r\nPeaks=false\r\nCorrosion=false\r\n<\x07\0\0\r\n"


def idf(method: str, rows: str, count: int, *, area: str = "0.5", title: str = "Test") -> bytes:
    text = (
        f"starttime=29/02/2024 23:01:02\r\nMethod={method}\r\nTitle={title}\r\n"
        f"timing=2\r\ntiming.time[1]=2.4\r\nData Options.Area={area}\r\nMconfig=0\r\n"
    )
    table = f"primary_data    \r\n3         \r\n{count}         \r\n{rows}"
    return START + text.encode() + b">\x0c\x01\0\r\n" + table.encode()


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    return path


IMPEDANCE = "1.1E+02  -2.6E+01\t1.0E+04 \r\n1.2E+02  -3.5E+01\t7.2E+03 \r\n"


def test_an_impedance_keeps_the_sign_of_its_imaginary_part(tmp_path: Path) -> None:
    data = read(written(tmp_path, idf("Impedance", IMPEDANCE + "7\r\nosc_data   \r\n1 2 3\r\n", 2)))
    assert (data.format, data.technique) == ("ivium", "Impedance")
    assert data["impedance_real_Ohm"].tolist() == [110.0, 120.0]
    assert data["impedance_imaginary_Ohm"].tolist() == [-26.0, -35.0]
    assert data["frequency_Hz"].tolist() == [1e4, 7200.0]
    assert data.start == datetime(2024, 2, 29, 23, 1, 2)
    assert data.area_m2 == pytest.approx(0.5e-4)
    assert any("osc_data" in w.message for w in data.warnings)


def test_a_transient_is_time_current_potential_of_unknown_sign(tmp_path: Path) -> None:
    rows = "0.0E+00     1.0E-03     5.0E-01     \r\n1.0E+00     2.0E-03     5.1E-01     \r\n"
    data = read(written(tmp_path, idf("Transients", rows, 2, area="1")))
    assert data["time_s"].tolist() == [0.0, 1.0]
    assert data["current_A"].tolist() == [1e-3, 2e-3]
    assert data["potential_V"].tolist() == [0.5, 0.51]
    assert data.area_m2 is None  # 1 cm² is what the program writes when nobody states it
    assert sorted(w.code for w in data.warnings) == ["E749", "E755"]


def test_columns_of_an_unknown_method_are_numbered_and_never_guessed(tmp_path: Path) -> None:
    data = read(written(tmp_path, idf("CyclicVoltammetry", IMPEDANCE, 2)))
    assert list(data.columns) == ["column 1", "column 2", "column 3"]
    assert '--map "potential=column 1, V"' in data.warnings[0].help


def test_several_measurements_of_a_dataset_are_further_tables(tmp_path: Path) -> None:
    both = idf("Impedance", IMPEDANCE, 2, title="before") + idf(
        "Impedance", IMPEDANCE, 2, title="after"
    )
    assert list(read(written(tmp_path, both)).further) == ["after"]


def test_a_table_that_is_cut_tells_where(tmp_path: Path) -> None:
    whole = idf("Impedance", IMPEDANCE, 2)
    data = read(written(tmp_path, whole[:-30]))
    assert len(data) == 1
    assert any(f"byte {len(whole) - 30}" in w.message for w in data.warnings)
    with pytest.raises(InputError) as error:
        read(written(tmp_path, whole[: whole.index(b"primary")]))
    assert error.value.diagnostics[0].numbers["offset_B"] == whole.index(b"primary")


def test_a_text_export_has_a_column_without_a_name(tmp_path: Path) -> None:
    head = b"04/03/2021 19:42:30\r\ntime/s E/V  I/A\r\n"
    text = head + b" 0.0  0.10  1E-6  0.101\r\n 0.1 0.2 2E-6 0.2\r\n"
    data = read(written(tmp_path, text))
    assert data.start == datetime(2021, 3, 4, 19, 42, 30)
    assert data["potential_V"].tolist() == [0.1, 0.2]
    assert data["current_A"].tolist() == [1e-6, 2e-6]
    assert data["column 4"].tolist() == [0.101, 0.2]
