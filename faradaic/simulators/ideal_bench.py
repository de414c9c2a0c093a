"""A simulated cell on an ideal source: no bytes, no noise, readings that grow apart.

It has the methods of a device host (`faradaic.runner.host`), so that the engine walks a plan on it
as it does on a bench, in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil, copysign, floor, inf
from typing import TYPE_CHECKING, Any, assert_never

from faradaic.instruments.readings import (
    EndReason,
    Identity,
    OutputState,
    Passed,
    Point,
    Reading,
    Regulation,
)
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CurrentInterruptSegment,
    CyclicVoltammetrySegment,
    DifferentialPulseVoltammetrySegment,
    GalvanostaticImpedanceSegment,
    ImpedanceSegment,
    LevelsSegment,
    LinearSweepSegment,
    OpenCircuitSegment,
    SquareWaveVoltammetrySegment,
    StaircaseSegment,
)
from faradaic.instruments.turns import turns
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
_FIRST_OF_LEVEL, _LEVEL_GROWTH = 2e-3, 1.5
"""The first time step of a level, as a share of its time, and how the next ones grow: a double
layer is charged early in it."""
_CONTROL = {
    Regulation.OFF: Control.OPEN_CIRCUIT,
    Regulation.CURRENT: Control.CURRENT,
    Regulation.VOLTAGE: Control.CELL_VOLTAGE,
    Regulation.POTENTIAL: Control.POTENTIAL,
}
_INTERRUPTIONS = 100
"""Of a step, at most; more are taken together."""
_EDGE_S = 1e-3
"""A reading so soon after a current goes on or off."""
_SETTLING = 20
"""Readings while a spectrum waits for its bias to settle."""
_FIRST_OF_PULSE, _PULSE_GROWTH = 1e-3, 1.4
"""The first time step of a pulse, as a share of its time, and how the next ones grow."""
_REGULATION = {
    Control.OPEN_CIRCUIT: Regulation.OFF,
    Control.CURRENT: Regulation.CURRENT,
    Control.CELL_VOLTAGE: Regulation.VOLTAGE,
    Control.POTENTIAL: Regulation.POTENTIAL,
}


class _Counted:
    """What has passed since the last reading: each time step with its own current and the mean of
    the voltages at its ends, which is exact where a double layer is charged."""

    def __init__(self) -> None:
        self._anodic_C = self._cathodic_C = self._energy_J = self._voltage_V = 0.0
        self.open = False

    def add(self, reading: Reading, passed_C: float, *, first: bool) -> None:
        """A time step; in the `first` of a level the voltage is the one at its end."""
        current_A, voltage_V = reading.current_A or 0.0, reading.cell_voltage_V or 0.0
        before_V = voltage_V if first else self._voltage_V
        if current_A > 0.0:
            self._anodic_C += passed_C
        else:
            self._cathodic_C += passed_C
        self._energy_J += copysign(passed_C, current_A) * 0.5 * (before_V + voltage_V)
        self._voltage_V, self.open = voltage_V, True

    def take(self) -> Passed:
        """What it is, which begins anew."""
        passed = Passed(self._anodic_C, self._cathodic_C, self._energy_J)
        self._anodic_C = self._cathodic_C = self._energy_J = 0.0
        self.open = False
        return passed


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
            case CurrentInterruptSegment():
                return (yield from self._interrupted(segment))
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
                limit_A = segment.current_limit_A
                for potential_V, dt_s in _staircase(segment):
                    # Read when the double layer is charged, as instruments do at a stair's end.
                    self._advance(Control.POTENTIAL, potential_V, dt_s / 2, limit_A, inf)
                    yield self._advance(Control.POTENTIAL, potential_V, dt_s / 2, limit_A, inf)[0]
                return EndReason.SWEEP_DONE
            case LevelsSegment() | StaircaseSegment():
                return (yield from self._turns(segment))
            case ImpedanceSegment() | GalvanostaticImpedanceSegment():
                return (yield from self._spectrum(segment))
            case SquareWaveVoltammetrySegment() | DifferentialPulseVoltammetrySegment():
                return (yield from self._pulses(segment))
            case _:
                assert_never(segment)

    def _interrupted(self, segment: CurrentInterruptSegment) -> Generator[Reading, None, EndReason]:
        """A held current that is off for a while; many interruptions are taken together."""
        rounds = max(1.0, segment.duration_s / segment.every_s)
        together = ceil(rounds / _INTERRUPTIONS)
        left_s, left_C, limit_V = segment.duration_s, segment.charge_limit_C, segment.highest_V
        off_s = together * segment.width_s
        while left_s > 1e-9:
            on_s = min(left_s, together * segment.every_s - off_s)
            edge_s = min(_EDGE_S, 0.5 * on_s)
            for dt_s in (edge_s, on_s - edge_s):
                reading, passed_C = self._advance(
                    Control.CURRENT, segment.current_A, dt_s, inf, limit_V, left_C
                )
                left_C -= passed_C
                yield reading
                if left_C <= 0.0:
                    return EndReason.CHARGE_LIMIT
            left_s -= on_s + off_s
            for dt_s in (min(_EDGE_S, 0.5 * off_s), off_s):
                if left_s > 0.0:
                    yield self._advance(Control.OPEN_CIRCUIT, 0.0, dt_s, inf, inf)[0]
        return EndReason.DURATION

    def _spectrum(
        self, segment: ImpedanceSegment | GalvanostaticImpedanceSegment
    ) -> Generator[Reading, None, EndReason]:
        """What flows under the bias meanwhile; the sines, which take no charge, are left out."""
        limit_A = limit_V = inf
        if isinstance(segment, GalvanostaticImpedanceSegment):
            control, bias, limit_V = Control.CURRENT, segment.bias_A, segment.cell_voltage_limit_V
        else:
            control = Control.CELL_VOLTAGE if segment.across_cell else Control.POTENTIAL
            bias, limit_A = segment.bias_V or 0.0, segment.current_limit_A
            if segment.bias_V is None:
                control = Control.OPEN_CIRCUIT
        times_s = [segment.settle_s / _SETTLING] * _SETTLING if segment.settle_s > 0.0 else []
        times_s += [2.0 / frequency_Hz for frequency_Hz in segment.frequencies_Hz]
        for dt_s in times_s:
            yield self._advance(control, bias, dt_s, limit_A, limit_V)[0]
        return EndReason.SWEEP_DONE

    def _pulses(
        self, segment: SquareWaveVoltammetrySegment | DifferentialPulseVoltammetrySegment
    ) -> Generator[Reading, None, EndReason]:
        """Both parts of each stair, read at their ends; the second brings what they make."""
        square = isinstance(segment, SquareWaveVoltammetrySegment)
        for stair_V, parts in _stairs_with_pulses(segment):
            currents_A = []
            for number, (potential_V, length_s) in enumerate(parts):
                left_s, step_s = length_s, _FIRST_OF_PULSE * length_s
                while left_s > 0.0:
                    dt_s = left_s if left_s < 1.5 * step_s else step_s
                    reading, _ = self._advance(
                        Control.POTENTIAL, potential_V, dt_s, segment.current_limit_A, inf
                    )
                    left_s, step_s = left_s - dt_s, step_s * _PULSE_GROWTH
                currents_A.append(reading.current_A or 0.0)
                if number == 0:
                    yield reading
            forward_A, reverse_A = currents_A if square else currents_A[::-1]
            told = {
                "potential_V": stair_V,
                "forward_A": forward_A,
                "reverse_A": reverse_A,
                "difference_A": forward_A - reverse_A,
            }
            yield reading._replace(point=Point("pulse", told))
        return EndReason.SWEEP_DONE

    def _turns(
        self, segment: LevelsSegment | StaircaseSegment
    ) -> Generator[Reading, None, EndReason]:
        """Levels one after the other, each in time steps that grow; a reading of each level now
        and then, with all that has passed since the one before."""
        limit_A = inf if segment.current_limit_A is None else segment.current_limit_A
        limit_V = inf if segment.highest_V is None else segment.highest_V
        left_C = segment.charge_limit_C
        begun_s = self.clock.monotonic_s()
        read_s: dict[int, float] = {}
        counted = _Counted()
        for turn in turns(segment):
            key = turn.number if isinstance(segment, LevelsSegment) else 0
            control, short = _CONTROL[turn.regulation], turn.duration_s <= segment.interval_s
            left_s, step_s = turn.duration_s, _FIRST_OF_LEVEL * turn.duration_s
            while left_s > 0.0:
                dt_s = left_s if left_s < 1.5 * step_s else step_s
                reading, passed_C = self._advance(
                    control, turn.value, dt_s, limit_A, limit_V, left_C
                )
                counted.add(reading, passed_C, first=left_s == turn.duration_s)
                left_s, left_C = left_s - dt_s, left_C - passed_C
                step_s = min(step_s * _LEVEL_GROWTH, segment.interval_s)
                reading = reading._replace(on_for_s=self._cell_s - begun_s, level=turn.number)
                if left_C <= 0.0:
                    yield reading._replace(passed=counted.take())
                    return EndReason.CHARGE_LIMIT
                due = self._cell_s >= read_s.get(key, -inf) + segment.interval_s * (1 - 1e-6)
                if due and (left_s == 0.0 or not short):
                    read_s[key] = self._cell_s
                    yield reading._replace(passed=counted.take())
        if counted.open:
            yield reading._replace(passed=counted.take())
        return EndReason.DURATION

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


def _stairs_with_pulses(
    segment: SquareWaveVoltammetrySegment | DifferentialPulseVoltammetrySegment,
) -> Iterator[tuple[float, tuple[tuple[float, float], tuple[float, float]]]]:
    """Each stair with its two parts: potential and length."""
    up = copysign(1.0, segment.end_V - segment.begin_V)
    count = floor(abs(segment.end_V - segment.begin_V) / segment.step_V + 1e-9) + 1
    for stair in range(count):
        stair_V = segment.begin_V + up * stair * segment.step_V
        if isinstance(segment, SquareWaveVoltammetrySegment):
            half_s, ahead_V = 0.5 / segment.frequency_Hz, up * segment.amplitude_V
            yield stair_V, ((stair_V + ahead_V, half_s), (stair_V - ahead_V, half_s))
        else:
            base_s = segment.step_V / segment.rate_V_per_s - segment.pulse_s
            pulse = (stair_V + up * segment.pulse_V, segment.pulse_s)
            yield stair_V, ((stair_V, base_s), pulse)


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
