"""Exponential grids: nodes x = (e^{iγ} - 1)/a, dense at the electrode.

Fluxes are differences between nodes and volumes reach half way to the next node in ln(1 + ax), so
that mass is conserved exactly, a steady gradient is exact, and the flux at the electrode converges
exponentially in γ: its relative error at the frequency ω is 2e-6 at γ = 0.3, plus a part
0.1 ω x₁²/D of the first cell (against √(iωD), the Warburg admittance).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.diagnostics import refusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GROWTH = 0.3
GROWTH_BOUNDED = 0.1
"""γ before a bulk or a wall that diffusion reaches: there the outermost cells matter too."""

GROWTH_MAX = 0.5
"""Coarser than this, the flux is off by more than 1e-4."""

NODES_MAX = 5000


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes from the electrode (x = 0) outwards, and the cells around them."""

    position_m: NDArray[np.float64]
    """Shape (N,)."""
    conductance_per_m: NDArray[np.float64]
    """1/Δx between neighbours, shape (N-1,)."""
    volume_m: NDArray[np.float64]
    """Length of each cell, shape (N,); they add up to the whole length."""


def diffusion_grid(
    first_m: float, length_m: float, nodes: int | None = None, growth: float = GROWTH
) -> Grid:
    """A grid whose first node is at most `first_m` from the electrode and that ends at `length_m`.

    Without `nodes` it has as many as `growth` (γ) asks for. Raises `InputError` (E543) when `nodes`
    are too few to span the lengths, or more than 5000.
    """
    import numpy as np

    needed = _nodes(first_m, length_m, growth)
    count = needed if nodes is None else nodes
    fewest = _nodes(first_m, length_m, GROWTH_MAX)
    if not fewest <= count <= NODES_MAX:
        raise refusal(
            "E543",
            f"{count} nodes cannot resolve {first_m:.3g} m at the electrode and span "
            f"{length_m:.3g} m",
            f"write nodes={needed}, or leave it out; allowed here: {fewest} to {NODES_MAX}",
            {"first_m": first_m, "length_m": length_m},
        )
    gamma = _growth(first_m / length_m, count)
    index = np.arange(count)
    scale = length_m / math.expm1((count - 1) * gamma)
    position = np.expm1(gamma * index) * scale
    border = np.expm1(gamma * (index[:-1] + 0.5)) * scale
    edges = np.concatenate(([0.0], border, [length_m]))
    return Grid(position, 1.0 / np.diff(position), np.diff(edges))


def _nodes(first_m: float, length_m: float, growth: float) -> int:
    intervals = math.log1p(length_m / first_m * math.expm1(growth)) / growth
    return max(6, math.ceil(intervals - 1e-9) + 1)


def _growth(ratio: float, nodes: int) -> float:
    """γ with expm1(γ)/expm1((nodes-1)γ) = ratio, by bisection; tiny for a uniform grid."""
    low, high = 1e-9, 2.0
    for _ in range(55):
        middle = 0.5 * (low + high)
        if math.expm1(middle) > ratio * math.expm1((nodes - 1) * middle):
            low = middle
        else:
            high = middle
    return high
