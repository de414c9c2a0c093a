"""PalmSens sessions (.pssession) of PSTrace, MultiTrace and PStouch; texts in `pstrace_text`.

UTF-16 JSON; the spelling of its keys varies in case with the version. A session holds measurements
with their arrays and the method as `KEY=value` lines. Currents and charges are stored in micro
units, whatever symbol is written beside them, the imaginary impedance and the phase negated.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers import pstrace_text
from faradaic.datafiles.readers.headers import (
    Scale,
    known_columns,
    known_techniques,
    scale_of,
    sign_unknown,
    suffix,
    warning,
)
from faradaic.datafiles.readers.text import damaged, narrow
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
    "1": "1",
    "FahradReal": "F",
    "FahradImaginary": "F",
}
"""Unit by the name of its class."""
_TURNED = ("ZIm", "Phase", "FahradImaginary")
"""Of the opposite sign there."""
_LARGEST_CURRENT_A = 1.1
"""Of the Nexus and the EmStat4X HR, 1 A and 200 mA, with what they measure above it."""
_QUANTITIES = {"Time": "time", "Volt": "potential", "Ampere": "current", "Coulomb": "charge"}
"""What the arrays of a scan are, which are all called alike, by the end of their unit's class."""
_SCAN = re.compile(r"scan\s*(\d{1,6})(?:\s*channel\s*(\d{1,3}))?", re.IGNORECASE)
_EPOCH = datetime(1, 1, 1)
_MOST_CONTAINERS, _LEAST_CHARACTERS = 100_000, 12
"""Of any session, and for each further one: an empty one takes twenty times its text in memory."""
_HEAD = re.compile(r'\s*\{\s*"type"\s*:\s*"PalmSens\.', re.IGNORECASE)


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this is a PalmSens session."""
    if _HEAD.match(_text(head[:400])) is not None:
        return True
    return pstrace_text.sniff(narrow(head), path)


def parse(data: bytes, path: Path) -> Dataset:
    """The first measurement of a session; the others are its `further` tables, by their titles.

    Raises `InputError` naming the offset where the file is damaged.
    """
    if pstrace_text.sniff(text_of := narrow(data), path):
        return pstrace_text.parse(text_of, path)
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
    warnings = _lost(measurements, path)
    named = [
        (str(item.get("title") or "measurement") + which, _table(item, arrays, path, warnings))
        for item in measurements
        for which, arrays in _tables_of(item)
    ]
    tables = [table for _, table in named]
    further: dict[str, dict[str, Column]] = {}
    for name, table in named[1:]:
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


def _filled(arrays: Iterable[Any]) -> list[dict[str, Any]]:
    return [a for a in arrays if isinstance(a, dict) and _objects(a, "datavalues")]


def _lost(measurements: Iterable[dict[str, Any]], path: Path) -> list[Diagnostic]:
    """A warning for each array without points in a data set whose others have them."""
    found = []
    for item in measurements:
        arrays = _objects(item.get("dataset"), "values")
        filled = _filled(arrays)
        for array in arrays if filled else ():
            if array not in filled:
                what = f"{path}: {array.get('description') or 'an array'!r} has no points"
                found.append(warning("E744", f"{what} and is left out"))
    return found


def _arrays(measurement: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the data set; of the curves, where the data set is empty."""
    return _filled(_objects(measurement.get("dataset"), "values")) or [
        array for curve in _curves(measurement) for array in curve
    ]


def _curves(measurement: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The arrays of each curve that has both."""
    curves = [
        (curve, _filled((curve.get("xaxisdataarray"), curve.get("yaxisdataarray"))))
        for curve in _objects(measurement, "curves")
    ]
    return [
        [array | {"curve": str(curve.get("title") or "")} for array in arrays]
        for curve, arrays in curves
        if len(arrays) > 1
    ]


def _tables_of(measurement: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The arrays that stand beside each other, with what tells one table from the next.

    Channels are tables of their own, and so are curves that are no scans of one voltammogram.
    """
    arrays = _arrays(measurement)
    if "curve" in arrays[0] and any(_scan(array) is None for array in arrays):
        curves = _curves(measurement)
        return [(f" {curve[0]['curve']}" if i else "", curve) for i, curve in enumerate(curves)]
    found: dict[str, list[dict[str, Any]]] = {}
    common = [array for array in arrays if _scan(array) is None]
    for array in arrays:
        if (scan := _scan(array)) is not None:
            found.setdefault(scan[1], []).append(array)
    if not found:
        return [("", common)]
    return [
        (f" channel {channel}" if i else "", [*common, *_scans_in_a_row(own)])
        for i, (channel, own) in enumerate(found.items())
    ]


def _scan(array: dict[str, Any]) -> tuple[int, str] | None:
    """The number of a scan and its channel, of "scan1channel1", "scan2" and "Scan 2 Channel 1"."""
    for name in (array.get("description"), array.get("curve")):
        if match := _SCAN.search(str(name or "")):
            return int(match[1]), match[2] or "1"
    return None


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


def _scans_in_a_row(arrays: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One array for each quantity, scan after scan, and the number of the scan as `cycle`."""
    numbered = [(scan[0], array) for array in arrays if (scan := _scan(array))]
    rows: dict[int, int] = {}
    for number, array in numbered:
        rows[number] = max(rows.get(number, 0), len(_objects(array, "datavalues")))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    seen: set[tuple[int, str]] = set()
    for number, array in sorted(numbered, key=lambda pair: pair[0]):
        unit = _unit_class(array)
        quantity = next((q for end, q in _QUANTITIES.items() if unit.endswith(end)), "")
        name = quantity or str(array.get("description") or "unnamed")
        if (number, unit) in seen:  # the same potentials once more, with another curve
            continue
        seen.add((number, unit))
        points = _objects(array, "datavalues")
        whole = found.setdefault((name, unit), array | {"description": name, "datavalues": []})
        before = sum(length for other, length in rows.items() if other < number)
        whole["datavalues"] += [{}] * (before - len(whole["datavalues"])) + points
    cycle = [{"v": n} for n in sorted(rows) for _ in range(rows[n])]
    return [*found.values(), {"description": "cycle", "unit": {"type": "1"}, "datavalues": cycle}]


def _unit_class(array: dict[str, Any]) -> str:
    unit = array.get("unit")
    found = str(unit.get("type") or "") if isinstance(unit, dict) else ""
    return found.removeprefix("PalmSens.Units.")


def _counted_on(array: dict[str, Any], rows: int, path: Path) -> tuple[list[Any], list[Diagnostic]]:
    """The times of all scans, where the file has those of the first and the interval."""
    points, interval_s = _objects(array, "datavalues"), _number(array.get("intervaltime"))
    if not interval_s > 0.0 or len(points) >= rows:
        return points, []
    key = "v" if "v" in points[-1] else "V"
    last_s = _number(points[-1].get(key))
    more = [{key: last_s + (i + 1) * interval_s} for i in range(rows - len(points))]
    what = f"{path} has the times of the first scan: those of the others are counted on from it"
    return [*points, *more], [warning("E753", f"{what} at its interval of {interval_s:g} s")]


def _table(
    measurement: dict[str, Any],
    arrays: list[dict[str, Any]],
    path: Path,
    warnings: list[Diagnostic],
) -> dict[str, Column]:
    import numpy as np

    rows = max(len(_objects(array, "datavalues")) for array in arrays)
    scans = any(array.get("description") == "cycle" for array in arrays)
    reference = _method(measurement).get("REF_ELECTRODE_NAME") or None
    columns: dict[str, Column] = {}

    def add(name: str, column: Column) -> None:
        while name in columns:
            name += " again"
        columns[name] = column

    for array in arrays:
        points = _objects(array, "datavalues")
        description = str(array.get("description") or "unnamed")
        if scans and _unit_class(array) == "Time":
            points, told = _counted_on(array, rows, path)
            warnings.extend(told)
        if len(points) < rows:
            what = f"{path}: {description!r} has {len(points)} of {rows} points, the rest is empty"
            warnings.append(warning("E757", what))

        keys = {key.lower(): key for point in points[:1] for key in point}

        def values_of(
            key: str,
            points: list[dict[str, Any]] = points,
            description: str = description,
        ) -> NDArray[np.float64]:
            values = np.full(rows, np.nan)
            values[: len(points)] = [_number(point.get(key)) for point in points]
            empty = np.flatnonzero(np.isnan(values[: len(points)])).tolist()
            if lost := sum(bool(points[i]) for i in empty):  # of other scans they are filled up
                what = f"{path}: {lost} points of {description!r} have no number {key!r}"
                warnings.append(warning("E746", f"{what}, and stay empty"))
            return values

        unit_class = _unit_class(array)
        scale = scale_of(_UNITS.get(unit_class, "unknown")) or Scale("", 1.0, 0.0)
        si, factor = scale.unit, -scale.factor if unit_class in _TURNED else scale.factor
        known = known_columns("palmsens").get(description.lower()) if si else None
        if known is None:
            warnings.append(
                warning("E745", f"unknown column {description!r} in {unit_class!r}, kept as it is")
            )
        values = values_of(keys.get("v", "v"))
        add(
            f"{known.name}{suffix(si)}" if known else description,
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
