"""Tables that hold the logarithm of a frequency or modulus, an angular frequency, or °F."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read

ANGULAR = 0.5 / math.pi


def table(tmp_path: Path, text: str) -> Dataset:
    path = tmp_path / "table"
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize(
    ("header", "hertz"),
    [
        ("log f", 1e4), ("lgf", 1e4), ("log10(f)", 1e4), ("log(f/Hz)", 1e4), ("Log Freq", 1e4),
        ("log10(f / Hz)", 1e4), ("Log(frequency (Hz))", 1e4), ("log f (kHz)", 1e7),
        ("log_10 frequency", 1e4), ("lg(f/kHz)", 1e7), ("ln(f/Hz)", math.exp(4.0)),
        ("log ω", 1e4 * ANGULAR), ("log(ω/rad s-1)", 1e4 * ANGULAR),
        ("ln ω", math.exp(4) * ANGULAR),
        ("ω (rad/s)", 4 * ANGULAR), ("omega / rad s^-1", 4 * ANGULAR), ("ω", 4 * ANGULAR),
        ("Angular frequency (s-1)", 4 * ANGULAR), ("omega (Hz)", 4 * ANGULAR), ("f (Hz)", 4.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_spectrum_has_frequencies_whatever_stands_in_its_place(
    tmp_path: Path, header: str, hertz: float, separator: str
) -> None:
    names = separator.join([header, "Z' (Ohm)", "-Z'' (Ohm)"])
    data = table(tmp_path, f"{names}\n4{separator}10{separator}5\n3{separator}20{separator}6\n")
    assert data["frequency_Hz"][0] == pytest.approx(hertz)
    assert data["impedance_imaginary_Ohm"].tolist() == [-5, -6]


@pytest.mark.parametrize("header", ["log |Z|", "log|Z| (Ohm)", "lg(|Z|/Ohm)", "Log(Zmod)", "log Z"])
def test_the_modulus_too(tmp_path: Path, header: str) -> None:
    data = table(tmp_path, f"log f,{header},-phase (deg)\n4,2,20\n3,3,30\n")
    assert data["impedance_modulus_Ohm"].tolist() == pytest.approx([100, 1000])
    assert data["impedance_phase_deg"].tolist() == [-20, -30]


def test_logarithms_of_what_has_a_sign_stay_as_they_are(tmp_path: Path) -> None:
    data = table(tmp_path, "E (V),log |j|,log i (A)\n0.1,-3,-2\n0.2,-2,-1\n")
    assert data["log |j|"].tolist() == [-3, -2]
    assert "current_A" not in data.columns


@pytest.mark.parametrize("header", ["Temp [°F]", "T/°F", "Temperature (deg F)", "T (F)", "Temp ℉"])
def test_a_temperature_in_fahrenheit_is_converted(tmp_path: Path, header: str) -> None:
    data = table(tmp_path, f"time (s),{header}\n0,77\n1,32\n")
    assert data["temperature_K"].tolist() == pytest.approx([298.15, 273.15], abs=1e-9)


@pytest.mark.parametrize(("phase", "name"), [("phase / °", "°"), ("Phase (deg)", "deg")])
def test_a_phase_in_degrees_with_a_slash_between(tmp_path: Path, phase: str, name: str) -> None:
    data = table(tmp_path, f"f / Hz\t|Z| / Ω\t{phase}\n10\t1\t-20\n1\t2\t-30\n")
    assert data["impedance_phase_deg"].tolist() == [-20, -30]
    assert data.columns["impedance_phase_deg"].raw_name.endswith(name)
