"""PSTrace's text export: which curve is which, by titles and units."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read

CV = """Date and time:,2026-05-28 10:38:50
Notes:
,,,
Cyclic Voltammetry: CV i vs E Scan 1,,Cyclic Voltammetry: CV i vs E Scan 2,
Date and time measurement:,2026-05-27 09:08:07,Date and time measurement:,2026-05-27 09:08:07
V,µA,V,µA
-0.2,100,-0.25,90
-0.3,95,-0.35,85
-0.4,80,,
"""


def pstrace(tmp_path: Path, text: str, encoding: str = "utf-16") -> Dataset:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding=encoding)
    return read(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "cp1252"])
def test_scans_are_cycles_one_after_the_other(tmp_path: Path, encoding: str) -> None:
    data = pstrace(tmp_path, CV, encoding)
    assert data["potential_V"].tolist() == [-0.2, -0.3, -0.4, -0.25, -0.35]
    assert data["current_A"].tolist() == pytest.approx([1e-4, 9.5e-5, 8e-5, 9e-5, 8.5e-5])
    assert data["cycle"].tolist() == [1, 1, 1, 2, 2]
    assert data.start == datetime(2026, 5, 27, 9, 8, 7)
    assert (data.technique, data.instrument) == ("Cyclic Voltammetry", "PalmSens")
    assert [one.code for one in data.warnings] == ["E755"]


def test_units_of_time_make_an_amperogram(tmp_path: Path) -> None:
    text = CV.replace("Cyclic Voltammetry: CV i vs E", "Chronoamperometry: CA i vs t")
    data = pstrace(tmp_path, text.replace("V,µA,V,µA", "s,nA,s,nA").replace("-0.", "0."))
    assert data["time_s"].tolist() == [0.2, 0.3, 0.4, 0.25, 0.35]
    assert data["current_A"][0] == pytest.approx(1e-7)


def test_curves_of_other_axes_stand_beside(tmp_path: Path) -> None:
    text = CV.replace("CV i vs E Scan 2", "CV Cell potential Scan 1")
    data = pstrace(tmp_path, text.replace("V,µA,V,µA", "V,µA,V,V"))
    assert [*data.columns] == ["potential_V", "current_A"]
    assert len(data) == 3
    assert len(data.further) == 1
    assert any(one.code == "E757" for one in data.warnings)


def test_a_second_measurement_is_told(tmp_path: Path) -> None:
    data = pstrace(tmp_path, CV + "Measurement:,Impedance Spectroscopy\nNotes:,\n")
    assert len(data) == 5
    assert any("second measurement" in one.message for one in data.warnings)
