"""PSTrace's text export (.csv): curves side by side, title and units over each pair."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import scale_of, sign_unknown, warning
from faradaic.datafiles.readers.moments import parse_moment
from faradaic.datafiles.readers.text import decode, numeric_table
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DATES = b"Date and time measurement:"
_UNITS = re.compile(rb"^(?:[^\s,;0-9][^\s,;]{0,5}[,;])+[^\s,;0-9]{1,6}[,;]?\r?$", re.MULTILINE)
_AXES = re.compile(r"\b([itEQ]) vs ([itEQ])\b")
_QUANTITIES = {"t": "time", "E": "potential", "i": "current", "Q": "charge"}
_BY_UNIT = {"s": "time", "V": "potential", "A": "current", "C": "charge"}
_SUFFIX = {"s": "s", "V": "V", "A": "A", "C": "C"}


def sniff(head: bytes, path: Path) -> bool:
    """A line of dates of the curves, and one of units below it."""
    at = head.find(_DATES)
    return at >= 0 and _UNITS.search(head, at) is not None


def parse(data: bytes, path: Path) -> Dataset:
    """The longest curve; the others of the same axes, as scans are, follow as cycles of their own.

    Which quantity a column is follows from its unit and the title ("i vs E"). Curves of other axes
    are `further`.
    """
    at = data.find(_DATES)
    match = _UNITS.search(data, at)
    assert match is not None
    separator = ";" if data.count(b";", *match.span()) > data.count(b",", *match.span()) else ","
    above = decode(data[: match.start()]).splitlines()
    units = [cell.strip() for cell in decode(match[0]).strip().split(separator)]
    while units and not units[-1]:
        units.pop()
    titles, dates = _cells(above, -2, separator), _cells(above, -1, separator)
    end = data.find(b"\nMeasurement:", match.end())
    rows = data[match.end() + 1 : len(data) if end < 0 else end + 1]
    arrays, warnings = numeric_table(rows, 0, len(units), path, separator=separator)
    told = list(warnings)
    if end >= 0:
        told.append(warning("E757", f"{path}: a second measurement in it is left out",
                            "export each measurement into a file of its own"))  # fmt: skip
    curves: dict[str, list[dict[str, Column]]] = {}
    for i in range(0, len(units) - 1, 2):
        title = titles[i] if i < len(titles) else ""
        curve = _curve(arrays[i : i + 2], units[i : i + 2], title, told)
        kind = _kind(title, curve)
        if kind in curves and curves[kind][0].keys() != curve.keys():
            kind += f" ({', '.join(curve)})"
        curves.setdefault(kind, []).append(curve)
    taken = max(curves, key=lambda kind: ("current_A" in curves[kind][0], len(curves[kind])))
    others = {kind: _joined(parts) for kind, parts in curves.items() if kind != taken}
    if others:
        told.append(warning("E757", f"{path}: the curves {taken!r} are read; there are "
                            + ", ".join(map(repr, others)) + " too"))  # fmt: skip
    columns = _joined(curves[taken])
    if any(column.unit == "A" for column in columns.values()):
        told.append(sign_unknown(path))
    start = parse_moment(dates[1]) if len(dates) > 1 else None
    title = titles[0] if titles and not titles[0].startswith(_DATES.decode()) else ""
    technique = title.partition(":")[0].strip()
    return Dataset(
        columns,
        technique=technique,
        instrument="PalmSens",
        start=start,
        further=others,
        warnings=tuple({one.message: one for one in told}.values()),
    )


def _cells(lines: list[str], which: int, separator: str) -> list[str]:
    lines = [line for line in lines if line.strip(",; \t")]
    if len(lines) < -which:
        return []
    cells = next(csv.reader([lines[which]], delimiter=separator), [])
    return [cell.strip() for cell in cells]


def _curve(
    arrays: list[NDArray[np.float64]], units: list[str], title: str, told: list[Diagnostic]
) -> dict[str, Column]:
    """The two columns of a curve, its empty rows left out."""
    axes = _AXES.search(title)
    names = [_QUANTITIES[axes[2]], _QUANTITIES[axes[1]]] if axes else ["", ""]
    filled = (arrays[0] == arrays[0]) | (arrays[1] == arrays[1])
    curve: dict[str, Column] = {}
    for name, unit, values in zip(names, units, arrays, strict=True):
        scale = scale_of(unit)
        wanted = _BY_UNIT.get(scale.unit, "") if scale else ""
        if scale is None or not wanted:
            told.append(warning("E745", f"unknown unit {unit!r} of {title!r}, kept as it is"))
            curve[f"{title}/{unit}"] = Column(values[filled], unit, unit)
            continue
        name = name if name == wanted else wanted
        key = f"{name}_{_SUFFIX[scale.unit]}"
        if key in curve:
            key += " again"
        curve[key] = Column(values[filled] * scale.factor, scale.unit, unit)
    return curve


def _kind(title: str, curve: dict[str, Column]) -> str:
    """What curves have in common that are scans of one measurement."""
    name = re.sub(r"\s*(?:\bScan \d+|\[\d+\])", "", title).strip()
    return name or ", ".join(curve)


def _joined(curves: list[dict[str, Column]]) -> dict[str, Column]:
    """The curves of one kind one after the other, counted as cycles where there are several."""
    import numpy as np

    if len(curves) == 1:
        return curves[0]
    columns: dict[str, Column] = {}
    for name, column in curves[0].items():
        values = np.concatenate([curve[name].values for curve in curves if name in curve])
        columns[name] = Column(values, column.unit, column.raw_name)
    sizes = [len(next(iter(curve.values())).values) for curve in curves]
    cycle = np.repeat(np.arange(1.0, len(curves) + 1.0), sizes)
    return {**columns, "cycle": Column(cycle, "1", "Scan")}
