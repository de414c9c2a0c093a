"""The course of a step in at most ninety-six bins of charge, whatever it takes: constant memory."""

from __future__ import annotations

MOST = 96
"""Bins; two neighbours become one when there are more."""
LEAST_READINGS = 3


class ChargeBins:
    """Means of time, gross charge and value over equal stretches of charge (or of time)."""

    __slots__ = ("_charge", "_n", "_time", "_value", "_width", "charges", "times", "values")

    def __init__(self, width: float) -> None:
        """`width`: of a bin at first, in the unit of what `add` is given as `along`."""
        self._width = width
        self.times: list[float] = []
        self.charges: list[float] = []
        self.values: list[float] = []
        self._empty()

    def add(self, time_s: float, charge_C: float, value: float, along: float) -> bool:
        """Take a reading, `along` its way since the last bin; whether that closed a bin."""
        self._time += time_s
        self._charge += charge_C
        self._value += value
        self._n += 1
        if along < self._width or self._n < LEAST_READINGS:
            return False
        n = self._n
        self.times.append(self._time / n)
        self.charges.append(self._charge / n)
        self.values.append(self._value / n)
        self._empty()
        if len(self.times) > MOST:
            self._halve()
        return True

    def forget(self) -> None:
        """What came before no longer compares with what comes."""
        self.times.clear()
        self.charges.clear()
        self.values.clear()
        self._empty()

    def _empty(self) -> None:
        self._time = self._charge = self._value = 0.0
        self._n = 0

    def _halve(self) -> None:
        for values in (self.times, self.charges, self.values):
            pairs = [0.5 * (a + b) for a, b in zip(values[::2], values[1::2], strict=False)]
            values[:] = [*pairs, *values[2 * len(pairs) :]]
        self._width *= 2.0
