"""When each well of a plate is to begin and end, and on which channel, before anything is run."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """One well's place in time, s from the beginning of the plate."""

    channel: int
    """From 1."""
    start_s: float
    end_s: float


def schedule(durations_s: Sequence[float], channels: int) -> list[Slot]:
    """Each well in its turn on the channel that is free first (list scheduling)."""
    free = [(0.0, number) for number in range(1, channels + 1)]
    slots = []
    for duration_s in durations_s:
        start_s, channel = heapq.heappop(free)
        slots.append(Slot(channel, start_s, start_s + duration_s))
        heapq.heappush(free, (start_s + duration_s, channel))
    return slots
