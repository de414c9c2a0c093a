"""CH Instruments text files (.txt, .csv) of the chi600 to chi1200 programs.

A date, the technique, `key: text`, `key (unit) = value`, a block of results that is left alone, a
row of column names and numbers. What the polarity setting of the program was is not written: the
sign of a current is unknown. `Z"` is the imaginary part itself, negative for a capacitance.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import known_columns, scale_of, sign_unknown, warning
from faradaic.datafiles.readers.text import damaged, numeric_table, parse_number, unended
from faradaic.diagnostics import Diagnostic

TEXT = True
_CELL = re.compile(r"([^/:=\\]+)/([A-Za-z]+)(\)?)")
_SETTING = re.compile(r"([^=]{1,60}?)\s*=\s*(.*)")
_DATE = re.compile(r"([A-Z][a-z]{2})[a-z]*\.?\s+(\d{1,2}),\s+(\d{4})\s+(\d{1,2}):(\d\d):(\d\d)")


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this was written by a CH Instruments program."""
    return b"Instrument Model:" in head and b"Data Source:" in head


def parse(data: bytes, path: Path) -> Dataset:
    """The table of one file. Raises `InputError` naming the offset where it is damaged."""
    lines: list[str] = []
    offset = 0
    for raw in data.splitlines(keepends=True):
        offset += len(raw)
        lines.append(raw.decode("cp1252", errors="replace").strip())
        if _names(lines[-1]):
            break
    else:
        raise damaged(path, offset, "no row of column names such as `Potential/V, Current/A`")
    metadata, start = _header([line for line in lines[:-1] if line])
    columns, warnings = _columns(path, data, offset, lines[-1])
    _add_time(columns, metadata)
    if start is None:
        warnings.append(warning("E756", f"{path} has no date such as `June 13, 2024   13:13:28`"))
    if any(column.unit in ("A", "C") for column in columns.values()):
        warnings.append(sign_unknown(path))
    return Dataset(
        columns,
        technique=metadata.pop("Technique", ""),
        instrument=metadata.pop("Instrument Model", ""),
        start=start,
        ohmic_drop="compensated" if _positive(metadata.get("Comp R (ohm)")) else None,
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _header(lines: list[str]) -> tuple[dict[str, str], datetime | None]:
    metadata: dict[str, str] = {}
    start = None
    for index, text in enumerate(lines):
        if text == "Results:":
            break
        if index == 0 and (start := _date(text)):
            metadata["Date"] = text
        elif ":" not in text and "=" not in text and "Technique" not in metadata:
            metadata["Technique"] = text
        elif match := _SETTING.fullmatch(text):
            metadata[match[1]] = match[2]
        else:
            key, _, value = text.partition(":")
            metadata[key] = value.strip()
    return metadata, start


def _date(text: str) -> datetime | None:
    match = _DATE.match(text)
    try:
        return datetime.strptime(" ".join(match.groups()), "%b %d %Y %H %M %S") if match else None
    except ValueError:
        return None


def _separator(names: str) -> str:
    return next((mark for mark in ("\t", ";") if mark in names), ",")


def _names(text: str) -> list[str]:
    """The cells of a row of column names; nothing when it is none."""
    cells = [cell.strip() for cell in text.split(_separator(text))]
    return cells if len(cells) > 1 and all(map(_CELL.fullmatch, cells)) else []


def _columns(
    path: Path, data: bytes, start: int, header: str
) -> tuple[dict[str, Column], list[Diagnostic]]:
    names, mark = _names(header), _separator(header)
    rows = data[start:].lstrip()
    start = len(data) - len(rows)
    first = rows.split(b"\n", 1)[0]
    if rows and first.count(mark.encode()) != len(names) - 1:
        what = f"{first[:40]!r} is not {len(names)} numbers with {mark!r} between them"
        raise damaged(path, start, what)
    table, warnings = numeric_table(
        data, start, len(names), path, separator=mark, end=len(data.rstrip()) + 1
    )
    # the program writes no end of line behind the last number
    warnings = [told for told in warnings if told != unended(path)]
    columns: dict[str, Column] = {}
    for index, (raw_name, values) in enumerate(zip(names, table, strict=True)):
        match = _CELL.fullmatch(raw_name)
        quantity, unit, bracket = match.groups() if match else (raw_name, "", None)
        pulse = raw_name.startswith(("Diff(", "For(", "Rev("))
        # the unit in "log(i/A)" is that of the number before its logarithm was taken
        scale = None if bracket and not pulse else scale_of(unit)
        known = known_columns("chi").get(quantity) if scale else None
        if known is None or scale is None:
            warnings.append(warning("E745", f"unknown column {raw_name!r}, kept as it is"))
        name = f"{known.name}_{scale.unit}" if known and scale else raw_name
        if name in columns:
            name = f"{raw_name} ({index + 1})"
        if scale and scale.factor != 1.0:
            values = values * scale.factor
        columns[name] = Column(values, scale.unit if scale else "", raw_name)
    return columns, warnings


def _add_time(columns: dict[str, Column], metadata: dict[str, str]) -> None:
    """The time of a sweep, which is not written: the way of the potential over the scan rate."""
    import numpy as np

    rate = parse_number(metadata.get("Scan Rate (V/s)", ""))
    potential = columns.get("potential_V")
    if "time_s" in columns or potential is None or not rate or not rate > 0:
        return
    way_V = np.abs(np.diff(potential.values, prepend=potential.values[:1]))
    columns["time_s"] = Column(np.cumsum(way_V) / rate, "s", "computed from the scan rate")


def _positive(text: str | None) -> bool:
    try:
        return text is not None and float(text) > 0
    except ValueError:
        return False
