"""Reading a journal: every record that is whole, and by name what is not.

Any prefix of a journal is a journal. A record that is torn, flipped, zeroed or missing is passed
over and told as a `Damage`; what lies behind it is read on from the next record that has its own
checksum and comes later in the count. Nothing in a file makes this raise.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zlib import crc32

from faradaic.diagnostics import StorageError
from faradaic.input_files import ANY_SIZE, open_file
from faradaic.records.frames import FIRST_LINK, PART

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
_BEGINNING = re.compile(rb'[0-9a-f]{8} \{"n":')
_TIME = re.compile(rb'"t":(-?[0-9]{1,19}),')
_KIND = re.compile(rb'"k":"([a-z_]+)"')


@dataclass(frozen=True, slots=True)
class Event:
    """A record that is not a sample."""

    seq: int
    time_s: float
    """Seconds since the run began."""
    kind: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Damage:
    """A place in a journal where records are missing or bytes are no record; whole ones follow."""

    file: str
    """The part of the journal."""
    offset: int
    """Where it begins there."""
    size_bytes: int
    """What is passed over; 0 where a record is missing without a trace."""
    first_seq: int
    """Sequence number of the first record that is missing, or of the one that follows."""
    records: int
    """How many are missing."""
    kind: str
    """Of the first damaged one, as far as it can be read: "sample"; empty where it cannot."""
    after_s: float | None
    """Time of the last whole record before it; None where there is none."""
    before_s: float
    """Time of the first whole record behind it."""


@dataclass(frozen=True, slots=True)
class JournalContents:
    """All that can be believed in a journal."""

    columns: Mapping[str, NDArray[np.float64]]
    """The samples by column name, all of the same length; NaN where nothing was measured. Where
    the samples were left out: one row of what was measured last."""
    samples: int
    """Number of samples."""
    units: Mapping[str, str]
    events: tuple[Event, ...]
    records: int
    """Whole records, samples and events together."""
    size_bytes: int
    """Of all its parts."""
    torn_bytes: int
    """Bytes at the end that are no whole record, and that none follows."""
    bad_offset: int | None
    """Where the first record that is not whole begins, in its part; None when each one is."""
    damage: tuple[Damage, ...] = ()
    """What is not whole in the middle, in order."""
    link: str = FIRST_LINK
    """Checksum of the last whole record, which the next one has to repeat."""
    next_seq: int = 0
    """Sequence number of the next one."""
    last_s: float | None = None
    """Time of the last whole record."""

    def of_kind(self, kind: str) -> tuple[Event, ...]:
        """The events of one kind, in order."""
        return tuple(e for e in self.events if e.kind == kind)

    def last(self, kind: str) -> Event | None:
        """The last event of a kind, or None."""
        return next((e for e in reversed(self.events) if e.kind == kind), None)


def journal_parts(path: Path) -> list[Path]:
    """The files of a journal in order: the one given, then `NAME-0001.jsonl`, ... beside it."""
    numbered = re.compile(re.escape(path.stem) + r"-([0-9]{4,})" + re.escape(path.suffix))
    found = ((numbered.fullmatch(one.name), one) for one in path.parent.glob(f"*{path.suffix}"))
    return [path, *(one for _, one in sorted((int(m[1]), one) for m, one in found if m))]


def part_path(path: Path, number: int) -> Path:
    """Where the part of this number of a journal is, from 1; the journal itself is part 0."""
    return path.with_name(f"{path.stem}-{number:04d}{path.suffix}")


def read_journal(path: Path, *, samples: bool = True) -> JournalContents:
    """Read a journal with all its parts, or all of it but the samples.

    Raises `StorageError` only when a part cannot be read.
    """
    collector = _Collector()
    for _ in collector.read(path):
        if not samples:
            collector.taken()
    return collector.contents()


def sample_blocks(path: Path) -> Iterator[NDArray[np.float64]]:
    """The samples of a journal, in order and of every length, as `(rows, columns)`.

    However long the journal is, few of them are in memory at once. Raises `StorageError`.
    """
    collector = _Collector()
    for _ in collector.read(path):
        yield from collector.taken()


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
class _BadStretch:
    """Bytes that are no record, from the first such line on."""

    file: str
    offset: int
    size: int
    head: bytes


@dataclass(slots=True)
class _Collector:
    """What has been believed so far."""

    link: bytes = FIRST_LINK.encode()
    next_seq: int = 0
    records: int = 0
    file: str = ""
    offset: int = 0
    """In the file, behind all lines that were looked at."""
    last_line: bytes = b""
    bad: _BadStretch | None = None
    damage: list[Damage] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    blocks: list[NDArray[np.float64]] = field(default_factory=list)
    samples: int = 0
    last: NDArray[np.float64] | None = None
    """Of each column what was measured last, in what was taken away."""
    size: int = 0

    def read(self, path: Path) -> Iterator[None]:
        """Believe a journal piece by piece."""
        for part in journal_parts(path):
            self.begin(part.name)
            try:
                with open_file(part, ANY_SIZE) as stream:
                    size = os.fstat(stream.fileno()).st_size
                    for lines in _whole_lines(stream, size):
                        self.take(lines)
                        yield
            except OSError as error:
                raise StorageError.of(
                    f"the journal {part} cannot be read: {error.strerror or error}", code="E605"
                ) from error
            self.end(size)
            self.size += size

    def taken(self) -> list[NDArray[np.float64]]:
        """Take away the samples so far."""
        import numpy as np

        blocks, self.blocks = self.blocks, []
        for block in blocks:
            if self.last is None:
                self.last = np.full(block.shape[1], np.nan)
            for column in range(block.shape[1]):
                known = np.flatnonzero(block[:, column] == block[:, column])
                if known.size:
                    self.last[column] = block[known[-1], column]
        return blocks

    def begin(self, file: str) -> None:
        """A part begins."""
        self.file, self.offset = file, 0

    def end(self, size: int) -> None:
        """A part ends; what is behind its last newline is no whole record."""
        if size > self.offset:
            self._pass_over(b"", size - self.offset)

    def take(self, lines: list[bytes]) -> None:
        """Believe the lines that are whole and follow each other; look closely at the others."""
        rows: list[bytes] = []
        first, before = 0, (self.link, self.offset)
        for index, line in enumerate(lines):
            body = line[9:]
            crc = b"%08x" % crc32(body)
            follows = body.endswith(b',"c":"' + self.link + b'"}') and self.bad is None
            mark = line.find(_SAMPLE_MARK, 9, _HEAD_BYTES)
            if line[:9] == crc + b" " and follows and mark >= 0:
                rows.append(line[mark + len(_SAMPLE_MARK) : -_TAIL_BYTES])
                self.link = crc
                self.offset += len(line) + 1
                continue
            self._take_rows(rows, lines[first:index], before)
            self._take_line(line)
            rows, first, before = [], index + 1, (self.link, self.offset)
        self._take_rows(rows, lines[first:], before)

    def _take_rows(self, rows: list[bytes], lines: list[bytes], before: tuple[bytes, int]) -> None:
        """Samples one after the other, together; one by one where one of them is none."""
        if not rows:
            return
        block = self._block(rows)
        if block is None:
            self.link, self.offset = before
            for line in lines:
                self._take_line(line)
            return
        self._keep(block)
        self.records += len(rows)
        self.next_seq += len(rows)
        self.last_line = lines[-1]

    def _keep(self, block: NDArray[np.float64]) -> None:
        self.blocks.append(block)
        self.samples += len(block)

    def _block(self, rows: list[bytes]) -> NDArray[np.float64] | None:
        import numpy as np

        try:
            values = json.loads(b"[[" + b"],[".join(rows) + b"]]")
            block = np.array(values, dtype=np.float64)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return None
        if block.ndim != 2 or (self.names and block.shape[1] != len(self.names)):
            return None
        self.names = self.names or [f"column_{i}" for i in range(block.shape[1])]
        return block

    def _take_line(self, line: bytes) -> None:
        """One line, or the records in it where the newline between them is no newline any more."""
        begins = [match.start() for match in _BEGINNING.finditer(line, 1)]
        for start, end in zip([0, *begins], [*begins, len(line) + 1], strict=True):
            if start and self.bad is None:  # the newline in front of it is none
                self.bad = _BadStretch(self.file, self.offset - 1, 0, b"")
            pieces = (line[start:end], line[start : end - 1])
            if not any(self._believe(piece, end - start) for piece in pieces):
                self._pass_over(line[start:end], end - start)

    def _pass_over(self, bad: bytes, size: int) -> None:
        if self.bad is None:
            self.bad = _BadStretch(self.file, self.offset, 0, bad[:_HEAD_BYTES])
        self.bad.size += size
        self.offset += size

    def _believe(self, line: bytes, size: int) -> bool:
        """Take a record that has its checksum and comes later than all before it."""
        body = line[9:]
        crc = b"%08x" % crc32(body)
        if line[:9] != crc + b" ":
            return False
        try:
            record: Any = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(record, dict):
            return False
        seq, time_ns, kind = (record.pop(key, None) for key in ("n", "t", "k"))
        if not (_whole_number(seq) and _whole_number(time_ns) and isinstance(kind, str)):
            return False
        link = record.pop("c", None)
        if seq < self.next_seq or (seq == self.next_seq and link != self.link.decode()):
            begins = kind == PART and not self.records and seq == self.next_seq
            if not begins:
                return False
        if kind == "sample":
            block = self._block([line[line.find(b"[") + 1 : -_TAIL_BYTES]])
            if block is None or _SAMPLE_MARK not in line[:_HEAD_BYTES]:
                return False
            self._keep(block)
        else:
            if kind in ("columns", PART) and not self.names:
                self._name_columns(record.get("columns"))
            self.events.append(Event(seq, time_ns / 1e9, kind, record))
        self._note_damage(seq, time_ns / 1e9, alone=kind == PART and not self.records)
        self.records += 1
        self.next_seq = seq + 1
        self.link, self.last_line = crc, line
        self.offset += size
        return True

    def _note_damage(self, seq: int, time_s: float, *, alone: bool) -> None:
        """What lies between the last whole record and this one; a part alone begins where it
        does."""
        bad, self.bad = self.bad, None
        if bad is None and (seq == self.next_seq or alone):
            return
        bad = bad or _BadStretch(self.file, self.offset, 0, b"")
        kind = _KIND.search(bad.head)
        self.damage.append(
            Damage(
                bad.file,
                bad.offset,
                bad.size,
                self.next_seq,
                0 if alone else seq - self.next_seq,
                kind[1].decode() if kind else "",
                self._last_s(),
                time_s,
            )
        )

    def _last_s(self) -> float | None:
        time_ns = _TIME.search(self.last_line)
        return int(time_ns[1]) / 1e9 if time_ns else None

    def _name_columns(self, columns: Any) -> None:
        if isinstance(columns, list) and all(
            isinstance(c, dict) and isinstance(c.get("name"), str) for c in columns
        ):
            self.names = [c["name"] for c in columns]
            self.units = {c["name"]: str(c.get("unit", "")) for c in columns}

    def contents(self) -> JournalContents:
        """All of it, the samples as columns."""
        import numpy as np

        if self.last is not None:
            self.taken()
            self.blocks = [self.last[None, :]]
        torn = self.bad.size if self.bad else 0
        first = [one.offset for one in (*self.damage, self.bad) if one]
        return JournalContents(
            columns={
                name: np.concatenate([block[:, i] for block in self.blocks] or [np.empty(0)])
                for i, name in enumerate(self.names)
            },
            samples=self.samples,
            units=self.units,
            events=tuple(self.events),
            records=self.records,
            size_bytes=self.size,
            torn_bytes=torn,
            bad_offset=first[0] if first else None,
            damage=tuple(self.damage),
            link=self.link.decode(),
            next_seq=self.next_seq,
            last_s=self._last_s(),
        )


def _whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
