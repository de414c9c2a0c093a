"""What really happens in a simulated world: the cell with a meter that is never wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from faradaic.simulators.contracts import CellModel, CellState, Control


class TrueCell(CellModel):
    """A resistance that a film adds to with the charge that has passed, and its true books."""

    def __init__(self, resistance_ohm: float, film_ohm_per_C: float) -> None:
        self._resistance_ohm = resistance_ohm
        self._film_ohm_per_C = film_ohm_per_C
        self.charge_C = 0.0
        """Gross."""
        self.net_C = 0.0
        self.on_s = 0.0
        """How long something was imposed on it."""
        self.limit_V = float("inf")
        self.limit_A = float("inf")
        self.over_s = 0.0
        """How long it was beyond one of these while something was imposed."""
        self.may_flow: Callable[[], bool] = lambda: True
        self.barred_s = 0.0
        """How long a current flowed without what has to be so around the cell."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Ohm's law at the end of a time step, exactly."""
        if control is Control.OPEN_CIRCUIT:
            return CellState(0.0, 0.0, 0.0)
        film, before_ohm = self._film_ohm_per_C, self._ohm()
        if control is Control.CURRENT:
            passed_C = abs(value) * dt_s
        elif film:  # dq/dt = U / (R + film q)
            passed_C = (
                math.sqrt(before_ohm**2 + 2.0 * film * abs(value) * dt_s) - before_ohm
            ) / film
        else:
            passed_C = abs(value) / before_ohm * dt_s
        self.charge_C += passed_C
        current_A = value if control is Control.CURRENT else value / self._ohm()
        voltage_V = value if control is not Control.CURRENT else value * self._ohm()
        self.net_C += math.copysign(passed_C, value)
        self.on_s += dt_s * (value != 0.0)
        if current_A != 0.0 and not self.may_flow():
            self.barred_s += dt_s
        if abs(current_A) > self.limit_A:
            self.over_s += dt_s
        elif abs(voltage_V) > self.limit_V:
            rise_V = abs(current_A) * (self._ohm() - before_ohm)
            held = control is not Control.CURRENT or not rise_V
            share = 1.0 if held else (abs(voltage_V) - self.limit_V) / rise_V
            self.over_s += min(1.0, share) * dt_s
        return CellState(current_A, voltage_V, voltage_V)

    def _ohm(self) -> float:
        return self._resistance_ohm + self._film_ohm_per_C * self.charge_C

    def checkpoint(self) -> Any:
        """The books."""
        return self.charge_C, self.net_C, self.on_s, self.over_s, self.barred_s

    def restore(self, state: Any) -> None:
        """The books as they were."""
        self.charge_C, self.net_C, self.on_s, self.over_s, self.barred_s = state
