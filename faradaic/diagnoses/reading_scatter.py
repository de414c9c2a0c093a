"""How a value scatters from reading to reading, and how it did when the step began."""

from __future__ import annotations

SETTLED_S = 20.0
"""A step's first seconds say nothing of its scatter."""
LEARNED_S = 300.0
PER_READING = 1.0 / 40.0
"""The weight of a reading in the running means."""


class ReadingScatter:
    """Running means of how far neighbours are from a straight line, and of the skewness."""

    __slots__ = ("_before", "_count", "_cube", "_last", "_square", "_sum", "now")

    def __init__(self) -> None:
        self._last: float | None = None
        self._before = 0.0
        """The difference before."""
        self.now = 0.0
        """Half the mean magnitude of the second differences: 0.98 sigma of white noise, and
        nothing of a drift."""
        self._square = self._cube = 0.0
        self._sum = 0.0
        self._count = 0

    def take(self, value: float, elapsed_s: float, bound: float) -> None:
        """Count a value; differences beyond `bound` are steps, not scatter."""
        last, self._last = self._last, value
        if last is None:
            return
        difference = value - last
        before, self._before = self._before, difference
        bent = 0.5 * (difference - before)
        size = bent if bent >= 0.0 else -bent
        if elapsed_s < SETTLED_S:
            self.now += 0.2 * (size - self.now)
            return
        if size > bound:
            size, bent = bound, (bound if bent > 0.0 else -bound)
        self.now += PER_READING * (size - self.now)
        self._square += PER_READING * (bent * bent - self._square)
        self._cube += PER_READING * (difference * bent * bent - self._cube)
        if elapsed_s < LEARNED_S:
            self._sum += size
            self._count += 1

    def restart(self) -> None:
        """The next value has no neighbour."""
        self._last = None
        self._before = 0.0

    @property
    def at_first(self) -> float | None:
        """Get the scatter of the first five minutes; None before enough of them are over."""
        return self._sum / self._count if self._count >= 60 else None

    @property
    def skew(self) -> float:
        """Get the skewness of the differences: negative where falls are steeper than rises."""
        return float(self._cube / self._square**1.5) if self._square > 0.0 else 0.0
