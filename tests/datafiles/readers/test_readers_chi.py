"""CH Instruments text files."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import chi
from faradaic.diagnostics import InputError
from faradaic.testing import check_reader
from rigs.vendor_files import DATA, needs_vendor_files

FILES = DATA / "chi"
"""Measured with a CHI760E: nomad-hzb/nomad-chemical-energy @ 1bb2af10, tests/data."""

STEP = """\
Oct. 21, 2011   15:53:32
Chronoamperometry
File: c:\\a/b, c/d.bin
Data Source:  Experiment
Instrument Model:  CHI660D
Header:
Note: two: colons

Init E (V) = 0
Comp R (ohm) = 12.5

Results:
Channel 1:
Ep = 0.1V

Time/sec{mark}Current/uA
0.1{mark}1.5e+1
0.2{mark}-3
"""


def parsed(path: Path) -> Dataset:
    return chi.parse(path.read_bytes(), path)


def written(folder: Path, text: str) -> Path:
    path = folder / "measured.txt"
    path.write_bytes(text.encode("latin-1"))
    return path


@needs_vendor_files
def test_a_voltammogram_keeps_every_point_and_says_that_the_sign_is_unknown() -> None:
    data = parsed(FILES / "CV-1T.txt")
    assert len(data) == 1427 - 27
    assert (data["potential_V"][0], data["current_A"][0]) == (-0.5, -4.214e-4)
    assert (data["potential_V"][-1], data["current_A"][-1]) == (-0.499, -4.127e-4)
    assert (data.technique, data.instrument) == ("Cyclic Voltammetry", "CHI760E")
    assert data.start == datetime(2024, 6, 13, 13, 13, 28)
    assert data.metadata["Scan Rate (V/s)"] == "0.04"
    assert data.columns["current_A"].sign is None
    assert [warning.code for warning in data.warnings] == ["E755"]


@needs_vendor_files
def test_an_impedance_keeps_the_imaginary_part_negative_for_a_capacitance() -> None:
    data = parsed(FILES / "EIS_-0p48V.txt")
    assert (data["frequency_Hz"][-1], data["impedance_imaginary_Ohm"][-1]) == (1.0, -76.38)
    impedance = data["impedance_real_Ohm"] + 1j * data["impedance_imaginary_Ohm"]
    assert abs(impedance) == pytest.approx(data["impedance_modulus_Ohm"], rel=1e-3)
    phase_deg = np.degrees(np.angle(impedance))
    assert phase_deg == pytest.approx(data["impedance_phase_deg"], abs=0.1)


@pytest.mark.parametrize("mark", [", ", "\t", ";"])
def test_separators_units_and_online_compensation(tmp_path: Path, mark: str) -> None:
    path = written(tmp_path, STEP.format(mark=mark))
    assert chi.sniff(path.read_bytes(), path)
    data = parsed(path)
    assert data["time_s"].tolist() == [0.1, 0.2]
    assert data["current_A"] == pytest.approx([15e-6, -3e-6])
    assert data.ohmic_drop == "compensated"
    assert data.start == datetime(2011, 10, 21, 15, 53, 32)
    assert data.metadata["Note"] == "two: colons"


def test_a_decimal_comma_is_read_where_the_comma_separates_nothing(tmp_path: Path) -> None:
    head, _, rows = STEP.format(mark="\t").rpartition("Time/sec")
    data = parsed(written(tmp_path, head + "Time/sec" + rows.replace(".", ",")))
    assert data["time_s"].tolist() == [0.1, 0.2]
    assert data["current_A"] == pytest.approx([15e-6, -3e-6])


def test_columns_of_pulse_methods_and_of_logarithms_keep_their_names(tmp_path: Path) -> None:
    text = STEP.format(mark=", ").replace("Time/sec, Current/uA", "Diff(i/uA), log(i/A)")
    columns = parsed(written(tmp_path, text)).columns
    assert (columns["Diff(i/uA)"].unit, columns["log(i/A)"].unit) == ("A", "")
    assert columns["Diff(i/uA)"].values[0] == pytest.approx(0.1e-6)


def test_a_torn_last_row_is_left_out_and_a_cell_that_is_no_number_stays_empty(
    tmp_path: Path,
) -> None:
    data = parsed(written(tmp_path, STEP.format(mark=", ") + "0.3, x\n0.4"))
    assert len(data) == 3
    assert math.isnan(data["current_A"][2])
    assert {"E744", "E746"} <= {warning.code for warning in data.warnings}


def test_a_decimal_comma_between_separating_commas_is_refused(tmp_path: Path) -> None:
    text = STEP.format(mark=", ").replace("0.1, ", "0,1, ")
    with pytest.raises(InputError, match=f"byte {text.index('0,1, ')}"):
        parsed(written(tmp_path, text))


def test_damaged_files_are_read_or_refused_with_the_offset() -> None:
    check_reader(chi, {"damaged.txt": STEP.format(mark=", ").encode()})
