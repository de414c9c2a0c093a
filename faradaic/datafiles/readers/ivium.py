"""IviumSoft files (.idf, .ids) and its text export.

A .idf is a binary hybrid: blocks of `key=value` lines, then the tables as text, each after its
name: the number of columns, the number of rows, the rows. A .ids holds several. The columns of
`primary_data` have no names: Z', Z'' and frequency for impedance, time, current and potential for
transients; of other methods they are kept by number. The sign of a current is not written.
Source of the layout: Galv 2.1, `ivium_input_file.py`, and pyimpspec 5.1, `tests/data.idf`.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.everyday_words import everyday_columns
from faradaic.datafiles.readers.headers import sign_unknown, split_header, warning
from faradaic.datafiles.readers.text import damaged, decode, numeric_table, parse_number
from faradaic.diagnostics import Diagnostic
from faradaic.quantities import to_SI

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PRIMARY = re.compile(rb"primary_data\s*\r?\n\s*(\d{1,3})\s*\r?\n\s*(\d{1,9})\s*\r?\n")
_OTHER = re.compile(rb"^([a-z]+_data)\s*\r?\n", re.M)
_SETTING = re.compile(rb"^([A-Za-z][^=\r\n\0]{0,60})=([^\r\n]{0,200})\r?$", re.M)
_REPEATED = re.compile(r"\[\d+\]|^timing|^Data Options\.Analog")
"""Settings of every point or channel."""
_BLANKS = re.compile(rb"[ \t]+")
_DATE = "%d/%m/%Y %H:%M:%S"
_TEXT_HEAD = re.compile(rb"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d\s*\r?\n[^\r\n]*(time/s|E/V|I/A)")
_IMPEDANCE = (("impedance_real", "Ohm"), ("impedance_imaginary", "Ohm"), ("frequency", "Hz"))
_TRANSIENT = (("time", "s"), ("current", "A"), ("potential", "V"))
_COLUMNS = (
    ("impedance", _IMPEDANCE),
    ("transient", _TRANSIENT),
    ("chrono", _TRANSIENT),
    ("mixedmode", _TRANSIENT),
)
"""By the beginning of the method's name."""


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this was written by IviumSoft."""
    begin = head.lstrip(b"\0")[:64]
    if re.search(rb"\r\n?\0?(Peaks|Version|Corrosion)=", begin) or b"\nMconfig=" in head:
        return True
    return bool(_PRIMARY.search(head) or _TEXT_HEAD.match(head))


def parse(data: bytes, path: Path) -> Dataset:
    """The first measurement; others of the file are `further` tables by their titles.

    Raises `InputError` naming the offset where there is no table or it is cut off.
    """
    if _TEXT_HEAD.match(data):
        return _text_export(data, path)
    warnings: list[Diagnostic] = []
    found: list[tuple[dict[str, str], dict[str, Column]]] = []
    position = 0
    for match in _PRIMARY.finditer(data):
        settings = _settings(data[position : match.start()])
        found.append((settings, _primary(data, match, settings, path, warnings)))
        position = match.end()
    if not found:
        raise damaged(path, len(data), 'the table "primary_data" is missing')
    others = sorted({name.decode() for name in _OTHER.findall(data)} - {"primary_data"})
    if others:
        warnings.append(warning("E757", f"{path}: the tables {', '.join(others)} are left out"))
    settings, columns = found[0]
    if "current_A" in columns:
        warnings.append(sign_unknown(path))
    further: dict[str, dict[str, Column]] = {}
    for other, table in found[1:]:
        name = other.get("Title") or "measurement"
        while name in further:
            name += " again"
        further[name] = table
    return Dataset(
        columns,
        technique=settings.get("Method", ""),
        instrument="Ivium",
        start=_start(settings.get("starttime", "")),
        area_m2=_area(settings, path, warnings),
        metadata=settings,
        warnings=tuple(warnings),
        further=further,
    )


def _settings(block: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in _SETTING.findall(block):
        name = key.decode("latin-1").strip()
        if value.strip() and not _REPEATED.search(name):
            text = value.decode("latin-1")
            found.setdefault(name, re.sub(r"[\x00-\x1f]+", "; ", text).strip("; "))
    return found


def _primary(
    data: bytes,
    match: re.Match[bytes],
    settings: dict[str, str],
    path: Path,
    warnings: list[Diagnostic],
) -> dict[str, Column]:
    width, rows = int(match[1]), int(match[2])
    end = match.end()
    for _ in range(rows):
        line_end = data.find(b"\n", end)
        if line_end < 0:
            end = len(data)
            break
        end = line_end + 1
    arrays, odd = _table(data[match.end() : end], width, path, match.end())
    warnings += odd
    if len(arrays[0]) < rows:
        what = f"{path} ends at byte {len(data)}: {len(arrays[0])} of {rows} rows are left"
        warnings.append(warning("E744", what))
    behind = data[end : data.find(b"\n", end)].split()
    if len(behind) == width and all(parse_number(decode(cell)) is not None for cell in behind):
        what = f"{path} states {rows} rows at byte {match.start()}, and more stand behind them"
        warnings.append(warning("E744", what, "export it again"))
    method = settings.get("Method", "").replace(" ", "").lower()
    named = next((names for start, names in _COLUMNS if method.startswith(start)), ())
    columns: dict[str, Column] = {}
    for i, values in enumerate(arrays):
        if i < len(named):
            name, unit = named[i]
            columns[f"{name}_{unit}"] = Column(values, unit, f"column {i + 1}")
        else:
            columns[f"column {i + 1}"] = Column(values, "", f"column {i + 1}")
    if len(named) < width:
        method = settings.get("Method", "this method")
        warnings.append(
            warning(
                "E745",
                f"{path}: what the columns from {len(named) + 1} on of {method} are is not written",
                'name them: --map "potential=column 1, V" --map "current=column 2, A"',
            )
        )
    return columns


def _table(
    rows: bytes, width: int, path: Path, offset: int
) -> tuple[list[NDArray[np.float64]], list[Diagnostic]]:
    """Columns between blanks and tabs. Raises `InputError` naming the offset of no such table."""
    lines = b"\n".join(_BLANKS.sub(b"\t", line.strip()) for line in rows.splitlines())
    if not 1 <= width <= 64:
        raise damaged(path, offset, f"it would have {width} columns")
    return numeric_table(lines + b"\n", 0, width, path)


def _text_export(data: bytes, path: Path) -> Dataset:
    """A date, the names of the columns, the rows; a last column has no name."""
    lines = data.split(b"\n", 3)
    names = decode(lines[1]).split()
    first = lines[2].split() if len(lines) > 2 else []
    if not first:
        raise damaged(path, len(data), "no row stands below the names of the columns")
    offset = len(lines[0]) + len(lines[1]) + 2
    arrays, warnings = _table(data[offset:], max(len(names), len(first)), path, offset)
    names += [f"column {i + 1}" for i in range(len(names), len(arrays))]
    columns, unknown = everyday_columns(
        (*split_header(name), values) for name, values in zip(names, arrays, strict=True)
    )
    warnings += unknown
    if "current_A" in columns:
        warnings.append(sign_unknown(path))
    return Dataset(
        columns,
        instrument="Ivium",
        start=_start(decode(lines[0]).strip()),
        warnings=tuple(warnings),
    )


def _start(text: str) -> datetime | None:
    """Local time, the day first."""
    try:
        return datetime.strptime(text, _DATE)
    except ValueError:
        return None


def _area(settings: dict[str, str], path: Path, warnings: list[Diagnostic]) -> float | None:
    value = parse_number(settings.get("Data Options.Area", ""), decimal_comma=True)
    if value == 1.0:
        warnings.append(warning("E749", f"{path}: the area is Ivium's default, taken as unknown"))
        return None
    return to_SI(value, "cm^2") if value and value > 0 else None
