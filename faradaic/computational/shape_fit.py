"""Positions and widths of the lines of a pattern, with the height of every line left free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faradaic.computational.diffraction import Reflections
from faradaic.computational.line_profiles import (
    LineShape,
    anode_doublet,
    background_columns,
    profiles,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def fit_shape(
    angle: Floats, counts: Floats, weight: Floats, phase: Reflections, scale: float
) -> tuple[LineShape, float]:
    """(shape, lattice scale) with free heights; one line or Kα1 and Kα2, whichever fits better."""
    from scipy.optimize import least_squares

    strong = phase.intensity > 1.0
    d_A = phase.d_A[strong]
    background = background_columns(angle)
    doublet = anode_doublet(phase.wavelength_A)
    best: tuple[float, LineShape, float] | None = None
    for emission in dict.fromkeys((((phase.wavelength_A, 1.0),), doublet)):

        def shape_of(x: Floats, emission: tuple[tuple[float, float], ...] = emission) -> LineShape:
            return LineShape(emission, x[1], x[2], x[3], x[4])

        def residual(x: Floats, emission: tuple[tuple[float, float], ...] = emission) -> Floats:
            lines = profiles(angle, d_A * x[0] * scale, shape_of(x, emission))
            columns = np.hstack([background, lines]) * weight[:, None]
            free = solve_normal(columns.T @ columns, columns.T @ (weight * counts))
            left: Floats = weight * counts - columns @ free
            return left

        fit = least_squares(
            residual,
            [1.0, 0.0, 0.15, 0.05, 0.3],
            bounds=([0.99, -0.2, 0.02, 0.0, 0.0], [1.01, 0.2, 1.5, 1.0, 1.0]),
            x_scale=[1e-3, 0.02, 0.03, 0.05, 0.2],
            max_nfev=20,
        )
        if best is None or fit.cost < best[0]:
            best = float(fit.cost), shape_of(fit.x), float(scale * fit.x[0])
    assert best is not None
    return best[1], best[2]


def solve_normal(normal: Floats, right: Floats) -> Floats:
    """Solve normal equations, each unknown scaled by its own size."""
    size = np.sqrt(np.maximum(np.diag(normal), 1e-300))
    scaled = normal / np.outer(size, size) + 1e-10 * np.eye(len(size))
    solution: Floats = np.linalg.solve(scaled, right / size) / size
    return solution
