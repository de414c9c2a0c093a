"""Inputs for density functional codes are readable by the codes' own readers and agree."""

import csv
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import InputError

pytest.importorskip("pymatgen")

from pymatgen.core import Lattice, Structure

from faradaic.computational.screening.decks import write_decks
from faradaic.computational.screening.starting_structure import StartingStructure

pytestmark = pytest.mark.filterwarnings("ignore:.*OLD_ERROR_HANDLING.*:DeprecationWarning")


def rocksalt(a: str, b: str, edge_A: float, name: str = "") -> StartingStructure:
    # Fm-3m written out: to derive its operations takes pymatgen a second.
    faces = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    edges = [[x + 0.5, y, z] for x, y, z in faces]
    cell = Structure(Lattice.cubic(edge_A), [a] * 4 + [b] * 4, faces + edges)
    return StartingStructure(
        name or f"{a}{b} rocksalt", "rocksalt", "rocksalt", "competitor", cell, ""
    )


def doubled(start: StartingStructure) -> StartingStructure:
    cell = start.structure.copy()
    cell.make_supercell([2, 1, 1])
    return StartingStructure(f"{start.name} doubled", "rocksalt", "rocksalt", "target", cell, "")


def rows(list_file: Path) -> list[dict[str, str]]:
    with list_file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_vasp_inputs_read_back_with_the_same_settings_for_every_structure(tmp_path: Path) -> None:
    from pymatgen.io.vasp import Incar, Kpoints, Poscar

    starts = [rocksalt("Mg", "O", 4.21), doubled(rocksalt("Zn", "O", 4.28))]

    written = write_decks(starts, tmp_path / "decks", "vasp")

    tags = []
    for start, row in zip(starts, rows(written.list_file), strict=True):
        folder = written.list_file.parent / row["folder"]
        poscar = Poscar.from_file(folder / "POSCAR", check_for_potcar=False)
        assert poscar.structure.composition == start.structure.composition
        assert poscar.structure.volume == pytest.approx(start.structure.volume, rel=1e-6)
        assert len((folder / "POTCAR.spec").read_text().split()) == len(poscar.site_symbols)
        mesh = Kpoints.from_file(folder / "KPOINTS").kpts[0]
        assert "x".join(map(str, mesh)) == row["kpoints"]
        incar = Incar.from_file(folder / "INCAR")
        tags.append({key: incar[key] for key in ("ENCUT", "PREC", "ISMEAR", "LREAL", "LASPH")})
    assert tags[0] == tags[1]
    assert tags[0]["ENCUT"] == 520  # MPRelaxSet: 1.3 times the largest cutoff of the potentials
    assert written.findings == ()


@pytest.mark.parametrize("code", ["vasp", "cp2k"])
def test_a_cell_twice_as_long_has_half_the_k_points_along_it(tmp_path: Path, code: str) -> None:
    start = rocksalt("Mg", "O", 4.21)
    single, double = rows(write_decks([start, doubled(start)], tmp_path / "decks", code).list_file)
    once, twice = ([int(n) for n in row["kpoints"].split("x")] for row in (single, double))

    assert once[1:] == twice[1:]
    assert abs(twice[0] - once[0] / 2) <= 1


def test_a_tag_given_changes_all_inputs_alike(tmp_path: Path) -> None:
    from pymatgen.io.vasp import Incar

    starts = [rocksalt("Mg", "O", 4.21), rocksalt("Ca", "O", 4.81)]
    written = write_decks(starts, tmp_path / "decks", "vasp", incar={"ENCUT": 600})
    folders = [written.list_file.parent / row["folder"] for row in rows(written.list_file)]
    assert [Incar.from_file(folder / "INCAR")["ENCUT"] for folder in folders] == [600, 600]


def test_the_u_of_an_element_is_stated_and_a_mixture_is_told(tmp_path: Path) -> None:
    # The Materials Project's U for Fe is 5.3 eV in oxides and fluorides and none elsewhere
    # (Jain et al., Phys. Rev. B 84, 045115, 2011).
    starts = [rocksalt("Fe", "O", 4.33), rocksalt("Fe", "S", 5.2)]

    written = write_decks(starts, tmp_path / "decks", "vasp")

    assert [row["u_eV"] for row in rows(written.list_file)] == ["Fe:5.3 O:0", "Fe:0 S:0"]
    (finding,) = written.findings
    assert finding.code == "E923"
    assert "Fe has U = 5.3 eV in FeO rocksalt and 0 eV in FeS rocksalt" in finding.message


def test_a_cp2k_input_passes_the_programs_own_check(tmp_path: Path) -> None:
    program = shutil.which("cp2k")
    if program is None:
        pytest.skip("cp2k is not installed")
    written = write_decks([rocksalt("Mg", "O", 4.21)], tmp_path / "decks", "cp2k")

    def check(file: Path) -> str:
        done = subprocess.run(
            [program, "--check", str(file)],
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return done.stdout + done.stderr

    file = written.list_file.parent / "MgO_rocksalt" / "relax.inp"
    assert "SUCCESS" in check(file)
    broken = tmp_path / "broken.inp"
    broken.write_text(file.read_text().replace("REL_CUTOFF", "RELATIVE"))
    assert "SUCCESS" not in check(broken)


def test_a_cp2k_input_holds_the_structure(tmp_path: Path) -> None:
    start = rocksalt("Mg", "O", 4.21)
    written = write_decks([start], tmp_path / "decks", "cp2k")
    lines = (written.list_file.parent / "MgO_rocksalt" / "relax.inp").read_text().splitlines()

    cell = [[float(x) for x in line.split()[1:]] for line in lines if line.split()[:1] in
            (["A"], ["B"], ["C"])]  # fmt: skip
    first = next(i for i, line in enumerate(lines) if line.split() == ["SCALED"]) + 1
    last = next(i for i, line in enumerate(lines) if "&END COORD" in line)
    atoms = [line.split() for line in lines[first:last]]
    back = Structure(cell, [a[0] for a in atoms], [[float(x) for x in a[1:]] for a in atoms])

    from pymatgen.analysis.structure_matcher import StructureMatcher

    assert StructureMatcher(scale=False).fit(back, start.structure)
    assert any(line.split() == ["POTENTIAL", "GTH-PBE-q10"] for line in lines)


@pytest.mark.parametrize(
    ("code", "incar", "starts", "says"),
    [
        ("abinit", None, [rocksalt("Mg", "O", 4.2)], "one of vasp, cp2k"),
        ("cp2k", {"ENCUT": 500}, [rocksalt("Mg", "O", 4.2)], "no place in inputs for cp2k"),
        ("cp2k", None, [rocksalt("Eu", "O", 5.1)], "GTH-PBE potential for Eu"),
        ("vasp", None, [rocksalt("Cf", "O", 5.1)], "no POTCAR in MPRelaxSet for Cf"),
        ("vasp", None, [rocksalt("Mg", "O", 4.2)] * 2, "is there twice"),
        ("vasp", None, [], "no structure was chosen"),
    ],
)
def test_what_cannot_be_written_is_an_error_with_its_name(
    tmp_path: Path, code: str, incar: Any, starts: list[StartingStructure], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        write_decks(starts, tmp_path / "decks", code, incar)


def test_inputs_that_are_there_are_not_overwritten(tmp_path: Path) -> None:
    write_decks([rocksalt("Mg", "O", 4.2)], tmp_path / "decks", "vasp")
    with pytest.raises(InputError, match="is not empty"):
        write_decks([rocksalt("Mg", "O", 4.2)], tmp_path / "decks", "cp2k")
