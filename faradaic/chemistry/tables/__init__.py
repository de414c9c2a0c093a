"""The data tables of the chemistry: CSV files with a source and a confidence on every row.

`confidence` is `verified` for rows read in their source and `approx` for recalled ones; a finding
that rests on an approximate row is never an error. Numbers stand in the units of their sources,
named in the column; the modules of the room make typed rows in SI of them, one module a subject.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """All rows of a table as text, by column: `rows("solvents")`."""
    text = files(__package__).joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def normalised(name: str) -> str:
    """A chemical name without case, hyphens, spaces and brackets: `n-Bu4NBF4` and `nbu4nbf4`."""
    return re.sub(r"[^a-z0-9+]", "", name.lower())


def names(row: dict[str, str], column: str = "id") -> tuple[str, ...]:
    """The id and the aliases of a row, normalised."""
    return tuple(normalised(n) for n in (row[column], *row["aliases"].split("|")) if n)
