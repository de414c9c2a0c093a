"""Recorded output of MethodSCRIPT instruments (EmStat4, EmStat Pico, Nexus), line by line.

`M` and an identifier open a measurement loop, `P` lines are its packages, `*` closes it. A field of
a package is two letters of type, seven hexadecimal digits offset by 2^27, an SI prefix, and
metadata after commas: `1X` status, `2XX` range. Source: PalmSens, MethodSCRIPT examples bd1a44a,
README "Parse the measurement data packages" and `mscript.py`. Positive currents are anodic.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.analysis.dataset import Column, Dataset
from faradaic.analysis.readers.headers import warning
from faradaic.analysis.readers.text import damaged, read_bytes
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OFFSET = 1 << 27
_EXPONENTS = {prefix: 3 * i - 18 for i, prefix in enumerate("afpnum kMGTPE")} | {"i": 0}
_FIELD = re.compile(r"([a-z]{2})(?:([0-9A-Fa-f]{7})([afpnum kMGTPEi])|     nan)((?:,[0-9A-F]+)*)")
_LOOP = re.compile(r"e?M([0-9A-F]{4})")
_PACKAGE = re.compile(rb"^P[a-z]{2}(?:[0-9A-Fa-f]{7}[afpnum kMGTPEi]|     nan)[,;\r\n]", re.M)
_MARKERS = re.compile(r"e?|L|\+|-|\*|Z")
_OVERLOAD = 0x2
_TYPES = {
    "ab": ("potential", "V"),
    "ag": ("working_minus_counter", "V"),
    "ba": ("current", "A"),
    "bb": ("second_current", "A"),
    "ca": ("impedance_phase", "deg"),
    "cb": ("impedance_modulus", "Ohm"),
    "cc": ("impedance_real", "Ohm"),
    "cd": ("impedance_imaginary", "Ohm"),
    "da": ("set_potential", "V"),
    "db": ("set_current", "A"),
    "dc": ("frequency", "Hz"),
    "eb": ("time", "s"),
}
_TECHNIQUES = {
    "0000": "linear sweep voltammetry",
    "0001": "differential pulse voltammetry",
    "0002": "square wave voltammetry",
    "0005": "cyclic voltammetry",
    "0007": "chronoamperometry",
    "000A": "chronopotentiometry",
    "000B": "open circuit potentiometry",
    "000D": "impedance spectroscopy",
    "000E": "galvanostatic impedance spectroscopy",
    "000F": "linear sweep potentiometry",
    "0010": "fast cyclic voltammetry",
}


class Field(NamedTuple):
    """One variable of a package, in SI; metadata that was not sent is None."""

    type: str
    value: float
    status: int | None
    range_index: int | None


class _Loop(NamedTuple):
    """The packages between the beginning and the end of a measurement loop."""

    technique: str
    packages: list[list[Field]]
    scans: list[int]
    """The scan in which each package came; 0 where scans are not numbered."""


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this holds packages of a MethodSCRIPT instrument."""
    return _PACKAGE.search(head) is not None


def decode_package(line: str) -> list[Field] | None:
    """The fields of a line that begins with `P`; None when it is no whole package."""
    fields = []
    for part in line[1:].split(";"):
        match = _FIELD.fullmatch(part)
        if match is None:
            return None
        kind, digits, prefix, metadata = match.groups()
        value = math.nan
        if digits is not None:
            exponent = _EXPONENTS[prefix]
            count = int(digits, 16) - _OFFSET
            # dividing by an exact power of ten rounds once
            value = count * 10.0**exponent if exponent >= 0 else count / 10.0**-exponent
        told = {token[0]: int(token[1:] or "0", 16) for token in metadata.split(",")[1:]}
        fields.append(Field(kind, value, told.get("1"), told.get("2")))
    return fields


def read(path: Path) -> Dataset:
    """The first measurement loop; the others are its `further` tables, numbered from 2.

    Raises `InputError` naming the offset of a package that is not whole.
    """
    data = read_bytes(path)
    loops: list[_Loop] = []
    warnings: list[Diagnostic] = []
    texts: list[str] = []
    is_open, scan, offset = False, 0, 0
    for raw in data.splitlines(keepends=True):
        line = raw.decode("latin-1").rstrip("\r\n")
        if match := _LOOP.fullmatch(line):
            loops.append(_Loop(match[1], [], []))
            is_open, scan = True, 0
        elif line.startswith("P"):
            fields = decode_package(line)
            ends = raw.endswith(b"\n")
            if fields is not None and ends:
                if not is_open:
                    loops.append(_Loop("", [], []))
                    is_open = True
                loops[-1].packages.append(fields)
                loops[-1].scans.append(scan)
            elif ends:
                raise damaged(path, offset, f"{line[:60]!r} is not a MethodSCRIPT data package")
            else:
                what = f"{path} ends in the middle of the package at byte {offset}"
                warnings.append(warning("E744", what))
        elif match := re.fullmatch(r"C(\d{4})", line):
            scan = int(match[1])
        elif line == "*":
            is_open = False
        elif line.startswith("T"):
            texts.append(line[1:])
        elif "!" in line:
            what = f"{path}: the instrument reported {line[:60]!r} at byte {offset}"
            warnings.append(warning("E758", what))
        elif not _MARKERS.fullmatch(line):
            what = f"{path}: the line {line[:60]!r} at byte {offset} is unknown and was left out"
            warnings.append(warning("E757", what))
        offset += len(raw)
    if not any(loop.packages for loop in loops):
        raise damaged(path, len(data), "there is no data package in it")
    loops = [loop for loop in loops if loop.packages]
    tables = [_table(loop, path, warnings) for loop in loops]
    return Dataset(
        tables[0],
        technique=_TECHNIQUES.get(loops[0].technique, loops[0].technique),
        instrument="MethodSCRIPT",
        metadata={"text": "\n".join(texts)} if texts else {},
        warnings=tuple(warnings),
        further={f"measurement {n}": table for n, table in enumerate(tables[1:], 2)},
    )


def _table(loop: _Loop, path: Path, warnings: list[Diagnostic]) -> dict[str, Column]:
    import numpy as np

    rows = len(loop.packages)
    values: dict[str, NDArray[np.float64]] = {}
    kinds: dict[str, str] = {}

    def put(name: str, kind: str, row: int, value: float) -> None:
        if name not in values:
            values[name] = np.full(rows, np.nan)
            kinds[name] = kind
        values[name][row] = value

    overloads = 0
    for row, package in enumerate(loop.packages):
        seen: dict[str, int] = {}
        for field in package:
            quantity, unit = _TYPES.get(field.type, (field.type, ""))
            seen[field.type] = seen.get(field.type, 0) + 1
            if seen[field.type] > 1:
                quantity += f"_{seen[field.type]}"
            put(f"{quantity}_{unit}" if unit else quantity, field.type, row, field.value)
            if field.status is not None:
                put(f"{quantity}_status_code", "", row, field.status)
                overloads += bool(field.status & _OVERLOAD)
            if field.range_index is not None:
                put(f"{quantity}_range_code", "", row, field.range_index)
    warnings += [
        warning("E745", f"unknown column {kind!r}, kept as it is")
        for kind in sorted(set(kinds.values()) - _TYPES.keys() - {""})
    ]
    if overloads:
        what = f"{path}: {overloads} values in {rows} packages were above their range"
        warnings.append(warning("E759", what, "leave them out, or measure on a higher range"))
    columns = {
        name: Column(
            array,
            _TYPES[kinds[name]][1] if kinds[name] in _TYPES else "" if kinds[name] else "1",
            raw_name=kinds[name],
            sign="anodic" if kinds[name] in ("ba", "bb", "db") else None,
        )
        for name, array in values.items()
    }
    if any(loop.scans):
        columns["cycle"] = Column(np.array(loop.scans, dtype=np.float64), "1", "C")
    return columns
