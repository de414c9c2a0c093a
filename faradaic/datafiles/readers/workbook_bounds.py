"""What a workbook may unpack to, looked up before the library that reads it lays out its cells."""

from __future__ import annotations

import io
import re
import struct
import sys
import zipfile
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import InputError
from faradaic.input_files import open_file

_MOST_UNPACKED = 50
"""Times the size of the file: sheets of numbers pack to a fifth or a tenth."""
_UNPACKED_FREE_B = 16 * 2**20
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet of Excel can hold (Microsoft, Excel specifications and limits)."""
_EMPTY_TIMES, _EMPTY_FREE = 20, 2_000_000
"""How many empty cells the corners of a sheet may span, for each that is filled and besides."""
_ROW, _SHORT_CELLS = 0, range(12, 20)
"""Records of binary workbooks: a row, and cells that name no column (MS-XLSB 2.3.1)."""
_CELLS, _SHEET_DATA = range(1, 12), 145
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
"""The part of a compound file that holds a workbook with a password (MS-OFFCRYPTO 2.3.4)."""
_NO_SECTOR = 0xFFFFFFFA
"""From here on numbers of sectors are marks (MS-CFB 2.1)."""
_OLD_CELLS: Mapping[int, tuple[int, ...]] = {
    0x201: (6,), 0x203: (14,), 0x205: (8,), 0x27E: (10,), 0xFD: (10,),
    0x06: (), 0xBD: (), 0xBE: (), 0xD6: (), 0x204: (),
}  # fmt: skip
"""Records of old workbooks that begin with row and column, with their sizes where all have one
(MS-XLS 2.4)."""
_OLD_SPAN = {10: "<4H", 14: "<IIHH"}
"""How a sheet says its first row, the row behind its last, and its columns, by the length of it."""
_OLD_SPAN_IS = 0x200
_OLD_BEGIN, _OLD_END, _OLD_SHEET = (0x809, 0x409, 0x209), 0x0A, 0x85
_BLANKS = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"
"""Before the first tag of a part."""
_ROW_TAG, _CELL_TAG = re.compile(rb"<(?:\w+:)?row\b"), re.compile(rb"<(?:\w+:)?c[\s>/]")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br\s*=\s*.(\d{1,9})")
_CELL_NAME = re.compile(rb"\sr\s*=\s*.([A-Za-z]{1,9})(\d{1,9})\W")
_OPEN_DOCUMENT_PART = re.compile(
    rb"<(/?)table:(?:covered-)?(table(?:-row|-cell)?)(?=[\s/>])([^>]*)>"
)
_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*.(\d{1,9})")


def holds_sheets(path: Path) -> bool:
    """Whether an archive has the parts of a workbook, in whatever order."""
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except Exception:  # noqa: BLE001 - of many kinds, for damaged archives
        return False
    return any(name.startswith("xl/") or name == "content.xml" for name in names)


def check_workbook(data: bytes, path: Path) -> None:
    """Raises `InputError` (E743) for what unpacks to too much, lies beyond a sheet or is no data.

    The library lays out a whole sheet from corner to corner, so the corners are looked up before.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        unpacked_B = sum(member.file_size for member in members)
        if unpacked_B > _UNPACKED_FREE_B + _MOST_UNPACKED * len(data):
            raise damaged(path, 0, f"it would unpack to {unpacked_B} bytes")
        parts = b"".join(archive.read(m) for m in members if m.filename.endswith("book.bin.rels"))
        for member in members:
            with archive.open(member) as file:
                content = file.read(member.file_size + 1)
            if member.filename == "META-INF/manifest.xml" and b"encryption-data" in content:
                raise protected(path)
            if not content.lstrip(_BLANKS).startswith(b"<"):
                if parts and member.filename.rpartition("/")[2].encode() in parts:
                    _check_binary_sheet(content, path)
                continue
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                raise damaged(path, 0, f"{member.filename} defines entities, which no program does")
            if b"sheetData" in content:  # wherever it lies
                _check_sheet(content, path)
            if b"<table:table" in content:
                _check_open_document(content, path)


def _check_sheet(content: bytes, path: Path) -> None:
    numbers = set(_ROW_NUMBER.findall(content))
    cells = _CELL_NAME.findall(content)
    numbers.update(number for _, number in cells)
    rows = max(len(_ROW_TAG.findall(content)), *map(int, numbers), 0)
    columns = max((_number_of(name.upper()) for name in {name for name, _ in cells}), default=0)
    _refuse_beyond(rows, columns, len(_CELL_TAG.findall(content)), path)


def _check_open_document(content: bytes, path: Path) -> None:
    """Repeats of filled cells count; those of empty ones fill the sheet up to its end."""
    rows = columns = filled = at_row = at_column = repeat = 0
    for end, part, about in _OPEN_DOCUMENT_PART.findall(content):
        times = int(match[1]) if (match := _REPEATED.search(about)) else 1
        if part == b"table":
            _refuse_beyond(rows, columns, filled, path)
            rows = columns = filled = at_row = repeat = 0
        elif part == b"table-row":
            at_row, at_column, repeat = at_row + repeat, 0, 0 if end else times
        elif not end:
            at_column += times
            if b"office:" in about or not about.rstrip().endswith(b"/"):
                rows, columns = max(rows, at_row + repeat), max(columns, at_column)
                filled += 1
    _refuse_beyond(rows, columns, filled, path)


def _refuse_beyond(
    rows: int, columns: int, filled: int, path: Path, most_rows: int = _MOST_ROWS
) -> None:
    if rows > most_rows or columns > _MOST_COLUMNS:
        what = f"a sheet has {rows} rows and {columns} columns, more than Excel's own limits"
        raise damaged(path, 0, what)
    if rows * columns > _EMPTY_FREE + _EMPTY_TIMES * filled:
        what = f"{filled} cells lie in a sheet of {rows} rows and {columns} columns"
        raise damaged(path, 0, what)


def _number_of(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_binary_sheet(content: bytes, path: Path) -> None:
    """Cells without a column of their own are refused: the library passes them over in silence."""
    rows = columns = filled = 0
    begun = False
    for kind, start, size in _records(content):
        begun = begun or kind == _SHEET_DATA
        if not begun:
            continue
        if kind in _SHORT_CELLS:
            raise InputError.of(
                f"{path}: its cells are written in a short form, of which some would be lost",
                help="open it in a spreadsheet program and save it as .xlsx",
                code="E743",
            )
        if kind == _ROW:
            rows = max(rows, 1 + int.from_bytes(content[start : start + 4], "little"))
        elif kind in _CELLS and size:
            columns = max(columns, 1 + int.from_bytes(content[start : start + 4], "little"))
            filled += 1
    _refuse_beyond(rows, columns, filled, path)


def _records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, start and size of each record of a binary part (MS-XLSB 2.1.4)."""
    at, end = 0, len(content)
    while at < end:
        kind = content[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = kind & 0x7F | (content[at] & 0x7F) << 7
            at += 1
        size = 0
        for shift in (0, 7, 14, 21):
            byte = content[at] if at < end else 0
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, at, size
        at += size


def protected(path: Path) -> InputError:
    """The error for a workbook that opens with a password alone."""
    return InputError.of(
        f"{path} is protected by a password",
        help="open it in a spreadsheet program and save it without one",
        code="E743",
    )


def check_old_workbook(data: bytes, path: Path) -> None:
    """The same of a compound file (.xls): its sheets are bounded, but each may be empty but for two
    corners. Raises `InputError` (E743) also where the file has no whole stream of a workbook, and
    where its cells are not in the order of the rows, or one stands twice.
    """
    if _PROTECTED in data:
        raise protected(path)
    content = _workbook_stream(data)
    if content is None:
        raise damaged(path, 0, "the workbook in it is not whole")
    rows = columns = filled = cells = stated = at = 0
    within: list[tuple[int, set[int]]] = []
    before: tuple[int, set[int]] = (-1, set())
    begins: set[int] = set()
    sheets: set[int] = set()
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, at)
        if at + 4 + size > len(content) or (size and not kind):
            raise damaged(path, 0, f"a record of {size} bytes runs out of the workbook in it")
        if kind == _OLD_SHEET and size >= 4:
            sheets.add(int.from_bytes(content[at + 4 : at + 8], "little"))
        elif kind == _OLD_SPAN_IS:
            first, behind, left, right = (
                struct.unpack_from(_OLD_SPAN[size], content, at + 4)
                if size in _OLD_SPAN
                else (1, 0, 0, 0)
            )
            if first > behind or left > right:  # the library makes room for it
                raise damaged(path, 0, "what a sheet says of its rows and columns cannot be")
            stated = max(stated, (behind - first) * (right - left))
        elif kind in _OLD_CELLS and size >= 4:
            row, column = struct.unpack_from("<HH", content, at + 4)
            rows, columns, filled = max(rows, row + 1), max(columns, column + 1), filled + 1
            taken = before[1] if row == before[0] else set()
            if row < before[0] or column in taken or size not in (_OLD_CELLS[kind] or (size,)):
                raise damaged(path, 0, f"a cell of row {row + 1} of a sheet is not in its place")
            taken.add(column)
            before = row, taken
        elif kind in _OLD_BEGIN:  # a chart may stand within a sheet
            begins.add(at)
            within.append(before)
            before = -1, set()
        elif kind == _OLD_END:
            cells, before = (
                cells + max(rows * columns, stated),
                within.pop() if within else (-1, set()),
            )
            _refuse_beyond(cells, 1, filled, path, most_rows=cells)
            rows = columns = stated = 0
        at += 4 + size
    if sheets - begins:  # the library reads them from there
        raise damaged(path, 0, "a sheet does not begin where it should")
    _refuse_beyond(cells + rows * columns, 1, filled, path, most_rows=cells + rows * columns)


def _workbook_stream(data: bytes) -> bytes | None:
    """The stream of the workbook (MS-CFB); None where its sectors don't lie in the file."""
    if len(data) < 512:
        return None
    shift, short_shift = struct.unpack_from("<HH", data, 30)
    directory_at, cutoff_B, short_at, _, more_at, more = struct.unpack_from("<I4x5I", data, 48)
    if shift not in (9, 12) or short_shift != 6:
        return None
    size = 1 << shift

    def sector(number: int) -> bytes:
        return data[(number + 1) << shift : (number + 2) << shift]

    def chain(first: int, table: array[int]) -> list[int]:
        found: list[int] = []
        while first < len(table) and len(found) < len(table):
            found.append(first)
            first = table[first]
        return found

    numbers = [*struct.unpack_from("<109I", data, 76)]
    while more_at < _NO_SECTOR and more > 0 and len(block := sector(more_at)) == size:
        *found, more_at = struct.unpack(f"<{size // 4}I", block)
        numbers, more = numbers + found, more - 1
    table = _integers(b"".join(sector(n) for n in numbers if n < _NO_SECTOR))
    directory = b"".join(map(sector, chain(directory_at, table)))
    root = directory[:128]
    for at in range(0, len(directory) - 127, 128):
        entry = directory[at : at + 128]
        name = entry[: max(0, int.from_bytes(entry[64:66], "little") - 2)]
        if name.decode("utf-16-le", "replace").lower() not in ("workbook", "book"):
            continue
        first, length = struct.unpack_from("<II", entry, 116)
        if length >= cutoff_B:
            return b"".join(map(sector, chain(first, table)))[:length]
        short_table = _integers(b"".join(map(sector, chain(short_at, table))))
        (root_at,) = struct.unpack_from("<I", root, 116)
        short = b"".join(map(sector, chain(root_at, table)))
        pieces = (short[n << 6 : (n + 1) << 6] for n in chain(first, short_table))
        return b"".join(pieces)[:length]
    return None


def _integers(content: bytes) -> array[int]:
    found = array("I", content[: len(content) // 4 * 4])
    if sys.byteorder == "big":
        found.byteswap()
    return found
