"""Bond lengths during a run: series, statistics with block errors, and when a bond breaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faradaic.computational.interface.atom_labels import checked_index
from faradaic.computational.interface.block_average import ratio_with_error
from faradaic.computational.interface.trajectories import Floats
from faradaic.computational.interface.trajectory_frames import Frames, vectors_between
from faradaic.diagnostics import refusal


@dataclass(frozen=True, slots=True, eq=False)
class BondLength:
    """One distance over the frames."""

    name: str
    """`Ag12-S31`, atoms counted from 1."""
    length_A: Floats
    """(frames,)."""
    mean_A: float
    error_A: float
    """Standard error from blocks; NaN for fewer frames than blocks."""
    spread_A: float
    """Standard deviation over the frames."""

    def first_beyond(self, limit_A: float) -> int | None:
        """The first frame from which the distance stays beyond a limit; None where it does not."""
        inside = np.flatnonzero(self.length_A <= limit_A)
        first = 0 if not inside.size else int(inside[-1]) + 1
        return first if first < len(self.length_A) else None


def bond_lengths(frames: Frames, bonds: Sequence[str]) -> list[BondLength]:
    """Statistics of bonds named like `Ag12-S31` (element and number from 1 of both atoms).

    Raises `InputError` (E884) for a name that is none, or an atom that is another element.
    """
    pairs = np.array([_pair(frames, bond) for bond in bonds])
    lengths_A = np.linalg.norm(vectors_between(frames, pairs[:, 0], pairs[:, 1]), axis=2)
    found = []
    for bond, series in zip(bonds, lengths_A.T, strict=True):
        mean, error = ratio_with_error(series, np.ones_like(series))
        found.append(BondLength(bond, series, float(mean), float(error), float(series.std())))
    return found


def _pair(frames: Frames, bond: str) -> tuple[int, int]:
    labels = bond.split("-")
    if len(labels) != 2 or not all(re.fullmatch(r"[A-Z][a-z]?[1-9]\d*", one) for one in labels):
        raise refusal(
            "E884", f"{bond!r} names no bond", "write two atoms like Ag12-S31, counted from 1"
        )
    first, second = (checked_index(one, frames.symbols, frames.source, "E884") for one in labels)
    if first == second:
        raise refusal("E884", f"{bond} is one atom", "name two")
    return first, second
