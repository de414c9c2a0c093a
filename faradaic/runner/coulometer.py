"""Charge from measured current and monotonic time.

Between two readings the charge is the trapezoid of the measured currents; where the current
changes sign in between, the two triangles are booked by direction. Time in which the output may
have been on but no second reading closes the interval is never turned into one invented number:
it widens the interval [`low_C`, `high_C`] around the gross charge.
"""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.instruments.readings import Passed

PROMPT_S = 0.3
"""An instrument turns its output on within this long of being told to: a script has to be sent and
read, and a range to be set."""

STEADY = 0.01
"""A current that changes by less than this from reading to reading, relative, is steady: noise
averages out, and a drift as slow as that is a straight line."""


@dataclass(slots=True)
class ChargeCounter:
    """Charge booked three ways: net, gross (∫|I|dt) and by direction, all in coulombs."""

    gap_s: float
    """Two readings further apart than this leave a gap instead of a trapezoid."""
    anodic_C: float = 0.0
    """Through the working electrode in the anodic direction, magnitude."""
    cathodic_C: float = 0.0
    """In the cathodic direction, magnitude."""
    unbracketed_C: float = 0.0
    """Part of the gross charge that rests on one reading only (before the first, after the
    last) or on a straight line between two that differ: it may have been less."""
    gap_C: float = 0.0
    """What may have flowed at most in gaps, above straight lines, and from off to read back as
    off; not part of the gross charge."""
    gaps: int = 0
    energy_J: float | None = None
    """Put into the cell where it was counted level by level; None before that."""
    _time_s: float | None = None
    _current_A: float | None = None
    _brief: bool = False
    """Whether the last reading was one of an interruption."""
    _most_A: float = 0.0
    _in_turn: bool = False
    """Whether other levels than that of the last reading may follow it."""
    _unknown_since_s: float | None = None
    """Since when nobody knows whether the output is on."""

    @property
    def gross_C(self) -> float:
        """Get the charge regardless of direction."""
        return self.anodic_C + self.cathodic_C

    @property
    def net_C(self) -> float:
        """Get the anodic less the cathodic charge."""
        return self.anodic_C - self.cathodic_C

    @property
    def low_C(self) -> float:
        """Get the gross charge that at least flowed."""
        return max(0.0, self.gross_C - self.unbracketed_C)  # sums of their own, rounded apart

    @property
    def high_C(self) -> float:
        """Get the gross charge that at most flowed."""
        return self.gross_C + self.gap_C

    def booked(self) -> tuple[float, float, float | None]:
        """Gross charge, net charge and energy up to now."""
        return self.gross_C, self.net_C, self.energy_J

    def output_on(self, time_s: float, most_A: float | None = None, unsure_s: float = 0.0) -> None:
        """The output is being turned on; what flows from here on counts.

        `most_A` is the magnitude that may flow where no reading says what does; None where it was
        told to go on already, and `time_s` is what the instrument says of it, which may be by
        `unsure_s` too late. One that says so late may have been on since it was told to.
        """
        if most_A is None and self._time_s is not None and self._current_A is None:
            late_s = time_s - self._time_s
            self.gap_C += self._most_A * (late_s if late_s > PROMPT_S else unsure_s)
        self._time_s = time_s
        self._current_A = None
        self._most_A = self._most_A if most_A is None else most_A

    def add(
        self,
        time_s: float,
        current_A: float,
        passed: Passed | None = None,
        *,
        brief: bool = False,
    ) -> None:
        """Book the time since the last reading, or since the output went on; or what `passed` in
        it, where that was counted level by level.

        `brief`: the current is interrupted, and goes on by itself if nobody reads it.
        """
        self._in_turn = passed is not None
        if passed is not None:
            self.anodic_C += passed.anodic_C
            self.cathodic_C += passed.cathodic_C
            self.unbracketed_C += min(passed.unsure_C, passed.anodic_C + passed.cathodic_C)
            self.gap_C += passed.unsure_C
            if passed.energy_J is not None:
                self.energy_J = (self.energy_J or 0.0) + passed.energy_J
        elif self._time_s is not None:
            before = self._current_A
            dt = max(0.0, time_s - self._time_s)
            if dt > self.gap_s:
                self._gap(dt, current_A if before is None else max(before, current_A, key=abs))
            elif before is None:
                self._book(dt, current_A, current_A)
                self.unbracketed_C += abs(current_A) * dt
                self.gap_C += max(0.0, self._most_A - abs(current_A)) * dt
            else:
                gross_C = self.gross_C
                self._book(dt, before, current_A)
                self._changed(dt, before, current_A, self.gross_C - gross_C)
        # A reading that says it is older than the last one takes nothing back.
        self._time_s = time_s if self._time_s is None else max(self._time_s, time_s)
        self._current_A = current_A
        self._brief = brief

    def output_off(self, time_s: float, read_back_s: float, known: bool = True) -> None:
        """The output was turned off at `time_s`, until when the last reading is held.

        Until it was read back as off at `read_back_s` it may still have been on: that much is
        added to the upper bound; where it was not `known` to be off then either, until the next
        call.
        """
        if self._unknown_since_s is not None:
            self.gap_C += self._most_A * (read_back_s - self._unknown_since_s)
            self._unknown_since_s = read_back_s
        elif self._time_s is not None:
            self._last_reading_held(self._time_s, time_s, read_back_s)
            self._unknown_since_s = read_back_s
        if known:
            self._unknown_since_s = None
        self._time_s = None
        self._current_A = None

    def _last_reading_held(self, last_s: float, off_s: float, read_back_s: float) -> None:
        unread_s = max(0.0, read_back_s - off_s)
        if self._current_A is None or self._brief:
            self.gap_C += self._most_A * max(0.0, read_back_s - last_s)
        else:
            most_A = abs(self._current_A)
            if unread_s > self.gap_s or self._in_turn:
                most_A = max(most_A, self._most_A)
            self.gap_C += most_A * unread_s
            dt = max(0.0, off_s - last_s)
            if dt > self.gap_s:
                self._gap(dt, most_A if self._in_turn else self._current_A)
            else:
                self._book(dt, self._current_A, self._current_A)
                self.unbracketed_C += abs(self._current_A) * dt
                self.gap_C += max(0.0, most_A - abs(self._current_A)) * dt

    def suspended(self, duration_s: float) -> None:
        """The computer slept for so long, which the monotonic clock does not count; what was on
        stayed on."""
        if self._time_s is not None and self._current_A is not None:
            self._gap(duration_s, self._most_A if self._brief else self._current_A)

    def _changed(self, dt_s: float, first_A: float, second_A: float, booked_C: float) -> None:
        """A current that went from one to the other somehow: not more than the one, nor less than
        the other, all the time. What noise and drift change is left out, and no less than nothing
        flowed of what was `booked_C`."""
        change_A = abs(second_A - first_A)
        if change_A > STEADY * max(abs(first_A), abs(second_A)):
            self.unbracketed_C += min(0.5 * change_A * dt_s, booked_C)
            self.gap_C += 0.5 * change_A * dt_s

    def _gap(self, dt_s: float, current_A: float) -> None:
        self.gaps += 1
        self.gap_C += abs(current_A) * dt_s

    def _book(self, dt_s: float, first_A: float, second_A: float) -> None:
        if first_A >= 0.0 and second_A >= 0.0:
            self.anodic_C += 0.5 * (first_A + second_A) * dt_s
        elif first_A <= 0.0 and second_A <= 0.0:
            self.cathodic_C -= 0.5 * (first_A + second_A) * dt_s
        else:
            crossing_s = dt_s * first_A / (first_A - second_A)
            self._book(crossing_s, first_A, 0.0)
            self._book(dt_s - crossing_s, 0.0, second_A)
