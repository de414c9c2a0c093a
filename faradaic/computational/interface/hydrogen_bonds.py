"""Water molecules and the hydrogen bonds between them, by the criterion of Luzar and Chandler.

A molecule donates a bond to another where the oxygens are closer than 3.5 A and one of its
hydrogens deviates from the line between them by less than 30 degrees at the donor (Luzar and
Chandler, Nature 379, 55, 1996).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from faradaic.computational.interface.block_average import ratio_with_error
from faradaic.computational.interface.trajectories import Floats
from faradaic.computational.interface.trajectory_frames import Frames, nearest_images
from faradaic.diagnostics import Diagnostic, refusal, warning

OXYGEN_DISTANCE_A = 3.5
ANGLE_DEG = 30.0
CRITERION = (
    f"Luzar and Chandler 1996: O-O < {OXYGEN_DISTANCE_A:g} A, H-O...O < {ANGLE_DEG:g} degrees"
)
COVALENT_A = 1.3
"""A hydrogen belongs to the nearest oxygen within this distance (0.96 A is usual)."""


@dataclass(frozen=True, slots=True, eq=False)
class WaterMolecules:
    """Which atoms are water, by the first frame."""

    oxygen: Any
    """Indices (molecules,)."""
    hydrogen: Any
    """Indices (molecules, 2)."""
    findings: tuple[Diagnostic, ...] = ()
    """Molecules that lose a hydrogen on the way."""


@dataclass(frozen=True, slots=True, eq=False)
class HydrogenBonds:
    """Bonds in each frame."""

    donated: Any
    """(frames, molecules), whole numbers."""
    accepted: Any
    """(frames, molecules)."""

    @property
    def per_molecule(self) -> tuple[float, float]:
        """Bonds that a molecule takes part in, donated or accepted: mean and standard error."""
        both = (self.donated + self.accepted).sum(axis=1)
        value, error = ratio_with_error(both, np.full(len(both), self.donated.shape[1]))
        return float(value), float(error)

    def per_layer(self, position_A: Floats, edges_A: Floats) -> tuple[Floats, Floats, Floats]:
        """Bonds per molecule in layers of `position_A` (frames, molecules), for example z.

        Returns mean, standard error and mean number of molecules, each (layers,).
        """
        layer = np.digitize(position_A, edges_A) - 1
        both = self.donated + self.accepted
        inside = np.stack([layer == k for k in range(len(edges_A) - 1)], axis=-1)
        molecules = inside.sum(axis=1)
        bonds = (inside * both[..., None]).sum(axis=1)
        mean, error = ratio_with_error(bonds, molecules)
        return mean, error, molecules.mean(axis=0)


def find_water(frames: Frames) -> WaterMolecules:
    """Oxygens with exactly two hydrogens nearest to them, within 1.3 A, in the first frame.

    Raises `InputError` (E881) where there is no water.
    """
    oxygen, hydrogen = frames.indices("O"), frames.indices("H")
    start = frames.positions_A[:1]
    distance_A = _lengths(
        nearest_images(frames, start[0, hydrogen][:, None] - start[0, oxygen][None])
    )
    owner = np.where(distance_A.min(axis=1) < COVALENT_A, distance_A.argmin(axis=1), -1)
    mine = [hydrogen[owner == k] for k in range(len(oxygen))]
    water = [k for k, own in enumerate(mine) if len(own) == 2]
    if not water:
        raise refusal(
            "E881",
            f"{frames.source} holds no water molecule: no oxygen has two hydrogens within "
            f"{COVALENT_A:g} A",
            "is the cell known? give --cell for a file that holds none",
        )
    molecules = oxygen[water], np.array([mine[k] for k in water])
    bonds = frames.positions_A[:, molecules[1]] - frames.positions_A[:, molecules[0]][:, :, None]
    longest_A = _lengths(nearest_images(frames, bonds)).max(axis=(0, 2))
    lost = np.flatnonzero(longest_A > COVALENT_A)
    findings: tuple[Diagnostic, ...] = ()
    if lost.size:
        atoms = ", ".join(f"O{molecules[0][k] + 1}" for k in lost[:8])
        findings = (
            warning(
                "E882",
                f"{lost.size} of {len(water)} molecules lose a hydrogen on the way ({atoms}): "
                f"an O-H of {longest_A.max():.2f} A",
                help="they are counted as the first frame has them; look at proton transfers "
                "with `faradaic structure bonds`",
                numbers={"longest_OH_A": float(longest_A.max())},
            ),
        )
    return WaterMolecules(*molecules, findings)


def hydrogen_bonds(frames: Frames, water: WaterMolecules) -> HydrogenBonds:
    """Bonds between water molecules in every frame."""
    count = len(water.oxygen)
    donated = np.zeros((len(frames), count), dtype=int)
    accepted = np.zeros_like(donated)
    cosine_limit = np.cos(np.radians(ANGLE_DEG))
    for number, positions_A in enumerate(frames.positions_A):
        oxygen = positions_A[water.oxygen]
        between = nearest_images(frames, oxygen[None] - oxygen[:, None])
        length_A = _lengths(between)
        donor, acceptor = np.nonzero((length_A < OXYGEN_DISTANCE_A) & ~np.eye(count, dtype=bool))
        arms = nearest_images(frames, positions_A[water.hydrogen] - oxygen[:, None])
        arms = arms / _lengths(arms)[..., None]
        line = between[donor, acceptor] / length_A[donor, acceptor][:, None]
        bonded = (np.einsum("nhi,ni->nh", arms[donor], line) > cosine_limit).any(axis=1)
        donated[number] = np.bincount(donor[bonded], minlength=count)
        accepted[number] = np.bincount(acceptor[bonded], minlength=count)
    return HydrogenBonds(donated, accepted)


def _lengths(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("...i,...i", vectors, vectors)))
