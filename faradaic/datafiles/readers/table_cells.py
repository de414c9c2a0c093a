"""Small text tables cell by cell: reports of chromatographs, which mix tables with other lines."""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from itertools import pairwise

Rows = list[list[str]]
"""Lines of stripped cells."""

_SEPARATORS = ("\t", ";", ",")
_RULE = re.compile(r"\s*-{2,}(\|-{2,})+\|?\s*")
"""The line under the column names of a report whose columns have fixed widths."""


def read_cells(text: str) -> Rows:
    """The lines of a text; each is cut at the separator that most of the lines have."""
    lines = text.splitlines()
    if any(_RULE.fullmatch(line) for line in lines):
        return _fixed(lines)
    separator = max(_SEPARATORS, key=lambda mark: sum(mark in line for line in lines))
    return [_cut(line, separator) for line in lines]


def _cut(line: str, separator: str) -> list[str]:
    if '"' in line:
        try:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
        except csv.Error:
            pass  # a quotation mark that is never closed is a character like others
    return [cell.strip() for cell in line.split(separator)] if line.strip() else []


def _fixed(lines: list[str]) -> Rows:
    """Lines of a report: tables by the rule under their names, others at their first colon."""
    rows: Rows = []
    edges: list[int] = []
    for i, line in enumerate(lines):
        if _RULE.fullmatch(line):
            edges = [0, *(m.start() for m in re.finditer(r"\|", line.rstrip().rstrip("|"))), 10**4]
            names = [_names(lines[k], edges) for k in range(max(0, i - 2), i)]
            rows = rows[: len(rows) - len(names)]
            if names:
                joined = zip(*names, strict=True)
                rows.append([" ".join(filter(None, parts)) for parts in joined])
        elif edges and line.strip() and not line.startswith("Totals"):
            rows.append(_sliced(line, edges))
        else:
            edges = []
            key, colon, value = line.partition(":")
            value = re.split(r"\s{3,}", value.strip())[0]  # a second pair may follow
            rows.append([key.strip(), value] if colon else [line.strip()])
    return rows


def _sliced(line: str, edges: list[int]) -> list[str]:
    return [line[a:b].strip() for a, b in pairwise(edges)]


def _names(line: str, edges: list[int]) -> list[str]:
    """The words of a line of column names, each in the column where its middle stands."""
    names = [""] * (len(edges) - 1)
    for word in re.finditer(r"\S+", line):
        column = bisect_right(edges, (word.start() + word.end() - 1) // 2) - 1
        names[column] = f"{names[column]} {word[0]}".strip()
    return names
