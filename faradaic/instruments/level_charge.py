"""What passes in levels that follow each other: by direction, with energy, level by level.

A straight line from a reading in one level to a reading in the next is not what flowed. Within a
level it is: between two samples the trapezoid, and up to the first and from the last one what they
read. When a level begins and ends is known from who switches it.
"""

from __future__ import annotations

from faradaic.instruments.readings import Passed


class LevelCharge:
    """Counts the charge and the energy of levels, as magnitudes by direction.

    Samples of a level further apart than `gap_s` leave a gap: what flowed in it is unsure.
    """

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._anodic_C = self._cathodic_C = self._unsure_C = 0.0
        self._energy_J: float | None = 0.0
        self._time_s: float | None = None
        """Up to when it is counted."""
        self._current_A: float | None = None
        self._voltage_V: float | None = None
        self._held = False
        self._most_A = 0.0
        self._before_A: float | None = None
        self._late_s = 0.0

    def level(self, time_s: float, *, held: bool, most_A: float, late_s: float = 0.0) -> None:
        """A level begins, the one before it was held until now, or for up to `late_s` longer.

        `held` where its current is regulated: nothing but what is read flows before the first
        sample and between two; else at most `most_A` before the first.
        """
        self.until(time_s)
        self._before_A, self._late_s = self._current_A, late_s
        self._time_s, self._current_A, self._voltage_V = time_s, None, None
        self._held, self._most_A = held, most_A

    def sample(
        self, time_s: float, current_A: float | None, voltage_V: float | None, *, limited: bool
    ) -> None:
        """A sample within the level; `limited` where the source does not hold what it is to."""
        if current_A is None:
            return
        dt_s = 0.0 if self._time_s is None else max(0.0, time_s - self._time_s)
        first = self._current_A is None
        if first:
            change_A = abs(current_A - (self._before_A or 0.0))
            self._unsure_C += change_A * min(self._late_s, dt_s)
        before_A = current_A if self._current_A is None else self._current_A
        before_V = voltage_V if self._voltage_V is None else self._voltage_V
        if dt_s > self._gap_s:
            self._unsure_C += max(abs(before_A), abs(current_A)) * dt_s
        else:
            self._book(dt_s, before_A, current_A, before_V, voltage_V)
            if limited or not self._held:
                most_A = max(self._most_A, abs(current_A))
                self._unsure_C += (most_A if first else 0.5 * abs(current_A - before_A)) * dt_s
        self._time_s, self._current_A, self._voltage_V = time_s, current_A, voltage_V

    def until(self, time_s: float) -> None:
        """The level went on until now, as its last sample read."""
        if self._time_s is None or self._current_A is None:
            return
        dt_s = max(0.0, time_s - self._time_s)
        at_A, at_V = self._current_A, self._voltage_V
        self._book(dt_s, at_A, at_A, at_V, at_V)
        self._time_s = max(self._time_s, time_s)

    def take(self) -> Passed:
        """What has passed since the last call."""
        passed = Passed(self._anodic_C, self._cathodic_C, self._energy_J, self._unsure_C)
        self._anodic_C = self._cathodic_C = self._unsure_C = 0.0
        self._energy_J = 0.0
        return passed

    def _book(
        self,
        dt_s: float,
        first_A: float,
        last_A: float,
        first_V: float | None,
        last_V: float | None,
    ) -> None:
        anodic_A, cathodic_A = by_direction(first_A, last_A)
        self._anodic_C += anodic_A * dt_s
        self._cathodic_C += cathodic_A * dt_s
        if first_V is None or last_V is None or self._energy_J is None:
            self._energy_J = None
        else:  # of two straight lines
            mixed = 2 * (first_A * first_V + last_A * last_V) + first_A * last_V + last_A * first_V
            self._energy_J += mixed / 6 * dt_s


def by_direction(first_A: float, last_A: float) -> tuple[float, float]:
    """The mean of a straight line between two currents, anodic and cathodic, as magnitudes."""
    mean_A = 0.5 * (first_A + last_A)
    if first_A * last_A >= 0.0:
        return max(mean_A, 0.0), max(-mean_A, 0.0)
    span_A = abs(first_A) + abs(last_A)
    halves = 0.5 * first_A * abs(first_A) / span_A, 0.5 * last_A * abs(last_A) / span_A
    return max(halves), -min(halves)
