"""One spectrum as spectrometers and people write it: the same bands; dates as a study states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from faradaic.studies.analysis import analyze_study

BANDS_NM = (420.0, 560.0, 700.0)
WAVELENGTH_NM = np.linspace(330.0, 850.0, 521)
ABSORBANCE = 0.02 + sum(
    0.5 * np.exp(-0.5 * ((WAVELENGTH_NM - band) / 18.0) ** 2) for band in BANDS_NM
) + np.random.default_rng(1).normal(0.0, 1e-4, 521)  # fmt: skip


def written(first: np.ndarray, second: np.ndarray, head: str, mark: str) -> str:
    rows = zip(first.tolist(), second.tolist(), strict=True)
    return head + "".join(f"{x:.6f}{mark}{y:.8f}\n" for x, y in rows)


OCEAN = (
    "Data from dye_Absorbance__0.txt Node\n\nDate: Tue Mar 04 10:00:00 CET 2025\nUser: lab\n"
    "Spectrometer: USB2+F00000\nXAxis mode: Wavelengths\nNumber of Pixels in Spectrum: 521\n"
    ">>>>>Begin Spectral Data<<<<<\n"
)
TRANSMITTANCE = 10.0**-ABSORBANCE
FILES = {
    "absorbance": written(WAVELENGTH_NM, ABSORBANCE, "wavelength (nm),absorbance\n", ","),
    "wavenumbers": written(1e7 / WAVELENGTH_NM, ABSORBANCE, "wavenumber (cm-1),absorbance\n", ","),
    "transmittance": written(WAVELENGTH_NM, TRANSMITTANCE, "wavelength (nm),transmittance\n", ","),
    "per cent": written(WAVELENGTH_NM, 100.0 * TRANSMITTANCE, "Wavelength (nm),%T\n", ","),
    "ocean": written(WAVELENGTH_NM, ABSORBANCE, OCEAN, "\t"),
}


def study(folder: Path, content: str, more: str = "") -> Path:
    (folder / "spectrum.txt").write_text(content)
    path = folder / "study.yaml"
    path.write_text(
        "faradaic_study: 1\nkind: co2\ntitle: t\nsamples:\n  - name: dye\n    absorption:\n"
        f"      file: spectrum.txt\n{more}"
    )
    return path


@pytest.mark.parametrize("kind", FILES)
def test_the_bands_are_those_of_the_spectrum_however_it_is_written(
    tmp_path: Path, kind: str
) -> None:
    outcome = analyze_study(study(tmp_path, FILES[kind]))
    bands_nm = [1e9 * f.result.value for f in outcome.findings if f.result.value is not None]
    assert bands_nm == pytest.approx(BANDS_NM, abs=1.0)


def test_a_transmittance_that_is_none_is_refused(tmp_path: Path) -> None:
    head = "wavelength (nm),transmittance\n"
    in_percent = written(WAVELENGTH_NM, 100.0 * TRANSMITTANCE, head, ",")
    with pytest.raises(InputError, match=r"(?s)no transmittance.*transmittance \(%\)"):
        analyze_study(study(tmp_path, in_percent))


def test_what_an_ocean_spectrum_is_comes_from_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(FILES["ocean"])
    data = read(path)
    assert (data.format, str(data.start)) == ("ocean", "2025-03-04 10:00:00")
    assert [w.code for w in data.warnings] == ["E764"]
    path.write_text(FILES["ocean"].replace("_Absorbance", "_QEP0").replace("521", "600"))
    told = read(path).warnings
    assert [w.code for w in told] == ["E744", "E745"]
    assert "521 of 600 pixels" in told[0].message


def test_a_study_states_the_order_of_dates(tmp_path: Path) -> None:
    # in both orders each date is later than the one before
    days = [f"{n:02d}/{n + 1:02d}/{year}" for year in (24, 25, 26) for n in range(3, 12)]
    dates = [f"{day} 10:{minute:02d}:00" for day in days for minute in range(20)]
    numbers = zip(dates, WAVELENGTH_NM, ABSORBANCE, strict=False)
    rows = "".join(f"{date},{wave},{absorbance}\n" for date, wave, absorbance in numbers)
    content = "time,wavelength (nm),absorbance\n" + rows
    with pytest.raises(InputError, match=r"(?s)E750.*in a study `dates: "):
        analyze_study(study(tmp_path, content))
    with pytest.raises(InputError, match=r"study.yaml:8:14"):
        analyze_study(study(tmp_path, content, "      dates: yesterday\n"))
    (one,) = analyze_study(study(tmp_path, content, "      dates: dd/mm/yy\n")).inputs
    assert not any("may be" in note for note in one.notes)
