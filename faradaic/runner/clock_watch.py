"""Whether the wall clock was set or the computer slept, from clocks that should run alike.

The monotonic clock stands still while the computer sleeps, the clock since boot does not; the wall
clock goes on too, and can be set. Where there is no clock since boot, a wall clock that is ahead
was set or has slept through something: nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from faradaic.instruments.clock import Clock

CHANGE_S = 1.0
"""Clocks that move apart by more than this between two looks have been changed."""


@runtime_checkable
class CountsSleep(Protocol):
    """A clock that also knows the time since boot, sleep included."""

    def boottime_s(self) -> float | None:
        """Seconds since boot; None where the system has no such clock."""
        ...


@dataclass(frozen=True, slots=True)
class ClockChange:
    """By how much; 0 for what did not happen."""

    stepped_s: float = 0.0
    """The wall clock was set ahead (or back, negative); of it, where `may_be_sleep`, any part may
    have been sleep."""
    suspended_s: float = 0.0
    may_be_sleep: bool = False

    @property
    def asleep_s(self) -> float:
        """Get for how long the computer slept at most."""
        return max(0.0, self.stepped_s) if self.may_be_sleep else self.suspended_s


class ClockWatch:
    """Compares the clocks of a bench from one look to the next."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts_sleep = clock if isinstance(clock, CountsSleep) else None
        self._last = self._look()

    def boottime_s(self) -> float | None:
        """The clock since boot; None where there is none."""
        return None if self._counts_sleep is None else self._counts_sleep.boottime_s()

    def change(self) -> ClockChange | None:
        """What happened since the last look; None for nothing.

        A clock that knows nothing of a boot is no computer's: nobody sets it.
        """
        if self._counts_sleep is None:
            return None
        before, now = self._last, self._look()
        self._last = now
        monotonic_s, wall_s = now[0] - before[0], now[1] - before[1]
        booted_s = None if now[2] is None or before[2] is None else now[2] - before[2]
        asleep_s = 0.0 if booted_s is None else booted_s - monotonic_s
        stepped_s = wall_s - monotonic_s - asleep_s
        if -CHANGE_S <= stepped_s <= CHANGE_S and asleep_s <= CHANGE_S:
            return None
        return ClockChange(
            stepped_s if abs(stepped_s) > CHANGE_S else 0.0,
            asleep_s if asleep_s > CHANGE_S else 0.0,
            may_be_sleep=booted_s is None and stepped_s > CHANGE_S,
        )

    def _look(self) -> tuple[float, float, float | None]:
        return self._clock.monotonic_s(), self._clock.utc().timestamp(), self.boottime_s()
