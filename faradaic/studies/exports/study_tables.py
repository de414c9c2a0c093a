"""The tables of a study's folder, as `faradaic analyze` wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Sign
from faradaic.datafiles.readers.text import read_bytes

if TYPE_CHECKING:
    import polars as pl


def study_tables(
    folder: Path, described: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> dict[str, dict[str, Column]]:
    """The numbers of every CSV file below `folder`, as they stand there and in their units.

    `described` tells unit, reference and sign of the columns of each file, as `results.json` does.
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
                about = described.get(path.stem, {})
                tables[name] = {
                    s.name: _column(s, about.get(s.name, {})) for s in rows if s.name not in words
                }
    return tables


def _column(cells: pl.Series, about: Mapping[str, str]) -> Column:
    import polars as pl

    # without a value to_numpy gives NaN
    values = cells.cast(pl.Float64).to_numpy().copy()
    sign: Sign | None = "anodic" if about.get("sign") == "anodic" else None
    return Column(values, about.get("unit", ""), cells.name, sign, about.get("reference"))
