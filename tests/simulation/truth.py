"""What really happens in a simulated world: the cell with a meter that is never wrong."""

from __future__ import annotations

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

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Ohm's law at the end of a time step; under a current, exactly."""
        if control is Control.OPEN_CIRCUIT:
            return CellState(0.0, 0.0, 0.0)
        before_ohm = self._resistance_ohm + self._film_ohm_per_C * self.charge_C
        current_A = value if control is Control.CURRENT else value / before_ohm
        size_A = abs(current_A)
        self.charge_C += size_A * dt_s
        self.net_C += current_A * dt_s
        after_ohm = self._resistance_ohm + self._film_ohm_per_C * self.charge_C
        voltage_V = current_A * after_ohm if control is Control.CURRENT else value
        self.on_s += dt_s * (current_A != 0.0)
        if size_A > self.limit_A:
            self.over_s += dt_s
        elif abs(voltage_V) > self.limit_V:
            rise_V = size_A * (after_ohm - before_ohm)
            share = (abs(voltage_V) - self.limit_V) / rise_V if rise_V else 1.0
            self.over_s += min(1.0, share) * dt_s
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> Any:
        """The books."""
        return self.charge_C, self.net_C, self.on_s, self.over_s

    def restore(self, state: Any) -> None:
        """The books as they were."""
        self.charge_C, self.net_C, self.on_s, self.over_s = state
