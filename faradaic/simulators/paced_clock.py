"""Wall time at another pace, for instruments that are served to clients."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta


class PacedClock:
    """A clock that goes `speed` times as fast as the wall clock, from now on.

    Raises `ValueError` for a speed that is not positive and finite.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if not 0 < speed < math.inf:
            raise ValueError(f"speed must be positive and finite, not {speed}")
        self.speed = speed
        self._start = datetime.now(UTC)
        self._wall_start_s = time.monotonic()

    def monotonic_s(self) -> float:
        """Its seconds since it was made."""
        return (time.monotonic() - self._wall_start_s) * self.speed

    def utc(self) -> datetime:
        """Its date and time."""
        return self._start + timedelta(seconds=self.monotonic_s())

    def sleep_until(self, time_s: float) -> None:
        """Sleep for what is left, in wall time."""
        left_s = (time_s - self.monotonic_s()) / self.speed
        if left_s > 0:
            time.sleep(left_s)
