"""A relay that reverses the leads of the cell, so that a source of one direction alternates.

The contacts never move but with the output read back off: a level ends, the source goes off and
says so, the contacts move and are read back where the board answers, and the source goes on again
when the dead time is over, which the segment has as levels of an open cell. Open contacts are
forward. A bridge is a `Source` around another: what it is told, and what it gives, have the signs
of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from faradaic.diagnostics import DeviceError, FaradaicError
from faradaic.instruments.auxiliary_traits import TRAITS, Auxiliary, Trait
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.clock import Clock
from faradaic.instruments.level_charge import LevelCharge
from faradaic.instruments.polling import wait_until
from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    LevelsSegment,
    OpenCircuitSegment,
    Segment,
    StaircaseSegment,
)
from faradaic.instruments.set_points import not_run
from faradaic.instruments.timed_levels import GAP_INTERVALS
from faradaic.instruments.traits import ReadingStream, Source, TellsNotes
from faradaic.instruments.turns import Turn, turns

CONTACTS = TRAITS[Trait.RELAY].quantity
MOVES_S = 0.35
"""A board is told, asked twice and answers, and its contacts have come to rest: 20 ms of a relay,
three silences of 0.1 s on the line."""
LATE_S = 0.02
"""A level that begins later than this after its time is told of."""


@dataclass(frozen=True, slots=True)
class BridgeSpec:
    """The bridge of a bench, as plain data."""

    name: str
    driver: str
    address: str
    """With its serial settings."""
    options: Mapping[str, Any]
    """As the relay's class takes them."""
    dead_time_s: float
    """For how long the cell is open when its polarity changes."""


@runtime_checkable
class KeepsTime(Protocol):
    """A source that goes on and off at a time, not when it is ready."""

    def between(self, begins_s: float | None, ends_s: float | None) -> None:
        """When the output of the next segment goes on at the soonest, and when it ends; None for
        as soon as it is ready, and after its duration."""
        ...


def least_dead_time_s(able: Capabilities) -> float:
    """The shortest dead time with a source: off and read back, set up and on again take as long as
    a reading each, and the contacts move between."""
    return 2.0 * able.interval_min_s + MOVES_S


def bridged(able: Capabilities, dead_time_s: float) -> Capabilities:
    """What a source can do behind a bridge."""
    return replace(able, bipolar=True, reversal_s=dead_time_s, dead_time_s=dead_time_s)


class BridgedSource:
    """A source behind a bridge (a `Source` of `faradaic.instruments.traits`)."""

    def __init__(
        self, source: Source, relay: Callable[[], Auxiliary], name: str, dead_time_s: float
    ) -> None:
        """`relay` opens the port of the board; the source is off, whatever becomes of that."""
        self._source = source
        self._open_relay = relay
        self._relay: Auxiliary | None = None
        self._name = name
        self._dead_time_s = dead_time_s
        self._reversed: bool | None = None
        """None where nobody knows how the contacts stand."""
        self._stopped = False
        self._late: list[float] = []
        self._counted: OutputState | None = None
        """Up to which off it has been counted what has passed."""

    @property
    def capabilities(self) -> Capabilities:
        """Get what the source can do behind the bridge."""
        return bridged(self._source.capabilities, self._dead_time_s)

    def connect(self, clock: Clock) -> Identity:
        """Connect the source alone: an output must go off, whatever the board does."""
        self._reversed = None
        return self._source.connect(clock)

    def lead_forward(self, clock: Clock) -> None:
        """Connect the board and bring the contacts to rest. Raises `DeviceError`."""
        self._turn(clock, reverse=False)

    def run(self, segment: Segment, clock: Clock) -> ReadingStream:
        """Run one segment and stream its readings; see `faradaic.instruments.traits.Source`."""
        self._stopped = False
        self._late = []
        if isinstance(segment, LevelsSegment) and _alternates(segment):
            return (yield from self._alternating(segment, clock))
        if isinstance(segment, OpenCircuitSegment):
            return (yield from self._source.run(segment, clock))
        reverse = _is_reversed(segment)
        self._turn(clock, reverse=reverse)
        stream = self._source.run(_turned(segment) if reverse else segment, clock)
        return (yield from (_mirrored(stream) if reverse else stream))

    def stop(self) -> None:
        """End the running segment at the next opportunity."""
        self._stopped = True
        self._source.stop()

    def output_off(self, clock: Clock) -> OutputState:
        """Turn the output off and read it back; then, and only then, the contacts go to rest."""
        state = self._source.output_off(clock)
        if state.on is False and self._reversed and self._relay is not None:
            with suppress(FaradaicError):  # it stands reversed, and is set before current flows
                self._moved(self._relay, reverse=False)
        return state

    def notes(self) -> tuple[str, ...]:
        """What had to be asked again, and levels that began late, since the last call."""
        late, self._late = self._late, []
        said = self._source.notes() if isinstance(self._source, TellsNotes) else ()
        if late:
            said = (
                *said,
                f"{len(late)} level{'s' if len(late) > 1 else ''} began late, by up to"
                f" {max(late):.2g} s: the source and `{self._name}` took longer than the dead time"
                f" of {self._dead_time_s:g} s",
            )
        return said

    def close(self) -> None:
        """Release both ports; leaves the contacts and the output as they are."""
        self._source.close()
        if self._relay is not None:
            with suppress(FaradaicError):
                self._relay.close()
            self._relay = None

    # Contacts ----------------------------------------------------------------------------------

    def _turn(self, clock: Clock, *, reverse: bool, off: OutputState | None = None) -> None:
        """Have the contacts one way, the output read back `off` before. Raises `DeviceError`."""
        if self._reversed is reverse:
            return
        off = self._source.output_off(clock) if off is None else off
        if off.on is not False:
            raise DeviceError.of(
                f"`{self._name}` was not moved: the output could not be read back off"
                f" ({off.evidence})",
                help="turn the output off at the front panel of the source",
                code="E515",
            )
        if self._relay is None:
            relay = self._open_relay()
            relay.connect(clock)
            self._relay = relay
        self._moved(self._relay, reverse=reverse)

    def _moved(self, relay: Auxiliary, *, reverse: bool) -> None:
        self._reversed = None
        relay.set(CONTACTS, float(reverse))
        self._reversed = reverse

    # Levels ------------------------------------------------------------------------------------

    def _alternating(self, segment: LevelsSegment, clock: Clock) -> ReadingStream:
        """Each level by itself, the contacts moved while the cell is open between two."""
        _require_dead_times(segment, self._dead_time_s, self.capabilities)
        charge = LevelCharge(GAP_INTERVALS * segment.interval_s)
        begun_s: float | None = None
        off: OutputState | None = None
        for turn in turns(segment):
            if turn.regulation is Regulation.OFF:
                off = self._source.output_off(clock)
                now_s = clock.monotonic_s()
                begun_s = now_s if begun_s is None else begun_s
                yield self._open(turn, now_s - begun_s, off, charge, clock)
                ends_s = begun_s + turn.ends_s
                continue
            self._turn(clock, reverse=turn.value < 0.0, off=off)
            off = None
            level = self._level(segment, turn, begun_s, charge, clock)
            try:
                if begun_s is None:  # its time counts from when the output is on
                    first = next(level)
                    begun_s = _on_since_s(first)
                    yield first
                end = yield from level
            finally:
                level.close()
            if end is not EndReason.DURATION or self._stopped:
                return end
            ends_s = begun_s + turn.ends_s
        if off is not None and begun_s is not None:  # it ends with an open cell
            wait_until(clock, ends_s, lambda: self._stopped)
            yield self._open(turn, clock.monotonic_s() - begun_s, off, charge, clock)
        return EndReason.STOPPED if self._stopped else EndReason.DURATION

    def _level(
        self,
        segment: LevelsSegment,
        turn: Turn,
        begun_s: float | None,
        charge: LevelCharge,
        clock: Clock,
    ) -> ReadingStream:
        """One level, in the signs of the cell; `begun_s` is when the segment began."""
        assert isinstance(self._source, KeepsTime)
        begins_s = ends_s = None
        if begun_s is not None:
            begins_s, ends_s = begun_s + turn.begins_s, begun_s + turn.ends_s
        self._source.between(begins_s, ends_s)
        held = turn.regulation is Regulation.CURRENT
        stream = self._source.run(_held_alone(segment, turn), clock)
        sign = -1.0 if turn.value < 0.0 else 1.0
        counts = False
        try:
            while True:
                try:
                    reading = next(stream)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                if not counts:
                    counts, on_s = True, _on_since_s(reading)
                    most_A = segment.current_limit_A or 0.0
                    charge.level(on_s, held=held, most_A=most_A, late_s=reading.on_unsure_s)
                    if begins_s is not None and on_s > begins_s + LATE_S:
                        self._late.append(on_s - begins_s)
                reading = _in_signs_of_the_cell(reading) if sign < 0.0 else reading
                at_A, at_V = reading.current_A, reading.cell_voltage_V
                charge.sample(reading.time_s, at_A, at_V, limited=reading.compliance)
                on_for_s = reading.on_for_s if begun_s is None else reading.time_s - begun_s
                yield reading._replace(passed=charge.take(), level=turn.number, on_for_s=on_for_s)
        finally:
            stream.close()

    def _open(
        self, turn: Turn, at_s: float, off: OutputState, charge: LevelCharge, clock: Clock
    ) -> Reading:
        """What has passed until the output was off, as a reading of the open cell."""
        now_s = clock.monotonic_s()
        if off is not self._counted:
            since_s = now_s if off.since_s is None else off.since_s
            by_s = now_s if off.by_s is None else off.by_s
            charge.level(since_s, held=True, most_A=0.0, late_s=by_s - since_s)
            charge.sample(max(by_s, since_s), 0.0, 0.0, limited=False)
            self._counted = off
        return Reading(
            time_s=now_s,
            current_A=0.0,
            cell_voltage_V=None,
            potential_V=None,
            regulation=Regulation.OFF,
            compliance=False,
            overload=False,
            raw=off.evidence,
            on_for_s=at_s,
            level=turn.number,
            passed=charge.take(),
        )


def _mirrored(stream: ReadingStream) -> ReadingStream:
    """The readings of a source whose leads are reversed."""
    try:
        while True:
            try:
                yield _in_signs_of_the_cell(next(stream))
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
    finally:
        stream.close()


def _on_since_s(reading: Reading) -> float:
    """When the output was told to go on; until its answer that is unsure."""
    return reading.time_s - (reading.on_for_s or 0.0) - reading.on_unsure_s


def _in_signs_of_the_cell(reading: Reading) -> Reading:
    passed = reading.passed
    return reading._replace(
        current_A=_negative(reading.current_A),
        cell_voltage_V=_negative(reading.cell_voltage_V),
        passed=passed and passed._replace(anodic_C=passed.cathodic_C, cathodic_C=passed.anodic_C),
    )


def _negative(value: float | None) -> float | None:
    return -value if value else value


def _alternates(segment: LevelsSegment) -> bool:
    values = [level.value for level in segment.levels]
    return min(values) < 0.0 < max(values)


def _is_reversed(segment: Segment) -> bool:
    """Whether it is driven with the leads reversed."""
    match segment:
        case ConstantCurrentSegment():
            return segment.current_A < 0.0
        case ConstantCellVoltageSegment():
            return segment.cell_voltage_V < 0.0
        case LevelsSegment():
            return min(level.value for level in segment.levels) < 0.0
        case StaircaseSegment():
            return min(segment.begin, segment.end) < 0.0
    return False


def _turned(segment: Segment) -> Segment:
    """The same in the signs of the source. One that has both signs, the source itself refuses."""
    match segment:
        case ConstantCurrentSegment():
            return replace(segment, current_A=-segment.current_A)
        case ConstantCellVoltageSegment():
            return replace(segment, cell_voltage_V=-segment.cell_voltage_V)
        case LevelsSegment():
            levels = tuple(one._replace(value=-one.value) for one in segment.levels)
            return replace(segment, levels=levels)
        case StaircaseSegment():
            return replace(segment, begin=-segment.begin, end=-segment.end)
    return segment


def _held_alone(segment: LevelsSegment, turn: Turn) -> Segment:
    """One level of a segment, as a segment of the source's own signs."""
    length = {"duration_s": turn.duration_s, "interval_s": segment.interval_s}
    size, limit_C = abs(turn.value), segment.charge_limit_C
    if turn.regulation is Regulation.CURRENT:
        assert segment.cell_voltage_limit_V is not None
        return ConstantCurrentSegment(
            current_A=size,
            cell_voltage_limit_V=segment.cell_voltage_limit_V,
            charge_limit_C=limit_C,
            compliance_V=segment.compliance_V,
            **length,
        )
    assert segment.current_limit_A is not None
    return ConstantCellVoltageSegment(
        cell_voltage_V=size,
        current_limit_A=segment.current_limit_A,
        charge_limit_C=limit_C,
        **length,
    )


def _require_dead_times(segment: LevelsSegment, dead_time_s: float, able: Capabilities) -> None:
    """Raises `DeviceError` (E516) where a level follows another one of the other sign at once."""
    levels = segment.levels
    for number, level in enumerate(levels):
        before = levels[number - 1]
        is_open = level.regulation is Regulation.OFF
        if is_open and level.duration_s >= dead_time_s * (1 - 1e-9):
            continue
        if is_open or before.regulation is not Regulation.OFF:
            raise not_run(
                f"levels of both directions without {dead_time_s:g} s of an open cell between two",
                able,
                "plan the protocol again for this bench",
            )
