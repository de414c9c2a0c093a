"""runs, show, analyze, report: commands that read what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from faradaic.cli.output import Json, print_json
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption

RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's name, its beginning, `latest`, or a path."),
]


def _find(run: str, runs: Path) -> Path:
    """A run folder or journal by path, or by name within the runs folder."""
    from faradaic.records.catalogue import find_run

    path = Path(run)
    return path if path.exists() else find_run(runs, run)


def runs_(runs: RunsOption = DEFAULT_RUNS, json: Json = False) -> None:
    """List the runs of a folder, newest first."""
    from faradaic.cli.record_view import print_runs, run_rows

    rows = run_rows(runs)
    if json:
        print_json({"runs": rows})
    else:
        print_runs(rows)


def show(run: RunArgument, runs: RunsOption = DEFAULT_RUNS, json: Json = False) -> None:
    """Show one run: how it ended, its charge, its events; LOST if its program died."""
    from faradaic.cli.record_view import describe_run, print_run
    from faradaic.runner.states import EXIT_CODES, State

    description = describe_run(_find(run, runs))
    if json:
        print_json(description)
    else:
        print_run(description)
    if description["outcome"] == State.LOST:
        raise typer.Exit(EXIT_CODES[State.LOST])


def analyze(
    run: RunArgument,
    product: Annotated[
        str | None, typer.Option(help='Amount of product found, for example "0.15 mmol".')
    ] = None,
    substrate_left: Annotated[
        str | None, typer.Option(help='Amount of limiting substrate left, as "0.02 mmol".')
    ] = None,
    electrons: Annotated[
        float | None, typer.Option(help="Electrons per product molecule, if the plan has none.")
    ] = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Compute charge, voltages, energy, and with a product amount conversion and efficiency."""
    from faradaic.cli.record_view import metrics_of, print_metrics
    from faradaic.quantities import Dimension, parse

    product_mol, left_mol = (
        None if text is None else parse(text, Dimension.AMOUNT)
        for text in (product, substrate_left)
    )
    metrics = metrics_of(_find(run, runs), product_mol, left_mol, electrons)
    if json:
        print_json(metrics)
    else:
        print_metrics(metrics)


def report(run: RunArgument, runs: RunsOption = DEFAULT_RUNS, json: Json = False) -> None:
    """Write the figures and the self-contained report.html of a run."""
    from faradaic.analysis.report import write_report

    path = write_report(_find(run, runs))
    if json:
        print_json({"ok": True, "report": str(path)})
    else:
        typer.echo(str(path))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("runs")(runs_)
    for command in (show, analyze, report):
        app.command()(command)
