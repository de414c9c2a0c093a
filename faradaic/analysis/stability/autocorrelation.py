"""Noise that remembers: variances of sums, and how many samples are worth counting."""

from __future__ import annotations

import math

from faradaic.analysis.stability.trend import Floats

_LARGEST_AR = 0.97
_BLOCKS = 4096


def lag_one(residuals: Floats) -> float:
    """Autocorrelation at lag one of residuals (n,) about zero; 0 where all of them are zero."""
    square = float(residuals @ residuals)
    return float(residuals[1:] @ residuals[:-1]) / square if square else 0.0


def effective_size(residuals: Floats) -> float:
    """How many independent samples give the same error of a mean: n (1 - r)/(1 + r).

    For noise of first order with the autocorrelation r at lag one (Bayley & Hammersley 1946);
    never more than n.
    """
    r = min(max(lag_one(residuals), 0.0), _LARGEST_AR)
    return residuals.size * (1.0 - r) / (1.0 + r)


def variance_of_sum(scores: Floats) -> float:
    """Variance of the sum of correlated scores (n,) with mean zero.

    Newey & West (1987) with the Bartlett kernel, after whitening to first order and with the
    bandwidth of Andrews (1991), as in Andrews & Monahan (1992).
    """
    n = scores.size
    r = min(max(lag_one(scores), -_LARGEST_AR), _LARGEST_AR)
    white = scores[1:] - r * scores[:-1]
    rest = min(max(lag_one(white), -_LARGEST_AR), _LARGEST_AR)
    alpha = 4.0 * rest**2 / ((1.0 - rest) ** 2 * (1.0 + rest) ** 2)
    lags = min(int(1.1447 * (alpha * n) ** (1.0 / 3.0)), n // 4)
    total = float(white @ white)
    for lag in range(1, lags + 1):
        weight = 1.0 - lag / (lags + 1.0)
        total += 2.0 * weight * float(white[lag:] @ white[:-lag])
    return total / white.size * n / (1.0 - r) ** 2


def mean_error(values: Floats) -> float | None:
    """Standard error of the mean of correlated values (n,); None below eight values."""
    if values.size < 8:
        return None
    length = -(-values.size // _BLOCKS)  # block means carry the same information, for less
    values = values[: values.size // length * length].reshape(-1, length).mean(axis=1)
    n = values.size
    return math.sqrt(variance_of_sum(values - values.mean()) * n / (n - 1)) / n
