"""What an instrument can do, declared before anything is energised."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from faradaic.instruments.readings import Reading, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    GalvanostaticImpedanceSegment,
    LevelsSegment,
    OpenCircuitSegment,
    Segment,
    StaircaseSegment,
)

BEYOND = 1.1
"""An instrument measures a little more than its largest current and voltage, and than it holds."""

SLACK_V = 0.1
"""What offset and noise may add to a voltage."""

OF_RANGE = 0.02
"""What offset and noise may add to a current, of the range that holds it."""

OFF_CURRENT = 0.01
"""Largest fraction of its current that an instrument reads with its output off."""

CLOCKS_DIFFER = 1e-3
"""How much faster than ours the clock of an instrument may run, relative; quartz is below 1e-4."""


PROGRAM_DIES = "If the program dies, its device host turns the output off and reads it back"


class Tier(StrEnum):
    """How far a driver has been verified."""

    EMULATED = "emulated only"
    MANUAL = "bytes from the manual"
    HARDWARE = "seen on hardware"


class OffState(StrEnum):
    """What the leads of a source are while its output is off."""

    OPEN = "open"
    CONNECTED = "connected"
    """The output stage stays across the cell, with its capacitor and what discharges that: the cell
    is loaded, and the voltage there is not the cell's alone."""
    ZERO = "held at 0 V"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class SineAbilities:
    """What sines an instrument imposes to measure an impedance, and how long that takes."""

    lowest_Hz: float
    highest_Hz: float
    largest_V: float
    """Amplitude, root mean square."""
    shortest_sampling_s: float
    longest_settling_s: float

    def point_s(self, frequency_Hz: float) -> float:
        """How long one frequency takes: it settles for a period, but not longer than
        `longest_settling_s`, and is sampled for one, but not shorter than `shortest_sampling_s`."""
        period_s = 1.0 / frequency_Hz
        settling_s = min(self.longest_settling_s, period_s)
        return settling_s + max(self.shortest_sampling_s, period_s)

    def duration_s(self, frequencies_Hz: Iterable[float]) -> float:
        """How long a spectrum takes."""
        return sum(self.point_s(frequency_Hz) for frequency_Hz in frequencies_Hz)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The limits and abilities of one instrument model.

    Currents and voltages are magnitudes. `compliance_V` is the largest voltage that the model can
    put across the cell; `current_ranges_A` the full scales it measures and regulates on, in
    rising order; `current_resolution` the set-point step as a fraction of the range in use.
    """

    manufacturer: str
    model: str
    modes: frozenset[str]
    """Of the segments that it runs (`faradaic.instruments.segments`)."""
    current_max_A: float
    compliance_V: float
    current_ranges_A: tuple[float, ...]
    current_resolution: float
    current_accuracy: float
    """Gain error of the regulated current, as a fraction of the set-point."""
    bipolar: bool
    """Whether the source reverses polarity by itself."""
    reference_electrode: bool
    """Whether it regulates and measures a potential against a reference electrode."""
    interval_min_s: float
    """Fastest sampling that the driver offers."""
    native_voltage_limit: bool
    """Whether the instrument itself holds or stops at the cell-voltage limit."""
    native_charge_stop: bool
    """Whether the instrument itself counts charge and stops."""
    on_host_death: str
    """What happens to the output if the PC or the cable dies: one plain sentence. (Of a program
    that dies the device host turns it off.)"""
    tier: Tier
    outlives_s: float | None = None
    """How long the output may stay on at a constant set-point after the program has died; None
    where it stays on until someone turns it off."""
    clamps: bool = False
    """Whether the output stays within the limit of a segment, rather than being stopped there."""
    compliance_min_V: float = 0.0
    """The lowest cell-voltage limit that can be set."""
    stair_min_s: float = math.nan
    """Shortest stair of a sweep; not a number where it runs none."""
    level_min_s: float = math.nan
    """Shortest time that a level of several in turn, or a stair of a ramp, can be held."""
    opens_between_voltages: bool = True
    """Whether the cell can be left open between levels of a voltage or potential."""
    half_wave_min_s: float = math.nan
    """Shortest half of a square wave, and pulse; not a number where it runs none."""
    interrupt_min_s: float = math.nan
    """Shortest interruption of a current; not a number where it cannot interrupt one."""
    sines: SineAbilities | None = None
    """None where it measures no impedance."""
    current_min_A: float = 0.0
    """The smallest current that it holds, beside none at all with its output off."""
    off_state: OffState = OffState.UNKNOWN
    rests_measured: bool = True
    """Whether it measures the voltage of a cell at rest; a supply with its output off measures its
    own capacitor."""
    output_capacitance_F: float = math.nan
    """Across the leads: what it holds goes through the cell when that is connected, or its voltage
    falls. Not a number where it is not known."""
    reversal_s: float = math.nan
    """How long it takes to change its polarity; not a number where it doesn't, or nobody said."""
    dead_time_s: float = 0.0
    """How long no current flows while a relay reverses the leads; 0 where the source reverses
    itself, or nothing does."""
    channels: int = 1
    """Outputs of one instrument; a driver has one of them."""

    def current_range_A(self, current_A: float) -> float | None:
        """The smallest range that holds a current, or None when none does."""
        return next((r for r in self.current_ranges_A if abs(current_A) <= r * (1 + 1e-9)), None)

    def bounds(self, segment: Segment) -> ReadingBounds:
        """What readings of a segment can be.

        The instrument's own limits bound every value, the range in use and the set-point the
        current and, where the output stays within it, the voltage limit. What regulates has what
        it regulates; what is limited has less.
        """
        return ReadingBounds(partial(self._bounds, segment))

    def _bounds(self, segment: Segment, level: int | None, opened: bool) -> _Bounds:
        """Of a level of several in turn, or while the cell is open."""
        most_A, most_V = self.current_max_A, self.compliance_V
        held_A: float | None = None
        held_V: float | None = None
        limit_A: float | None = None
        highest_V: float | None = None
        span_A = 0.0
        match segment:
            case OpenCircuitSegment():
                most_A = OFF_CURRENT * most_A
            case ConstantCurrentSegment():
                held_A, highest_V = segment.current_A, segment.highest_V
                if opened:  # it is interrupted
                    limit_A, held_A = abs(segment.current_A), None
            case GalvanostaticImpedanceSegment():
                pass
            case LevelsSegment() | StaircaseSegment():
                limit_A, highest_V = segment.current_limit_A, segment.highest_V
                if level is not None:
                    regulation, value = segment.held(level)
                    held_A = value if regulation is Regulation.CURRENT else None
                    held_V = value if regulation is Regulation.VOLTAGE else None
                    if regulation is Regulation.OFF:
                        limit_A, most_A = None, OFF_CURRENT * most_A
                if segment.regulation is Regulation.CURRENT:
                    span_A = segment.largest
            case _:
                limit_A = segment.current_limit_A
                if isinstance(segment, ConstantCellVoltageSegment):
                    held_V = segment.cell_voltage_V
        span_A = max(span_A, abs(held_A or 0.0))
        slack_A = self._slack_A(span_A)
        if held_A is not None:
            most_A = abs(held_A) + slack_A
        elif limit_A is not None:
            limit_A = min(limit_A, most_A)
            most_A = self.current_range_A(limit_A) or most_A
            if self.clamps:
                most_A = limit_A + self._slack_A(limit_A)
        if self.clamps and highest_V is not None:
            most_V = min(most_V, highest_V)
        return (
            _Bound("A", most_A, self.current_max_A, 0.0, held_A, slack_A),
            _Bound("V", most_V, self.compliance_V, SLACK_V, held_V, SLACK_V),
            _Bound("V", self.compliance_V, self.compliance_V, SLACK_V, None, SLACK_V),
        )

    def impossible(
        self,
        reading: Reading,
        segment: Segment,
        last_s: float | None = None,
        now_s: float = math.inf,
    ) -> str:
        """Why the instrument cannot have measured this in a segment; empty where it can."""
        return self.bounds(segment).impossible(reading, last_s, now_s)

    def _slack_A(self, current_A: float) -> float:
        """What offset and noise of the range that holds a current may add to it."""
        return OF_RANGE * (self.current_range_A(current_A) or self.current_max_A)


class _Bound:
    """What one quantity can be."""

    __slots__ = ("_furthest", "_held", "_least_held", "_most", "_most_ever", "_most_held", "_unit")

    def __init__(
        self,
        unit: str,
        most: float,
        most_ever: float,
        offset: float,
        held: float | None,
        slack: float,
    ) -> None:
        """`most_ever` where a range was exceeded; what is `held` may be off by `slack`."""
        self._unit = unit
        self._most = most
        self._furthest = BEYOND * most + offset
        self._most_ever = BEYOND * most_ever + offset
        self._held = held
        off = 0.0 if held is None else (BEYOND - 1.0) * abs(held) + slack
        self._least_held = -math.inf if held is None else held - off
        self._most_held = math.inf if held is None else held + off

    def why_not(self, value: float, *, overload: bool, compliance: bool) -> str:
        """Why it is not; empty where it can be."""
        if overload:
            if abs(value) <= self._most_ever:
                return ""
        elif -self._furthest <= value <= self._furthest:
            if self._least_held <= value <= self._most_held or compliance:
                return ""
            return f"{value:.4g} {self._unit} where {self._held:.4g} {self._unit} is held"
        return f"{value:.4g} {self._unit} where there can be {self._most:.4g} {self._unit} at most"


_Bounds = tuple[_Bound, _Bound, _Bound]
"""Of current, cell voltage and potential."""


class ReadingBounds:
    """What the readings of one segment can be, on one instrument."""

    __slots__ = ("_known", "_of")

    def __init__(self, of: Callable[[int | None, bool], _Bounds]) -> None:
        """`of` a level of several in turn, and whether the cell is open."""
        self._of = of
        self._known: dict[tuple[int | None, bool], _Bounds] = {}

    def impossible(
        self, reading: Reading, last_s: float | None = None, now_s: float = math.inf
    ) -> str:
        """Why a reading cannot be; empty where it can.

        Time goes on: it comes after the one at `last_s`, and is not later than `now_s` by more
        than clocks differ (a thousandth of the time since the output went on, and 0.1 s). What was
        not reported can be anything, and an overload is only a lower bound.
        """
        time_s, overload, compliance = reading.time_s, reading.overload, reading.compliance
        if (last_s is not None and time_s <= last_s) or (
            time_s > now_s + CLOCKS_DIFFER * (reading.on_for_s or 0.0) + 0.1
        ):
            return "its time is not between the last one and now"
        key = reading.level, reading.regulation is Regulation.OFF
        bounds = self._known.get(key) or self._known.setdefault(key, self._of(*key))
        for value, bound in zip(reading[1:4], bounds, strict=True):
            if value is not None and (
                why := bound.why_not(value, overload=overload, compliance=compliance)
            ):
                return why
        return ""
