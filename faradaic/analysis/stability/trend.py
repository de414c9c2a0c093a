"""A quantity against operating time, its checks, and its means over blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from faradaic import diagnostics

refusal = partial(diagnostics.refusal, "E760")
"""An input that a stability analysis cannot use, and what to give instead."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """One quantity against operating time. Both arrays have the shape (n,), times ascending."""

    name: str
    """As a person would write it: "current", "cell voltage", "FE of CO"."""
    unit: str
    """Of the values; "1" for an efficiency."""
    time_s: Floats
    values: Floats
    keeps_zero: bool = True
    """Whether zero means "nothing left", so that fractions of the start have a meaning: true of a
    current or an efficiency, false of a potential, whose zero is a convention."""

    def __post_init__(self) -> None:
        if self.time_s.ndim != 1 or self.time_s.shape != self.values.shape:
            raise refusal(
                f"{self.name}: {self.time_s.shape} times for {self.values.shape} values",
                "give one time in seconds for each value",
            )
        if not (np.isfinite(self.time_s).all() and np.isfinite(self.values).all()):
            raise refusal(
                f"{self.name} holds times or values that are not finite",
                "leave out the samples without a measurement: values[np.isfinite(values)]",
            )
        if (np.diff(self.time_s) < 0).any():
            raise refusal(
                f"the times of {self.name} go back",
                "sort the samples by time, or join the files of one experiment in order",
            )

    def between(self, start_s: float, end_s: float) -> Trend:
        """The samples with start_s <= time <= end_s."""
        first = int(np.searchsorted(self.time_s, start_s, side="left"))
        inside = slice(first, int(np.searchsorted(self.time_s, end_s, side="right")))
        return replace(self, time_s=self.time_s[inside], values=self.values[inside])

    def without_break_in(self, break_in_s: float) -> Trend:
        """The samples from `break_in_s` after the first one on. Times keep their zero.

        Raises `InputError` when it is negative or leaves nothing.
        """
        if not self.time_s.size:
            return self
        span_s = float(self.time_s[-1] - self.time_s[0])
        if not 0.0 <= break_in_s <= span_s:
            raise refusal(
                f"a break-in of {break_in_s:g} s in {self.name}, which lasts {span_s:g} s",
                f"break_in_s must lie between 0 and {span_s:g}",
            )
        return self.between(float(self.time_s[0]) + break_in_s, float(self.time_s[-1]))

    def blocks(self, at_most: int) -> Trend:
        """Means over blocks of neighbouring samples of equal number, at most `at_most` of them.

        A last block that is not full is averaged over what it holds. Block means keep a slope and
        a mean, average noise out, and make long logs as cheap as short ones.
        """
        n = self.values.size
        if n <= at_most:
            return self
        starts = np.arange(0, n, -(-n // at_most))
        lengths = np.diff(np.append(starts, n))
        return replace(
            self,
            time_s=np.add.reduceat(self.time_s, starts) / lengths,
            values=np.add.reduceat(self.values, starts) / lengths,
        )
