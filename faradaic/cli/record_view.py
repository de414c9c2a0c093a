"""What `runs`, `show` and `analyze` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faradaic.analysis import efficiency
from faradaic.analysis.electrical import NO_REFERENCE
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.cli.assumption_view import (
    assumption_lines,
    at_most,
    guessed_mark,
    metal_words,
    of_planned,
    unknown_charge,
)
from faradaic.quantities import format_duration, format_quantity
from faradaic.records.catalogue import list_runs
from faradaic.records.derive import summarise
from faradaic.records.event_words import clock_words, event_words
from faradaic.records.run import Run, load_run
from faradaic.records.series import SERIES
from faradaic.results import Result
from faradaic.studies.result_wording import in_per_cent, two_digits
from faradaic.studies.run.beside_rehearsal import rehearsal_lines
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.studies.run.electrolysis_results import ElectrolysisResults
from faradaic.studies.run.planned_and_run import taken
from faradaic.studies.run.recorded_yields import found_lines

_GIVE = {
    efficiency.NO_PRODUCT: '--product "0.15 mmol"',
    efficiency.NO_LIMITING: '--limiting "0.2 mmol"',
    efficiency.NO_ELECTRONS: "--electrons 2",
    NO_REFERENCE: '--assume reference="Ag/AgCl (3 M KCl)"',
    efficiency.NO_SUBSTRATE: '--substrate-left "0.02 mmol"',
}
"""What `analyze` takes for what neither run nor file tells."""


_BOTH_WAYS = 1e-3
"""Of the whole charge, what has to have passed each way for both to be told."""


def run_rows(runs_dir: Path) -> list[dict[str, Any]]:
    """The runs of a folder, newest first."""
    return [asdict(row) for row in list_runs(runs_dir)]


def run_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """One line each."""
    for row in rows:
        per_mol = row["charge_F_per_mol"]
        charge = "" if per_mol is None else f"{per_mol:.3g} F/mol"
        mark = "  SIMULATED" if row["simulated"] and "SIMULATED" not in row["name"] else ""
        short = f"  {row['missing_charge']}" if row["missing_charge"] else ""
        yield f"{row['outcome']:<10}{charge:>12}  {row['name']}{mark}{short}"
    if not rows:
        yield "no runs here; `faradaic demo` makes one"


def describe_run(path: Path) -> dict[str, Any]:
    """A run as its records tell it: summary, and its events in order."""
    run = load_run(path)
    events = [{"time_s": e.time_s, "event": e.kind, **e.fields} for e in run.events]
    found = [f"{when}  {text}" for when, text in found_lines(run)]
    identity = run.header.get("identity")
    return {
        **summarise(run),
        "identity": identity,
        "found": found,
        "series": _series(run),
        "events": events,
    }


def _series(run: Run) -> dict[str, Any]:
    """The results of spectra and the like, with their lines; what computes them is loaded only
    where there are such."""
    if not any(run.contents.of_kind(kind) for kind in SERIES):
        return {}
    from faradaic.studies.run.series_results import series_results

    return {
        key: {**result.as_dict(), "line": result_line(result)}
        for key, result in series_results(run)
    }


def both_ways(summary: Mapping[str, Any]) -> str:
    """The charge of each direction, where it went both; else nothing."""
    ways = [summary[f"charge_{way}_C"] or 0.0 for way in ("anodic", "cathodic")]
    if min(ways) <= _BOTH_WAYS * summary["charge_C"]:
        return ""
    anodic, cathodic = (format_quantity(one, "C", 4) for one in ways)
    return f"{anodic} anodic, {cathodic} cathodic"


def description_lines(description: dict[str, Any]) -> Iterator[str]:
    """The summary and the events, for a person."""
    mark = "SIMULATED  " if description["simulated"] else ""
    yield f"{mark}{description['title']}"
    yield f"{description['outcome']}: {description['stop_reason']}"
    if description["charge_C"] is not None:
        charge = format_quantity(description["charge_C"], "C", 4)
        if description["charge_F_per_mol"] is not None:
            charge += f" = {description['charge_F_per_mol']:.4g} F/mol"
        yield f"charge    {charge}{of_planned(description)}{at_most(description)}"
        if ways := both_ways(description):
            yield f"          {ways}"
    elif unknown := unknown_charge(description):
        yield f"charge    {unknown}"
    for told in description["continues"]:
        yield f"goes on   from {told['name']} ({told['outcome']}): {_earlier_words(told)}"
    if description["charge_total_C"] is not None:
        yield f"in all    {_total_words(description)}"
    if (metal := description["metal_consumed"]) is not None:
        yield f"metal     {metal_words(metal)}"
    if description["duration_s"] is not None:
        samples = description["samples"]
        length = taken(description["duration_s"], description["paused_s"])
        yield f"duration  {length}; {samples} samples"
    if description["torn_bytes"]:
        yield f"the last {description['torn_bytes']} bytes of the journal are torn off"
    for one in description["damage"]:
        yield f"damaged   {one['text']}"
    for change in description["clock_changes"]:
        yield f"clock     {clock_words(change)}, {change['time_s']:.0f} s after the start"
    output = description["output"]
    on = "on" if description["outcome"] == "RUNNING" else "STILL ON"
    state = {False: "off, read back", True: on, None: "not known"}[output["on"]]
    yield f"output    {state} ({output['evidence']})"
    yield f"run       {description['run']}"
    for line in rehearsal_lines(description["against_rehearsal"]):
        yield f"rehearsal {line}"
    for series in description["series"].values():
        yield f"series    {series['line']}"
    for found in description["found"]:
        yield f"found     {found}"
    if description["guessed"]:
        yield f"guessed   {description['guessed']}; the numbers that follow from it are marked"
    yield from assumption_lines(description["assumptions"])
    yield ""
    for event in description["events"]:
        if text := event_words(event["event"], event):
            yield f"{event['time_s']:>12.2f} s  {text}"


def _earlier_words(told: dict[str, Any]) -> str:
    high = "unknown" if told["high_C"] is None else f"{told['high_C']:.5g} C"
    gap = "a gap of unknown length"
    if told["gap_s"] is not None:
        gap = f"a gap of {format_duration(told['gap_s'])}"
    return f"{told['measured_C']:.5g} C ({told['low_C']:.5g} C to {high}), then {gap}"


def _total_words(description: dict[str, Any]) -> str:
    """The charge of all runs, between its bounds."""
    words = format_quantity(description["charge_total_C"], "C", 4)
    if description["charge_total_F_per_mol"] is not None:
        words += f" = {description['charge_total_F_per_mol']:.4g} F/mol"
    low_C, high_C = (description[f"charge_total_{side}_C"] for side in ("low", "high"))
    high = "unknown" if high_C is None else f"{high_C:.5g} C"
    return words if low_C is None else f"{words} ({low_C:.5g} C to {high})"


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
        yield result_line(result)


def result_line(result: Result) -> str:
    """One result, its uncertainties to two digits; what has no value says why."""
    if result.value is None:
        give = _GIVE.get(result.reason)
        reason = f"{result.reason}: give {give}" if give else result.reason
        return f"{result.name:<34}       -        ({reason})"
    result = in_per_cent(result)
    unit = f" {result.unit}".removesuffix(" 1")
    mark = guessed_mark(GUESSED in result.flags)
    parts = [f"{result.name:<34}{result.value:>10.5g}{unit}{mark}"]
    errors = [
        f"± {two_digits(value)} {kind}"
        for kind, value in (("random", result.random), ("systematic", result.systematic))
        if value is not None
    ]
    if result.bounds is not None:
        low, high = ("?" if bound is None else f"{bound:.5g}" for bound in result.bounds)
        errors.append(f"between {low} and {high}")
    parts += [", ".join(errors)] if errors else []
    parts += [f"[{result.basis}]"] if result.basis else []
    parts += [f"! {flag}" for flag in result.flags if flag != GUESSED]
    return "  ".join(parts)
