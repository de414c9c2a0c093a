"""Orderings of unlike ions on the sites of a cell: supercells and electrostatic ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from math import comb
from typing import TYPE_CHECKING

from faradaic.diagnostics import refusal
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from faradaic.computational.screening.labelled_cell import LabelledCell

MOST_ORDERINGS = 50_000
SAME_ENERGY_EV = 1e-3
"""Orderings closer than this are taken as one and the same by symmetry."""


def supercell(cell: LabelledCell, matrix: NDArray[np.int_]) -> LabelledCell:
    """A supercell; the rows of `matrix` are its vectors in those of the cell."""
    import numpy as np

    size = round(abs(float(np.linalg.det(matrix))))
    reach = np.abs(matrix).sum()
    steps = np.arange(-reach, reach + 1)
    shifts = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    inverse = np.linalg.inv(matrix)
    inside = shifts @ inverse
    shifts = shifts[np.all((inside > -1e-9) & (inside < 1 - 1e-9), axis=1)]
    assert len(shifts) == size
    at = (cell.fractional[:, None, :] + shifts[None, :, :]) @ inverse
    labels = tuple(label for label in cell.labels for _ in range(size))
    return replace(
        cell,
        lattice_A=matrix @ cell.lattice_A,
        labels=labels,
        fractional=at.reshape(-1, 3) % 1.0,
    )


def compact_supercell(cell: LabelledCell, size: int) -> LabelledCell:
    """The supercell of `size` cells whose shortest lattice vector is longest."""
    import numpy as np

    if size == 1:
        return cell
    lattice = optional_library("pymatgen.core").Lattice
    best, longest = None, 0.0
    for a, b, c in _factorisations(size):
        for x, y, z in product(range(a), range(a), range(b)):
            matrix = np.array([[a, 0, 0], [x, b, 0], [y, z, c]])
            reduced = lattice(matrix @ cell.lattice_A).get_lll_reduced_lattice().matrix
            shortest = float(np.linalg.norm(reduced, axis=1).min())
            if best is None or shortest > longest + 1e-6:
                best, longest = reduced, shortest
    assert best is not None
    return supercell(cell, np.rint(best @ np.linalg.inv(cell.lattice_A)).astype(int))


def _factorisations(size: int) -> Iterator[tuple[int, int, int]]:
    for a in (a for a in range(1, size + 1) if size % a == 0):
        for b in (b for b in range(1, size // a + 1) if size // a % b == 0):
            yield a, b, size // a // b


def lowest_orderings(
    cell: LabelledCell,
    labels: Sequence[str],
    shared: Sequence[int],
    into: Mapping[str, int],
    charges: Mapping[str, int],
    number: int,
) -> list[tuple[str, ...]]:
    """The `number` orderings of lowest electrostatic energy, lowest first.

    `shared` are the sites to share out between the labels of `into` in its proportion; point
    charges by label are summed by Ewald's method once, over pairs of sites, for all orderings.
    Raises `InputError` (E808) where there are too many orderings to go through, or too few.
    """
    import numpy as np

    first, second = into
    part = len(shared) * into[first] // (into[first] + into[second])
    if comb(len(shared), part) > MOST_ORDERINGS:
        raise refusal(
            "E808",
            f"{cell.prototype}: {comb(len(shared), part)} orderings are too many to rank",
            f"take a smaller supercell, with up to {MOST_ORDERINGS} orderings",
        )
    full = {"X": -2, **charges}
    mean = (full[first] * into[first] + full[second] * into[second]) / sum(into.values())
    average = np.array([mean if i in set(shared) else full[x] for i, x in enumerate(labels)])
    pairs = _pair_energies_eV(cell, average)
    found: list[tuple[float, tuple[str, ...]]] = []
    for chosen in combinations(shared, part):
        order = list(labels)
        for i in shared:
            order[i] = first if i in chosen else second
        charge = np.array([full[label] for label in order], dtype=float)
        found.append((float(charge @ pairs @ charge), tuple(order)))
    distinct: list[tuple[float, tuple[str, ...]]] = []
    for energy, ordering in sorted(found, key=lambda item: item[0]):
        if not distinct or energy - distinct[-1][0] > SAME_ENERGY_EV:
            distinct.append((energy, ordering))
        if len(distinct) == number:
            return [labels for _, labels in distinct]
    raise refusal(
        "E808",
        f"{cell.prototype} has {len(distinct)} different orderings, {number} are asked for",
        "take a larger supercell",
    )


def _pair_energies_eV(cell: LabelledCell, charges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ewald energies of pairs of sites per unit charges; shape (sites, sites)."""
    import numpy as np

    core = optional_library("pymatgen.core")
    ewald = optional_library("pymatgen.analysis.ewald")
    structure = core.Structure(
        cell.lattice_A, [core.DummySpecies("Q", float(q)) for q in charges], cell.fractional
    )
    summed = ewald.EwaldSummation(structure)
    energies: NDArray[np.float64] = summed.total_energy_matrix / np.outer(charges, charges)
    return energies
