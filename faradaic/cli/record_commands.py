"""runs, show, report: commands that read what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from faradaic.cli.options import (
    PRODUCT_HELP,
    AssumeOption,
    MapOption,
    MolarMassOption,
    SheetOption,
    moles,
    statements,
)
from faradaic.cli.output import Json, tell
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption
from faradaic.cli.run_names import plate_named, run_of_well

app = typer.Typer()


RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A run's name, its beginning, `latest`, a path, or PLATE/B3."
    ),
]

ElectrolysisArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN|FILE",
        help="A run's name, its beginning, `latest`, or a path; or any data file with a current.",
    ),
]


def find(run: str, runs: Path, *also: str) -> Path:
    """A path where there is one or it looks like one, else a run by its name.

    Raises `InputError` (E311) for a document, unless its kind is one of `also`.
    """
    from faradaic.documents.kinds import refuse_document
    from faradaic.records.catalogue import find_run

    path = Path(run)
    if (well := run_of_well(run, runs)) is not None:
        return well
    refuse_document(path, "run", *also)
    return path if path.exists() or path.suffix else find_run(runs, run)


@app.command("runs")
def runs_(
    runs: RunsOption = DEFAULT_RUNS,
    live: Annotated[
        bool, typer.Option("--live", help="Yours under way on this machine, in any folder.")
    ] = False,
    json: Json = False,
) -> None:
    """List the runs of a folder, newest first, or those under way."""
    if live:
        from faradaic.cli.live_view import live_lines, live_rows

        under_way = live_rows()
        tell(json, live_lines(under_way), runs=under_way)
        return
    from faradaic.cli.plate_commands import plate_rows
    from faradaic.cli.record_view import run_lines, run_rows

    rows, plates = run_rows(runs), plate_rows(runs)
    lines = [f"{row['words']:<22}  {row['name']}" for row in plates]
    lines += run_lines(rows) if rows or not plates else []
    tell(json, lines, runs=rows, plates=plates)


@app.command()
def show(run: RunArgument, runs: RunsOption = DEFAULT_RUNS, json: Json = False) -> None:
    """Show one run: how it ended, its charge, its events; LOST if its program died."""
    from faradaic.cli.record_view import describe_run, description_lines
    from faradaic.runner.states import EXIT_CODES, RunState

    if (plate := plate_named(run, runs)) is not None:
        from faradaic.cli.plate_commands import show_plate

        show_plate(plate, json=json)
        return
    description = describe_run(find(run, runs))
    tell(json, description_lines(description), **description)
    if description["outcome"] == RunState.LOST:
        raise typer.Exit(EXIT_CODES[RunState.LOST])


@app.command()
def report(
    run: ElectrolysisArgument,
    product: Annotated[
        list[str] | None, typer.Option(metavar="[ID=]AMOUNT", help=PRODUCT_HELP)
    ] = None,
    substrate_left: Annotated[
        str | None, typer.Option(help='Limiting substrate left, "0.02 mmol".')
    ] = None,
    molar_mass: MolarMassOption = None,
    assume: AssumeOption = None,
    column_map: MapOption = None,
    sheet: SheetOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Write the self-contained report.html of a run, with its figures, or of a data file."""
    from faradaic.studies.run.electrolysis import load_electrolysis
    from faradaic.studies.run.electrolysis_report import write_report
    from faradaic.studies.run.electrolysis_results import analyze_electrolysis
    from faradaic.studies.run.recorded_yields import typed_amounts

    if (plate := plate_named(run, runs)) is not None:
        from faradaic.cli.plate_commands import report_plate

        report_plate(plate, json=json)
        return
    source = find(run, runs)
    one = load_electrolysis(source, statements(source, assume, column_map, sheet))
    (left_mol,) = moles(substrate_left)
    results = analyze_electrolysis(
        one, substrate_left_mol=left_mol, **typed_amounts(one, product or [], molar_mass)
    )
    path = write_report(one, results)
    tell(json, [str(path)], report=path)


@app.command()
def result(
    run: RunArgument,
    product: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[ID=]YIELD",
            help='Product found: "66 mg", "0.39 mmol", dimer="71 %"; each once.',
        ),
    ] = None,
    molar_mass: MolarMassOption = None,
    tlc: Annotated[str | None, typer.Option(help="What the plate showed.")] = None,
    note: Annotated[str | None, typer.Option(help="Anything else worth keeping.")] = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Record with a run what was found: its yield, TLC, notes; the report tells it."""
    from faradaic.cli.record_view import result_line
    from faradaic.diagnostics import refusal
    from faradaic.records.found import append_found
    from faradaic.records.run import load_run
    from faradaic.studies.run.electrolysis_report import write_report
    from faradaic.studies.run.electrolysis_results import analyze_electrolysis
    from faradaic.studies.run.recorded_yields import entry_of

    told = load_run(find(run, runs))
    if told.folder is None:
        raise refusal("E605", f"{told.journal} is a journal alone", "give its run folder")
    entry = entry_of(told, product or [], molar_mass=molar_mass, tlc=tlc, note=note)
    path = append_found(told.folder, entry)
    told = load_run(told.folder)
    results = analyze_electrolysis(told)
    shown = [results.product_yield, results.faradaic_efficiency] if product else []
    report = write_report(told, results)
    tell(json, map(result_line, shown), written=[path, report], recorded=entry)
