"""EC-Lab's binary files (.mpr): modules of settings, data and log, each with a stated length."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Column, Dataset, LazyColumns
from faradaic.datafiles.readers.biologic_gate import check_columns, check_rows
from faradaic.datafiles.readers.biologic_heads import DEFAULT_AREA_M2, split, without_spectrum
from faradaic.datafiles.readers.biologic_layout import Layout, find_layout, layout_of
from faradaic.datafiles.readers.headers import (
    known_techniques,
    lazy_columns,
    warning,
)
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import Diagnostic
from faradaic.quantities import to_SI

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC = b"BIO-LOGIC MODULAR FILE\x1a"
_FIRST_MODULE = 52
_MODULE = b"MODULE"
_OLE_OFFSETS = (585, 473, 469, 465)
"""Where the start time stands in the log module, by the versions of the format."""
_OLE_EPOCH = datetime(1899, 12, 30)
_CM2 = to_SI(1.0, "cm^2")
_AREA_OFFSET = 0x211
_REFERENCE_OFFSET = 0x215
"""In the settings: the area in cm² as a float, the reference electrode as a counted text."""


class _Module(NamedTuple):
    name: str
    version: int
    date: str
    """Month, day and year of two digits, with a mark between them that depends on the computer."""
    start: int
    """Of its content in the file."""
    length: int
    """Of its content as stated; the file may end before."""


def sniff(head: bytes, path: Path) -> bool:
    """The first bytes name the format, or its modules do where those are damaged."""
    return (
        head.startswith(_MAGIC)
        or (len(head) > 3 and _MAGIC.startswith(head))
        or b"MODULEVMP " in head[: 2 * _FIRST_MODULE]
    )


def parse(data: bytes, path: Path) -> Dataset:
    """Read the rows in SI; current is anodic positive, as EC-Lab writes it.

    Raises `InputError` when a module is not where it should be, when there is no data module, when
    a column is not known, or when the rows hold what no instrument writes.
    """
    if not data.startswith(_MAGIC):
        raise damaged(
            path, 0, "the name of the format, with which EC-Lab begins a file, is missing"
        )
    modules = {module.name: module for module in _modules(data, path)}
    module = modules.get("VMP data")
    if module is None:
        raise damaged(path, len(data), "there is no data module")
    settings = modules.get("VMP Set")
    technique, area_m2, reference = _settings(data, settings)
    rows, layout, warnings = _rows(data, module, path)
    if problem := check_columns(layout.ids, technique):
        raise damaged(path, module.start, problem)
    columns, unknown = lazy_columns(
        "biologic",
        _headers(layout.ids),
        partial(_values, rows, layout),
        len(rows),
        sign="anodic",
        reference=reference,
    )
    further = _derived(columns, layout.ids) | without_spectrum(columns)
    columns = LazyColumns(len(rows), {**columns.makers, **further})
    if area_m2 is not None and abs(area_m2 - DEFAULT_AREA_M2) < 1e-6 * DEFAULT_AREA_M2:
        unknown.append(warning("E749", f"{path}: the area is EC-Lab's default, taken as unknown"))
        area_m2 = None
    return Dataset(
        columns,
        technique=known_techniques("biologic").get(str(technique), ""),
        instrument="BioLogic",
        start=_start(data, modules.get("VMP LOG"), settings or module),
        area_m2=area_m2,
        metadata={"date": module.date}
        | ({"technique number": str(technique)} if technique is not None else {}),
        warnings=(*warnings, *unknown),
    )


@lru_cache(maxsize=64)
def _headers(ids: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """Name and unit of each column, once for files of the same columns."""
    return tuple([split(field.header) for field in layout_of(ids).fields])


def _settings(data: bytes, settings: _Module | None) -> tuple[int | None, float | None, str | None]:
    """Technique number, area and reference electrode; None for each that is not there."""
    if settings is None or settings.start >= len(data):
        return None, None, None
    block = data[settings.start : settings.start + settings.length]
    if len(block) < _REFERENCE_OFFSET + 64:
        return block[0], None, None
    (area_cm2,) = struct.unpack_from("<f", block, _AREA_OFFSET)
    # another version has other things there: no area is that large, and no text has such signs
    area_m2 = area_cm2 * _CM2 if 1e-6 < area_cm2 < 1e6 else None
    size = block[_REFERENCE_OFFSET]
    name = block[_REFERENCE_OFFSET + 1 : _REFERENCE_OFFSET + 1 + size].decode("cp1252", "replace")
    known = 0 < size < 64 and name.isprintable() and "unspecified" not in name
    return block[0], area_m2, name if known else None


def _modules(data: bytes, path: Path) -> Iterator[_Module]:
    """One after the other without a gap; only the last may be cut off."""
    offset = _FIRST_MODULE
    while offset < len(data):
        if not (_MODULE.startswith(data[offset : offset + 6]) if offset + 6 > len(data)
                else data[offset : offset + 6] == _MODULE):  # fmt: skip
            raise damaged(path, offset, "a module should begin here")
        if offset + 65 > len(data):
            return
        name = data[offset + 6 : offset + 16].decode("latin-1").strip()
        # the version follows the length; since 11.50 the largest length and two versions do
        largest, length, version, newer = struct.unpack_from("<4I", data, offset + 41)
        start, date = offset + 65, data[offset + 57 : offset + 65]
        if largest != 0xFFFFFFFF:
            length, version, newer = largest, length, 0
            start, date = offset + 57, data[offset + 49 : offset + 57]
        yield _Module(name, version + newer, date.decode("latin-1"), start, length)
        offset = start + length


def _rows(
    data: bytes, module: _Module, path: Path
) -> tuple[NDArray[np.void], Layout, list[Diagnostic]]:
    """The rows as a structured array, held against what an instrument can write."""
    import numpy as np

    block = data[module.start : module.start + min(module.length, 1100)]
    layout, count, rows_at = find_layout(block, module.length, module.version, path)
    start = module.start + rows_at
    whole = min(count, max(0, (len(data) - start) // layout.dtype.itemsize))
    rows = np.frombuffer(data, layout.dtype, whole, start) if whole else np.empty(0, layout.dtype)
    warnings = check_rows(rows, layout.ids, path)
    if whole < count:
        message = f"{path} ends at byte {len(data)}: {whole} of {count} rows are left"
        warnings.append(warning("E744", message))
    return rows, layout, warnings


def _values(rows: NDArray[np.void], layout: Layout, i: int, factor: float) -> NDArray[np.float64]:
    import numpy as np

    field = layout.fields[i]
    if field.mask:
        shift = (field.mask & -field.mask).bit_length() - 1
        return ((rows["flags"] & field.mask) >> shift).astype(np.float64)
    values = np.empty(len(rows))
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        if factor == 1.0:
            values[:] = rows[str(layout.ids[i])]
        else:
            np.multiply(rows[str(layout.ids[i])], factor, out=values, dtype=np.float64)
    return values


def _derived(columns: LazyColumns, ids: tuple[int, ...]) -> dict[str, Callable[[], Column]]:
    """What EC-Lab computes of the columns in the same way when it exports text.

    A current is the charge of a point over the time since the one before. What was controlled is a
    current or a potential by the mode of the point, and zero where it was neither.
    """
    import numpy as np

    def current() -> Column:
        charge, time_s = columns["charge_of_point_C"], columns["time_s"].values
        with np.errstate(invalid="ignore", divide="ignore"):
            values = charge.values / np.diff(time_s, prepend=np.nan)
        values[~np.isfinite(values)] = np.nan
        values[:1] = np.where(charge.values[:1] == 0.0, 0.0, np.nan)
        return Column(values, "A", f"{charge.raw_name} per time/s", charge.sign)

    def control(mode: int, unit: str, written: str) -> Column:
        mixed = columns["control/V/mA"]
        values = np.where(columns["mode"].values == mode, mixed.values * to_SI(1.0, written), 0.0)
        return Column(values, unit, mixed.raw_name)

    found: dict[str, Callable[[], Column]] = {}
    if not {8, 11, 76} & set(ids) and {4, 7} <= set(ids):
        found["current_A"] = current
    if {1, 5} <= set(ids):
        found["control_A"] = partial(control, 1, "A", "mA")
        found["control_V"] = partial(control, 2, "V", "V")
    return found


def _start(data: bytes, log: _Module | None, dated: _Module) -> datetime | None:
    """Local time of the first point, where the log holds one on the day of another module."""
    if log is None:
        return None
    try:
        month, day, year = (int(dated.date[i : i + 2]) for i in (0, 3, 6))
        first = (datetime(2000 + year, month, day) - _OLE_EPOCH).days
    except ValueError:
        return None
    for offset in _OLE_OFFSETS:
        if log.start + offset + 8 <= len(data):
            (days,) = struct.unpack_from("<d", data, log.start + offset)
            if 0 <= days - first < 1:
                return _OLE_EPOCH + timedelta(days=days)
    return None
