"""What is known of a run at its end, above all how much charge has passed: at least, as measured,
at most.

From its last reading to whatever shows that its output was off the current that the source may
have held is counted towards the upper bound; where nothing shows it there is no upper bound.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from faradaic.input_files import read_file
from faradaic.records.journal import Event
from faradaic.records.run import Run

DEVICE_LOG = "device_host.jsonl"
"""In the run folder: what the device host did that no journal may hold."""

SAME_CLOCK_S = 2.0
"""A time by the monotonic clock and the same by the wall clock differ by less than this, unless
the computer was started again or a clock was set."""

SAME_MOMENT_S = 1e-3


@dataclass(frozen=True, slots=True)
class LastKnown:
    """A run at its end; times on its own scale."""

    time_s: float
    """Of its last record."""
    utc: datetime | None
    """Of the same."""
    low_C: float
    """Gross charge of the run: at least, as measured, at most (None: nothing bounds it)."""
    measured_C: float
    high_C: float | None
    net_C: float
    unwatched_s: float | None
    """From the last reading until the output was off; 0 where it was off before, None where
    nobody knows."""
    bounded_by: str
    """What shows until when the output may have been on."""
    output: Mapping[str, Any]
    """Whether it is `on`, and the `evidence`."""
    off_s: float | None = None
    """When it was off, where something shows it."""


@dataclass(frozen=True, slots=True)
class _Off:
    """When the output was off, and how that is known."""

    time_s: float
    evidence: str


def last_known(run: Run, output_off: datetime | None = None) -> LastKnown:
    """What is known of a run at its end; `output_off` is when a person saw its output off."""
    time_s = run.contents.last_s or 0.0
    utc = _utc_at(run, time_s)
    stop, output = run.stop, run.stop.get("output") or {}
    read_s, current_A, measured_C, net_C = _last_reading(run)
    below_C, above_C = _bounds(run)
    if stop:
        measured_C, net_C = (
            _number(stop.get(f"charge_{which}_C"), read)
            for which, read in (("gross", measured_C), ("net", net_C))
        )
        low_C = max(0.0, _number(stop.get("charge_low_C"), measured_C - below_C))
        high_C = stop.get("charge_high_C")
        if output.get("on") is False:
            how = str(stop.get("charge_bounded_by") or "the output was read back off at its end")
            left_s = stop.get("unwatched_s", 0.0)
            return LastKnown(time_s, utc, low_C, measured_C, high_C, net_C, left_s, how, output)
        above_C = max(above_C, _number(high_C, measured_C) - measured_C)
    else:
        low_C = max(0.0, measured_C - below_C)  # bounds go on where samples are not kept
    mark = _last_on(run)
    if mark is None:
        how = "its output was off when it ended"
        told = {"on": False, "evidence": "it was off at the last record"}
        return LastKnown(
            time_s, utc, low_C, measured_C, measured_C + above_C, net_C, 0.0, how, told
        )
    since_s = max(read_s, mark.time_s)
    off = _off(run, mark.time_s, since_s, output_off)
    if off is not None:
        unwatched_s = max(0.0, off.time_s - since_s)
        high_C = measured_C + above_C + _most_A(mark, current_A) * unwatched_s
        told = {"on": False, "evidence": off.evidence}
        return LastKnown(
            time_s,
            utc,
            low_C,
            measured_C,
            high_C,
            net_C,
            unwatched_s,
            off.evidence,
            told,
            off.time_s,
        )
    if _ended_with_its_program(run):
        how = "the simulated cell ended with its program, within the step"
        high_C = max(measured_C + above_C, _end_of_step_C(run, measured_C))
        told = {"on": False, "evidence": "the simulated instrument ended with its program"}
        return LastKnown(time_s, utc, low_C, measured_C, high_C, net_C, None, how, told)
    told = {"on": None, "evidence": "nothing tells when the output went off"}
    how = "nothing tells when the output went off"
    return LastKnown(time_s, utc, low_C, measured_C, None, net_C, None, how, told)


def passed_before_C(run: Run, index: int) -> tuple[float, float]:
    """Gross and net charge of the steps before one, by its index in the plan."""
    stops = [
        e.fields for e in run.contents.of_kind("step_stop") if e.fields.get("index", 0) < index
    ]
    gross_C, net_C = (
        math.fsum(_number(stop.get(key), 0.0) for stop in stops)
        for key in ("charge_gross_C", "charge_net_C")
    )
    return gross_C, net_C


def _last_reading(run: Run) -> tuple[float, float, float, float]:
    """Time and current of the last sample with one (a line that was refused has none), and the
    charge that had been counted last."""
    import numpy as np

    columns = run.columns
    time_s = current_A = gross_C = net_C = 0.0
    if "time_s" in columns:
        measured = np.flatnonzero(np.isfinite(columns["current_A"]))
        if measured.size:
            time_s, current_A = (float(columns[n][measured[-1]]) for n in ("time_s", "current_A"))
        gross_C, net_C = (run.last(name) or 0.0 for name in ("charge_gross_C", "charge_net_C"))
    for event in run.contents.of_kind("mark"):  # they count readings that were not kept
        if (told_C := _number(event.fields.get("charge_gross_C"), 0.0)) > gross_C:
            gross_C, net_C = told_C, _number(event.fields.get("charge_net_C"), net_C)
    return time_s, current_A, gross_C, net_C


def _bounds(run: Run) -> tuple[float, float]:
    """By how much the measured gross charge may be too high and too low, as last recorded."""
    told = run.contents.last("charge_bounds")
    fields = told.fields if told else {}
    return _number(fields.get("below_C"), 0.0), _number(fields.get("above_C"), 0.0)


def _last_on(run: Run) -> Event | None:
    """The mark after which the output may have been on until the end; None where it was off."""
    found = None
    for event in run.contents.of_kind("mark"):
        if event.fields.get("what") == "output_on_intent":
            found = event
        elif event.fields.get("what") == "output_off" and event.fields.get("on") is False:
            found = None
    return found


def _most_A(mark: Event, current_A: float) -> float:
    """What the source may have let pass: what it held or limited at, or was last seen to."""
    segment = mark.fields.get("segment") or {}
    held = [segment.get(key) for key in ("current_A", "bias_A", "current_limit_A")]
    held += [
        value for regulates, value, *_ in segment.get("levels") or () if regulates == "current"
    ]
    if segment.get("regulation") == "current":
        held += [segment.get(key) for key in ("begin", "end")]
    return max([abs(current_A), *(abs(float(v)) for v in held if isinstance(v, int | float))])


def _off(run: Run, on_s: float, since_s: float, stated: datetime | None) -> _Off | None:
    """When the output was off after a time: as the device host says, else as a person does.

    It was told to go on at `on_s`. An instrument that went off by itself did so at its last
    reading, by clocks that round.
    """
    for entry in _device_log(run.folder):
        if entry.get("on") is not False or entry.get("what") not in ("output_off", "interruption"):
            continue
        off_s = _on_the_scale_of(run, entry)
        if entry["what"] == "output_off" and off_s is not None and off_s < on_s:
            # it had never gone on since it was off before; it was read back off when this was told
            read_back = {key: one for key, one in entry.items() if key not in ("since_s", "by_s")}
            off_s = _on_the_scale_of(run, read_back)
        # What was interrupted at the moment it went on is the segment before.
        rounds_s = 1e-6 if entry["what"] == "output_off" else -1e-6
        if off_s is not None and off_s >= max(on_s - rounds_s, since_s - SAME_MOMENT_S):
            return _Off(off_s, f"the device host: {entry.get('evidence', '')}")
    if stated is not None and (last := _utc_at(run, since_s)) is not None:
        off_s = since_s + max(0.0, (stated - last).total_seconds())
        return _Off(off_s, f"stated: off at {stated.isoformat()}")
    return None


def _device_log(folder: Path | None) -> Iterator[Mapping[str, Any]]:
    """The lines of the device host's log that can be read."""
    if folder is None or (folder / DEVICE_LOG).is_symlink():
        return
    try:
        lines = read_file(folder / DEVICE_LOG).splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry


def _on_the_scale_of(run: Run, entry: Mapping[str, Any]) -> float | None:
    """A time of the device host in seconds since the run began.

    By the monotonic clock, which both read; by the wall clock where that was another one.
    """
    ties = [e for e in run.contents.of_kind("clock") if "mono_s" in e.fields]
    by_wall_s = None
    try:
        told = datetime.fromisoformat(str(entry.get("utc")))
    except ValueError:
        told = None
    if told is not None and (zero := _utc_at(run, 0.0)) is not None:
        by_wall_s = (told - zero).total_seconds()
    mono_s = entry.get("mono_s")
    if ties and isinstance(mono_s, int | float):
        offset_s = _number(ties[-1].fields["mono_s"], 0.0) - ties[-1].time_s
        by_mono_s = mono_s - offset_s
        if by_wall_s is None or abs(by_mono_s - by_wall_s) < SAME_CLOCK_S:
            ends = [entry.get(key) for key in ("by_s", "since_s")]
            off_s = next((end_s for end_s in ends if isinstance(end_s, int | float)), mono_s)
            return off_s - offset_s
    return by_wall_s


def _utc_at(run: Run, time_s: float) -> datetime | None:
    """The wall clock at a time of the run, from the last record that ties the two together."""
    ties = [(e.time_s, e.fields.get("utc")) for e in run.contents.of_kind("clock")]
    for tied_s, utc in reversed([(0.0, run.header.get("utc")), *ties]):
        try:
            told = datetime.fromisoformat(str(utc))
        except ValueError:
            continue
        told = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
        return told + timedelta(seconds=time_s - tied_s)
    return None


def _ended_with_its_program(run: Run) -> bool:
    """Whether the instrument was simulated in the process that is gone."""
    if run.folder is None or not run.simulated:
        return False
    try:
        text = read_file(run.folder / "bench.yaml").decode(errors="replace")
    except OSError:
        return False
    return "emulated://" in text


def _end_of_step_C(run: Run, measured_C: float) -> float:
    """The gross charge of the run at which its last step was to end at the latest."""
    started = run.contents.last("step_start")
    steps = (run.plan or {}).get("steps") or []
    index = started.fields.get("index") if started else None
    if not isinstance(index, int) or index >= len(steps):
        return measured_C
    step = steps[index]
    ends = [
        _number(one.get("at_least"), math.inf)
        for one in step.get("until", ())
        if one.get("signal") == "charge_C" and not one.get("since")
    ]
    before_C, _ = passed_before_C(run, index)
    return before_C + min([_number(step.get("charge_cap_C"), measured_C), *ends])


def _number(value: Any, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise
