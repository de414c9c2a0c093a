"""Circuit fits of measured spectra find minima at least as deep as impedance.py's best ones."""

import numpy as np
import pytest

from faradaic.analysis.impedance.fitting import fit_circuit
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.datafiles.readers import read
from rigs.made_files import CAPACITANCE_F, RESISTANCES_OHM, SPECTRA
from rigs.vendor_files import DATA, needs_vendor_files

ONE, TWO = "R0+(R1|Q1)", "R0+(R1|Q1)+(R2|Q2)"

# rms of the relative residuals with impedance.py 1.7.1, weight_by_modulus, the better of two
# starts (all ones; resistances read off the spectrum, ordinary values beside them)
THEIRS = [
    ("autolab/eis_autolab.txt", ONE, 0.08774),
    ("biologic/eis.mpt", ONE, 0.01982),
    ("biologic/PEIS_nesd.mpr", ONE, 0.00837),
    ("chi/EIS_-0p48V.txt", TWO, 0.06036),
    ("gamry/eis_gamry.DTA", ONE, 0.20817),
    ("gamry/eis_gamry.DTA", TWO, 0.05713),
    ("impedance/zplot.z", ONE, 0.00957),
    ("palmsens/peis.pssession", TWO, 0.01915),
    ("zahner/geis-100ma.ism", TWO, 0.15877),
]


@needs_vendor_files
@pytest.mark.parametrize(("file", "circuit", "theirs"), THEIRS)
def test_no_fit_is_worse_than_that_of_impedance_py(file, circuit, theirs):
    data = read(DATA / file)
    columns = [
        data[name] for name in ("frequency_Hz", "impedance_real_Ohm", "impedance_imaginary_Ohm")
    ]
    known = np.isfinite(columns).all(axis=0) & (columns[0] > 0)
    fit = fit_circuit(ImpedanceSpectrum.of(*(column[known] for column in columns)), circuit)
    assert fit.rms_residual <= theirs + 1e-5


@pytest.mark.parametrize("kind", SPECTRA)
def test_a_circuit_is_found_again_from_every_makers_file(tmp_path, kind):
    path = tmp_path / "file"
    path.write_bytes(SPECTRA[kind]())
    data = read(path)
    columns = ("frequency_Hz", "impedance_real_Ohm", "impedance_imaginary_Ohm")
    fit = fit_circuit(ImpedanceSpectrum.of(*(data[name] for name in columns)), "R0+(R1|C1)")
    found = [result.value for result in fit.results()]
    assert found == pytest.approx([*RESISTANCES_OHM, CAPACITANCE_F], rel=1e-4)


def test_a_resistance_that_is_not_there_is_flagged_and_does_not_stop_the_fit():
    # a parallel R|C without a resistance in series: log R0 has no minimum
    f = np.geomspace(1e5, 0.1, 61)
    z = 1.0 / (1.0 / 4500.0 + 2j * np.pi * f * 2e-7)
    noise = np.random.default_rng(0).normal(0.0, 1e-3, (2, f.size))
    fit = fit_circuit(ImpedanceSpectrum(f, z * (1.0 + noise[0] + 1j * noise[1])), "R0+(R1|C1)")
    absent, resistance, capacitance = fit.results()
    assert resistance.value == pytest.approx(4500.0, rel=1e-3)
    assert capacitance.value == pytest.approx(2e-7, rel=1e-3)
    assert absent.flags == ("not determined by these data",)
