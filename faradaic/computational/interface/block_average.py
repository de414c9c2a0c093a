"""The standard error of a ratio of two time series, from blocks of the run."""

from __future__ import annotations

import numpy as np

from faradaic.computational.interface.trajectories import Floats

BLOCKS = 10
"""Enough for an error that is itself known to about a quarter."""


def ratio_with_error(above: Floats, below: Floats, blocks: int = BLOCKS) -> tuple[Floats, Floats]:
    """sum(above)/sum(below) over the first axis and its standard error, shape of the rest.

    Frames of one block stay together, so that the error counts what is correlated within a block
    once. NaN where nothing was counted, and as error where the frames are fewer than the blocks.
    """
    above, below = (np.asarray(series, dtype=float) for series in (above, below))
    total = below.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(total > 0, above.sum(axis=0) / total, np.nan)
    length = len(above) // blocks
    if length == 0:
        return ratio, np.full_like(ratio, np.nan)
    used = slice(0, length * blocks)
    residual = (above - ratio * below)[used]
    means = residual.reshape(blocks, length, *residual.shape[1:]).mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = means.std(axis=0, ddof=1) / np.sqrt(blocks) / below.mean(axis=0)
    return ratio, np.where(total > 0, error, np.nan)
