"""Libraries of the extra `computational`, imported where they are used."""

from __future__ import annotations

import importlib
from typing import Any

from faradaic.diagnostics import Diagnostic, InputError


def computational_library(module: str) -> Any:
    """A library of the extra `computational`. Raises `InputError` (E809) when it is absent."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise InputError(
            Diagnostic(
                "E809",
                f"{module.partition('.')[0]} is not installed",
                help='pip install "faradaic[computational]"',
            )
        ) from None
