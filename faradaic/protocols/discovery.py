"""Packages whose modules register something: every one of them is read, none is listed."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache


@cache
def import_modules(package: str) -> None:
    """Import every module of a package, in alphabetical order."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")


def import_one(package: str, name: str) -> bool:
    """Import one module of a package; False where it has none of that name."""
    found = name in {
        m.name for m in pkgutil.iter_modules(importlib.import_module(package).__path__)
    }
    if found:
        importlib.import_module(f"{package}.{name}")
    return found
