"""Levels in turn, timed by the program: for an instrument that is asked for each reading.

The set-point is written when its level begins; the one before it stays on until then. A level is
read at once, in its interval and once before it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from faradaic.instruments.clock import Clock
from faradaic.instruments.level_charge import LevelCharge
from faradaic.instruments.polling import poll
from faradaic.instruments.readings import EndReason, Reading, Regulation
from faradaic.instruments.segments import LevelsSegment, StaircaseSegment
from faradaic.instruments.turns import turns

GAP_INTERVALS = 3.0
"""Readings of a level further apart than this many intervals leave a gap in its charge."""


def timed_levels(
    segment: LevelsSegment | StaircaseSegment,
    clock: Clock,
    *,
    start_s: float,
    change: Callable[[int, float], float],
    read: Callable[[], Reading],
    stopped: Callable[[], bool],
) -> Generator[Reading, None, EndReason]:
    """Hold one level after the other; the first is on since `start_s`.

    `change` sets a level by its number and its value and tells when it was told to: it changes
    then, or at the latest when `change` comes back.
    """
    charge = LevelCharge(GAP_INTERVALS * segment.interval_s)
    most_A = segment.current_limit_A or 0.0
    begins_s = start_s
    for turn in turns(segment):
        if turn.begins_s > 0.0:
            begins_s = change(turn.number, turn.value)
        held = turn.regulation in (Regulation.CURRENT, Regulation.OFF)
        charge.level(begins_s, held=held, most_A=most_A, late_s=clock.monotonic_s() - begins_s)
        stream = poll(
            read,
            clock,
            interval_s=segment.interval_s,
            duration_s=start_s + turn.ends_s - begins_s,
            stopped=stopped,
            start_s=begins_s,
        )
        for reading in stream:
            at_A, at_V = reading.current_A, reading.cell_voltage_V
            charge.sample(reading.time_s, at_A, at_V, limited=reading.compliance)
            yield reading._replace(passed=charge.take())
        if stopped():
            return EndReason.STOPPED
    return EndReason.DURATION
