"""Keithley 2450 SourceMeter, in its native SCPI command set, over any transport.

HI goes to the working electrode (the anode of an electrolysis), LO to the counter electrode: a
positive source current is then anodic at the working electrode, and no sign changes here.

Each reading is one exchange, `:READ? "defbuffer1", SOUR, READ, SOURSTAT`, answered twice. With
source read-back on the instrument measures the sourced quantity immediately before the other one,
and the source status belongs to this very reading: it says whether the output was on and whether
the limit held it. A separate `:SOUR:CURR:VLIM:TRIP?` would cost a second exchange and tell of a
later moment.

Every answer carries a mark, so that a voltage is never read as a current (`ScpiChannel.marked`).

The instrument is never reset (`*RST`): that would put the output-off state back to NORMal, which
holds 0 V across the cell and discharges it. Everything a segment needs is set and read back.

Sources: Keithley 2450 reference manual, 2450-901-01 Rev. B (2013), pages 2-83, 6-6, 6-32, 6-71,
6-74, 6-77 and 8-29.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, ClassVar

from annotated_types import Interval

from faradaic.diagnostics import DeviceError, Diagnostic
from faradaic.instruments import scpi
from faradaic.instruments.capabilities import Capabilities, ReadingBounds, Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.keithley.interrupted_current import INTERRUPT_MIN_S, InterruptedCurrent
from faradaic.instruments.keithley.set_points import SetPoint, error, planned
from faradaic.instruments.keithley.timed_levels import timed_levels
from faradaic.instruments.polling import poll
from faradaic.instruments.readings import Identity, OutputState, Reading, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    CurrentInterruptSegment,
    LevelsSegment,
    OpenCircuitSegment,
    Segment,
    StaircaseSegment,
)
from faradaic.instruments.traits import ReadingStream
from faradaic.instruments.transports import LinkError, Transport, TransportTimeout

POWER_LINE_CYCLES = 1.0
READ, READ_AGAIN = (f':{word}? "defbuffer1", SOUR, READ, SOURSTAT' for word in ("READ", "FETC"))
"""A reading, and the same one from its buffer: a reading has no check sum."""
READ_TIMEOUT_S = 1.0
"""For 41 ms of measuring, and a change of range."""
READ_ATTEMPTS = 6

LEVEL_MIN_S = 0.25
"""Of a level that the program times: to set it and read it twice. (A list that the instrument runs
by itself would be faster, and ends with the output off.)"""

SWITCHING_S = 0.05
"""The output is on by then: its relay settles in 15 ms (page 2-83)."""

OUTPUT = {"0": False, "OFF": False, "1": True, "ON": True}
"""Answers to `:OUTP?`; any other is damaged and says nothing about the output."""

SOURCE_PROTECTED = 4
"""Of later instruments of the series (2461-901-01, page 8-31)."""
SOURCE_LIMITED = 32
SOURCE_OUTPUT_ON = 128


class Keithley2450:
    """The 2450 as a galvanostat and cell-voltage source; see `faradaic.instruments.traits.Source`.

    It works inside the 20 V, 1 A region of its output. (The other region, 200 V at 100 mA, is not
    offered.) Open circuit is a current of 0 A in the smallest range with the output on, since the
    instrument cannot measure behind its open relay; the readings say so by `Regulation.CURRENT`.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        manufacturer="Keithley",
        model="2450",
        modes=frozenset(
            {
                OpenCircuitSegment.mode,
                ConstantCurrentSegment.mode,
                CurrentInterruptSegment.mode,
                ConstantCellVoltageSegment.mode,
                LevelsSegment.mode,
                StaircaseSegment.mode,
            },
        ),
        current_max_A=1.0,
        compliance_V=21.0,
        current_ranges_A=(1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        current_resolution=5e-5,
        current_accuracy=5e-4,
        bipolar=True,
        reference_electrode=False,
        interval_min_s=0.1,
        native_voltage_limit=True,
        native_charge_stop=False,
        on_host_death="The output stays on at the last set-point, within its compliance and its "
        "overvoltage protection, until someone turns it off: the instrument has no watchdog. Where "
        "that matters, put a contact that opens into its interlock or into the leads.",
        tier=Tier.MANUAL,
        clamps=True,
        compliance_min_V=0.02,
        level_min_s=LEVEL_MIN_S,
        interrupt_min_s=INTERRUPT_MIN_S,
        opens_between_voltages=False,
    )

    def __init__(
        self,
        transport: Transport,
        *,
        four_wire: bool = False,
        nplc: Annotated[float, Interval(ge=0.01, le=2.0)] = POWER_LINE_CYCLES,
    ) -> None:
        """`four_wire`: the sense leads are connected; `nplc`: power line cycles of a reading."""
        self._channel = scpi.ScpiChannel(transport)
        self._four_wire = four_wire
        self._nplc = nplc
        self._stopped = False
        self._level: int | None = None
        """Which level of several in turn is on."""
        self._on_s = 0.0
        """When the output was on, on the clock of the segment."""
        self._on_unsure_s = 0.0
        """By how much sooner it may have been."""
        self._off_s: float | None = None
        self._off_by_s: float | None = None
        """When it was told to go off, and when it was first read back so."""

    def connect(self, clock: Clock) -> Identity:
        """Identify the instrument, check its command set and leave its output off and open.

        Raises `DeviceError`.
        """
        channel = self._channel
        channel.marked = False
        channel.write("")  # ends a command that an earlier program may have left half sent
        channel.transport.drain(scpi.QUIET_S)
        identity = scpi.identity(channel.query_surely("*IDN?"))
        if identity.model.upper().removeprefix("MODEL").strip() != self.capabilities.model:
            raise error(
                "E511",
                f"{channel.transport.address} is a {identity.manufacturer} {identity.model}, "
                "not a Keithley 2450",
                "correct the address or the driver in the bench file; `faradaic devices` lists "
                "the drivers",
            )
        language = channel.query_surely("*LANG?")
        if language != "SCPI":
            raise error(
                "E510",
                f"the 2450 speaks its `{language}` command set, not SCPI",
                "on its screen choose MENU > System > Settings > Command Set > SCPI, then switch "
                "it off and on again",
            )
        channel.resynchronise()
        channel.marked = True
        channel.write("*CLS")
        # Off states first: an output that was left on then opens instead of holding 0 V.
        self._set(":OUTP:CURR:SMOD", "HIMP")
        self._set(":OUTP:VOLT:SMOD", "HIMP")
        self._require_off(clock)
        self._raise_errors("connecting")
        return identity

    def run(self, segment: Segment, clock: Clock) -> ReadingStream:
        """Run one segment and stream its readings; see `faradaic.instruments.traits.Source`.

        The instrument counts no charge: `charge_limit_C` is for whoever integrates the readings.
        At its compliance it holds that, and readings go on with `compliance` set. Raises
        `DeviceError`.
        """
        set_point, duration_s, interval_s = planned(segment, self.capabilities)
        bounds = self.capabilities.bounds(segment)
        self._level = None
        if isinstance(segment, LevelsSegment | StaircaseSegment):
            self._level, _ = segment.begins()
        self._stopped = False
        self._off_s = None
        try:
            self._configure(set_point)
            self._raise_errors("setting up")
            told_s = clock.monotonic_s()
            self._set(":OUTP", 1)
            answered_s = clock.monotonic_s()
            # A late answer doesn't tell: it may have been on since it was told to.
            prompt = answered_s <= told_s + SWITCHING_S
            self._on_s = answered_s if prompt else told_s
            self._on_unsure_s = answered_s - told_s if prompt else 0.0
            end = yield from self._readings(
                segment, bounds, set_point, clock, duration_s, interval_s
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

    def stop(self) -> None:
        """End the running segment at the next opportunity; its stream then ends as STOPPED."""
        self._stopped = True

    def output_off(self, clock: Clock) -> OutputState:
        """Turn the output off and read it back; idempotent, and works after errors."""
        state = self._output_state(":OUTP OFF", clock)
        if state.on is not False:
            return state
        return replace(state, since_s=self._off_s, by_s=self._off_by_s)

    def notes(self) -> tuple[str, ...]:
        """What had to be asked or told again since the last call."""
        return self._channel.retries.take()

    def close(self) -> None:
        """Release the port. Does not touch the output."""
        self._channel.transport.close()

    def _output_state(self, command: str = "", clock: Clock | None = None) -> OutputState:
        """Whether the output is on, after a command; one that was not obeyed is given again."""
        said = f"{command}, :OUTP?" if command else ":OUTP?"
        for _ in range(2):
            try:
                told_s = None if clock is None else clock.monotonic_s()
                if command:
                    self._channel.write(command)  # before anything else, in step or not
                reply = self._channel.query_doubled(":OUTP?")
            except TransportTimeout:
                return OutputState(None, f"{said} -> no answer")
            except LinkError as error:
                return OutputState(None, f"{said}: {error.diagnostics[0].message}")
            state = OutputState(OUTPUT.get(reply), f"{said} -> {reply}")
            if state.on is False and self._off_s is None and clock is not None:
                self._off_s, self._off_by_s = told_s, clock.monotonic_s()
            if not (command and state.on):
                break
        return state

    # From segments to settings -----------------------------------------------------------------

    def _configure(self, set_point: SetPoint) -> None:
        """Set everything that the segment depends on and read it back. Raises `DeviceError`."""
        source, sense = set_point.function, set_point.measured
        limit = "VLIM" if source == "CURR" else "ILIM"
        self._set(":SOUR:FUNC", source)
        self._set(":SENS:FUNC", f'"{sense}:DC"')
        self._set(":SENS:COUN", 1)
        self._set(":SOUR:VOLT:PROT", "NONE")  # a lower one would refuse the limit
        self._set(f":SENS:{sense}:RSEN", int(self._four_wire))
        self._set(f":SENS:{sense}:RANG:AUTO", 1)
        self._set(f":SENS:{sense}:NPLC", self._nplc)
        self._set(f":SOUR:{source}:READ:BACK", 1)
        # Zero fits every range and limit, so that none of the next is refused for the old level.
        self._set(f":SOUR:{source}", 0.0)
        self._set(f":SOUR:{source}:RANG", set_point.range)
        self._set(f":SOUR:{source}:{limit}", set_point.limit)
        self._set(f":SOUR:{source}", set_point.level)
        # In effect whatever is sourced, and written of voltage alone (2461-901-01, page 8-189).
        self._set(":SOUR:VOLT:PROT", set_point.protection)

    def _set(self, header: str, value: float | str) -> None:
        """Write one setting and read it back, until two answers agree or it is what was asked.

        Raises `DeviceError` if it is not.
        """
        text = value if isinstance(value, str) else f"{value:.9g}"
        heard: list[str] = []
        while True:
            self._channel.write(f"{header} {text}")
            reply = self._channel.query(f"{header}?")
            if _same(reply, value):
                return
            if reply in heard or len(heard) == scpi.ATTEMPTS:
                break
            heard.append(reply)
            self._channel.retries.add(f"{header} {text}")
        errors = "; ".join(f"{code} {what}" for code, what in self._channel.errors())
        raise error(
            "E512",
            f"the 2450 did not take `{header} {text}`: it answers {reply} ({errors or 'no error'})",
            "lower the value or the limit so that both fit one region of the instrument",
        )

    # Readings ----------------------------------------------------------------------------------

    def _readings(
        self,
        segment: Segment,
        bounds: ReadingBounds,
        set_point: SetPoint,
        clock: Clock,
        duration_s: float,
        interval_s: float,
    ) -> ReadingStream:
        """The readings of a segment whose output has gone on."""

        def read() -> Reading:
            return self._reading(bounds, set_point, clock)

        def change(level: int, value: float) -> float:
            now_s = clock.monotonic_s()
            self._set(f":SOUR:{set_point.function}", value)
            self._level = level
            return now_s

        def stopped() -> bool:
            return self._stopped

        if isinstance(segment, LevelsSegment | StaircaseSegment):
            return timed_levels(
                segment, clock, start_s=self._on_s, change=change, read=read, stopped=stopped
            )
        if isinstance(segment, CurrentInterruptSegment):
            return InterruptedCurrent(
                segment,
                self._channel,
                clock,
                set_value=self._set,
                read=read,
                impossible=lambda reading: self.capabilities.impossible(reading, segment),
                stopped=stopped,
                slow_cycles=POWER_LINE_CYCLES,
            ).readings(self._on_s)
        return poll(
            read,
            clock,
            interval_s=interval_s,
            duration_s=duration_s,
            stopped=stopped,
            start_s=self._on_s,
        )

    def _reading(self, bounds: ReadingBounds, set_point: SetPoint, clock: Clock) -> Reading:
        """One reading. After a lost, garbled or impossible answer the channel is brought into
        step, and the reading says what was refused."""
        refused = ""
        for _ in range(READ_ATTEMPTS):
            try:
                reading = self._ask(bounds, set_point, clock)
                return reading._replace(refused=refused) if refused else reading
            except (TransportTimeout, scpi.ScpiReplyError) as error:
                refused = refused or error.diagnostics[0].message
                self._channel.resynchronise()
                self._require_on()
        raise LinkError.of(
            f"{READ_ATTEMPTS} readings in a row were lost or damaged, the first: {refused}",
            help="check the cable: answers are lost or damaged on the way",
            code="E517",
        )

    def _require_on(self) -> None:
        """Raises `DeviceError` for an output that went off by itself, or may have."""
        state = self._output_state()
        if state.on is None:
            raise LinkError.of(
                f"whether the output of the 2450 is on could not be read ({state.evidence})",
                help="check the cable: answers are lost or damaged on the way",
                code="E517",
            )
        if not state.on:
            raise _output_lost()
        self._raise_errors("reading")

    def _ask(self, bounds: ReadingBounds, set_point: SetPoint, clock: Clock) -> Reading:
        asked_s = clock.monotonic_s()
        raw = self._channel.query_doubled(READ, READ_AGAIN, timeout_s=READ_TIMEOUT_S, attempts=1)
        now_s = clock.monotonic_s()
        if now_s > asked_s + READ_TIMEOUT_S:  # what was passed over before it was waited for, too
            raise scpi.ScpiReplyError.of(
                f"`{raw[:80]}` came {now_s - asked_s:.2g} s after `:READ?`"
            )
        fields = raw.split(",")
        numbers = [scpi.number(field) for field in fields]
        if len(numbers) != 3 or not math.isfinite(numbers[2]):
            raise scpi.ScpiReplyError(
                Diagnostic("E517", f"`{raw[:80]}` is not a reading with its source status")
            )
        source, measured, status = numbers
        bits = int(status)
        if not bits & SOURCE_OUTPUT_ON:  # which one damaged digit can say, too: it is asked again
            raise scpi.ScpiReplyError(Diagnostic("E517", f"`{raw[:80]}` says the output is off"))
        limited = bool(bits & (SOURCE_LIMITED | SOURCE_PROTECTED))
        sources_current = set_point.function == "CURR"
        current_A, voltage_V = (source, measured) if sources_current else (measured, source)
        reading = Reading(
            time_s=now_s,
            current_A=current_A if math.isfinite(current_A) else None,
            cell_voltage_V=voltage_V if math.isfinite(voltage_V) else None,
            potential_V=None,
            regulation=Regulation.VOLTAGE if limited is sources_current else Regulation.CURRENT,
            compliance=limited,
            overload=math.isinf(current_A) or math.isinf(voltage_V),
            raw=raw,
            on_for_s=now_s - self._on_s,
            level=self._level,
            on_unsure_s=self._on_unsure_s,
        )
        if why := bounds.impossible(reading):
            raise scpi.ScpiReplyError(Diagnostic("E517", f"`{raw[:80]}` is no reading: {why}"))
        return reading

    # Ends --------------------------------------------------------------------------------------

    def _require_off(self, clock: Clock) -> None:
        state = self.output_off(clock)
        if state.on is not False:
            raise (LinkError if state.on is None else DeviceError).of(
                f"the output of the 2450 was commanded off but not read back as off "
                f"({state.evidence})",
                code="E515",
                help="press OUTPUT ON/OFF at the instrument and check that its light is out",
            )

    def _raise_errors(self, doing: str) -> None:
        """Raise what the instrument's error queue holds, if anything."""
        errors = self._channel.errors()
        if errors:
            raise DeviceError(
                *(
                    Diagnostic(
                        "E514",
                        f"the 2450 reported {code}, {text}, while {doing}",
                        help="look the number up in the event log of the instrument "
                        "(MENU > System > Event Log)",
                    )
                    for code, text in errors
                )
            )


def _same(reply: str, value: float | str) -> bool:
    """Whether a setting was read back as it was written; never, if the answer is damaged."""
    if isinstance(value, str):
        return reply.strip('"').upper() == value.strip('"')
    try:
        return math.isclose(scpi.number(reply), value, rel_tol=1e-5, abs_tol=1e-12)
    except scpi.ScpiReplyError:
        return False


def _output_lost() -> DeviceError:
    return error(
        "E518",
        "the output of the 2450 is off though its segment is running",
        "it was turned off at the front panel, by the interlock or by its overvoltage protection",
    )
