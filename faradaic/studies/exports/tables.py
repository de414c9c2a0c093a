"""A table as CSV: every number as short as it can be and still read back equal."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from faradaic.diagnostics import refusal
from faradaic.records.spreadsheet_text import cell
from faradaic.studies.exports.contents import Contents, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def csv_bytes(columns: Mapping[str, NDArray[np.float64]]) -> bytes:
    """Header and rows as UTF-8; an empty field was not measured, INF is as Frictionless has it."""
    import polars as pl

    frame = pl.DataFrame(dict(columns)).with_columns(pl.all().fill_nan(None))
    endless = [name for name in frame.columns if frame[name].is_infinite().any()]
    # whole numbers are written without a decimal point
    whole = [name for name, column in columns.items() if _whole(column)]
    frame = frame.with_columns(pl.col(whole).cast(pl.Int64))
    frame = frame.with_columns(
        pl.col(name).cast(pl.String).str.to_uppercase().alias(name) for name in endless
    )
    buffer = io.BytesIO()
    frame.rename(cell).write_csv(buffer)
    return buffer.getvalue()


def _whole(column: NDArray[np.float64]) -> bool:
    import numpy as np

    known = column[~np.isnan(column)]
    return bool(known.size and (np.abs(known) < 2.0**53).all() and (known % 1.0 == 0.0).all())


def values(table: Table) -> dict[str, NDArray[np.float64]]:
    """The numbers of a table by column."""
    return {name: column.values for name, column in table.items()}


def main_table(contents: Contents, form: str) -> Table:
    """The first table. Raises `InputError` (E792) where there is none, or none is the main one."""
    if contents.tables and contents.results and contents.run is None:
        raise refusal(
            "E792",
            f"{contents.title} is a study with {len(contents.tables)} tables, {form} holds one",
            "export it with --to frictionless, eln, excel or netcdf, or take one of tables/*.csv",
        )
    if not contents.tables:
        raise refusal(
            "E792",
            f"{contents.title} holds results but no table, which {form} is made of",
            "export it with --to frictionless, eln, excel or netcdf",
        )
    return next(iter(contents.tables.values()))
