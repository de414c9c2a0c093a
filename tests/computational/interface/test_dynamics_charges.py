"""Bader charges: what ACF.dat says, what a program computes, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.charges import compute_bader, read_acf
from faradaic.diagnostics import InputError

RULE = " " + "-" * 80
ACF = f"""    #         X           Y           Z       CHARGE      MIN DIST   ATOMIC VOL
{RULE}
    1    3.000000    5.000000    5.000000    4.993701     1.700000    32.759259
    2    7.000000    5.000000    5.000000    0.993930     1.500000    22.893518
{RULE}
    VACUUM CHARGE:               0.0124
    VACUUM VOLUME:             944.3472
    NUMBER OF ELECTRONS:         6.0000
"""
"""Laid out as bader 1.0 writes it (recalled); two Gaussian atoms of 5 and 1 electrons."""


def acf(folder: Path, text: str = ACF) -> Path:
    path = folder / "ACF.dat"
    path.write_text(text)
    return path


def test_acf_gives_electrons_and_net_charges(tmp_path: Path) -> None:
    charges = read_acf(acf(tmp_path))
    assert charges.electrons == pytest.approx([4.993701, 0.993930])
    assert charges.volume_A3 == pytest.approx([32.759259, 22.893518])
    assert charges.total_electrons == 6.0
    assert not charges.findings
    net = charges.net_charges(["O", "H"], {"O": 6.0, "H": 1.0})
    assert net == pytest.approx([1.006299, 0.006070])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (1, "ends before the line under the atoms"),
        (3, "ends before the line under the atoms"),
        (5, "ends before VACUUM CHARGE"),
        (6, "ends before NUMBER OF ELECTRONS"),
    ],
)
def test_an_acf_that_is_cut_is_refused(tmp_path: Path, lines: int, said: str) -> None:
    text = "\n".join(ACF.splitlines()[:lines])
    if lines == 1:
        text += "\n" + RULE
    with pytest.raises(InputError, match=said):
        read_acf(acf(tmp_path, text))


def test_a_row_that_is_damaged_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 4: is not atom 2"):
        read_acf(acf(tmp_path, ACF.replace("    0.993930", "    ********")))


def test_a_row_that_was_lost_shows_in_the_balance_of_electrons(tmp_path: Path) -> None:
    lines = ACF.splitlines()
    text = "\n".join(lines[:3] + lines[4:])
    (finding,) = read_acf(acf(tmp_path, text)).findings
    assert finding.numbers["excess_electrons"] == pytest.approx(-0.9939, abs=1e-3)


def test_net_charges_need_the_valence_of_every_element(tmp_path: Path) -> None:
    charges = read_acf(acf(tmp_path))
    with pytest.raises(InputError, match="the valence of H is not known"):
        charges.net_charges(["O", "H"], {"O": 6.0})
    with pytest.raises(InputError, match="has 2 atoms, the structure has 1"):
        charges.net_charges(["O"], {"O": 6.0})


def test_without_a_program_a_density_is_not_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    density = tmp_path / "CHGCAR"
    density.write_text("")
    with pytest.raises(InputError, match="neither bader nor baderkit is installed"):
        compute_bader(density)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.skipif(
    not (shutil.which("bader") or shutil.which("baderkit")), reason="no Bader program installed"
)
@pytest.mark.timeout(600)
def test_two_gaussian_atoms_keep_their_electrons(tmp_path: Path) -> None:
    """5 and 1 electrons, 4 A apart: each Bader volume must hold its own within 0.02."""
    pymatgen = pytest.importorskip("pymatgen.io.vasp")
    from pymatgen.core import Lattice, Structure

    points, side_A = 60, 10.0
    grid = np.stack(np.meshgrid(*[np.arange(points) / points * side_A] * 3, indexing="ij"), -1)
    density = np.zeros((points,) * 3)
    for place, electrons in (([3, 5, 5], 5.0), ([7, 5, 5], 1.0)):
        offset = grid - np.array(place)
        offset -= np.round(offset / side_A) * side_A
        gauss = np.exp(-np.sum(offset**2, axis=-1) / (2 * 0.5**2)) / (2 * np.pi * 0.5**2) ** 1.5
        density += electrons * gauss
    atoms = Structure(Lattice.cubic(side_A), ["O", "H"], [[0.3, 0.5, 0.5], [0.7, 0.5, 0.5]])
    path = tmp_path / "CHGCAR"
    pymatgen.Chgcar(pymatgen.Poscar(atoms), {"total": density * side_A**3}).write_file(str(path))
    charges = compute_bader(path)
    assert charges.electrons == pytest.approx([5.0, 1.0], abs=0.02)
    assert charges.program.startswith("bader")
