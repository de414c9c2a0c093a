"""read: say what a data file is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.options import AssumeOption, MapOption, SheetOption, statements
from faradaic.cli.output import Json, print_diagnostics, print_json, say
from faradaic.cli.plugin_help import listing

if TYPE_CHECKING:
    from faradaic.datafiles.dataset import Column, Dataset
    from faradaic.datafiles.readers import Reader
    from faradaic.plugins import Plugins

app = typer.Typer()


def _readers() -> Plugins[Reader]:
    from faradaic.datafiles.readers import READERS

    return READERS


@app.command(cls=listing("Readers", _readers))
def read(
    files: Annotated[list[Path], typer.Argument(help="Data files of instruments, or run folders.")],
    join: Annotated[
        bool, typer.Option("--join", help="Put the files of one experiment on one clock.")
    ] = False,
    column_map: MapOption = None,
    sheet: SheetOption = None,
    assume: AssumeOption = None,
    json: Json = False,
) -> None:
    """Say what data files hold: technique, rows, columns with units, start, warnings."""
    from faradaic.datafiles.joining import join as joined

    stated = statements(None, assume, column_map, sheet)
    datasets = [stated.read(file) for file in files]
    if join:
        datasets = [joined(datasets)]
    contents = [_content(dataset) for dataset in datasets]
    if json:
        one = contents[0] if len(contents) == 1 else {"files": contents}
        print_json({"ok": True, **one})
        return
    for number, (dataset, content) in enumerate(zip(datasets, contents, strict=True)):
        if number:
            say()
        _print(content)
        print_diagnostics(dataset.warnings)


def _print(content: dict[str, Any]) -> None:
    for name in ("file", "format", "technique", "instrument", "start", "rows"):
        say(f"{name:<11} {content[name] if content[name] not in (None, '') else 'unknown'}")
    area = content["area_m2"]
    say(f"{'area':<11} {'unknown' if area is None else f'{area * 1e4:g} cm^2'}")
    say(f"{'ohmic drop':<11} {content['ohmic_drop'] or 'unknown'}")
    _print_columns(content["columns"])
    for table, columns in content["further"].items():
        say(f"\nfurther table {table}")
        _print_columns(columns)
    sys.stdout.flush()


def _print_columns(columns: list[dict[str, Any]]) -> None:
    say(f"\n{'column':<34} {'unit':<6} {'first':>13} {'last':>13}  in the file")
    for column in columns:
        values = [
            "" if value is None or value != value else f"{value:.6g}"
            for value in (column["first"], column["last"])
        ]
        notes = [column["raw_name"]]
        if column["reference"]:
            notes.append(f"vs {column['reference']}")
        if column["positive"]:
            notes.append(f"{column['positive']} positive")
        say(
            f"{column['name']:<34} {column['unit'] or '?':<6} {values[0]:>13} {values[1]:>13}  "
            + ", ".join(notes)
        )


def _content(dataset: Dataset) -> dict[str, Any]:
    start = dataset.start
    return {
        "file": str(dataset.source or _sources(dataset)),
        "sha256": dataset.sha256,
        "format": dataset.format,
        "technique": dataset.technique,
        "instrument": dataset.instrument,
        "start": start.isoformat() + ("" if start.tzinfo else " (local time)") if start else None,
        "start_has_zone": bool(start and start.tzinfo),
        "rows": len(dataset),
        "area_m2": dataset.area_m2,
        "ohmic_drop": dataset.ohmic_drop,
        "columns": [_column(name, column) for name, column in dataset.columns.items()],
        "further": {
            table: [_column(name, column) for name, column in columns.items()]
            for table, columns in dataset.further.items()
        },
        "metadata": dataset.metadata,
        "warnings": [warning.as_dict() for warning in dataset.warnings],
    }


def _sources(dataset: Dataset) -> str:
    """The files of a joined dataset, in their order."""
    names = (v for k, v in dataset.metadata.items() if re.fullmatch(r"file \d+", k))
    return ", ".join(name.partition(" sha256 ")[0] for name in names)


def _column(name: str, column: Column) -> dict[str, Any]:
    values = column.values
    return {
        "name": name,
        "unit": column.unit,
        "raw_name": column.raw_name,
        "rows": len(values),
        "first": float(values[0]) if len(values) else None,
        "last": float(values[-1]) if len(values) else None,
        "positive": column.sign,
        "reference": column.reference,
    }
