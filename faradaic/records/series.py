"""Series of their own kind in a journal: spectra, pulse voltammograms, interrupted currents.

Their records are events of the kinds of `SERIES`, one for each frequency, stair or interruption,
between the samples; a segment that began again makes another series.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faradaic.records.journal_reading import Event

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from faradaic.records.run import Run

SERIES_BEHIND = "series_behind"
"""Of a note: the next segment goes on with a series, of which so many points lie behind."""
IMPEDANCE, PULSE, INTERRUPT = "impedance", "pulse", "interrupt"

_OF_SERIES = {"step": "1", "series": "1", "time_s": "s"}


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """What a kind of series is as a table of the run folder."""

    name: str
    """Of its files."""
    units: Mapping[str, str]
    """Of its columns beside `step`, `series` (its number in the run, from 1) and `time_s`."""
    descriptions: Mapping[str, str]

    @property
    def all_units(self) -> Mapping[str, str]:
        """Get the units of all columns."""
        return {**_OF_SERIES, **self.units}


SERIES: Mapping[str, SeriesTable] = {
    IMPEDANCE: SeriesTable(
        "spectra",
        {
            "frequency_Hz": "Hz",
            "impedance_real_ohm": "ohm",
            "impedance_imag_ohm": "ohm",
            "status": "1",
            "range_index": "1",
        },
        {
            "impedance_imag_ohm": "Z'' itself: negative for a capacitive cell",
            "status": "of the instrument: bit 1 overload, bit 3 overload warning",
            "range_index": "of the instrument's current ranges",
        },
    ),
    PULSE: SeriesTable(
        "pulses",
        {"potential_V": "V", "forward_A": "A", "reverse_A": "A", "difference_A": "A"},
        {
            "potential_V": "of the stair, against the connected reference electrode",
            "forward_A": "at the end of the half, or of the pulse, ahead of the stair",
            "reverse_A": "at the end of the half behind it, or before the pulse",
            "difference_A": "forward less reverse",
        },
    ),
    INTERRUPT: SeriesTable(
        "interrupts",
        {
            "began_s": "s",
            "width_s": "s",
            "dead_time_s": "s",
            "since_s": "s",
            "cell_voltage_V": "V",
            "current_A": "A",
        },
        {
            "began_s": "when the current was turned off, since the run began",
            "dead_time_s": "for how long afterwards the voltage is not to be used",
            "since_s": "time since the current was turned off",
        },
    ),
}
"""By the kind of their records."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series: records of one kind of a step, in segments that go on with each other."""

    kind: str
    number: int
    """Among those of its kind in the run, from 1."""
    step: int
    """Index of the step in the plan."""
    records: tuple[Event, ...]

    def column(self, name: str) -> NDArray[np.float64]:
        """(n,), a field of the records; NaN where it is missing."""
        import numpy as np

        return np.array([_number(one.fields.get(name)) for one in self.records])


def series_of(run: Run, kind: str) -> tuple[Series, ...]:
    """The series of a kind in a run, in order."""
    return tuple(_found(run, kind))


def _found(run: Run, kind: str) -> Iterator[Series]:
    number = 0
    records: list[Event] = []
    goes_on = False
    for event in (*run.events, None):
        if event is not None and SERIES_BEHIND in event.fields:
            goes_on = True
        begins = event is None or event.fields.get("what") == "output_on_intent"
        if begins and goes_on and event is not None:
            goes_on = begins = False
        if begins and records:
            number += 1
            yield Series(kind, number, int(records[0].fields.get("step", 0)), tuple(records))
            records = []
        if event is not None and event.kind == kind:
            records.append(event)


def table_columns(run: Run, kind: str) -> Mapping[str, list[Any]]:
    """The series of a kind as columns of one table; empty where there is none."""
    names = SERIES[kind].all_units
    rows = [row for series in series_of(run, kind) for row in _rows(series)]
    return {name: [row.get(name) for row in rows] for name in names} if rows else {}


def _rows(series: Series) -> Iterator[Mapping[str, Any]]:
    for record in series.records:
        told = {"step": series.step, "series": series.number, "time_s": record.time_s}
        told |= record.fields
        trace = record.fields.get("time_s")
        if not isinstance(trace, list):
            yield told
            continue
        columns = [record.fields.get(name) or [] for name in ("cell_voltage_V", "current_A")]
        for since_s, voltage_V, current_A in zip(trace, *columns, strict=False):
            yield told | {
                "time_s": record.fields["began_s"] + since_s,
                "since_s": since_s,
                "cell_voltage_V": voltage_V,
                "current_A": current_A,
            }


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
