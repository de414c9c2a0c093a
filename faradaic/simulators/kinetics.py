"""Rate laws of electron transfer: Butler-Volmer, and Marcus-Hush-Chidsey from its exact integral.

φ = nF(E - E0)/RT throughout. Both laws keep detailed balance, k_ox/k_red = exp(φ), and are given
as logarithms relative to k0, so that no potential overflows. `log_rates` is plain arithmetic on
numbers; the engines compile it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TABLE_STEP = 0.2
"""Spacing in φ of a Marcus-Hush-Chidsey table; cubic interpolation then errs below 1e-6."""

_QUADRATURE_STEP = 0.25
"""The integrand is analytic within π of the real axis: the trapezoid errs as exp(-2π²/step)."""

_TAIL = 10.0
"""Standard deviations of the Gaussian kept on either side."""


def log_rates(phi: float, alpha: float, table: Any) -> tuple[float, float, float, float]:
    """ln(k_red/k0) and ln(k_ox/k0) at φ, and their slopes in φ.

    `table`, shape (n, 2), is that of `marcus_hush_chidsey_table`; with no rows the law is
    Butler-Volmer with `alpha` for the reduction.
    """
    if table.shape[0] == 0:
        return -alpha * phi, (1.0 - alpha) * phi, -alpha, 1.0 - alpha
    drive = abs(phi)
    position = drive / TABLE_STEP
    last = table.shape[0] - 1
    if position >= last:
        downhill, slope = table[last, 0], 0.0
    else:
        i = int(position)
        t = position - i
        y0, y1 = table[i, 0], table[i + 1, 0]
        d0, d1 = table[i, 1] * TABLE_STEP, table[i + 1, 1] * TABLE_STEP
        c2, c3 = 3.0 * (y1 - y0) - 2.0 * d0 - d1, 2.0 * (y0 - y1) + d0 + d1
        downhill = y0 + t * (d0 + t * (c2 + t * c3))
        slope = (d0 + t * (2.0 * c2 + 3.0 * t * c3)) / TABLE_STEP
    if phi <= 0.0:
        return downhill, downhill - drive, -slope, 1.0 - slope
    return downhill - drive, downhill, slope - 1.0, slope


@lru_cache(maxsize=32)
def marcus_hush_chidsey_table(reorganisation: float) -> NDArray[np.float64]:
    """ln(k/k0) of the favoured direction and its slope, at φ = 0, 0.2, 0.4, ...; shape (n, 2).

    k(η)/k0 = I(η)/I(0), I(η) = ∫ exp[-(x - Λ + η)²/4Λ] / (1 + e^x) dx with Λ = λF/RT, the
    `reorganisation` (Chidsey, Science 1991, 251, 919). The table ends on the plateau.
    """
    import numpy as np

    width = math.sqrt(2.0 * reorganisation)
    drives = np.arange(0.0, reorganisation + _TAIL * width + 40.0, TABLE_STEP)
    x = np.arange(
        -float(drives[-1]) - _TAIL * width, reorganisation + _TAIL * width, _QUADRATURE_STEP
    )
    fermi = np.exp(-np.logaddexp(0.0, x))
    table = np.empty((drives.size, 2))
    for i, drive in enumerate(drives):
        distance = x - reorganisation + drive
        integrand = np.exp(-(distance**2) / (4.0 * reorganisation)) * fermi
        total = integrand.sum()
        table[i, 0] = math.log(total)
        table[i, 1] = -(integrand * distance).sum() / (2.0 * reorganisation * total)
    table[:, 0] -= table[0, 0]
    table.setflags(write=False)
    return table
