"""What a workbook may unpack to, looked up before the library that reads it lays out its cells."""

from __future__ import annotations

import io
import re
import struct
import sys
import zipfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

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
_PIECE_B = 1 << 17
"""Of a part that is looked at at once."""
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
                head = file.read(_PIECE_B)
                if head.lstrip(_BLANKS).startswith(b"<"):
                    _check_marked(_in_pieces(file, head), member.filename, path)
                elif parts and member.filename.rpartition("/")[2].encode() in parts:
                    _check_binary_sheet(head + file.read(member.file_size + 1), path)


def _in_pieces(file: IO[bytes], head: bytes) -> Iterator[bytes]:
    """A part with tags in pieces of which none ends within a tag."""
    while more := file.read(_PIECE_B):
        end = head.rfind(b"<")
        if end > 0:
            yield head[:end]
            head = head[end:]
        head += more
    yield head


def _check_marked(pieces: Iterable[bytes], name: str, path: Path) -> None:
    """A part with tags, of which only one piece is kept at a time."""
    sheet, document = _Sheet(), _OpenDocument(path)
    for piece in pieces:
        if name == "META-INF/manifest.xml" and b"encryption-data" in piece:
            raise protected(path)
        if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
            raise damaged(path, 0, f"{name} defines entities, which no program does")
        sheet.take(piece)
        document.take(piece)
    if sheet.holds_data:
        _refuse_beyond(sheet.rows, sheet.columns, sheet.cells, path)
    document.refuse_beyond()


class _Sheet:
    """What a sheet of Excel spans, wherever it lies."""

    def __init__(self) -> None:
        self.rows = self.columns = self.cells = self._tags = 0
        self.holds_data = False

    def take(self, piece: bytes) -> None:
        self.holds_data = self.holds_data or b"sheetData" in piece
        if not self.holds_data:
            return
        names, below = set(), 0
        for match in _CELL_NAME.finditer(piece):
            names.add(match[1])
            below = max(below, int(match[2]))
        self._tags += sum(1 for _ in _ROW_TAG.finditer(piece))
        rows = max((int(match[1]) for match in _ROW_NUMBER.finditer(piece)), default=0)
        self.rows = max(self.rows, self._tags, rows, below)
        self.columns = max(self.columns, *(_number_of(name.upper()) for name in names), 0)
        self.cells += sum(1 for _ in _CELL_TAG.finditer(piece))


class _OpenDocument:
    """What the sheets of an OpenDocument span.

    Repeats of filled cells count; those of empty ones fill the sheet up to its end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = self._columns = self._filled = 0
        self._at_row = self._at_column = self._repeat = 0

    def take(self, piece: bytes) -> None:
        for end, part, about in (match.groups() for match in _OPEN_DOCUMENT_PART.finditer(piece)):
            times = int(match[1]) if (match := _REPEATED.search(about)) else 1
            if part == b"table":
                self.refuse_beyond()
                self._rows = self._columns = self._filled = self._at_row = self._repeat = 0
            elif part == b"table-row":
                self._at_row += self._repeat
                self._at_column, self._repeat = 0, 0 if end else times
            elif not end:
                self._at_column += times
                if b"office:" in about or not about.rstrip().endswith(b"/"):
                    self._rows = max(self._rows, self._at_row + self._repeat)
                    self._columns = max(self._columns, self._at_column)
                    self._filled += 1

    def refuse_beyond(self) -> None:
        _refuse_beyond(self._rows, self._columns, self._filled, self._path)


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
                else (0, 0, 1, 0)
            )
            is_empty = not (first or behind or left or right)
            if not is_empty and (first >= behind or left >= right):  # the library makes room for it
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
