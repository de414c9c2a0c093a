"""The electrostatic potential of an electron on a grid, and its average over planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import refusal

AXES = ("a", "b", "c")


@dataclass(frozen=True, slots=True, eq=False)
class PotentialGrid:
    """Potential energy of an electron in a periodic cell."""

    values_eV: Floats
    """(na, nb, nc), the first point at the origin of the cell; highest in the vacuum."""
    cell_A: Floats
    """Cell vectors as rows, (3, 3)."""
    fractional: Floats
    """Positions of the nuclei in units of the cell vectors, (atoms, 3)."""
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class PlanarAverage:
    """The mean of the potential over planes, along the normal of two cell vectors."""

    height_A: Floats
    """Of each plane above the first, along the normal (n,)."""
    potential_eV: Floats
    """(n,)"""
    nuclei_A: Floats
    """Heights of the nuclei, in [0, period)."""
    period_A: float
    source: str


def planar_average(grid: PotentialGrid, axis: str = "c") -> PlanarAverage:
    """The average over the planes spanned by the other two cell vectors.

    Raises `InputError` (E859) for an axis that is not a, b or c.
    """
    if axis not in AXES:
        raise refusal("E859", f"there is no cell vector {axis!r}", "choose a, b or c")
    k = AXES.index(axis)
    first, second = (grid.cell_A[j] for j in range(3) if j != k)
    normal = np.cross(first, second)
    period = abs(float(normal @ grid.cell_A[k])) / float(np.linalg.norm(normal))
    mean = grid.values_eV.mean(axis=tuple(j for j in range(3) if j != k))
    return PlanarAverage(
        np.arange(mean.size) * period / mean.size,
        mean,
        np.mod(grid.fractional[:, k], 1.0) * period,
        period,
        grid.source,
    )
