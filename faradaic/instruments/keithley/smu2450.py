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
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

from annotated_types import Interval

from faradaic.diagnostics import DeviceError
from faradaic.instruments import scpi
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.keithley.interrupted_current import INTERRUPT_MIN_S, InterruptedCurrent
from faradaic.instruments.keithley.smu2450_settings import settings_of
from faradaic.instruments.marked_source import MarkedSource
from faradaic.instruments.polled_source import Measured
from faradaic.instruments.readings import Identity, Reading, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    CurrentInterruptSegment,
    LevelsSegment,
    OpenCircuitSegment,
    Segment,
    StaircaseSegment,
)
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.traits import ReadingStream
from faradaic.instruments.transports import Transport

POWER_LINE_CYCLES = 1.0
READ, READ_AGAIN = (f':{word}? "defbuffer1", SOUR, READ, SOURSTAT' for word in ("READ", "FETC"))
"""A reading, and the same one from its buffer: a reading has no check sum."""
READ_TIMEOUT_S = 1.0
"""For 41 ms of measuring, and a change of range."""

LEVEL_MIN_S = 0.25
"""Of a level that the program times: to set it and read it twice. (A list that the instrument runs
by itself would be faster, and ends with the output off.)"""

SOURCE_PROTECTED = 4
"""Of later instruments of the series (2461-901-01, page 8-31)."""
SOURCE_LIMITED = 32
SOURCE_OUTPUT_ON = 128


class Keithley2450(MarkedSource):
    """The 2450 as a galvanostat and cell-voltage source; see `faradaic.instruments.traits.Source`.

    It works inside the 20 V, 1 A region of its output. (The other region, 200 V at 100 mA, is not
    offered.) Open circuit is a current of 0 A in the smallest range with the output on, since the
    instrument cannot measure behind its open relay; the readings say so by `Regulation.CURRENT`.
    """

    capabilities = Capabilities(
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
        off_state=OffState.OPEN,
    )

    VOLTAGE_RANGES_V: ClassVar[tuple[float, ...]] = (0.02, 0.2, 2.0, 20.0, 200.0)
    TOLD_OFF = ":OUTP OFF"
    ASKED_OUTPUT = ":OUTP?"
    OUTPUT: ClassVar[Mapping[str, bool]] = {"0": False, "OFF": False, "1": True, "ON": True}
    READ_TIMEOUT_S = READ_TIMEOUT_S
    OFF_HELP = "press OUTPUT ON/OFF at the instrument and check that its light is out"
    LOST_HELP = (
        "it was turned off at the front panel, by the interlock or by its overvoltage protection"
    )
    ERROR_HELP = "look the number up in the event log of the instrument (MENU > System > Event Log)"

    def __init__(
        self,
        transport: Transport,
        *,
        four_wire: bool = False,
        nplc: Annotated[float, Interval(ge=0.01, le=2.0)] = POWER_LINE_CYCLES,
    ) -> None:
        """`four_wire`: the sense leads are connected; `nplc`: power line cycles of a reading."""
        super().__init__(transport)
        self._four_wire = four_wire
        self._nplc = nplc
        self._notes: list[str] = []

    def notes(self) -> tuple[str, ...]:
        """What had to be asked or told again, or was found on, since the last call."""
        notes, self._notes = self._notes, []
        return (*notes, *super().notes())

    def _identify(self) -> Identity:
        """Find out who answers, and in which command set. Raises `DeviceError`."""
        channel = self._channel
        channel.marked = False
        channel.write("")  # ends a command that an earlier program may have left half sent
        channel.transport.drain(scpi.QUIET_S)
        identity = scpi.identity(channel.query_surely("*IDN?"))
        model = self.capabilities.model
        if identity.model.upper().removeprefix("MODEL").strip() != model:
            raise DeviceError.of(
                f"{channel.transport.address} is a {identity.manufacturer} {identity.model}, "
                f"not a Keithley {model}",
                help="correct the address or the driver in the bench file; `faradaic devices` lists"
                " the drivers",
                code="E511",
            )
        language = channel.query_surely("*LANG?")
        if language != "SCPI":
            raise DeviceError.of(
                f"the {model} speaks its `{language}` command set, not SCPI",
                help="on its screen choose MENU > System > Settings > Command Set > SCPI, then"
                " switch it off and on again",
                code="E510",
            )
        channel.resynchronise()
        channel.marked = True
        channel.write("*CLS")
        return identity

    def _leave_off(self, identity: Identity, clock: Clock) -> None:
        """Off states first: an output that was left on then opens instead of holding 0 V."""
        self._set(":OUTP:CURR:SMOD", "HIMP")
        self._set(":OUTP:VOLT:SMOD", "HIMP")
        found = self._output_state()
        self._require_off(clock)
        if found.on:
            self._notes.append(
                f"the output of the {self.capabilities.model} was on when it was connected"
                f" ({found.evidence}), and was turned off"
            )

    def _switch_on(self) -> None:
        self._set(":OUTP", 1)

    # From segments to settings -----------------------------------------------------------------

    def _configure(self, held: SetPoint) -> None:
        """Set everything that the segment depends on and read it back. Raises `DeviceError`."""
        ranges_A = self.capabilities.current_ranges_A
        settings = settings_of(held, ranges_A, self.VOLTAGE_RANGES_V)
        source, sense = settings.function, settings.measured
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
        self._set(f":SOUR:{source}:RANG", settings.range)
        self._set(f":SOUR:{source}:{limit}", settings.limit)
        self._set(f":SOUR:{source}", settings.level)
        # In effect whatever is sourced, and written of voltage alone (2461-901-01, page 8-189).
        self._set(":SOUR:VOLT:PROT", settings.protection)

    def _change(self, held: SetPoint, value: float) -> None:
        function = "VOLT" if held.regulation is Regulation.VOLTAGE else "CURR"
        self._set(f":SOUR:{function}", value)

    def _set(self, header: str, value: float | str) -> None:
        """Write one setting and read it back. Raises `DeviceError` if it is not what was asked."""
        text = value if isinstance(value, str) else f"{value:.9g}"

        def ask() -> str | None:
            reply = self._channel.query(f"{header}?")
            return None if _same(reply, value) else reply

        command = f"{header} {text}"
        self.settle(command, lambda: self._channel.write(command), ask)

    # Readings ----------------------------------------------------------------------------------

    def _stream(
        self, segment: Segment, held: SetPoint, clock: Clock, read: Callable[[], Reading]
    ) -> ReadingStream:
        if not isinstance(segment, CurrentInterruptSegment):
            return super()._stream(segment, held, clock, read)
        return InterruptedCurrent(
            segment,
            self._channel,
            clock,
            set_value=self._set,
            read=read,
            impossible=lambda reading: self.capabilities.impossible(reading, segment),
            stopped=self._is_told,
            slow_cycles=POWER_LINE_CYCLES,
        ).readings(self._on_s)

    def _measure(self, held: SetPoint) -> Measured:
        raw = self._channel.query_doubled(READ, READ_AGAIN, timeout_s=READ_TIMEOUT_S, attempts=1)
        fields = raw.split(",")
        numbers = [scpi.number(field) for field in fields]
        if len(numbers) != 3 or not math.isfinite(numbers[2]):
            raise scpi.ScpiReplyError.of(f"`{raw[:80]}` is not a reading with its source status")
        source, measured, status = numbers
        bits = int(status)
        if not bits & SOURCE_OUTPUT_ON:  # which one damaged digit can say, too: it is asked again
            raise scpi.ScpiReplyError.of(f"`{raw[:80]}` says the output is off")
        limited = bool(bits & (SOURCE_LIMITED | SOURCE_PROTECTED))
        sources_current = held.regulation is not Regulation.VOLTAGE
        current_A, voltage_V = (source, measured) if sources_current else (measured, source)
        return Measured(
            current_A if math.isfinite(current_A) else None,
            voltage_V if math.isfinite(voltage_V) else None,
            Regulation.VOLTAGE if limited is sources_current else Regulation.CURRENT,
            limited,
            raw,
            overload=math.isinf(current_A) or math.isinf(voltage_V),
        )


def _same(reply: str, value: float | str) -> bool:
    """Whether a setting was read back as it was written; never, if the answer is damaged."""
    if isinstance(value, str):
        return reply.strip('"').upper() == value.strip('"')
    try:
        return math.isclose(scpi.number(reply), value, rel_tol=1e-5, abs_tol=1e-12)
    except scpi.ScpiReplyError:
        return False
