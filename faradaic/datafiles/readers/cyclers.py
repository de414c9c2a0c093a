"""Tables of battery cyclers as text: Arbin, Neware and Maccor, known by the words of their heads.

A voltage is that between the terminals; a current that charges the cell is positive. Maccor writes
currents without a sign and the state beside them; Neware's times may begin anew with every step.
Sources of the words: see `columns.csv`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import (
    known_columns,
    make_columns,
    split_header,
    warning,
)
from faradaic.datafiles.readers.text import damaged, decode, narrow, numeric_table, parse_number
from faradaic.diagnostics import Diagnostic
from faradaic.quantities.constants import HOUR_S

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

TEXT = True
_HEAD_BYTES = 8192
_OF_NUMBERS = re.compile(rb"[\"'\s]*[-+.\d]")
"""A line that no name begins."""
_SEPARATORS = (b"\t", b",", b";")
_MARKS = {
    "arbin": ({"data point", "test time"},),
    "neware": ({"record id", "step id"}, {"datapoint", "total time"}),
    "maccor": ({"cyc#", "step"}, {"rec#", "step"}),
}
"""Words of which all stand in a head, by the maker; one set is enough."""
_MAKERS = {"arbin": "Arbin", "neware": "Neware", "maccor": "Maccor"}
_CLOCK = r"^(?:(?P<d>\d+)d )?(?P<h>\d+):(?P<m>\d{1,2}):(?P<s>\d{1,2}(?:[.,]\d+)?)$"
_DISCHARGE = "^[Dd]"
"""Begins the state of Maccor in which the current flows out of the cell."""


class _Head(NamedTuple):
    maker: str
    names: list[str]
    separator: bytes
    start: int
    """Of the first row, in bytes."""


def sniff(head: bytes, path: Path) -> bool:
    """One of the first lines holds the words of one of the makers."""
    return _find_head(head) is not None


def parse(data: bytes, path: Path) -> Dataset:
    """Read the columns in SI. Raises `InputError` where there are no rows or no times."""
    data = narrow(data)
    head = _find_head(data)
    if head is None:
        raise damaged(path, 0, "there is no line with the words of a cycler")
    first = decode(data[head.start : data.find(b"\n", head.start)])
    cells = _cells(first, head.separator)
    words: dict[int, pl.Series | None] = {
        i: None
        for i, cell in enumerate(cells[: len(head.names)])
        if cell and parse_number(cell, decimal_comma=head.separator != b",") is None
    }
    arrays, warnings = numeric_table(
        data, head.start, len(head.names), path, separator=head.separator.decode(), words=words
    )
    known = known_columns(head.maker)
    raw, raw_names, left, states = [], [], [], None
    for i, (name, values) in enumerate(zip(head.names, arrays, strict=True)):
        header, unit = _split(name)
        if (series := words.get(i)) is not None:
            if header in ("state", "md"):
                states = series
            seconds = _clock_s(series)
            if seconds is None or header not in known:
                left.append(name)
                continue
            if missing := int((seconds != seconds).sum()):
                what = f"{path}: {missing} cells of {name!r} are no times and stay empty"
                warnings.append(warning("E746", what))
            unit, values = "s", seconds
        if name:
            raw_names.append(name)
            raw.append((header, unit or (known[header].unit if header in known else ""), values))
    made, odd = make_columns(head.maker, raw)
    warnings += odd
    columns = {
        name: replace(column, raw_name=written)
        for (name, column), written in zip(made.items(), raw_names, strict=True)
    }
    if left:
        what = f"{path}: the words and dates of {', '.join(left)} are left out"
        warnings.append(warning("E757", what))
    columns = _timed(columns, path, warnings)
    if head.maker == "maccor" and states is not None and "current_A" in columns:
        current = columns["current_A"]
        out = states.str.contains(_DISCHARGE).fill_null(False).to_numpy()
        below = current.values < 0.0
        if not below.any():
            turned = current.values * (1.0 - 2.0 * out)
            columns["current_A"] = replace(current, values=turned)
        elif (out & (current.values > 0.0)).any():
            what = f"{path}: currents of discharges have both signs, and are kept as they are"
            warnings.append(warning("E758", what, "look at them in the file"))
    if "current_A" in columns:
        what = f"{path}: a current that charges the cell is positive; the file does not tell which"
        remedy = 'state it: --assume sign="anodic" where charging oxidises at it, or "cathodic"'
        warnings.append(warning("E755", f"{what} electrode is the working electrode", remedy))
    return Dataset(
        columns,
        technique="battery cycling",
        instrument=_MAKERS[head.maker],
        metadata=_metadata(data[: head.start]),
        warnings=tuple(warnings),
    )


def _find_head(data: bytes) -> _Head | None:
    head = narrow(data[:_HEAD_BYTES]).removeprefix(b"\xef\xbb\xbf")
    shift = len(data[:_HEAD_BYTES]) - len(head)
    start = shift
    for line in head.splitlines(keepends=True):
        start += len(line)
        if _OF_NUMBERS.match(line):
            continue
        for separator in _SEPARATORS:
            if line.count(separator) < 3:
                continue
            names = _cells(decode(line), separator)
            words = {_split(name)[0] for name in names}
            for maker, marks in _MARKS.items():
                if any(mark <= words for mark in marks):
                    while names and not names[-1]:
                        names.pop()
                    return _Head(maker, names, separator, start)
    return None


def _cells(line: str, separator: bytes) -> list[str]:
    lines = [" ".join(line.splitlines())]
    row = next(csv.reader(lines, delimiter=separator.decode()), [])
    return [cell.strip() for cell in row]


def _split(name: str) -> tuple[str, str]:
    """The words of a head without case and underscores, and the unit; none for a form of times."""
    header, unit = split_header(name)
    if unit.lower().startswith(("h:min", "hh:mm", "d:h")):
        unit = ""
    return " ".join(header.replace("_", " ").lower().split()), {"Sec": "s", "Hr": "h"}.get(
        unit, unit
    )


def _clock_s(series: pl.Series) -> NDArray[np.float64] | None:
    """Seconds of times such as "1d 02:03:04.5"; None where they are none."""
    import numpy as np
    import polars as pl

    if not re.match(_CLOCK, str(series.drop_nulls().first() or "").strip()):
        return None
    parts = series.str.strip_chars().str.extract_groups(_CLOCK).struct.unnest()
    number = {
        key: parts[key].str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        for key in "dhms"
    }
    seconds = number["d"].fill_null(0.0) * (24 * HOUR_S) + number["h"] * HOUR_S
    seconds = seconds + number["m"] * 60.0 + number["s"]
    return np.array(seconds.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _timed(
    columns: Mapping[str, Column], path: Path, warnings: list[Diagnostic]
) -> dict[str, Column]:
    """With `time_s`, which is counted up from the times of the steps where there is no other."""
    import numpy as np

    if "time_s" in columns or "step_time_s" not in columns:
        return dict(columns)
    step = columns["step_time_s"]
    anew = np.diff(step.values) < 0.0
    counted = [columns[name].values for name in ("step", "cycle") if name in columns]
    if anew.any() and counted:
        begun = np.any([np.diff(values) != 0.0 for values in counted], axis=0)
        if (back := np.flatnonzero(anew & ~begun)).size:
            what = f"{path}: the time of a step runs backwards after row {back[0] + 1}"
            warnings.append(warning("E773", what, "look at that row in the file"))
        anew |= begun
    last = np.where(anew, step.values[:-1], 0.0)
    time_s = step.values + np.concatenate([[0.0], np.cumsum(np.nan_to_num(last))])
    what = f"{path} has times within steps alone: time_s is counted up from the last of each step"
    warnings.append(warning("E753", what, "what passed between two steps is not in it"))
    return {"time_s": Column(time_s, "s", step.raw_name), **columns}


def _metadata(head: bytes) -> dict[str, str]:
    """What stands above the table as `key: value` or in two cells."""
    found: dict[str, str] = {}
    for line in decode(head).splitlines()[:-1]:
        for cells in (line.split("\t"), line.split(": ", 1)):
            if len(cells) > 1 and cells[0].strip() and cells[1].strip():
                found.setdefault(cells[0].strip(" :"), cells[1].strip())
                break
    return found
