"""Relay contacts between a simulated source and its cell, which reverse the leads.

All of them open is forward, all closed reversed. Where they stand apart, both leads are on the same
pole: the cell is short-circuited, and so is the source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.surroundings import Surroundings


class Move(NamedTuple):
    """Contacts that moved, and what was imposed on the cell meanwhile."""

    time_s: float
    contact: str
    closed: bool
    under: Control
    """Anything but `OPEN_CIRCUIT` is a source that was on: contacts that burn."""


class ReversedLeads:
    """A cell behind contacts (a `CellModel`); `moves` are the truth of a run."""

    def __init__(
        self,
        cell: CellModel,
        surroundings: Surroundings,
        contacts: tuple[str, ...],
        now_s: Callable[[], float],
    ) -> None:
        self.inner = cell
        self._around = surroundings
        self._contacts = contacts
        self._now_s = now_s
        self.imposed = Control.OPEN_CIRCUIT
        self.moves: list[Move] = []
        surroundings.on_switch = self._moved

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance, in the signs of the source."""
        self.imposed = control
        standing = {self._around.closed.get(one, False) for one in self._contacts}
        if len(standing) > 1:
            self.inner.step(Control.CELL_VOLTAGE, 0.0, dt_s)
            current_A = value if control is Control.CURRENT else 0.0
            return CellState(current_A, 0.0, 0.0)
        if standing == {False}:
            return self.inner.step(control, value, dt_s)
        state = self.inner.step(control, -value, dt_s)
        return CellState(-state.current_A, -state.cell_voltage_V, -state.potential_V)

    def checkpoint(self) -> Any:
        """The state of the cell, and what was imposed on it."""
        return self.inner.checkpoint(), self.imposed

    def restore(self, state: Any) -> None:
        """Return to a checkpoint."""
        inner, self.imposed = state
        self.inner.restore(inner)

    def _moved(self, contact: str, closed: bool) -> None:
        if contact in self._contacts:
            self.moves.append(Move(self._now_s(), contact, closed, self.imposed))
