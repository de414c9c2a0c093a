"""The tables of a study's folder, as `faradaic analyze` wrote them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Sign
from faradaic.datafiles.readers.headers import split_header
from faradaic.datafiles.readers.text import read_bytes

if TYPE_CHECKING:
    import polars as pl


def study_tables(folder: Path) -> dict[str, dict[str, Column]]:
    """The numbers of every CSV file below `folder`, as they stand there and in their units.

    A table whose rows are told apart by a word, such as the product, becomes one table for each.
    """
    import polars as pl

    tables: dict[str, dict[str, Column]] = {}
    for path in sorted(folder.glob("*.csv")):
        frame = pl.read_csv(read_bytes(path), comment_prefix="#", infer_schema_length=None)
        words = [s.name for s in frame if s.dtype == pl.String and s.null_count() < len(s)]
        parts = frame.partition_by(words, as_dict=True) if words else {(): frame}
        for word, rows in parts.items():
            if len(rows):
                name = " ".join([path.stem, *(part or "" for part in word)]).strip()
                tables[name] = {s.name: _column(s) for s in rows if s.name not in words}
    return tables


def _column(cells: pl.Series) -> Column:
    import polars as pl

    # "E (V vs RHE), iR-corrected" has its unit in the middle
    unit = split_header(re.sub(r"\),.*", ")", cells.name))[1]
    unit, _, reference = unit.partition(" vs ")
    sign: Sign | None = "anodic" if cells.name.startswith(("I ", "j ")) else None
    # without a value to_numpy gives NaN
    values = cells.cast(pl.Float64).to_numpy().copy()
    return Column(values, unit or "1", cells.name, sign, reference or None)
