"""A cell that writes down what was imposed on it, edge by edge."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from faradaic.simulators.contracts import CellState, Control
from faradaic.testing import DummyCell


class Edge(NamedTuple):
    """From when on what was imposed, and what really passed until the next."""

    time_s: float
    control: Control
    value: float


class EdgeCell(DummyCell):
    """Resistor, battery and capacitor; `edges` are the truth of a run.

    Under a voltage a step is exact: q = C (U - U_C) (1 - exp(-dt/(RC))).
    """

    def __init__(self, ohm: float = 100.0, rest_V: float = 0.0, farad: float = 1e9) -> None:
        super().__init__(ohm, rest_V, farad)
        self.time_s = 0.0
        self.anodic_C = self.cathodic_C = self.energy_J = 0.0
        self.edges: tuple[Edge, ...] = ()

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        if not self.edges or self.edges[-1][1:] != (control, value):
            self.edges = (*self.edges, Edge(self.time_s, control, value))
        before_V = self.rest_V + self.charge_C / self.farad
        if control in (Control.CELL_VOLTAGE, Control.POTENTIAL):
            share = -math.expm1(-dt_s / (self.ohm * self.farad))
            value_A = (value - before_V) * self.farad * share / dt_s
            state = (
                super()
                .step(Control.CURRENT, value_A, dt_s)
                ._replace(cell_voltage_V=value, potential_V=value)
            )
        else:
            state = super().step(control, value, dt_s)
        after_V = self.rest_V + self.charge_C / self.farad
        passed_C = state.current_A * dt_s
        self.anodic_C += max(passed_C, 0.0)
        self.cathodic_C += max(-passed_C, 0.0)
        held = control in (Control.CELL_VOLTAGE, Control.POTENTIAL)
        mean_V = 0.5 * (before_V + after_V) + state.current_A * self.ohm
        self.energy_J += passed_C * (value if held else mean_V)
        self.time_s += dt_s
        return state

    def checkpoint(self) -> Any:
        kept = self.time_s, self.anodic_C, self.cathodic_C, self.energy_J, self.edges
        return super().checkpoint(), kept

    def restore(self, state: Any) -> None:
        inner, kept = state
        super().restore(inner)
        self.time_s, self.anodic_C, self.cathodic_C, self.energy_J, self.edges = kept

    def lengths(self, control: Control) -> list[tuple[float, float]]:
        """(value, how long) of what was imposed under a control, in order."""
        ends = [edge.time_s for edge in self.edges[1:]] + [self.time_s]
        return [
            (edge.value, end - edge.time_s)
            for edge, end in zip(self.edges, ends, strict=True)
            if edge.control is control
        ]
