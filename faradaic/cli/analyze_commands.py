"""analyze: the numbers of a run, or everything that a study file asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.output import Json, print_json
from faradaic.cli.record_commands import find
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption

if TYPE_CHECKING:
    from faradaic.studies.outcome import StudyOutcome

_STUDY = (".yaml", ".yml")


def analyze(
    target: Annotated[
        str,
        typer.Argument(
            metavar="STUDY|RUN",
            help="A study file (.yaml), or a run's name, its beginning, `latest`, or a path.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of a study's results, by default STUDY-results beside it."),
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option(help='A condition that the study does not give, "pH=14"; it is recorded.'),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            help="Write a study file to fill in, into the folder STUDY: co2, voltammogram or"
            " preparative."
        ),
    ] = None,
    product: Annotated[
        str | None, typer.Option(help='Of a run: amount of product found, "0.15 mmol".')
    ] = None,
    substrate_left: Annotated[
        str | None, typer.Option(help='Of a run: limiting substrate left, as "0.02 mmol".')
    ] = None,
    electrons: Annotated[
        float | None,
        typer.Option(help="Of a run: electrons per product molecule, if the plan has none."),
    ] = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Analyse a study (figures, numbers, workbook, report) or compute the numbers of one run."""
    if template is not None:
        _template(template, Path(target), json)
    elif Path(target).suffix.lower() in _STUDY:
        _study(Path(target), out, assume or [], json)
    else:
        _run(find(target, runs), product, substrate_left, electrons, json)


def _template(kind: str, folder: Path, json: bool) -> None:
    from faradaic.studies.templates import write_template

    path = write_template(kind, folder)
    if json:
        print_json({"ok": True, "study": str(path)})
    else:
        typer.echo(f"{path}\nfill it in, then: faradaic analyze {path}")


def _study(path: Path, out: Path | None, assume: list[str], json: bool) -> None:
    from faradaic.studies.analysis import analyze_study
    from faradaic.studies.writing import results, write_study

    outcome = analyze_study(path, assume)
    folder = out or path.with_name(f"{path.stem}-results")
    written = write_study(outcome, folder)
    if json:
        print_json({"ok": True, "folder": str(folder), **results(outcome)})
    else:
        _print_study(outcome, folder, len(written))


def _print_study(outcome: StudyOutcome, folder: Path, count: int) -> None:
    from faradaic.studies.result_wording import products_at_a_glance, shown

    mark = "SIMULATED  " if outcome.simulated else ""
    typer.echo(f"{mark}{outcome.title}")
    sample = ""
    for finding in outcome.findings:
        if finding.sample != sample:
            sample = finding.sample
            typer.echo(sample)
        if finding.result.value is not None and finding.topic != "products":
            at = f" ({finding.at})" if finding.at else ""
            typer.echo(f"  {finding.result.name}{at}  {shown(finding.result)}")
    head, rows = products_at_a_glance(outcome, brief=True)
    if rows:
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        for row in (head, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            typer.echo("  ".join(cells).rstrip())
    flags: dict[str, Any] = {}
    for finding, flag in outcome.flags():
        flags.setdefault(flag, finding)
    for flag, finding in flags.items():
        typer.echo(f"flag: {flag} ({finding.sample}, {finding.result.name})")
    for remark in outcome.remarks:
        typer.echo(f"note: {remark}")
    for one in outcome.assumptions:
        typer.echo(f"assumed: {one.field} = {one.value}")
    typer.echo(f"{count} files in {folder}; open {folder / 'report.html'}")


def _run(
    path: Path,
    product: str | None,
    substrate_left: str | None,
    electrons: float | None,
    json: bool,
) -> None:
    from faradaic.cli.record_view import metrics_of, print_metrics
    from faradaic.quantities import Dimension, parse

    product_mol, left_mol = (
        None if text is None else parse(text, Dimension.AMOUNT)
        for text in (product, substrate_left)
    )
    metrics = metrics_of(path, product_mol, left_mol, electrons)
    if json:
        print_json(metrics)
    else:
        print_metrics(metrics)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(analyze)
