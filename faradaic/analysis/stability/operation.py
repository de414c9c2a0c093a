"""Operating time against wall time: when the cell ran, and what interrupted it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.integration import GAP_INTERVALS, find_intervals
from faradaic.analysis.stability.trend import Floats, Trend, refusal
from faradaic.results import Result
from faradaic.timeseries import TimeSeries


@dataclass(frozen=True, slots=True)
class Interruption:
    """A stretch of wall time between two samples that does not count as operation."""

    start_s: float
    end_s: float
    unknown: bool
    """True where samples are missing though the output was on at both ends; false where the
    output was off."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """The two clocks of a log and what lies between them."""

    wall_time_s: Floats
    """(n,), zero at the first sample."""
    operating_time_s: Floats
    """(n,), stands still during interruptions."""
    interruptions: tuple[Interruption, ...]
    operating: Result
    wall: Result

    def series(self, name: str, unit: str, values: Floats, *, keeps_zero: bool = True) -> Trend:
        """What was measured, of values (n,), while the cell ran, on the clock of operation.

        A sample counts when the cell ran just before or just after it; NaN is left out.
        """
        ran = np.diff(self.operating_time_s) > 0
        kept = np.append(ran, False) | np.append(False, ran)
        kept &= np.isfinite(values)
        return Trend(name, unit, self.operating_time_s[kept], values[kept], keeps_zero)


def operation(measured: TimeSeries) -> Operation:
    """Operating and wall time of a time series of two samples or more.

    An interval counts as operation for the time for which the output was on, when the current was
    measured at both of its ends and that time is no longer than `GAP_INTERVALS` usual ones of its
    step. A longer one is an interruption of unknown kind: operation lies certainly between the
    value without it and the value with it, which are the bounds of the result. Raises `InputError`
    for times that go back.
    """
    time_s = measured.time_s
    if time_s.size < 2:
        raise refusal(f"{time_s.size} samples are no log", "give two or more")
    if not np.isfinite(time_s).all() or (np.diff(time_s) < 0).any():
        raise refusal("the times go back or are not finite", "join the files in order of time")
    intervals = find_intervals(measured)
    running_s = np.where(intervals.conducting, intervals.duration_s, 0.0)
    clock_s = np.concatenate(([0.0], np.cumsum(running_s)))
    interruptions = _interruptions(
        time_s,
        intervals.conducting & np.isclose(intervals.duration_s, np.diff(time_s)),
        intervals.gap,
    )
    known_s = float(clock_s[-1])
    unknown_s = float(intervals.duration_s[intervals.gap].sum())
    count = len(interruptions)
    flags = (f"{count} interruption{'s' * (count > 1)}",) if count else ()
    method = f"intervals with the output on, none above {GAP_INTERVALS:g} usual ones"
    wall_s = time_s - time_s[0]
    return Operation(
        wall_s,
        clock_s,
        interruptions,
        Result(
            "operating_time",
            known_s,
            "s",
            method,
            bounds=(known_s, known_s + unknown_s) if unknown_s else None,
            flags=flags,
        ),
        Result("wall_time", float(wall_s[-1]), "s", "last sample less first sample"),
    )


def _interruptions(
    time_s: Floats, running: NDArray[np.bool_], gap: NDArray[np.bool_]
) -> tuple[Interruption, ...]:
    # 0 operation, 1 off, 2 unknown: runs of one kind are one interruption
    kind = np.where(running, 0, np.where(gap, 2, 1))
    edges = np.flatnonzero(np.diff(kind)) + 1
    starts, ends = np.append(0, edges), np.append(edges, kind.size)
    return tuple(
        Interruption(float(time_s[a]), float(time_s[b]), bool(kind[a] == 2))
        for a, b in zip(starts, ends, strict=True)
        if kind[a] != 0 and time_s[b] > time_s[a]
    )
