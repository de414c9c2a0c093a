"""Gamry Framework's .DTA: `KEY TYPE value` lines, then tables whose rows begin with a tab."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset, OhmicDrop, Sign
from faradaic.datafiles.readers.headers import make_columns, sign_unknown, warning
from faradaic.datafiles.readers.moments import settled
from faradaic.datafiles.readers.text import damaged, decode, numeric_table, parse_number
from faradaic.diagnostics import Diagnostic
from faradaic.quantities import to_SI

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXT = True
_TABLE = re.compile(rb"^([A-Z][A-Z0-9 _]*)\tO?TABLE(?:\t([0-9]+))?[^\n]*\r?\n", re.MULTILINE)
_ROWS_END = re.compile(rb"\n(?!\t)")
_ROW = re.compile(rb"^\t[0-9]+\t[-+0-9.,]+[0-9]", re.MULTILINE)
"""How a row begins: its number and another one."""
_HEADER_LINE = re.compile(r"^([A-Z][^\t\n]*)\t([ A-Z0-9]+)\t([^\t\n]*)", re.MULTILINE)
_TAG = re.compile(r"^TAG\t([^\n]*)", re.MULTILINE)
_NUMBERED = re.compile(r"CURVE[0-9]+")
_NO_TEMPERATURE = -327.0
"""The instrument writes -327.67 or -327.68 degC where no sensor is connected."""
_TRUE, _FALSE = {"T", "TRUE"}, {"F", "FALSE"}
_LEAST_DROP_V = 1e-3
"""Noise and the steps of a converter stay below it."""
_HOTTEST_degC = 250.0
"""What a sensor in a cell will not meet."""


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    name: str
    names: list[str]
    units: list[str]
    arrays: list[NDArray[np.float64]]


def sniff(head: bytes, path: Path) -> bool:
    """The first line is EXPLAIN, the second names the technique."""
    lines = head.split(b"\n", 2)
    return len(lines) > 1 and lines[0].strip() == b"EXPLAIN" and lines[1].startswith(b"TAG\t")


def parse(data: bytes, path: Path) -> Dataset:
    """Read the curves in SI, numbered ones as one table; the other tables are in `further`.

    Raises `InputError` when there is no table, or when one is cut off in its header.
    """
    warnings: list[Diagnostic] = []
    tables, header = _tables(data, path, warnings)
    metadata = _metadata(header)
    sign: Sign | None = {"0": "cathodic", "1": "anodic"}.get(metadata.get("CONVENTION", ""))  # type: ignore[assignment]
    if sign is None:
        warnings.append(sign_unknown(path))
    main, rest = _split(tables)
    curve = _joined(main)
    columns = _columns(curve, sign, warnings)
    if metadata.get("EXPERIMENTABORTED", "").upper() in _TRUE:
        warnings.append(warning("E744", f"{path}: the experiment was aborted: it ends early"))
    start = _start(metadata, path, warnings)
    further = {table.name: _columns(table, sign, warnings) for table in rest}
    return Dataset(
        columns,
        technique=metadata.get("TITLE", metadata.get("TAG", "")),
        instrument=("Gamry " + metadata.get("PSTAT", metadata.get("PSTAT GENERATOR", ""))).strip(),
        start=start,
        area_m2=_area(metadata, path, warnings),
        ohmic_drop=_ohmic_drop(metadata, curve, path, warnings),
        metadata=metadata,
        warnings=tuple(warnings),
        further=further,
    )


def _tables(data: bytes, path: Path, warnings: list[Diagnostic]) -> tuple[list[_Table], bytes]:
    """The tables, and the lines between them."""
    tables = []
    header = b""
    position = 0
    while match := _TABLE.search(data, position):
        header += data[position : match.start()]
        name = match[1].decode("ascii")
        first = data.find(b"\n", match.end())
        second = data.find(b"\n", first + 1)
        if first < 0 or second < 0:
            raise damaged(path, len(data), f"the table {name} has no column names and units")
        names = decode(data[match.end() : first]).strip("\r").split("\t")[1:]
        units = decode(data[first + 1 : second]).strip("\r").split("\t")[1:]
        if not names or len(units) != len(names):
            raise damaged(path, first + 1, f"the table {name} has {len(names)} columns but "
                          f"{len(units)} units")  # fmt: skip
        rows_end = _ROWS_END.search(data, second)
        position = rows_end.start() + 1 if rows_end else len(data)
        arrays, odd = numeric_table(
            data,
            second + 1,
            len(names) + 1,
            path,
            end=position,
            flags=[i + 1 for i, column in enumerate(names) if column == "Over"],
        )
        warnings += odd
        stated = int(match[2]) if match[2] else len(arrays[0])
        if stated > len(arrays[0]):
            warnings.append(
                warning("E744", f"{path}: {len(arrays[0])} of {stated} rows of {name} are left")
            )
        tables.append(_Table(name, names, units, arrays[1:]))
    if not tables:
        raise damaged(path, len(data), "there is no table in it")
    header += data[position:]
    if data[position:].strip() and not data.endswith(b"\n"):
        warnings.append(warning("E744", f"{path} ends in the middle of the line at its end"))
    if lost := len(_ROW.findall(header)):
        what = f"{path}: {lost} rows stand where no table is, behind a broken line or heading"
        warnings.append(warning("E744", f"{what}, and are left out", "look at them in the file"))
    return tables, header


def _metadata(header: bytes) -> dict[str, str]:
    """The value of every `KEY TYPE value` line, as written."""
    text = decode(header)
    found: dict[str, str] = {}
    for key, kind, value in _HEADER_LINE.findall(text):
        if kind.strip() not in {"TABLE", "OTABLE"}:
            found.setdefault(key.strip(), value.strip())
    first = _TAG.search(text)
    return {"TAG": first[1].strip(), **found} if first else found


def _split(tables: list[_Table]) -> tuple[list[_Table], list[_Table]]:
    """The curves that belong together, and the other tables."""
    numbered = [t for t in tables if _NUMBERED.fullmatch(t.name)]
    if numbered:
        main = [t for t in numbered if t.names == numbered[0].names]
    else:
        named = [t for t in tables if t.name in ("CURVE", "ZCURVE")]
        main = (named or [t for t in tables if t.name != "OCVCURVE"] or tables)[:1]
    return main, [t for t in tables if t not in main]


def _joined(tables: list[_Table]) -> _Table:
    """Numbered curves one after the other, with their number as `Cycle` unless they have one."""
    import numpy as np

    first = tables[0]
    arrays = [np.concatenate(parts) for parts in zip(*(t.arrays for t in tables), strict=True)]
    if len(tables) == 1 or "Cycle" in first.names:
        return _Table(first.name, first.names, first.units, arrays)
    numbers = [float(t.name.removeprefix("CURVE")) for t in tables]
    cycle = np.repeat(numbers, [len(t.arrays[0]) for t in tables])
    return _Table(first.name, [*first.names, "Cycle"], [*first.units, "#"], [*arrays, cycle])


def _columns(table: _Table, sign: Sign | None, warnings: list[Diagnostic]) -> Mapping[str, Column]:
    """In SI; a current that was cathodic positive is turned, so that all of them are anodic."""
    import numpy as np

    raw = []
    for name, unit, values in zip(table.names, table.units, table.arrays, strict=True):
        if name == "Temp":
            values = np.where(values < _NO_TEMPERATURE, np.nan, values)
            if (values > _HOTTEST_degC).any():
                what = f"the temperature of {table.name} is up to {np.nanmax(values):g} degC"
                warnings.append(warning("E759", what, "no sensor was connected? do not use it"))
        if name == "Vu" and len(values) and not values.any():
            what = f"Vu of {table.name} is zero in every row: it was not measured"
            warnings.append(warning("E753", what))
        if name == "Over" and (marked := int((values > 0).sum())):
            what = f"{marked} of {len(values)} rows of {table.name} carry marks of an overload"
            warnings.append(warning("E759", what, "what was measured there may be clipped"))
        if name in {"Im", "Idc"} and sign == "cathodic":
            values = -values
        raw.append((name, unit.removesuffix(" vs. Ref."), values))
    columns, odd = make_columns("gamry", raw, sign="anodic" if sign else None)
    warnings += odd
    return columns


def _area(metadata: Mapping[str, str], path: Path, warnings: list[Diagnostic]) -> float | None:
    value = _number(metadata, "AREA")
    if value == 1.0:
        warnings.append(warning("E749", f"{path}: the area is Gamry's default, taken as unknown"))
        return None
    return to_SI(value, "cm^2") if value else None


def _number(metadata: Mapping[str, str], key: str) -> float | None:
    return parse_number(metadata.get(key, ""), decimal_comma=True)


def _ohmic_drop(
    metadata: Mapping[str, str], curve: _Table, path: Path, warnings: list[Diagnostic]
) -> OhmicDrop | None:
    """By the setting, a number or a toggle; and compensated where Vf is not Vu, what it was before.

    Vu is zero throughout where it was not measured.
    """
    import numpy as np

    written = metadata.get("IRCOMP", "").strip().upper()
    mode = _number(metadata, "IRCOMP")
    stated = written in _TRUE if written in _TRUE | _FALSE else None if mode is None else mode != 0
    arrays = dict(zip(curve.names, curve.arrays, strict=True))
    before, after = arrays.get("Vu"), arrays.get("Vf")
    apart_V = 0.0
    if before is not None and after is not None and (np.abs(before) > 0.0).any():
        apart_V = float(np.nanmax(np.abs(after - before), initial=0.0))
    if apart_V > _LEAST_DROP_V:
        if stated is False:
            what = f"{path}: IRCOMP is {written}, but Vf and Vu are up to {apart_V:.3g} V apart"
            warnings.append(warning("E753", f"{what}: taken as compensated"))
        return "compensated"
    return None if stated is None else "compensated" if stated else "uncompensated"


def _start(metadata: Mapping[str, str], path: Path, warnings: list[Diagnostic]) -> datetime | None:
    """Local time; None where day and month cannot be told apart, as the PC's locale wrote them."""
    text = f"{metadata.get('DATE', '')} {metadata.get('TIME', '')}".replace(".", "/")
    moments, doubt = settled([text], path)
    warnings += doubt
    return None if doubt or not moments else moments[0]
