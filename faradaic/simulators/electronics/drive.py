"""The driving side: a control imposed on a cell through a loop, within limits, step by step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.electronics import loop
from faradaic.simulators.electronics.spec import ElectronicsSpec
from faradaic.simulators.electronics.trace import SignalTrace
from faradaic.simulators.simulation_errors import SimulationError

if TYPE_CHECKING:
    from faradaic.simulators.sine_response import SineResponse

STEP_GROWTH = 1.5
"""Each time step after a change of control is longer by this factor, up to the longest."""

SLIVER = 0.1
"""Of the first time step: less than this is left to the next call, as no model resolves it."""

SETTLING_SINES = 1
FITTED_SINES = 2
SHORTEST_SHARE = 1e-3
"""Of a stair of a sine that its first time step takes."""

COMPENSATION_RESIDUAL_V = 1e-9
"""To which the potential of a compensated loop is solved."""

_UNSEEN = CellState(0.0, 0.0, 0.0)
"""The state of a cell that has not made its first step."""


class Drive:
    """Imposes controls on a cell. Times are monotonic seconds and must not decrease."""

    def __init__(self, cell: CellModel, spec: ElectronicsSpec) -> None:
        self._cell = cell
        self._spec = spec
        self._loop_s = spec.loop.time_constant_s
        self._ideal = spec.loop == loop.IDEAL
        self._time_s: float | None = None
        self._since_s = 0.0
        self._step_s = spec.first_step_s
        self._control = Control.OPEN_CIRCUIT
        self._value = 0.0
        self._limit_A = self._limit_V = math.inf
        self._compensation_ohm = 0.0
        self._applied = 0.0
        self._gain = 1.0
        self._rail_V = 0.0
        self._settling = loop.Settling(0.0, 0.0)
        self._trace = SignalTrace()
        self.state = _UNSEEN
        self.limited = False
        self.railed = False

    def impose(
        self,
        control: Control,
        value: float,
        limit_A: float,
        limit_V: float,
        now_s: float,
    ) -> None:
        """Change the control, within ±`limit_A` and ±`limit_V` across the cell."""
        if self._time_s is None:
            self._time_s = now_s
        else:
            self.advance(now_s)
        self._control = control
        self._value = value
        self._limit_A, self._limit_V = limit_A, limit_V
        self._begin()

    def compensate(self, resistance_ohm: float, now_s: float) -> None:
        """Feed the current back to the potential through a resistance."""
        self.advance(now_s)
        self._compensation_ohm = resistance_ohm
        if self._control is Control.POTENTIAL:
            self._begin()

    def advance(self, now_s: float) -> None:
        """Let the cell run to `now_s` under the present control."""
        if self._time_s is None:
            self._time_s = now_s
            self._begin()
        left_s = now_s - self._time_s
        if left_s < SLIVER * self._spec.first_step_s:
            return
        longest_s = self._spec.max_step_s
        while left_s > 0.0:
            step_s = self._step_s
            if self._settling.duration_s > 0.0 and self._settling.step_s < step_s:
                step_s = self._settling.step_s
            # Equal parts, and a hundredth of tolerance, so that no sliver of a step is left over.
            dt_s = left_s / max(1, math.ceil(left_s / step_s - 0.01))
            left_s -= dt_s
            self._time_s = now_s - left_s
            self._step(dt_s)
            # Only a step that was needed this short is followed by a longer one.
            if self._step_s < longest_s and dt_s > 0.45 * self._step_s:
                self._step_s = min(self._step_s * STEP_GROWTH, longest_s)
        self._time_s = now_s

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """A time step under a control of the caller's, within the limits of the present one."""
        assert self._time_s is not None
        self._solve(control, value, dt_s)
        self._time_s += dt_s
        return self.state

    def superimpose(self, frequency_Hz: float, amplitude: float, now_s: float) -> SineResponse:
        """How the cell as it is would answer if the set-point swung by a peak amplitude.

        Simulated with coarse and then with fine time steps, and extrapolated from both. No time
        passes: a small sine leaves a cell at its mean.
        """
        from faradaic.simulators.sine_response import STAIRS, sine_response

        self.advance(now_s)
        start = self.checkpoint()
        responses = []
        for step_growth in (2.0, 2.0**0.5):
            self.restore(start)
            responses.append(
                sine_response(
                    self,
                    self._control,
                    bias=self._value,
                    amplitude=amplitude,
                    frequency_Hz=frequency_Hz,
                    step_growth=step_growth,
                    shortest_s=SHORTEST_SHARE / (STAIRS * frequency_Hz),
                    settle_periods=SETTLING_SINES,
                    periods=FITTED_SINES,
                    largest_distortion=math.inf,
                )
            )
        self.restore(start)
        coarse, fine = responses
        return fine._replace(
            current_A=2.0 * fine.current_A - coarse.current_A,
            voltage_V=2.0 * fine.voltage_V - coarse.voltage_V,
        )

    def mean(self, aperture_s: float) -> CellState:
        """The cell's mean state over an aperture up to now, which begins with the control."""
        return self._trace.mean(aperture_s)

    def checkpoint(self) -> tuple[Any, ...]:
        """The whole state, the cell's included, as an immutable value."""
        return (
            self._cell.checkpoint(),
            self._trace.checkpoint(),
            tuple([getattr(self, name) for name in _STATE]),
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Return to a checkpoint; the next steps give the same numbers again."""
        cell, trace, values = state
        self._cell.restore(cell)
        self._trace.restore(trace)
        for name, value in zip(_STATE, values, strict=True):
            setattr(self, name, value)

    def _begin(self) -> None:
        """The first time step after a change of control."""
        assert self._time_s is not None
        self._since_s = self._time_s
        self._trace.clear()
        self.railed = False
        self._settling = loop.Settling(0.0, 0.0)
        first_s = self._spec.first_step_s
        if self._control is not Control.OPEN_CIRCUIT and not (
            self._ideal and self._compensation_ohm == 0.0
        ):
            self._approach()
            if self._settling.duration_s > 0.0:
                first_s = min(first_s, self._settling.step_s)
        self._time_s += first_s
        self._step_s = min(first_s * STEP_GROWTH, self._spec.max_step_s)
        self._step(first_s)

    def _approach(self) -> None:
        """Find out how the loop will go from where the cell is to the new set-point."""
        if self.state is _UNSEEN:
            before = self._cell.checkpoint()
            self.state = self._cell.step(Control.OPEN_CIRCUIT, 0.0, self._spec.first_step_s)
            self._cell.restore(before)
        self._applied = self._regulated()
        slew_per_s = self._slew_per_s()
        travel_s = abs(self._value - self._applied) / slew_per_s
        feedback, cell_s = 0.0, math.inf
        if self._compensation_ohm > 0.0 and self._control is Control.POTENTIAL:
            probe_s = 0.1 * (self._loop_s or self._spec.first_step_s)
            resistance_ohm, cell_s = loop.small_signal(self._cell, self._applied, probe_s)
            feedback = self._compensation_ohm / resistance_ohm if resistance_ohm else math.inf
            if not loop.is_stable(feedback, self._loop_s, cell_s):
                self.railed = True
                self._rail_V = math.copysign(self._limit_V, self._value - self._applied)
                return
        self._gain = 1.0 - feedback
        if self._spec.loop != loop.IDEAL:
            self._settling = loop.settling(self._loop_s, travel_s, feedback, cell_s)

    def _step(self, dt_s: float) -> None:
        """One time step towards the set-point."""
        assert self._time_s is not None
        control, value = self._control, self._value
        if self.railed:
            control, value = Control.CELL_VOLTAGE, self._rail_V
        elif self._compensation_ohm > 0.0 or not self._ideal:
            value = self._regulate(dt_s)
        self._solve(control, value, dt_s)
        if self.limited and not self._ideal:
            self._applied = self._regulated()  # the loop does not wind up behind its limit
        self._trace.append(self._time_s - self._since_s, self.state)

    def _solve(self, control: Control, value: float, dt_s: float) -> None:
        """A control's value if every limit allows it, else the limit that does not."""
        cell = self._cell
        before = cell.checkpoint()
        state = cell.step(control, value, dt_s)
        limited = self.railed
        if abs(state.current_A) > self._limit_A:
            cell.restore(before)
            limit_A = math.copysign(self._limit_A, state.current_A)
            state = cell.step(Control.CURRENT, limit_A, dt_s)
            limited = True
        if abs(state.cell_voltage_V) > self._limit_V:
            cell.restore(before)
            limit_V = math.copysign(self._limit_V, state.cell_voltage_V)
            state = cell.step(Control.CELL_VOLTAGE, limit_V, dt_s)
            limited = True
        self.state = state
        self.limited = limited

    def _regulate(self, dt_s: float) -> float:
        """What the loop imposes at the end of a time step."""
        target = self._value
        if self._control is Control.OPEN_CIRCUIT:
            return target
        settled = self._settling.duration_s <= 0.0
        feedback_V = 0.0
        if self._compensation_ohm > 0.0 and self._control is Control.POTENTIAL:
            if settled:
                self._applied = self._compensated(target, dt_s)
                return self._applied
            feedback_V = self._compensation_ohm * self.state.current_A
        if not settled:
            left_s = self._settling.duration_s - dt_s
            self._settling = self._settling._replace(duration_s=left_s)
        self._applied = loop.next_value(
            self._applied,
            target + feedback_V,
            dt_s,
            self._loop_s,
            self._gain,
            self._slew_per_s(),
        )
        return self._applied

    def _compensated(self, target_V: float, dt_s: float) -> float:
        """The potential E = E_set + R_c i(E) of a loop that has settled, by the secant method.

        Raises `SimulationError` (E560) if there is none to be found.
        """
        cell, resistance_ohm = self._cell, self._compensation_ohm
        before = cell.checkpoint()

        def excess_V(potential_V: float) -> float:
            current_A = cell.step(Control.POTENTIAL, potential_V, dt_s).current_A
            cell.restore(before)
            return target_V + resistance_ohm * current_A - potential_V

        at_V = target_V + resistance_ohm * self.state.current_A
        error_V = excess_V(at_V)
        move_V = error_V
        for _ in range(50):
            if abs(error_V) <= COMPENSATION_RESIDUAL_V:
                return at_V
            at_V += move_V
            error_before_V, error_V = error_V, excess_V(at_V)
            if error_V == error_before_V:
                break
            move_V *= error_V / (error_before_V - error_V)
            move_V = min(max(move_V, -0.2), 0.2)
        raise SimulationError.of(
            f"iR compensation by {resistance_ohm:g} Ω does not converge at {target_V:g} V",
            help="compensate less of the resistance",
            code="E560",
            numbers={"resistance_ohm": resistance_ohm, "potential_V": target_V},
        )

    def _regulated(self) -> float:
        """Where the quantity under control is now."""
        state = self.state
        if self._control is Control.CURRENT:
            return state.current_A
        if self._control is Control.POTENTIAL:
            return state.potential_V
        return state.cell_voltage_V

    def _slew_per_s(self) -> float:
        spec = self._spec.loop
        return spec.slew_A_per_s if self._control is Control.CURRENT else spec.slew_V_per_s


_STATE = (
    "_time_s",
    "_since_s",
    "_step_s",
    "_control",
    "_value",
    "_limit_A",
    "_limit_V",
    "_compensation_ohm",
    "_applied",
    "_gain",
    "_rail_V",
    "_settling",
    "state",
    "limited",
    "railed",
)
