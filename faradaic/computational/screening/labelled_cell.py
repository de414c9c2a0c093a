"""Cells whose sites are labelled, for ions to be put on.

A label is a role in the formula: A and M (and N) cations, X the anion.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faradaic.computational.screening.ions import Ion
from faradaic.computational.screening.radii import starting_radius_A
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class LabelledCell:
    """A primitive cell, or a supercell, whose sites carry labels instead of elements."""

    prototype: str
    family: str
    lattice_A: NDArray[np.float64]
    """Lattice vectors as rows, shape (3, 3), in Å, of the reference compound."""
    labels: tuple[str, ...]
    fractional: NDArray[np.float64]
    """Fractional coordinates, shape (sites, 3)."""
    mean_distance_A: float
    """Mean cation radius plus mean anion radius of the reference compound."""
    source: str

    def occupied(self, ions: list[Ion]) -> Any:
        """The pymatgen `Structure` with one ion per site, in the order of `labels`.

        Lengths are scaled by the sum of mean cation and mean anion radius (Shannon).
        """
        core = optional_library("pymatgen.core")
        scale = mean_distance_A(ions) / self.mean_distance_A
        structure = core.Structure(
            self.lattice_A * scale, [ion.element for ion in ions], self.fractional
        )
        return structure.get_sorted_structure(key=_by_electronegativity)


def mean_distance_A(ions: list[Ion]) -> float:
    """Mean cation radius plus mean anion radius (Shannon) of ions, one for each site."""
    counts = Counter(ions)
    means = []
    for sign in (1, -1):
        chosen = {ion: n for ion, n in counts.items() if ion.charge * sign > 0}
        total = sum(starting_radius_A(ion) * n for ion, n in chosen.items())
        means.append(total / sum(chosen.values()))
    return sum(means)


def _by_electronegativity(site: Any) -> tuple[float, str]:
    return site.specie.X, site.specie.symbol
