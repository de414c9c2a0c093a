"""One electrochemical step at work: segments out, readings in, a decision after each reading.

`StepRun` owns what belongs to the step (its charge, its conditions, the time for which the source
has not held its set-point); the engine owns what belongs to the run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from faradaic.instruments.readings import (
    CURRENT_TOLERANCE,
    EndReason,
    Reading,
    Regulation,
    potential_tolerance_V,
)
from faradaic.protocols.countermeasure_plans import MeasurePlan
from faradaic.protocols.plan import Condition, Limit, Signal, StepPlan, Then
from faradaic.quantities import format_duration
from faradaic.runner.bench_ports import Interruption, out_of_reach
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.requests import Asked, Request
from faradaic.runner.states import RunState
from faradaic.runner.watch import ConditionWatch, Crossing, Signals

POLL_S = 1.0
"""Readings are taken, and limits looked at, at least this often; a step's interval says how often
they are kept."""

INTERRUPTIONS_MAX = 5
"""This many interruptions with no reading between them end the run."""

SHORTEST_S = 0.05
"""No step is begun for less: the fastest source reads in this time once or twice."""

AT_COMPLIANCE = 5e-3
"""A cell voltage this near to the compliance of its source, relative, stands at it."""

CHARGE_TOLERANCE = 1e-3
"""A charge condition is met this close to its target, relative; see `reach_C`."""


OF_ONE_LEVEL = frozenset(
    {Signal.CURRENT_A, Signal.CURRENT_FRACTION, Signal.CELL_VOLTAGE_V, Signal.POTENTIAL_V}
)
"""What differs between the levels of a step."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What ends a stream of readings, and why."""

    then: Then
    text: str
    crossing: Crossing | None = None
    """Set when a hard limit was crossed: the run trips."""
    request: Request = Request.NONE
    """Set when somebody asked for it."""
    asked: Asked | None = None
    """The request itself."""
    leaves: str = ""
    """The repeat that ends with the step, by the beginning of the ids of its steps."""
    measure: tuple[MeasurePlan, str] | None = None
    """A countermeasure that is due, and why: the step goes on after it."""

    @property
    def end(self) -> tuple[RunState, str] | None:
        """Get how the run ends with it and why; None where the next step follows."""
        if self.crossing is not None:
            return RunState.TRIPPED, f"{self.text} (limit set by {self.crossing.limit.set_by})"
        if self.request is Request.SKIP:
            return None
        if self.request is not Request.NONE:
            return RunState.STOPPED, self.text
        ends = {Then.END: RunState.COMPLETED, Then.ABORT: RunState.ABORTED}
        return None if self.then not in ends else (ends[self.then], self.text)

    @classmethod
    def of(cls, condition: Condition) -> Decision:
        """What follows when a condition is met."""
        return cls(condition.then, condition.text, leaves=condition.leaves)


class StepRun:
    """The running of one step, over one or more segments."""

    def __init__(
        self,
        index: int,
        step: StepPlan,
        charge: ChargeCounter,
        poll_s: float = POLL_S,
        passed: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        """`passed`: gross charge and time since the run and the repeats around it began."""
        self.index = index
        self.step = step
        self._passed = passed or {}
        self._longest_s = poll_s
        until = [_left_of(condition, self._passed) for condition in step.until]
        self.watch = ConditionWatch(until)
        self.met_before = next((c for c in until if _met_before(c, step.mean_current_A)), None)
        """What ends it before it begins."""
        self._charge = charge
        self._gross_before_C = charge.gross_C
        self._net_before_C = charge.net_C
        self._elapsed_before_s = 0.0
        self._segment_start_s = 0.0
        self._segment_end_s = math.inf
        self._told_its_start = False
        self._last_s = 0.0
        self.poll_s = min(step.interval_s, poll_s)
        self._initial_current_A: float | None = None
        self._unregulated_since_s: float | None = None
        self._kept_s: dict[int, float] = {}
        self._level: int | None = None
        """In which the last reading was taken."""
        self._half_sample_C = 0.0
        self._points = 0
        """Of its series."""
        self.behind = 0
        """How many of them need not be measured again where it goes on."""
        self.interlude = False
        """Whether it is a countermeasure within another step: its readings are not diagnosed."""
        self.over: Decision | None = None
        """What ended it while, or before, it was paused; acted on when it is resumed."""
        self.interruptions_in_a_row = 0
        """Segments since the last reading that ended although nothing ended them."""

    @property
    def goes_on(self) -> bool:
        """Get whether what is left of it can be done in another segment: a sweep cannot."""
        return self.step.goes_on

    @property
    def silent_s(self) -> float:
        """Get how long it may take between two readings: of a spectrum its slowest point."""
        slow = self.goes_on and self.step.series_points is not None
        return max(self.poll_s, self.step.interval_s) if slow else self.poll_s

    @property
    def gross_C(self) -> float:
        """Get the gross charge of this step so far."""
        return self._charge.gross_C - self._gross_before_C

    @property
    def whole_C(self) -> float:
        """Get the gross charge of the run so far."""
        return self._charge.gross_C

    @property
    def net_C(self) -> float:
        """Get the net charge of this step so far."""
        return self._charge.net_C - self._net_before_C

    @property
    def elapsed_s(self) -> float:
        """Get the time this step has run, pauses left out."""
        return self._elapsed_before_s + self._last_s - self._segment_start_s

    def left_s(self) -> float:
        """Time until the nearest time condition or cap, or until a held current has passed the
        charge that is left."""
        left_s = min([self.step.time_cap_s, *self._ends_at(Signal.TIME_S)]) - self.elapsed_s
        passed_s = self.step.time_to_pass_s(self.left_C(), self.elapsed_s + self._phase_s)
        return left_s if passed_s is None else min(left_s, passed_s)

    @property
    def _phase_s(self) -> float:
        return float(getattr(self.step, "phase_s", 0.0))

    def reach_C(self, target_C: float) -> float:
        """How much less than a target counts as there: half of what one reading interval brings,
        so that a charge ends at the nearest reading, but never more than a thousandth."""
        return min(self._half_sample_C, CHARGE_TOLERANCE * target_C)

    def met(self, signals: Signals, now_s: float) -> Condition | None:
        """The first condition that holds; of several levels one alone is looked at."""
        if not self.step.watched_in(self._level):
            signals = {of: value for of, value in signals.items() if of not in OF_ONE_LEVEL}
        return self.watch.met(signals, now_s, self.reach_C)

    def keeps(self, reading: Reading) -> bool:
        """Whether a reading is to be kept: the first, one in each interval, and the last; of
        several levels in turn those of each."""
        if reading.point is not None and reading.nothing_measured:
            return False
        slack_s, key = 0.5 * self.poll_s, self.step.kept_as(reading.level)
        due = (
            reading.time_s - self._kept_s.get(key, -math.inf) >= self.step.interval_s - slack_s
            or reading.time_s >= self._segment_end_s - slack_s
        )
        if due:
            self._kept_s[key] = reading.time_s
        return due

    def left_C(self) -> float:
        """Gross charge until the nearest charge condition or the cap; inf without any."""
        charges = self._ends_at(Signal.CHARGE_C)
        cap = math.inf if self.step.charge_cap_C is None else self.step.charge_cap_C
        return min([cap, *charges]) - self.gross_C

    def _ends_at(self, signal: Signal) -> list[float]:
        """Where conditions end the segment: all but pauses that keep the output on."""
        held = self.step.on_pause != "open_circuit"
        return [
            condition.at_least
            for condition in self.watch.pending(signal)
            if condition.at_least is not None and not (held and condition.then is Then.PAUSE)
        ]

    def begin_segment(self, now_s: float) -> None:
        """A segment begins."""
        self._elapsed_before_s = self.elapsed_s
        self._segment_start_s = self._last_s = now_s
        self._segment_end_s = now_s + self.left_s()
        self._told_its_start = False
        self._points = self._points if self.behind else 0

    def _began(self, start_s: float, unsure_s: float) -> None:
        """The instrument says when it turned its output on, and by how much sooner it may have."""
        self._told_its_start = True
        self._segment_end_s += start_s - self._segment_start_s
        self._segment_start_s = start_s
        if self.step.passes_current:
            self._charge.output_on(start_s, unsure_s=unsure_s)

    def modify(self, step: StepPlan) -> None:
        """What is left is done as another step of its kind."""
        self.step = step
        until = [_left_of(condition, self._passed) for condition in step.until]
        self.watch = self.watch.replaced(until, self.gross_C)
        self.poll_s = min(step.interval_s, self._longest_s)

    def is_over_as(self, step: StepPlan) -> str:
        """What would have ended it already, as another step of its kind; or ""."""
        passed = {Signal.CHARGE_C: self.gross_C, Signal.TIME_S: self.elapsed_s}
        caps = {Signal.CHARGE_C: step.charge_cap_C, Signal.TIME_S: step.time_cap_s}
        for condition in (_left_of(one, self._passed) for one in step.until):
            value = passed.get(condition.signal)
            ends = condition.then is not Then.PAUSE and condition.at_least is not None
            if ends and value is not None and value >= condition.at_least:  # type: ignore[operator]
                return condition.text
        for signal, cap in caps.items():
            if cap is not None and passed[signal] >= cap:
                return f"its cap of {_worded(signal, cap)}"
        return ""

    def interrupted(self, gap: Interruption, away_s: float, allowed_s: float) -> None:
        """Its segment ended although nothing ended it. Raises `DeviceError` where it cannot go on,
        or was away for longer than allowed, or too often."""
        over = f"the output was off, read back, after {gap.back_s - gap.lost_s:.2g} s: {gap.why}"
        if not self.goes_on:
            raise out_of_reach(f"a sweep that is interrupted cannot go on where it stood; {over}")
        if away_s > allowed_s + self.silent_s:
            raise out_of_reach(
                f"the bench was out of reach for {away_s:.2g} s ({allowed_s:g} s allowed); {over}"
            )
        self.interruptions_in_a_row += 1
        if self.interruptions_in_a_row >= INTERRUPTIONS_MAX:
            raise out_of_reach(
                f"{INTERRUPTIONS_MAX} interruptions without a reading between; {over}"
            )

    def resume(self) -> None:
        """The step goes on after a pause: what the source did before it no longer counts."""
        self._unregulated_since_s = None

    def take(self, reading: Reading) -> Signals:
        """Take a reading's charge and return the step's signals after it."""
        if reading.on_for_s is not None and not self._told_its_start:
            self._began(reading.time_s - reading.on_for_s, reading.on_unsure_s)
        self.interruptions_in_a_row = 0
        if reading.point is not None:
            self._points += 1
            self.behind = max(self.behind, self.step.series_behind(reading.point.values))
            if self._series_is_done:
                self.over = Decision(Then.NEXT, self._complete())
        gap_s = reading.time_s - self._last_s
        self._last_s, self._level = reading.time_s, reading.level
        signals: dict[Signal, float] = {
            Signal.TIME_S: self.elapsed_s,
            Signal.STALE_S: gap_s,
        }
        current_A = reading.current_A
        if reading.cell_voltage_V is not None:
            signals[Signal.CELL_VOLTAGE_V] = reading.cell_voltage_V
        if reading.potential_V is not None:
            signals[Signal.POTENTIAL_V] = reading.potential_V
        if current_A is not None:
            signals[Signal.CURRENT_A] = current_A
            if self.step.passes_current:
                brief = reading.regulation is Regulation.OFF
                self._charge.add(reading.time_s, current_A, reading.passed, brief=brief)
                self._half_sample_C = 0.5 * abs(current_A) * self.poll_s
                if self._initial_current_A is None and self.step.watched_in(reading.level):
                    self._initial_current_A = current_A
                if self._initial_current_A:
                    signals[Signal.CURRENT_FRACTION] = abs(current_A / self._initial_current_A)
        signals[Signal.CHARGE_C] = self.gross_C
        signals[Signal.NET_CHARGE_C] = self.net_C
        signals[Signal.LOST_REGULATION_S] = self._unregulated_s(reading)
        return signals

    def over_limit(self, reading: Reading) -> Decision | None:
        """A held current whose cell voltage reaches the step's limit, whatever the source does.

        Where the source's compliance is the limit itself, a source that stands there has reached
        it: it holds the voltage, and what is read differs from the limit by the meter's error.
        """
        limit_V, voltage_V = self.step.cell_voltage_limit_V, reading.cell_voltage_V
        if limit_V is None or voltage_V is None or self.step.held_current_A is None:
            return None
        stands = reading.compliance or abs(voltage_V) >= (1.0 - AT_COMPLIANCE) * limit_V
        if abs(voltage_V) < limit_V and not (stands and self.step.compliance_is_limit):
            return None
        return self._cell_voltage_reached(abs(voltage_V))

    def ended(self, reason: EndReason) -> Decision | None:
        """What it means for the step that the instrument ended the stream by itself.

        None when it ended as it was told to and the step is not done: its current fell short.
        """
        match reason:
            case EndReason.SWEEP_DONE:
                return Decision(Then.NEXT, self._complete())
            case EndReason.DURATION:
                time_left_s = self.step.time_cap_s - self.elapsed_s
                condition = self._reached(Signal.TIME_S, self.elapsed_s, self.poll_s)
                condition = condition or self._charged()
                if condition is not None:
                    return Decision.of(condition)
                if time_left_s > self.poll_s or self._short_of_one_reading():
                    return None
                if not self.step.until:
                    return Decision(Then.NEXT, "its time is over")
                return self._cap(Signal.TIME_S, self.elapsed_s, self.step.time_cap_s, "time")
            case EndReason.CHARGE_LIMIT:
                condition = self._charged()
                if condition is not None:
                    return Decision.of(condition)
                return self.capped()
            case EndReason.CELL_VOLTAGE_LIMIT:
                return self._cell_voltage_reached()
            case EndReason.CURRENT_LIMIT:
                limit_A = self.step.current_limit_A or math.nan
                text = f"the current reached {limit_A:.3g} A"
                return self._tripped(Signal.CURRENT_A, limit_A, text)
            case EndReason.NOT_RENEWED:
                return None
            case EndReason.STOPPED:
                return Decision(Then.ABORT, "the instrument stopped the segment")

    @property
    def _series_is_done(self) -> bool:
        asked = self.step.series_points
        return asked is not None and self.behind >= asked

    def _complete(self) -> str:
        """What is said of an instrument that has come to its end."""
        asked = self.step.series_points
        if asked is None or self._points >= asked:
            return self.step.done
        return f"the instrument came to its end with {self._points} of {asked} points"

    def capped(self) -> Decision | None:
        """The caps, looked at after a reading (an instrument may not count charge itself)."""
        cap_C = self.step.charge_cap_C
        if cap_C is not None and self.gross_C + self.reach_C(cap_C) >= cap_C:
            return self._cap(Signal.CHARGE_C, self.gross_C, cap_C, "charge")
        return None

    def met_with_its_off(self) -> Decision | None:
        """What is met by the charge between the last reading and the output's off, where a segment
        ended as it was told to and nothing is left of its time."""
        if self._series_is_done:
            return self.over
        if self.left_s() > 0.0:
            return None
        condition = self._charged() or self._reached(Signal.TIME_S, self.elapsed_s, self.poll_s)
        if condition is not None:
            return Decision.of(condition)
        cap_s = self.step.time_cap_s
        return self.capped() or self._cap(Signal.TIME_S, self.elapsed_s, cap_s, "time")

    def _short_of_one_reading(self) -> bool:
        """Whether no more is missing of a charge than flows between two readings: what flowed
        since the last one is counted with the output's off."""
        mean_A = self.step.mean_current_A
        pending = next(iter(self.watch.pending(Signal.CHARGE_C)), None)
        return (
            mean_A is not None
            and pending is not None
            and (self.left_C() <= abs(mean_A) * self.poll_s)
        )

    def _charged(self) -> Condition | None:
        """The charge condition at whose target the instrument stopped, by its own count or at
        the predicted time; a hundredth off is their difference, not a charge that is missing."""
        return self._reached(Signal.CHARGE_C, self.gross_C, 0.01 * self.gross_C)

    def _reached(self, signal: Signal, value: float, slack: float) -> Condition | None:
        for condition in self.watch.pending(signal):
            if condition.at_least is not None and value + slack >= condition.at_least:
                self.watch.fired(condition)
                return condition
        return None

    def _cap(self, signal: Signal, value: float, cap: float, what: str) -> Decision:
        worded = _worded(signal, cap)
        text = f"the step's {what} cap of {worded} was reached before any of its conditions"
        return self._tripped(signal, cap, text, value)

    def _tripped(
        self, signal: Signal, threshold: float, text: str, value: float = math.nan
    ) -> Decision:
        limit = Limit(signal=signal, at_least=threshold, text=text, set_by="the step")
        crossing = Crossing(limit, threshold if math.isnan(value) else value)
        return Decision(Then.ABORT, text, crossing)

    def _cell_voltage_reached(self, value_V: float = math.nan) -> Decision:
        limit_V = self.step.cell_voltage_limit_V or math.nan
        text = f"the cell voltage reached {limit_V:.4g} V"
        return self._tripped(Signal.CELL_VOLTAGE_V, limit_V, text, value_V)

    def _unregulated_s(self, reading: Reading) -> float:
        set_A, set_V = self.step.held_in(reading.level)
        lost = reading.compliance and self.step.limiting_is_lost_regulation
        if set_A is not None and reading.current_A is not None:
            lost = lost or abs(reading.current_A - set_A) > CURRENT_TOLERANCE * abs(set_A)
        if set_V is not None and reading.potential_V is not None:
            lost = lost or abs(reading.potential_V - set_V) > potential_tolerance_V(set_V)
        if not lost or reading.regulation is Regulation.OFF:  # off where the current is interrupted
            self._unregulated_since_s = None
            return 0.0
        if self._unregulated_since_s is None:
            self._unregulated_since_s = reading.time_s
        return reading.time_s - self._unregulated_since_s


def _left_of(condition: Condition, passed: Mapping[str, tuple[float, float]]) -> Condition:
    """A condition that counts from before the step, as one on what is left for the step."""
    if not condition.since or condition.at_least is None:
        return condition
    charge_C, time_s = passed.get(condition.since, (0.0, 0.0))
    before = charge_C if condition.signal is Signal.CHARGE_C else time_s
    return condition.model_copy(update={"at_least": condition.at_least - before})


def _met_before(condition: Condition, mean_A: float | None) -> bool:
    """Whether nothing is left of what counts from before the step, or less than any source can do
    by itself: what a round that ended at its own time leaves of another's."""
    if not condition.since or condition.then is Then.PAUSE or condition.at_least is None:
        return False
    least = SHORTEST_S
    if condition.signal is not Signal.TIME_S:
        least = SHORTEST_S * abs(mean_A or 0.0)
    return condition.at_least <= least


def _worded(signal: Signal, cap: float) -> str:
    return f"{cap:.4g} C" if signal is Signal.CHARGE_C else format_duration(cap)
