"""Work functions and potentials: against other readers of the same files and closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.chemistry.potential_scales import absolute_potentials, nernst_slope_V
from faradaic.computational.interface.electrode_potential import (
    average_work_function,
    charge_series,
    rhe_potential,
)
from faradaic.computational.interface.energies_at_potential import (
    ChargedState,
    at_constant_potential_eV,
    grand_potential,
    hydrogen_electrode_eV,
    limiting_potential_V,
    reduction_steps,
)
from faradaic.computational.interface.potential_grid import PlanarAverage, planar_average
from faradaic.computational.interface.readers.cube import read_cube
from faradaic.computational.interface.readers.fermi_level import read_fermi_level_eV
from faradaic.computational.interface.readers.locpot import read_locpot
from faradaic.computational.interface.trajectories import Floats
from faradaic.computational.interface.work_function import vacuum_level, work_function
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import ELEMENTARY_CHARGE_C, HARTREE_EV

# pymatgen and what it imports
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

DATA = Path(__file__).parent / "data"
# Five layers of bcc lithium (100), PBE, CP2K 2023.1, 4 x 4 x 1 points: V_HARTREE_CUBE (STRIDE
# 6 6 3) and the end of the output, as the program wrote them; the input lies beside.
CUBE, OUTPUT = DATA / "lithium_slab_v_hartree.cube", DATA / "lithium_slab.out"


def slab(heights: Floats, level: float = 4.9, tilt: float = 0.0) -> Floats:
    """A well of −12 eV between 10 and 16 Å, edges of 0.5 Å, vacuum at `level` + tilt (z − 13)."""
    inside = 1 / (1 + np.exp((np.abs(heights - 13.0) - 3.0) / 0.25))
    return (level + tilt * (heights - 13.0)) * (1 - inside) - 12.0 * inside


def locpot(folder: Path, scale: float = 1.0) -> Path:
    pytest.importorskip("pymatgen.io.vasp", reason="pymatgen is not installed")
    from pymatgen.core import Lattice, Structure
    from pymatgen.io.vasp import Locpot, Poscar

    structure = Structure(
        Lattice.from_parameters(5.0, 6.0, 30.0, 80.0, 75.0, 95.0),
        ["Ag", "Ag", "S"],
        [[0.5, 0.5, 0.40], [0.0, 0.0, 0.45], [0.2, 0.7, 0.5]],
    )
    rng = np.random.default_rng(0)
    heights = np.arange(90) / 90 * 30.0
    values = np.tile(slab(heights), (6, 8, 1)) + rng.normal(0, 0.3, (6, 8, 90))
    path = folder / "LOCPOT"
    Locpot(Poscar(structure), {"total": values}).write_file(str(path))
    return path


def test_a_locpot_reads_as_pymatgen_reads_it(tmp_path: Path) -> None:
    path = locpot(tmp_path)
    from pymatgen.io.vasp import Locpot

    ours, theirs = read_locpot(path), Locpot.from_file(str(path))
    assert np.array_equal(ours.values_eV, theirs.data["total"])
    assert ours.cell_A == pytest.approx(theirs.structure.lattice.matrix)
    assert ours.fractional == pytest.approx(theirs.structure.frac_coords)
    for axis in (0, 1, 2):
        assert planar_average(ours, "abc"[axis]).potential_eV == pytest.approx(
            theirs.get_average_along_axis(axis), abs=1e-12
        )
    # the period is the height of the oblique cell, not the length of its third vector
    lattice = theirs.structure.lattice
    area = np.linalg.norm(np.cross(lattice.matrix[0], lattice.matrix[1]))
    assert planar_average(ours).period_A == pytest.approx(lattice.volume / area)
    with pytest.raises(InputError, match="no cell vector 'z'"):
        planar_average(ours, "z")


@pytest.mark.parametrize(
    ("keep", "message"), [(0.6, "of the 4320 grid values"), (0.001, "a cell vector is missing")]
)
def test_a_locpot_that_is_cut_off_is_refused_with_its_offset(
    tmp_path: Path, keep: float, message: str
) -> None:
    path = locpot(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    with pytest.raises(InputError, match=message) as error:
        read_locpot(path)
    assert 0 < error.value.diagnostics[0].numbers["offset_B"] <= keep * len(data) + 1


def test_a_cube_of_cp2k_reads_as_ase_reads_it() -> None:
    cube = pytest.importorskip("ase.io.cube", reason="ase is not installed")
    values, atoms = cube.read_cube_data(str(CUBE))
    ours = read_cube(CUBE)
    assert ours.values_eV == pytest.approx(values * HARTREE_EV, rel=1e-12)
    assert ours.cell_A == pytest.approx(np.asarray(atoms.cell), rel=1e-7)
    assert ours.fractional == pytest.approx(atoms.get_scaled_positions(), abs=1e-6)


def test_the_work_function_of_lithium_is_that_of_lithium() -> None:
    """2.93 eV: polycrystalline Li in the CRC Handbook (recalled); PBE on five layers comes near."""
    average = planar_average(read_cube(CUBE))
    found = work_function(average, read_fermi_level_eV(OUTPUT))
    assert found.fermi_eV == pytest.approx(-0.05851893585611 * HARTREE_EV)
    assert found.result.value == pytest.approx(2.93, abs=0.05)
    assert found.vacuum.spread_eV < 1e-3
    assert found.result.systematic == pytest.approx(found.vacuum.spread_eV / 2)
    assert found.result.systematic > 0
    assert found.findings == ()
    # the middle of the vacuum lies across the cell boundary, 12 Å away from the middle layer
    assert min(found.vacuum.centre_A, 24.0 - found.vacuum.centre_A) < 3.0
    # the potential of an electron is deep at the nuclei; the other sign has its plateau below
    turned = planar_average(read_cube(CUBE, electrostatic=True))
    assert turned.potential_eV == pytest.approx(-average.potential_eV)


def test_a_cube_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.cube"
    path.write_bytes(CUBE.read_bytes()[:20_000])
    with pytest.raises(InputError, match="of the 2880 grid values are there"):
        read_cube(path)
    path.write_bytes(CUBE.read_bytes()[:200])
    with pytest.raises(InputError, match=r"cut off or damaged at byte 200"):
        read_cube(path)


def test_a_cube_without_a_line_end_is_whole_where_its_last_number_is(tmp_path: Path) -> None:
    """ASE writes cubes so; of a number that was cut, digits behind the point are missing."""
    path = tmp_path / "v.cube"
    whole = CUBE.read_bytes().rstrip()
    path.write_bytes(whole)
    assert read_cube(path).values_eV == pytest.approx(read_cube(CUBE).values_eV)
    for missing in range(1, len(whole.split()[-1])):
        path.write_bytes(whole[:-missing])
        with pytest.raises(InputError, match="2879 of the 2880 grid values are there"):
            read_cube(path)
    path.write_text("nothing of the kind\n")
    with pytest.raises(InputError, match="names no Fermi level"):
        read_fermi_level_eV(path)


def test_the_fermi_level_is_the_last_one_of_an_outcar(tmp_path: Path) -> None:
    path = tmp_path / "OUTCAR"
    path.write_text(
        " E-fermi :  -1.2345     XC(G=0): -5.1\n E-fermi :   0.5700     XC(G=0): -5.1\n"
    )
    assert read_fermi_level_eV(path) == 0.57


def average(values: Floats, nuclei: tuple[float, ...] = (10.5, 13.0, 15.5)) -> PlanarAverage:
    heights = np.arange(values.size) * 30.0 / values.size
    return PlanarAverage(heights, values, np.array(nuclei), 30.0, "made")


def test_the_vacuum_is_not_looked_for_between_the_nuclei() -> None:
    heights = np.arange(300) * 0.1
    flat_inside = np.where(np.abs(heights - 13.0) < 3.0, -12.0, 4.9 + 1e-3 * np.sin(heights))
    found = vacuum_level(average(flat_inside))
    assert found.level_eV == pytest.approx(4.9, abs=2e-3)
    assert found.width_A == pytest.approx(2.0)


def test_a_cell_without_vacuum_has_no_work_function() -> None:
    heights = np.arange(300) * 0.1
    with pytest.raises(InputError, match=r"the widest gap between them is 3\.0 Å"):
        vacuum_level(average(slab(heights), tuple(np.arange(0.0, 30.0, 3.0))))
    wavy = slab(heights) + 0.2 * np.sin(2 * np.pi * heights / 1.5)
    found = work_function(average(wavy), 0.5)
    assert found.result.value is None
    assert "no vacuum plateau" in found.result.reason
    assert [finding.code for finding in found.findings] == ["E856"]


def test_a_dipole_across_the_cell_is_found() -> None:
    heights = np.arange(300) * 0.1
    sides = np.where(heights < 13.0, 4.9, 5.6)
    inside = 1 / (1 + np.exp((np.abs(heights - 13.0) - 3.0) / 0.25))
    found = work_function(average(sides * (1 - inside) - 12.0 * inside), 0.5)
    assert [finding.code for finding in found.findings] == ["E861"]
    assert found.vacuum.other_side_eV is not None
    assert {round(found.vacuum.level_eV, 1), round(found.vacuum.other_side_eV, 1)} == {4.9, 5.6}


@pytest.mark.parametrize("shift_A", [0.0, 4.0, 12.0, 19.9])
def test_the_side_of_a_slab_is_that_of_the_slab_wherever_it_lies_in_its_cell(
    shift_A: float,
) -> None:
    step = 0.1
    heights = np.arange(0.0, 24.0, step)
    potential = np.where(heights < 9.0, 4.0, np.where(heights > 15.0, 5.0, -8.0))
    moved = np.roll(potential, round(shift_A / step))
    nuclei = (np.array([10.0, 12.0, 14.0]) + shift_A) % 24.0
    slab = PlanarAverage(heights, moved, nuclei, 24.0, "slab")
    below = work_function(slab, -0.5, side="below")
    above = work_function(slab, -0.5, side="above")
    assert (below.result.value, above.result.value) == (pytest.approx(4.5), pytest.approx(5.5))
    assert (*below.findings, *above.findings) == ()


def test_the_published_potentials_and_their_work_functions() -> None:
    """Ag25 with 1, 2, 3 Na at 0.33, −0.84, −1.10 V vs RHE and pH 7 (Ye et al. 2025)."""
    for potential_V, phi_eV in ((0.33, 4.36), (-0.84, 3.19), (-1.10, 2.93)):
        assert rhe_potential(phi_eV, pH=7.0).value == pytest.approx(potential_V, abs=0.01)


def test_the_scale_of_potentials() -> None:
    assert nernst_slope_V(298.15) == pytest.approx(0.0592, abs=5e-5)
    assert nernst_slope_V(300.0) == pytest.approx(0.0595, abs=5e-5)
    at_zero = rhe_potential(4.44, pH=0.0, error_eV=0.03)
    assert (at_zero.value, at_zero.random, at_zero.systematic) == (0.0, 0.03, 0.02)
    assert at_zero.flags == ()
    without_surface = rhe_potential(4.44, pH=0.0, convention="kelly")
    assert without_surface.value == pytest.approx(0.16)
    assert "leaves out the surface potential" in without_surface.flags[0]
    assert rhe_potential(4.44, pH=0.0, convention="4.6").value == pytest.approx(-0.16)
    assert all(one.source for one in absolute_potentials().values())
    for wrong in ({"convention": "nobody"}, {"convention": 0.2}, {"temperature_K": 0.0}):
        with pytest.raises(InputError):
            rhe_potential(4.44, pH=7.0, **wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the pH is nan"):
        rhe_potential(4.44, pH=float("nan"))


def test_snapshots_of_one_run_are_not_independent() -> None:
    from scipy.signal import lfilter

    rng = np.random.default_rng(1)
    deviations, errors = [], []
    for _ in range(200):
        noise = rng.normal(0, 0.1 * np.sqrt(1 - 0.81), 400)
        mean = average_work_function((4.0 + lfilter([1.0], [1.0, -0.9], noise)).tolist())
        assert mean.value is not None
        assert mean.random is not None
        deviations.append((mean.value - 4.0) / mean.random)
        errors.append(mean.random)
    # 0.1 eV of noise with 1 + 2Σρ = 19: its square root more than that of independent ones
    assert np.mean(errors) == pytest.approx(0.1 * np.sqrt(19 / 400), rel=0.15)
    assert 0.85 < np.std(deviations) < 1.25
    assert average_work_function([4.3]).random is None
    assert "single snapshot" in average_work_function([4.3]).flags[0]
    few = average_work_function([4.3, 4.4, 4.35])
    assert few.random == pytest.approx(0.05 / np.sqrt(3))
    assert "too few to know their correlation" in few.flags[0]
    with pytest.raises(InputError):
        average_work_function([])


def test_the_series_of_charges_bends_and_is_not_extrapolated() -> None:
    series = charge_series([1, 2, 3], [0.33, -0.84, -1.10])
    assert series.slope_V.value == pytest.approx((-1.10 - 0.33) / 2)
    assert [finding.code for finding in series.findings] == ["E863"]
    assert series.ions_for(-0.84) == pytest.approx(2.0)
    assert series.ions_for(-0.255) == pytest.approx(1.5)
    with pytest.raises(InputError, match=r"outside the series, -1\.1 to 0\.33 V"):
        series.ions_for(-1.3)
    straight = charge_series([0, 1, 2, 3], [1.0, 0.5, 0.0, -0.5])
    assert straight.findings == ()
    assert straight.capacitance_F.value == pytest.approx(ELEMENTARY_CHARGE_C / 0.5)
    for wrong in (([1], [0.3]), ([1, 1], [0.3, 0.4]), ([1, 2], [0.3])):
        with pytest.raises(InputError):
            charge_series(*wrong)


def test_the_hydrogen_electrode_moves_a_step_by_its_electrons() -> None:
    # at −0.5 V a pair H+ + e- is 0.5 eV higher: a step that takes one is easier by 0.5 eV
    assert hydrogen_electrode_eV(0.7, 1, -0.5) == pytest.approx(0.2)
    assert limiting_potential_V([(0.7, 1), (-0.3, 1), (-0.1, 0)]) == pytest.approx(-0.7)
    with pytest.raises(InputError, match="step 2 is uphill and moves no electron"):
        limiting_potential_V([(0.7, 1), (0.2, 0)])


@pytest.mark.parametrize("gone", ["CO", "CO(g)", "CO + *", "CO_g"])
def test_a_species_that_leaves_the_surface_takes_no_electron(gone: str) -> None:
    steps = reduction_steps(["*CO2=0.2:0", "*COOH=0.52", "*CO=-0.1", f"{gone}=0.3"], 1.0)
    assert [step.electrons for step in steps] == [0, 1, 1, 0]
    with pytest.raises(InputError, match=r"'CO=0\.3:x' is not name=energy"):
        reduction_steps(["CO=0.3:x"], 1.0)


CAPACITANCE, CHARGELESS_EV = 0.8, 4.5
"""e/V and eV: a capacitor whose work function is that of its metal plus q/C."""


def capacitor(chemistry_eV: float, charge_e: float) -> ChargedState:
    """Energy of a finite cell: chemistry and the field, E = E_c + q²/2C; Φ = Φ_0 + q/C."""
    return ChargedState(
        chemistry_eV + charge_e**2 / (2 * CAPACITANCE),
        charge_e,
        CHARGELESS_EV + charge_e / CAPACITANCE,
    )


def test_the_charge_extrapolation_is_exact_for_a_capacitor() -> None:
    """In a cell without end the charge q_f − q_i flows at one potential: its work is Δq (Φ − Φ_0).

    A reduction takes 0.7 electrons off an electrode that holds one too many, so q goes from −1 to
    −0.3; the finite cell counts the change of its field instead.
    """
    initial, final = capacitor(0.0, -1.0), capacitor(0.4, -0.3)
    for phi in (3.25, 3.5, 4.2):
        exact = 0.4 + 0.7 * (phi - CHARGELESS_EV)
        assert at_constant_potential_eV(initial, final, phi) == pytest.approx(exact, abs=1e-12)
    # more negative potentials help a reduction
    assert at_constant_potential_eV(initial, final, 3.0) < at_constant_potential_eV(
        initial, final, 4.0
    )
    # the uncorrected difference is neither
    assert final.energy_eV - initial.energy_eV != pytest.approx(
        at_constant_potential_eV(initial, final, initial.work_function_eV), abs=0.05
    )


def test_the_slope_of_the_grand_potential_is_the_number_of_electrons() -> None:
    """E(N) = −Φ_0 N + N²/2C of N electrons too many gives Ω = −C (Φ − Φ_0)²/2 and dΩ/dΦ = N."""
    states = [
        ChargedState(
            -CHARGELESS_EV * n + n**2 / (2 * CAPACITANCE), -n, CHARGELESS_EV - n / CAPACITANCE
        )
        for n in (-0.5, 0.0, 0.5, 1.0)
    ]  # fmt: skip
    omega = grand_potential(states)
    assert omega.capacitance_e_per_V == pytest.approx(CAPACITANCE)
    assert omega.at(3.9) == pytest.approx(-CAPACITANCE * 0.6**2 / 2, abs=1e-9)
    slope = (omega.at(3.91) - omega.at(3.89)) / 0.02
    assert slope == pytest.approx(CAPACITANCE * (CHARGELESS_EV - 3.9), abs=1e-9)
    with pytest.raises(InputError, match="outside the calculations"):
        omega.at(2.0)
    with pytest.raises(InputError, match="needs three charges, here are 2"):
        grand_potential(states[:2])
