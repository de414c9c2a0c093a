"""How the rows of EC-Lab's binary files are laid out: the columns of a row and their widths.

A data module names its columns by numbers; what a number means and how many bytes it takes stands
in `biologic_columns.csv`, from files whose text export is known and from other programs. A number
that is not in it is refused: a width that merely fills up the row can be any column's.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.readers.headers import table_rows
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import InputError

if TYPE_CHECKING:
    import numpy as np


class Field(NamedTuple):
    """A column as the table has it."""

    header: str
    dtype: str
    mask: int
    """Of the bits in the flags byte; 0 for a column of its own."""
    largest: float
    """Above which no instrument measures, in the unit of the header."""
    beside: frozenset[int]
    """The numbers of the columns without which it does not stand in any file seen."""


class _Version(NamedTuple):
    """Where the parts of a data module stand."""

    ids_at: int
    id_code: str
    """Of `struct`, of one number of a column."""
    rows_at: int
    marked: bool
    """Whether the byte before the rows is 1 rather than 0."""


class Layout(NamedTuple):
    """The columns of one data module."""

    ids: tuple[int, ...]
    fields: Sequence[Field]
    dtype: np.dtype[np.void]
    """Of a row; its fields are named by the numbers of the columns, that of the flags "flags"."""


_VERSIONS = {
    0: _Version(5, "B", 100, False),
    2: _Version(5, "H", 405, False),
    3: _Version(5, "H", 406, True),
    10: _Version(6, "H", 1007, True),
    11: _Version(6, "H", 1007, True),
}


@cache
def known_fields() -> Mapping[int, Field]:
    """The columns by their numbers."""
    found = {}
    for row in table_rows("biologic_columns"):
        flags, _, mask = row["type"].partition(":")
        largest = float(row["largest"] or "inf")
        found[int(row["id"])] = Field(
            row["header"],
            "u1" if mask else flags,
            int(mask or 0),
            largest,
            frozenset(map(int, row["beside"].split())),
        )
    return found


def find_layout(module: bytes, length: int, version: int, path: Path) -> tuple[Layout, int, int]:
    """The layout of a data module, its number of rows, and where they begin in it.

    `module` is what is left of it, `length` what its header states. The layout is that of the
    version, else the only one of which every part fits: known columns, nothing behind their list,
    and so many rows to the byte. Raises `InputError` (E745) naming the columns that are not known,
    or (E743) where nothing fits.
    """
    if len(module) < 8:
        raise damaged(path, len(module), "the data module is cut off")
    (count,) = struct.unpack_from("<I", module)
    stated = _VERSIONS.get(version)
    for candidate in ([stated] if stated else []) + list(dict.fromkeys(_VERSIONS.values())):
        ids = _ids(module, candidate)
        if not ids or len(set(ids)) < len(ids) or not known_fields().keys() >= set(ids):
            continue
        layout = layout_of(ids)
        if candidate.rows_at + count * layout.dtype.itemsize != length:
            continue
        if candidate is stated or _is_clean(module, candidate, len(ids)):
            return layout, count, candidate.rows_at
    ids = _ids(module, stated or _VERSIONS[11])
    if not ids:
        raise damaged(path, len(module), "the list of columns is cut off")
    if unknown := [str(number) for number in ids if number not in known_fields()]:
        raise _unknown(path, unknown, stated is not None)
    size = layout_of(ids).dtype.itemsize
    what = f"{count} rows of {size} bytes ({len(ids)} columns) do not make {length} bytes"
    raise damaged(path, 0, f"{what} of its data module")


def _ids(module: bytes, version: _Version) -> tuple[int, ...]:
    """The numbers of the columns; none where their list would be cut off or run into the rows."""
    count = int.from_bytes(module[4 : version.ids_at], "little")
    end = version.ids_at + count * struct.calcsize(version.id_code)
    if not count or end > min(len(module), version.rows_at):
        return ()
    return struct.unpack_from(f"<{count}{version.id_code}", module, version.ids_at)


def _is_clean(module: bytes, version: _Version, count: int) -> bool:
    """Whether nothing stands between the list of columns and the rows, but for the mark."""
    ids_end = version.ids_at + count * struct.calcsize(version.id_code)
    between = module[ids_end : version.rows_at]
    return between == bytes(len(between) - 1) + bytes([version.marked])


@lru_cache(maxsize=64)
def layout_of(ids: tuple[int, ...]) -> Layout:
    """Of known columns in their order; one byte holds all flags, where the first of them stands."""
    import numpy as np

    fields = [known_fields()[number] for number in ids]
    members: dict[str, str] = {}
    for number, field in zip(ids, fields, strict=True):
        members.setdefault("flags" if field.mask else str(number), field.dtype)
    return Layout(ids, fields, np.dtype(list(members.items())))


def _unknown(path: Path, numbers: Sequence[str], known_version: bool) -> InputError:
    if not known_version:
        what = f"{path}: its data module is of a version of EC-Lab that is not known here"
    else:
        which = f"columns {', '.join(numbers)}" if len(numbers) > 1 else f"column {numbers[0]}"
        what = f"{path}: what EC-Lab's {which} {'are' if len(numbers) > 1 else 'is'} and how many "
        what += "bytes it takes is not known here, so that no row can be told from the next"
    return InputError.of(
        what,
        help="export it as text (.mpt) and read that; both files of one short run tell the width",
        code="E745",
    )
