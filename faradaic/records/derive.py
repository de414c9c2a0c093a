"""What is derived from a journal after the run: tables, a data package, a summary, a README.

The journal stays the truth: each file here can be made again from it. The Parquet table is read
back and compared before it counts as written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic import __version__
from faradaic.diagnostics import StorageError
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.records.damage_words import damage_of
from faradaic.records.earlier import earlier_runs, totals
from faradaic.records.folder import json_bytes, replaced_file, text_bytes, write_file
from faradaic.records.journal import journal_parts
from faradaic.records.journal_reading import sample_blocks
from faradaic.records.readme import readme_text
from faradaic.records.run import ON_TIME, Run, file_sha256, load_run
from faradaic.records.series import SERIES, SeriesTable, table_columns
from faradaic.records.spreadsheet_text import cell, note
from faradaic.timeseries import on_time_s

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_DESCRIPTIONS = {
    "time_s": "time since the run began, from the monotonic clock",
    "step": "index of the step in the plan, from 0",
    "current_A": "measured current, anodic at the working electrode positive (IUPAC)",
    "cell_voltage_V": "potential of the working electrode less that of the counter electrode: of"
    " the anode less that of the cathode where the working electrode is the anode",
    "potential_V": "working electrode against the connected reference electrode",
    "charge_gross_C": "charge regardless of direction since the run began",
    "charge_net_C": "anodic less cathodic charge since the run began",
    "level": "of levels in turn: which one, from 0; of a ramp its stair",
    "energy_J": "of levels in turn: electrical energy put into the cell since the run began",
    "flags": "bit 0: at a limit, set-point not held; bit 1: measuring range exceeded",
    ON_TIME: "for how long the output had been on since the run began, pauses left out",
    "regulation": "0 output off, 1 current held, 2 voltage held, 3 potential held",
}
_ROWS = 20_000
"""Rows that are in memory at once."""
_WHOLE_NUMBERS = frozenset({"step", "flags", "regulation", "level"})

NO_WORD = {
    "on": None,
    "evidence": "the journal has no word of it; `faradaic recover` asks the device host's own log",
}


def derive(folder: Path) -> Mapping[str, Any]:
    """Write data.parquet, data.csv, the tables of series of their own kind (`series.SERIES`),
    datapackage.json, summary.json and README.txt.

    Returns the summary. Raises `StorageError` when a file cannot be written or the table that
    was read back differs.
    """
    run = load_run(folder, samples=False)
    if run.contents.damage:  # what is told of it needs the samples around it
        run = load_run(folder)
    summary = summarise(run)
    tables: Iterator[DataTable | _SeriesTable] = chain((DataTable(run),), _series_tables(run))
    for table in tables:
        _write_tables(folder, table)
    for name, data in (("datapackage.json", data_package(run)), ("summary.json", summary)):
        write_file(folder / name, json_bytes(data))
    write_file(folder / "README.txt", text_bytes(readme_text(run, summary)))
    return summary


def summarise(run: Run) -> dict[str, Any]:
    """The run in a few plain values; None where they are not known.

    Charges are gross unless the key says otherwise; without a last record they are those of the
    last sample, and `charge_high_C` is None because nobody knows what flowed afterwards.
    """
    charge_C = run.stop.get("charge_gross_C", run.last("charge_gross_C"))
    net_C = run.stop.get("charge_net_C", run.last("charge_net_C"))
    high_C = run.stop.get("charge_high_C")
    if charge_C == 0.0 and high_C:
        # No reading had a current, as those of differential pulses: what passed is not known.
        charge_C = net_C = None
    known = charge_C is not None and net_C is not None
    amount_mol = run.limiting_amount_mol
    earlier = earlier_runs(run)
    return {
        "run": str(run.folder or run.journal),
        "title": run.title,
        "outcome": run.outcome,
        "stop_reason": run.stop_reason,
        "simulated": run.simulated,
        "charge_C": charge_C,
        "charge_F_per_mol": charge_C / (FARADAY_C_PER_MOL * amount_mol)
        if charge_C is not None and amount_mol
        else None,
        "charge_net_C": net_C,
        "charge_anodic_C": 0.5 * (charge_C + net_C) if known else None,
        "charge_cathodic_C": 0.5 * (charge_C - net_C) if known else None,
        "charge_low_C": run.stop.get("charge_low_C"),
        "charge_high_C": high_C,
        "continues": [one.as_dict() for one in earlier],
        **totals(run, earlier, charge_C),
        "planned_charge_C": run.stop.get("planned_charge_C"),
        "share_of_planned": run.stop.get("share_of_planned"),
        "missing_charge": run.stop.get("missing_charge", ""),
        "charge_beside_C": run.stop.get("charge_beside_C", 0.0),
        "diagnoses": [
            {"time_s": event.fields.get("at_s"), **event.fields}
            for event in run.contents.of_kind("diagnosis")
        ],
        "countermeasures": [
            {"time_s": event.time_s, **event.fields}
            for event in run.contents.of_kind("countermeasure")
        ],
        "against_rehearsal": {
            **run.stop.get("against_rehearsal", {}),
            "events": [event.fields for event in run.contents.of_kind("against_rehearsal")],
        },
        "metal_consumed": run.metal_consumed,
        "guessed": run.guessed,
        "model_at_fault": run.stop.get("model_at_fault", ""),
        "assumptions": list(run.assumptions),
        "duration_s": run.stop.get("duration_s", run.last("time_s")),
        "paused_s": run.paused_s(),
        "samples": run.contents.samples,
        "output": run.stop.get("output") or run.output_as_marked() or NO_WORD,
        "utc": run.header.get("utc"),
        "bench": run.header.get("bench"),
        "protocol_sha256": run.header.get("protocol_sha256"),
        "journal_sha256": run.journal_sha256,
        "journal_bytes": run.contents.size_bytes,
        "torn_bytes": run.contents.torn_bytes,
        "damage": damage_of(run),
        "clock_changes": [
            {"time_s": event.time_s, **event.fields}
            for event in run.contents.of_kind("clock")
            if event.fields.keys() & {"stepped_s", "suspended_s"}
        ],
        "faradaic": run.header.get("faradaic"),
    }


def _table_resource(table: SeriesTable, heads: int) -> dict[str, Any]:
    fields = [
        {
            "name": name,
            "type": "integer" if unit == "1" else "number",
            "unit": unit,
            **({"description": table.descriptions[name]} if name in table.descriptions else {}),
        }
        for name, unit in table.all_units.items()
    ]
    return _resource(table.name, {"fields": fields, "missingValues": [""]}, heads)


def _resource(name: str, schema: Mapping[str, Any], heads: int) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {
            "delimiter": ",",
            "commentChar": "#",
            "header": True,
            "headerRows": [heads + 1],
        },
        "schema": schema,
    }


def data_package(run: Run) -> dict[str, Any]:
    """The Frictionless description of data.csv and data.parquet, with the unit of each field."""
    schema = {
        "fields": [
            {
                "name": name,
                "type": "integer" if name in _WHOLE_NUMBERS else "number",
                "unit": run.units.get(name, ""),
                **({"description": _DESCRIPTIONS[name]} if name in _DESCRIPTIONS else {}),
                **({"guessed": run.guessed} if name in run.guessed_columns else {}),
            }
            for name in run.table
        ],
        "missingValues": [""],
    }
    return {
        "profile": "data-package",
        "name": run.name.lower().replace("_", "-"),
        "title": run.title,
        "created": run.header.get("utc"),
        "simulated": run.simulated,
        "guessed": run.guessed,
        "resources": [
            _resource("data", schema, len(_head(run))),
            *(
                _table_resource(table, len(_head(run)))
                for kind, table in SERIES.items()
                if run.contents.of_kind(kind)
            ),
            {"name": "data-parquet", "type": "file", "path": "data.parquet"},
            *(
                {
                    "name": "journal" + part.stem.removeprefix(run.journal.stem),
                    "type": "file",
                    "path": part.name,
                    "hash": f"sha256:{file_sha256(part)}",
                    "bytes": part.stat().st_size,
                }
                for part in journal_parts(run.journal)
            ),
        ],
    }


class DataTable:
    """The samples of a run as a table, piece by piece, however many they are: whole numbers where
    the journal has them, null where missing."""

    name = "data"

    def __init__(self, run: Run) -> None:
        self.run = run
        self.names = tuple(run.table)
        self.units = run.units

    @property
    def schema(self) -> pl.Schema:
        """Column by column, the type that polars has for it."""
        import polars as pl

        types = {n: pl.Int64 if n in _WHOLE_NUMBERS else pl.Float64 for n in self.names}
        return pl.Schema(types)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Pieces of `_ROWS` rows; one without rows where there are none."""
        import numpy as np
        import polars as pl

        on_s = self.run.time_series().output_on_s
        assert on_s is not None
        for rows in _batches(sample_blocks(self.run.journal), len(self.run.columns)):
            columns = dict(zip(self.run.columns, np.ascontiguousarray(rows.T), strict=True))
            if ON_TIME in self.names:
                columns[ON_TIME] = on_time_s(columns["time_s"], on_s)
            frame = pl.DataFrame(columns).with_columns(pl.all().fill_nan(None))
            yield frame.cast(self.schema)


class _SeriesTable:
    """One of `series.SERIES` as a table; a run has few of these rows."""

    def __init__(self, run: Run, table: SeriesTable, columns: Mapping[str, Any]) -> None:
        import polars as pl

        self.run = run
        self.name = table.name
        self.units = table.all_units
        self._frame = pl.DataFrame(dict(columns), infer_schema_length=None)
        self.schema = self._frame.schema

    def frames(self) -> Iterator[pl.DataFrame]:
        """Pieces of `_ROWS` rows."""
        return self._frame.iter_slices(_ROWS)


def _series_tables(run: Run) -> Iterator[_SeriesTable]:
    for kind, table in SERIES.items():
        if columns := table_columns(run, kind):
            yield _SeriesTable(run, table, columns)


def _batches(blocks: Iterator[NDArray[np.float64]], columns: int) -> Iterator[NDArray[np.float64]]:
    import numpy as np

    waiting: list[NDArray[np.float64]] = []
    rows = told = 0
    for block in blocks:
        waiting.append(block)
        rows += len(block)
        if rows >= _ROWS:
            whole = np.concatenate(waiting)
            for start in range(0, rows - _ROWS + 1, _ROWS):
                yield whole[start : start + _ROWS]
            told, rows = told + rows - rows % _ROWS, rows % _ROWS
            waiting = [whole[len(whole) - rows :]]
    if rows or not told:
        yield np.concatenate(waiting) if waiting else np.empty((0, columns))


def _write_tables(folder: Path, table: DataTable | _SeriesTable) -> None:
    """Its Parquet and CSV files, in one pass over the journal.

    Raises `StorageError` where one cannot be written, or the first does not read back as it was.
    """
    import polars as pl
    from polars.io.plugins import register_io_source

    run, path = table.run, folder / f"{table.name}.parquet"
    metadata = {
        "faradaic": __version__,
        "guessed": run.guessed,
        "simulated": json.dumps(run.simulated),
        "title": run.title,
        "units": json.dumps(dict(table.units)),
        "protocol_sha256": str(run.header.get("protocol_sha256", "")),
        "journal_sha256": run.journal_sha256,
    }
    digests: list[str] = []

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        for frame in table.frames():
            csv.write(_csv(frame, begins=not digests))
            digests.append(_digest(frame))
            yield frame

    try:
        with (
            replaced_file(folder / f"{table.name}.csv") as text,
            replaced_file(path) as temporary,
            text.open("xb") as csv,
        ):
            csv.write(text_bytes("".join(f"# {note(line)}\n" for line in _head(run))))
            register_io_source(source, schema=table.schema).sink_parquet(
                temporary, compression="zstd", row_group_size=_ROWS, metadata=metadata
            )
    except pl.exceptions.PolarsError as error:
        raise StorageError.of(f"{path} cannot be written: {error}", code="E602") from error
    if [_digest(frame) for frame in _read_back(path, len(digests))] != digests:
        raise StorageError.of(
            f"{path} does not read back as it was written",
            help="the journal is whole: make the tables again on another disk",
            code="E609",
        )


def _read_back(path: Path, pieces: int) -> Iterator[pl.DataFrame]:
    import polars as pl

    for piece in range(pieces):
        yield pl.scan_parquet(path).slice(piece * _ROWS, _ROWS).collect()


def _digest(frame: pl.DataFrame) -> str:
    """Of every value and of what is missing."""
    found = sha256(str(frame.schema).encode())
    for column in frame.iter_columns():
        found.update(column.is_null().to_numpy().tobytes())
        found.update(column.fill_null(0).to_numpy().tobytes())
    return found.hexdigest()


def _csv(frame: pl.DataFrame, *, begins: bool) -> bytes:
    """A piece of the table for Excel and Origin; text that a spreadsheet could split or run is
    defused."""
    return text_bytes(frame.rename(cell).write_csv(include_header=begins))


def _head(run: Run) -> list[str]:
    """The notes above the table."""
    reference = run.header.get("reference") or {}
    notes = {
        True: "SIMULATED - not measured on a real cell",
        False: "measured",
        None: "whether this was simulated is not recorded",
    }
    return [
        notes[run.simulated],
        f"run {run.name}",
        f"title {run.title}",
        f"outcome {run.outcome}",
        *(
            f"{column} is guessed: it rests on a guess of {run.guessed}"
            for column in sorted(run.guessed_columns)
        ),
        "units are in the column names; an empty field was not measured",
        "column current_A - positive_current anodic",
        "column charge_net_C - positive_current anodic",
        f"column potential_V - reference {reference.get('name') or 'unknown'}",
    ]
