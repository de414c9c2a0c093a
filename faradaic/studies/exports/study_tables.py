"""The tables of a study's folder, as `faradaic analyze` wrote them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from faradaic.datafiles.dataset import Column, Sign
from faradaic.datafiles.readers.headers import split_header
from faradaic.datafiles.readers.text import parse_number, read_bytes


def study_tables(folder: Path) -> dict[str, dict[str, Column]]:
    """The numbers of every CSV file below `folder`, as they stand there and in their units.

    A table whose rows are told apart by a word, such as the product, becomes one table for each.
    """
    tables: dict[str, dict[str, Column]] = {}
    for path in sorted(folder.glob("*.csv")):
        lines = read_bytes(path).decode("utf-8").splitlines()
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        for word, kept in _by_word(rows):
            tables[f"{path.stem} {word}".strip()] = {
                header: _column(header, [row[header] for row in kept])
                for header in rows[0]
                if not _is_word(header, rows)
            }
    return tables


def _by_word(
    rows: list[dict[str, str]],
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    words = [header for header in (rows[0] if rows else ()) if _is_word(header, rows)]
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(" ".join(row[header] for header in words), []).append(row)
    yield from groups.items()


def _is_word(header: str, rows: list[dict[str, str]]) -> bool:
    return any(row[header] and parse_number(row[header]) is None for row in rows)


def _column(header: str, cells: list[str]) -> Column:
    values = np.array([float(cell) if cell else np.nan for cell in cells])
    # "E (V vs RHE), iR-corrected" has its unit in the middle
    unit = split_header(re.sub(r"\),.*", ")", header))[1]
    unit, _, reference = unit.partition(" vs ")
    sign: Sign | None = "anodic" if header.startswith(("I ", "j ")) else None
    return Column(values, unit or "1", header, sign, reference or None)
