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
) -> Generator[T, None, EndReason]:
    """Call `read` on a fixed grid and yield what it returns; the result says why it ended.

    The grid is start + k * `interval_s`, so a slow reading or a slow consumer shifts nothing that
    follows. A grid point that has passed is skipped: readings never come in a burst. The first
    reading is taken at once, the last at start + `duration_s`, whether or not that is on the grid.
    `stopped` is asked before each reading and every half second in between.
    """
    start_s = clock.monotonic_s()
    end_s = start_s + duration_s
    while not stopped():
        due_s = clock.monotonic_s()
        yield read()
        # Two readings closer than a millionth of the interval are one, however it was rounded.
        if due_s >= end_s - 1e-6 * interval_s:
            return EndReason.DURATION
        steps = math.floor((clock.monotonic_s() - start_s) / interval_s + 1e-6) + 1
        due_s = min(start_s + steps * interval_s, end_s)
        if end_s - due_s < 1e-6 * interval_s:
            due_s = end_s
        while (now_s := clock.monotonic_s()) < due_s and not stopped():
            clock.sleep_until(min(due_s, now_s + STOP_LATENCY_S))
    return EndReason.STOPPED
