"""How dates, times and numbers of a file are written, where a person states it beside the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_order: ContextVar[str] = ContextVar("stated order of dates", default="")
_mark: ContextVar[str] = ContextVar("stated decimal mark", default="")
_clock: ContextVar[str] = ContextVar("stated form of times", default="")
_NUMBER = re.compile(r"\d+(?:[.,'\s]\d{3})*(?P<mark>[.,])\d+")


@contextmanager
def written_as(dates: str = "", numbers: str = "", times: str = "") -> Iterator[None]:
    """A file is read as its dates ("dd/mm/yy"), numbers ("1.000,5") and times ("mm:ss") are said
    to be written; "" leaves it to the file.
    """
    given = ((_order, order_of(dates)), (_mark, mark_of(numbers)), (_clock, clock_of(times)))
    tokens = [(of, of.set(value or "")) for of, value in given]
    try:
        yield
    finally:
        for of, token in tokens:
            of.reset(token)


def stated_order() -> str:
    """The order of dates that is stated, as "dmy"; "" where nothing is."""
    return _order.get()


def stated_mark() -> str:
    """The decimal mark that is stated; "" where nothing is."""
    return _mark.get()


def stated_clock() -> str:
    """What two numbers of a time are stated to be, as "hm" or "ms"; "" where nothing is."""
    return _clock.get()


def order_of(text: str) -> str | None:
    """The "dmy" of "dd/mm/yyyy" or "d.m.y"; None for anything else."""
    letters = "".join(dict.fromkeys(re.sub(r"[^a-z]", "", text.lower())))
    return letters if letters in ("dmy", "mdy", "ymd") else None


def mark_of(text: str) -> str | None:
    """The decimal mark of an example such as "1.000,5"; None where it shows none."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    before = text.strip()[: match.start("mark")]
    behind = text.strip()[match.end("mark") :]
    lone = match["mark"] not in before and not ({".", ","} & set(before))
    if match["mark"] in before or (lone and len(behind) == 3 and len(before) < 4):
        return None  # "1.000" shows no more than the file does
    return match["mark"]


def clock_of(text: str) -> str | None:
    """The "ms" of "mm:ss", the "hm" of "hh:mm"; None for anything else."""
    letters = "".join(dict.fromkeys(re.sub(r"[^a-z]", "", text.lower())))
    return letters if letters in ("hm", "ms") else None
