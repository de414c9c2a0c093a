"""Quasirandom arrangements: ions on the sites of a cell with the pair statistics of a random alloy.

After Zunger, Wei, Ferreira and Bernard, Phys. Rev. Lett. 1990, 65, 353: of all arrangements in a
periodic cell the one is sought whose pair frequencies, shell by shell, are closest to the products
of the site fractions. The search exchanges ions of one sublattice at falling temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from faradaic.computational.screening.ions import Ion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHELLS = 3
"""Neighbour shells that are compared, for each pair of sublattices."""
REACH = 2.5
"""Farthest neighbours that are looked at, in mean distances of the sites; holds three shells."""
STEPS = 4000
FALL = 0.998
"""Ratio of the temperatures of one step and the one before."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which ion is on which site, and how far its pairs are from random."""

    ions: tuple[Ion, ...]
    largest_deviation: float
    """Of a pair frequency from the product of the site fractions, over all pairs and shells."""


def quasirandom(
    lattice_A: NDArray[np.float64],
    fractional: NDArray[np.float64],
    sublattices: Sequence[str],
    ions: Sequence[Ion],
    seed: int = 0,
) -> Arrangement:
    """The arrangement of `ions` on their own sublattices whose pairs are closest to random.

    `fractional` has shape (sites, 3); `sublattices` and `ions` name one site each. The same seed
    gives the same arrangement; where none is better than the one given, that one is returned.
    """
    import numpy as np

    kinds = sorted(set(ions))
    names = sorted(set(sublattices))
    member = np.array([names.index(name) for name in sublattices])
    occupation = np.zeros((len(ions), len(kinds)))
    occupation[np.arange(len(ions)), [kinds.index(ion) for ion in ions]] = 1.0
    fractions = np.stack([occupation[member == i].mean(axis=0) for i in range(len(names))])
    shells = _shells(lattice_A, fractional, member)
    random = fractions[member]
    expected = np.stack([random.T @ shell @ random for shell in shells])
    stacked = np.stack(shells)

    def deviations(trial: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(trial.T @ stacked @ trial - expected, dtype=np.float64)

    def distance(trial: NDArray[np.float64]) -> float:
        return float((deviations(trial) ** 2).sum())

    best, least = occupation, distance(occupation)
    now, value = best, least
    movable = [
        sites
        for sites in (np.flatnonzero(member == i) for i in range(len(names)))
        if len(np.unique(occupation[sites], axis=0)) > 1
    ]
    # In a small cell every exchange leads to an equivalent arrangement: nothing to search.
    pairs = (pair for sites in movable for pair in combinations(sites.tolist(), 2))
    flat = all(abs(distance(_exchanged(best, *pair)) - least) < 1e-12 for pair in pairs)
    generator = np.random.default_rng(seed)
    temperature = least / 10
    for _ in range(0 if flat else STEPS):
        sites = movable[generator.integers(len(movable))]
        i, j = generator.choice(sites, 2, replace=False)
        trial = _exchanged(now, i, j)
        other = distance(trial)
        if other <= value or generator.random() < np.exp((value - other) / temperature):
            now, value = trial, other
            if value < least - 1e-12:
                best, least = now, value
        temperature *= FALL
    chosen = tuple(kinds[i] for i in best.argmax(axis=1))
    return Arrangement(chosen, float(np.abs(deviations(best)).max()))


def _exchanged(occupation: NDArray[np.float64], i: int, j: int) -> NDArray[np.float64]:
    trial = occupation.copy()
    trial[[i, j]] = trial[[j, i]]
    return trial


def _shells(
    lattice_A: NDArray[np.float64], fractional: NDArray[np.float64], member: NDArray[np.int_]
) -> list[NDArray[np.float64]]:
    """Neighbour counts of sites over periodic images, each shell summing to one.

    One matrix (sites, sites) for each of the nearest shells of each pair of sublattices.
    """
    import numpy as np

    volume_A3 = abs(float(np.linalg.det(lattice_A)))
    cutoff_A = REACH * (volume_A3 / len(member)) ** (1 / 3)
    # Heights of the cell above its faces: how many images can come within the cutoff.
    heights_A = 1 / np.linalg.norm(np.linalg.inv(lattice_A), axis=0)
    steps = [np.arange(-n, n + 1) for n in np.ceil(cutoff_A / heights_A).astype(int) + 1]
    images = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    apart = fractional[:, None, :] - fractional[None, :, :]
    vectors = (apart[:, :, None, :] + images) @ lattice_A
    lengths = np.linalg.norm(vectors, axis=-1)
    shells = []
    for first in np.unique(member):
        for second in np.unique(member):
            if second < first:
                continue
            pair = (member[:, None] == first) & (member[None, :] == second)
            pair |= pair.T
            within = np.where(pair[:, :, None], lengths, 0.0)
            inside = (within > 0.1) & (within < cutoff_A)
            distances = np.unique(np.round(within[inside], 3))
            ends = distances[np.append(np.diff(distances) > 0.05, True)]
            for low, high in zip([0.1, *ends], ends[:SHELLS], strict=False):
                counts = ((within > low + 0.01) & (within <= high + 0.01)).sum(axis=-1)
                shells.append(counts / counts.sum())
    return shells
