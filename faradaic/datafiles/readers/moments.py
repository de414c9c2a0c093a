"""Dates and times of day as instruments write them, one by one and a column at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from faradaic.datafiles.readers.headers import warning
from faradaic.diagnostics import Diagnostic
from faradaic.quantities.constants import HOUR_S

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d/%b/%Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%m-%Y",
)
_HOURS = ("%H:%M:%S", "%H:%M:%S.%f", "%I:%M:%S %p", "%H:%M", "%I:%M %p")
_BETWEEN = (" ", "T", ", ")
_OF_DAY = re.compile(r"\d{1,4}:\d\d(:\d\d([.,]\d+)?)?( ?[AaPp][Mm])?")
_LIKE_A_DATE = re.compile(r"(\d|[A-Z][a-z]{2} \d).{4,}[:\-/. ]\d")
_COMMA = re.compile(r"(:\d\d),(\d)")
"""A decimal comma in the seconds."""
_UNEVEN = re.compile(r"\s\s|[^\S ]|:\d\d,\d")
"""What a pattern does not allow: other blanks than one space, and that comma."""
_LONGEST = 40
_DAY_s = 24 * HOUR_S


def parse_moment(text: str) -> tuple[datetime, str] | None:
    """Date and time with the pattern they follow; None where it is no date with a time."""
    text = _COMMA.sub(r"\1.\2", " ".join(text.split()))
    if len(text) > _LONGEST or not _LIKE_A_DATE.match(text):
        return None
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[datetime, str] | None:
    for pattern in _patterns(text):
        try:
            return datetime.strptime(text, pattern), pattern
        except ValueError:
            continue
    return None


def iso_moment(written: Any) -> datetime | None:
    """A date as programs write it (ISO 8601); None for anything else."""
    try:
        return datetime.fromisoformat(written)
    except (TypeError, ValueError):
        return None


def is_moment(text: str) -> bool:
    """Whether a cell is a date with a time, or a time of day."""
    return bool(_OF_DAY.fullmatch(text)) or parse_moment(text) is not None


def day_month_doubt(moment: datetime, pattern: str, text: str) -> list[Diagnostic]:
    """A warning where day and month could be exchanged: they are read as month/day then."""
    doubtful = pattern.startswith("%m/%d") and moment.day <= 12 and moment.day != moment.month
    if not doubtful:
        return []
    return [warning("E750", f"the date {text.strip()} is read as month/day/year")]


def elapsed_s(
    cells: pl.Series,
) -> tuple[NDArray[np.float64], datetime | None, list[Diagnostic]]:
    """Seconds since the first row of a column of dates or times of day, and that row's date.

    Times of day have no date (None); one that is earlier than the one before is of the next day.
    What does not follow the first cell's pattern is NaN.
    """
    import numpy as np

    known = cells.filter(cells.is_not_null() & (cells != ""))
    if not len(known):
        return np.full(len(cells), np.nan), None, []
    first = str(known[0])
    if _OF_DAY.fullmatch(first):
        return _of_day_s(cells), None, []
    found = parse_moment(first)
    if found is None:
        return np.full(len(cells), np.nan), None, []
    moment, pattern = found
    doubt = day_month_doubt(moment, pattern, first)
    if doubt and (other := _day_first(known, pattern)):
        pattern, doubt = other, []
        moment = datetime.strptime(_COMMA.sub(r"\1.\2", " ".join(first.split())), pattern)
    seconds = _seconds(cells, pattern)
    start_s = float(seconds[np.flatnonzero(~np.isnan(seconds))[0]])
    return seconds - start_s, moment, doubt


def _day_first(cells: pl.Series, pattern: str) -> str | None:
    """The pattern with the day first, where a later row can only be read so."""
    import numpy as np

    exchanged = pattern.replace("%m/%d", "%d/%m")
    if np.isnan(_seconds(cells, pattern)).any() and not np.isnan(_seconds(cells, exchanged)).any():
        return exchanged
    return None


def _seconds(cells: pl.Series, pattern: str) -> NDArray[np.float64]:
    import numpy as np
    import polars as pl

    # polars has its own code for a fraction of a second, and zones turn all into UTC
    chrono = pattern.replace(".%f", "%.f")
    if cells.str.contains(_UNEVEN.pattern).any():
        cells = cells.str.replace_all(r"\s+", " ").str.replace(_COMMA.pattern, "$1.$2")
    kind = pl.Datetime("us", "UTC") if "%z" in pattern else pl.Datetime("us")
    moments = cells.str.to_datetime(chrono, strict=False, time_unit="us").cast(kind)
    epoch = moments.dt.epoch("us").cast(pl.Float64) / 1e6
    return np.array(epoch.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _of_day_s(cells: pl.Series) -> NDArray[np.float64]:
    import numpy as np
    import polars as pl

    parts = cells.str.extract_groups(
        r"^(?P<h>\d{1,4}):(?P<m>\d\d)(?::(?P<s>\d\d(?:[.,]\d+)?))?(?: ?(?P<p>[AaPp])[Mm])?$"
    ).struct.unnest()
    hour = parts["h"].cast(pl.Float64)
    half = parts["p"].str.to_lowercase()
    shift = (half == "p").fill_null(False).cast(pl.Float64) * 12.0
    twelve = half.is_not_null() & (hour == 12.0)
    hour = hour - twelve.fill_null(False).cast(pl.Float64) * 12.0 + shift
    second = parts["s"].str.replace(",", ".", literal=True).cast(pl.Float64).fill_null(0.0)
    of_day = hour * HOUR_S + parts["m"].cast(pl.Float64) * 60.0 + second
    seconds = np.array(of_day.fill_null(float("nan")).to_numpy(), dtype=np.float64)
    known = np.flatnonzero(~np.isnan(seconds))
    days = np.cumsum(np.diff(seconds[known], prepend=seconds[known[0]]) < 0)
    seconds[known] += days * _DAY_s
    elapsed: NDArray[np.float64] = seconds - seconds[known[0]]
    return elapsed


def _patterns(text: str) -> Iterator[str]:
    """The patterns that a text may follow, the zone with them where there is one."""
    zone = "%z" if re.search(r"\d(Z|[+-]\d\d:?\d\d)$", text) else ""
    for day, between, hour in product(_DAYS, _BETWEEN, _HOURS):
        yield f"{day}{between}{hour}{zone}"
    for hour, day in product(_HOURS, _DAYS):
        yield f"{hour} {day}"
