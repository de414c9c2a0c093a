"""Circuit elements around a cell, and the cell's state seen through them.

With i, u and e the current, voltage and potential of the cell inside, the instrument sees

    v = u + i R_film           I = i + G v + I_s tanh(v F/4RT)
    U = v + I R_lead           E = e + i R_film + I R_lead + E_offset

and the negatives of I and U, with E - U, when the leads are exchanged. The tanh is the steady
current of a couple that is cycled between two electrodes (thin-layer redox cycling, equal amounts
of both forms), limited to I_s.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)
from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.simulation_errors import SimulationError

RAIL_V = 1e6
"""What a control loop without feedback asks for: more than any source has."""

_PER_VOLT = FARADAY_C_PER_MOL / (4.0 * GAS_CONSTANT_J_PER_MOL_K * STANDARD_TEMPERATURE_K)
_TRIALS = 200
_ROUNDING_A = 1e-16
"""To which a current is told: behind an open lead a rounding of currents is many volts."""
_BEYOND = 1e9
"""The misfit, in V or A, of a current that a cell cannot carry."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What lies between a cell and an instrument during one time step."""

    film_ohm: float = 0.0
    """On the working electrode: within the reach of a short, and of the reference."""
    lead_ohm: float = 0.0
    short_S: float = 0.0
    shuttle_A: float = 0.0
    swapped: bool = False
    reference_offset_V: float = 0.0
    floating_V: float | None = None
    """What an open reference lead reads; None while it is connected."""

    def seen(self, inner: CellState) -> CellState:
        """The cell as the instrument sees it."""
        film_V = inner.current_A * self.film_ohm
        across_V = inner.cell_voltage_V + film_V
        current_A = inner.current_A + self.short_S * across_V
        if self.shuttle_A:
            current_A += self.shuttle_A * math.tanh(across_V * _PER_VOLT)
        lead_V = current_A * self.lead_ohm
        voltage_V = across_V + lead_V
        potential_V = inner.potential_V + film_V + lead_V
        if self.swapped:
            current_A, potential_V, voltage_V = -current_A, potential_V - voltage_V, -voltage_V
        potential_V += self.reference_offset_V
        if self.floating_V is not None:
            potential_V = self.floating_V
        return CellState(current_A, voltage_V, potential_V)

    def step(self, cell: CellModel, control: Control, value: float, dt_s: float) -> CellState:
        """Advance a cell by `dt_s` with a value imposed at the instrument's end of the wiring."""
        if control is Control.OPEN_CIRCUIT:
            control, value = Control.CURRENT, 0.0
        if control is Control.POTENTIAL and self.floating_V is not None:
            rail_V = math.copysign(RAIL_V, value - self.floating_V)
            return CellState(rail_V, rail_V, self.floating_V)
        bridged = self.short_S > 0.0 or self.shuttle_A > 0.0
        sign = -1.0 if self.swapped else 1.0
        series = self.film_ohm > 0.0 or self.lead_ohm > 0.0
        if control is Control.CURRENT and not bridged:
            return self.seen(_impose_current(cell, sign * value, dt_s))
        if control is Control.CELL_VOLTAGE and not series:
            return self.seen(cell.step(control, sign * value, dt_s))
        if control is Control.POTENTIAL and not series and not self.swapped:
            return self.seen(cell.step(control, value - self.reference_offset_V, dt_s))
        return self._solve(cell, control, sign, value, dt_s)

    def _solve(
        self, cell: CellModel, control: Control, sign: float, value: float, dt_s: float
    ) -> CellState:
        """Find the current inside the cell with which the outside is as imposed."""
        before = cell.checkpoint()
        state = CellState(0.0, 0.0, 0.0)
        field = {Control.CURRENT: 0, Control.CELL_VOLTAGE: 1, Control.POTENTIAL: 2}[control]
        stepped = False
        refusal: SimulationError | None = None

        def excess(current_A: float) -> float:
            nonlocal stepped, state, refusal
            if stepped:
                cell.restore(before)
            stepped = True
            try:
                state = self.seen(_impose_current(cell, current_A, dt_s))
            except SimulationError as error:
                if current_A == 0.0:
                    raise
                refusal = error  # more than a cell can carry is too much
                return math.copysign(_BEYOND, current_A)
            return sign * (state[field] - value)

        if control is Control.CURRENT:
            scale, tolerance = 1.0, max(1e-9 * abs(value), 1e-15)
        else:
            ohm = self.film_ohm + self.lead_ohm
            scale, tolerance = 1.0 / (ohm + 1.0), 1e-9 + _ROUNDING_A * ohm
        try:
            _rising_root(excess, scale, tolerance)
        except SimulationError:
            cell.restore(before)
            if refusal is not None:
                raise refusal from None
            raise
        return state


def _impose_current(cell: CellModel, current_A: float, dt_s: float) -> CellState:
    if current_A == 0.0:
        return cell.step(Control.OPEN_CIRCUIT, 0.0, dt_s)
    return cell.step(Control.CURRENT, current_A, dt_s)


def _rising_root(function: Callable[[float], float], scale: float, tolerance: float) -> None:
    """Call a rising function until its value is within `tolerance` of zero, there last.

    Regula falsi (Illinois) with bisection where it stalls, from zero outwards; `scale` times the
    value is a first move. Raises `SimulationError`.
    """
    low = high = 0.0
    low_value = high_value = value = function(0.0)
    move = -value * scale
    for _ in range(_TRIALS):
        if abs(value) <= tolerance:
            return
        if low_value >= 0.0:
            high, high_value, low = low, low_value, low + move
            value = low_value = function(low)
            move *= 4.0
        elif high_value <= 0.0:
            low, low_value, high = high, high_value, high + move
            value = high_value = function(high)
            move *= 4.0
        else:
            break
    kept = 0
    for trial in range(_TRIALS):
        if abs(value) <= tolerance:
            return
        if not low < 0.5 * (low + high) < high:
            if abs(value) <= 1e3 * tolerance:
                return  # as well as the cell itself solves
            break
        share = low_value / (low_value - high_value)
        at = low + (high - low) * (0.5 if trial % 3 == 2 else share)
        value = function(at)
        if value < 0.0:
            low, low_value = at, value
            high_value *= 0.5 if kept < 0 else 1.0
            kept = -1
        else:
            high, high_value = at, value
            low_value *= 0.5 if kept > 0 else 1.0
            kept = 1
    raise SimulationError.of(
        f"the wiring faults leave the cell without a state (the last misfit is {value:.3g})",
        help="inject fewer faults at the same time, or milder ones",
        code="E556",
    )
