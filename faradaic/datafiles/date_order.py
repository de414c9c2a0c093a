"""Which number of a date is the day, where a person states it beside the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_stated: ContextVar[str] = ContextVar("stated order of dates", default="")


@contextmanager
def dates_written(order: str) -> Iterator[None]:
    """Dates are read in this order ("dmy") while a file is read; "" leaves it to the file."""
    token = _stated.set(order)
    try:
        yield
    finally:
        _stated.reset(token)


def stated_order() -> str:
    """What `dates_written` says; "" where nothing is stated."""
    return _stated.get()


def order_of(text: str) -> str | None:
    """The "dmy" of "dd/mm/yyyy" or "d.m.y"; None for anything else."""
    letters = "".join(dict.fromkeys(re.sub(r"[^a-z]", "", text.lower())))
    return letters if letters in ("dmy", "mdy", "ymd") else None
