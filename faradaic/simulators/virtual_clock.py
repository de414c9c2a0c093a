"""The clock of a rehearsal: virtual seconds, as fast as the machine can or at a stated pace."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta

from faradaic.instruments.clock import Clock

SLICE_S = 0.1
"""Longest single sleep of a paced clock, so that Ctrl+C is answered at once on every system."""

STALL_S = 1.0
"""Wall seconds of delay that a paced clock makes up."""


class VirtualClock:
    """A clock that jumps to where it is asked to go, or walks there at `speed`.

    `speed` is virtual seconds per wall second; None jumps. Virtual time passes only in
    `sleep_until`, so a paced rehearsal gives the same readings as one that jumps. What the program
    itself needs is caught up in the next sleep, unless it fell behind by more than `STALL_S`, as
    it does while somebody answers a question. Raises `ValueError` for a start without a time
    zone or a speed that is not positive.
    """

    def __init__(self, start: datetime, speed: float | None = None) -> None:
        if start.tzinfo is None:
            raise ValueError("the start of a virtual clock needs a time zone")
        if speed is not None and not 0 < speed < math.inf:
            raise ValueError(f"speed must be positive and finite, not {speed}")
        self.speed = speed
        self._start = start.astimezone(UTC)
        self._now_s = 0.0
        self._wall_start_s = time.monotonic()

    def monotonic_s(self) -> float:
        """Virtual seconds since the start."""
        return self._now_s

    def utc(self) -> datetime:
        """The virtual date and time."""
        return self._start + timedelta(seconds=self._now_s)

    def sleep_until(self, time_s: float) -> None:
        """Go to `time_s`, at once or in its share of wall time; never backwards."""
        if time_s <= self._now_s:
            return
        if not math.isfinite(time_s):
            raise ValueError("a virtual clock cannot sleep forever")
        if self.speed is not None:
            due_s = self._wall_start_s + time_s / self.speed
            while (left_s := due_s - time.monotonic()) > 0:
                time.sleep(min(left_s, SLICE_S))
            if left_s < -STALL_S:
                self._wall_start_s -= left_s
        self._now_s = time_s


class AheadClock:
    """A virtual clock for somebody who works beside the others, at times of his own.

    What he waited for has happened when their clock has come as far.
    """

    def __init__(self, main: Clock) -> None:
        self._main = main
        self._now_s = main.monotonic_s()

    def monotonic_s(self) -> float:
        """Virtual seconds since the start."""
        return self._now_s

    def utc(self) -> datetime:
        """The virtual date and time."""
        return self._main.utc() + timedelta(seconds=self._now_s - self._main.monotonic_s())

    def sleep_until(self, time_s: float) -> None:
        """Go to `time_s`; the others stay where they are."""
        self._now_s = max(self._now_s, time_s)
