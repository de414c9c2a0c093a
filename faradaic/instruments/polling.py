"""The one polling loop, for instruments that are asked for each reading."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import TypeVar

from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import EndReason

T = TypeVar("T")

STOP_LATENCY_S = 0.5
"""How long a stop may go unnoticed while the loop waits for the next reading."""


def poll(
    read: Callable[[], T],
    clock: Clock,
    *,
    interval_s: float,
    duration_s: float,
    stopped: Callable[[], bool],
    start_s: float | None = None,
) -> Generator[T, None, EndReason]:
    """Call `read` on a fixed grid and yield what it returns; the result says why it ended.

    The grid is `start_s` (or now) + k * `interval_s`, so a slow reading or a slow consumer shifts
    nothing that follows. A grid point that has passed is skipped: readings never come in a burst.
    The first reading is taken at once, the last so that it is over at start + `duration_s` if it
    takes as long as the quickest before it, whether or not that is on the grid; the stream ends
    then, no sooner. `stopped` is asked before each reading and every half second in between.
    """
    start_s = clock.monotonic_s() if start_s is None else start_s
    end_s = start_s + duration_s
    slack_s = 1e-6 * interval_s
    """Two times closer than this are one, however they were rounded."""
    quickest_s = math.inf

    while not stopped():
        begun_s = clock.monotonic_s()
        reading = read()
        quickest_s = min(quickest_s, clock.monotonic_s() - begun_s)
        yield reading
        last_s = end_s - quickest_s
        now_s = clock.monotonic_s()
        if begun_s >= last_s - slack_s or now_s > last_s + slack_s:
            wait_until(clock, end_s, stopped)
            return EndReason.STOPPED if stopped() else EndReason.DURATION
        steps = math.floor((now_s - start_s) / interval_s + 1e-6) + 1
        due_s = start_s + steps * interval_s
        wait_until(clock, due_s if due_s < last_s - slack_s else last_s, stopped)
    return EndReason.STOPPED


def wait_until(clock: Clock, time_s: float, stopped: Callable[[], bool]) -> None:
    """Wait for a time, or until a stop has been noticed."""
    while (now_s := clock.monotonic_s()) < time_s and not stopped():
        clock.sleep_until(min(time_s, now_s + STOP_LATENCY_S))
