"""Whether a potential moves that the cell does not: the reference electrode (D15).

At a held current whatever happens at the working electrode moves its potential and the cell voltage
alike. A potential that moves alone, or scatters alone, is that of its reference.
"""

from __future__ import annotations

import math

from faradaic.diagnoses.diagnosis import Cause, Diagnosis, weighed

BLOCK_S = 30.0
BLOCKS = 5
"""Means of so many blocks are looked at: the first and the last lie 2 min apart."""
PER_MINUTE_V = 5e-3
"""A reference electrode that is well moves by less than a millivolt an hour."""
ALONE = 0.2
"""The cell voltage moves by less than this share of the potential."""
SCATTERS = 10.0
SCATTER_V = 5e-3
"""The potential scatters by so many times what the cell voltage does, and by this at least."""
LEAST_READINGS = 5
"""In a block."""


class ReferenceWatch:
    """Takes the potential and the cell voltage of a held current; constant memory."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._n = 0
        self._sums = [0.0, 0.0]
        self._squares = [0.0, 0.0]
        self._last: tuple[float, float] | None = None
        self._blocks: list[tuple[float, float, float, float]] = []
        """Time, charge, and the means of potential and cell voltage."""
        self._seen = 0
        self._noisy = 0
        self._told = False

    def take(
        self, time_s: float, charge_C: float, potential_V: float, cell_voltage_V: float
    ) -> Diagnosis | None:
        """Take a reading; at most one diagnosis of a step."""
        if self._told:
            return None
        if self._began_s is None:
            self._began_s = time_s
        now = potential_V, cell_voltage_V
        self._n += 1
        for which, value in enumerate(now):
            self._sums[which] += value
            if self._last is not None:
                self._squares[which] += (value - self._last[which]) ** 2
        self._last = now
        if time_s - self._began_s < BLOCK_S or self._n < LEAST_READINGS:
            return None
        told = self._block(time_s, charge_C)
        self._began_s, self._n = time_s, 0
        self._sums, self._squares = [0.0, 0.0], [0.0, 0.0]
        self._told = told is not None
        return told

    def _block(self, time_s: float, charge_C: float) -> Diagnosis | None:
        means = [total / self._n for total in self._sums]
        self._blocks = [*self._blocks[1 - BLOCKS :], (time_s, charge_C, means[0], means[1])]
        scatter = [math.sqrt(total / (2.0 * self._n)) for total in self._squares]
        noisy = scatter[0] > max(SCATTER_V, SCATTERS * scatter[1])
        self._noisy = self._noisy + 1 if noisy else 0
        if self._noisy >= 2:
            text = (
                f"the potential scatters by {scatter[0] * 1e3:.2g} mV from reading to reading, the"
                f" cell voltage by {scatter[1] * 1e3:.2g} mV"
            )
            causes = weighed({"reference_clog": 0.85, "reference_drift": 0.05, "noise": 0.1})
            return self._made(time_s, charge_C, text, causes, {"scatter_V": scatter[0]})
        if len(self._blocks) < BLOCKS:
            return None
        (first_s, _, first_E, first_U), *_, (_, _, last_E, last_U) = self._blocks
        minutes = (time_s - first_s) / 60.0
        E_V, U_V = (last_E - first_E) / minutes, (last_U - first_U) / minutes
        alone = abs(E_V) > PER_MINUTE_V and abs(U_V) < ALONE * abs(E_V)
        self._seen = self._seen + 1 if alone else 0
        if self._seen < 2:
            return None
        text = (
            f"the potential moves by {E_V * 1e3:+.2g} mV/min at a held current, the cell voltage by"
            f" {U_V * 1e3:+.2g} mV/min"
        )
        causes = weighed({"reference_drift": 0.75, "reference_clog": 0.2})
        return self._made(time_s, charge_C, text, causes, {"rate_V_per_min": E_V})

    def _made(
        self,
        time_s: float,
        charge_C: float,
        text: str,
        causes: tuple[Cause, ...],
        numbers: dict[str, float],
    ) -> Diagnosis:
        since_s, since_C, *_ = self._blocks[0]
        return Diagnosis("D15", time_s, since_s, charge_C, since_C, text, causes, numbers)
