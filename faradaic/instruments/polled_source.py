"""What every source repeats that is asked for each reading; a driver of one adds its words.

A driver says how the instrument is identified, told what to hold, switched, asked whether its
output is on, and read. From here come the order of things and what is done when one fails: what a
segment asks is checked before anything is written, every setting is read back, limits and
protections are armed before the output goes on, a reading that was lost, damaged or cannot be is
asked for again a bounded number of times and never given, and an output that is told off is asked
whether it is.

An output that is on when the instrument is connected was switched on by somebody else: that is an
error (`OutputFoundOn`), and nothing is switched, until whoever knows better calls `output_off`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, NamedTuple

from faradaic.diagnostics import DeviceError, Diagnostic
from faradaic.instruments.capabilities import Capabilities, ReadingBounds
from faradaic.instruments.clock import Clock, WallClock
from faradaic.instruments.polling import poll, wait_until
from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading, Regulation
from faradaic.instruments.retries import Retries
from faradaic.instruments.segments import LevelsSegment, Segment, StaircaseSegment
from faradaic.instruments.set_points import SetPoint, planned
from faradaic.instruments.timed_levels import timed_levels
from faradaic.instruments.traits import OutputFoundOn, ReadingStream
from faradaic.instruments.transports import (
    DamagedReply,
    LinkError,
    Transport,
    TransportTimeout,
)

SETTING_ATTEMPTS = 4
"""How often a setting is written until two answers to it agree, or it is what was asked."""

READ_ATTEMPTS = 6

JUMP = 0.04
"""Where answers carry no mark, a value that is another than the one before by more than this part
of it is measured once more: two answers in a row can be damaged alike (a digit lost in both), two
readings hardly."""
JUMP_OF_MOST = 0.0005
"""And by more than this part of the most that there can be, which noise is below."""

SWITCHING_S = 0.05
"""An output that answers within this that it is on has been on since it answered; where the answer
takes longer it may have been lost and asked again, and the output on since it was told to."""


class Measured(NamedTuple):
    """What one exchange gave, SI and with the IUPAC sign; None where it was not told."""

    current_A: float | None
    cell_voltage_V: float | None
    regulation: Regulation
    """What the instrument held."""
    compliance: bool
    """It is at its limit, and does not hold its set-point."""
    raw: str
    overload: bool = False
    potential_V: float | None = None


class PolledSource(ABC):
    """A source that is asked for each reading; see `faradaic.instruments.traits.Source`."""

    capabilities: Capabilities
    serial: ClassVar[str] = ""
    """Serial settings of the model, as in an address: `baud=9600&stop=2`."""
    TOLD_OFF: str
    ASKED_OUTPUT: str
    """Both as the evidence of an output that is off shows them."""
    RESTS_OFF: ClassVar[bool] = False
    """Whether it measures a cell at rest with its output off: its voltmeter stays on the cell."""
    DOUBTS_JUMPS: ClassVar[bool] = False
    """Whether a value that jumps is measured once more: its answers have no mark and no check
    sum. What is sure is not asked twice, since a limit waits for it."""
    READ_TIMEOUT_S: ClassVar[float] = 1.0
    """An answer that comes later is none: what was passed over before it was waited for, too."""
    OFF_HELP: ClassVar[str] = (
        "turn the output off at the front panel of the instrument, or pull its mains plug"
    )
    LOST_HELP: ClassVar[str] = (
        "it was turned off at the front panel, or by one of its own protections"
    )
    ERROR_HELP: ClassVar[str] = "look it up in the manual of the instrument"

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.retries = Retries()
        self._clock: Clock = WallClock()
        """That of whoever called last, for pauses between commands."""
        self._stopped = False
        self._level: int | None = None
        """Which level of several in turn is on."""
        self._before: Measured | None = None
        """The reading before, at the same level."""
        self._on_s = 0.0
        """When the output was on, on the clock of the segment."""
        self._on_unsure_s = 0.0
        """By how much sooner it may have been."""
        self._off_s: float | None = None
        self._off_by_s: float | None = None
        """When it was told to go off, and when it was first read back so."""
        self._between: tuple[float | None, float | None] = (None, None)

    # What a driver says ------------------------------------------------------------------------

    @abstractmethod
    def _identify(self) -> Identity:
        """Find the place in the stream, and who answers. Raises `DeviceError` for another model."""

    @abstractmethod
    def _configure(self, held: SetPoint) -> None:
        """Set all that a set-point depends on, limits and protections too, each read back.

        Raises `DeviceError`; `settle` helps.
        """

    def _change(self, held: SetPoint, value: float) -> None:
        """Set the next of several levels, the output on. Raises `DeviceError`."""
        raise NotImplementedError

    @abstractmethod
    def _switch_on(self) -> None:
        """Turn the output on and read that back. Raises `DeviceError`."""

    @abstractmethod
    def _tell_off(self) -> None:
        """Tell the output to go off, whatever else is under way. Raises `LinkError`."""

    @abstractmethod
    def _ask_output(self) -> tuple[bool | None, str]:
        """Whether the output is on, None for an answer that doesn't say, and the answer.

        Raises `LinkError`.
        """

    @abstractmethod
    def _measure(self, held: SetPoint) -> Measured:
        """One reading. Raises `LinkError`, `DamagedReply` for an answer that is none."""

    @abstractmethod
    def _resynchronise(self) -> None:
        """Find the place in the stream again after an answer that was lost or damaged."""

    def _ready(self) -> None:
        """Wait for as long as it hears nothing after the last command, so that the next is told
        when it is said to be."""
        return

    def _errors(self) -> list[str]:
        """What the instrument itself reports as wrong since it was last asked."""
        return []

    def _off_for_good(self) -> str:
        """Why its output went off by itself, as it says; empty where it doesn't say."""
        return ""

    def _stream(
        self, segment: Segment, held: SetPoint, clock: Clock, read: Callable[[], Reading]
    ) -> ReadingStream:
        """The readings of a segment whose output has gone on at `_on_s`."""
        if isinstance(segment, LevelsSegment | StaircaseSegment):

            def change(level: int, value: float) -> float:
                now_s = clock.monotonic_s()
                self._change(held, value)
                self._level, self._before = level, None
                return now_s

            return timed_levels(
                segment, clock, start_s=self._on_s, change=change, read=read, stopped=self._is_told
            )
        return poll(
            read,
            clock,
            interval_s=held.interval_s,
            duration_s=held.duration_s,
            stopped=self._is_told,
            start_s=self._on_s,
        )

    # What it inherits --------------------------------------------------------------------------

    def connect(self, clock: Clock) -> Identity:
        """Find out who answers, with its output off.

        Raises `DeviceError`: `OutputFoundOn` where it is on, which nobody here has done.
        """
        self._clock = clock
        identity = self._identify()
        self._leave_off(identity, clock)
        self._raise_errors("connecting")
        return identity

    def run(self, segment: Segment, clock: Clock) -> ReadingStream:
        """Run one segment and stream its readings; see `faradaic.instruments.traits.Source`.

        The instrument counts no charge: `charge_limit_C` is for whoever integrates the readings.
        At its compliance it holds that, and readings go on with `compliance` set. Raises
        `DeviceError`.
        """
        held = planned(segment, self.capabilities)
        self._clock = clock
        (begins_s, ends_s), self._between = self._between, (None, None)
        bounds = self.capabilities.bounds(segment)
        self._level = self._before = None
        if isinstance(segment, LevelsSegment | StaircaseSegment):
            self._level, _ = segment.begins()
        self._stopped = False
        self._off_s = None
        if held.regulation is Regulation.OFF and (
            self.RESTS_OFF or not self.capabilities.rests_measured
        ):
            self._require_off(clock)
            return (yield from self._at_rest(held, clock))
        try:
            self._configure(held)
            self._raise_errors("setting up")
            self._ready()
            if begins_s is not None:
                wait_until(clock, begins_s, self._is_told)
                if self._stopped or (ends_s is not None and clock.monotonic_s() >= ends_s):
                    self._require_off(clock)  # its time has passed: nothing is switched on
                    return EndReason.STOPPED if self._stopped else EndReason.DURATION
            told_s = clock.monotonic_s()
            self._switch_on()
            answered_s = clock.monotonic_s()
            # A late answer doesn't tell: it may have been on since it was told to.
            prompt = answered_s <= told_s + SWITCHING_S
            self._on_s = answered_s if prompt else told_s
            self._on_unsure_s = answered_s - told_s if prompt else 0.0
            if ends_s is not None:
                held = replace(held, duration_s=max(0.0, ends_s - self._on_s))
            end = yield from self._stream(
                segment, held, clock, lambda: self._reading(bounds, held, clock)
            )
        except GeneratorExit:
            self._require_off(clock)
            raise
        except BaseException:
            self.output_off(clock)  # what went wrong first is the error to report
            raise
        self._require_off(clock)
        self._raise_errors("running")
        return end

    def between(self, begins_s: float | None, ends_s: float | None) -> None:
        """When the output of the next segment goes on at the soonest, and when it ends; None for
        as soon as it is ready, and after its duration."""
        self._between = begins_s, ends_s

    def stop(self) -> None:
        """End the running segment at the next opportunity; its stream then ends as STOPPED."""
        self._stopped = True

    def output_off(self, clock: Clock) -> OutputState:
        """Turn the output off and read it back; idempotent, and works after errors."""
        self._clock = clock
        state = self._output_state(clock)
        if state.on is not False:
            return state
        return replace(state, since_s=self._off_s, by_s=self._off_by_s)

    def notes(self) -> tuple[str, ...]:
        """What had to be asked or told again since the last call."""
        return self.retries.take()

    def close(self) -> None:
        """Release the port. Does not touch the output."""
        self.transport.close()

    def settle(self, command: str, tell: Callable[[], None], ask: Callable[[], str | None]) -> None:
        """Tell a setting until it is taken; `ask` is what it reads back, None where that is it.

        Raises `DeviceError` (E512) once two answers agree on something else.
        """
        heard: list[str] = []
        while True:
            tell()
            reply = ask()
            if reply is None:
                return
            if reply in heard or len(heard) == SETTING_ATTEMPTS:
                break
            heard.append(reply)
            self.retries.add(command)
        raise DeviceError.of(
            f"the {self.capabilities.model} did not take `{command}`: it answers {reply}"
            f" ({'; '.join(self._errors()) or 'no error'})",
            help="lower the value or the limit so that both fit the instrument, and look for a"
            " limit of its own or a locked panel",
            code="E512",
        )

    # Readings ----------------------------------------------------------------------------------

    def _is_told(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped

    def _reading(self, bounds: ReadingBounds, held: SetPoint, clock: Clock) -> Reading:
        """One reading. After a lost, garbled or impossible answer the channel is brought into
        step, and the reading says what was refused."""
        refused = ""
        for _ in range(READ_ATTEMPTS):
            try:
                reading = self._asked(bounds, held, clock)
                return reading._replace(refused=refused) if refused else reading
            except (TransportTimeout, DamagedReply) as error:
                refused = refused or error.diagnostics[0].message
                self._resynchronise()
                self._require_on()
        raise LinkError.of(
            f"{READ_ATTEMPTS} readings in a row were lost or damaged, the first: {refused}",
            help="check the cable: answers are lost or damaged on the way",
            code="E517",
        )

    def _asked(self, bounds: ReadingBounds, held: SetPoint, clock: Clock) -> Reading:
        asked_s = clock.monotonic_s()
        measured = self._measure(held)
        before = self._before if self.DOUBTS_JUMPS else None
        if before is not None and self._apart(before, measured) > 1.0:
            first, asked_s = measured, clock.monotonic_s()
            measured = self._measure(held)
            apart = self._apart(first, measured)
            if apart > 1.0 and apart > self._apart(before, measured):
                raise DamagedReply.of(f"`{first.raw[:80]}` and what came next are not the same")
        now_s = clock.monotonic_s()
        if now_s > asked_s + self.READ_TIMEOUT_S:
            raise DamagedReply.of(
                f"`{measured.raw[:80]}` came {now_s - asked_s:.2g} s after it was asked for"
            )
        reading = Reading(
            time_s=now_s,
            current_A=measured.current_A,
            cell_voltage_V=measured.cell_voltage_V,
            potential_V=measured.potential_V,
            regulation=measured.regulation,
            compliance=measured.compliance,
            overload=measured.overload,
            raw=measured.raw,
            on_for_s=now_s - self._on_s,
            level=self._level,
            on_unsure_s=self._on_unsure_s,
        )
        if why := bounds.impossible(reading):
            raise DamagedReply.of(f"`{measured.raw[:80]}` is no reading: {why}")
        self._before = measured
        return reading

    def _apart(self, one: Measured, other: Measured) -> float:
        """How far two readings are from each other, in jumps."""
        most_A, most_V = self.capabilities.current_max_A, self.capabilities.compliance_V
        apart = 0.0
        for a, b, most in (
            (one.current_A, other.current_A, most_A),
            (one.cell_voltage_V, other.cell_voltage_V, most_V),
            (one.potential_V, other.potential_V, most_V),
        ):
            if a is not None and b is not None:
                jump = JUMP * max(abs(a), abs(b)) + JUMP_OF_MOST * most
                apart = max(apart, abs(a - b) / jump)
        return apart

    def _at_rest(self, held: SetPoint, clock: Clock) -> ReadingStream:
        """Readings of an output that is off and asked whether it is: no current, and the cell's
        voltage where the instrument measures it then (`RESTS_OFF`)."""

        def read() -> Reading:
            on, answer = None, ""
            measured: Measured | None = None
            for _ in range(READ_ATTEMPTS):
                try:
                    measured = self._measure(held) if self.RESTS_OFF else None
                    on, answer = self._ask_output()
                except (TransportTimeout, DamagedReply) as error:
                    answer = error.diagnostics[0].message
                    self._resynchronise()
                if on is not None:
                    break
            if on:
                raise DeviceError.of(
                    f"the output of the {self.capabilities.model} is on though the cell is at rest",
                    help="somebody has turned it on at the front panel",
                    code="E518",
                )
            if on is None:
                raise self._unread(answer)
            now_s = clock.monotonic_s()
            if measured is None:
                return Reading(now_s, 0.0, None, None, Regulation.OFF, False, False, answer)
            volts, potential, over = (
                measured.cell_voltage_V,
                measured.potential_V,
                measured.overload,
            )
            raw = measured.raw
            return Reading(now_s, 0.0, volts, potential, Regulation.OFF, False, over, raw)

        end = yield from poll(
            read,
            clock,
            interval_s=held.interval_s,
            duration_s=held.duration_s,
            stopped=self._is_told,
        )
        self._raise_errors("at rest")
        return end

    def _require_on(self) -> None:
        """Raises `DeviceError` for an output that went off by itself, or may have."""
        state = self._output_state()
        if state.on is None:
            raise self._unread(state.evidence)
        if not state.on:
            raise self._output_lost()
        self._raise_errors("reading")

    def _output_lost(self) -> DeviceError:
        why = self._off_for_good()
        return DeviceError.of(
            f"the output of the {self.capabilities.model} is off though its segment is running"
            + (f": {why}" if why else ""),
            help=self.LOST_HELP,
            code="E518",
        )

    def _unread(self, evidence: str) -> LinkError:
        return LinkError.of(
            f"whether the output of the {self.capabilities.model} is on could not be read"
            f" ({evidence})",
            help="check the cable: answers are lost or damaged on the way",
            code="E517",
        )

    # Off ---------------------------------------------------------------------------------------

    def _leave_off(self, identity: Identity, clock: Clock) -> None:
        """See to it that the output is off when it is connected. Raises `OutputFoundOn`."""
        state = self._output_state()
        if state.on:
            raise OutputFoundOn.found(identity, state.evidence)
        if state.on is None:
            raise self._unread(state.evidence)

    def _output_state(self, off: Clock | None = None) -> OutputState:
        """Whether the output is on, told off before on a clock or only asked; what was not obeyed
        is told again, once."""
        said = self.ASKED_OUTPUT if off is None else f"{self.TOLD_OFF}, {self.ASKED_OUTPUT}"
        for _ in range(2):
            told_s = None
            try:
                if off is not None:
                    self._ready()
                    told_s = off.monotonic_s()
                    self._tell_off()  # before anything else, in step or not
                on, answer = self._ask_output()
            except TransportTimeout:
                return OutputState(None, f"{said} -> no answer")
            except LinkError as error:
                return OutputState(None, f"{said}: {error.diagnostics[0].message}")
            state = OutputState(on, f"{said} -> {answer}")
            if state.on is False and self._off_s is None and off is not None:
                self._off_s, self._off_by_s = told_s, off.monotonic_s()
            if not (off is not None and state.on):
                break
        return state

    def _require_off(self, clock: Clock) -> None:
        state = self.output_off(clock)
        if state.on is not False:
            raise (LinkError if state.on is None else DeviceError).of(
                f"the output of the {self.capabilities.model} was commanded off but not read back"
                f" as off ({state.evidence})",
                code="E515",
                help=self.OFF_HELP,
            )

    def _raise_errors(self, doing: str) -> None:
        """Raise what the instrument itself reports as wrong, if anything."""
        if errors := self._errors():
            raise DeviceError(
                *(
                    Diagnostic(
                        "E514",
                        f"the {self.capabilities.model} reported {said}, while {doing}",
                        help=self.ERROR_HELP,
                    )
                    for said in errors
                )
            )
