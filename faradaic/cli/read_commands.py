"""read: say what a data file is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.output import Json, print_diagnostics, print_json

if TYPE_CHECKING:
    from faradaic.analysis.dataset import Column, Dataset


def read(
    file: Annotated[Path, typer.Argument(help="A data file of an instrument, or a run folder.")],
    json: Json = False,
) -> None:
    """Say what a data file holds: technique, rows, columns with units, start, warnings."""
    from faradaic.analysis.readers import read as read_file

    dataset = read_file(file)
    content = _content(dataset)
    if json:
        print_json({"ok": True, **content})
        return
    for name in ("file", "format", "technique", "instrument", "start", "rows"):
        typer.echo(f"{name:<11} {content[name] if content[name] not in (None, '') else 'unknown'}")
    area = content["area_m2"]
    typer.echo(f"{'area':<11} {'unknown' if area is None else f'{area * 1e4:g} cm^2'}")
    typer.echo(f"{'ohmic drop':<11} {content['ohmic_drop'] or 'unknown'}")
    _print_columns(content["columns"])
    for table, columns in content["further"].items():
        typer.echo(f"\nfurther table {table}")
        _print_columns(columns)
    print_diagnostics(dataset.warnings)


def _print_columns(columns: list[dict[str, Any]]) -> None:
    typer.echo(f"\n{'column':<34} {'unit':<6} {'first':>13} {'last':>13}  in the file")
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
        typer.echo(
            f"{column['name']:<34} {column['unit'] or '?':<6} {values[0]:>13} {values[1]:>13}  "
            + ", ".join(notes)
        )


def _content(dataset: Dataset) -> dict[str, Any]:
    start = dataset.start
    return {
        "file": str(dataset.source),
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


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(read)
