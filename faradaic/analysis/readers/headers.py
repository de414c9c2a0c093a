"""Column headers of data files: name and unit apart, units to SI, names to ours."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.analysis.dataset import Column, Sign
from faradaic.diagnostics import Diagnostic, Severity
from faradaic.quantities.dimensions import Dimension
from faradaic.quantities.units import scan_unit, with_key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BRACKETED = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]*)[)\]]\s*")
_COUNTS = {"", "#", "1", "bits", "-", "a.u."}
_AS_WRITTEN = {"deg": "deg", "°": "deg", "Ohm-1": "S", "S": "S"}
"""Units that stay, by their spelling in files; degrees of phase are not turned into radians."""
_EITHER_UNIT = {"control/V/mA"}
"""Volts or milliamperes by the mode of the row."""


class Known(NamedTuple):
    """A row of `columns.csv`."""

    name: str
    factor: float
    kind: str
    """current, potential, quantity (another one with a unit) or nothing."""


class Scale(NamedTuple):
    """SI value = value * factor + offset."""

    unit: str
    factor: float
    offset: float


@cache
def known_columns(format_name: str) -> Mapping[str, Known]:
    """What the columns of a format are called here, by their header without the unit."""
    text = Path(__file__).with_name("columns.csv").read_text(encoding="utf-8")
    return {
        row["header"]: Known(row["name"], float(row["factor"]), row["kind"])
        for row in csv.DictReader(text.splitlines())
        if row["format"] == format_name
    }


def scale_of(unit: str) -> Scale | None:
    """How to bring a unit to SI; None for one that is not known."""
    unit = unit.strip()
    if unit in _COUNTS:
        return Scale("1", 1.0, 0.0)
    if unit in _AS_WRITTEN:
        return Scale(_AS_WRITTEN[unit], 1.0, 0.0)
    written = {"deg C": "degC", "sec": "s"}.get(unit, unit.replace(".", " "))
    key, end = scan_unit(written, 0)
    if end != len(written):
        return None
    found = with_key(key)
    dimension = Dimension.TEMPERATURE if Dimension.TEMPERATURE in found else next(iter(found), None)
    if dimension is None:
        return None
    row = found[dimension]
    return Scale(dimension.si_unit, float(row.factor), float(row.offset))


def split_header(header: str) -> tuple[str, str]:
    """Name and unit of "Ewe/V", "Time (s)", "I [mA]" or "Current / A"; no unit gives ""."""
    header = header.strip().strip('"').strip()
    if header in _EITHER_UNIT:
        return header, ""
    if match := _BRACKETED.fullmatch(header):
        return match[1], match[2].strip()
    start = header.find("/")
    while start > 0:
        name, unit = header[:start].strip(), header[start + 1 :].strip()
        if name and unit and scale_of(unit):
            return name, unit
        start = header.find("/", start + 1)
    return header, ""


def make_columns(
    format_name: str,
    raw: Iterable[tuple[str, str, NDArray[np.float64]]],
    *,
    sign: Sign | None = None,
    reference: str | None = None,
) -> tuple[dict[str, Column], list[Diagnostic]]:
    """Columns in SI from (name, unit, values) as in the file, and what was unknown about them.

    A column whose name or unit is unknown keeps its header and its numbers as they are; one whose
    name here is taken already keeps its header.
    """
    import numpy as np

    known = known_columns(format_name)
    columns: dict[str, Column] = {}
    warnings: list[Diagnostic] = []
    for header, unit, values in raw:
        written = f"{header}/{unit}" if unit else header
        row = known.get(header) or known.get(header.lower())
        # a potential without a unit is not a pure number; a cycle is
        scale = None if row and row.kind and not unit else scale_of(unit)
        if row is None or scale is None:
            what = "column" if row is None else "unit of column"
            warnings.append(warning("E745", f"unknown {what} {written!r}, kept as it is"))
            row, scale = None, Scale(unit, 1.0, 0.0)
        factor = scale.factor * (row.factor if row else 1.0)
        if factor != 1.0 or scale.offset:
            with np.errstate(all="ignore"):  # damaged numbers may be infinite
                values = values * factor + scale.offset
        name = f"{row.name}{_suffix(scale.unit)}" if row else written
        if name in columns:
            name = written
        while name in columns:
            name += " again"
        kind = row.kind if row else ""
        columns[name] = Column(
            values,
            scale.unit,
            raw_name=written,
            sign=sign if kind == "current" else None,
            reference=reference if kind == "potential" else None,
        )
    return columns, warnings


def warning(code: str, message: str, help: str = "") -> Diagnostic:  # noqa: A002
    """Something odd that did not stop the reading."""
    return Diagnostic(code, message, Severity.WARNING, help=help)


def _suffix(unit: str) -> str:
    if unit == "1":
        return ""
    return "_" + unit.replace("/", "_per_").replace("^", "").replace(" ", "_")
