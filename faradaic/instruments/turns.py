"""The levels of a segment one after the other, as long as it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from faradaic.instruments.readings import Regulation
from faradaic.instruments.segments import LevelsSegment, StaircaseSegment

LEVEL_SLACK = 1e-9
"""Of a level: less than this is none, however times were rounded."""


class Turn(NamedTuple):
    """One level, once."""

    number: int
    """Which of the levels, or which stair, from 0."""
    regulation: Regulation
    value: float
    begins_s: float
    """Since the segment began."""
    duration_s: float

    @property
    def ends_s(self) -> float:
        """Get when it is over, since the segment began."""
        return self.begins_s + self.duration_s


def turns(segment: LevelsSegment | StaircaseSegment) -> Iterator[Turn]:
    """What is held from when to when; the first turn and the last may be parts of one."""
    now_s = 0.0
    index, left_s = segment.begins()
    while now_s < segment.duration_s * (1 - LEVEL_SLACK):
        regulation, value = segment.held(index)
        length_s = min(left_s, segment.duration_s - now_s)
        if length_s > 0.0:
            yield Turn(index, regulation, value, now_s, length_s)
        now_s += length_s
        index += 1
        if isinstance(segment, LevelsSegment):
            index %= len(segment.levels)
            left_s = segment.levels[index].duration_s
        elif index == segment.stairs:
            return
        else:
            left_s = segment.stair_s
