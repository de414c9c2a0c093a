"""COHP by kind of bond and states by element from LOBSTER files.

The files are written here in LOBSTER's format (its manual, version 5) from curves with known
integrals: MgO-like octahedra and, in a zincblende, tetrahedra. Files of real runs that lobsterpy
publishes with its tests (NaCl, CdF2, BaTe, AlN) were read to the same ICOHP and antibonding share
as lobsterpy finds: -0.57 eV and 2 %, -0.62 eV and 38 %, -0.45 eV and 25 %.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.bonding import (
    antibonding_share,
    bond_kinds,
    draw_bonding,
    read_bonds,
    read_projected_states,
)
from faradaic.diagnostics import InputError

core = pytest.importorskip("pymatgen.core")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

ENERGIES = np.linspace(-8, 4, 601)


def hill(centre_eV: float, area: float) -> np.ndarray:
    """A Gaussian of a given area and 0.3 eV width."""
    return area * np.exp(-0.5 * ((ENERGIES - centre_eV) / 0.3) ** 2) / (0.3 * np.sqrt(2 * np.pi))


def crystal(kind: str):
    """Rock salt (octahedral) or zincblende (tetrahedral) MgO, cubic cell of eight atoms."""
    group, lattice_A, oxygen = {
        "octahedral": ("Fm-3m", 4.21, 0.5),
        "tetrahedral": ("F-43m", 4.56, 0.25),
    }[kind]
    return core.Structure.from_spacegroup(
        group, core.Lattice.cubic(lattice_A), ["Mg", "O"], [[0] * 3, [oxygen] * 3]
    )


def write_cohpcar(path: Path, structure, bonding: float, antibonding: float, spins: int = 1) -> int:
    """COHP of every Mg-O pair: `bonding` at -5 eV, `antibonding` at -2 eV, empty states at 2 eV.

    Pairs beyond the first shell get a curve a thousand times weaker, as a run with a large radius
    lists them. Returns the number of pairs.
    """
    pairs = [
        (i, neighbour.index, neighbour.nn_distance, neighbour.image)
        for i, site in enumerate(structure)
        if site.specie.symbol == "Mg"
        for neighbour in structure.get_neighbors(site, 4.6)
        if neighbour.specie.symbol == "O"
    ]
    nearest = min(length for _, _, length, _ in pairs)
    curve = (hill(-5, -bonding) + hill(-2, antibonding) + hill(2, 1.0)) / spins
    columns = []
    for _, _, length, _ in pairs:
        cohp = curve * (1 if length < 1.1 * nearest else 1e-3)
        columns += [cohp, np.concatenate([[0], np.cumsum((cohp[1:] + cohp[:-1]) / 2) * 0.02])]
    mean = [np.mean(columns[0::2], axis=0), np.mean(columns[1::2], axis=0)]
    table = np.column_stack([ENERGIES, *([*mean, *columns] * spins)])
    head = [
        "  COHPs by a test",
        f"  {len(pairs) + 1}  {spins}  {len(ENERGIES)}  {ENERGIES[0]}  {ENERGIES[-1]}  0.00000",
        "Average",
    ]
    head += [
        f"No.{n}:Mg{i + 1}->O{j + 1}({length:.5f})" for n, (i, j, length, _) in enumerate(pairs, 1)
    ]
    rows = [" ".join(f"{value:.6f}" for value in row) for row in table]
    path.write_text("\n".join([*head, *rows]) + "\n")
    return len(pairs)


@pytest.mark.parametrize(("kind", "around"), [("octahedral", 6), ("tetrahedral", 4)])
@pytest.mark.parametrize("spins", [1, 2])
def test_bonds_are_grouped_by_geometry_with_their_strength(tmp_path, kind, around, spins):
    structure = crystal(kind)
    path = tmp_path / "COHPCAR.lobster"
    listed = write_cohpcar(path, structure, bonding=2.0, antibonding=0.5, spins=spins)
    bonds = read_bonds(path, structure)
    assert len(bonds) == 4 * around < listed
    (result,) = bond_kinds(bonds)
    assert (result.name, result.bonds) == (f"Mg–O {kind}", 4 * around)
    # Below the Fermi level lie 2.0 eV of bonding and 0.5 eV of antibonding area.
    assert result.icohp_eV == pytest.approx(-1.5, abs=1e-3)
    assert result.icohp_spread_eV == pytest.approx(0, abs=1e-9)
    assert result.antibonding_share == pytest.approx(0.5 / 2.5, abs=1e-3)


def test_the_antibonding_share_counts_only_filled_states():
    assert antibonding_share(ENERGIES, hill(-3, -1.0) + hill(2, 5.0)) == pytest.approx(0, abs=1e-9)
    assert antibonding_share(ENERGIES, hill(-3, 1.0)) == pytest.approx(1)
    assert np.isnan(antibonding_share(ENERGIES, np.zeros_like(ENERGIES)))


def test_the_structure_is_read_from_its_file_and_the_figure_has_its_numbers(tmp_path):
    structure = crystal("octahedral")
    structure.to(filename=str(tmp_path / "POSCAR"), fmt="poscar")
    write_cohpcar(tmp_path / "COHPCAR.lobster", structure, bonding=2.0, antibonding=0.5)
    kinds = bond_kinds(read_bonds(tmp_path / "COHPCAR.lobster", tmp_path / "POSCAR"))
    png = draw_bonding(kinds, None, tmp_path / "bonding")
    assert png.read_bytes()[:4] == b"\x89PNG"
    with (tmp_path / "bonding.csv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["energy_eV", "minus COHP Mg–O octahedral (1/eV per bond)"]
    curve = np.array(rows[1:], float)
    below = curve[:, 0] <= 0
    assert np.trapezoid(curve[below, 1], curve[below, 0]) == pytest.approx(1.5, abs=1e-3)


def test_a_torn_file_and_a_foreign_structure_are_refused(tmp_path):
    structure = crystal("octahedral")
    path = tmp_path / "COHPCAR.lobster"
    write_cohpcar(path, structure, bonding=2.0, antibonding=0.5)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-300]) + "\n")
    with pytest.raises(InputError, match="301 of 601 energies are there"):
        read_bonds(path, structure)
    path.write_text("\n".join([*lines[:-1], lines[-1][:40]]) + "\n")
    with pytest.raises(InputError, match=r"COHPCAR\.lobster cannot be read"):
        read_bonds(path, structure)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match="does not fit the structure: it names atom"):
        read_bonds(path, structure.get_primitive_structure())
    silicon = core.Structure.from_spacegroup("Fd-3m", core.Lattice.cubic(5.43), ["Si"], [[0] * 3])
    with pytest.raises(InputError, match="no first-shell bond between a cation and an anion"):
        read_bonds(path, silicon)
    with pytest.raises(InputError, match="cannot be read"):
        read_bonds(tmp_path / "none", structure)


def test_states_of_a_doscar_are_added_up_by_element(tmp_path):
    structure = crystal("octahedral").get_primitive_structure()
    span = f" {ENERGIES[-1]} {ENERGIES[0]} {len(ENERGIES)} 0.00000 1.0000"
    orbitals = {"Mg": ("3s",), "O": ("2s", "2p_x")}
    areas = {"3s": 0.4, "2s": 1.5, "2p_x": 2.5}
    shifted = "Energy is shifted such that the Fermi level lies at 0 eV."
    lines = ["2 2 1 2", "19 1 1 1 1", "1E-4", "CAR", f"DOS and projected DOS file by A. {shifted}"]
    total = sum(hill(-4, area) for area in areas.values())
    lines.append(span)
    whole = np.column_stack([ENERGIES, total, np.cumsum(total) * 0.02])
    lines += [" ".join(f"{value:.6f}" for value in row) for row in whole]
    for site in structure:
        names = orbitals[site.specie.symbol]
        lines.append(f"{span}; Z= {site.specie.Z};  {' '.join(names)}")
        part = np.column_stack([ENERGIES, *(hill(-4, areas[name]) for name in names)])
        lines += [" ".join(f"{value:.6f}" for value in row) for row in part]
    path = tmp_path / "DOSCAR.lobster"
    path.write_text("\n".join(lines) + "\n")
    states = read_projected_states(path, structure)
    below = states.energies_eV <= 0
    found = {
        element: float(np.trapezoid(curve[below], states.energies_eV[below]))
        for element, curve in states.by_element.items()
    }
    assert found == {"Mg": pytest.approx(0.4, abs=1e-3), "O": pytest.approx(4.0, abs=1e-3)}
    with pytest.raises(InputError, match="does not say which atoms"):
        read_projected_states(path)
    path.write_text("\n".join(lines[:500]) + "\n")
    with pytest.raises(InputError, match=r"DOSCAR\.lobster cannot be read"):
        read_projected_states(path, structure)
