"""Tables of numbers with a header line: any separator, decimal mark and encoding."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from faradaic.analysis.dataset import Dataset
from faradaic.analysis.readers.headers import make_columns, split_header, warning
from faradaic.analysis.readers.text import damaged, decode, numeric_table, parse_number, read_bytes

_SEPARATORS = (b"\t", b";", b",")
_HEAD_BYTES = 8192
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16, which spreadsheets write as "Unicode text"."""
_VERSUS = re.compile(r"\s+vs\.?\s+(.+)", re.IGNORECASE)


class _Table(NamedTuple):
    names: list[str]
    separator: bytes
    start: int
    """Of the first row of numbers, in bytes."""


def sniff(head: bytes, path: Path) -> bool:
    """Somewhere in the beginning a line of names or numbers stands over one of as many numbers."""
    return _find_table(_narrow(head)[:_HEAD_BYTES]) is not None


def read(path: Path) -> Dataset:
    """Read the columns, in SI where their unit is known; the sign of a current stays unknown.

    "E (V vs RHE)" gives the reference electrode. Raises `InputError` when there is no table.
    """
    data = _narrow(read_bytes(path))
    table = _find_table(data[:_HEAD_BYTES])
    if table is None:
        raise damaged(path, 0, "no line of names stands over a line of as many numbers")
    arrays, warnings = numeric_table(
        data, table.start, len(table.names), path, separator=table.separator.decode()
    )
    raw, references = [], {}
    for header, values in zip(table.names, arrays, strict=True):
        plain = _VERSUS.sub("", header)
        if match := _VERSUS.search(header):
            plain += ")" * (header.endswith(")")) + "]" * (header.endswith("]"))
            references[plain] = match[1].rstrip(")] ")
        name, unit = split_header(plain)
        raw.append((name, unit, values, references.get(plain)))
    columns, unknown = make_columns("delimited", [item[:3] for item in raw])
    named = {
        name: replace(column, reference=item[3])
        for (name, column), item in zip(columns.items(), raw, strict=True)
    }
    if any(column.unit == "A" for column in named.values()):
        unknown.append(warning("E751", f"{path} does not tell which current is positive"))
    return Dataset(named, warnings=(*warnings, *unknown))


def _narrow(data: bytes) -> bytes:
    """UTF-16 as UTF-8, and no byte order mark."""
    if data.startswith(_WIDE):
        return decode(data[: len(data) // 2 * 2]).lstrip("\ufeff").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _find_table(head: bytes) -> _Table | None:
    """The first line of at least two names with a line of as many numbers below it.

    Two lines of numbers are a table without names: "column 1" and so on.
    """
    if b"\0" in head:
        return None
    above = b""
    start = above_start = 0
    for line in head.splitlines(keepends=True):
        if line.strip():
            for separator in _SEPARATORS:
                names = _cells(above, separator)
                numbers = _cells(line, separator)
                if not 2 <= len(names) == len(numbers) or not _numeric(numbers):
                    continue
                if _numeric(names):
                    names = [f"column {i + 1}" for i in range(len(names))]
                    return _Table(names, separator, above_start)
                return _Table(names, separator, start)
            above, above_start = line, start
        start += len(line)
    return None


def _cells(line: bytes, separator: bytes) -> list[str]:
    line = line.lstrip(b"#").rstrip(b"\r\n")
    return [decode(cell).strip().strip('"') for cell in line.split(separator)]


def _numeric(cells: list[str]) -> bool:
    """Whether all cells that are not empty are numbers, and there is one."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(
        parse_number(cell, decimal_comma=True) is not None for cell in filled
    )
