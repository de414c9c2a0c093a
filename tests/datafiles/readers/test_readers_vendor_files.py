"""Real files of instruments: what stands in them comes out, in SI. Skipped where they are absent.

The expected numbers were read off the text files by eye; the binary ones are held to identities
that hold for any right reading (|Z|, the sum of two impedances, charge as current times time).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.readers import read
from rigs.vendor_files import DATA, needs_vendor_files

pytestmark = needs_vendor_files


def test_an_ec_lab_text_export_with_decimal_commas_reads_in_si() -> None:
    cv = read(DATA / "biologic" / "Pt_poly_cv_CUT.mpt")
    assert (len(cv), cv.technique) == (223, "Cyclic Voltammetry Advanced")
    assert cv.start == datetime(2020, 7, 29, 10, 31, 1)
    assert cv["time_s"][0] == 3.289600104471901
    assert cv["potential_V"][0] == 0.87869531
    assert cv["current_A"][0] == pytest.approx(-2.604324994466466e-6, rel=1e-15)
    assert cv["charge_C"][0] == -9.8251155e-7
    assert cv.area_m2 is None
    assert cv.columns["current_A"].sign == "anodic"
    assert not np.isnan(cv["counter_potential_V"]).any()


def test_the_imaginary_part_of_an_impedance_has_its_own_sign() -> None:
    eis = read(DATA / "biologic" / "eis.mpt")
    assert eis["impedance_imaginary_Ohm"][0] == -3.8998979e-1
    z = eis["impedance_real_Ohm"] + 1j * eis["impedance_imaginary_Ohm"]
    assert np.angle(z, deg=True) == pytest.approx(eis["impedance_phase_deg"], abs=1e-5)
    assert 1 / z == pytest.approx(
        eis["admittance_real_S"] + 1j * eis["admittance_imaginary_S"], rel=1e-6
    )


@pytest.mark.parametrize("name", ["PEIS_nesd.mpr", "GEIS_nesd.mpr"])
def test_a_binary_impedance_file_is_consistent_with_itself(name: str) -> None:
    eis = read(DATA / "biologic" / name)
    assert len(eis) == 228

    def impedance(of: str) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
        return eis[f"{of}impedance_real_Ohm"] + 1j * eis[f"{of}impedance_imaginary_Ohm"]

    assert abs(impedance("")) == pytest.approx(eis["impedance_modulus_Ohm"], rel=1e-6)
    assert np.angle(impedance(""), deg=True) == pytest.approx(eis["impedance_phase_deg"], abs=1e-4)
    cell = impedance("cell_")
    assert impedance("") + impedance("counter_") == pytest.approx(cell, rel=1e-5)
    assert eis.start == datetime(2024, 10, 25, 11, 48, 0, 118000)
    assert eis.technique.endswith("Electrochemical Impedance Spectroscopy")


def test_a_binary_chronoamperogram_books_its_charge() -> None:
    ca = read(DATA / "biologic" / "CstV_nesd.mpr")
    on = ca["sequence_changes"][1:] == 0
    charge_C = ca["current_A"][1:] * np.diff(ca["time_s"])
    assert len(ca) == 23
    assert charge_C[on][-5:] == pytest.approx(ca["charge_of_point_C"][1:][on][-5:], rel=1e-3)
    assert np.cumsum(ca["charge_of_point_C"])[-1] == pytest.approx(ca["charge_C"][-1], rel=1e-6)
    assert ca.technique == "Constant Voltage"
    assert [w.code for w in ca.warnings] == ["E749"]  # EC-Lab's default area


def test_a_gamry_curve_keeps_its_sign_and_its_state() -> None:
    lsv = read(DATA / "gamry" / "LSV.DTA")
    assert len(lsv) == 251
    assert lsv.start == datetime(2023, 11, 16, 9, 59, 48)
    assert lsv.ohmic_drop == "uncompensated"
    assert lsv.columns["current_A"].sign == "anodic"
    assert np.polyfit(lsv["potential_V"], lsv["current_A"], 1)[0] > 0  # a passive cell


def test_two_channels_of_one_gamry_file_stay_two_tables() -> None:
    both = read(DATA / "gamry" / "LSVCA.DTA")
    assert len(both) == 100
    assert both["current_A"][0] == -2.21671e-5
    assert len(both.further["CURVE GENERATOR"]["current_A"].values) == 101


def test_the_open_circuit_before_a_spectrum_is_a_table_of_its_own() -> None:
    eis = read(DATA / "gamry" / "eis_gamry.DTA")
    assert (len(eis), eis["frequency_Hz"][0]) == (72, 200015.6)
    before = eis.further["OCVCURVE"]
    assert before["potential_V"].values[0] == -3.46699e-1
    assert np.isnan(before["temperature_K"].values).all()  # no sensor: -327.67 degC


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "no_extension"
    path.write_bytes((DATA / "gamry" / "OCP.DTA").read_bytes())
    assert read(path).format == "gamry"
