"""What `runs`, `show` and `analyze` print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faradaic.analysis import efficiency
from faradaic.analysis.electrical import NO_REFERENCE
from faradaic.quantities import format_duration, format_quantity
from faradaic.records.catalogue import list_runs
from faradaic.records.derive import summarise
from faradaic.records.run import Run, load_run
from faradaic.results import Result
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.studies.run.electrolysis_results import ElectrolysisResults

_GIVE = {
    efficiency.NO_PRODUCT: '--product "0.15 mmol"',
    efficiency.NO_LIMITING: '--limiting "0.2 mmol"',
    efficiency.NO_ELECTRONS: "--electrons 2",
    NO_REFERENCE: '--assume reference="Ag/AgCl (3 M KCl)"',
    efficiency.NO_SUBSTRATE: '--substrate-left "0.02 mmol"',
}
"""What `analyze` takes for what neither run nor file tells."""


def run_rows(runs_dir: Path) -> list[dict[str, Any]]:
    """The runs of a folder, newest first."""
    return [asdict(row) for row in list_runs(runs_dir)]


def run_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """One line each."""
    for row in rows:
        per_mol = row["charge_F_per_mol"]
        charge = "" if per_mol is None else f"{per_mol:.3g} F/mol"
        mark = "  SIMULATED" if row["simulated"] and "SIMULATED" not in row["name"] else ""
        yield f"{row['outcome']:<10}{charge:>12}  {row['name']}{mark}"
    if not rows:
        yield "no runs here; `faradaic demo` makes one"


def describe_run(path: Path) -> dict[str, Any]:
    """A run as its records tell it: summary, and its events in order."""
    run = load_run(path)
    events = [{"time_s": e.time_s, "event": e.kind, **e.fields} for e in run.events]
    return {**summarise(run), "identity": run.header.get("identity"), "events": events}


def description_lines(description: dict[str, Any]) -> Iterator[str]:
    """The summary and the events, for a person."""
    mark = "SIMULATED  " if description["simulated"] else ""
    yield f"{mark}{description['title']}"
    yield f"{description['outcome']}: {description['stop_reason']}"
    if description["charge_C"] is not None:
        charge = format_quantity(description["charge_C"], "C", 4)
        if description["charge_F_per_mol"] is not None:
            charge += f" = {description['charge_F_per_mol']:.4g} F/mol"
        yield f"charge    {charge}"
    if description["duration_s"] is not None:
        samples = description["samples"]
        yield f"duration  {format_duration(description['duration_s'])}, {samples} samples"
    if description["torn_bytes"]:
        yield f"the last {description['torn_bytes']} bytes of the journal are torn off"
    output = description["output"]
    state = {False: "off, read back", True: "STILL ON", None: "not known"}[output["on"]]
    yield f"output    {state} ({output['evidence']})"
    yield f"run       {description['run']}\n"
    for event in description["events"]:
        text = _event(event)
        if text:
            yield f"{event['time_s']:>12.2f} s  {text}"


def _event(event: dict[str, Any]) -> str:
    match event["event"]:
        case "step_start":
            return f"step {event['step']}: {event['label']}"
        case "step_stop":
            return f"step {event['step']} ends: {event['text']}"
        case "state":
            return f"{event['from']} -> {event['to']}: {event['reason']}"
        case "mark":
            detail = event.get("evidence") or event.get("mode", "").replace("_", " ")
            return f"{event['what'].replace('_', ' ')}: {detail}"
        case "limit":
            return f"LIMIT {event['text']} (value {event['value']:.4g}, set by {event['set_by']})"
        case "note":
            return f"{event['text']} ({event.get('by', '')})"
        case _:
            return ""


def results_of(one: Electrolysis, results: ElectrolysisResults) -> dict[str, Any]:
    """The numbers of an electrolysis with where they come from."""
    heading: dict[str, Any] = {
        "title": one.title,
        "simulated": one.simulated,
        "sign": one.series.sign,
        "reference": one.series.reference,
        "area_m2": one.series.area_m2,
    }
    if isinstance(one.source, Run):
        heading |= {
            "run": str(one.path),
            "outcome": one.source.outcome,
            "journal_sha256": one.series.sha256,
        }
    else:
        heading |= {
            "file": str(one.path),
            "sha256": one.series.sha256,
            "warnings": [told.as_dict() for told in one.source.warnings],
        }
    return {**heading, "results": results.as_dict()}


def result_lines(one: Electrolysis, results: ElectrolysisResults) -> Iterator[str]:
    """One line a number; what could not be computed says why, and what to give."""
    mark = "SIMULATED  " if one.simulated else ""
    source = one.source
    about = source.outcome if isinstance(source, Run) else f"read as {source.format}"
    yield f"{mark}{one.title}: {about}"
    for result in results:
        yield _line(result)


def _line(result: Result) -> str:
    if result.value is None:
        give = _GIVE.get(result.reason)
        reason = f"{result.reason}: give {give}" if give else result.reason
        return f"{result.name:<34}       -        ({reason})"
    unit = "" if result.unit == "1" else f" {result.unit}"
    parts = [f"{result.name:<34}{result.value:>10.5g}{unit}"]
    errors = [
        f"± {value:.2g} {kind}"
        for kind, value in (("random", result.random), ("systematic", result.systematic))
        if value is not None
    ]
    if result.bounds is not None:
        low, high = ("?" if bound is None else f"{bound:.5g}" for bound in result.bounds)
        errors.append(f"between {low} and {high}")
    parts += [", ".join(errors)] if errors else []
    parts += [f"[{result.basis}]"] if result.basis else []
    parts += [f"! {flag}" for flag in result.flags]
    return "  ".join(parts)
