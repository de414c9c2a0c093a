"""CP2K inputs of a study: what they say, that CP2K takes them, and that they run where it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.blue_moon import mean_force
from faradaic.computational.interface.constrained_study import (
    LoadedConstrainedRun,
    coordinate_of,
    load_constrained_run,
)
from faradaic.computational.interface.cp2k import (
    find_cp2k,
    run_cp2k,
    write_pull,
    write_windows,
)
from faradaic.computational.interface.readers.cp2k_input import read_constrained_run
from faradaic.computational.interface.readers.cp2k_multipliers import read_cp2k_window
from faradaic.diagnostics import InputError

ase = pytest.importorskip("ase")
needs_cp2k = pytest.mark.skipif(find_cp2k() is None, reason="CP2K is not installed")

STUDY = """faradaic_constrained_run: 1
title: Proton transfer
atoms: start.xyz
charge: -1
coordinate:
  - {atoms: [O2, H3], coefficient: 1}
  - {atoms: [S1, H3], coefficient: -1}
windows: {from_A: -0.6, to_A: 0.0, number: 3, steps: 30, equilibration_steps: 10}
pull_steps: 20
dynamics: {temperature_K: 300, time_step_fs: 0.5}
"""
SULFIDE = """5

S 0.0 0.0 0.0
O 3.2 0.0 0.0
H 2.2 0.1 0.0
H 3.5 0.9 0.0
H -0.3 1.3 0.0
"""


def loaded(folder: Path, text: str = STUDY) -> LoadedConstrainedRun:
    (folder / "start.xyz").write_text(SULFIDE)
    (folder / "study.yaml").write_text(text)
    return load_constrained_run(folder / "study.yaml")


def made_pull(study: LoadedConstrainedRun, path: Path, to_A: float = 0.0) -> Path:
    """Frames in which the hydrogen moves from the oxygen to the sulfur."""
    from ase.io import write

    frames = []
    for share in np.linspace(0.0, 1.0, 200):
        frame = study.atoms.copy()
        frame.positions[2] += share * (frame.positions[0] - frame.positions[2]) * 0.6
        if coordinate_of(study.study, frame).value_A(frame.positions) <= to_A:
            frames.append(frame)
    write(path, frames, format="xyz")
    return path


def test_pull_goes_from_the_structure_through_all_windows(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    control = write_pull(study, tmp_path / "deck", "pbe-d3")
    run = read_constrained_run(control)
    start_A = float(coordinate_of(study.study, study.atoms).value_A(study.atoms.positions))
    assert run.pairs == ((1, 2), (0, 2))
    assert run.coefficients == (1.0, -1.0)
    assert run.target_A == pytest.approx(start_A, abs=1e-7)
    assert run.growth_A_fs == pytest.approx(0.3 / 20 / 0.5)
    assert (run.time_step_fs, run.temperature_K) == (0.5, 300.0)
    steps = int(control.read_text().split("STEPS ")[1].split()[0])
    assert start_A + steps * 0.5 * run.growth_A_fs == pytest.approx(0.0, abs=0.01)


def test_windows_start_from_the_nearest_frames_of_the_pull(tmp_path: Path) -> None:
    from ase.io import read

    study = loaded(tmp_path)
    paths = write_windows(study, tmp_path, "xtb", made_pull(study, tmp_path / "pull.xyz"))
    for path, target_A in zip(paths, (-0.6, -0.3, 0.0), strict=True):
        run = read_constrained_run(path)
        assert run.target_A == pytest.approx(target_A)
        assert run.growth_A_fs == 0.0
        start = read(path.with_suffix(".xyz"))
        xi_A = coordinate_of(study.study, start).value_A(start.positions)
        assert xi_A == pytest.approx(target_A, abs=0.02)


def test_a_pull_that_stopped_early_has_no_start_for_the_last_window(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    pull = made_pull(study, tmp_path / "pull.xyz", to_A=-0.4)
    with pytest.raises(InputError, match=r"does not come near the window at 0\.00 A"):
        write_windows(study, tmp_path, "xtb", pull)


def test_what_cp2k_cannot_do_is_refused(tmp_path: Path) -> None:
    three = STUDY.replace("windows:", "  - {atoms: [S1, O2], coefficient: 2}\nwindows:")
    with pytest.raises(InputError, match="CP2K takes one distance, or two"):
        write_pull(loaded(tmp_path, three), tmp_path, "xtb")
    (tmp_path / "study.yaml").write_text(STUDY.replace("S1", "U1"))
    (tmp_path / "start.xyz").write_text(SULFIDE.replace("S ", "U "))
    with pytest.raises(InputError, match="no CP2K input for U with DZVP"):
        write_pull(load_constrained_run(tmp_path / "study.yaml"), tmp_path, "pbe-d3")


def cluster_in_water(folder: Path) -> LoadedConstrainedRun:
    """25 silver atoms, 90 water molecules and a sodium in a periodic cell: the size of the deck."""
    from ase import Atoms
    from ase.io import write

    silver = np.argwhere(np.ones((3, 3, 3)))[:25] * 2.9 + 7.0
    grid = np.argwhere(np.ones((6, 6, 8))) * 3.2 + 0.5
    far = grid[np.linalg.norm(grid[:, None] - silver[None], axis=2).min(axis=1) > 2.8]
    atoms = Atoms("Ag25", silver)
    for place in far[:90]:
        atoms += Atoms(
            "OHH", [place, place + np.array([0.96, 0, 0]), place + np.array([-0.24, 0.93, 0])]
        )
    atoms += Atoms("Na", [far[90]])
    atoms.set_cell([20.0, 20.0, 26.0])
    atoms.pbc = True
    write(folder / "cluster.extxyz", atoms, format="extxyz")
    text = (
        STUDY.replace("start.xyz", "cluster.extxyz")
        .replace("[O2, H3]", "[O26, H27]")
        .replace("[S1, H3]", "[Ag1, H27]")
    )
    (folder / "study.yaml").write_text(text)
    return load_constrained_run(folder / "study.yaml")


def test_cluster_with_ninety_waters_gets_its_spin_cell_and_kinds(tmp_path: Path) -> None:
    text = write_pull(cluster_in_water(tmp_path), tmp_path / "deck", "pbe-d3").read_text()
    # 25 * 11 + 90 * 8 + 9 valence electrons and a charge of -1: 1005, odd
    assert "MULTIPLICITY 2" in text
    assert "PERIODIC XYZ" in text
    assert "PSOLVER" not in text
    assert "&KIND Ag\n      BASIS_SET DZVP-MOLOPT-SR-GTH-q11\n      POTENTIAL GTH-PBE-q11" in text
    assert "DFTD3(BJ)" in text


@needs_cp2k
@pytest.mark.parametrize("level", ["xtb", "pbe-d3"])
def test_cp2k_takes_the_input_of_the_cluster(tmp_path: Path, level: str) -> None:
    control = write_pull(cluster_in_water(tmp_path), tmp_path / "deck", level)  # type: ignore[arg-type]
    program = find_cp2k()
    assert program is not None
    done = subprocess.run(
        [program, "--check", control.name], cwd=control.parent, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert "SUCCESS, the input could be parsed correctly" in done.stdout


@needs_cp2k
def test_cp2k_runs_a_window_that_the_estimator_reads(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    paths = write_windows(study, tmp_path, "xtb", made_pull(study, tmp_path / "pull.xyz"))
    run_cp2k(paths[0])
    window = read_cp2k_window(
        tmp_path / "window-000-1.LagrangeMultLog", paths[0], tmp_path / "window-000-pos-1.xyz"
    )
    assert len(window) >= 39
    assert window.xi_A == pytest.approx(np.full(len(window), -0.6), abs=1e-4)
    assert np.isfinite(mean_force(window).gradient_eV_A)


def test_without_cp2k_the_inputs_stay_and_the_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = write_pull(loaded(tmp_path), tmp_path, "xtb")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="CP2K is not installed"):
        run_cp2k(control)
    assert control.exists()
