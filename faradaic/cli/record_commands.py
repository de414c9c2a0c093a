"""runs, show, report: commands that read what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from faradaic.cli.options import (
    PRODUCT_HELP,
    AssumeOption,
    MapOption,
    SheetOption,
    moles,
    products_mol,
    statements,
)
from faradaic.cli.output import Json, tell
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption

app = typer.Typer()


RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's name, its beginning, `latest`, or a path."),
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
    refuse_document(path, "run", *also)
    return path if path.exists() or path.suffix else find_run(runs, run)


@app.command("runs")
def runs_(runs: RunsOption = DEFAULT_RUNS, json: Json = False) -> None:
    """List the runs of a folder, newest first."""
    from faradaic.cli.record_view import run_lines, run_rows

    rows = run_rows(runs)
    tell(json, run_lines(rows), runs=rows)


@app.command()
def show(run: RunArgument, runs: RunsOption = DEFAULT_RUNS, json: Json = False) -> None:
    """Show one run: how it ended, its charge, its events; LOST if its program died."""
    from faradaic.cli.record_view import describe_run, description_lines
    from faradaic.runner.states import EXIT_CODES, RunState

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

    source = find(run, runs)
    one = load_electrolysis(source, statements(source, assume, column_map, sheet))
    (left_mol,) = moles(substrate_left)
    results = analyze_electrolysis(
        one, product_amount_mol=products_mol(product or []), substrate_left_mol=left_mol
    )
    path = write_report(one, results)
    tell(json, [str(path)], report=path)
