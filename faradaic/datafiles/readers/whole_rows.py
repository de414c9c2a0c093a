"""Rows of a text table that have a cell under each name; the others are named, never shifted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.readers.headers import warning
from faradaic.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUOTED = re.compile(rb'"[^"\n]*"')
_NEWLINE, _RETURN = 10, 13
_MARK, _ALIKE = re.compile(rb"[.,]"), bytes.maketrans(b"123456789", b"000000000")
_LAST_NUMBER, _LONGEST = re.compile(rb"[^-+.0-9eE]"), 40
"""What a number does not hold, and how long none is."""
_LIKE_ROWS = 8
"""How many rows before the last tell how its last number is written."""
_TAIL_BYTES = 20_000
"""In which they stand."""


def whole_rows(
    rows: bytes, separator: bytes, width: int, path: Path, quoted: bool
) -> tuple[bytes, int, list[Diagnostic]]:
    """The rows with as many cells as most have, the most cells of any, and what is told.

    Empty cells at the end of a row don't count, nor do empty lines. A row with fewer or more cells
    has lost or won a separator or the end of a line: where its numbers belong is not known, and it
    is left out. Raises `InputError` (E743) where the rows have more cells than there are names.
    """
    import numpy as np

    if not rows.strip():
        return b"", width, []
    if not rows.endswith(b"\n"):
        rows += b"\n"
    plain = QUOTED.sub(_hollow, rows) if quoted else rows
    counts, ends, written = _cell_counts(plain, separator, width)
    filled = counts > 0
    found = np.bincount(counts[filled])
    most = width if found[width : width + 1].sum() == found.max() else int(found.argmax())
    if most < min(2, width):
        raise InputError.of(
            f"{path}: {width} names stand over rows of one number",
            help="give a table whose rows have as many cells as there are names",
            code="E743",
        )
    if most > width:
        raise InputError.of(
            f"{path}: {width} names stand over {most} columns of numbers, so that it is not known"
            " which name belongs to which",
            help="write a name over every column, or export the file again",
            code="E743",
        )
    told = []
    if most < width:
        what = f"{path}: {width} names stand over {most} columns of numbers; the last stay empty"
        told.append(warning("E752", what, "check that no name stands for two columns"))
    kept = (counts >= most) & (counts <= width)
    if kept.all():
        return _widened(rows, int(written.max() - written[0]), separator), int(written.max()), told
    if odd := np.flatnonzero(filled & ~kept).tolist():
        if len(odd) > kept.sum():
            raise InputError.of(
                f"{path}: {len(odd)} of {filled.sum()} rows have not the {most} cells of the rest",
                help="export the file again with one separator between all cells",
                code="E743",
            )
        numbers = ", ".join(str(number + 1) for number in odd[:5]) + (", ..." if odd[5:] else "")
        what = f"{path}: {len(odd)} rows have not the {most} cells of the others and are left out"
        told.append(warning("E744", f"{what}: row {numbers}", "look at them in the file"))
    begins = np.concatenate(([0], ends[:-1] + 1))
    pieces = zip(begins[kept].tolist(), (ends[kept] + 1).tolist(), strict=True)
    whole, most = b"".join(rows[begin:end] for begin, end in pieces), int(written[kept].max())
    return _widened(whole, most - int(written[kept][0]), separator), most, told


def _widened(rows: bytes, lacking: int, separator: bytes) -> bytes:
    """The rows with so many empty cells more in the first, which tells the columns."""
    end = rows.find(b"\n")
    end -= rows[end - 1 : end] == b"\r"
    return rows[:end] + lacking * separator + rows[end:] if lacking > 0 else rows


def ends_within_a_number(rows: bytes, separator: bytes) -> bool:
    """Whether the last cell has fewer digits than all above it: a file cut off within a number."""
    *above, last = (
        line.rstrip(b"\r").rsplit(separator, 1)[-1].strip() for line in _last_lines(rows)
    )
    if not last:
        return bool(above) and all(above)
    tails = {_tail(cell) for cell in above}
    if len(above) < 2 or len(tails) != 1:
        return False
    tail = tails.pop()
    return _tail(last) != tail and tail.startswith(_tail(last))


def ends_without_a_line(rows: bytes) -> bool:
    """Whether the last of some lines has no end, and fewer signs behind its last mark than others.

    A number in it could then have been longer.
    """
    lines = _last_lines(rows)
    *above, last = (_LAST_NUMBER.split(line.rstrip(b"\r")[-_LONGEST:])[-1] for line in lines)
    longest = max(map(len, above), default=len(last) + 1)
    return not rows.endswith(b"\n") and len(last) < longest


def _last_lines(rows: bytes) -> list[bytes]:
    """The last line and those before it that tell how it is written."""
    tail = rows[-_TAIL_BYTES:]
    begin = len(tail)
    for _ in range(_LIKE_ROWS + 2):
        begin = tail.rfind(b"\n", 0, max(begin, 0))
        if begin < 0:
            break
    return tail[begin + 1 :].splitlines()[-1 - _LIKE_ROWS :]


def _tail(number: bytes) -> bytes:
    """What stands after the decimal mark, all digits alike."""
    mark = _MARK.search(number)
    return number[mark.start() :].translate(_ALIKE) if mark else b""


def _hollow(match: re.Match[bytes]) -> bytes:
    return b'"' * len(match[0])


def _cell_counts(
    rows: bytes, separator: bytes, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """How many cells each line has without the empty ones at its end, where the lines end, and how
    many cells each has with them.
    """
    import numpy as np

    marks = np.frombuffer(rows, np.uint8)
    ends = np.flatnonzero(marks == _NEWLINE)
    between = np.flatnonzero(marks == separator[0])
    counts = np.diff(np.searchsorted(between, ends), prepend=0) + 1
    written = counts
    stops = ends - (marks[ends - 1] == _RETURN)
    while (empty := (counts > width) & (marks[stops - 1] == separator[0])).any():
        counts, stops = counts - empty, stops - empty
    begins = np.concatenate(([0], ends[:-1] + 1))
    counts[stops <= begins] = 0
    return counts, ends, written
