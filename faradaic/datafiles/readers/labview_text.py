"""LabVIEW's text files (.lvm): channels of one or several segments, each with its own beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.everyday_words import everyday_columns
from faradaic.datafiles.readers.headers import sign_unknown, split_header, warning
from faradaic.datafiles.readers.moments import parse_moment
from faradaic.datafiles.readers.text import damaged, decode, numeric_table, parse_number
from faradaic.datafiles.written_forms import written_as
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_TAG = b"LabVIEW Measurement"
_END = b"***End_of_Header***"
_SEPARATORS = {"Tab": "\t", "Comma": ",", "": "\t"}
_X = "X_Value"
_COMMENT = "Comment"
_MOST_SEGMENTS = 10_000


class _Segment(NamedTuple):
    about: Mapping[str, Sequence[str]]
    """The lines of its heading: a value for each channel."""
    names: Sequence[str]
    start: int
    end: int


def sniff(head: bytes, path: Path) -> bool:
    """The first line of such a file."""
    return head.startswith(_TAG)


def parse(data: bytes, path: Path) -> Dataset:
    """The channels of all segments of the same channels; those of others are `further`.

    Times are those of the X column, or of X0 and Delta_X for as many rows as the heading counts;
    segments follow each other by their dates. Raises `InputError` (E743) where no channel is left.
    """
    about = _file_heading(data)
    separator = _SEPARATORS.get(about.get("Separator", "Tab"), "\t")
    mark = "1.000,5" if about.get("Decimal_Separator") == "," else "1,000.5"
    told: list[Diagnostic] = []
    with written_as(numbers=mark):
        read = [
            (segment, *_channels(segment, data, separator, about, path, told))
            for segment in _segments(data, separator, path)
        ]
    read = [one for one in read if one[2]]
    if not read:
        raise damaged(path, len(data), "no channel stands below its heading")
    groups: dict[tuple[str, ...], list[tuple[datetime | None, dict[str, Column]]]] = {}
    for _, start, columns in read:
        groups.setdefault(tuple(columns), []).append((start, columns))
    taken = max(groups, key=lambda names: sum(len(next(iter(c.values())).values)
                                              for _, c in groups[names]))  # fmt: skip
    columns = _joined(groups[taken], path, told)
    others = {
        f"segment with {', '.join(names)}": _joined(parts, path, told)
        for names, parts in groups.items()
        if names != taken
    }
    if others:
        told.append(warning("E757", f"{path}: the segments with {', '.join(taken)} are read"))
    if any(column.unit in ("A", "A/m^2") for column in columns.values()):
        told.append(sign_unknown(path))
    return Dataset(
        columns,
        instrument="LabVIEW",
        start=groups[taken][0][0],
        metadata=about,
        further=others,
        warnings=tuple({one.message: one for one in told}.values()),
    )


def _file_heading(data: bytes) -> dict[str, str]:
    """The keys and values above the first end of a heading."""
    head = decode(data[: max(0, data.find(_END))])
    about = {}
    for line in head.splitlines()[1:]:
        separator = "\t" if "\t" in line else ","
        key, _, value = line.partition(separator)
        if key.strip():
            about[key.strip()] = value.strip(" \t,") if key != "Decimal_Separator" else value[:1]
    return about


def _segments(data: bytes, separator: str, path: Path) -> list[_Segment]:
    """Where the rows of each segment stand, and what its heading says."""
    at = data.find(_END)
    found: list[_Segment] = []
    while at >= 0:
        begin = data.find(b"Channels", at)
        end = data.find(_END, begin) if begin >= 0 else -1
        if end < 0:
            break
        if len(found) >= _MOST_SEGMENTS:
            raise damaged(path, begin, f"it has more than {_MOST_SEGMENTS} segments")
        lines = [line.split(separator) for line in decode(data[begin:end]).splitlines()]
        about = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines if cells}
        names_at = data.find(b"\n", end) + 1
        rows_at = data.find(b"\n", names_at) + 1
        if not names_at or not rows_at:
            break
        following = data.find(b"\nChannels" + separator.encode(), rows_at)
        rows_end = len(data) if following < 0 else following + 1
        names = [
            name.strip() for name in decode(data[names_at:rows_at]).strip("\r\n").split(separator)
        ]
        found.append(_Segment(about, names, rows_at, rows_end))
        at = rows_end - 1 if following >= 0 else -1
    return found


def _channels(
    segment: _Segment,
    data: bytes,
    separator: str,
    about: Mapping[str, str],
    path: Path,
    told: list[Diagnostic],
) -> tuple[datetime | None, dict[str, Column]]:
    """When a segment begins, and its columns in SI with the time of each row."""
    import numpy as np

    names = list(segment.names)
    while names and not names[-1]:
        names.pop()
    if names and not names[0] and about.get("X_Columns") == "No":
        names[0] = _X
    words: dict[int, pl.Series | None] = {i: None for i, n in enumerate(names) if n == _COMMENT}
    rows = b"".join(
        line for line in data[segment.start : segment.end].splitlines(keepends=True)
        if line.strip() and not line.startswith(b"***")
    )  # fmt: skip
    arrays, odd = numeric_table(rows, 0, len(names), path, separator=separator, words=words)
    told += [one for one in odd if one.code != "E752" or not words]  # few rows have a comment
    for series in words.values():
        shifted = [] if series is None else [
            row for row, cell in enumerate(series.to_list())
            if cell and parse_number(cell, decimal_comma=True) is not None
        ]  # fmt: skip
        if shifted:
            what = f"{path}: {len(shifted)} rows have a number more than channels and stay empty"
            told.append(
                warning("E744", f"{what}: row {shifted[0] + 1}", "look at them in the file")
            )
        for values in arrays:
            values[shifted] = np.nan
    several = names.count(_X) > 1
    channels = [i for i, name in enumerate(names) if i not in words and name != _X]
    x_of = {i: (i - 1 if several else 0) for i in channels}
    labels = segment.about.get("Y_Unit_Label", [])
    raw, time_s = [], None
    for number, i in enumerate(channels):
        name, unit = split_header(names[i] or f"channel {number + 1}")
        raw.append((name, unit or (labels[number] if number < len(labels) else ""), arrays[i]))
    size = len(arrays[0]) if arrays else 0
    if channels:
        columns_of_x = np.array([arrays[x_of[i]] for i in channels]) if names[0] == _X else None
        time_s = _times(segment, columns_of_x, size, about, path, told)
    columns, unknown = everyday_columns(raw)
    told += unknown
    start = _start(segment.about) or _start({key: [value] for key, value in about.items()})
    if time_s is not None and "time_s" not in columns:
        columns = {"time_s": Column(time_s, "s", _X), **columns}
    return start, columns


def _times(
    segment: _Segment,
    columns: NDArray[np.float64] | None,
    rows: int,
    about: Mapping[str, str],
    path: Path,
    told: list[Diagnostic],
) -> NDArray[np.float64] | None:
    """Seconds of each row; None where the X of the channels is no time or differs among them."""
    import numpy as np

    if any(axis not in ("Time", "") for axis in segment.about.get("X_Dimension", [])):
        return None
    if columns is not None and not np.isnan(columns).all():
        if (np.nan_to_num(columns) != np.nan_to_num(columns[0])).any():
            what = f"{path}: its channels have times of their own; those of the first are read"
            told.append(warning("E757", what, "save all channels at one rate"))
        first = columns[0]
        if about.get("Time_Pref") == "Absolute":
            first = first - np.nanmin(first)
        if (np.diff(first[~np.isnan(first)]) < 0).any():
            what = f"{path}: its X_Value falls: each packet may count from its own beginning"
            told.append(warning("E759", what, "charges are wrong until the times are put right"))
        return np.array(first)
    step, begin = (_first(segment.about.get(key, [])) for key in ("Delta_X", "X0"))
    if step is None:
        return None
    counted = int(_first(segment.about.get("Samples", [])) or 0)
    time_s = (begin or 0.0) + step * np.arange(rows, dtype=np.float64)
    if counted < rows:
        what = f"{path}: its heading tells the times of the first {counted} of {rows} rows alone"
        told.append(warning("E746", what, "save an X column with the channels"))
        time_s[counted:] = np.nan
    return time_s


def _first(cells: Sequence[str]) -> float | None:
    return parse_number(cells[0], decimal_comma=True) if cells else None


def _start(about: Mapping[str, Sequence[str]]) -> datetime | None:
    dates, times = about.get("Date", []), about.get("Time", [])
    if not dates or not times:
        return None
    time, mark, fraction = times[0].replace(",", ".").partition(".")
    return parse_moment(f"{dates[0]} {time}{mark}{fraction[:6]}")


def _joined(
    parts: Sequence[tuple[datetime | None, dict[str, Column]]], path: Path, told: list[Diagnostic]
) -> dict[str, Column]:
    """The columns of segments one after the other, their times since the first began."""
    import numpy as np

    if len(parts) == 1:
        return parts[0][1]
    starts = [start for start, _ in parts]
    dated = [start for start in starts if start is not None]
    shifts = [0.0] * len(parts)
    if len(dated) == len(parts):
        shifts = [(start - dated[0]).total_seconds() for start in dated]
    else:
        told.append(warning("E756", f"{path} does not tell when its segments begin"))
    joined = {}
    for name, column in parts[0][1].items():
        values = np.concatenate([
            columns[name].values + (shift if name == "time_s" else 0.0)
            for shift, (_, columns) in zip(shifts, parts, strict=True)
        ])  # fmt: skip
        joined[name] = replace(column, values=values)
    return joined
