"""Starting cells: the spinel is a spinel, its orderings are one, larger cells approach random."""

from collections import Counter
from collections.abc import Mapping
from itertools import permutations

import numpy as np
import pytest

pytest.importorskip("pymatgen")

from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from faradaic.computational.screening.compositions import (
    SharedComposition,
    SiteTemplate,
    compositions,
)
from faradaic.computational.screening.ions import Ion, parse_ion, parse_ions
from faradaic.computational.screening.labelled_cell import LabelledCell
from faradaic.computational.screening.prototypes import labelled_cell
from faradaic.computational.screening.quasirandom import quasirandom
from faradaic.computational.screening.structures import starting_structure, targets
from faradaic.diagnostics import InputError
from rigs.spinels import spinel_template

pytestmark = [
    pytest.mark.filterwarnings("ignore:warn_ungrouped_named_tokens"),
    pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning"),
]

MGAL2O4 = {"A": parse_ion("Mg2+"), "M": parse_ion("Al3+"), "X": parse_ion("O2-")}


def first(template: SiteTemplate) -> SharedComposition:
    return next(compositions(template))


def neighbours(structure: Structure, element: str, within_A: float) -> set[int]:
    return {
        len(structure.get_neighbors(site, within_A))
        for site in structure
        if site.specie.symbol == element
    }


def filled(cell: LabelledCell, ions: Mapping[str, Ion]) -> Structure:
    return cell.occupied([ions[label] for label in cell.labels])


def test_the_spinel_has_its_cations_on_the_right_sites() -> None:
    # With the wrong origin of Fd-3m tetrahedra and octahedra are exchanged: Al2MgO4 upside down.
    spinel = filled(labelled_cell("spinel"), MGAL2O4)

    assert SpacegroupAnalyzer(spinel, 1e-3).get_space_group_symbol() == "Fd-3m"
    assert spinel.composition.formula == "Mg2 Al4 O8"
    assert neighbours(spinel, "Mg", 2.4) == {4}
    assert neighbours(spinel, "Al", 2.4) == {6}
    # MgAl2O4 at room temperature: a = 8.083 Å, Mg-O 1.92 Å, Al-O 1.93 Å (Hill, Craig and Gibbs,
    # Phys. Chem. Minerals 1979, 4, 317; recalled).
    assert (4 * spinel.volume) ** (1 / 3) == pytest.approx(8.083, abs=0.01)
    lengths = spinel.distance_matrix[np.ix_([0, 1], range(6, 14))]
    assert lengths.min() == pytest.approx(1.92, abs=0.01)


def test_all_24_arrangements_of_four_cations_are_one_by_symmetry() -> None:
    cell = labelled_cell("spinel")
    octahedra = [i for i, label in enumerate(cell.labels) if label == "M"]
    bare = filled(cell, MGAL2O4)
    spinel = Structure(bare.lattice, [MGAL2O4[x].element for x in cell.labels], cell.fractional)
    operations = SpacegroupAnalyzer(spinel, 1e-3).get_symmetry_dataset()

    # Each operation of the group permutes the four sites; together they do it in all 24 ways.
    moved = set()
    for rotation, shift in zip(operations.rotations, operations.translations, strict=True):
        apart = cell.fractional[octahedra] @ rotation.T + shift
        apart = apart[:, None] - cell.fractional[octahedra][None]
        same = np.abs(apart - np.rint(apart)).max(axis=-1) < 1e-3
        moved.add(tuple(same.argmax(axis=1).tolist()))
    assert len(operations.rotations) == 48
    assert moved == set(permutations(range(4)))

    # The same said by an independent comparison of structures.
    matcher = StructureMatcher(primitive_cell=False, scale=False)
    decorated = []
    for cations in permutations(["Ca", "Al", "Ga", "Sn"]):
        structure = spinel.copy()
        for i, cation in zip(octahedra, cations, strict=True):
            structure.replace(i, cation)
        decorated.append(structure)
    assert len(decorated) == 24
    assert all(matcher.fit(decorated[0], other) for other in decorated)


def test_two_kinds_of_arrangement_are_told_apart_where_there_are_two() -> None:
    # The converse of the proof above: on the eight octahedra of 28 atoms the order does matter.
    spinel = filled(labelled_cell("spinel"), MGAL2O4)
    spinel.make_supercell([2, 1, 1])
    octahedra = [i for i, site in enumerate(spinel) if site.specie.symbol == "Al"]
    fits = set()
    for at in ([0, 1, 2, 3], [0, 2, 4, 6], [0, 1, 4, 5], [0, 3, 5, 6]):
        one, other = spinel.copy(), spinel.copy()
        for i in range(4):
            one.replace(octahedra[i], "Ga")
            other.replace(octahedra[at[i]], "Ga")
        fits.add(StructureMatcher(primitive_cell=False, scale=False).fit(one, other))
    assert fits == {True, False}


def test_every_target_of_the_paper_is_a_neutral_spinel_of_14_atoms() -> None:
    for fixed in ("Mg", "Zn", "Ca"):
        template = spinel_template(fixed)
        found = list(targets(template))
        assert len({start.name for start in found}) == 127
        assert {start.role for start in found} == {"target"}
        for start, composition in zip(found, compositions(template), strict=True):
            counted = Counter(site.specie.symbol for site in start.structure)
            expected: Counter[str] = Counter()
            for ion, number in composition.ions.items():
                expected[ion.element] += number
            assert counted == expected
    assert neighbours(found[0].structure, "Ca", 2.5) == {4}


def test_larger_cells_come_closer_to_random_pairs() -> None:
    composition = first(spinel_template("Mg"))
    deviations = []
    for cells in (1, 2, 4):
        start = starting_structure(composition, cells)
        assert len(start.structure) == 14 * cells
        assert start.structure.composition.reduced_formula == "Mg3NbAlZnO8"
        deviations.append(float(start.source.split("pairs within ")[1].split()[0]))
    # In the primitive cell each of the 4 ions neighbours the 3 others only: the pair of an ion with
    # itself is 1/16 short, that of two different ones 1/12 - 1/16 too frequent.
    assert deviations[0] > deviations[1] > deviations[2]
    assert deviations[2] < 0.03
    # Four primitive cells fill the cube, the most compact cell of this size.
    angles = starting_structure(composition, 4).structure.lattice.angles
    assert angles == pytest.approx((90, 90, 90))


def test_the_same_seed_gives_the_same_cell_and_another_seed_another() -> None:
    composition = first(spinel_template("Mg"))
    one, again, other = (starting_structure(composition, 4, seed=seed) for seed in (1, 1, 2))
    assert one.structure == again.structure
    assert one.structure != other.structure


def test_quasirandom_finds_the_exactly_random_chain() -> None:
    # Pairs of a random binary chain: each neighbour is like or unlike equally often. Of 8 sites in
    # a ring that holds exactly for first and second neighbours (AABB AABB has it for the first).
    lattice = np.diag([8.0, 30.0, 30.0])
    fractional = np.array([[i / 8, 0.0, 0.0] for i in range(8)])
    a, b = parse_ions(["Na+", "K+"])
    found = quasirandom(lattice, fractional, ["M"] * 8, [a] * 4 + [b] * 4, seed=3)
    chain = [ion == a for ion in found.ions]
    for apart in (1, 2):
        unlike = sum(chain[i] != chain[(i + apart) % 8] for i in range(8))
        assert unlike == 4
    assert sum(chain) == 4


def test_inversion_exchanges_ions_between_the_sites() -> None:
    composition = first(spinel_template("Mg", parse_ions(["Ga3+", "In3+"]), 2))
    inverse = starting_structure(composition, cells=2, inversion=1.0)

    assert inverse.structure.composition.reduced_formula == "MgInGaO4"
    assert "inversion 1" in inverse.source
    # All magnesium has left the tetrahedra.
    assert neighbours(inverse.structure, "Mg", 2.5) == {6}
    assert neighbours(inverse.structure, "Ga", 2.5) == {4, 6}
    with pytest.raises(InputError, match=r"E811[\s\S]*take 0, 1"):
        starting_structure(composition, inversion=0.3)


def test_five_cations_and_other_prototypes_get_a_cell_that_holds_them() -> None:
    five = starting_structure(first(spinel_template("Zn", distinct=5)))
    assert len(five.structure) == 70
    pool = parse_ions(["Mg2+", "Co2+", "Ni2+", "Cu2+", "Zn2+"])
    salt = SiteTemplate("rocksalt", None, pool, 5, Ion("O", -2), (0, 1, 1))
    assert Counter(s.specie.symbol for s in starting_structure(first(salt)).structure) == {
        "Mg": 1, "Co": 1, "Ni": 1, "Cu": 1, "Zn": 1, "O": 5
    }  # fmt: skip


def test_a_template_that_the_library_does_not_hold_is_refused() -> None:
    pool = parse_ions(["Mg2+", "Zn2+"])
    with pytest.raises(InputError, match=r"E807.*'zincblende' is not a prototype"):
        starting_structure(
            first(SiteTemplate("zincblende", None, pool, 2, Ion("O", -2), (0, 1, 1)))
        )
    with pytest.raises(InputError, match=r"E805.*rocksalt has the sites 0, 1 and 1"):
        starting_structure(first(SiteTemplate("rocksalt", None, pool, 2, Ion("F", -1), (0, 1, 2))))
