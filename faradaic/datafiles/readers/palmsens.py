"""PalmSens sessions (.pssession) of PSTrace, MultiTrace and PStouch.

UTF-16 JSON; the spelling of its keys varies in case with the version. A session holds measurements
with their arrays and the method as `KEY=value` lines. Currents and charges are stored in micro
units, whatever symbol is written beside them, the imaginary impedance and the phase negated.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import (
    Scale,
    known_columns,
    known_techniques,
    scale_of,
    sign_unknown,
    warning,
)
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_UNITS = {
    "Time": "s",
    "Volt": "V",
    "MicroAmpere": "uA",
    "Ampere": "A",
    "MicroCoulomb": "uC",
    "Coulomb": "C",
    "Hertz": "Hz",
    "Z": "Ohm",
    "ZRe": "Ohm",
    "ZIm": "Ohm",
    "Phase": "deg",
    "Y": "S",
    "YRe": "S",
    "YIm": "S",
    "Farad": "F",
}
"""Unit by the name of its class."""
_TURNED = ("ZIm", "Phase")
"""Of the opposite sign there."""
_LARGEST_CURRENT_A = 1.1
"""Of the Nexus and the EmStat4X HR, 1 A and 200 mA, with what they measure above it."""
_EPOCH = datetime(1, 1, 1)
_MOST_CONTAINERS, _LEAST_CHARACTERS = 100_000, 12
"""Of any session, and for each further one: an empty one takes twenty times its text in memory."""
_HEAD = re.compile(r'\s*\{\s*"type"\s*:\s*"PalmSens\.', re.IGNORECASE)


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this is a PalmSens session."""
    return _HEAD.match(_text(head[:400])) is not None


def parse(data: bytes, path: Path) -> Dataset:
    """The first measurement of a session; the others are its `further` tables, by their titles.

    Raises `InputError` naming the offset where the file is damaged.
    """
    text = _text(data)
    if text.count("{") + text.count("[") > _MOST_CONTAINERS + len(text) / _LEAST_CHARACTERS:
        raise damaged(path, 0, "it holds next to nothing but brackets")
    try:
        session = _lowered(json.loads(text))
    except json.JSONDecodeError as error:
        codec = "utf-16" if b"\0" in data[:4] else "utf-8"
        raise damaged(path, len(text[: error.pos].encode(codec)), error.msg) from error
    except (RecursionError, ValueError) as error:
        raise damaged(path, 0, "nested too deeply, or a number is too long") from error
    measurements = [item for item in _objects(session, "measurements") if _arrays(item)]
    if not measurements:
        raise damaged(path, len(data), "the session holds no measurement with data")
    warnings: list[Diagnostic] = []
    tables = [_table(item, path, warnings) for item in measurements]
    further: dict[str, dict[str, Column]] = {}
    for item, table in zip(measurements[1:], tables[1:], strict=True):
        name = str(item.get("title") or "measurement")
        while name in further:
            name += " again"
        further[name] = table
    first = measurements[0]
    start = _start(first)
    if start is None:
        warnings.append(warning("E756", f"{path} has no time stamp"))
    if any(column.unit in ("A", "C") for table in tables for column in table.values()):
        warnings.append(sign_unknown(path))
    method = _method(first)
    kind = method.get("METHOD_ID", "")
    return Dataset(
        tables[0],
        technique=known_techniques("palmsens").get(kind.lower(), kind),
        instrument=str(first.get("deviceserial") or ""),
        start=start,
        metadata=method | {"Title": str(first.get("title") or "")},
        warnings=tuple(warnings),
        further=further,
    )


def _text(data: bytes) -> str:
    encoding = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    return data.decode(encoding, errors="replace").rstrip("\0\ufeff\ufffd \r\n")


def _lowered(item: Any) -> Any:
    """The same with the keys in lower case, but for those of the points, which are many."""
    if isinstance(item, dict):
        return {
            key.lower(): value if key.lower() == "datavalues" else _lowered(value)
            for key, value in item.items()
        }
    return [_lowered(part) for part in item] if isinstance(item, list) else item


def _objects(parent: Any, key: str) -> list[dict[str, Any]]:
    """The objects of a list; nothing where there is no such list."""
    items = parent.get(key) if isinstance(parent, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _arrays(measurement: dict[str, Any]) -> list[dict[str, Any]]:
    arrays = _objects(measurement.get("dataset"), "values")
    return [array for array in arrays if _objects(array, "datavalues")]


def _method(measurement: dict[str, Any]) -> dict[str, str]:
    pairs = (
        line.split("=", 1)
        for line in str(measurement.get("method") or "").splitlines()
        if "=" in line and not line.startswith("#")
    )
    return {key.strip(): value.strip() for key, value in pairs}


def _start(measurement: dict[str, Any]) -> datetime | None:
    """Of UTC ticks of 100 ns since the year 1, else of the local ones."""
    for key, zone in (("utctimestamp", UTC), ("timestamp", None)):
        ticks = measurement.get(key)
        if isinstance(ticks, int) and ticks > 0:
            try:
                return (_EPOCH + timedelta(microseconds=ticks // 10)).replace(tzinfo=zone)
            except OverflowError:
                continue
    return None


def _table(
    measurement: dict[str, Any], path: Path, warnings: list[Diagnostic]
) -> dict[str, Column]:
    import numpy as np

    arrays = _arrays(measurement)
    rows = max(len(_objects(array, "datavalues")) for array in arrays)
    reference = _method(measurement).get("REF_ELECTRODE_NAME") or None
    columns: dict[str, Column] = {}

    def add(name: str, column: Column) -> None:
        while name in columns:
            name += " again"
        columns[name] = column

    for array in arrays:
        points = _objects(array, "datavalues")
        description = str(array.get("description") or "unnamed")
        if len(points) < rows:
            what = f"{path}: {description!r} has {len(points)} of {rows} points, the rest is empty"
            warnings.append(warning("E757", what))

        keys = {key.lower(): key for key in points[0]}

        def values_of(key: str, points: list[dict[str, Any]] = points) -> NDArray[np.float64]:
            values = np.full(rows, np.nan)
            values[: len(points)] = [_number(point.get(key)) for point in points]
            return values

        unit = array.get("unit")
        unit_class = str(unit.get("type") or "") if isinstance(unit, dict) else ""
        unit_class = unit_class.removeprefix("PalmSens.Units.")
        scale = scale_of(_UNITS.get(unit_class, "unknown")) or Scale("", 1.0, 0.0)
        si, factor = scale.unit, -scale.factor if unit_class in _TURNED else scale.factor
        known = known_columns("palmsens").get(description.lower()) if si else None
        if known is None:
            warnings.append(
                warning("E745", f"unknown column {description!r} in {unit_class!r}, kept as it is")
            )
        values = values_of(keys.get("v", "v"))
        add(
            f"{known.name}_{si}" if known else description,
            Column(
                values * factor if factor != 1.0 else values,
                si,
                raw_name=description,
                reference=reference if si == "V" else None,
            ),
        )
        if si == "A" and np.nanmax(np.abs(values), initial=0.0) * factor > _LARGEST_CURRENT_A:
            what = f"{path}: {description!r} is up to {np.nanmax(np.abs(values)) * factor:g} A"
            warnings.append(
                warning("E759", what, "no such instrument delivers that: do not use the column")
            )
        if known and known.name in ("current", "direct_current") and "c" in keys:
            add(f"{known.name}_range_code", Column(values_of(keys["c"]), "1", f"{description}.C"))
            add(
                f"{known.name}_status_code",
                Column(values_of(keys.get("s", "s")), "1", f"{description}.S"),
            )
    return columns


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
