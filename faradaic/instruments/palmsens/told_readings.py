"""Which of the readings that come are told, and what passed since the one before."""

from __future__ import annotations

import math

from faradaic.instruments.palmsens.scripts import Script
from faradaic.instruments.readings import Passed, Reading, Regulation
from faradaic.instruments.segments import LevelsSegment, Segment


class ToldReadings:
    """One reading in each `reading_s` of a script; of levels in turn, one of each level.

    Charges that the instrument counted come as totals of the segment and are told as what has
    passed since the reading that was told before.
    """

    def __init__(self, script: Script, segment: Segment) -> None:
        self._every_s = script.reading_s or 0.0
        self._slack_s = 0.5 * min(script.interval_s, self._every_s)
        self._by_level = isinstance(segment, LevelsSegment)
        self._due_s: dict[int | None, float] = {}
        self._totals = Passed(0.0, 0.0, 0.0)
        self._held: Reading | None = None
        self._last: Reading | None = None
        self._unsure_C = 0.0
        self._most_A: float | None = None
        """What may flow before the first point of a level, where its current is not held."""
        if segment.regulation is not Regulation.CURRENT:
            self._most_A = getattr(segment, "current_limit_A", None)

    def take(self, reading: Reading) -> Reading | None:
        """The reading as it is told; None where it comes sooner than it was asked for."""
        self._note(reading)
        key = reading.level if self._by_level else None
        if reading.time_s < self._due_s.get(key, -math.inf):
            self._held = reading
            return None
        self._due_s[key] = reading.time_s + self._every_s - self._slack_s
        return self._told(reading)

    def rest(self) -> Reading | None:
        """The last reading, if it was not told."""
        return None if self._held is None else self._told(self._held)

    def _note(self, reading: Reading) -> None:
        """By how much the instrument's count may be off since the point before: its current was
        somewhere between the two, or as large as its limit lets it be where a level began."""
        before, self._last = self._last, reading
        if self._most_A is None or reading.passed is None or reading.current_A is None:
            return
        since_s = reading.on_for_s if before is None else reading.time_s - before.time_s
        if before is not None and before.level == reading.level and before.current_A is not None:
            most_A = 0.5 * abs(reading.current_A - before.current_A)
        else:
            most_A = max(self._most_A, abs(reading.current_A))
        self._unsure_C += most_A * (since_s or 0.0)

    def _told(self, reading: Reading) -> Reading:
        self._held = None
        now, before = reading.passed, self._totals
        if now is None:
            return reading
        self._totals = now
        energy_J = None
        if now.energy_J is not None and before.energy_J is not None:
            energy_J = now.energy_J - before.energy_J
        anodic_C, cathodic_C = now.anodic_C - before.anodic_C, now.cathodic_C - before.cathodic_C
        unsure_C, self._unsure_C = self._unsure_C, 0.0
        return reading._replace(passed=Passed(anodic_C, cathodic_C, energy_J, unsure_C))
