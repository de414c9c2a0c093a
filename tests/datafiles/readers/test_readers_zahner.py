"""Zahner Thales files."""

from __future__ import annotations

import contextlib
import random
import struct
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import zahner
from faradaic.diagnostics import InputError
from rigs.vendor_files import DATA, needs_vendor_files

FILES = DATA / "zahner"
"""nomad-hzb/nomad-chemical-energy @ 1bb2af10, tests/data."""

START = b"\x00\x00\xff\xff\xff\xfe"


def parsed(path: Path) -> Dataset:
    return zahner.parse(path.read_bytes(), path)


def integer(number: int) -> bytes:
    return number.to_bytes(6, "big", signed=True)


def text(content: str) -> bytes:
    return struct.pack(">h", len(content)) + content.swapcase().encode("ascii")


def doubles(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}d", *numbers)


POLARISATION = (
    START
    + integer(14)
    + integer(1)
    + doubles(1700, 3250, 0, 1701, -3260, 1000)
    + b"".join(map(text, ("MEA", "", "25C", "JUL,02.2025", "13:01:58 - 13:12:01", "ca 1,7V")))
)
IMPEDANCE = (
    START
    + integer(1)
    + doubles(100, 1, 5, 10, 0, -np.pi / 2, 86400 * 366.0, 86400 * 366.0 + 2)
    + struct.pack(">2h", 128, 120)
    + text("010181")
)
SCAN = (
    doubles(0, 1, 0.6, -0.8, 1, 0, 50, 3, 1000, -1, 2, 0, 0, 194, 0, 0.056, 0.028)
    + integer(1)
    + struct.pack(">2h", 1600, -8000)
    + doubles(1e-5, -2e-5)
    + b"".join(map(text, ("210921", "Pt-wire", "", "14:41:13-14:44:27", "50mV/s")))
    + b"".join(map(text, ("", "KOH", "", "", "", "", "-0.1000000,  0.5000000 PO/PF -1,-1600")))
)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "measured"
    path.write_bytes(content)
    return path


@needs_vendor_files
def test_a_real_polarisation_is_at_its_set_potential_for_ten_minutes() -> None:
    path = FILES / "22-cp-1700mv-10min.isw"
    assert zahner.sniff(path.read_bytes()[:8192], path)
    data = parsed(path)
    assert data["potential_V"] == pytest.approx(np.full(601, 1.7), rel=1e-12)
    assert data["time_s"].tolist() == list(range(601))
    assert data["current_A"][-1] == pytest.approx(3.3001766)
    # the text file that Thales wrote beside it holds the same
    sidecar = (FILES / "22-cp-1700mv-10min_c.txt").read_text(encoding="ascii")
    assert data.metadata["System"] in sidecar
    assert data.metadata["Comment"].lower() in sidecar.lower()
    assert data.start == datetime(2025, 7, 2, 13, 1, 58)


@needs_vendor_files
def test_a_real_voltammogram_goes_at_the_scan_rate_of_its_header() -> None:
    path = FILES / "pt-wire-cv.isc"
    assert zahner.sniff(path.read_bytes()[:8192], path)
    data = parsed(path)
    assert len(data) == 3464
    rate_V_per_s = np.abs(np.diff(data["potential_V"]) / np.diff(data["time_s"]))
    assert np.median(rate_V_per_s) == pytest.approx(0.050, rel=0.01)
    assert data.metadata["Scan rate"] == "50mV/s"
    # the vertices of the header are 0.6 and -0.8 V
    assert (data["potential_V"].max(), data["potential_V"].min()) == pytest.approx(
        (0.6, -0.8), abs=3e-3
    )
    assert data.start == datetime(2021, 9, 21, 14, 41, 13)


@needs_vendor_files
def test_a_real_impedance_is_capacitive_at_low_frequency() -> None:
    path = FILES / "geis-100ma.ism"
    assert zahner.sniff(path.read_bytes()[:8192], path)
    data = parsed(path)
    assert (len(data), data["frequency_Hz"][0], data["frequency_Hz"][-1]) == (33, 200e3, 1.0)
    assert data["impedance_modulus_Ohm"][-1] == pytest.approx(0.14289404)
    assert data["impedance_imaginary_Ohm"][-1] < 0
    assert data.start is not None
    assert data.start.year == 2025


def test_each_kind_is_known_by_its_content_and_read_in_si_units(tmp_path: Path) -> None:
    path = written(tmp_path, POLARISATION)
    assert zahner.sniff(POLARISATION, path)
    data = parsed(path)
    assert data["current_A"].tolist() == [3.25, -3.26]
    assert data["time_s"].tolist() == [0, 1]
    path = written(tmp_path, IMPEDANCE)
    assert zahner.sniff(IMPEDANCE, path)
    data = parsed(path)
    assert data["impedance_imaginary_Ohm"] == pytest.approx([0, -10])
    assert data["impedance_phase_deg"] == pytest.approx([0, -90])
    assert data["time_s"].tolist() == [0, 2]
    assert data.start == datetime(1981, 1, 1)  # 1980 had 366 days
    path = written(tmp_path, SCAN)
    assert zahner.sniff(SCAN, path)
    data = parsed(path)
    assert data["potential_V"] == pytest.approx([0.0, -0.6])
    assert data["time_s"] == pytest.approx([0, 0.056])
    assert data.metadata["Comment 2"] == "KOH"


def test_a_text_file_is_not_taken_for_a_voltammogram(tmp_path: Path) -> None:
    content = b"time (s),current (mA)\n" + b"0.1,0.2\n" * 100
    assert not zahner.sniff(content, written(tmp_path, content))


@pytest.mark.parametrize("whole", [POLARISATION, IMPEDANCE, SCAN])
def test_a_cut_file_is_refused_with_the_offset_unless_its_numbers_are_whole(
    tmp_path: Path, whole: bytes
) -> None:
    with pytest.raises(InputError, match="at byte 0"):
        parsed(written(tmp_path, whole[:4]))
    dice = random.Random(1)
    read = 0
    for _ in range(400):
        damaged = bytearray(whole[: dice.randrange(1, 2 * len(whole))])
        for _ in range(dice.randrange(3)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path = written(tmp_path, bytes(damaged))
        zahner.sniff(bytes(damaged), path)
        with contextlib.suppress(InputError):
            parsed(path)
            read += 1
    assert 0 < read < 400
