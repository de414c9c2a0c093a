"""What the cell did since its control changed, so that a meter can average over its aperture."""

from __future__ import annotations

import math

from faradaic.simulators.contracts import CellState

LONGEST = 8192
"""States that are kept, at the least half of them; the oldest stands for what was before it."""


class SignalTrace:
    """The states at the ends of the time steps under one control.

    Between two states a signal is taken as a + b/√age, the form in which a cell relaxes after a
    change; the first time step counts as constant.
    """

    def __init__(self) -> None:
        self._ages_s: list[float] = []
        self._states: list[CellState] = []

    def clear(self) -> None:
        """The control has changed."""
        self._ages_s.clear()
        self._states.clear()

    def append(self, age_s: float, state: CellState) -> None:
        """A state at a time since the change of control, later than the one before."""
        if len(self._ages_s) == LONGEST:
            del self._ages_s[: LONGEST // 2], self._states[: LONGEST // 2]
        self._ages_s.append(age_s)
        self._states.append(state)

    def mean(self, aperture_s: float) -> CellState:
        """The mean over an aperture that ends at the last state, but begins with the control."""
        ages_s, states = self._ages_s, self._states
        end_s = ages_s[-1]
        start_s = max(end_s - aperture_s, 0.0)
        if start_s >= end_s:
            return states[-1]
        current = cell = potential = 0.0
        at = len(ages_s) - 1
        while at > 0 and ages_s[at] > start_s:
            before_s, after_s = ages_s[at - 1], ages_s[at]
            lo_s = start_s if start_s > before_s else before_s
            # Share of the earlier state in the mean of 1/√age from lo_s to after_s.
            late = 1.0 / math.sqrt(after_s)
            share = (2.0 / (math.sqrt(lo_s) + math.sqrt(after_s)) - late) / (
                1.0 / math.sqrt(before_s) - late
            )
            weight = after_s - lo_s
            a, b = states[at - 1], states[at]
            current += weight * (b[0] + share * (a[0] - b[0]))
            cell += weight * (b[1] + share * (a[1] - b[1]))
            potential += weight * (b[2] + share * (a[2] - b[2]))
            at -= 1
        weight = ages_s[0] - start_s
        if weight > 0.0:
            a = states[0]
            current += weight * a[0]
            cell += weight * a[1]
            potential += weight * a[2]
        covered_s = end_s - start_s
        return CellState(current / covered_s, cell / covered_s, potential / covered_s)

    def checkpoint(self) -> tuple[tuple[float, ...], tuple[CellState, ...]]:
        """The state as an immutable value."""
        return tuple(self._ages_s), tuple(self._states)

    def restore(self, state: tuple[tuple[float, ...], tuple[CellState, ...]]) -> None:
        """Return to a checkpoint."""
        self._ages_s, self._states = list(state[0]), list(state[1])
