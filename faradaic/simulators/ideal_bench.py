"""A simulated cell on an ideal source: no bytes, no noise, readings that grow apart.

It has the methods of a device host (`faradaic.runner.host`), so that the engine walks a plan on it
as it does on a bench, in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil, copysign, inf
from typing import TYPE_CHECKING, Any, assert_never

from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CyclicVoltammetrySegment,
    LinearSweepSegment,
    OpenCircuitSegment,
)
from faradaic.simulators.cell_models import simulated_cell
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.virtual_clock import VirtualClock

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.diagnostics import Diagnostic
    from faradaic.instruments.clock import Clock
    from faradaic.instruments.segments import Segment

_FINEST_S = 1.0
_GROWTH = 0.02
"""A reading comes this much later than the one before it, until the segment's interval."""
_SWEEP_POINTS = 200
"""Of one scan of a sweep."""
_REGULATION = {
    Control.OPEN_CIRCUIT: Regulation.OFF,
    Control.CURRENT: Regulation.CURRENT,
    Control.CELL_VOLTAGE: Regulation.VOLTAGE,
    Control.POTENTIAL: Regulation.POTENTIAL,
}


class IdealBench:
    """One cell, one ideal source, one virtual clock."""

    def __init__(self, described: CellDescription) -> None:
        self.clock: Clock = VirtualClock(datetime.now(UTC))
        self._cell = simulated_cell(described)
        self._cell_s = 0.0

    def open(self) -> Identity:
        """Nothing has to be opened."""
        return Identity("faradaic", "ideal source", "SIMULATED", "")

    def device_states(self) -> Mapping[str, Any]:
        """There are no devices around it."""
        return {}

    def order(self, device: str, action: str, *values: float) -> int:
        """Nobody does anything."""
        return 0

    def output_off(self, within_s: float = 0.0) -> OutputState:
        """Always off between segments."""
        return OutputState(False, "between two segments")

    def notes(self) -> tuple[str, ...]:
        """Nothing has to be asked twice here."""
        return ()

    def remarks(self) -> tuple[Diagnostic, ...]:
        """None."""
        return ()

    def close(self) -> None:
        """Nothing has to be closed."""

    def conversions(self) -> Mapping[str, float]:
        """What has reacted of each dissolved species, as a fraction; empty where nothing limits."""
        ledger = getattr(self._cell, "ledger", None)
        found: Mapping[str, float] = getattr(ledger and ledger(), "conversion", {})
        return found

    def run(self, segment: Segment) -> Generator[Reading, None, EndReason]:
        """Run one segment; at its limit the source holds the limit instead and says so."""
        rested_s = self.clock.monotonic_s() - self._cell_s
        if rested_s > 0.0:
            self._advance(Control.OPEN_CIRCUIT, 0.0, rested_s, inf, inf)
        match segment:
            case OpenCircuitSegment():
                return (yield from self._hold(segment, Control.OPEN_CIRCUIT, 0.0))
            case ConstantCurrentSegment():
                limit_V = segment.highest_V
                held_A = segment.current_A
                return (yield from self._hold(segment, Control.CURRENT, held_A, limit_V=limit_V))
            case ConstantCellVoltageSegment():
                held_V, limit_A = segment.cell_voltage_V, segment.current_limit_A
                return (yield from self._hold(segment, Control.CELL_VOLTAGE, held_V, limit_A))
            case ConstantPotentialSegment():
                held_V, limit_A = segment.potential_V, segment.current_limit_A
                return (yield from self._hold(segment, Control.POTENTIAL, held_V, limit_A))
            case LinearSweepSegment() | CyclicVoltammetrySegment():
                for potential_V, dt_s in _staircase(segment):
                    yield self._advance(
                        Control.POTENTIAL, potential_V, dt_s, segment.current_limit_A, inf
                    )[0]
                return EndReason.SWEEP_DONE
            case _:
                assert_never(segment)

    def _hold(
        self,
        segment: OpenCircuitSegment
        | ConstantCurrentSegment
        | ConstantCellVoltageSegment
        | ConstantPotentialSegment,
        control: Control,
        value: float,
        limit_A: float = inf,
        limit_V: float = inf,
    ) -> Generator[Reading, None, EndReason]:
        left_s, left_C = segment.duration_s, getattr(segment, "charge_limit_C", inf)
        elapsed_s = 0.0
        while left_s > 1e-9:
            dt_s = min(left_s, segment.interval_s, max(_FINEST_S, _GROWTH * elapsed_s))
            reading, passed_C = self._advance(control, value, dt_s, limit_A, limit_V, left_C)
            elapsed_s, left_s = elapsed_s + dt_s, left_s - dt_s
            left_C -= passed_C
            yield reading
            if left_C <= 0.0:
                return EndReason.CHARGE_LIMIT
        return EndReason.DURATION

    def _advance(
        self,
        control: Control,
        value: float,
        dt_s: float,
        limit_A: float,
        limit_V: float,
        left_C: float = inf,
    ) -> tuple[Reading, float]:
        """A step of the cell, the reading at its end and the charge that passed, C.

        It ends earlier where the charge that is left has passed.
        """
        before = self._cell.checkpoint()
        state, held, limited = self._regulated(before, control, value, dt_s, limit_A, limit_V)
        passed_C = abs(state.current_A) * dt_s
        if passed_C > left_C:
            dt_s *= left_C / passed_C
            self._cell.restore(before)
            state, held, limited = self._regulated(before, control, value, dt_s, limit_A, limit_V)
            passed_C = left_C
        self.clock.sleep_until(self.clock.monotonic_s() + dt_s)
        self._cell_s = self.clock.monotonic_s()
        regulation = _REGULATION[held]
        reading = Reading(self._cell_s, *state, regulation, limited, overload=False, raw="")
        return reading, passed_C

    def _regulated(
        self,
        before: object,
        control: Control,
        value: float,
        dt_s: float,
        limit_A: float,
        limit_V: float,
    ) -> tuple[CellState, Control, bool]:
        state = self._cell.step(control, value, dt_s)
        if control is not Control.OPEN_CIRCUIT and abs(state.current_A) > limit_A:
            self._cell.restore(before)
            limit_A = copysign(limit_A, state.current_A)
            return self._cell.step(Control.CURRENT, limit_A, dt_s), Control.CURRENT, True
        if control is Control.CURRENT and abs(state.cell_voltage_V) > limit_V:
            self._cell.restore(before)
            limit_V = copysign(limit_V, state.cell_voltage_V)
            return self._cell.step(Control.CELL_VOLTAGE, limit_V, dt_s), Control.CELL_VOLTAGE, True
        return state, control, False


def _staircase(
    segment: LinearSweepSegment | CyclicVoltammetrySegment,
) -> Iterator[tuple[float, float]]:
    """(potential, time at it) of the stairs, coarser where the sweep has very many."""
    if isinstance(segment, LinearSweepSegment):
        corners, cycles = [segment.begin_V, segment.end_V], 1
    else:
        corners = [segment.start_V, segment.vertex1_V, segment.vertex2_V, segment.start_V]
        cycles = segment.cycles
    span_V = sum(abs(end - begin) for begin, end in pairwise(corners))
    step_V = max(segment.step_V, span_V / _SWEEP_POINTS)
    for _ in range(cycles):
        for begin, end in pairwise(corners):
            stairs = ceil(abs(end - begin) / step_V - 1e-9)
            for stair in range(1, stairs + 1):
                change_V = (end - begin) / stairs
                yield begin + stair * change_V, abs(change_V) / segment.rate_V_per_s
