"""A study in YAML becomes a folder of windows with a curve, also after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.constrained_dynamics import ConstraintError
from faradaic.computational.interface.constrained_results import (
    constrained_results,
    write_results,
)
from faradaic.computational.interface.constrained_run import run_constrained
from faradaic.computational.interface.constrained_study import load_constrained_run
from faradaic.diagnostics import InputError
from faradaic.workloads.executors import open_executor

pytest.importorskip("ase")

STUDY = """faradaic_constrained_run: 1
title: Copper pulled along a chain of four
atoms: chain.xyz
potential: {name: emt}
coordinate:
  - {atoms: [Cu1, Cu2], coefficient: 1}
  - {atoms: [Cu3, Cu2], coefficient: -1}
windows: {from_A: -0.2, to_A: 0.2, number: 3, steps: 60, equilibration_steps: 10}
pull_steps: 20
dynamics: {temperature_K: 300, time_step_fs: 2, seed: 5}
frame_every: 10
checkpoint_steps: 7
"""
CHAIN = """4

Cu 0.0 0.0 0.0
Cu 2.3 0.1 0.0
Cu 4.6 0.0 0.1
Cu 2.3 2.1 0.0
"""


def study_in(folder: Path, text: str = STUDY) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "chain.xyz").write_text(CHAIN)
    path = folder / "study.yaml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a run in threads that nothing interrupted."""
    folder = tmp_path_factory.mktemp("finished")
    with ThreadPoolExecutor(2) as executor:
        run_constrained(load_constrained_run(study_in(folder)), folder / "out", executor=executor)
    return folder / "out"


def test_windows_hold_their_targets_and_pulls_go_there_and_back(finished: Path) -> None:
    for name, target in (("window-000", -0.2), ("window-001", 0.0), ("window-002", 0.2)):
        with np.load(finished / "windows" / f"{name}.npz") as window:
            assert len(window["xi_A"]) == 60
            assert window["xi_A"] == pytest.approx(np.full(60, target), abs=1e-9)
    ends = {}
    for name in ("forward", "backward"):
        with np.load(finished / "windows" / f"{name}.npz") as pull:
            assert len(pull["xi_A"]) == 40
            ends[name] = pull["xi_A"][[0, -1]]
    assert ends["forward"] == pytest.approx([-0.19, 0.2])
    assert ends["backward"] == pytest.approx([0.19, -0.2])


def test_trajectories_hold_the_frames_of_the_recorded_steps(finished: Path) -> None:
    from ase.io import read

    study = load_constrained_run(study_in(finished.parent))
    frames = read(finished / "windows" / "window-002.extxyz", index=":")
    assert len(frames) == 6  # one in ten of 60 steps, though a piece has only 7
    for frame in frames:
        first, second = frame.get_distance(0, 1), frame.get_distance(2, 1)
        assert first - second == pytest.approx(study.study.targets_A[2], abs=1e-6)


def test_a_run_that_was_killed_goes_on_to_the_same_numbers(finished: Path, tmp_path: Path) -> None:
    study = study_in(tmp_path)
    out = tmp_path / "out"
    code = (
        "import sys; from pathlib import Path\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from faradaic.computational.interface.constrained_run import run_constrained\n"
        "from faradaic.computational.interface.constrained_study import load_constrained_run\n"
        "with ThreadPoolExecutor(1) as pool:\n"
        "    loaded = load_constrained_run(Path(sys.argv[1]))\n"
        "    run_constrained(loaded, Path(sys.argv[2]), executor=pool)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(study), str(out)])
    half_way = out / "checkpoints" / "window-000" / "00002.npz"
    deadline = time.monotonic() + 30
    while not half_way.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    process.wait()
    assert half_way.exists()
    assert not (out / "windows" / "window-002.npz").exists()
    with ThreadPoolExecutor(1) as executor:
        run_constrained(load_constrained_run(study), out, executor=executor)
    for path in sorted((finished / "windows").glob("*.npz")):
        with np.load(path) as whole, np.load(out / "windows" / path.name) as resumed:
            for name in whole.files:
                assert np.array_equal(whole[name], resumed[name]), (path.name, name)


def test_checkpoints_do_not_change_the_numbers(finished: Path, tmp_path: Path) -> None:
    """Pieces of 7 steps against pieces as long as they can be: one stream of random numbers."""
    study = study_in(tmp_path, STUDY.replace("checkpoint_steps: 7", "checkpoint_steps: 1000"))
    with ThreadPoolExecutor(1) as executor:
        run_constrained(load_constrained_run(study), tmp_path / "out", executor=executor)
    for name in ("forward", "window-001"):
        with (
            np.load(finished / "windows" / f"{name}.npz") as pieces,
            np.load(tmp_path / "out" / "windows" / f"{name}.npz") as whole,
        ):
            assert pieces["energy_eV"] == pytest.approx(whole["energy_eV"], abs=1e-6)


def test_results_are_written_as_curve_table_and_figure(finished: Path) -> None:
    results = constrained_results(finished, "Copper")
    write_results(results, finished)
    assert results.method.startswith("EMT")
    assert results.largest_drift_A < 1e-9
    assert results.found.profile is not None
    rows = np.loadtxt(finished / "profile.csv", delimiter=",", skiprows=1)
    assert rows[:, 0] == pytest.approx([-0.2, 0.0, 0.2], abs=1e-9)
    assert rows[:, 3] == pytest.approx(results.found.profile.free_energy_eV, abs=1e-7)
    assert (finished / "profile.png").read_bytes()[:4] == b"\x89PNG"
    drawn = (finished / "profile.svg").read_text(encoding="utf-8")
    assert "dF/dξ" in drawn
    assert "pull backward" in drawn
    # windows of 120 fs cannot have a trustworthy error, and the run says so
    assert any(finding.code == "E845" for finding in results.findings)


def test_a_folder_of_another_study_is_left_alone(finished: Path, tmp_path: Path) -> None:
    other = load_constrained_run(study_in(tmp_path, STUDY.replace("seed: 5", "seed: 6")))
    with pytest.raises(InputError, match="E874"):
        run_constrained(other, finished, executor=ThreadPoolExecutor(1))


def test_a_potential_that_fails_names_the_window_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "chain.xyz").write_text(CHAIN.replace("Cu", "Na"))
    study = tmp_path / "study.yaml"
    study.write_text(STUDY.replace("Cu", "Na"))
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(ConstraintError, match="forward: the potential failed in piece 1") as caught,
    ):
        run_constrained(load_constrained_run(study), tmp_path / "out", executor=executor)
    assert "EMT" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("[Cu3, Cu2]", "[Cu9, Cu2]", "there is no atom Cu9: chain.xyz has 4 atoms"),
        ("[Cu3, Cu2]", "[O3, Cu2]", "atom 3 of chain.xyz is Cu, not O"),
        ("[Cu3, Cu2]", "[Cu2, Cu2]", "Cu2 has no distance to itself"),
        ("chain.xyz", "chian.xyz", "there is no file"),
        ("to_A: 0.2", "to_A: -0.2", "`to_A` must be above `from_A`"),
        ("name: emt", "name: emtt", "there is no potential 'emtt'"),
        ("time_step_fs: 2", "time_step_fs: 0", "`time_step_fs` must be more than 0"),
        ("pull_steps", "pull_step", "did you mean `pull_steps`"),
        ("title:", "charge: 1\ntitle:", "does not reach the potential emt"),
    ],
)
def test_what_is_wrong_with_a_study_is_said(
    tmp_path: Path, written: str, instead: str, said: str
) -> None:
    assert written in STUDY
    path = study_in(tmp_path, STUDY.replace(written, instead))
    with pytest.raises(InputError) as caught:
        load_constrained_run(path)
    assert said in str(caught.value)


@pytest.mark.long
def test_worker_processes_run_a_study_of_xtb(tmp_path: Path) -> None:
    """Three windows of HOH...O with GFN2-xTB in two processes of their own."""
    pytest.importorskip("tblite")
    shutil.copy(
        Path(__file__).parents[3] / "examples" / "constrained_run" / "thiolate_water.xyz", tmp_path
    )
    text = (
        STUDY.replace("chain.xyz", "thiolate_water.xyz")
        .replace("{name: emt}", "{name: gfn2}\ncharge: -1")
        .replace("[Cu1, Cu2]", "[O6, H7]")
        .replace("[Cu3, Cu2]", "[S5, H7]")
        .replace("from_A: -0.2, to_A: 0.2", "from_A: -0.9, to_A: -0.7")
        .replace("time_step_fs: 2", "time_step_fs: 0.5")
        .replace("checkpoint_steps: 7", "checkpoint_steps: 60")
    )
    study = tmp_path / "study.yaml"
    study.write_text(text)
    with open_executor(workers=2) as executor:
        run_constrained(load_constrained_run(study), tmp_path / "out", executor=executor)
    results = constrained_results(tmp_path / "out", "xtb")
    assert results.largest_drift_A < 1e-9
    assert all(abs(force.gradient_eV_A) < 5 for force in results.found.forces)
