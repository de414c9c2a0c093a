"""EC-Lab's binary files (.mpr): modules of settings, data and log, each with a stated length."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers.headers import (
    known_techniques,
    lazy_columns,
    split_header,
    table_rows,
    warning,
)
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC = b"BIO-LOGIC MODULAR FILE\x1a"
_FIRST_MODULE = 52
_DATA_OFFSETS = (1007, 406, 405, 100)
"""Where the rows begin in the data module, by the versions of the format."""
_IDS_STARTS = (6, 5)
"""Where the list of columns begins in the data module; their number has two bytes or one."""
_OLE_OFFSETS = (585, 473, 469, 465)
"""Where the start time stands in the log module, by the versions of the format."""
_OLE_EPOCH = datetime(1899, 12, 30)
_AREA_OFFSET = 0x211
_REFERENCE_OFFSET = 0x215
"""In the settings: the area in cm² as a float, the reference electrode as a counted text."""
_DEFAULT_AREA_M2 = 0.001 * 1e-4
"""What EC-Lab writes when nobody stated an area."""
_OTHER_WIDTH = {"<I>/mA": "<f4", "cycle number": "<u4"}
"""Columns that some versions of EC-Lab write in four bytes instead of eight."""
_UNPLACED = "from unknown_"
"""Begins the name of the rest of a row whose columns cannot be told apart."""
_TRIED_UNKNOWN = 4
"""With more columns of unknown width than this every combination would be a guess."""


class _Module(NamedTuple):
    name: str
    date: str
    start: int
    """Of its content in the file."""
    length: int
    """Of its content as stated; the file may end before."""


class _Field(NamedTuple):
    header: str
    dtype: str
    mask: int
    """Of the bits in the flags byte; 0 for a column of its own."""
    known: bool


def sniff(head: bytes, path: Path) -> bool:
    """The first bytes name the format."""
    return head.startswith(_MAGIC)


def parse(data: bytes, path: Path) -> Dataset:
    """Read the rows in SI; current is anodic positive, as EC-Lab writes it.

    Raises `InputError` when there is no data module, or when its rows cannot be laid out.
    """
    modules = {module.name: module for module in _modules(data, path)}
    module = modules.get("VMP data")
    if module is None:
        raise damaged(path, len(data), "there is no data module")
    rows, fields, warnings = _rows(data, module, path)
    settings = modules.get("VMP Set")
    technique, area_m2, reference = _settings(data, settings)
    columns, unknown = lazy_columns(
        "biologic",
        tuple(split_header(field.header) for field in fields),
        partial(_values, rows, fields),
        len(rows),
        sign="anodic",
        reference=reference,
    )
    if area_m2 is not None and abs(area_m2 - _DEFAULT_AREA_M2) < 1e-6 * _DEFAULT_AREA_M2:
        unknown.append(warning("E749", f"{path}: the area is EC-Lab's default, taken as unknown"))
        area_m2 = None
    return Dataset(
        columns,
        technique=known_techniques("biologic").get(str(technique), ""),
        instrument="BioLogic",
        start=_start(data, modules.get("VMP LOG")),
        area_m2=area_m2,
        metadata={"date": module.date}
        | ({"technique number": str(technique)} if technique is not None else {}),
        warnings=(*warnings, *unknown),
    )


def _settings(data: bytes, settings: _Module | None) -> tuple[int | None, float | None, str | None]:
    """Technique number, area and reference electrode; None for each that is not there."""
    if settings is None or settings.start >= len(data):
        return None, None, None
    block = data[settings.start : settings.start + settings.length]
    if len(block) < _REFERENCE_OFFSET + 64:
        return block[0], None, None
    (area_cm2,) = struct.unpack_from("<f", block, _AREA_OFFSET)
    # another version has other things there: no area is that large, and no text has such signs
    area_m2 = area_cm2 * 1e-4 if 1e-6 < area_cm2 < 1e6 else None
    size = block[_REFERENCE_OFFSET]
    name = block[_REFERENCE_OFFSET + 1 : _REFERENCE_OFFSET + 1 + size].decode("cp1252", "replace")
    known = 0 < size < 64 and name.isprintable() and "unspecified" not in name
    return block[0], area_m2, name if known else None


def _modules(data: bytes, path: Path) -> Iterator[_Module]:
    offset = _FIRST_MODULE
    while offset + 65 <= len(data):
        if data[offset : offset + 6] != b"MODULE":
            raise damaged(path, offset, "a module should begin here")
        name = data[offset + 6 : offset + 16].decode("latin-1").strip()
        long_form, length = struct.unpack_from("<II", data, offset + 41)
        start, date = offset + 65, data[offset + 57 : offset + 65]
        if long_form != 0xFFFFFFFF:
            length, start, date = long_form, offset + 57, data[offset + 49 : offset + 57]
        yield _Module(name, date.decode("latin-1"), start, length)
        offset = start + length


@cache
def _known() -> Mapping[int, _Field]:
    found = {}
    for row in table_rows("biologic_columns"):
        flags, _, mask = row["type"].partition(":")
        field = _Field(row["header"], "u1" if mask else flags, int(mask or 0), True)
        found[int(row["id"])] = field
    return found


def _rows(
    data: bytes, module: _Module, path: Path
) -> tuple[NDArray[np.void], Sequence[_Field], list[Diagnostic]]:
    """The rows as a structured array whose fields are named by their position."""
    import numpy as np

    if module.start + 5 > len(data):
        raise damaged(path, len(data), "the data module is cut off")
    count, width = struct.unpack_from("<IB", data, module.start)
    ids_end = module.start + 6 + 2 * width
    if ids_end > len(data):
        raise damaged(path, len(data), "the list of columns is cut off")
    found: list[tuple[int, Sequence[_Field]]] = []
    for offset, ids_start in product(_DATA_OFFSETS, _IDS_STARTS):
        size, rest = divmod(module.length - offset, count) if count else (0, 0)
        if size < 0 or rest or module.start + offset < ids_end:
            continue
        ids = struct.unpack_from(f"<{width}H", data, module.start + ids_start)
        fields = _layout(ids, size) if count else [_field(number) for number in ids]
        if fields is not None:
            found.append((offset, fields))
    if not found:
        what = f"{count} rows of {width} columns do not fit into {module.length} bytes"
        raise damaged(path, module.start, what)
    offset, fields = min(found, key=_doubt)
    dtype = _dtype(fields)
    start = module.start + offset
    whole = min(count, max(0, (len(data) - start) // dtype.itemsize)) if count else 0
    warnings = []
    if whole < count:
        message = f"{path} ends at byte {len(data)}: {whole} of {count} rows are left"
        warnings.append(warning("E744", message))
    rows = np.frombuffer(data, dtype, whole, start) if whole else np.empty(0, dtype)
    if fields and fields[-1].header.startswith(_UNPLACED):
        told = f"{path}: the columns {fields[-1].header} on cannot be told apart and are left out"
        warnings.append(warning("E745", told, "export the file as text (.mpt) for those"))
        fields = fields[:-1]
    return rows, fields, warnings


def _doubt(layout: tuple[int, Sequence[_Field]]) -> tuple[bool, int]:
    """A layout of all columns comes first, then one of few unknown columns."""
    fields = layout[1]
    rest = fields[-1].header.startswith(_UNPLACED) if fields else False
    return rest, sum(not field.known for field in fields)


def _field(number: int, dtype: str = "<f4") -> _Field:
    return _known().get(number) or _Field(f"unknown_{number}", dtype, 0, False)


@lru_cache(maxsize=64)
def _layout(ids: tuple[int, ...], size: int) -> Sequence[_Field] | None:
    """The columns, their widths such that a row has `size` bytes; None when there is no such.

    First as known; then with one known the other way, or with the only widths of the unknown ones
    that fit; else the columns before the first unknown one, and the rest of the row as one.
    """
    fields = [_field(number) for number in ids]
    unknown = [i for i, field in enumerate(fields) if not field.known]
    if len(unknown) == len(fields):
        return None
    if _dtype(fields).itemsize == size:
        return fields
    if not unknown:
        for i, field in enumerate(fields):
            if field.header in _OTHER_WIDTH:
                tried = list(fields)
                tried[i] = field._replace(dtype=_OTHER_WIDTH[field.header])
                if _dtype(tried).itemsize == size:
                    return tried
        return None
    fitting = []
    if len(unknown) <= _TRIED_UNKNOWN:
        for types in product(("<f4", "<f8", "<u2", "u1"), repeat=len(unknown)):
            tried = list(fields)
            for i, dtype in zip(unknown, types, strict=True):
                tried[i] = fields[i]._replace(dtype=dtype)
            if _dtype(tried).itemsize == size:
                fitting.append(tried)
    if len(fitting) == 1:
        return fitting[0]
    # more than one would be a guess: what stands before the first unknown column is certain
    certain = fields[: unknown[0]]
    left_B = size - _dtype(certain).itemsize
    if not certain or left_B < len(fields) - len(certain):
        return None
    return [*certain, _Field(f"{_UNPLACED}{ids[unknown[0]]}", f"V{left_B}", 0, False)]


def _dtype(fields: Sequence[_Field]) -> np.dtype[np.void]:
    """One byte holds all flags, where the first of them stands."""
    import numpy as np

    members: list[tuple[str, str]] = []
    flags = False
    for i, field in enumerate(fields):
        if field.mask:
            if not flags:
                members.append(("flags", "u1"))
            flags = True
        else:
            members.append((str(i), field.dtype))
    return np.dtype(members)


def _values(rows: NDArray[np.void], fields: Sequence[_Field], i: int) -> NDArray[np.float64]:
    import numpy as np

    field = fields[i]
    if field.mask:
        shift = (field.mask & -field.mask).bit_length() - 1
        return ((rows["flags"] & field.mask) >> shift).astype(np.float64)
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        return np.ascontiguousarray(rows[str(i)], dtype=np.float64)


def _start(data: bytes, log: _Module | None) -> datetime | None:
    """Local time of the first point, where the log holds one on the day the module names."""
    if log is None:
        return None
    try:
        day = datetime.strptime(log.date, "%m/%d/%y")
    except ValueError:
        return None
    for offset in _OLE_OFFSETS:
        if log.start + offset + 8 <= len(data):
            (days,) = struct.unpack_from("<d", data, log.start + offset)
            if 0 <= days - (day - _OLE_EPOCH).days < 1:
                return _OLE_EPOCH + timedelta(days=days)
    return None
