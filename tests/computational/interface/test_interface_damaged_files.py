"""Files of a run that was killed or went astray are refused by name, never read as numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.computational.interface.charges import read_acf
from faradaic.computational.interface.readers.cube import read_cube
from faradaic.computational.interface.readers.fermi_level import read_fermi_level_eV
from faradaic.computational.interface.trajectory_frames import read_frames
from faradaic.computational.screening.entry_import import read_energies
from faradaic.diagnostics import InputError

CUBE = Path(__file__).parent / "data" / "lithium_slab_v_hartree.cube"
ACF = """    #         X           Y           Z        CHARGE     MIN DIST    ATOMIC VOL
 --------------------------------------------------------------------------------
    1      0.000000    0.000000    0.000000    6.500000    1.100000   20.000000
    2      1.000000    0.000000    0.000000    0.500000    0.300000    3.000000
 --------------------------------------------------------------------------------
    VACUUM CHARGE:               0.0000
    VACUUM VOLUME:               0.0000
    NUMBER OF ELECTRONS:         7.0000
"""
OUTCAR = " vasp.6.4.2 20Jul23 complex\n E-fermi :  -3.1234     XC(G=0):\n"
FRAME = "2\nstep\nAg 0 0 0\nS 0 0 2.5\n"


@pytest.mark.parametrize("word", [b"NaN", b"inf", b"0.1E+999"])
def test_a_grid_value_that_is_no_finite_number_is_named_with_its_place(
    tmp_path: Path, word: bytes
) -> None:
    data = CUBE.read_bytes()
    last = data.split()[-1]
    path = tmp_path / "v_hartree.cube"
    path.write_bytes(data[: data.rindex(last)] + word + b"\n")
    with pytest.raises(InputError, match=r"E851.*v_hartree.cube is cut off or damaged at byte"):
        read_cube(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    1      0.000000", "    1      NaN     "),
        ("6.500000", "inf     "),
        ("    VACUUM CHARGE:               0.0000", "    VACUUM CHARGE:               -"),
        ("NUMBER OF ELECTRONS:         7.0000\n", "NUMBER OF ELECTRONS:         7."),
        ("".join(ACF.splitlines(keepends=True)[2:4]), ""),
    ],
    ids=["position", "charge", "sign alone", "cut total", "no atoms"],
)
def test_a_damaged_acf_is_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "ACF.dat"
    path.write_text(ACF)
    assert read_acf(path).electrons.tolist() == [6.5, 0.5]
    path.write_text(ACF.replace(old, new))
    with pytest.raises(InputError, match="E885"):
        read_acf(path)


def test_an_outcar_of_a_killed_run_gives_no_fermi_level(tmp_path: Path) -> None:
    path = tmp_path / "OUTCAR"
    path.write_text(OUTCAR)
    with pytest.raises(InputError, match=r"OUTCAR is cut off.*\n.*--fermi-ev"):
        read_fermi_level_eV(path)
    path.write_text(OUTCAR + " General timing and accounting informations for this job:\n")
    assert read_fermi_level_eV(path) == -3.1234


def test_an_output_of_cp2k_must_have_ended_too(tmp_path: Path) -> None:
    path = tmp_path / "run.out"
    text = "  **** PROGRAM STARTED AT 2025-01-01\n  Fermi Energy [eV] : -3.5\n"
    path.write_text(text)
    with pytest.raises(InputError, match="had not ended"):
        read_fermi_level_eV(path)
    path.write_text(text + "  **** PROGRAM ENDED AT 2025-01-01\n")
    assert read_fermi_level_eV(path) == -3.5


def test_a_trajectory_cut_within_its_last_number_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("ase", reason="ASE is not installed")
    path = tmp_path / "run.xyz"
    path.write_text(2 * FRAME)
    assert len(read_frames(path)) == 2
    path.write_text((2 * FRAME)[:-2])  # 2.5 became 2.
    with pytest.raises(InputError, match="ends in the middle of a line"):
        read_frames(path)
    path.write_text(FRAME + FRAME.replace("2.5", "nan"))
    with pytest.raises(InputError, match="frame 2 of those read is not a finite number"):
        read_frames(path)


def test_a_table_of_energies_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "energies.csv"
    path.write_bytes(
        b"name,composition,energy_eV,method,role\nMgO \xff,Mg4O4,-47.9,PBE,competitor\n"
    )
    with pytest.raises(
        InputError, match=r"E821.*energies.csv holds no energies: it cannot be read"
    ):
        read_energies(path)
