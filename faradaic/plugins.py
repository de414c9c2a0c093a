"""What is installed beside each other: drivers, readers, exports and the rest, by entry points.

Each group has one `Plugins`. An entry point is loaded when it is asked for, so that a list of names
costs nothing. One that cannot be loaded, or is not what its group promises, is named with its
package, and stops only what asks for it; so does a name that other packages share.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from faradaic.diagnostics import (
    Diagnostic,
    DiagnosticWarning,
    FaradaicError,
    InputError,
    nearest,
    warning,
)

Plugin = TypeVar("Plugin")
OURS = "faradaic"


class Plugins(Generic[Plugin]):
    """The entry points of one group, each of which names a `Plugin`."""

    def __init__(self, group: str, what: str, code: str, has: Mapping[str, Any]) -> None:
        """`what` one of them is called in sentences; `code` of the error for an unknown name.

        `has` are the attributes of each, with their types; `one or other` where one is enough.
        """
        self.group = group
        self._what = what
        self._code = code
        self._has = has
        self._loaded: dict[str, tuple[list[EntryPoint], Plugin]] = {}

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(_points(self.group))

    def load(self, name: str, *, path: str = "") -> Plugin:
        """The one with a name, which stands at `path` of a document.

        Raises `InputError` for an unknown one, and for one that cannot be loaded, is none, or is
        one of several (E712). Warns where the name of one of ours is also somebody else's.
        """
        plugin = self._load(name, path)
        for shared in self.shared(name):
            warnings.warn(DiagnosticWarning(shared.render()), stacklevel=2)
        return plugin

    def shared(self, name: str) -> list[Diagnostic]:
        """A warning that a name is also used by another package, if it is."""
        point, *others = _points(self.group)[name]
        if not others:  # a package's own name takes long to read
            return []
        than = ", ".join(map(_package, others))
        message = f"the {self._what} `{name}` is that of {_package(point)}, not of {than}"
        return [warning("E712", message, "uninstall the other to be sure")]

    def _load(self, name: str, path: str = "") -> Plugin:
        points = _points(self.group)
        found = self._loaded.get(name)
        if found and found[0] is points.get(name):
            return found[1]
        if name not in points:
            message = f"no {self._what} is called `{name}`"
            near = nearest(name, points)
            meant = f"did you mean `{near}`? " if near else ""
            help_text = f"{meant}installed: {', '.join(sorted(points))}"
            raise InputError(Diagnostic(self._code, message, help=help_text, path=path))
        point, *others = points[name]

        def unusable(problem: str) -> InputError:
            message = f"{self._what} `{name}` of {_package(point)} {problem}"
            help_text = (
                f"bring {point.dist.name if point.dist else 'it'} up to date, or uninstall it"
            )
            return InputError(Diagnostic("E712", message, help=help_text, path=path))

        if others and _foreign(point):
            raise unusable(f"is also one of {', '.join(map(_package, others))}")
        try:
            plugin = point.load()
            lacking = [
                f"`{names}` ({kind.__name__})"
                for names, kind in self._has.items()
                if not any(isinstance(getattr(plugin, n, None), kind) for n in names.split(" or "))
            ]
        except FaradaicError as error:  # it says itself what is wrong with it
            told = error.diagnostics[0]
            message = f"{self._what} `{name}` of {_package(point)} cannot be loaded: {told.message}"
            raise InputError(Diagnostic("E712", message, help=told.help, path=path)) from error
        except (Exception, SystemExit) as error:  # whatever a package does when it is imported
            raise unusable(f"cannot be loaded: {error!r}") from error
        if lacking:
            raise unusable(f"is none: `{point.value}` has no {', '.join(lacking)}")
        self._loaded[name] = points[name], cast("Plugin", plugin)
        return self._loaded[name][1]

    def summaries(self) -> list[tuple[str, str]]:
        """Names with the first line of what each says of itself, or what is wrong with it."""
        return [(name, self._summary(name)) for name in self.names()]

    def _summary(self, name: str) -> str:
        try:
            plugin = self._load(name)
        except InputError as error:
            return error.diagnostics[0].message
        own = plugin.__doc__ if plugin.__doc__ != type(plugin).__doc__ else None
        told = [str(own or "").partition("\n")[0], *(d.message for d in self.shared(name))]
        return "; ".join(told)

    def each(
        self, last: Iterable[str] = (), broken: list[Diagnostic] | None = None
    ) -> Iterator[tuple[str, Plugin]]:
        """Names with what they name, loaded one by one; those of `last` at the end, in its order.

        One that cannot be loaded is passed over, and a warning about it added to `broken`; so is
        one about a name that is used twice.
        """
        broken = [] if broken is None else broken
        for name in _ordered(self.group, tuple(last)):
            try:
                plugin = self._load(name)
            except InputError as error:
                broken += (d.as_warning() for d in error.diagnostics)
                continue
            broken += self.shared(name)
            yield name, plugin


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"


@cache
def _installed() -> Any:  # of another class in Python 3.11 than later
    """All of them: looking through what is installed takes long, and as long for one group."""
    return entry_points()


@cache
def _ordered(group: str, last: tuple[str, ...]) -> list[str]:
    """Names in alphabetical order, those of `last` that are there at the end, in its order."""
    names = sorted(_points(group))
    return [*(n for n in names if n not in last), *(n for n in last if n in names)]


@cache
def _points(group: str) -> dict[str, list[EntryPoint]]:
    """By name, ours first."""
    found: dict[str, list[EntryPoint]] = {}
    for point in _installed().select(group=group):
        found.setdefault(point.name, []).append(point)
    # a package's own name is read from its metadata, which takes long: only where it matters
    for same in found.values():
        if len(same) > 1:
            same.sort(key=lambda point: (_foreign(point), _package(point)))
    return found


def _foreign(point: EntryPoint) -> bool:
    return point.dist is None or point.dist.name != OURS
