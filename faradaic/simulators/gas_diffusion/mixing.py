"""A well-mixed volume in a gas line, compiled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from faradaic.simulators.kernel_cache import njit


@njit(cache=True)
def relax(
    entering: npt.NDArray[np.float64], keep: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """What leaves a stirred volume that keeps a share of its content at each step.

    It starts filled with the first value: x ← k x + (1 − k) x_in, exact while x_in is constant.
    """
    leaving = np.empty_like(entering)
    now = entering[0]
    for i in range(entering.size):
        now = keep[i] * now + (1.0 - keep[i]) * entering[i]
        leaving[i] = now
    return leaving
