"""A run whose program died, or that ended early: closed, told in words, and what is left of it.

Nothing here switches anything on. The journal is never changed: what closes it is a further part.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from faradaic.diagnostics import DeviceError, Diagnostic, InputError, refusal
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import LoadedProtocol, load_protocol, validate_protocol
from faradaic.protocols.plan import Then
from faradaic.protocols.schema import Repeat, Step
from faradaic.quantities import format_duration, format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.records.derive import derive
from faradaic.records.folder import LOCK_NAME
from faradaic.records.journal import Event
from faradaic.records.run import Run, load_run
from faradaic.records.sealing import seal
from faradaic.runner.bench_file import load_bench
from faradaic.runner.bench_lock import holder_of
from faradaic.runner.continuation import Continuation, Passed, Place
from faradaic.runner.last_known import LastKnown, last_known, passed_before_C
from faradaic.runner.states import RunState

Taken = Literal["low", "measured", "high"]
"""Which charge counts as passed in a continuation."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What has been found out and done."""

    run: Run
    known: LastKnown
    sealed: Path | None
    """The part that closed the journal just now."""
    lost: tuple[str, ...]
    """What is lost, or how it ended, in sentences."""
    taken: Taken
    taken_C: float | None
    """The gross charge of this run that the continuation takes as passed."""
    bench: str
    """What `faradaic run --bench` takes."""
    text: str = ""
    """The continuation; empty where there is none."""
    none_because: str = ""
    """Why there is none."""
    notes: tuple[str, ...] = ()
    """What could not be continued as it was."""
    findings: tuple[Diagnostic, ...] = field(default=())
    """Of the continuation, planned on the same bench."""


def recover(
    folder: Path, taken: Taken | None = None, output_off: datetime | None = None
) -> Recovery:
    """Close the journal of a run that died, and write what is left of its protocol.

    `taken`: which charge counts as passed; `output_off`: when a person saw its output off. Raises
    `InputError` for a run that is alive (E612) or is none, `StorageError` where it cannot be
    closed.
    """
    run = load_run(folder)
    if run.folder is None:
        raise refusal("E605", f"{run.journal} is a journal alone", "give its run folder")
    sealed = None
    if not run.stop:
        run, sealed = _closed(run.folder, output_off)
    known = last_known(run, output_off)
    if taken is None:
        on_board = known.output.get("evidence", "").startswith("the simulated instrument")
        taken = "measured" if on_board else "high"
    told = Recovery(
        run, known, sealed, tuple(_lost(run, known)), taken, _taken_C(known, taken), _bench(run)
    )
    return _continued(told)


# Closing ---------------------------------------------------------------------------------------


def _closed(folder: Path, output_off: datetime | None) -> tuple[Run, Path]:
    """The run, its journal closed as LOST under the lock that says that it lives."""
    with contextlib.suppress(InputError):
        holder = holder_of(load_bench(str(folder / "bench.yaml")).address)
        if holder is not None and holder.folder and Path(holder.folder) == folder.resolve():
            raise DeviceError.of(
                f"the bench is still held for it by {holder.words}",
                help="its device host turns the output off, however long that takes; `faradaic off`"
                " does it from here",
                code="E612",
            )
    try:
        with FileLock(folder / LOCK_NAME, blocking=False):
            run = load_run(folder)
            known = last_known(run, output_off)
            path = seal(run.journal, run.contents, list(_last_records(run, known)))
    except Timeout:
        raise refusal(
            "E612",
            f"the run in {folder} is still alive: its program holds it",
            f"wait for its end, or end it: `faradaic show {folder}` tells how it goes",
        ) from None
    derive(folder)
    return load_run(folder), path


def _last_records(run: Run, known: LastKnown) -> Iterator[tuple[str, dict[str, Any]]]:
    contents = run.contents
    now = datetime.now(UTC).isoformat()
    if known.off_s is not None:
        last = {"what": "output_off", "on": False, "evidence": known.output["evidence"]}
        yield "mark", {**last, "since_s": known.off_s}
    yield (
        "recovered",
        {
            "utc": now,
            "last_record": contents.next_seq - 1,
            "last_utc": _iso(known.utc),
            "torn_bytes": contents.torn_bytes,
        },
    )
    yield (
        "run_stop",
        {
            "outcome": RunState.LOST.value,
            "stop_reason": "the program, the computer or its disk stopped",
            "charge_gross_C": known.measured_C,
            "charge_net_C": known.net_C,
            "charge_low_C": known.low_C,
            "charge_high_C": known.high_C,
            "charge_bounded_by": known.bounded_by,
            "unwatched_s": known.unwatched_s,
            "duration_s": known.time_s,
            "samples": contents.samples,
            "output": dict(known.output),
            "planned_charge_C": None,
            "share_of_planned": None,
            "missing_charge": "",
        },
    )


def _lost(run: Run, known: LastKnown) -> Iterator[str]:
    """How it ended, and what nobody knows of it."""
    outcome = "was LOST" if run.outcome == RunState.LOST else f"ended {run.outcome}"
    yield f"it {outcome}: {run.stop_reason}"
    for crossed in run.contents.of_kind("limit")[-1:]:
        fields = crossed.fields
        if run.outcome == RunState.TRIPPED:
            yield f"the limit: {fields.get('text')}, set by {fields.get('set_by')}"
    if (closed := run.contents.last("recovered")) is not None:
        at = "" if known.utc is None else f", at {known.utc:%Y-%m-%d %H:%M:%S} UTC"
        number = closed.fields.get("last_record")
        yield f"its last whole record is number {number}, {known.time_s:.1f} s after it began{at}"
        if torn := closed.fields.get("torn_bytes"):
            yield f"one more was being written: {torn} bytes of it are there, set aside"
        yield "what it measured in the last 0.1 s before its end may not have been written"
    for one in run.contents.damage:
        if one.records:
            where = f"{one.file}, byte {one.offset}"
            yield f"{one.records} records of its journal are damaged ({where})"
    if known.unwatched_s:
        yield f"nobody watched for {format_duration(known.unwatched_s)}: {known.bounded_by}"
    high = "no upper bound" if known.high_C is None else f"at most {known.high_C:.6g} C"
    yield (
        f"charge: at least {known.low_C:.6g} C, {known.measured_C:.6g} C as measured, {high}"
        f" ({known.bounded_by})"
    )


# What is left ------------------------------------------------------------------------------------


def _continued(told: Recovery) -> Recovery:
    from dataclasses import replace

    run, folder = told.run, told.run.folder
    assert folder is not None
    if run.outcome == RunState.COMPLETED:
        return replace(told, none_because="it was completed: nothing is left of it")
    if told.taken_C is None:
        return replace(
            told,
            none_because="nothing bounds the charge from above: say when its output was off"
            ' (--output-off "2026-11-21 14:05"), or what to take as passed (--charge measured)',
        )
    try:
        loaded = load_protocol(folder / "protocol.yaml")
    except InputError as error:
        return replace(told, none_because=error.diagnostics[0].message)
    if run.plan is None:
        return replace(told, none_because=f"there is no plan.json in {folder}")
    try:
        place = _place(run, loaded, told.taken_C, told.known, told.taken)
    except _NothingLeft as nothing:
        return replace(told, none_because=str(nothing))
    shortest_s, opens = 0.0, False
    with contextlib.suppress(InputError):  # a bench that cannot be read is said below
        source = load_bench(told.bench).source
        shortest_s, opens = source.interval_min_s, source.dead_time_s > 0.0
    continuation = Continuation(loaded, run.limiting_amount_mol, shortest_s, opens=opens)
    if place is not None:
        continuation.modified(place, _modifications(run))
    if not continuation.left(place):
        taken = f"with the {told.taken} charge nothing is left of its steps"
        return replace(told, none_because=taken)
    text = continuation.text(_earlier(told), list(_comment(told, place, continuation.notes)))
    findings: Sequence[Diagnostic]
    try:
        again = validate_protocol(load_document(text, "continuation.yaml"))
        findings = compile_protocol(again, load_bench(told.bench)).diagnostics
    except InputError as error:
        findings = error.diagnostics
    return replace(
        told, text=text, notes=tuple(dict.fromkeys(continuation.notes)), findings=tuple(findings)
    )


class _NothingLeft(Exception):
    """Every step is done."""


def _place(
    run: Run, loaded: LoadedProtocol, taken_C: float, known: LastKnown, taken: Taken
) -> Place | None:
    """Where the run was; None where no step was begun."""
    assert run.plan is not None
    steps = run.plan.get("steps") or []
    started = run.contents.last("step_start")
    if started is None:
        return None
    index = int(started.fields["index"])
    stopped = _stop_of(run, started)
    under_way = True
    if stopped is not None:
        texts = {c.get("text"): c for c in steps[index].get("until", ())}
        reason, condition = stopped.fields.get("reason"), texts.get(stopped.fields.get("text"))
        if reason == Then.END and condition is not None:
            raise _NothingLeft("a condition that ends the run was met: nothing is left of it")
        if reason not in (Then.END, Then.ABORT):
            under_way = False
            leaves = (condition or {}).get("leaves") or "\0"
            index += 1
            while index < len(steps) and str(steps[index]["id"]).startswith(leaves):
                index += 1
    if index >= len(steps):
        raise _NothingLeft("every step was done: nothing is left of it")
    before_C, before_net_C = passed_before_C(run, index)
    own = Passed()
    if under_way:
        more_C = taken_C - known.measured_C
        net_C = known.net_C - before_net_C
        time_s = _elapsed_s(run, started, stopped)
        on_s = _on_s(run, started)
        if taken == "high":
            time_s += known.unwatched_s or 0.0
            on_s += known.unwatched_s or 0.0
        own = Passed(
            max(0.0, taken_C - before_C),
            net_C + (more_C if net_C >= 0 else -more_C),
            time_s,
            _first_current_A(run, index),
            on_s,
            _last_Hz(run, index),
        )
    numbers = tuple(int(part) for part in str(steps[index]["id"]).split("."))
    repeats = {}
    for depth in range(1, len(numbers), 2):
        prefix = ".".join(map(str, numbers[:depth])) + "."
        first = next(i for i, s in enumerate(steps) if str(s["id"]).startswith(prefix))
        done_s = sum(
            _elapsed_s(run, begun, _stop_of(run, begun)) for begun in _begun(run, first, index)
        )
        gross_C = taken_C - passed_before_C(run, first)[0]
        repeats[depth] = Passed(gross_C, 0.0, done_s + own.time_s)
    earlier_C = sum(float(one.get("charge_C", 0.0)) for one in run.header.get("continues") or ())
    doses = _doses(run, loaded, steps)
    rest = any(step.get("kind") in ("set", "dose") for step in steps)
    return Place(numbers, own, repeats, earlier_C + taken_C, doses, rest)


def _stop_of(run: Run, started: Event) -> Event | None:
    stops = run.contents.of_kind("step_stop")
    return next((e for e in stops if e.fields.get("index") == started.fields["index"]), None)


def _begun(run: Run, first: int, end: int) -> list[Event]:
    begun = run.contents.of_kind("step_start")
    return [e for e in begun if first <= int(e.fields["index"]) < end]


def _on_s(run: Run, started: Event) -> float:
    """For how long the output has been on since a step began, until its last record."""
    spans_s = run.time_series().output_on_s
    assert spans_s is not None  # of a run its journal tells
    last_s = math.inf if run.stop else run.last("time_s") or 0.0
    return sum(
        max(0.0, min(float(off_s), last_s) - max(float(on_s), started.time_s))
        for on_s, off_s in spans_s
    )


def _elapsed_s(run: Run, started: Event, stopped: Event | None) -> float:
    """How long a step took, pauses left out: until its last record, where it did not end."""
    end_s = run.contents.last_s or 0.0
    if stopped is not None:
        end_s = stopped.time_s
    elif (last_s := run.last("time_s")) is not None and last_s > started.time_s:
        end_s = last_s
    return max(0.0, end_s - started.time_s - run.paused_s(started.time_s, end_s))


def _first_current_A(run: Run, index: int) -> float | None:
    import numpy as np

    steps, current_A = run.columns.get("step"), run.columns.get("current_A")
    if steps is None or current_A is None:
        return None
    known = current_A[(steps == index) & np.isfinite(current_A)]
    return abs(float(known[0])) if known.size else None


def _last_Hz(run: Run, index: int) -> float | None:
    """The last frequency of the spectrum of a step."""
    points = [e.fields for e in run.contents.of_kind("impedance") if e.fields.get("step") == index]
    return float(points[-1]["frequency_Hz"]) if points else None


def _doses(run: Run, loaded: LoadedProtocol, steps: Sequence[Any]) -> dict[str, float | None]:
    """Moles of each component that were added, by the doses that were confirmed."""
    components = {n: c for s in loaded.protocol.solutions.values() for n, c in s.components.items()}
    found: dict[str, float | None] = {}
    for stopped in run.contents.of_kind("step_stop"):
        fields = stopped.fields
        if fields.get("reason") != Then.NEXT:
            continue
        numbers = [int(part) for part in str(steps[int(fields["index"])]["id"]).split(".")]
        for name, moles in _written(loaded.protocol.steps, numbers).body.doses(components):
            before = found.get(name, 0.0)
            found[name] = None if before is None or moles is None else before + moles
    return found


def _modifications(run: Run) -> list[tuple[str, dict[str, str]]]:
    """What was changed of steps while they ran: id, keys and what was to stand there."""
    told = [event.fields for event in run.contents.of_kind("modify")]
    return [
        (str(one["step"].get("id")), {key: after for key, (_, after) in one["changes"].items()})
        for one in told
    ]


def _written(steps: Sequence[Step], numbers: Sequence[int]) -> Step:
    step = steps[numbers[0] - 1]
    return _written(step.body.steps, numbers[2:]) if isinstance(step.body, Repeat) else step


# Words -------------------------------------------------------------------------------------------


def _taken_C(known: LastKnown, taken: Taken) -> float | None:
    return {"low": known.low_C, "measured": known.measured_C, "high": known.high_C}[taken]


def _bench(run: Run) -> str:
    """The bench by its name where that is still the same one, else the copy in the run folder."""
    assert run.folder is not None
    name, copy = str(run.header.get("bench") or ""), run.folder / "bench.yaml"
    try:
        if load_bench(name).sha256 == run.header.get("bench_sha256"):
            return name
    except InputError:
        pass
    return str(copy)


def _earlier(told: Recovery) -> dict[str, Any]:
    """The entry of `continues`."""
    run, known = told.run, told.known
    charges = {
        "charge": told.taken_C,
        "charge_low": known.low_C,
        "charge_measured": known.measured_C,
        "charge_high": known.high_C,
    }
    began = _utc(run.header.get("utc"))
    entry: dict[str, Any] = {
        "run": run.name,
        "journal": run.journal_sha256,
        "outcome": run.outcome,
        "began": _iso(began),
        "ended": _iso(known.utc),
        **{k: None if q is None else f"{q:.10g} C" for k, q in charges.items()},
    }
    return {key: value for key, value in entry.items() if value is not None}


def _comment(told: Recovery, place: Place | None, notes: Sequence[str]) -> Iterator[str]:
    """Where the continuation comes from, for whoever reads it."""
    run = told.run
    yield f"What is left of the run {run.name}, written by `faradaic recover`."
    for sentence in told.lost:
        yield from _wrapped(sentence)
    assert told.taken_C is not None
    per_mol = ""
    if moles := run.limiting_amount_mol:
        per_mol = f" = {told.taken_C / (FARADAY_C_PER_MOL * moles):.4g} F/mol"
    taken = format_quantity(told.taken_C, "C", 5)
    yield f"Taken as passed: {taken}{per_mol}, the {told.taken} charge."
    if place is None:
        yield "No step was begun: all of them follow."
    else:
        step = ".".join(map(str, place.numbers))
        yield f"Step {step} was under way or next; what was done before it is left out."
    for note in dict.fromkeys(notes):
        yield from _wrapped(f"Note: {note}.")
    if run.simulated:
        yield "A simulated cell begins anew: it knows nothing of the charge that has passed."
    yield ""


def _wrapped(sentence: str) -> list[str]:
    import textwrap

    return textwrap.wrap("".join(c if c.isprintable() else " " for c in sentence), 96)


def _utc(text: Any) -> datetime | None:
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def _iso(moment: datetime | None) -> str | None:
    """To the millisecond."""
    if moment is None:
        return None
    return (moment + timedelta(microseconds=500)).isoformat(timespec="milliseconds")
