"""Keithley 2450 SourceMeter, in its native SCPI command set, over any transport.

HI goes to the working electrode (the anode of an electrolysis), LO to the counter electrode: a
positive source current is then anodic at the working electrode, and no sign changes here.

Each reading is one exchange, `:READ? "defbuffer1", SOUR, READ, SOURSTAT`. With source read-back on
the instrument measures the sourced quantity immediately before the other one, and the source
status belongs to this very reading: it says whether the output was on and whether the limit held
it. A separate `:SOUR:CURR:VLIM:TRIP?` would cost a second exchange and tell of a later moment.

The instrument is never reset (`*RST`): that would put the output-off state back to NORMal, which
holds 0 V across the cell and discharges it. Everything a segment needs is set and read back.

Sources: Keithley 2450 reference manual, 2450-901-01 Rev. B (2013), pages 2-83, 6-6, 6-32, 6-71,
6-77 and 8-29.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from faradaic.diagnostics import DeviceError, Diagnostic
from faradaic.instruments import scpi
from faradaic.instruments.capabilities import Capabilities, Mode, Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.polling import poll
from faradaic.instruments.readings import Identity, OutputState, Reading, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltage,
    ConstantCurrent,
    OpenCircuit,
    Segment,
)
from faradaic.instruments.traits import ReadingStream
from faradaic.instruments.transports import Transport, TransportClosed, TransportTimeout

VOLTAGE_RANGES_V = (0.02, 0.2, 2.0, 20.0, 200.0)
SMALLEST_VOLTAGE_LIMIT_V = 0.02
SMALLEST_CURRENT_LIMIT_A = 1e-8
POWER_LINE_CYCLES = 1.0
READ = b':READ? "defbuffer1", SOUR, READ, SOURSTAT\n'

SOURCE_LIMITED = 32
SOURCE_OUTPUT_ON = 128


@dataclass(frozen=True, slots=True)
class _SetPoint:
    """What the source holds: a current within a voltage, or a voltage within a current."""

    function: str
    """`CURR` or `VOLT`; the other one is measured."""
    level: float
    limit: float
    range: float


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
            {Mode.OPEN_CIRCUIT, Mode.CONSTANT_CURRENT, Mode.CONSTANT_CELL_VOLTAGE},
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
        on_host_death="The output stays on at the last set-point, within the voltage limit, until "
        "someone turns it off: the instrument has no watchdog.",
        tier=Tier.MANUAL,
    )

    def __init__(self, transport: Transport, *, four_wire: bool = False) -> None:
        self._channel = scpi.ScpiChannel(transport)
        self._four_wire = four_wire
        self._stopped = False

    def connect(self, clock: Clock) -> Identity:
        """Identify the instrument, check its command set and leave its output off and open.

        Raises `DeviceError`.
        """
        channel = self._channel
        channel.transport.drain(scpi.QUIET_S)
        identity = scpi.identity(channel.query("*IDN?"))
        if identity.model.upper().removeprefix("MODEL").strip() != self.capabilities.model:
            raise _error(
                "E511",
                f"{channel.transport.address} is a {identity.manufacturer} {identity.model}, "
                "not a Keithley 2450",
                "correct the address or the driver in the bench file; `faradaic devices` lists "
                "the drivers",
            )
        language = channel.query("*LANG?")
        if language != "SCPI":
            raise _error(
                "E510",
                f"the 2450 speaks its `{language}` command set, not SCPI",
                "on its screen choose MENU > System > Settings > Command Set > SCPI, then switch "
                "it off and on again",
            )
        channel.resynchronise()
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
        At its limit it holds the limit, and readings go on with `compliance` set. Raises
        `DeviceError`.
        """
        self._stopped = False
        set_point = self._set_point(segment)
        if segment.interval_s < self.capabilities.interval_min_s:  # type: ignore[union-attr]
            raise AssertionError
        try:
            self._configure(set_point)
            self._raise_errors("setting up")
            self._set(":OUTP", "1")
            end = yield from poll(
                lambda: self._reading(set_point, clock),
                clock,
                interval_s=1,
                duration_s=1,
                stopped=lambda: self._stopped,
            )
        except GeneratorExit:
            self._require_off(clock)
            raise
        except BaseException:
            self.output_off(clock)
            raise
        self._require_off(clock)
        self._raise_errors("running")
        return end
