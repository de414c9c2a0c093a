"""A current that a 2450 interrupts: readings in bursts, in one message from current to current.

Between interruptions the instrument is asked for each reading. An interruption is one message,

    readings at the current; current 0; readings; the current again; readings

so that nothing of the program or the cable is in it: the instrument does one command after the
other and stamps each reading. How long a reading takes is measured before the first interruption.
The reading that comes first with no current began after the current was gone; how long before
that it was gone is not known, and taken for nothing.

`:TRACe:TRIGger`, `:TRACe:DATA?`, `:SENSe:COUNt`: 2450-901-01 Rev. B, pages 6-32 and following.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

from faradaic.diagnostics import DeviceError
from faradaic.instruments.clock import Clock
from faradaic.instruments.polling import poll
from faradaic.instruments.readings import EndReason, Point, Reading, Regulation
from faradaic.instruments.scpi import ScpiChannel, ScpiReplyError, number
from faradaic.instruments.segments import CurrentInterruptSegment
from faradaic.instruments.transports import TransportTimeout

POWER_LINE_CYCLES = 0.01
"""Of a reading in a burst, the fewest."""

BEFORE, AFTER = 8, 2
"""Readings at the current around an interruption."""

FEWEST_WITHIN, MOST_WITHIN = 6, 500

INTERRUPT_MIN_S = 0.02
"""Shortest interruption that holds `FEWEST_WITHIN` readings; an engineering guess of 3 ms each."""

BUFFER = '"defbuffer1"'
DATA_TIMEOUT_S = 3.0
SOURCE_LIMITED, SOURCE_PROTECTED, SOURCE_OUTPUT_ON = 32, 4, 128

TAKES_S = 0.15
"""What the messages around an interruption take; an engineering guess, to begin it in time."""


class InterruptedCurrent:
    """The readings of one segment whose output has gone on."""

    def __init__(
        self,
        segment: CurrentInterruptSegment,
        channel: ScpiChannel,
        clock: Clock,
        *,
        set_value: Callable[[str, float | str], None],
        read: Callable[[], Reading],
        impossible: Callable[[Reading], str],
        stopped: Callable[[], bool],
        slow_cycles: float,
    ) -> None:
        self._segment = segment
        self._channel = channel
        self._clock = clock
        self._set = set_value
        self._read = read
        self._impossible = impossible
        self._stopped = stopped
        self._slow_cycles = slow_cycles
        self._reading_s: float | None = None

    def readings(self, start_s: float) -> Generator[Reading, None, EndReason]:
        """All of them; the output has been on since `start_s`."""
        segment = self._segment
        number_of = max(0, math.floor(segment.duration_s / segment.every_s - 1e-9))
        for due in range(1, number_of + 1):
            begins_s = start_s + due * segment.every_s - segment.width_s
            if (end := (yield from self._steady(begins_s - TAKES_S))) is not EndReason.DURATION:
                return end
            yield from self._interruption(start_s)
        return (yield from self._steady(start_s + segment.duration_s))

    def _steady(self, until_s: float) -> Generator[Reading, None, EndReason]:
        now_s = self._clock.monotonic_s()
        if until_s <= now_s:
            return EndReason.STOPPED if self._stopped() else EndReason.DURATION
        return (
            yield from poll(
                self._read,
                self._clock,
                interval_s=self._segment.interval_s,
                duration_s=until_s - now_s,
                stopped=self._stopped,
            )
        )

    def _interruption(self, on_s: float) -> Generator[Reading, None, None]:
        """One interruption; where its readings came damaged, one that says so."""
        segment = self._segment
        try:
            self._set(":SENS:VOLT:NPLC", POWER_LINE_CYCLES)
            if self._reading_s is None:
                self._reading_s = self._learn()
            within = min(MOST_WITHIN, round(segment.width_s / self._reading_s))
            if within < FEWEST_WITHIN:
                raise DeviceError.of(
                    f"a reading takes the 2450 {self._reading_s:.2g} s, and an interruption of"
                    f" {segment.width_s:g} s holds fewer than {FEWEST_WITHIN} of them",
                    help=f"write at least `width: {1e3 * FEWEST_WITHIN * self._reading_s:.0f} ms`",
                    code="E512",
                )
            level = f"{segment.current_A:.9g}"
            rows, end_s = self._burst(
                f":SENS:COUN {BEFORE};:TRAC:TRIG {BUFFER};:SENS:COUN {within};:SOUR:CURR 0;"
                f":TRAC:TRIG {BUFFER};:SOUR:CURR {level};:SENS:COUN {AFTER};:TRAC:TRIG {BUFFER}",
                BEFORE + within + AFTER,
            )
            yield from self._told(rows, end_s, within, on_s)
        except (TransportTimeout, ScpiReplyError) as lost:
            self._channel.resynchronise()
            self._channel.errors()  # what was damaged on its way there
            now_s, why = self._clock.monotonic_s(), lost.diagnostics[0].message
            yield Reading.refuse(now_s, Regulation.CURRENT, "", f"an interruption was lost: {why}")
        finally:
            self._restore()

    def _restore(self) -> None:
        """Whatever came of it: the current, and single slow readings again."""
        self._set(":SOUR:CURR", self._segment.current_A)
        self._set(":SENS:COUN", 1)
        self._set(":SENS:VOLT:NPLC", self._slow_cycles)

    def _learn(self) -> float:
        """How long a reading takes, by the stamps of a burst at the current."""
        rows, _ = self._burst(f":SENS:COUN {BEFORE};:TRAC:TRIG {BUFFER}", BEFORE)
        return max(1e-4, (rows[-1][2] - rows[0][2]) / (BEFORE - 1))

    def _burst(self, commands: str, count: int) -> tuple[list[list[float]], float]:
        """Rows of source, reading, relative time and status, and when the last was there."""
        self._channel.write(f":TRAC:CLE {BUFFER};{commands}")
        there = self._channel.query(f":TRAC:ACT? {BUFFER}", DATA_TIMEOUT_S)
        end_s = self._clock.monotonic_s()
        if there != str(count):
            raise ScpiReplyError.of(f"there are {there} readings of an interruption, not {count}")
        ask = f":TRAC:DATA? 1, {count}, {BUFFER}, SOUR, READ, REL, SOURSTAT"
        fields = self._channel.query_doubled(ask, timeout_s=DATA_TIMEOUT_S).split(",")
        if len(fields) != 4 * count:
            raise ScpiReplyError.of(f"{len(fields)} values came for {count} readings")
        values = [number(field) for field in fields]
        return [values[at : at + 4] for at in range(0, len(values), 4)], end_s

    def _told(
        self, rows: list[list[float]], end_s: float, within: int, on_s: float
    ) -> Generator[Reading, None, None]:
        """The readings of a burst; the first after the interruption brings its trace."""
        assert self._reading_s is not None
        readings = [self._reading(row, end_s - rows[-1][2] + row[2], on_s) for row in rows]
        off = slice(BEFORE, BEFORE + within)
        readings[off] = [one._replace(regulation=Regulation.OFF) for one in readings[off]]
        for one in readings:
            if why := self._impossible(one):
                raise ScpiReplyError.of(f"`{one.raw}` is no reading: {why}")
        began_s = readings[BEFORE].time_s - self._reading_s
        around = readings[: BEFORE + within]
        point = Point(
            "interrupt",
            {
                "began_s": began_s,
                "width_s": readings[BEFORE + within - 1].time_s - began_s,
                "dead_time_s": 0.5 * self._reading_s,
                "time_s": [one.time_s - began_s for one in around],
                "cell_voltage_V": [one.cell_voltage_V for one in around],
                "current_A": [one.current_A for one in around],
            },
        )
        readings[BEFORE + within] = readings[BEFORE + within]._replace(point=point)
        yield from readings

    def _reading(self, row: list[float], time_s: float, on_s: float) -> Reading:
        current_A, voltage_V, _, status = row
        if not (math.isfinite(status) and int(status) & SOURCE_OUTPUT_ON):
            raise ScpiReplyError.of("a reading of an interruption says that the output is off")
        limited = bool(int(status) & (SOURCE_LIMITED | SOURCE_PROTECTED))
        return Reading(
            time_s,
            current_A if math.isfinite(current_A) else None,
            voltage_V if math.isfinite(voltage_V) else None,
            None,
            Regulation.VOLTAGE if limited else Regulation.CURRENT,
            limited,
            math.isinf(current_A) or math.isinf(voltage_V),
            ",".join(f"{value:.9g}" for value in row),
            time_s - on_s,
        )
