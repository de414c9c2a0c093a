"""What is installed beside each other: drivers, readers, exports and the rest, by entry points.

Each group has one `Plugins`. An entry point is loaded when it is asked for, so that a list of names
costs nothing. One that cannot be loaded is named with its package, and stops only what asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from faradaic.diagnostics import Diagnostic, InputError, nearest

Plugin = TypeVar("Plugin")
OURS = "faradaic"


class Plugins(Generic[Plugin]):
    """The entry points of one group, each of which names a `Plugin`."""

    def __init__(self, group: str, what: str, code: str) -> None:
        """`what` one of them is called in sentences; `code` of the error for an unknown name."""
        self.group = group
        self._what = what
        self._code = code

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(_points(self.group))

    def load(self, name: str, *, path: str = "") -> Plugin:
        """The one with a name, which stands at `path` of a document.

        Raises `InputError` for an unknown one, and for one that cannot be loaded (E712).
        """
        points = _points(self.group)
        if name not in points:
            message = f"no {self._what} is called `{name}`"
            near = nearest(name, points)
            meant = f"did you mean `{near}`? " if near else ""
            help_text = f"{meant}installed: {', '.join(sorted(points))}"
            raise InputError(Diagnostic(self._code, message, help=help_text, path=path))
        point = points[name]
        try:
            return cast("Plugin", point.load())
        except Exception as error:  # whatever a package of others raises when it is imported
            package = _package(point)
            message = f"{self._what} `{name}` of {package} cannot be loaded: {error!r}"
            help_text = f"bring {package} up to date, or uninstall it"
            raise InputError(Diagnostic("E712", message, help=help_text, path=path)) from error

    def summaries(self) -> list[tuple[str, str]]:
        """Names with the first line of what each says of itself, or what is wrong with it."""
        return [(name, self._summary(name)) for name in self.names()]

    def _summary(self, name: str) -> str:
        try:
            plugin = self.load(name)
        except InputError as error:
            return error.diagnostics[0].message
        own = plugin.__doc__ if plugin.__doc__ != type(plugin).__doc__ else None
        return (own or "").partition("\n")[0]

    def each(
        self, last: Iterable[str] = (), broken: list[Diagnostic] | None = None
    ) -> Iterator[tuple[str, Plugin]]:
        """Names with what they name, loaded one by one; those of `last` at the end, in its order.

        One that cannot be loaded is passed over, and a warning about it added to `broken`.
        """
        order = [name for name in last if name in _points(self.group)]
        for name in [*(name for name in self.names() if name not in order), *order]:
            try:
                plugin = self.load(name)
            except InputError as error:
                if broken is not None:
                    broken += (d.as_warning() for d in error.diagnostics)
                continue
            yield name, plugin


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"


@cache
def _installed() -> Any:  # of another class in Python 3.11 than later
    """All of them: looking through what is installed takes long, and as long for one group."""
    return entry_points()


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    """By name; where two packages use one name ours is taken, else the first by package."""
    found: dict[str, EntryPoint] = {}
    for point in _installed().select(group=group):
        # a package's own name is read from its metadata, which takes long: only where it matters
        if point.name not in found or _rank(point) < _rank(found[point.name]):
            found[point.name] = point
    return found


def _rank(point: EntryPoint) -> tuple[bool, str]:
    return point.dist is None or point.dist.name != OURS, _package(point)
