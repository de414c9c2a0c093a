"""A spectrum of modulus and phase is one: its parts are |Z| cos φ and |Z| sin φ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.readers import read
from faradaic.datafiles.readers.mapping import parse_option
from faradaic.studies.file_study import technique_of

FREQUENCY_HZ = np.logspace(4, 0, 9)
Z_OHM = 12.0 + 80.0 / (1.0 + 2j * np.pi * FREQUENCY_HZ * 80.0 * 2e-5)


def written(path: Path, head: str, phase: np.ndarray) -> Path:
    rows = zip(FREQUENCY_HZ, np.abs(Z_OHM), phase, strict=True)
    path.write_text(head + "\n" + "\n".join("\t".join(f"{x:.8g}" for x in row) for row in rows))
    return path


@pytest.mark.parametrize(
    ("head", "phase"),
    [
        ("Frequency (Hz)\t|Z| (ohm)\tPhase (deg)", np.degrees(np.angle(Z_OHM))),
        ("freq / Hz\tZmod / kOhm\t-Phase / deg", -np.degrees(np.angle(Z_OHM))),
        ("f/Hz\t|Z|/Ohm\tphase/rad", np.angle(Z_OHM)),
    ],
)
def test_parts_are_those_of_the_cell(tmp_path: Path, head: str, phase: np.ndarray) -> None:
    data = read(written(tmp_path / "z.txt", head, phase))
    assert technique_of(data) == "impedance"
    scale = 1e3 if "kOhm" in head else 1.0
    parts = (
        data.columns["impedance_real_Ohm"].values,
        data.columns["impedance_imaginary_Ohm"].values,
    )
    assert parts[0] == pytest.approx(scale * Z_OHM.real, rel=1e-6)
    assert parts[1] == pytest.approx(scale * Z_OHM.imag, rel=1e-6, abs=1e-5)


def test_columns_that_are_mapped_count_too(tmp_path: Path) -> None:
    path = written(tmp_path / "z.txt", "a\tb\tc", np.degrees(np.angle(Z_OHM)))
    named = [
        parse_option(one)
        for one in ("frequency=a, Hz", "impedance_modulus=b, Ohm", "impedance_phase=c, deg")
    ]
    assert read(path, mapping=named).columns["impedance_imaginary_Ohm"].values == pytest.approx(
        Z_OHM.imag, rel=1e-6, abs=1e-5
    )
