"""The protocols that ship with the package, by name: one YAML file each, beside this one."""

from __future__ import annotations

import difflib
from pathlib import Path

from faradaic.diagnostics import InputError

LIBRARY_PREFIX = "library:"
_HERE = Path(__file__).parent


def library_names() -> list[str]:
    """The names that `library:NAME` accepts, sorted."""
    return sorted(path.stem for path in _HERE.glob("*.yaml"))


def library_file(name: str) -> Path:
    """The file of a shipped protocol; raises InputError (E216) for an unknown name."""
    names = library_names()
    if name in names:
        return _HERE / f"{name}.yaml"
    near = difflib.get_close_matches(name, names, n=1)
    raise InputError.of(
        f"the library has no protocol named {name!r:.80}",
        help=f"did you mean `{LIBRARY_PREFIX}{near[0]}`?"
        if near
        else "the library has " + ", ".join(f"`{LIBRARY_PREFIX}{known}`" for known in names),
        code="E216",
    )
