"""What really went through a simulated cell."""

from __future__ import annotations

from typing import Any


class Witness:
    """A cell that counts the charge through it, whoever asks it to."""

    def __init__(self, cell: Any) -> None:
        self.cell, self.gross_C = cell, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cell, name)

    def step(self, control: Any, value: float, dt_s: float) -> Any:
        state = self.cell.step(control, value, dt_s)
        self.gross_C += abs(state.current_A) * dt_s
        return state

    def checkpoint(self) -> Any:
        return self.cell.checkpoint(), self.gross_C

    def restore(self, state: Any) -> None:
        inner, self.gross_C = state
        self.cell.restore(inner)
