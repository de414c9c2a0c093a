"""Density, hydrogen bonds and bond lengths of trajectories, against MDAnalysis and closed forms."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.block_average import ratio_with_error
from faradaic.computational.interface.bonds import bond_lengths
from faradaic.computational.interface.hydrogen_bonds import (
    WaterMolecules,
    find_water,
    hydrogen_bonds,
)
from faradaic.computational.interface.trajectories import Floats
from faradaic.computational.interface.trajectory_frames import Frames, nearest_images, read_frames
from faradaic.computational.interface.water_density import (
    density_along_normal,
    density_around,
    distance_to_nearest_A,
    heights_A,
)
from faradaic.diagnostics import InputError

pytest.importorskip("ase")

MOLECULES, FRAMES = 90, 12
RIGHT_ANGLED = np.diag([14.0, 14.0, 20.0])
SKEWED = np.array([[14.0, 0.0, 0.0], [5.0, 14.0, 0.0], [2.0, -3.0, 20.0]])


def water_at(oxygen_A: Floats, rng: np.random.Generator) -> Floats:
    """Rigid molecules (0.9572 A, 104.52 degrees) of random orientation: (molecules, 3, 3)."""
    axis, side = rng.normal(size=(2, *oxygen_A.shape))
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
    side -= np.sum(side * axis, axis=-1, keepdims=True) * axis
    side /= np.linalg.norm(side, axis=-1, keepdims=True)
    half = np.radians(104.52) / 2
    arms = [0.9572 * (np.cos(half) * axis + s * np.sin(half) * side) for s in (1, -1)]
    return np.stack([oxygen_A, *(oxygen_A + arm for arm in arms)], axis=-2)


def random_water(cell_A: Floats) -> Frames:
    """Molecules around the points of a lattice, turned at random, wrapped atom by atom."""
    rng = np.random.default_rng(11)
    grid = np.stack(np.meshgrid(*(np.arange(n) / n for n in (3, 5, 6)), indexing="ij"), axis=-1)
    oxygen = grid.reshape(-1, 3) @ cell_A + rng.normal(scale=0.15, size=(FRAMES, MOLECULES, 3))
    positions_A = water_at(oxygen, rng).reshape(FRAMES, -1, 3)
    positions_A = (positions_A @ np.linalg.inv(cell_A) % 1.0) @ cell_A
    return Frames(("O", "H", "H") * MOLECULES, positions_A, cell_A, (True, True, True), "made")


@pytest.mark.parametrize(("cell_A", "total"), [(RIGHT_ANGLED, 506), (SKEWED, 477)])
def test_hydrogen_bonds_are_those_that_mdanalysis_found(cell_A: Floats, total: int) -> None:
    """Totals over twelve frames by MDAnalysis 2.11.0, `mdanalysis_bonds` below."""
    frames = random_water(cell_A)
    bonds = hydrogen_bonds(frames, find_water(frames))
    assert bonds.donated.sum() == total
    assert np.array_equal(bonds.donated.sum(axis=1), bonds.accepted.sum(axis=1))


@pytest.mark.parametrize("cell_A", [RIGHT_ANGLED, SKEWED])
def test_hydrogen_bonds_pair_by_pair_against_mdanalysis(cell_A: Floats) -> None:
    pytest.importorskip("MDAnalysis")
    frames = random_water(cell_A)
    bonds = hydrogen_bonds(frames, find_water(frames))
    expected = mdanalysis_bonds(frames)
    donated, accepted = np.zeros_like(bonds.donated), np.zeros_like(bonds.accepted)
    for frame, donor, acceptor in expected:
        donated[frame, donor] += 1
        accepted[frame, acceptor] += 1
    assert np.array_equal(bonds.donated, donated)
    assert np.array_equal(bonds.accepted, accepted)


def mdanalysis_bonds(frames: Frames) -> set[tuple[int, int, int]]:
    """(frame, donor, acceptor) by MDAnalysis: distances and angles of its HydrogenBondAnalysis.

    Its angle is at the hydrogen and this criterion's at the donor, so the pairs within the
    distance are taken from it and the angle H-O...O from its `calc_angles`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import MDAnalysis
        from MDAnalysis.analysis.hydrogenbonds import HydrogenBondAnalysis
        from MDAnalysis.lib.distances import calc_angles
        from MDAnalysis.lib.mdamath import triclinic_box

        universe = MDAnalysis.Universe.empty(
            3 * MOLECULES,
            n_residues=MOLECULES,
            atom_resindex=np.repeat(np.arange(MOLECULES), 3),
            trajectory=True,
        )
        universe.add_TopologyAttr("names", ["O", "H1", "H2"] * MOLECULES)
        universe.add_TopologyAttr("charges", [-0.8, 0.4, 0.4] * MOLECULES)
        pairs = [(3 * k, 3 * k + side) for k in range(MOLECULES) for side in (1, 2)]
        universe.add_TopologyAttr("bonds", pairs)
        box = triclinic_box(*frames.cell_A)
        universe.load_new(
            frames.positions_A.astype("f4"), order="fac", dimensions=np.tile(box, (len(frames), 1))
        )
        analysis = HydrogenBondAnalysis(
            universe,
            donors_sel="name O",
            hydrogens_sel="name H1 H2",
            acceptors_sel="name O",
            d_a_cutoff=3.5,
            d_h_a_angle_cutoff=0.0,
            update_selections=False,
        )
        analysis.run()
        found = set()
        for frame, donor, hydrogen, acceptor, _, _ in analysis.results.hbonds:
            now = frames.positions_A[int(frame)].astype("f4")
            places = (now[[int(atom)]] for atom in (hydrogen, donor, acceptor))
            if np.degrees(calc_angles(*places, box=box)[0]) < 30.0:
                found.add((int(frame), int(donor) // 3, int(acceptor) // 3))
    return found


def test_hydrogen_bond_follows_distance_and_angle() -> None:
    def count(oxygen_A: float, angle_deg: float) -> int:
        turn = np.radians(angle_deg)
        donor = [[0, 0, 0], [np.cos(turn), np.sin(turn), 0], [-0.3, 0, 0.9]]
        acceptor = [[oxygen_A, 0, 0], [oxygen_A + 0.6, 0.75, 0], [oxygen_A + 0.6, -0.75, 0]]
        frames = Frames(("O", "H", "H") * 2, np.array([donor + acceptor], dtype=float),
                        np.zeros((3, 3)), (False, False, False), "two")  # fmt: skip
        return int(hydrogen_bonds(frames, find_water(frames)).donated.sum())

    assert count(3.49, 29.0) == 1
    assert count(3.51, 29.0) == 0
    assert count(3.49, 31.0) == 0


def test_bonds_per_layer_add_up_to_the_bonds_of_all_molecules() -> None:
    frames = random_water(RIGHT_ANGLED)
    water = find_water(frames)
    bonds = hydrogen_bonds(frames, water)
    mean, error, molecules = bonds.per_layer(heights_A(frames, water.oxygen), np.linspace(0, 20, 5))
    assert molecules.sum() == pytest.approx(MOLECULES)
    overall, overall_error = bonds.per_molecule
    assert (mean * molecules).sum() / MOLECULES == pytest.approx(overall)
    assert np.all(error > overall_error)


def ideal_gas(frames: int = 40) -> tuple[Frames, WaterMolecules]:
    """One silver atom in the middle of a skewed cell with water anywhere."""
    rng = np.random.default_rng(2)
    cell_A = np.array([[18.0, 0, 0], [4.0, 18.0, 0], [0, 3.0, 18.0]])
    oxygen = rng.random((frames, 200, 3)) @ cell_A
    molecules = water_at(oxygen, rng).reshape(frames, -1, 3)
    silver = np.broadcast_to(cell_A.sum(axis=0) / 2, (frames, 1, 3))
    positions_A = np.concatenate([silver, molecules], axis=1)
    symbols = ("Ag", *("O", "H", "H") * 200)
    first = 1 + 3 * np.arange(200)
    water = WaterMolecules(first, np.stack([first + 1, first + 2], axis=1))
    return Frames(symbols, positions_A, cell_A, (True,) * 3, "gas"), water


def test_density_of_an_ideal_gas_is_the_same_everywhere() -> None:
    """200 molecules in 5832 A3: 200 * 18.015 g/mol / N_A / V = 1025.9 kg/m3."""
    frames, water = ideal_gas()
    expected = 200 * 18.015e-3 / 6.02214076e23 / (5832e-30)
    assert expected == pytest.approx(1025.9, abs=0.1)
    along = density_along_normal(frames, water, bin_A=1.0)
    around = density_around(frames, water, ("Ag",), bin_A=1.0, to_A=8.0)
    for profile in (along, around):
        pull = (profile.density_kg_m3 - expected) / profile.error_kg_m3
        inside = profile.molecules > 0.5
        assert inside.sum() >= 6
        assert np.mean(pull[inside] ** 2) < 3
    assert along.density_kg_m3.mean() == pytest.approx(expected)
    assert along.molecules.sum() == pytest.approx(200)


def test_shells_around_a_single_atom_have_the_volume_of_spheres() -> None:
    frames, water = ideal_gas(4)
    profile = density_around(frames, water, ("Ag",), bin_A=2.0, to_A=8.0)
    density_per_A3 = profile.density_kg_m3 / (18.015e-3 / 6.02214076e23 * 1e30)
    exact = 4 / 3 * np.pi * np.diff(profile.edges_A**3)
    assert profile.molecules.min() > 0
    assert profile.molecules / density_per_A3 == pytest.approx(exact, rel=0.05)


def test_distance_to_a_cluster_crosses_the_boundary_of_the_cell() -> None:
    positions_A = np.array([[[0.5, 5, 5], [9.5, 5, 5], [6.0, 5, 5]]])
    frames = Frames(("Ag", "O", "O"), positions_A, np.eye(3) * 10, (True,) * 3, "two")
    distance_A = distance_to_nearest_A(frames, np.array([1, 2]), ("Ag",))
    assert distance_A[0] == pytest.approx([1.0, 4.5])


def test_nearest_images_in_a_cell_that_is_periodic_in_two_directions() -> None:
    frames = Frames(("H",), np.zeros((1, 1, 3)), np.eye(3) * 10, (True, True, False), "slab")
    vectors = np.array([[9.0, -6.0, 9.0]])
    assert nearest_images(frames, vectors) == pytest.approx(np.array([[-1.0, 4.0, 9.0]]))


def test_block_error_of_a_correlated_series_is_that_of_its_independent_parts() -> None:
    """Every value repeated 50 times: sd/sqrt(n) would be seven times too small."""
    rng = np.random.default_rng(0)
    parts = rng.normal(size=400)
    _, error = ratio_with_error(np.repeat(parts, 50), np.ones(20_000), blocks=20)
    assert error == pytest.approx(1 / np.sqrt(400), rel=0.35)


def test_bond_lengths_have_mean_spread_and_the_moment_of_breaking() -> None:
    length_A = np.r_[np.full(60, 2.4), np.full(40, 3.6)]
    positions_A = np.zeros((100, 3, 3))
    positions_A[:, 1, 0] = length_A
    positions_A[:, 2, 1] = 5.0
    frames = Frames(("Ag", "S", "S"), positions_A, np.zeros((3, 3)), (False,) * 3, "pull")
    (bond,) = bond_lengths(frames, ["Ag1-S2"])
    assert bond.mean_A == pytest.approx(2.88)
    assert bond.spread_A == pytest.approx(1.2 * np.sqrt(0.24))
    assert bond.first_beyond(3.0) == 60
    assert bond.first_beyond(4.0) is None
    with pytest.raises(InputError, match="atom 2 of pull is S, not O"):
        bond_lengths(frames, ["Ag1-O2"])


def test_a_molecule_that_loses_a_proton_is_pointed_out() -> None:
    frames = random_water(RIGHT_ANGLED)
    positions_A = frames.positions_A.copy()
    positions_A[5, 1] = positions_A[5, 0] + [1.7, 0, 0]
    moved = Frames(frames.symbols, positions_A, frames.cell_A, frames.periodic, "hop")
    (finding,) = find_water(moved).findings
    assert "1 of 90 molecules lose a hydrogen on the way (O1)" in finding.message


def test_trajectories_are_read_and_damaged_ones_refused(tmp_path: Path) -> None:
    from ase import Atoms
    from ase.io import write

    path = tmp_path / "run.xyz"
    images = [Atoms("OH2", [[0, 0, 0.1 * k], [0.96, 0, 0], [-0.24, 0.93, 0]]) for k in range(5)]
    write(path, images, format="xyz")
    frames = read_frames(path, cell_A=(10, 10, 10), every=2, skip=1)
    assert frames.positions_A[:, 0, 2] == pytest.approx([0.1, 0.3])
    assert frames.cell_A == pytest.approx(np.eye(3) * 10)
    with pytest.raises(InputError, match="no cell"):
        density_along_normal(read_frames(path), find_water(read_frames(path)))
    with pytest.raises(InputError, match="holds no atom of Ag"):
        density_around(frames, find_water(frames), ("Ag",))
    path.write_text("\n".join(path.read_text().splitlines()[:-2]) + "\n")
    with pytest.raises(InputError, match="E880"):
        read_frames(path)
    with pytest.raises(InputError, match="there is no file"):
        read_frames(tmp_path / "other.xyz")


def test_without_ase_the_extra_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ase.io", None)
    with pytest.raises(InputError, match=r"pip install \"faradaic\[computational\]\""):
        read_frames(tmp_path / "run.xyz")
