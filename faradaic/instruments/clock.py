"""The clock that runs, drivers and rehearsals share.

On a bench it is the wall clock; in a rehearsal the simulators bring a virtual one. Durations
always come from `monotonic_s`, never from differences of wall times.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as an experiment sees it."""

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary origin; never runs backwards."""
        ...

    def utc(self) -> datetime:
        """The date and time, timezone-aware, in UTC."""
        ...

    def sleep_until(self, time_s: float) -> None:
        """Return when `monotonic_s()` has reached `time_s`; at once if it already has."""
        ...


class WallClock:
    """Real time."""

    def monotonic_s(self) -> float:
        """Seconds of the system's monotonic clock."""
        return time.monotonic()

    def boottime_s(self) -> float | None:
        """Seconds since the computer was started, sleep included; None where nobody counts."""
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        return None if clock is None else time.clock_gettime(clock)

    def utc(self) -> datetime:
        """Now."""
        return datetime.now(UTC)

    def sleep_until(self, time_s: float) -> None:
        """Sleep for what is left."""
        left = time_s - time.monotonic()
        if left > 0:
            time.sleep(left)
