"""VersaStudio's text files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from rigs.vendor_files import DATA

CASE = DATA.parent / "cases" / "reports" / "files" / "VERSA.par"
HEAD = """<Application>
Name=VersaStudio
Version=2.60.6
</Application>
<Instrument>
Model=VersaSTAT 4
</Instrument>
<Experiment>
Reference Electrode=Ag/AgCl:0.197
</Experiment>
<Action1>
Name=Chronoamperometry
</Action1>
"""
DEFINITION = (
    "Definition=Segment #, Point #, E(V), I(A), Elapsed Time(s), Current Range, Frequency(Hz), "
    "Z Real, Z Imag, ActionId, 0\n"
)


def segment(number: int, *rows: str, definition: str = DEFINITION) -> str:
    body = "".join(f"{row}\n" for row in rows)
    return f"<Segment{number}>\nType=2\nVersion=2\n{definition}{body}</Segment{number}>\n"


def parsed(folder: Path, content: str) -> Dataset:
    path = folder / "run.par"
    path.write_text(content, encoding="utf-8")
    return read(path)


def test_rows_of_all_segments_stand_one_after_the_other(tmp_path: Path) -> None:
    one = segment(1, "0,0,0.5,-1e-3,0,3,0,0,0,1,0", "0,1,0.6,-2e-3,1,3,0,0,0,1,0")
    two = segment(2, "1,0,0.7,-3e-3,2,3,0,0,0,2,0")
    data = parsed(tmp_path, HEAD + one + two)
    assert data["time_s"].tolist() == [0.0, 1.0, 2.0]
    assert data["current_A"].tolist() == [-1e-3, -2e-3, -3e-3]
    assert data.columns["potential_V"].reference == "Ag/AgCl"
    assert (data.technique, data.instrument) == ("Chronoamperometry", "VersaSTAT 4")
    # zeros where no spectrum was measured are no impedance
    assert not any("impedance" in name or "frequency" in name for name in data.columns)


def test_an_impedance_comes_with_the_warning_of_the_manual(tmp_path: Path) -> None:
    rows = ("0,0,0.5,-1e-3,0,3,1000,10,-2,1,0", "0,1,0.5,0,1,3,0,0,0,1,0")
    data = parsed(tmp_path, HEAD + segment(1, *rows))
    assert data["impedance_imaginary_Ohm"][0] == -2.0
    assert np.isnan(data["impedance_real_Ohm"]).tolist() == [False, True]
    assert any("before VersaStudio corrects them" in w.message for w in data.warnings)


def test_another_table_is_a_further_one(tmp_path: Path) -> None:
    other = "Definition=Segment #, Point #, E(V)\n"
    data = parsed(
        tmp_path, HEAD + segment(1, "0,0,0.5,0,0,3,0,0,0,1,0") + segment(2, "1,0,0.7", "1,1,0.8",
        definition=other)
    )  # fmt: skip
    assert data.further["segment 2"]["potential_V"].values.tolist() == [0.7, 0.8]


def test_data_saved_as_binary_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="save data as text, not as binary"):
        parsed(tmp_path, HEAD)


@pytest.mark.skipif(not CASE.is_file(), reason="the cases are not beside this checkout")
def test_the_case_of_a_spectrum() -> None:
    data = read(CASE)
    assert (len(data), data.technique) == (31, "Potentiostatic EIS")
    # 10 Ohm before 100 Ohm beside 10 µF, which its numbers are of
    z = data["impedance_real_Ohm"] + 1j * data["impedance_imaginary_Ohm"]
    expected = 10.0 + 100.0 / (1.0 + 2j * np.pi * data["frequency_Hz"] * 1e-3)
    assert np.abs(z - expected).max() < 1e-3 * np.abs(z).max()
