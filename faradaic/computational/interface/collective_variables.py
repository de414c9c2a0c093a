"""The coordinate that a constraint holds: a linear combination of interatomic distances.

xi(R) = sum_k c_k |r_j(k) - r_i(k)|: one pair is a distance, two pairs with coefficients +1 and -1
are the difference of distances along which a proton or a ligand is handed over. All functions
take positions of shape (..., atoms, 3), so that many replicas go through one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import refusal
from faradaic.optional_libraries import optional_library


def inner(left: Floats, right: Floats) -> Floats:
    """The sum over atoms and directions of left times right, shape (...)."""
    # several times as fast as .sum((-2, -1)), which numpy does in tiny pieces
    return np.asarray(np.einsum("...ij,...ij", left, right))


@dataclass(frozen=True, slots=True)
class Metric:
    """What the estimators of the mean force need of the coordinate at given positions."""

    z_per_amu: Floats
    """Z = sum_i |grad_i xi|^2 / m_i, shape (...)."""
    g_per_A: Floats
    """G = Z^-2 sum_ij (grad_i xi . H_ij . grad_j xi) / (m_i m_j), shape (...);
    H is the Hessian of xi (Sprik and Ciccotti, J. Chem. Phys. 109, 7737, 1998)."""
    trace_per_amu_A: Floats
    """sum_i (nabla_i^2 xi) / m_i, shape (...)."""
    gradient: Floats
    """grad_i xi, shape (..., atoms, 3)."""


class DistanceCombination:
    """xi = sum_k c_k |r_j(k) - r_i(k)| in A, with its first and second derivatives."""

    def __init__(
        self,
        pairs: Sequence[tuple[int, int]],
        coefficients: Sequence[float],
        *,
        atoms: int,
        cell_A: Floats | None = None,
        periodic: Sequence[bool] = (True, True, True),
    ) -> None:
        """Pairs of atom indices from 0. With `cell_A` (3, 3) the nearest image counts.

        Raises `InputError` for pairs and coefficients that do not match, an atom that does not
        exist, an atom paired with itself, or a coefficient that is 0 or not finite.
        """
        if not pairs or len(pairs) != len(coefficients):
            raise refusal(
                "E870",
                f"{len(pairs)} pairs of atoms and {len(coefficients)} coefficients do not make a "
                "coordinate",
                "give one coefficient per pair, for example 1 and -1 for a difference",
            )
        for first, second in pairs:
            if first == second or not (0 <= first < atoms and 0 <= second < atoms):
                raise refusal(
                    "E870",
                    f"atoms {first} and {second} are not a pair of the {atoms} atoms",
                    f"indices count from 0 to {atoms - 1}, and a pair has two of them",
                )
        if not all(np.isfinite(c) and c != 0 for c in coefficients):
            raise refusal(
                "E870",
                f"coefficients {list(coefficients)} of the coordinate must be finite and not 0",
                "leave out the distances that do not count",
            )
        self.pairs = tuple((int(i), int(j)) for i, j in pairs)
        self.coefficients = np.array(coefficients, dtype=float)
        self._first = np.array([i for i, _ in self.pairs])
        self._second = np.array([j for _, j in self.pairs])
        incidence = np.zeros((atoms, len(self.pairs)))
        for k, (i, j) in enumerate(self.pairs):
            incidence[j, k] += self.coefficients[k]
            incidence[i, k] -= self.coefficients[k]
        self._incidence = incidence
        self._cell_A = None if cell_A is None else np.array(cell_A, dtype=float)
        self._periodic = tuple(periodic)

    def _bonds(self, positions_A: Floats) -> tuple[Floats, Floats]:
        """Lengths (..., pairs) and unit vectors (..., pairs, 3), from first to second."""
        vectors = positions_A[..., self._second, :] - positions_A[..., self._first, :]
        if self._cell_A is not None:
            flat, _ = optional_library("ase.geometry").find_mic(
                vectors.reshape(-1, 3), self._cell_A, self._periodic
            )
            vectors = flat.reshape(vectors.shape)
        lengths_A = np.sqrt(np.einsum("...i,...i", vectors, vectors))
        return lengths_A, vectors / lengths_A[..., None]

    def value_A(self, positions_A: Floats) -> Floats:
        """xi, shape (...)."""
        lengths_A: Floats = self._bonds(positions_A)[0] @ self.coefficients
        return lengths_A

    def gradient(self, positions_A: Floats) -> Floats:
        """grad_i xi, shape (..., atoms, 3), without unit."""
        gradient: Floats = self._incidence @ self._bonds(positions_A)[1]
        return gradient

    def value_and_gradient(self, positions_A: Floats) -> tuple[Floats, Floats]:
        """xi in A and its gradient, for the price of one."""
        lengths_A, units = self._bonds(positions_A)
        return lengths_A @ self.coefficients, self._incidence @ units

    def curvature(self, positions_A: Floats, direction: Floats) -> Floats:
        """direction . H . direction, shape (...): per A times the square of the direction."""
        return self._curvature(*self._bonds(positions_A), direction)

    def _curvature(self, lengths_A: Floats, units: Floats, direction: Floats) -> Floats:
        change = direction[..., self._second, :] - direction[..., self._first, :]
        along = np.einsum("...i,...i", change, units)
        square = np.einsum("...i,...i", change, change)
        curvature: Floats = ((square - along**2) / lengths_A) @ self.coefficients
        return curvature

    def metric(self, positions_A: Floats, masses_amu: Floats) -> Metric:
        """Z, G and the rest; masses of shape (atoms,)."""
        lengths_A, units = self._bonds(positions_A)
        gradient = self._incidence @ units
        weighted = gradient / masses_amu[:, None]
        z = inner(gradient, weighted)
        g = self._curvature(lengths_A, units, weighted) / z**2
        reduced = 1 / masses_amu[self._first] + 1 / masses_amu[self._second]
        trace = (2 * reduced / lengths_A) @ self.coefficients
        return Metric(z, g, trace, gradient)
