"""What hangs on an output that no cell is wired to."""

from __future__ import annotations

from faradaic.simulators.contracts import CellState, Control

EVERY_V = 1e9


class OpenLeads:
    """A cell that is none."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """No current, and whatever voltage is imposed; a current would take any voltage."""
        if control is Control.CURRENT and value:
            return CellState(value, EVERY_V, EVERY_V)
        volts = value if control in (Control.CELL_VOLTAGE, Control.POTENTIAL) else 0.0
        return CellState(0.0, volts, volts)

    def checkpoint(self) -> None:
        """There is no state."""

    def restore(self, state: None) -> None:
        """There is no state."""
