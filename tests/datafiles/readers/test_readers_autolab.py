"""Autolab text files."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import autolab
from faradaic.diagnostics import InputError
from faradaic.testing import check_reader
from rigs.vendor_files import DATA, needs_vendor_files

REAL = DATA / "autolab" / "eis_autolab.txt"
"""ECSHackWeek/impedance.py @ 0b302ca9, data/."""

SCAN = """\
{start}Column 1 (V/s);Scan;Time (s);WE(1).Potential (V);WE(1).Current (A);Frequency (Hz);-Phase (°)
0.1;1;0.5;0.25;1.5E-06;1000;45
0.1;2;1.5;-0.25;-2E-06;;
"""


def parsed(path: Path) -> Dataset:
    return autolab.parse(path.read_bytes(), path)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "nova.txt"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("start", ["", "\ufeff", "\ufeff\r\n", "\n"])
@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_marks_separators_and_decimal_commas_change_nothing(
    tmp_path: Path, start: str, mark: str, decimal: str
) -> None:
    head, rows = SCAN.format(start=start).split(" (°)\n")
    path = written(tmp_path, f"{head} (°)\n{rows.replace('.', decimal)}".replace(";", mark))
    assert autolab.sniff(path.read_bytes(), path)
    data = parsed(path)
    assert data["potential_V"].tolist() == [0.25, -0.25]
    assert data["current_A"].tolist() == [1.5e-6, -2e-6]
    assert data["cycle"].tolist() == [1, 2]
    assert data["impedance_phase_deg"][0] == -45
    assert math.isnan(data["frequency_Hz"][1])
    assert data["Column 1 (V/s)"].tolist() == [0.1, 0.1]
    assert [warning.code for warning in data.warnings] == ["E745", "E755"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings_are_known_by_their_bytes(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, SCAN.format(start=""), encoding)
    assert autolab.sniff(path.read_bytes(), path)
    assert parsed(path)["impedance_phase_deg"][0] == -45


def test_the_imaginary_part_of_an_impedance_has_its_own_sign(tmp_path: Path) -> None:
    text = "Index\tFrequency (Hz)\tZ' (Ω)\t-Z'' (Ω)\tZ (Ω)\n1\t10\t3\t4\t5\n"
    data = parsed(written(tmp_path, text))
    impedance = data["impedance_real_Ohm"] + 1j * data["impedance_imaginary_Ohm"]
    assert impedance[0] == 3 - 4j
    assert abs(impedance[0]) == data["impedance_modulus_Ohm"][0]


@needs_vendor_files
def test_a_real_impedance_of_the_older_program_is_capacitive_at_low_frequency() -> None:
    assert autolab.sniff(REAL.read_bytes(), REAL)
    data = parsed(REAL)
    assert (len(data), data.warnings) == (41, ())
    assert (data["frequency_Hz"][0], data["frequency_Hz"][-1]) == (10e3, 0.1)
    assert data["impedance_imaginary_Ohm"][0] == 0.007191946305823
    assert data["impedance_imaginary_Ohm"][-1] == -0.00390292888845954


def test_points_that_were_announced_and_are_missing_are_reported(tmp_path: Path) -> None:
    text = '"Z60W Data File: Version 1.1"\n""\n3\n"  Freq (Hz)  Ampl  Bias  Time(Sec)  Z\'(a)"\n'
    rows = "10,0,0,0,1,2,0,0,0\n20,0,0,0,1,2,0,0,0\n"
    data = parsed(written(tmp_path, text + rows))
    assert len(data) == 2
    assert [warning.code for warning in data.warnings] == ["E757"]
    with pytest.raises(InputError, match="at byte 35"):
        parsed(written(tmp_path, text[:35]))


def test_other_tables_are_not_taken(tmp_path: Path) -> None:
    content = b"time (s);current (mA)\n1;2\n"
    path = written(tmp_path, content.decode())
    assert not autolab.sniff(content, path)


def test_damaged_files_are_read_or_refused() -> None:
    check_reader(autolab, {"damaged.txt": SCAN.format(start="\ufeff").encode()})
