"""`faradaic interface` as it is typed: what it prints, writes and refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.computational.interface.readers.windows import read_windows
from faradaic.diagnostics import InputError

DATA = Path(__file__).parent / "data"


def typed(*arguments: object) -> Any:
    """The object that a command prints with --json."""
    result = CliRunner().invoke(app, ["interface", *map(str, arguments), "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def told(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["interface", *map(str, arguments)])
    assert result.exit_code == 0, result.exception
    return result.output


def well(folder: Path) -> Path:
    """Windows and two pulls of F = 0.4 (1 − (ξ/0.8)²)² + 0.1 ξ, with a friction of 0.05 eV/Å."""
    rng = np.random.default_rng(8)

    def slope(xi: Any) -> Any:
        return -0.4 * 4 * (1 - (xi / 0.8) ** 2) * xi / 0.8**2 + 0.1

    def write(name: str, xi: Any, force: Any) -> None:
        ones = np.ones_like(xi)
        np.savez(
            folder / f"{name}.npz", xi_A=xi, multiplier_eV_A=force, inverse_sqrt_metric=ones,
            metric_correction_eV_A=0 * ones, time_step_fs=0.5, temperature_K=300.0, target_A=xi,
        )  # fmt: skip

    for k, xi in enumerate(np.linspace(-1, 1, 21)):
        here = np.full(2000, xi)
        write(f"window-{k:02d}", here, slope(here) + rng.normal(0, 0.2, 2000))
    line = np.linspace(-1, 1, 1001)
    write("forward", line, slope(line) + 0.05)
    write("backward", line[::-1], slope(line[::-1]) - 0.05)
    return folder


def test_a_folder_of_windows_and_pulls_becomes_curves_with_errors(tmp_path: Path) -> None:
    for name in ("windows", "checkpoints"):  # as `faradaic constrained run` leaves them
        (tmp_path / name).mkdir()
        well(tmp_path / name)
    content = typed("free-energy", tmp_path, "--out", tmp_path / "out")
    assert len(content["windows"]) == 21
    barrier = content["blue_moon"]["barrier"]
    # F(0.04) − F(−0.82) of the double well
    assert barrier["value"] == pytest.approx(0.486, abs=3 * barrier["random"] + 0.005)
    assert 0.001 < barrier["random"] < 0.01
    pulls = content["slow_growth"]
    assert pulls["hysteresis_eV"] == pytest.approx(0.2, abs=1e-6)
    assert pulls["barrier"]["value"] == pytest.approx(0.486, abs=0.005)
    assert [finding["code"] for finding in content["findings"]] == ["E850"]
    names = {Path(path).name for path in content["files"]}
    assert names >= {"profile.csv", "profile.pdf", "convergence.csv", "slow_growth.svg"}
    table = np.loadtxt(tmp_path / "out" / "profile.csv", delimiter=",", skiprows=1)
    assert table.shape == (21, 5)
    course = np.loadtxt(tmp_path / "out" / "convergence.csv", delimiter=",", skiprows=1)
    assert course[course[:, 0] == -1.0][-1, 1] == 1000.0


def test_one_pull_alone_is_told_that_it_has_no_barrier(tmp_path: Path) -> None:
    text = told("free-energy", well(tmp_path) / "forward.npz")
    assert "free-energy barrier   none: 1 pull in one direction" in text
    assert "warning[E849]" in text


def test_a_run_of_cp2k_is_found_by_what_lies_in_its_folder(tmp_path: Path) -> None:
    for name, new in (
        ("water_cp2k.inp", "w.inp"),
        ("water_cp2k_lagrange.dat", "lagrange.dat"),
        ("water_cp2k_positions.xyz", "w-pos-1.xyz"),
    ):
        shutil.copy(DATA / name, tmp_path / new)
    content = typed("free-energy", tmp_path)
    assert content["windows"][0]["gradient_eV_A"] == pytest.approx(5.41, abs=0.01)
    assert content["profile"] is None
    shutil.copy(tmp_path / "w.inp", tmp_path / "w2.inp")
    with pytest.raises(InputError, match=r"holds 2 inputs \(.inp\), 1 files of multipliers"):
        read_windows(tmp_path)


def test_restarts_of_vasp_come_before_the_last_report(tmp_path: Path) -> None:
    def report(value: float) -> str:
        return (
            "MD step No. 1\n cc> R 1.5 1.5 0.1E-05\n"
            f" b_m> {value:.6E} 0.500000E+00 0.000000E+00 {value / 2:.6E}\n"
        )

    for name, value in (("REPORT", 3.0), ("REPORT.1", 1.0), ("REPORT.2", 2.0)):
        (tmp_path / name).write_text(report(value))
    (window,) = read_windows(tmp_path, time_step_fs=1.0, temperature_K=300.0)
    assert window.multiplier_eV_A.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "control",
    [
        "UNITS LENGTH=A ENERGY=eV TIME=fs\nr: RESTRAINT ARG=d AT=2 KAPPA=5 # on d\n",
        "UNITS LENGTH=A ENERGY=eV TIME=fs # not nm\nRESTRAINT ...\n  ARG=d AT=2.0\n  KAPPA=5\n"
        "  LABEL=r\n... RESTRAINT\n",
    ],
)
def test_a_restraint_of_plumed_takes_centre_and_units_from_its_input(
    tmp_path: Path, control: str
) -> None:
    (tmp_path / "plumed.dat").write_text(control)
    (tmp_path / "COLVAR").write_text("#! FIELDS time d\n" + "0 2.1\n2 2.1\n4 2.1\n")
    (window,) = read_windows(tmp_path, temperature_K=300.0)
    assert window.multiplier_eV_A == pytest.approx(np.full(3, 5 * (2.0 - 2.1)))
    assert window.time_step_fs == 2.0
    with pytest.raises(InputError, match="--temperature"):
        read_windows(tmp_path)
    (tmp_path / "plumed.dat").write_text(control * 2)
    with pytest.raises(InputError, match="2 restraints"):
        read_windows(tmp_path, temperature_K=300.0)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no constrained run"):
        typed("free-energy", tmp_path)
    with pytest.raises(InputError, match="no file or folder"):
        typed("free-energy", tmp_path / "absent")


def test_a_work_function_from_the_command(tmp_path: Path) -> None:
    cube = DATA / "lithium_slab_v_hartree.cube"
    content = typed("work-function", cube, "--fermi-from", DATA / "lithium_slab.out", "--ph", 0)
    phi, potential = (result["value"] for result in content["results"])
    assert phi == pytest.approx(2.937, abs=1e-3)
    assert potential == pytest.approx(phi - 4.44)
    text = told("work-function", cube, "--fermi-ev", "-1.5924")
    assert "a single snapshot fluctuates by tenths of an eV" in text
    assert content["snapshots"][0]["vacuum"]["spread_eV"] < 1e-3
    for k, level_eV in enumerate((-1.5924, -1.6924)):
        folder = tmp_path / f"snapshot-{k}"
        folder.mkdir()
        shutil.copy(cube, folder / "v.cube")
        (folder / "OUTCAR").write_text(f" E-fermi :  {level_eV}\n")
    several = typed("work-function", *sorted(tmp_path.glob("*/v.cube")), "--ph", 0)
    assert several["results"][0]["value"] == pytest.approx(2.987, abs=1e-3)
    assert several["results"][1]["random"] == pytest.approx(0.05)
    with pytest.raises(InputError, match="one Fermi level is given for 2 snapshots"):
        typed("work-function", cube, cube, "--fermi-ev", "0")
    with pytest.raises(InputError, match="there is no OUTCAR beside it"):
        typed("work-function", cube)
    with pytest.raises(InputError, match="no stretch of 2 Å"):
        typed("work-function", cube, "--fermi-ev", "0", "--axis", "a")


def test_potentials_and_series_from_the_command() -> None:
    content = typed("potential", 4.3, 4.4, 4.35, "--convention", "4.28", "--ph", 0)
    assert content["results"][1]["value"] == pytest.approx(0.07)
    series = typed("charge-series", "1=0.33", "2=-0.84", "3=-1.10", "--at", -0.255)
    assert series["ions"] == pytest.approx(1.5)
    assert [finding["code"] for finding in series["findings"]] == ["E863"]
    with pytest.raises(InputError, match="not ions=potential"):
        typed("charge-series", "one", "two")
    # a barrier that takes 0.5 electrons off the electrode falls by 0.5 eV per volt
    at = {
        potential_V: typed(
            *("constant-potential", "--initial", 0, -1, 3.2, "--final", 0.9, -0.5, 3.2),
            *("--at", potential_V, "--ph", 0),
        )["energy_eV"]
        for potential_V in (-1.24, -1.44)
    }
    assert at[-1.24] == pytest.approx(0.9)
    assert at[-1.44] == pytest.approx(0.8)


def test_the_published_scheme_from_the_command(tmp_path: Path) -> None:
    content = typed("scheme", "--out", tmp_path)
    limiting = {
        (one["system"], one["process"]): one["rate_determining"] for one in content["rate_control"]
    }
    assert limiting[("Ag25", "CO2RR")] == "*COOH formation"
    assert limiting[("Au25", "CO2RR")] == "*CO formation"
    assert {finding["code"] for finding in content["findings"]} == {"E860", "E862"}
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}.{kind}" for name in ("leaching", "CO2RR", "HER") for kind in ("svg", "pdf", "png")
    }
    assert (tmp_path / "CO2RR.pdf").read_bytes().startswith(b"%PDF")


def test_a_scheme_with_reaction_energies_has_an_energetic_span(tmp_path: Path) -> None:
    table = tmp_path / "steps.csv"
    table.write_text(
        "cluster,process,order,step,barrier_eV,reaction_energy_eV,U_RHE_V\n"
        "Cu,CO2RR,1,first,0.5,-0.2,-0.8\nCu,CO2RR,2,second,0.6,-0.1,-0.8\n"
    )
    content = typed("scheme", table)
    assert content["rate_control"][0]["energetic_span"]["value"] == pytest.approx(0.6)
    table.write_text(table.read_text().replace("0.5,-0.2", "0.5,0.7"))
    with pytest.raises(InputError, match=r"barrier_eV is '0\.5'"):
        typed("scheme", table)


def test_the_hydrogen_electrode_names_the_limiting_potential() -> None:
    """ΔG(U) = ΔG(0) + e U (Nørskov et al. 2004): the worst step sets the potential."""
    found = typed("hydrogen-electrode", "*COOH=0.52", "*CO=-0.10", "--at", -0.6)
    assert found["limiting_potential_V"] == pytest.approx(-0.52)
    assert [step["energy_eV"] for step in found["steps"]] == pytest.approx([-0.08, -0.70])
    with pytest.raises(InputError, match="'\\*COOH' is not name=energy"):
        typed("hydrogen-electrode", "*COOH")
    found = typed("hydrogen-electrode", "*COOH=0.52", "*CO=-0.10", "CO=0.30", "--at", -0.5)
    assert found["steps"][2]["energy_eV"] == pytest.approx(0.30)  # desorption: no electron
    assert found["limiting_potential_V"] == pytest.approx(-0.52)
    assert found["uphill_at_any_potential"] == ["CO"]


def test_the_convergence_of_every_window_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    typed("free-energy", well(tmp_path / "runs"), "--out", tmp_path / "out")
    drawn = (tmp_path / "out" / "convergence.svg").read_text()
    assert "time used / ps" in drawn
    assert (tmp_path / "out" / "convergence.png").stat().st_size > 5000


def test_the_work_of_a_pull_that_stops_at_its_limit_is_printed_for_what_it_is(
    tmp_path: Path,
) -> None:
    """2 eV/Å from 1.0 Å to TARGET_LIMIT 1.2 Å is 0.4 eV; the 200 steps that follow do none."""
    (tmp_path / "run.inp").write_text(
        "&FORCE_EVAL\n&SUBSYS\n&CELL\nABC 12 12 12\nPERIODIC NONE\n&END\n&COLVAR\n&DISTANCE\n"
        "ATOMS 1 2\n&END\n&END\n&END\n&END\n&MOTION\n&CONSTRAINT\n&COLLECTIVE\nCOLVAR 1\n"
        "TARGET [angstrom] 1.0\nTARGET_GROWTH [angstrom*fs^-1] 0.001\n"
        "TARGET_LIMIT [angstrom] 1.2\n&END\n&END\n&MD\nTIMESTEP 1.0\nTEMPERATURE 300\n"
        "&END\n&END\n"
    )
    atomic = -2.0 / (27.211386245988 / 0.529177210903)
    (tmp_path / "pull-1.LagrangeMultLog").write_text(
        f"Shake  Lagrangian Multipliers: {atomic:.12f}\n"
        "Rattle  Lagrangian Multipliers: 0.000000000000\n" * 400
    )
    shown = CliRunner().invoke(app, ["interface", "free-energy", str(tmp_path)])
    assert "work of the pull      0.398 eV from 1.001 to 1.200 Å" in shown.stdout
    assert "none: 1 pull in one direction" in shown.stdout
