"""The drivers that are installed, found through the entry points of `faradaic.drivers`."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import entry_points

from faradaic.diagnostics import InputError
from faradaic.instruments.traits import SourceFactory

GROUP = "faradaic.drivers"


def driver_names() -> list[str]:
    """The names that a bench file may give as `driver`, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def driver(name: str) -> SourceFactory:
    """The driver class of a name. Raises `InputError` for an unknown one."""
    for point in entry_points(group=GROUP):
        if point.name == name:
            factory: SourceFactory = point.load()
            return factory
    names = driver_names()
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    raise InputError.of(
        f"no driver is called `{name}`", help=f"{hint}installed: {', '.join(names)}", code="E505"
    )
