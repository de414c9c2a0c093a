"""What the engine writes into the journal: one method per kind of event, one time base.

Times are seconds since the run began, on the bench's monotonic clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from faradaic.diagnostics import StorageError
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import OutputState, Reading, Regulation
from faradaic.instruments.segments import Segment
from faradaic.records.series import SERIES_BEHIND
from faradaic.runner.bench_ports import Interruption
from faradaic.runner.clock_watch import ClockWatch
from faradaic.runner.watch import Crossing

COLUMNS = (
    ("time_s", "s"),
    ("step", "1"),
    ("current_A", "A"),
    ("cell_voltage_V", "V"),
    ("potential_V", "V"),
    ("charge_gross_C", "C"),
    ("charge_net_C", "C"),
    ("flags", "1"),
    ("regulation", "1"),
)
"""The columns of a sample. flags: bit 0 compliance, bit 1 overload."""

LEVEL_COLUMNS = (("level", "1"), ("energy_J", "J"))
"""Further columns of runs with levels in turn: which one, and the energy up to then."""

REGULATION_CODE = {
    Regulation.OFF: 0,
    Regulation.CURRENT: 1,
    Regulation.VOLTAGE: 2,
    Regulation.POTENTIAL: 3,
}

CLOCK_EVERY_S = 60.0


class JournalSink(Protocol):
    """The part of a journal writer that the logbook uses."""

    def write(
        self, kind: str, time_s: float, fields: Mapping[str, Any], *, durable: bool = False
    ) -> int: ...

    def sample(self, time_s: float, values: tuple[float | int | None, ...]) -> int: ...


class Logbook:
    """The journal of one run, written from the engine."""

    def __init__(
        self,
        journal: JournalSink,
        clock: Clock,
        columns: Sequence[tuple[str, str]] = (),
        values: Callable[[], tuple[float | None, ...]] = tuple,
        *,
        of_levels: bool = False,
    ) -> None:
        """`columns` that a sample has beside `COLUMNS`, with units, and their values of now;
        `of_levels`: a step has levels in turn."""
        self._journal = journal
        self._of_levels = of_levels
        self._columns = (*COLUMNS, *(LEVEL_COLUMNS if of_levels else ()), *columns)
        self._more = values
        self._clock = clock
        self._start_s = clock.monotonic_s()
        self._next_clock_s = 0.0
        self._clocks = ClockWatch(clock)
        self._bounds = (0.0, 0.0)
        self._last: tuple[float, float, float | None] = (0.0, 0.0, 0.0)
        """Gross and net charge of the last sample."""
        self.samples = 0
        self.on_sleep: Callable[[float], None] = lambda duration_s: None
        """Told for how long the computer slept."""

    def now_s(self) -> float:
        """Seconds since the run began."""
        return self._clock.monotonic_s() - self._start_s

    def since_start_s(self, monotonic_s: float) -> float:
        """A time of the bench's clock on the run's own scale."""
        return monotonic_s - self._start_s

    def end(self, remarks: Sequence[str], record: Mapping[str, Any]) -> None:
        """The last records of a run, as far as the disk takes them; never raises for the disk.

        A journal says once that its disk is full (E602); what it had kept for its end takes that
        all the same.
        """
        for text in remarks:
            self._kept("note", {"text": text})
        self._kept("run_stop", record, durable=True)

    def _kept(self, kind: str, fields: Mapping[str, Any], *, durable: bool = False) -> None:
        for _ in range(2):
            try:
                return self.event(kind, fields, durable=durable)
            except StorageError as error:
                if error.diagnostics[0].code != "E602":
                    return None
        return None

    def event(
        self,
        kind: str,
        fields: Mapping[str, Any],
        *,
        time_s: float | None = None,
        durable: bool = False,
    ) -> None:
        """Any record but a sample, of now or of another time of the run."""
        self._journal.write(
            kind, self.now_s() if time_s is None else time_s, fields, durable=durable
        )

    def begin(self, header: Mapping[str, Any]) -> None:
        """The run's header and the columns of its samples."""
        self.event("run_start", {**header, "utc": self._utc().isoformat()}, durable=True)
        self.event("columns", {"columns": [{"name": n, "unit": u} for n, u in self._columns]})
        self.event("clock", self._times())

    def charge_bounds(self, below_C: float, above_C: float) -> None:
        """By how much the gross charge of the samples may be too high and too low, where that
        has changed: of a run that dies its last samples alone would not tell."""
        if (below_C, above_C) != self._bounds:
            self._bounds = (below_C, above_C)
            self.event("charge_bounds", {"below_C": below_C, "above_C": above_C})

    def reading(
        self, reading: Reading, step: int, booked: tuple[float, float, float | None]
    ) -> None:
        """One sample, with gross and net charge and energy up to it, and every minute a record
        that ties the clocks together; at once, where one of them was set or the computer slept."""
        time_s = reading.time_s - self._start_s
        self._journal.sample(
            time_s,
            (
                time_s,
                step,
                reading.current_A,
                reading.cell_voltage_V,
                reading.potential_V,
                *booked[:2],
                reading.compliance | reading.overload << 1,
                REGULATION_CODE[reading.regulation],
                *self._of_level(reading, booked[2]),
                *self._more(),
            ),
        )
        self._last = booked
        self.samples += 1
        change = self._clocks.change()
        if change is not None or time_s >= self._next_clock_s:
            self._next_clock_s = time_s + CLOCK_EVERY_S
            told = {key: value for key, value in asdict(change).items() if value} if change else {}
            self.event("clock", {**self._times(), **told})
        if change is not None and change.asleep_s:
            self.on_sleep(change.asleep_s)

    def point(self, reading: Reading, step: int) -> None:
        """What a reading brought beside its values, as a record of its own kind."""
        if reading.point is None:
            return
        values = dict(reading.point.values)
        if "began_s" in values:
            values["began_s"] = self.since_start_s(values["began_s"])
        time_s = self.since_start_s(reading.time_s)
        self.event(reading.point.kind, {"step": step, **values}, time_s=time_s)

    def series_goes_on(self, text: str, behind: int) -> None:
        """The next segment goes on with a series after the points that lie behind."""
        self.event("note", {"text": text, "by": "the run", SERIES_BEHIND: behind})

    def unmeasured(self, time_s: float, step: int) -> None:
        """A sample where the source measures nothing: what the devices around the cell report."""
        nothing = Reading(time_s, None, None, None, Regulation.OFF, False, False, "")
        self.reading(nothing, step, self._last)

    def _of_level(self, reading: Reading, energy_J: float | None) -> tuple[float | None, ...]:
        """The values of `LEVEL_COLUMNS`, where the run has them."""
        if not self._of_levels:
            return ()
        return (reading.level, None if reading.level is None else energy_J)

    def limit(self, crossing: Crossing, reading: Reading) -> None:
        """A hard limit that a reading crossed."""
        limit = crossing.limit
        fields = {
            "text": limit.text,
            "signal": limit.signal.value,
            "value": crossing.value,
            "threshold": limit.at_least,
            "set_by": limit.set_by,
            "raw": reading.raw,
        }
        time_s = self.since_start_s(reading.time_s)
        self.event("limit", fields, time_s=time_s, durable=True)

    def interruption(self, gap: Interruption, now_s: float) -> None:
        """The bench was out of reach, or nobody took its readings; its output is off."""
        fields = {
            "why": gap.why,
            "lost_s": self.since_start_s(gap.lost_s),
            "back_s": self.since_start_s(gap.back_s),
            "away_s": now_s - gap.lost_s,
            "attempts": gap.attempts,
            "evidence": gap.evidence,
        }
        self.event("interruption", fields, durable=True)

    def output_on_intent(self, segment: Segment) -> None:
        """Write-ahead: on disk before the command that can make current flow is sent."""
        values = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(segment).items()
        }
        fields = {"what": "output_on_intent", "mode": segment.mode, "segment": values}
        self.event("mark", fields, durable=True)

    def output_off(self, state: OutputState, gross_C: float, net_C: float) -> None:
        """What the output answered after it was commanded off, since when it had been off, and
        the charge of the run by then: the last readings may not have been kept."""
        fields: dict[str, Any] = {"what": "output_off", "on": state.on}
        fields["evidence"] = state.evidence
        fields |= {"charge_gross_C": gross_C, "charge_net_C": net_C}
        if state.since_s is not None:
            fields["since_s"] = self.since_start_s(state.since_s)
        self.event("mark", fields, durable=True)

    def _times(self) -> dict[str, Any]:
        """What the clocks say now."""
        times = {"utc": self._utc().isoformat(), "mono_s": self._clock.monotonic_s()}
        boottime_s = self._clocks.boottime_s()
        return times if boottime_s is None else {**times, "boottime_s": boottime_s}

    def _utc(self) -> datetime:
        return self._clock.utc()
