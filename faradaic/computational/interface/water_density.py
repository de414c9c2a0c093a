"""Water density along the normal of a surface and around a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from faradaic.chemistry.formulas import parse_formula
from faradaic.computational.interface.block_average import ratio_with_error
from faradaic.computational.interface.hydrogen_bonds import WaterMolecules
from faradaic.computational.interface.trajectories import Floats
from faradaic.computational.interface.trajectory_frames import Frames
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import AVOGADRO_PER_MOL

WATER_KG_M3_PER_A3 = parse_formula("H2O").molar_mass_kg_per_mol / AVOGADRO_PER_MOL * 1e30
"""Density of one molecule per cubic angstrom, 29915 kg/m3."""
_GRID_POINTS = 60_000
_GRID_FRAMES = 20


@dataclass(frozen=True, slots=True, eq=False)
class DensityProfile:
    """Water per volume in bins; arrays (bins,)."""

    edges_A: Floats
    """(bins + 1,)."""
    density_kg_m3: Floats
    """NaN in a bin without volume."""
    error_kg_m3: Floats
    molecules: Floats
    """Mean number in each bin."""
    coordinate: str
    """What the edges are of, in words."""

    @property
    def centres_A(self) -> Floats:
        """Middles of the bins."""
        return (self.edges_A[1:] + self.edges_A[:-1]) / 2


def density_along_normal(
    frames: Frames, water: WaterMolecules, *, bin_A: float = 0.25
) -> DensityProfile:
    """Oxygen density along the third cell vector's normal, 0 at the bottom of the cell.

    Raises `InputError` (E883) without a cell.
    """
    _need_cell(frames)
    height_A = heights_A(frames, water.oxygen)
    total_A = abs(np.linalg.det(frames.cell_A)) / _base_A2(frames)
    bins = max(1, round(total_A / _positive(bin_A)))
    edges = np.linspace(0.0, total_A, bins + 1)
    counts = _histograms(height_A, edges)
    volume_A3 = np.full(counts.shape, _base_A2(frames) * total_A / bins)
    return _profile(edges, counts, volume_A3, "distance from the bottom of the cell, normal to it")


def heights_A(frames: Frames, atoms: Any) -> Floats:
    """Distance of atoms from the base of the cell along its normal: (frames, atoms), wrapped."""
    _need_cell(frames)
    a, b, _ = frames.cell_A
    normal = np.cross(a, b)
    total_A = abs(np.linalg.det(frames.cell_A)) / _base_A2(frames)
    height = frames.positions_A[:, atoms] @ (normal / np.linalg.norm(normal))
    return np.asarray(height % total_A if frames.periodic[2] else height)


def density_around(
    frames: Frames,
    water: WaterMolecules,
    metals: tuple[str, ...],
    *,
    bin_A: float = 0.25,
    to_A: float = 8.0,
) -> DensityProfile:
    """Oxygen density against the distance to the nearest atom of `metals`.

    The volume of each shell is what a grid of points in the cell says, for up to 20 of the
    frames, since a cluster is no sphere. Raises `InputError` (E883) without a cell.
    """
    _need_cell(frames)
    bins = max(1, round(to_A / _positive(bin_A)))
    edges = np.linspace(0.0, to_A, bins + 1)
    counts = _histograms(distance_to_nearest_A(frames, water.oxygen, metals), edges)
    chosen = np.unique(np.linspace(0, len(frames) - 1, _GRID_FRAMES).astype(int))
    volume_A3 = np.mean([_shell_volumes_A3(frames, k, metals, edges) for k in chosen], axis=0)
    name = f"distance to the nearest atom of {', '.join(metals)}"
    return _profile(edges, counts, np.broadcast_to(volume_A3, counts.shape), name)


def distance_to_nearest_A(frames: Frames, atoms: Any, metals: tuple[str, ...]) -> Floats:
    """From each of `atoms` to the nearest metal atom, images included: (frames, atoms)."""
    metal = frames.indices(*metals)
    return np.array([_nearest_A(frames, now[metal], now[atoms]) for now in frames.positions_A])


def _shell_volumes_A3(frames: Frames, k: int, metals: tuple[str, ...], edges: Floats) -> Floats:
    lengths = np.linalg.norm(frames.cell_A, axis=1)
    per_side = np.maximum(1, np.round(lengths * (_GRID_POINTS / np.prod(lengths)) ** (1 / 3)))
    fractions = [(np.arange(n) + 0.5) / n for n in per_side.astype(int)]
    grid = np.stack(np.meshgrid(*fractions, indexing="ij"), axis=-1).reshape(-1, 3)
    metal = frames.positions_A[k][frames.indices(*metals)]
    distance_A = _nearest_A(frames, metal, grid @ frames.cell_A)
    volume_A3 = abs(np.linalg.det(frames.cell_A)) / len(grid)
    return np.asarray(np.histogram(distance_A, edges)[0] * volume_A3)


def _nearest_A(frames: Frames, metal_A: Floats, points_A: Floats) -> Floats:
    """Distances of points to the nearest metal atom; all are wrapped into the cell first."""
    from scipy.spatial import cKDTree

    def wrapped(positions_A: Floats) -> Floats:
        fractions = positions_A @ np.linalg.inv(frames.cell_A)
        return np.asarray(np.where(frames.periodic, fractions % 1.0, fractions) @ frames.cell_A)

    shifts = [(-1, 0, 1) if along else (0,) for along in frames.periodic]
    images = np.stack(np.meshgrid(*shifts), axis=-1).reshape(-1, 3) @ frames.cell_A
    tree = cKDTree((wrapped(metal_A)[None] + images[:, None]).reshape(-1, 3))
    return np.asarray(tree.query(wrapped(points_A))[0])


def _histograms(values_A: Floats, edges: Floats) -> Floats:
    return np.array([np.histogram(now, edges)[0] for now in values_A], dtype=float)


def _profile(edges: Floats, counts: Floats, volume_A3: Floats, name: str) -> DensityProfile:
    density, error = ratio_with_error(counts, volume_A3)
    return DensityProfile(
        edges, density * WATER_KG_M3_PER_A3, error * WATER_KG_M3_PER_A3, counts.mean(axis=0), name
    )


def _base_A2(frames: Frames) -> float:
    return float(np.linalg.norm(np.cross(frames.cell_A[0], frames.cell_A[1])))


def _need_cell(frames: Frames) -> None:
    if abs(np.linalg.det(frames.cell_A)) < 1e-6:
        raise refusal(
            "E883",
            f"{frames.source} has no cell, and without one no volume to divide by",
            "give its three lengths in angstrom: --cell 20,20,30",
        )


def _positive(bin_A: float) -> float:
    if not bin_A > 0:
        raise refusal("E883", f"bins of {bin_A:g} A are none", "write 0.25")
    return bin_A
