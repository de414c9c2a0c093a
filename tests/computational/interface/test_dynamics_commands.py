"""The commands `constrained` and `structure`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.diagnostics import InputError

pytest.importorskip("ase")

EXAMPLE = Path(__file__).parents[3] / "examples" / "constrained_run"


def answer(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def trajectory(tmp_path: Path) -> Path:
    """Two water molecules with one hydrogen bond, drifting apart until it is gone."""
    from ase import Atoms
    from ase.io import write

    donor = [[5.0, 5, 5], [5.96, 5, 5], [4.7, 5, 5.9]]
    frames = []
    for step in range(20):
        x = 7.8 + 0.1 * step
        acceptor = [[x, 5, 5], [x + 0.6, 5.75, 5], [x + 0.6, 4.25, 5]]
        frames.append(Atoms("OHHOHH", donor + acceptor, cell=[20, 20, 20], pbc=True))
    path = tmp_path / "run.extxyz"
    write(path, frames)
    return path


@pytest.mark.long
def test_constrained_run_of_a_small_study_prints_and_writes_its_curve(tmp_path: Path) -> None:
    (tmp_path / "chain.xyz").write_text("3\n\nCu 0 0 0\nCu 2.3 0.2 0\nCu 4.6 0 0\n")
    study = tmp_path / "chain.yaml"
    study.write_text(
        "faradaic_constrained_run: 1\ntitle: Copper\natoms: chain.xyz\npotential: {name: emt}\n"
        "coordinate:\n  - {atoms: [Cu1, Cu2], coefficient: 1}\n"
        "windows: {from_A: 2.3, to_A: 2.5, number: 3, steps: 100, equilibration_steps: 5}\n"
        "pull_steps: 10\ndynamics: {temperature_K: 300, time_step_fs: 2}\n"
    )
    content = json.loads(answer("constrained", "run", study, "--workers", 1, "--json"))
    assert content["ok"] is True
    assert [window["xi_A"] for window in content["windows"]] == pytest.approx([2.3, 2.4, 2.5])
    assert content["largest_drift_A"] < 1e-9
    for name in ("profile.png", "profile.svg", "profile.csv", "results.json", "study.yaml"):
        assert (tmp_path / "chain" / name).exists()
    again = answer("constrained", "run", study, "--workers", 1)
    assert "EMT" in again
    assert f"{content['profile']['free_energy_eV'][-1]:.3f} ±" in again


def test_example_is_valid_and_gives_a_cp2k_input(tmp_path: Path) -> None:
    said = answer("constrained", "cp2k", EXAMPLE / "thiolate_water.yaml", "--out", tmp_path)
    assert "--pull" in said
    assert "ATOMS 6 7 5 7" in (tmp_path / "pull.inp").read_text()


def test_structure_of_a_trajectory(trajectory: Path) -> None:
    bonds = json.loads(answer("structure", "hydrogen-bonds", trajectory, "--json"))
    # the oxygens are 2.8 to 4.7 A apart: 2.8, 2.9 ... below 3.5 are seven of twenty frames
    assert bonds["per_molecule"] == pytest.approx(7 / 20)
    lengths = json.loads(
        answer("structure", "bonds", trajectory, "O1-O4", "--broken", 3.45, "--json")
    )["bonds"][0]
    assert lengths["length_A"] == pytest.approx(2.8 + 0.1 * np.arange(20))
    assert lengths["broken_from_frame"] == 7
    water = json.loads(answer("structure", "water", trajectory, "--bin-width", 5, "--json"))
    assert [entry["molecules"] for entry in water["bins"]] == pytest.approx([0, 2, 0, 0])
    layers = answer("structure", "hydrogen-bonds", trajectory, "--layers", "0,10,20")
    assert "0.00 to  10.00 A: 0.350" in layers


def test_charges_name_the_program_and_the_net_charge(tmp_path: Path) -> None:
    rule = "-" * 80
    (tmp_path / "ACF.dat").write_text(
        f"  #  X  Y  Z  CHARGE  MIN DIST  ATOMIC VOL\n {rule}\n 1 0 0 0 6.8 1.0 20.0\n"
        f" 2 1 0 0 0.6 1.0 3.0\n 3 0 1 0 0.6 1.0 3.0\n {rule}\n VACUUM CHARGE: 0.0\n"
        " VACUUM VOLUME: 0.0\n NUMBER OF ELECTRONS: 8.0\n"
    )
    (tmp_path / "water.xyz").write_text("3\n\nO 0 0 0\nH 1 0 0\nH 0 1 0\n")
    said = answer(
        "structure", "charges", tmp_path / "ACF.dat",
        "--structure", tmp_path / "water.xyz", "--valence", "O=6,H=1",
    )  # fmt: skip
    assert "divided by bader (by its ACF.dat)" in said
    assert "O1     6.8000   -0.8000" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["structure", "water", "{}", "--cell", "20"], "a cell of"),
        (["structure", "water", "{}", "--cell", "a,b"], "is no cell"),
        (["structure", "hydrogen-bonds", "{}", "--layers", "3,2"], "are no layers"),
        (["structure", "water", "{}", "--around", "Ag"], "holds no atom of Ag"),
        (["structure", "bonds", "{}", "O1-O9"], "there is no atom O9"),
        (["constrained", "cp2k", "{}", "--out", "x", "--level", "hf"], "no level 'hf'"),
    ],
)
def test_what_is_typed_wrong_is_said(trajectory: Path, words: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        answer(*(word.replace("{}", str(trajectory)) for word in words))


def test_bond_lengths_are_drawn_and_written(trajectory: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = answer("structure", "bonds", trajectory, "O1-O4", "--broken", 3.5, "--frame-fs", 5,
                  "--out", out)  # fmt: skip
    assert f"wrote {out / 'bonds.csv'}" in said
    table = np.loadtxt(out / "bonds.csv", delimiter=",", skiprows=1)
    assert table[:, 1] == pytest.approx(2.8 + 0.1 * np.arange(20))
    drawn = (out / "bonds.svg").read_text()
    assert "time / ps" in drawn
    assert "O1-O4" in drawn
    with pytest.raises(InputError, match="E884"):
        answer("structure", "bonds", trajectory, "O1-O4", "--frame-fs", -1)
