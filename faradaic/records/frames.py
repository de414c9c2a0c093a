"""The journal's record format: one line of JSON behind its checksum, chained to the line before.

    CRC32hex SP {"n":sequence,"t":nanoseconds,"k":kind, ...,"c":previous CRC32hex}\\n

The CRC-32 (IEEE 802.3, as in zlib) covers the bytes between the space and the newline and is
written as eight lower-case hexadecimal digits. The first record's `c` is eight zeros. Checksums
are compared as bytes: parsing them as numbers would let a flipped letter case pass.

A long journal goes on in further files, `journal-0001.jsonl`, ...: each begins with a record of
the kind `part`, whose `n` and `c` go on from the last record of the file before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

FIRST_LINK = "00000000"
"""What the first record gives as the checksum of the record before it."""

PART = "part"
"""Kind of the record that begins a further file of a journal; it repeats the columns."""

RESERVED_KEYS = frozenset({"n", "t", "k", "c"})

SampleRow = tuple[int, int, tuple[Any, ...]]
"""Sequence number, time in ns, values in the order of the columns."""

_dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def frame(seq: int, time_ns: int, payload: str, link: str) -> tuple[bytes, str]:
    """One line, and its checksum for the next one; `payload` is `"k":...` and what follows."""
    body = f'{{"n":{seq},"t":{time_ns},{payload},"c":"{link}"}}'.encode(errors="backslashreplace")
    crc = f"{crc32(body):08x}"
    return b"%b %b\n" % (crc.encode(), body), crc


def event_payload(kind: str, fields: Mapping[str, Any]) -> str:
    """The middle of an event's record. Raises `ValueError` for a key that the format uses."""
    taken = RESERVED_KEYS & fields.keys()
    if taken:
        raise ValueError(f"the journal itself uses the keys {sorted(taken)}")
    record = {"k": kind, **fields}
    try:
        text = _dumps(record)
    except ValueError:
        text = _dumps(finite(record))
    return text[1:-1]


def sample_payloads(rows: Sequence[SampleRow]) -> list[str]:
    """The middles of many samples' records, encoded together because one call each is slow."""
    try:
        texts = _dumps([row[2] for row in rows])[2:-2].split("],[")
    except ValueError:
        texts = []
    if len(texts) != len(rows):
        texts = [_dumps(finite(row[2]))[1:-1] for row in rows]
    return [f'"k":"sample","v":[{text}]' for text in texts]


def finite(value: Any) -> Any:
    """The same value with null for every number that is not finite: missing is missing."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
