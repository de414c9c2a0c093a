"""Which range a current is measured on, and when an instrument changes it by itself."""

from __future__ import annotations


class Autorange:
    """The choice among rising ranges, with hysteresis and a time in which there is no data.

    Up at once when the magnitude passes `up` of the range; down when two samples in a row are
    below `down` of it. For `dead_time_s` after a change the new range is settling.
    """

    def __init__(
        self, ranges_A: tuple[float, ...], up: float, down: float, dead_time_s: float
    ) -> None:
        self._ranges_A = ranges_A
        self._up = up
        self._down = down
        self._dead_time_s = dead_time_s
        self._position = -1
        self._low_before = False
        self._ready_s = 0.0

    def choose(self, current_A: float, now_s: float) -> tuple[float, bool]:
        """The range for a sample, and whether the range is still settling."""
        magnitude = abs(current_A)
        if self._position < 0:
            self._position = self._holding(magnitude)
            return self._ranges_A[self._position], False
        range_A = self._ranges_A[self._position]
        if now_s < self._ready_s:
            return range_A, True
        low = magnitude < self._down * range_A
        if magnitude > self._up * range_A or (low and self._low_before):
            position = self._holding(magnitude)
            if position != self._position:
                self._position = position
                self._ready_s = now_s + self._dead_time_s
                self._low_before = False
                return self._ranges_A[position], self._dead_time_s > 0.0
        self._low_before = low
        return range_A, False

    def forget(self) -> None:
        """Choose anew at the next sample."""
        self._position = -1
        self._low_before = False
        self._ready_s = 0.0

    def _holding(self, magnitude: float) -> int:
        """Position of the smallest range that holds a magnitude, or of the widest."""
        for position, range_A in enumerate(self._ranges_A):
            if magnitude <= self._up * range_A:
                return position
        return len(self._ranges_A) - 1
