"""compare: runs over each other in one figure, and the table of entries that papers print."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faradaic.cli.options import OutOption
from faradaic.cli.output import Json, tell
from faradaic.cli.record_commands import find
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption

if TYPE_CHECKING:
    from faradaic.studies.comparison.compare_runs import Comparison

app = typer.Typer()


class Axis(StrEnum):
    """What the curves are drawn against."""

    CHARGE = "charge"
    TIME = "time"


@app.command()
def compare(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN|FILE...",
            help="Two or more runs, each by its name, its beginning, `latest`, a path, or PLATE/B3;"
            " or data files with time, current and voltage.",
        ),
    ],
    against: Annotated[
        Axis, typer.Option(help="Draw against the charge, or the time with current.")
    ] = Axis.CHARGE,
    out: OutOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Lay runs over each other, and print what differs, what came out and how replicates scatter.

    Runs whose protocols say the same (titles aside) are replicates of one entry.
    """
    from faradaic.studies.comparison.compare_runs import as_data, write_comparison
    from faradaic.studies.comparison.compare_runs import compare as compare_electrolyses
    from faradaic.studies.run.electrolysis import load_electrolysis

    paths = [find(target, runs) for target in targets]
    comparison = compare_electrolyses([load_electrolysis(path) for path in dict.fromkeys(paths)])
    folder = out or _folder(paths)
    written = write_comparison(comparison, folder, against.value)
    tell(
        json,
        [*_lines(comparison), f"{len(written)} files in {folder}; open {folder / 'report.html'}"],
        folder=folder,
        **as_data(comparison),
    )


def _folder(paths: list[Path]) -> Path:
    first = paths[0]
    stem = first.name if first.is_dir() else first.stem
    return first.with_name(f"comparison-{stem}-and-{len(set(paths)) - 1}-more")


def _lines(comparison: Comparison) -> Iterator[str]:
    from faradaic.studies.comparison.compare_runs import entry_table, run_table

    yield f"{'SIMULATED  ' if comparison.simulated else ''}{len(comparison.runs)} runs"
    for heads, rows in (entry_table(comparison), run_table(comparison)):
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        for row in (heads, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip()
        yield ""
    yield from comparison.notes
