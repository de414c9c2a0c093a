"""Dates and times of day as instruments write them: which number is the day is settled here alone.

What a date does not tell by itself (05/06/24) follows from the other rows: all must be dates, time
runs forward, agrees with a column of elapsed times, and midnight is no longer a step than others.
What stays open is asked where the times depend on it, and told where only the start does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from faradaic.datafiles.readers.clock_times import DAY_s, clock_s, is_clock
from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.written_forms import stated_order
from faradaic.diagnostics import Diagnostic, refusal
from faradaic.quantities.constants import HOUR_S

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_NUMBERS = r"(?P<a>\d{1,4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,4})日?"
_DAY_NAME = r"(?P<b>\d{1,2})\.?[-/ ]*(?P<a>\p{L}{3,9})\.?[-/., ]*(?P<c>\d{2}(?:\d{2})?)"
_NAME_DAY = r"(?P<a>\p{L}{3,9})\.?[-/ ]*(?P<b>\d{1,2})(?:,\s*|[-/ ]+)(?P<c>\d{4})"
_CLOCK = r"(?P<h>\d{1,2})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d(?:[.,:]\d+)?))?" + (
    r"(?:\s*(?P<p>[AaPp])\.?\s?[Mm]\.?)?"
)
_ZONE = r"\s*(?P<z>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?"
_AT_ONCE = (
    r"(?P<a>\d{4})[-_]?(?P<b>\d\d)[-_]?(?P<c>\d\d)[T_ -]"
    r"(?P<h>\d\d)[-_]?(?P<m>\d\d)[-_]?(?P<s>\d\d(?:[.,]\d+)?)(?P<p>[AaPp])?"
)
"""As in the names of files: 20240105T100000, 2024-01-05_10-00-00. None has an AM there."""
_FORMS = (
    *(
        form
        for date in (_NUMBERS, _DAY_NAME, _NAME_DAY)
        for form in (rf"^{date}(?:T|,?\s+){_CLOCK}{_ZONE}$", rf"^{_CLOCK}\s+{date}$")
    ),
    rf"^{_AT_ONCE}{_ZONE}$",
)
"""Date and time in either order, as polars matches them; the month by its number or its name."""
_DATES = tuple(
    rf"^{date}(?P<h>)(?P<m>)(?P<s>)(?P<p>)$" for date in (_NUMBERS, _DAY_NAME, _NAME_DAY)
)
"""Without a time of day."""
_HALVES = {"上午": "AM", "午前": "AM", "오전": "AM", "下午": "PM", "午後": "PM", "오후": "PM"}
"""Of a day, before the hour."""
_ZONED = re.compile(r"(Z|UTC|GMT|:\d\d(?:[.,]\d+)?\s?[+-]\d\d(?::?\d\d)?)$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan ene gen", "feb fev fév", "mar mär mrz mär", "apr avr abr", "may mai mag maj",
         "jun jui", "jul", "aug aoû ago", "sep set", "oct okt ott out", "nov", "dec dez déc dic"),
        1,
    )
    for name in names.split()
}  # fmt: skip
"""By their first three letters in English, German, French, Spanish and Italian."""
_USUAL = {"/": ("mdy", "dmy", "ymd"), "-": ("ymd", "dmy", "mdy"), ".": ("dmy", "ymd")}
"""The orders that are possible with each mark, the most usual first."""
_LONGEST = 40
_HAS_TIME = re.compile(r":|\d[T_ -]+\d{6}|[T_ ]\d\d?[-.]\d\d[-.]\d\d(?:\D|$)")
"""What has none of these holds no time of day."""
_FIRST_YEAR_OF_1900 = 69
"""Two digits from here on are years of the last century, as POSIX has it."""
_LONGER = 10.0
"""A step over midnight takes less than a day, or this many times the longest step of one day."""
_AGREE_s = 2.0
_HEAD_ROWS = 100
_ZERO, _LOWER = ord("0"), 0x20


class _Fields(NamedTuple):
    """The parts of a column of dates, NaN where a cell is none."""

    date: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    days: NDArray[np.int64]
    """The rows at which a part of the date is another than in the row before, and their number."""
    of_day_s: NDArray[np.float64]
    """With the zone taken off."""
    zone_s: float | None
    """Of the first row: what its local time is ahead of UTC; None where no zone is told."""
    orders: Sequence[str]
    """What the three numbers of a date may be, the most usual first."""


def parse_moment(text: str) -> datetime | None:
    """Date and time of one cell, its numbers in the most usual order; None where it is none."""
    return _moment(" ".join(text.split()), stated_order())


@lru_cache(maxsize=4096)
def _moment(text: str, stated: str) -> datetime | None:
    del stated  # of which the cached answer depends
    if len(text) > _LONGEST or sum(c.isdigit() for c in text) < 5 or not _HAS_TIME.search(text):
        return None
    import polars as pl

    return _start(_column(pl.Series([text])))


def _like_a_moment(text: str) -> bool:
    """Whether a cell has the form of a date with a time; a column of them is read at once."""
    text = " ".join(text.split())
    return len(text) <= _LONGEST and any(form.match(text) for form in _one_by_one())


@cache
def _one_by_one() -> Sequence[re.Pattern[str]]:
    return [re.compile(form.replace(r"\p{L}", r"[^\W\d_]")) for form in _FORMS]


def iso_moment(written: Any) -> datetime | None:
    """A date as programs write it (ISO 8601); None for anything else."""
    try:
        return datetime.fromisoformat(written)
    except (TypeError, ValueError):
        return None


def is_moment(text: str) -> bool:
    """Whether a cell is a date with a time, a time of day, or one that elapsed."""
    return is_clock(text) or parse_moment(text) is not None


def is_date(text: str) -> bool:
    """Whether a cell is a date without a time of day."""
    if not (6 <= len(text) <= _LONGEST and sum(c.isdigit() for c in text) >= 4):
        return False
    import polars as pl

    return any(form.match(text) for form in _without_times()) and (
        _start(_column(pl.Series([text]))) is not None
    )


@cache
def _without_times() -> Sequence[re.Pattern[str]]:
    return [re.compile(form.replace(r"\p{L}", r"[^\W\d_]")) for form in _DATES]


def settled(texts: Sequence[str], path: Path) -> tuple[list[datetime] | None, list[Diagnostic]]:
    """Some dates that belong together, and what is doubtful about them; None where one is none."""
    moments, told = _settled(tuple(texts), path, stated_order())
    return None if moments is None else list(moments), list(told)


@lru_cache(maxsize=64)
def _settled(
    texts: tuple[str, ...], path: Path, stated: str
) -> tuple[list[datetime] | None, list[Diagnostic]]:
    """The same, once for a file that is read again; `stated` is the order that holds for it."""
    import polars as pl

    if not texts or not all(map(_like_a_moment, texts)):
        return None, []
    zoned = {text.strip()[-6:] if _ZONED.search(text) else "" for text in texts}
    seconds, start, told = elapsed_s(pl.Series(texts), path)
    told = [one for one in told if one.code != "E773"]  # in whatever order they stand
    if start is None or (seconds != seconds).any() or len(zoned) > 1:
        one_by_one = [moment for text in texts if (moment := parse_moment(text))]
        same = len({moment.tzinfo is None for moment in one_by_one}) == 1
        return (one_by_one if same and len(one_by_one) == len(texts) else None), told
    return [start + timedelta(seconds=s) for s in seconds.tolist()], told


def elapsed_s(
    cells: pl.Series,
    path: Path,
    elapsed: NDArray[np.float64] | None = None,
    header: str = "",
) -> tuple[NDArray[np.float64], datetime | None, list[Diagnostic]]:
    """Seconds since the first row of a column of dates or times of day, and that row's date.

    `elapsed` are the elapsed times of another column, in s. Times of day have no date (None); one
    that is earlier than the one before is of the next day. Dates without times count from midnight.
    What has not the first cell's form is NaN. Raises `InputError` (E750) where the times depend on
    an order that nothing settles.
    """
    import numpy as np

    first = first_of(cells)
    if not first:
        return np.full(len(cells), np.nan), None, []
    if is_clock(first.strip()):
        seconds, told = clock_s(cells, first.strip(), path, header, elapsed)
        return seconds, None, told
    if (fields := _column(cells)) is None:
        return np.full(len(cells), np.nan), None, []
    times = {order: _seconds(fields, order) for order in fields.orders}
    told = []
    if any(form.match(first.strip()) for form in _without_times()):
        what = f"{path}: the rows have dates and no times of day; they count from midnight"
        told.append(warning("E757", what))
    order = fields.orders[0]
    if len(times) > 1:
        order, doubt = _order(times, fields, elapsed, f"{first.strip()} of {path}")
        told += doubt
    seconds = times.pop(order)
    times.clear()
    whole = seconds if np.isfinite(seconds).all() else seconds[~np.isnan(seconds)]
    if (back := np.flatnonzero(whole[1:] < whole[:-1])).size:
        what = f"{path}: the clock runs backwards after row {back[0] + 1}"
        remedy = "summer time may have ended there, or two records stand in one file"
        told.append(warning("E773", what, remedy))
    start = _start(fields, order)
    if whole.size:
        seconds -= whole[0]
    return seconds, start, told


def _order(
    times: Mapping[str, NDArray[np.float64]],
    fields: _Fields,
    elapsed: NDArray[np.float64] | None,
    first: str,
) -> tuple[str, list[Diagnostic]]:
    """The order that all evidence allows, and a warning where only the start depends on it."""
    import numpy as np

    unread = {order: int(np.isnan(seconds).sum()) for order, seconds in times.items()}
    left = [order for order in times if unread[order] == min(unread.values())]
    steps = {order: np.diff(times[order]) for order in left}
    same_day = np.ones(len(fields.of_day_s) - 1, bool)
    same_day[fields.days[1:-1] - 1] = False
    of_a_day = abs(steps[left[0]][same_day])
    longest_s = max(_LONGER * float(np.nan_to_num(of_a_day).max(initial=0.0)), DAY_s - 1.0)
    evidence: tuple[Callable[[str], bool], ...] = (
        lambda order: not (steps[order] < 0).any(),
        lambda order: elapsed is not None and _agree(times[order], elapsed),
    )
    for allows in evidence:
        left = [order for order in left if allows(order)] or left
    if len(left) == 1:
        return left[0], []
    likely = [o for o in left if not (abs(steps[o][~same_day]) > longest_s).any()] or left
    if len(likely) == 1:
        other = next(order for order in left if order not in likely)
        longest_h = float(np.nanmax(abs(steps[other]))) / HOUR_S
        what = (
            f"the dates from {first} on are taken as {_in_words(likely)}: as {_in_words([other])}"
            f" two rows would lie {longest_h:.0f} h apart"
        )
        return likely[0], [warning("E750", what, _stating(likely[0]))]
    left = likely
    what, remedy = _in_words(left), _stating(left[-1])
    if all(np.allclose(steps[order], steps[left[0]], equal_nan=True) for order in left):
        if len({_start(fields, order) for order in left}) == 1:
            return left[0], []
        return left[0], [warning("E750", f"the date {first} may be {what}; the first is taken",
                                 remedy)]  # fmt: skip
    raise refusal(
        "E750", f"the dates from {first} on may be {what}, and their times differ", remedy
    )


def _in_words(orders: Sequence[str]) -> str:
    names = {"d": "day", "m": "month", "y": "year"}
    return " or ".join("/".join(names[c] for c in order) for order in orders)


def _stating(order: str) -> str:
    written = "/".join(2 * c for c in order)
    return f'state it: --assume dates="{written}", in a study `dates: {written}`'


def _agree(seconds: NDArray[np.float64], elapsed: NDArray[np.float64]) -> bool:
    import numpy as np

    with np.errstate(invalid="ignore"):
        differ = abs((seconds - seconds[0]) - (elapsed - elapsed[0])) > _AGREE_s
    return not differ.any()


def first_of(cells: pl.Series) -> str:
    """The first cell that holds something; "" where none does."""
    found = next((cell for cell in cells.head(_HEAD_ROWS) if cell), None)
    if found is None:
        known = cells.filter(cells.is_not_null() & (cells != ""))
        found = known[0] if len(known) else ""
    return str(found)


def _half_behind(cells: pl.Series) -> pl.Series:
    """A column whose 下午 stands before the hour with a PM behind it."""
    for word, half in _HALVES.items():
        cells = cells.str.replace(rf"^(.*?)\s*{word}\s*(\d.*)$", f"$1 $2 {half}")
    return cells


def _column(cells: pl.Series) -> _Fields | None:
    """The parts of dates that all have the form of the first; None where that is no date."""
    import numpy as np
    import polars as pl

    if not first_of(cells).isascii():
        cells = _half_behind(cells)
    first = first_of(cells).strip()
    forms = zip((*_FORMS, *_DATES), (*_one_by_one(), *_without_times()), strict=True)
    form, match = next(((f, match) for f, one in forms if (match := one.match(first))), ("", None))
    if match is None:
        return None
    named = r"\p{L}" in form
    if not named and (fields := _alike(cells, match)):
        return fields
    parts = cells.str.strip_chars().str.extract_groups(form).struct.unnest()

    def number(name: str) -> NDArray[np.float64]:
        text = parts[name].str.replace(r"^$", "0").str.replace(",", ".", literal=True)
        return np.array(text.cast(pl.Float64, strict=False).to_numpy(), dtype=np.float64)

    zone_s: float | None = None
    ahead_s: float | NDArray[np.float64] = 0.0
    if "z" in parts.columns and parts["z"].is_not_null().any():
        zone_s = _offset_s(parts["z"].drop_nulls()[0])
        zones = {zone: _offset_s(zone) for zone in parts["z"].unique()}
        ahead_s = np.array([zones[zone] for zone in parts["z"]])
    half = None
    if parts["p"].is_not_null().any():
        half = np.array([(part or "").lower() for part in parts["p"]])
    of_day_s = _of_a_day(number("h"), number("m"), np.nan_to_num(number("s")), half) - ahead_s
    if named:
        names = {name: _MONTHS.get(name[:3].lower()) for name in parts["a"].unique() if name}
        month = np.array([names.get(name) or np.nan for name in parts["a"]])
        date = month, number("b"), number("c")
        return _Fields(date, _days(date), of_day_s, zone_s, ("mdy",))
    date = number("a"), number("b"), number("c")
    years = [max(len(part or "") for part in parts[name]) for name in "ac"]
    return _Fields(date, _days(date), of_day_s, zone_s, _orders(first, years))


def _alike(cells: pl.Series, first: re.Match[str]) -> _Fields | None:
    """The same of dates that have their digits and marks where the first has them; None of others.

    So do those of most recorders, and what stands at one place is read at once.
    """
    import numpy as np

    text, size, rows = first.string, len(first.string), len(cells)
    if not text.isascii() or cells.null_count():
        return None
    joined = str(cells.str.join("")[0]).encode()
    if len(joined) != size * rows:
        return None
    signs = np.frombuffer(joined, np.uint8).reshape(rows, size)
    digits = [i for i, sign in enumerate(text) if sign.isdigit() and not _within(first, "z", i)]
    marks = [i for i in range(size) if i not in digits and not _within(first, "p", i)]
    if (signs[:, marks] != signs[0, marks]).any() or (signs[:, digits] - _ZERO > 9).any():
        return None  # what is below a zero wraps around

    def number(name: str) -> NDArray[np.float64]:
        found = np.zeros(rows)
        power = 1.0
        begin, end = first.span(name)
        point = next((i for i in range(begin, end) if i not in digits), end)
        for i in reversed(range(begin, point)):
            found += (signs[:, i] - _ZERO) * power
            power *= 10.0
        behind = range(point + 1, end)
        if behind:
            fraction = np.zeros(rows)
            for i in behind:
                fraction = fraction * 10.0 + (signs[:, i] - _ZERO)
            found += fraction / 10.0 ** len(behind)
        return found

    zone = first["z"] if "z" in first.groupdict() else None
    half = None
    if first["p"]:
        letters = signs[:, first.start("p")] | _LOWER
        if not np.isin(letters, (ord("a"), ord("p"))).all():
            return None
        half = np.where(letters == ord("p"), "p", "a")
    of_day_s = _of_a_day(number("h"), number("m"), number("s"), half) - _offset_s(zone)
    date = number("a"), number("b"), number("c")
    orders = _orders(text, [len(first[name]) for name in "ac"])
    return _Fields(date, _days(date), of_day_s, _offset_s(zone) if zone else None, orders)


def _within(match: re.Match[str], name: str, at: int) -> bool:
    if match.groupdict().get(name) is None:
        return False
    begin, end = match.span(name)
    return begin <= at < end


def _of_a_day(
    hour: NDArray[np.float64],
    minute: NDArray[np.float64],
    second: NDArray[np.float64],
    half: NDArray[np.str_] | None,
) -> NDArray[np.float64]:
    """Seconds since midnight, NaN where a clock does not show that."""
    import numpy as np

    if half is not None:
        hour = np.where(half != "", hour % 12 + 12 * (half == "p"), hour)
    hour[(hour > 23) | (minute > 59)] = np.nan
    of_day_s: NDArray[np.float64] = hour * HOUR_S + minute * 60.0 + second
    return of_day_s


def _days(date: tuple[NDArray[np.float64], ...]) -> NDArray[np.int64]:
    import numpy as np

    rows = len(date[0])
    other = np.zeros(max(0, rows - 1), bool)
    for part in date:
        other |= part[1:] != part[:-1]
    return np.concatenate(([0], np.flatnonzero(other) + 1, [rows]))


def _orders(first: str, years: Sequence[int]) -> Sequence[str]:
    """What the numbers of a date may be, by its mark and the digits of its first and last."""
    mark = re.search(r"[-/.年]", re.sub(r"\d+:\S+", "", first))
    orders: Sequence[str] = _USUAL.get(mark[0] if mark else "", ("ymd",))
    if years[0] in (3, 4):
        orders = ("ymd",)
    elif years[1] in (3, 4):
        orders = tuple(order for order in orders if order[2] == "y")
    return (stated_order(),) if stated_order() in orders else orders


def _seconds(fields: _Fields, order: str) -> NDArray[np.float64]:
    """Seconds since 1970 in UTC, or as if the local time were; NaN where that is no date."""
    import numpy as np

    days_at = fields.days[:-1]
    part = {c: of[days_at] for c, of in zip(order, fields.date, strict=True)}
    year, month, day = part["y"], part["m"], part["d"]
    year = year + np.where(year < 100, np.where(year < _FIRST_YEAR_OF_1900, 2000, 1900), 0)
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1900)
    months = (np.where(good, year - 1970, 0) * 12 + np.where(good, month - 1, 0)).astype("M8[M]")
    days = months.astype("M8[D]") + np.where(good, day - 1, 0).astype(int)
    good &= days.astype("M8[M]") == months
    seconds = np.where(good, days.astype(np.int64) * DAY_s, np.nan)
    return np.repeat(seconds, np.diff(fields.days)) + fields.of_day_s


def _start(fields: _Fields | None, order: str = "") -> datetime | None:
    """The first row's date and time, with its zone where it has one."""
    import numpy as np

    if fields is None:
        return None
    for one in (order,) if order else fields.orders:
        seconds = _seconds(fields, one)
        if (found := np.flatnonzero(~np.isnan(seconds))).size:
            local_s = round(float(seconds[found[0]]) + (fields.zone_s or 0.0), 6)
            local = datetime(1970, 1, 1) + timedelta(seconds=local_s)
            if fields.zone_s is None:
                return local
            return local.replace(tzinfo=timezone(timedelta(seconds=fields.zone_s)))
    return None


def _offset_s(zone: str | None) -> float:
    if not zone or zone in ("Z", "UTC", "GMT"):
        return 0.0
    sign = -1.0 if zone[0] == "-" else 1.0
    minutes = int(zone[-2:]) if len(zone) > 3 else 0
    return sign * (int(zone[1:3]) * HOUR_S + minutes * 60.0)
