"""Recorded output of MethodSCRIPT instruments (EmStat4, EmStat Pico, Nexus), line by line.

`M` and an identifier open a measurement loop, `P` lines are its packages
(`faradaic.methodscript_packages`), `*` closes it. Source: PalmSens, MethodSCRIPT examples bd1a44a,
README "Parse the measurement data packages" and `mscript.py`. Positive currents are anodic.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import known_columns, known_techniques, warning
from faradaic.datafiles.readers.methodscript_blocks import Fields, read_block
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import Diagnostic
from faradaic.methodscript_packages import OVERLOAD, Field, GarbledPackage, decode_package

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LOOP = re.compile(r"e?M([0-9A-F]{4})")
_PACKAGE = re.compile(rb"^P[a-z]{2}(?:[0-9A-Fa-f]{7}[afpnum kMGTPEi]|     nan)[,;\r\n]", re.M)
_ODD_TOKENS = re.compile(rb"^P.*(?:,[^124]|,([124])[0-9A-F]*,\1)", re.M)
"""Metadata of a package of a kind that is not known, or of one kind twice."""
_MARKERS = re.compile(r"e?|L|\+|-|\*|Z")
_LARGEST_CODE = 0xF
"""All bits of a status that are known."""
_FEW_ROWS = 8
"""Blocks of fewer packages than this take longer than the packages one by one."""


class _Loop:
    """The packages between the beginning and the end of a measurement loop, column by column."""

    def __init__(self, technique: str) -> None:
        self.technique = technique
        self.rows = 0
        self.overloads = self.unknown_codes = 0
        self.types: dict[str, str] = {}
        """The type of the field by the name of its column; "" for status and range."""
        self.values: dict[str, array[float]] = {}
        self.scans: array[float] = array("d")
        """The scan in which each package came; 0 where scans are not numbered."""

    def add(self, fields: Iterable[Fields], scan: int, rows: int) -> None:
        """More rows; a column that they do not have has no value there."""
        seen: dict[str, int] = {}
        for field in fields:
            known = known_columns("methodscript").get(field.type)
            quantity, unit = (known.name, known.unit) if known else (field.type, "")
            seen[field.type] = seen.get(field.type, 0) + 1
            if seen[field.type] > 1:
                quantity += f"_{seen[field.type]}"
            self._put(f"{quantity}_{unit}" if unit else quantity, field.type, field.value)
            if field.status is not None:
                self._put(f"{quantity}_status_code", "", field.status)
                known_codes = field.status[field.status <= _LARGEST_CODE].astype(int)
                self.overloads += int((known_codes & OVERLOAD != 0).sum())
                self.unknown_codes += len(field.status) - len(known_codes)
            if field.range_index is not None:
                self._put(f"{quantity}_range_code", "", field.range_index)
        self.scans.extend(repeat(float(scan), rows))
        self.rows += rows

    def column(self, name: str) -> NDArray[np.float64]:
        """A value for every row, NaN where there is none."""
        import numpy as np

        values = np.full(self.rows, np.nan)
        known = self.values[name]
        values[: len(known)] = known
        return values

    def _put(self, name: str, kind: str, values: NDArray[np.float64]) -> None:
        column = self.values.setdefault(name, array("d"))
        self.types.setdefault(name, kind)
        if len(column) <= self.rows:
            column.extend(repeat(math.nan, self.rows - len(column)))
            column.frombytes(values.tobytes())


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this holds packages of a MethodSCRIPT instrument."""
    return _PACKAGE.search(head) is not None


def parse(data: bytes, path: Path) -> Dataset:
    """The first measurement loop; the others are its `further` tables, numbered from 2.

    Raises `InputError` naming the offset of a package that is not whole.
    """
    loops: list[_Loop] = []
    warnings: list[Diagnostic] = []
    texts: list[str] = []
    is_open, scan, offset, alone = False, 0, 0, 0
    while offset < len(data):
        raw = data[offset : data.find(b"\n", offset) + 1 or len(data)]
        size = len(raw)
        line = raw.decode("latin-1").rstrip("\r\n")
        if match := _LOOP.fullmatch(line):
            loops.append(_Loop(match[1]))
            is_open, scan = True, 0
        elif line.startswith("P"):
            ends = raw.endswith(b"\n")
            rows, fields = read_block(data, offset, size) if ends and offset >= alone else (0, [])
            if rows < _FEW_ROWS and offset >= alone:
                alone = offset + _FEW_ROWS * _FEW_ROWS * size
            if not rows and ends:
                with suppress(GarbledPackage):
                    rows, fields = 1, [_alone(field) for field in decode_package(line)]
            if rows:
                if not is_open:
                    loops.append(_Loop(""))
                    is_open = True
                loops[-1].add(fields, scan, rows)
                size *= rows
            elif ends:
                raise damaged(path, offset, f"{line[:60]!r} is not a MethodSCRIPT data package")
            else:
                what = f"{path} ends in the middle of the package at byte {offset}"
                warnings.append(warning("E744", what))
        elif match := re.fullmatch(r"C(\d{4})", line):
            scan = int(match[1])
        elif line == "*":
            is_open = False
        elif line.startswith("T") and not _PACKAGE.match(b"P" + raw[1:]):
            texts.append(line[1:])
        elif "!" in line:
            what = f"{path}: the instrument reported {line[:60]!r} at byte {offset}"
            warnings.append(warning("E758", what))
        elif not _MARKERS.fullmatch(line):
            what = f"{path}: the line {line[:60]!r} at byte {offset} is unknown and was left out"
            warnings.append(warning("E757", what))
        offset += size
    if odd := len(_ODD_TOKENS.findall(data)):
        what = f"{path}: {odd} packages have metadata that are not known, and left out"
        warnings.append(warning("E757", what, "look at them in the file"))
    if not any(loop.rows for loop in loops):
        raise damaged(path, len(data), "there is no data package in it")
    loops = [loop for loop in loops if loop.rows]
    tables = [_table(loop, path, warnings) for loop in loops]
    return Dataset(
        tables[0],
        technique=known_techniques("methodscript").get(loops[0].technique, loops[0].technique),
        instrument="MethodSCRIPT",
        metadata={"text": "\n".join(texts)} if texts else {},
        warnings=tuple(warnings),
        further={f"measurement {n}": table for n, table in enumerate(tables[1:], 2)},
    )


def _alone(field: Field) -> Fields:
    """The field of one package, as a block of one row has it."""
    import numpy as np

    def one(value: float | None) -> NDArray[np.float64] | None:
        return None if value is None else np.array([float(value)])

    value = np.array([field.value])
    return Fields(field.type, value, one(field.status), one(field.range_index))


def _table(loop: _Loop, path: Path, warnings: list[Diagnostic]) -> dict[str, Column]:
    import numpy as np

    known = known_columns("methodscript")
    warnings += [
        warning("E745", f"unknown column {kind!r}, kept as it is")
        for kind in sorted(set(loop.types.values()) - known.keys() - {""})
    ]
    if loop.overloads:
        what = f"{path}: {loop.overloads} values in {loop.rows} packages were above their range"
        warnings.append(warning("E759", what, "leave them out, or measure on a higher range"))
    if loop.unknown_codes:
        what = f"{path}: {loop.unknown_codes} status codes have bits that are not known"
        warnings.append(warning("E759", what, "look at these packages in the file"))
    columns = {
        name: Column(
            loop.column(name),
            known[kind].unit if kind in known else "" if kind else "1",
            raw_name=kind,
            sign="anodic" if kind in ("ba", "bb", "db") else None,
        )
        for name, kind in loop.types.items()
    }
    if any(loop.scans):
        columns["cycle"] = Column(np.array(loop.scans, dtype=np.float64), "1", "C")
    return columns
