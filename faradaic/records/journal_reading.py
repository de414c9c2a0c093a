"""Reading a journal: every record up to the first that is not whole, and not one after it.

Any prefix of a journal is a journal. A torn, flipped or zeroed record ends the reading, because
what follows it is no longer tied to what came before; nothing in a file makes this raise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zlib import crc32

from faradaic.diagnostics import StorageError
from faradaic.input_files import ANY_SIZE, open_file
from faradaic.records.frames import FIRST_LINK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK_BYTES = 1 << 22
_SAMPLE_MARK = b',"k":"sample","v":['
_HEAD_BYTES = 80
"""Room for the checksum, the sequence number and the time in front of the mark of a sample."""
_TAIL_BYTES = len(b'],"c":"00000000"}')
_LINE_LIMIT_BYTES = 1 << 26
"""A line longer than this is not a record."""


@dataclass(frozen=True, slots=True)
class Event:
    """A record that is not a sample."""

    seq: int
    time_s: float
    """Seconds since the run began."""
    kind: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JournalContents:
    """All that can be believed in a journal."""

    columns: Mapping[str, NDArray[np.float64]]
    """The samples by column name, all of the same length; NaN where nothing was measured."""
    units: Mapping[str, str]
    events: tuple[Event, ...]
    records: int
    """Whole records, samples and events together."""
    size_bytes: int
    torn_bytes: int
    """Bytes from the first record that is not whole to the end of the file."""
    bad_offset: int | None
    """Where that record begins; None when every record is whole."""

    @property
    def samples(self) -> int:
        """Number of samples."""
        return len(next(iter(self.columns.values()), ()))

    def of_kind(self, kind: str) -> tuple[Event, ...]:
        """The events of one kind, in order."""
        return tuple(e for e in self.events if e.kind == kind)

    def last(self, kind: str) -> Event | None:
        """The last event of a kind, or None."""
        return next((e for e in reversed(self.events) if e.kind == kind), None)


def read_journal(path: Path) -> JournalContents:
    """Read a journal. Raises `StorageError` only when the file cannot be opened or read."""
    collector = _Collector()
    try:
        with open_file(path, ANY_SIZE) as stream:
            size = os.fstat(stream.fileno()).st_size
            for lines in _whole_lines(stream, size):
                if not collector.take(lines):
                    break
    except OSError as error:
        raise StorageError.of(
            f"the journal {path} cannot be read: {error.strerror or error}", code="E605"
        ) from error
    return collector.contents(size)


def _whole_lines(stream: BinaryIO, size: int) -> Iterator[list[bytes]]:
    """The lines in the first `size` bytes, without their newlines; a last one without is torn."""
    rest = b""
    while size > 0 and len(rest) <= _LINE_LIMIT_BYTES:
        chunk = stream.read(min(size, _CHUNK_BYTES))
        if not chunk:
            return
        size -= len(chunk)
        head, newline, tail = chunk.rpartition(b"\n")
        if newline:
            yield (rest + head).split(b"\n")
            rest = tail
        else:
            rest += chunk


@dataclass(slots=True)
class _Collector:
    """What has been believed so far."""

    link: bytes = FIRST_LINK.encode()
    records: int = 0
    valid_bytes: int = 0
    names: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    blocks: list[NDArray[np.float64]] = field(default_factory=list)

    def take(self, lines: list[bytes]) -> bool:
        """Believe lines up to the first that is not whole; False when there was one."""
        rows: list[bytes] = []
        row_bytes = 0
        whole = True
        for line in lines:
            body = line[9:]
            crc = b"%08x" % crc32(body)
            if line[:9] != crc + b" " or not body.endswith(b',"c":"' + self.link + b'"}'):
                whole = False
                break
            mark = line.find(_SAMPLE_MARK, 9, _HEAD_BYTES)
            if mark >= 0:
                rows.append(line[mark + len(_SAMPLE_MARK) : -_TAIL_BYTES])
                row_bytes += len(line) + 1
            else:
                if not (self._add_samples(rows, row_bytes) and self._add_event(line)):
                    return False
                rows, row_bytes = [], 0
            self.link = crc
        return self._add_samples(rows, row_bytes) and whole

    def _add_samples(self, rows: list[bytes], row_bytes: int) -> bool:
        import numpy as np

        if not rows:
            return True
        try:
            values = json.loads(b"[[" + b"],[".join(rows) + b"]]")
            block = np.array(values, dtype=np.float64)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False
        if block.ndim != 2 or (self.names and block.shape[1] != len(self.names)):
            return False
        self.names = self.names or [f"column_{i}" for i in range(block.shape[1])]
        self.blocks.append(block)
        self.records += len(rows)
        self.valid_bytes += row_bytes
        return True

    def _add_event(self, line: bytes) -> bool:
        try:
            record: Any = json.loads(line[9:])
        except (ValueError, RecursionError):
            return False
        if not isinstance(record, dict) or record.pop("n", None) != self.records:
            return False
        time_ns, kind = record.pop("t", None), record.pop("k", None)
        if not isinstance(time_ns, int) or abs(time_ns) >= 1 << 63 or not isinstance(kind, str):
            return False
        record.pop("c", None)
        if kind == "columns" and not self.names:
            self._name_columns(record.get("columns"))
        self.events.append(Event(self.records, time_ns / 1e9, kind, record))
        self.records += 1
        self.valid_bytes += len(line) + 1
        return True

    def _name_columns(self, columns: Any) -> None:
        if isinstance(columns, list) and all(
            isinstance(c, dict) and isinstance(c.get("name"), str) for c in columns
        ):
            self.names = [c["name"] for c in columns]
            self.units = {c["name"]: str(c.get("unit", "")) for c in columns}

    def contents(self, size: int) -> JournalContents:
        """All of it, the samples as columns."""
        import numpy as np

        table = np.concatenate(self.blocks) if self.blocks else np.empty((0, len(self.names)))
        torn = size - self.valid_bytes
        return JournalContents(
            columns={name: table[:, i].copy() for i, name in enumerate(self.names)},
            units=self.units,
            events=tuple(self.events),
            records=self.records,
            size_bytes=size,
            torn_bytes=torn,
            bad_offset=self.valid_bytes if torn else None,
        )
