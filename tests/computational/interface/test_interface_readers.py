"""What the codes write comes out in eV and Å with one sign: +λ ∇ξ is the constraint force."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.blue_moon import mean_force
from faradaic.computational.interface.readers.cp2k_input import read_constrained_run
from faradaic.computational.interface.readers.cp2k_multipliers import (
    read_cp2k_window,
    read_multipliers,
    read_xyz,
)
from faradaic.computational.interface.readers.plumed_colvar import (
    read_colvar,
    read_plumed_window,
)
from faradaic.computational.interface.readers.plumed_input import OWN_UNITS, Restraint
from faradaic.computational.interface.readers.vasp_report import (
    read_report,
)
from faradaic.computational.interface.slow_growth import pull
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL

DATA = Path(__file__).parent / "data"

STEP = """========================================
         MD step No.{number:7d}
========================================

  >Const_coord
   cc> S    0.17000   0.17000  0.301200E-05

  >Blue_moon
       lambda        |z|^(-1/2)    GkT           |z|^(-1/2)*(lambda+GkT)
  b_m> -0.137162E+01  0.730324E+00  0.439271E-02 -0.998520E+00

   t_b>   300.000   309.741   193.957   308.063

"""
"""The numbers of the two printed lines: VASP wiki, "Blue moon ensemble calculations"."""


def report(folder: Path, steps: int, text: str = STEP) -> Path:
    path = folder / "REPORT"
    path.write_text("".join(text.format(number=k + 1) for k in range(steps)))
    (folder / "INCAR").write_text("MDALGO = 2 ! Nose-Hoover\n POTIM = 0.5\nTEBEG = 310\n")
    return path


def test_a_report_of_vasp_keeps_the_identity_of_its_columns(tmp_path: Path) -> None:
    window = read_report(report(tmp_path, 40))
    assert len(window) == 40
    assert window.xi_A[0] == window.target_A[0] == 0.17  # type: ignore[index]
    assert window.multiplier_eV_A[3] == -1.37162
    assert window.inverse_sqrt_metric is not None
    assert window.metric_correction_eV_A is not None
    product = window.inverse_sqrt_metric * (window.multiplier_eV_A + window.metric_correction_eV_A)
    assert product == pytest.approx(-0.998520, abs=2e-6)
    assert window.findings == ()
    # the recipe of the wiki: the last column over the second
    assert mean_force(window).gradient_eV_A == pytest.approx(-0.998520 / 0.730324, rel=2e-6)
    assert (window.time_step_fs, window.temperature_K) == (0.5, 300.0)


def test_columns_that_do_not_belong_together_are_found(tmp_path: Path) -> None:
    path = report(tmp_path, 3, STEP.replace("-0.998520E+00", "-0.988520E+00"))
    assert [finding.code for finding in read_report(path).findings] == ["E854"]


def test_restarts_and_a_second_constraint_are_read_in_order(tmp_path: Path) -> None:
    two = STEP.replace(
        "   cc> S    0.17000   0.17000  0.301200E-05\n",
        "   cc> S    0.17000   0.17000  0.301200E-05\n   cc> R    1.50000   1.50000  0.1E-05\n",
    ).replace(
        "-0.998520E+00\n",
        "-0.998520E+00\n  b_m>  0.200000D+01  0.500000E+00  0.000000E+00  0.100000E+01\n",
    )
    path = report(tmp_path, 5, two)
    window = read_report([path, path], constraint=1)
    assert len(window) == 10
    assert set(window.multiplier_eV_A) == {2.0}
    assert set(window.xi_A) == {1.5}
    assert set(read_report(path).multiplier_eV_A) == {-1.37162}
    with pytest.raises(InputError, match="holds 2 constraints per step, number 2 is asked for"):
        read_report(path, constraint=2)


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (lambda text: text.replace("b_m>", "", 1), "5 steps, 5 cc> and 4 b_m> lines"),
        (lambda text: text.replace("0.439271E-02", "************", 1), r"'\*+' in a b_m> line"),
        (lambda text: text.replace("b_m>", "e_b>"), "no REPORT with blue-moon output"),
    ],
)
def test_a_report_that_is_cut_off_is_refused_at_its_offset(
    tmp_path: Path, cut: object, message: str
) -> None:
    path = report(tmp_path, 5)
    path.write_text(cut(path.read_text()))  # type: ignore[operator]
    with pytest.raises(InputError, match=message):
        read_report(path)


@pytest.mark.parametrize("last", ["-0.99", "  >Blue_moon", "cc>", "MD step No"])
def test_a_report_cut_by_the_end_of_a_job_gives_its_whole_steps_and_says_so(
    tmp_path: Path, last: str
) -> None:
    path = report(tmp_path, 5)
    whole = read_report(path)
    text = path.read_text()
    path.write_text(text[: text.rindex(last) + (10 if last.startswith("MD") else 0)])
    window = read_report(path)
    assert window.multiplier_eV_A.tolist() == whole.multiplier_eV_A[:4].tolist()
    assert [finding.code for finding in window.findings] == ["E851"]
    assert "its 4 whole steps are used" in window.findings[0].message
    assert len(read_report([path, path])) == 8


def test_time_step_and_temperature_are_asked_for_not_guessed(tmp_path: Path) -> None:
    path = report(tmp_path, 3, STEP.replace("   t_b>", "   p_b>"))
    assert read_report(path).temperature_K == 310.0
    (tmp_path / "INCAR").unlink()
    with pytest.raises(InputError, match="--time-step-fs"):
        read_report(path, temperature_K=300.0)
    assert read_report(path, time_step_fs=1.0, temperature_K=290.0).temperature_K == 290.0


def test_a_hundred_thousand_steps_are_read(tmp_path: Path) -> None:
    assert len(read_report(report(tmp_path, 100_000))) == 100_000


# A water molecule in CP2K 2023.1, GFN1-xTB, 300 K, ξ = d(O-H1) − d(O-H2) held at 0.30 Å, started
# at 0.00 Å: 300 steps of 0.5 fs, as the program wrote them.
WATER = (
    DATA / "water_cp2k_lagrange.dat",
    DATA / "water_cp2k.inp",
    DATA / "water_cp2k_positions.xyz",
)


def test_the_input_of_cp2k_names_the_coordinate() -> None:
    run = read_constrained_run(WATER[1])
    assert (run.pairs, run.coefficients) == (((0, 1), (0, 2)), (1.0, -1.0))
    assert (run.target_A, run.growth_A_fs) == (0.30, 0.0)
    assert (run.time_step_fs, run.temperature_K, run.cell_A) == (0.5, 300.0, None)


def test_a_target_without_a_unit_is_in_bohr(tmp_path: Path) -> None:
    path = tmp_path / "run.inp"
    path.write_text(WATER[1].read_text().replace("[angstrom] 0.30", "0.30"))
    assert read_constrained_run(path).target_A == pytest.approx(0.30 * 0.529177210903)
    path.write_text(WATER[1].read_text().replace("[angstrom]", "[furlong]"))
    with pytest.raises(InputError, match="TARGET in 'furlong'"):
        read_constrained_run(path)
    path.write_text(WATER[1].read_text().replace("&END MOTION", ""))
    with pytest.raises(InputError, match="&MOTION is never closed"):
        read_constrained_run(path)


def test_the_multiplier_of_cp2k_has_the_opposite_sign_and_hartree_per_bohr() -> None:
    """Stretching one O-H and squeezing the other costs energy: dF/dξ > 0 at ξ > 0.

    dE/dξ of the molecule relaxed at ξ = 0.30 Å is 5.43 eV/Å by GFN1-xTB in tblite 0.8 (central
    difference over 0.02 Å); at 300 K the mean force of the stiff molecule lies close to it.
    """
    raw = read_multipliers(WATER[0])
    assert raw.shape == (300, 1)
    assert np.median(raw) < 0
    found = mean_force(read_cp2k_window(*WATER))
    assert found.gradient_eV_A == pytest.approx(5.43, abs=2.5 * found.error_eV_A)
    assert found.error_eV_A < 0.2
    assert found.xi_A == pytest.approx(0.30, abs=1e-6)


def test_the_spurious_first_multiplier_of_cp2k_is_left_out_and_named() -> None:
    window = read_cp2k_window(*WATER)
    assert len(window) == 299
    assert [finding.code for finding in window.findings] == ["E855"]
    assert "115.2 eV/Å, is left out" in window.findings[0].message
    assert np.max(np.abs(window.multiplier_eV_A)) < 20


def test_a_growing_target_of_cp2k_is_followed_step_by_step() -> None:
    """The same molecule, ξ driven from 0.00 Å by 0.002 Å/fs: 60 steps of 0.5 fs."""
    names = ("lagrange.dat", ".inp", "positions.xyz")
    multipliers, control, positions = (
        DATA / f"water_growth_cp2k{'' if name == '.inp' else '_'}{name}" for name in names
    )
    window = read_cp2k_window(multipliers, control, positions)
    assert window.driven
    assert window.target_A is not None
    assert window.target_A[-1] == pytest.approx(0.060)
    assert window.xi_A == pytest.approx(window.target_A, abs=1e-6)
    done = pull(window)
    assert done.speed_A_ps == pytest.approx(2.0)
    # uphill from the symmetric molecule: half of 18 eV/Å² (5.43 eV/Å at 0.30 Å) times ξ², and what
    # so fast a pull loses
    assert 0.5 * 18.1 * 0.060**2 < done.work_eV[-1] < 0.1


def test_a_growing_target_stops_at_its_limit(tmp_path: Path) -> None:
    """As CP2K has it (TARGET_LIMIT): the same pull, its target held from 0.040 Å on."""
    control = tmp_path / "limited.inp"
    text = (DATA / "water_growth_cp2k.inp").read_text()
    limit = "\n   TARGET_LIMIT [angstrom] 0.040\n"
    control.write_text(re.sub(r"\n(?= *TARGET_GROWTH)", limit, text))
    window = read_cp2k_window(DATA / "water_growth_cp2k_lagrange.dat", control)
    assert window.target_A is not None
    assert np.max(window.target_A) == pytest.approx(0.040)
    assert np.sum(np.diff(window.target_A) == 0) == 20
    assert pull(window).speed_A_ps == pytest.approx(2.0)


def test_the_metric_comes_from_the_trajectory() -> None:
    from faradaic.computational.interface.readers.cp2k_multipliers import read_xyz

    window = read_cp2k_window(*WATER)
    _, positions, _ = read_xyz(WATER[2], [0, 1, 2])
    o, h1, h2 = positions[-1]
    cosine = (h1 - o) @ (h2 - o) / np.linalg.norm(h1 - o) / np.linalg.norm(h2 - o)
    # Z of a difference of two bonds on one atom, in closed form
    z = 2 / 1.008 + 2 * (1 - cosine) / 15.999
    assert window.inverse_sqrt_metric is not None
    assert window.inverse_sqrt_metric[-1] == pytest.approx(z**-0.5, rel=1e-9)
    bare = mean_force(read_cp2k_window(*WATER[:2]))
    assert "E844" in [finding.code for finding in bare.findings]


def test_a_constraint_that_is_not_where_the_input_says_is_found(tmp_path: Path) -> None:
    moved = tmp_path / "moved.inp"
    moved.write_text(WATER[1].read_text().replace("0.30", "0.35"))
    found = mean_force(read_cp2k_window(WATER[0], moved, WATER[2]))
    assert "E843" in [finding.code for finding in found.findings]


def test_files_of_cp2k_that_end_in_the_middle_of_a_step_give_their_whole_steps(
    tmp_path: Path,
) -> None:
    whole = read_cp2k_window(*WATER)
    for source in (WATER[0], WATER[2]):
        (tmp_path / source.name).write_bytes(source.read_bytes()[:-20])
    for files in (
        (tmp_path / WATER[0].name, *WATER[1:]),
        (*WATER[:2], tmp_path / WATER[2].name),
        (tmp_path / WATER[0].name, WATER[1], tmp_path / WATER[2].name),
    ):
        window = read_cp2k_window(*files)
        assert len(whole) - 2 < len(window) <= len(whole)
        assert window.multiplier_eV_A.tolist() == (whole.multiplier_eV_A[: len(window)].tolist())
        told = [finding for finding in window.findings if finding.code == "E851"]
        assert len(told) == sum(path.parent == tmp_path for path in files)
        assert "whole steps before it are used" in told[0].message
    with pytest.raises(InputError, match="the first frame is incomplete"):
        (tmp_path / "short.xyz").write_text("3\n i = 1\nO 0 0 0\n")
        read_xyz(tmp_path / "short.xyz", [0])
    with pytest.raises(InputError, match="no Lagrangian multipliers of CP2K"):
        read_multipliers(WATER[2])


def test_variables_of_the_preprocessor_stand_for_their_values(tmp_path: Path) -> None:
    text = WATER[1].read_text()
    plain = read_constrained_run(WATER[1])
    path = tmp_path / "run.inp"
    path.write_text(
        "@SET STEP 2.5\n@SET GAUGE ${STEP}\n" + text.replace("TIMESTEP 0.5", "TIMESTEP $GAUGE")
    )
    assert read_constrained_run(path).time_step_fs == 2.5 != plain.time_step_fs
    path.write_text(text.replace("TIMESTEP 0.5", "TIMESTEP ${MISSING}"))
    with pytest.raises(InputError, match="MISSING"):
        read_constrained_run(path)


def colvar(folder: Path, moving: bool) -> Path:
    """A harmonic restraint of 5000 kJ/mol/nm² on 0.2 nm, its coordinate pushed 0.004 nm up."""
    time_ps = np.arange(200) * 0.01
    centre = 0.2 + (0.05 * time_ps if moving else 0 * time_ps)
    d1 = centre + 0.004
    rows = zip(time_ps, d1, centre, 0 * time_ps + 5000.0, strict=True)
    path = folder / "COLVAR"
    path.write_text(
        "#! FIELDS time d1 restraint.d1_cntr restraint.d1_kappa\n"
        + "".join("{:.6f} {:.6f} {:.6f} {:.6f}\n".format(*row) for row in rows)
    )
    return path


def test_a_restraint_of_plumed_is_umbrella_integration_at_the_mean(tmp_path: Path) -> None:
    window = read_plumed_window(colvar(tmp_path, moving=False), Restraint("d1"), 300.0)
    found = mean_force(window)
    # pushed up by the system: F falls along d1, by κ times the displacement
    eV_per_A = 5000.0 * 0.004 * 1e3 / FARADAY_C_PER_MOL / 10.0
    assert found.gradient_eV_A == pytest.approx(-eV_per_A, rel=1e-6)
    assert found.xi_A == pytest.approx(2.04)
    assert window.time_step_fs == pytest.approx(10.0)
    assert not {"E843", "E844"} & {finding.code for finding in found.findings}


def test_a_moving_restraint_of_plumed_does_work_with_its_centre(tmp_path: Path) -> None:
    path = colvar(tmp_path, moving=True)
    work = pull(read_plumed_window(path, Restraint("d1"), 300.0))
    kj_per_mol = -5000.0 * 0.004 * 0.05 * 1.99
    assert work.work_eV[-1] == pytest.approx(kj_per_mol * 1e3 / FARADAY_C_PER_MOL, rel=1e-5)
    assert work.speed_A_ps == pytest.approx(0.5, rel=1e-3)
    with pytest.raises(InputError, match="no column 'd2'"):
        read_plumed_window(path, Restraint("d2"), 300.0)
    with pytest.raises(InputError, match="no unit of length 'pm'"):
        read_plumed_window(path, Restraint("d1", units={**OWN_UNITS, "LENGTH": "pm"}), 300.0)


def test_a_colvar_without_header_or_end_is_refused(tmp_path: Path) -> None:
    path = colvar(tmp_path, moving=False)
    text = path.read_text()
    path.write_text(text[:-12])
    with pytest.raises(InputError, match="cut off or damaged at byte"):
        read_colvar(path)
    path.write_text(text.partition("\n")[2])
    with pytest.raises(InputError, match="no '#! FIELDS' line"):
        read_colvar(path)
