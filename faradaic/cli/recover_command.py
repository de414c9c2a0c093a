"""recover: what became of a run that died or ended early, and how to go on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from faradaic.cli.output import Json, tell, write_new
from faradaic.cli.record_commands import RunArgument, find
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption
from faradaic.cli.run_names import plate_named

app = typer.Typer()


@app.command()
def recover(
    run: RunArgument,
    charge: Annotated[
        Literal["low", "measured", "high"] | None,
        typer.Option(
            help="Which charge counts as passed: what at least, as measured or at most did. The "
            "highest that is possible if not given, so that no more passes than was asked for; as "
            "measured where the cell was simulated.",
        ),
    ] = None,
    output_off: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help='When the output was seen off, "2026-11-21 14:05": bounds the charge that nobody '
            "measured. Local time, unless it says which.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The continuation; in the run folder if not given.")
    ] = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Close the journal of a run that died, say what is lost, and write what is left to do."""
    from faradaic.diagnostics import Severity
    from faradaic.input_files import read_file
    from faradaic.runner.recovery import recover as recovered
    from faradaic.runner.states import EXIT_CODES, RunState

    if (plate := plate_named(run, runs)) is not None:
        from faradaic.cli.plate_commands import recover_plate

        recover_plate(plate, json=json)
        return
    told = recovered(find(run, runs), charge, _moment(output_off))
    assert told.run.folder is not None
    path = None
    lines = [f"{told.run.name}"]
    if told.sealed is not None:
        lines.append(f"closed    {told.sealed}")
    lines += [f"          {sentence}" for sentence in told.lost]
    if told.text:
        path = out or told.run.folder / "continuation.yaml"
        if not (path.is_file() and read_file(path) == told.text.encode()):
            write_new(path, told.text.encode())
        lines.append(f"taken     {told.taken_C:.6g} C as passed, the {told.taken} charge")
        lines += [f"note      {note}" for note in told.notes]
        lines.append(f"left      {path}")
        lines.append(f"          look at it: faradaic plan {path} --bench {told.bench}")
        lines.append(f"          nothing is on; to go on: faradaic run {path} --bench {told.bench}")
    else:
        lines.append(f"left      nothing written: {told.none_because}")
    errors = [one for one in told.findings if one.severity is Severity.ERROR]
    tell(
        json,
        lines,
        run=str(told.run.folder),
        outcome=told.run.outcome,
        told=list(told.lost),
        sealed=None if told.sealed is None else str(told.sealed),
        charge_low_C=told.known.low_C,
        charge_measured_C=told.known.measured_C,
        charge_high_C=told.known.high_C,
        charge_bounded_by=told.known.bounded_by,
        unwatched_s=told.known.unwatched_s,
        output=dict(told.known.output),
        taken=told.taken,
        taken_C=told.taken_C,
        continuation=None if path is None else str(path),
        none_because=told.none_because,
        notes=list(told.notes),
        findings=errors,
        bench=told.bench,
    )
    if told.run.outcome == RunState.LOST:
        raise typer.Exit(EXIT_CODES[RunState.LOST])


def _moment(text: str | None) -> datetime | None:
    """A time as a person writes it; that of this computer's zone where it does not say which."""
    from faradaic.diagnostics import refusal

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise refusal("E704", f"{text!r} is no time", 'write it like "2026-11-21 14:05"') from None
