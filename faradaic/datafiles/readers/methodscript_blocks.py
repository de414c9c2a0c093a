"""Packages of a MethodSCRIPT stream that have one shape, decoded as arrays.

Consecutive packages differ in nothing but their digits and prefixes as long as no value is missing:
the first one's shape is laid over the bytes that follow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from faradaic.methodscript_packages import EXPONENTS, OFFSET

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIRST_ROWS, _MOST_ROWS = 8, 4096
"""Compared at once, at first and where all has fitted for long."""
_FIELD = re.compile(rb"([a-z]{2})([0-9A-Fa-f]{7})([afpnum kMGTPEi])((?:,[0-9A-F]+)*)")
_TOKEN = re.compile(rb",([0-9A-F])([0-9A-F]*)")
_PREFIXES = "".join(EXPONENTS).encode()
_HEX = b"0123456789ABCDEFabcdef"


class Fields(NamedTuple):
    """One variable of some packages, in SI; what was not sent is None."""

    type: str
    value: NDArray[np.float64]
    status: NDArray[np.float64] | None
    range_index: NDArray[np.float64] | None


def read_block(data: bytes, offset: int, size: int) -> tuple[int, list[Fields]]:
    """How many packages of the shape of the one at `offset`, `size` bytes long, and their fields.

    None (0) where that one misses a value or is no package.
    """
    import numpy as np

    line = data[offset : offset + size]
    content = line.rstrip(b"\r\n")
    matches: list[re.Match[bytes]] = []
    at = 1
    while at < len(content):
        match = _FIELD.match(content, at)
        if match is None or content[match.end() : match.end() + 1] not in (b"", b";"):
            return 0, []
        matches.append(match)
        at = match.end() + 1
    if not matches or content.endswith(b";"):
        return 0, []
    hexadecimal = [p for m in matches for p in (*range(*m.span(2)), *_metadata_digits(m))]
    prefixes = [m.start(3) for m in matches]
    rows = _rows(data, offset, line, hexadecimal, prefixes)
    digits = np.zeros(256, dtype=np.int64)
    digits[list(_HEX)] = [int(chr(sign), 16) for sign in _HEX]
    exponent_of = np.zeros(256, dtype=np.int64)
    exponent_of[list(_PREFIXES)] = tuple(EXPONENTS.values())
    power = np.array([10.0**k for k in range(19)])

    def number(start: int, end: int) -> NDArray[np.int64]:
        found = np.zeros(len(rows), dtype=np.int64)
        for position in range(start, end):
            found = found * 16 + digits[rows[:, position]]
        return found

    fields = []
    for match in matches:
        count = (number(*match.span(2)) - OFFSET).astype(np.float64)
        exponent = exponent_of[rows[:, match.start(3)]]
        # dividing by an exact power of ten rounds once
        value = np.where(exponent < 0, count / power[abs(exponent)], count * power[abs(exponent)])
        told: dict[bytes, NDArray[np.float64]] = {}
        for token in _TOKEN.finditer(content, match.start(4), match.end(4)):
            told[token[1]] = number(*token.span(2)).astype(np.float64)
        fields.append(Fields(match[1].decode(), value, told.get(b"1"), told.get(b"2")))
    return len(rows), fields


def _metadata_digits(match: re.Match[bytes]) -> list[int]:
    tokens = _TOKEN.finditer(match.string, match.start(4), match.end(4))
    return [position for token in tokens for position in range(*token.span(2))]


def _rows(
    data: bytes, offset: int, line: bytes, hexadecimal: list[int], prefixes: list[int]
) -> NDArray[np.uint8]:
    """The bytes of the packages of that shape, one in a row; shape (n, len(line))."""
    import numpy as np

    allowed = np.zeros((len(line), 256), dtype=np.bool_)
    allowed[np.arange(len(line)), list(line)] = True
    allowed[np.ix_(hexadecimal, list(_HEX))] = True
    allowed[np.ix_(prefixes, list(_PREFIXES))] = True
    most = (len(data) - offset) // len(line)
    rows = np.frombuffer(data, np.uint8, most * len(line), offset).reshape(most, len(line))
    start, length = 0, _FIRST_ROWS
    while start < most:
        chunk = rows[start : start + length]
        fits = np.ones(len(chunk), dtype=np.bool_)
        for position in range(len(line)):
            fits &= allowed[position, chunk[:, position]]
        if not fits.all():
            return rows[: start + int(np.argmin(fits))]
        start, length = start + length, min(2 * length, _MOST_ROWS)
    return rows
