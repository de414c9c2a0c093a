"""Libraries that not everybody needs: imported where they are used, with what to install."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from faradaic.diagnostics import InputError

_EXTRAS = {
    "computational": ("ase", "lobsterpy", "pymatgen", "smact", "spglib", "tblite"),
    "potential": ("chgnet", "torch"),
    "distributed": ("parsl",),
    "labview": ("nptdms",),
    "export": ("netCDF4", "ord_schema", "xarray"),
}
"""The extras of pyproject.toml and what is imported of them."""


def optional_library(module: str) -> Any:
    """A module of a library that may be absent. Raises `InputError` (E809) when it is."""
    try:
        return import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        message = f"{package} is not installed"
        raise InputError.of(message, help=how_to_install(package), code="E809") from None


def how_to_install(package: str) -> str:
    """What to type: the extra that brings a package, or the package itself."""
    for extra, packages in _EXTRAS.items():
        if package in packages:
            return f'pip install "faradaic[{extra}]"'
    return f"pip install {package}"
