"""Times without a date: of day, elapsed, or of an hour: how many seconds lie between the rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.written_forms import stated_clock
from faradaic.diagnostics import Diagnostic, refusal
from faradaic.quantities.constants import HOUR_S

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

DAY_s = 24 * HOUR_S
_DAYS = r"(?:(?P<d>\d{1,4})(?:\s?(?:d|[Dd]ays?|Tage?|T|j|天)[ .,-]*|[ .-]))?"
_HALF = r"(?:\s?(?P<p>[AaPp])\.?\s?[Mm]\.?)?"
_THREE = r"(?P<h>\d{1,4}):(?P<m>\d\d):(?P<s>\d\d(?:[.,:]\d+)?)" + _HALF
_SIGN = r"(?P<n>[-+])?"
_FORMS = (
    rf"^{_SIGN}{_DAYS}\s*{_THREE}$",
    r"^(?P<h>\d{1,4}):(?P<m>\d\d)\s?(?P<p>[AaPp])\.?\s?[Mm]\.?$",
    r"^(?P<a>\d{1,4}):(?P<b>\d\d)$",
    r"^(?P<m>\d{1,4}):(?P<s>\d\d[.,]\d+)$",
    r"^(?:(?P<d>\d{1,4})\s?(?:d|days?|Tage?)\s*)?(?:(?P<h>\d{1,4})\s?h\s*)?"
    r"(?:(?P<m>\d{1,4})\s?m(?:in)?\s*)?(?:(?P<s>\d{1,9}(?:[.,]\d+)?)\s?s)?$",
)
"""Hours, minutes and seconds behind days or a sign; two numbers with AM or PM; two numbers, which
may be hours and minutes or minutes and seconds; minutes and seconds with a fraction; letters."""
_TWO, _OF_AN_HOUR, _LETTERS = 2, 3, 4
_LATEST_START_s = 6 * HOUR_S
"""A record whose times begin later does not count from its own beginning."""
_PLACES = {"hm": ("hour", "minute"), "ms": ("minute", "second")}
_CELLS = [re.compile(form) for form in _FORMS]


def is_clock(text: str) -> bool:
    """Whether a cell is a time of day, or one that elapsed."""
    return _form(text) is not None


def _form(text: str) -> int | None:
    if ":" not in text and not text.endswith(("s", "m", "n", "h", "d")):
        return None
    if not text[:1].isdigit() and text[:1] not in "-+":
        return None
    for number, form in enumerate(_CELLS):
        match = form.match(text)
        if match and (number != _LETTERS or sum(part is not None for part in match.groups()) > 1):
            return number
    return None


def clock_s(
    cells: pl.Series, first: str, path: Path, header: str, elapsed: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], list[Diagnostic]]:
    """Seconds since the first row, NaN where a cell has not the form of the first.

    Times of day that fall are of the next day, those of an hour of the next hour. Raises
    `InputError` (E750) where nothing tells whether two numbers are hours and minutes or minutes
    and seconds: no header, no column of elapsed times, no clock that begins in the day.
    """
    import numpy as np

    form = _form(first)
    if form is None:
        return np.full(len(cells), np.nan), []
    parts = _parts(cells, form)
    told: list[Diagnostic] = []
    if form == _TWO:
        of_two, told = _meaning(parts, first, path, header, elapsed)
        names = {"hm": ("h", "m"), "ms": ("m", "s")}[of_two]
        parts = dict(zip(names, (parts["a"], parts["b"]), strict=True))
    nothing = np.zeros(len(cells))
    seconds = (
        parts.get("d", nothing) * DAY_s
        + parts.get("h", nothing) * HOUR_S
        + parts.get("m", nothing) * 60.0
        + parts.get("s", nothing)
    ) * parts.get("n", nothing + 1.0)
    known = np.flatnonzero(~np.isnan(seconds))
    if not known.size:
        return seconds, told
    of = seconds[known]
    back = np.array(np.diff(of, prepend=of[:1]) < 0)
    if back.any() and not parts.get("d", nothing).any() and (of >= 0).all():
        period_s = _period(of, back, "h" not in parts, "p" in parts)
        seconds[known] += np.cumsum(back) * period_s
        if "h" not in parts:
            what = f"{path}: times such as {first} begin again {int(back.sum())} times; an hour is"
            told.append(warning("E773", f"{what} added at each"))
    return seconds - seconds[known[0]], told


def _period(
    of: NDArray[np.float64], back: NDArray[np.bool_], of_an_hour: bool, of_halves: bool
) -> float:
    """After how many seconds the times begin again."""
    import numpy as np

    if of_an_hour:
        return HOUR_S
    steps = np.diff(of, prepend=of[:1])[back]
    # a clock of twelve hours without AM and PM goes from 12:59 to 1:00, and never beyond
    of_twelve = (
        not of_halves
        and ((of >= HOUR_S) & (of < 13 * HOUR_S)).all()
        and (steps <= -11 * HOUR_S).all()
    )
    return DAY_s / 2 if of_twelve else DAY_s


def _meaning(
    parts: dict[str, NDArray[np.float64]],
    first: str,
    path: Path,
    header: str,
    elapsed: NDArray[np.float64] | None,
) -> tuple[str, list[Diagnostic]]:
    """What two numbers with a colon are: "hm" or "ms"."""
    import numpy as np

    if stated := stated_clock():
        return stated, []
    letters = re.sub(r"[^a-z:]", "", header.casefold())
    if re.search(r"m{1,2}(in)?:s", letters):
        return "ms", []
    if re.search(r"h{1,2}:m", letters):
        return "hm", []
    large, small = parts["a"], parts["b"]
    both = large * 60.0 + small
    if elapsed is not None:
        known = ~np.isnan(both) & ~np.isnan(elapsed)
        since, passed = both[known], elapsed[known]
        if since.size > 1:
            off = abs((since - since[0]) - (passed - passed[0])).max()
            off_hours = abs((since - since[0]) * 60.0 - (passed - passed[0])).max()
            if off != off_hours and min(off, off_hours) <= 60.0:
                return ("ms" if off < off_hours else "hm"), []
    times_s = both[~np.isnan(both)] * 60.0  # as hours and minutes
    starts_in_the_day = times_s.size and _LATEST_START_s <= times_s[0]
    if starts_in_the_day and (large[~np.isnan(large)] < 24).all():
        what = f"{path}: times such as {first} are taken as hours and minutes of a day"
        return "hm", [warning("E750", what, 'if not: --assume times="mm:ss"')]
    if times_s.size and not np.ptp(times_s):
        return "hm", []
    raise refusal(
        "E750",
        f"times such as {first} of {path} may be hours and minutes or minutes and seconds",
        'state it: --assume times="mm:ss", in a study `times: mm:ss`',
    )


def _parts(cells: pl.Series, form: int) -> dict[str, NDArray[np.float64]]:
    """The numbers of each part; 12 hours are added for PM, and `n` is the sign."""
    import numpy as np
    import polars as pl

    found = cells.str.strip_chars().str.extract_groups(_FORMS[form]).struct.unnest()
    made: dict[str, NDArray[np.float64]] = {}
    matched = pl.repeat(False, len(cells), eager=True)
    for name in found.columns:
        matched |= found[name].is_not_null()
    for name in found.columns:
        if name in ("p", "n"):
            continue
        text = found[name].str.replace(r"[,:](\d+)$", ".$1").cast(pl.Float64, strict=False)
        made[name] = np.array(text.fill_null(0.0).to_numpy(), dtype=np.float64)
        made[name][~matched.to_numpy()] = np.nan
    if "p" in found.columns and found["p"].is_not_null().any():
        half = found["p"].str.to_lowercase()
        hour = made["h"]
        hour = hour - 12.0 * (half.is_not_null().to_numpy() & (hour == 12.0))
        made["h"] = hour + 12.0 * (half == "p").fill_null(False).to_numpy()
        made["p"] = np.ones(len(cells))
    if "n" in found.columns and (found["n"] == "-").any():
        made["n"] = np.where((found["n"] == "-").fill_null(False).to_numpy(), -1.0, 1.0)
    return made
