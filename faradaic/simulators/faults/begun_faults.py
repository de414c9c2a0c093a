"""How far a run has come, and which faults have begun."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from faradaic.simulators.faults.fault_text import Fault


class Elapsed(NamedTuple):
    """Since the start of a fault."""

    time_s: float
    charge_C: float


class FaultClock:
    """Time and gross charge of the cell, and where each fault began."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        self.time_s = 0.0
        self.charge_C = 0.0
        self._begun: dict[Fault, Elapsed] = {}
        self._note_starts(0.0, 0.0)

    def advance(self, dt_s: float, current_A: float) -> None:
        """A time step of the cell has passed."""
        before = self.time_s, self.charge_C
        self.time_s += dt_s
        self.charge_C += abs(current_A) * dt_s
        self._note_starts(*before)

    def active(self, fault: Fault, now_s: float | None = None) -> Elapsed | None:
        """How long a fault has lasted, None while it does not act.

        `now_s` is a time of the run later than the cell's, which is computed only when needed.
        """
        time_s = self.time_s if now_s is None else max(now_s, self.time_s)
        begun = self._begun.get(fault)
        if begun is None:
            if time_s < fault.start.time_s:
                return None
            begun = Elapsed(fault.start.time_s, self.charge_C)
        lasted = Elapsed(time_s - begun.time_s, self.charge_C - begun.charge_C)
        over = fault.end.reached(time_s, self.charge_C) or lasted.time_s >= fault.duration_s
        return None if over else lasted

    def began(self, fault: Fault) -> bool:
        """Whether the run has reached the start of a fault before its end."""
        return fault in self._begun

    def checkpoint(self) -> tuple[Any, ...]:
        """The state as an immutable value."""
        return self.time_s, self.charge_C, tuple(self._begun.items())

    def restore(self, state: tuple[Any, ...]) -> None:
        """Return to a checkpoint."""
        self.time_s, self.charge_C, begun = state
        self._begun = dict(begun)

    def _note_starts(self, before_s: float, before_C: float) -> None:
        """Faults that start now; one whose end came earlier (a time, a charge) never does."""
        for fault in self.faults:
            if fault in self._begun or fault.end.reached(before_s, before_C):
                continue
            if fault.start.reached(self.time_s, self.charge_C):
                self._begun[fault] = Elapsed(self.time_s, self.charge_C)


class Contacts:
    """Intervals at random: a Poisson process of on-times, a pure function of seed and time."""

    def __init__(self, seed: int, every_s: float, lasting_s: float) -> None:
        self._random = random.Random(seed)
        self._every_s = every_s
        self._lasting_s = lasting_s
        self._edges_s = [0.0]

    def on(self, time_s: float) -> bool:
        """Whether there is contact at a time."""
        return self._before(time_s) % 2 == 0

    def phase(self, time_s: float) -> float:
        """How far the interval around a time has run, from 0 to 1."""
        index = self._before(time_s)
        start_s, end_s = self._edges_s[index - 1], self._edges_s[index]
        return (time_s - start_s) / (end_s - start_s)

    def _before(self, time_s: float) -> int:
        """How many edges lie at or before a time; there is always one after it."""
        edges = self._edges_s
        while edges[-1] <= time_s:
            mean_s = self._every_s if len(edges) % 2 else self._lasting_s
            edges.append(edges[-1] + self._random.expovariate(1.0 / mean_s))
        return bisect_right(edges, time_s)
