"""Times that programs count from 1970 (Unix) or 1904 (LabVIEW): seconds since the first row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column
from faradaic.datafiles.readers.everyday_words import quantity_of
from faradaic.datafiles.readers.headers import split_header, warning
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORDS = (
    "timestamp",
    "time stamp",
    "unix time",
    "unix timestamp",
    "epoch",
    "epoch time",
    "unixtime",
)
_FIRST_s, _LAST_s = 0.9e9, 2.9e9
"""From 1998 to 2061."""
_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_UNIX, _LABVIEW = datetime(1970, 1, 1, tzinfo=UTC), datetime(1904, 1, 1, tzinfo=UTC)


def since_1970(
    columns: dict[str, Column], path: Path, warnings: list[Diagnostic]
) -> tuple[dict[str, Column], datetime | None]:
    """The columns with a `time_s` from the first row on, and when that was.

    No measurement takes thirty years: a time beyond that is one of the calendar, and of the units
    from the nanosecond on a single one brings it into this age. Other columns stay as they are.
    """
    for name, column in columns.items():
        if name == "time_s" or ("time_s" not in columns and _is_time(column)):
            found = _unit_and_start(column.values, known=name == "time_s")
            if found is None:
                continue
            factor, start = found
            first = column.values[column.values == column.values][0]
            seconds = (column.values - first) * factor
            answered = repr(column.raw_name)
            warnings[:] = [w for w in warnings if w.code != "E745" or answered not in w.message]
            what = f"{path}: {column.raw_name!r} is a time of the calendar, {start:%Y-%m-%d %X} UTC"
            warnings.append(warning("E764", f"{what} in the first row; it is counted from there"))
            made = {key: one for key, one in columns.items() if key != name}
            return {"time_s": replace(column, values=seconds, unit="s"), **made}, start
    return columns, None


def _is_time(column: Column) -> bool:
    name, unit = split_header(column.raw_name)
    found = quantity_of(name)
    return not unit and (name.casefold() in _WORDS or (found is not None and found[0] == "time"))


def _unit_and_start(values: NDArray[np.float64], known: bool) -> tuple[float, datetime] | None:
    import numpy as np

    told = values[np.isfinite(values)]
    if not told.size:
        return None
    for factor in (1.0,) if known else _UNITS.values():
        least, most = float(told.min()) * factor, float(told.max()) * factor
        if _FIRST_s < least and most < _LAST_s:
            return factor, _UNIX + timedelta(seconds=float(told[0]) * factor)
        since_s = (_UNIX - _LABVIEW).total_seconds()
        if _FIRST_s < least - since_s and most - since_s < _LAST_s:
            return factor, _LABVIEW + timedelta(seconds=float(told[0]) * factor)
    return None
