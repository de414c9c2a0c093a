"""The journal of a run: append-only, checksummed, on disk at least every 100 ms.

A thread of its own writes and syncs, so that a slow disk does not delay a reading. What
`durable_seq` covers has been through fsync and survives a killed process and a power cut. A long
journal goes on in further files, so that none grows without bound.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from faradaic.diagnostics import StorageError
from faradaic.records.disk import SystemCalls, create_file, reserve_file, sync_folder
from faradaic.records.frames import (
    FIRST_LINK,
    PART,
    SampleRow,
    event_payload,
    frame,
    sample_payloads,
)
from faradaic.records.journal_reading import (
    Damage,
    Event,
    JournalContents,
    journal_parts,
    part_path,
    read_journal,
)

__all__ = ["Damage", "Event", "JournalContents", "JournalWriter", "journal_parts", "read_journal"]

PART_BYTES = 64_000_000
"""No file of a journal becomes larger."""

PART_S = 24 * 3600.0
"""Nor longer."""

QUEUE_LIMIT = 2_000
"""Records that may wait for the disk before a `patient` writer's callers wait too."""

QUEUE_MOST = 10_000
"""Records that may wait for the disk at all."""

RESERVE_BYTES = 3_000_000
"""Size of the file that is given up on a full disk, to make room for the last records: those that
are being written, those that wait, and the end of the run."""

RESERVE_SUFFIX = ".reserve"

_SAMPLE_BYTES, _VALUE_BYTES = 70, 25
"""What a sample takes at most: without its values, and each of them (`-2.2250738585072014e-308,`).
Counted like this, equal runs begin their parts at equal records."""

_EventRow = tuple[int, int, str]
_Row = SampleRow | _EventRow

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


class JournalWriter:
    """Writes one journal, once.

    `sample` and `write` return at once; `write(..., durable=True)` returns when the record has
    been through fsync. When the disk fails, the next call raises `StorageError` and `failure`
    keeps it. From then on samples are refused, while events still go into the space that was
    kept for them, so that the journal can say how the run ended.
    """

    def __init__(
        self,
        path: Path,
        *,
        sync_interval_s: float = 0.1,
        stall_s: float = 10.0,
        patient: bool = True,
        part_bytes: int = PART_BYTES,
        part_s: float = PART_S,
        calls: SystemCalls | None = None,
    ) -> None:
        """Create the file; it must not exist.

        `stall_s`: how long the disk may take for what it was given before that is an error.
        `patient`: whether a caller who is faster than the disk waits for it, as on a virtual
        clock. Where time is real a record that isn't `durable` never waits: while it did, nobody
        would look at the limits. `part_bytes` and `part_s` bound the size of a file and the time
        that it covers. `calls` are the system's, if nobody brings others.
        """
        self.path = path
        self.failure: StorageError | None = None
        """The first error of the disk, once there was one."""
        self.durable_seq = -1
        """Highest sequence number that has been through fsync."""
        self._sync_interval_s = sync_interval_s
        self._stall_s = stall_s
        self._calls = calls or SystemCalls()
        self._patient = patient
        self._busy_since_s = math.inf
        self._reserve = path.with_name(path.name + RESERVE_SUFFIX)
        self._told = False
        self._closed = False
        self._dead = False
        self._next_seq = 0
        self._link = FIRST_LINK
        self._part_bytes, self._part_s = part_bytes, part_s
        self._parts = self._files = 0
        self._part_size, self._part_since_s = 0, -math.inf
        self._columns: Any = None
        self._queue: list[_Row] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._progress = threading.Condition()
        self._sync_wanted = False
        try:
            self._fd = create_file(path)
            try:
                reserve_file(self._reserve, RESERVE_BYTES)
                sync_folder(path.parent)
            except OSError:
                os.close(self._fd)
                raise
        except OSError as error:
            raise _storage_error("E601", f"the journal {path} cannot be created", error) from error
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def sample(self, time_s: float, values: Sequence[float | int | None]) -> int:
        """Queue one sample, in the order of the `columns` record; returns its sequence number.

        A value that is None or not finite is stored as missing.
        """
        if self.failure is not None:
            self._told = True
            raise self.failure
        return self._put(time_s, tuple(values))

    def write(
        self, kind: str, time_s: float, fields: Mapping[str, Any], *, durable: bool = False
    ) -> int:
        """Queue one event; returns its sequence number, if `durable` only after fsync."""
        if self.failure is not None and not self._told:
            self._told = True
            raise self.failure
        if kind == "columns":
            self._columns = fields.get("columns")
        seq = self._put(time_s, event_payload(kind, fields))
        if durable:
            self._wait_durable(seq)
        return seq

    def close(self) -> None:
        """Write and sync what is queued, and close the file. Raises a failure not yet raised, but
        for one that lost nothing: a disk that was full, and took all there was all the same."""
        if self._closed:
            return
        self._closed = True
        self._wake.set()
        self._thread.join()
        os.close(self._fd)
        with contextlib.suppress(OSError):
            self._reserve.unlink(missing_ok=True)
            sync_folder(self.path.parent)
        lost = self.durable_seq < self._next_seq - 1
        if self.failure is not None and lost and not self._told:
            self._told = True
            raise self.failure

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The caller's side ------------------------------------------------------------------------

    def _put(self, time_s: float, content: tuple[Any, ...] | str) -> int:
        if self._closed:
            raise StorageError.of(f"the journal {self.path} is closed already", code="E604")
        if self._patient and len(self._queue) >= QUEUE_LIMIT:
            self._wait_until(lambda: len(self._queue) < QUEUE_LIMIT)
        elif (
            len(self._queue) >= QUEUE_MOST or time.monotonic() - self._busy_since_s > self._stall_s
        ):
            raise self._stalled()
        if self._dead and self.failure is not None:
            self._told = True
            raise self.failure
        size = (
            _SAMPLE_BYTES + 4 * len(content)
            if isinstance(content, str)
            else _SAMPLE_BYTES + _VALUE_BYTES * len(content)
        )
        with self._lock:
            if (
                self._part_size + size > self._part_bytes
                or time_s > self._part_since_s + self._part_s
            ):
                self._begin_part(time_s)
            self._part_size += size
            seq = self._queued(time_s, content)
        if not self._wake.is_set():
            self._wake.set()
        return seq

    def _begin_part(self, time_s: float) -> None:
        """The next record goes into a file of its own; the first file has no record for this."""
        if self._part_size:
            self._parts += 1
            fields = {"part": self._parts, "columns": self._columns}
            self._queued(time_s, event_payload(PART, fields))
        self._part_size, self._part_since_s = 0, time_s

    def _queued(self, time_s: float, content: tuple[Any, ...] | str) -> int:
        seq = self._next_seq
        self._next_seq = seq + 1
        self._queue.append((seq, round(time_s * 1e9), content))  # type: ignore[arg-type]
        return seq

    def _wait_durable(self, seq: int) -> None:
        self._sync_wanted = True
        self._wake.set()
        self._wait_until(lambda: self.durable_seq >= seq)
        if self.durable_seq < seq and self.failure is not None:
            self._told = True
            raise self.failure

    def _wait_until(self, done: Callable[[], bool]) -> None:
        """Return when `done`, or when the writer's thread has given up."""
        with self._progress:
            if not self._progress.wait_for(lambda: done() or self._dead, self._stall_s):
                raise self._stalled()

    def _stalled(self) -> StorageError:
        return StorageError.of(
            f"the disk under {self.path} took no data for {self._stall_s:g} s, or less than comes",
            help="keep the runs on a local disk: faradaic run --runs DIR",
            code="E603",
        )

    # The writer's thread ----------------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._write_until_closed()
        except Exception as error:  # noqa: BLE001 - callers wait for this thread to tell them
            self._fail(error)
        finally:
            self._dead = True
            with self._progress:
                self._progress.notify_all()

    def _write_until_closed(self) -> None:
        sync_at_s: float | None = None
        while True:
            timeout = None if sync_at_s is None else max(0.0, sync_at_s - time.monotonic())
            self._wake.wait(timeout)
            self._wake.clear()
            closing, wanted = self._closed, self._sync_wanted
            self._sync_wanted = False
            with self._lock:
                batch, self._queue = self._queue, []
            self._busy_since_s = time.monotonic()
            if batch:
                for rows in _by_part(batch):
                    if _begins_part(rows[0]):
                        self._next_file()
                    self._append(self._encode(rows))
                if sync_at_s is None:
                    sync_at_s = time.monotonic() + self._sync_interval_s
                last = batch[-1][0]
            if sync_at_s is not None and (wanted or closing or time.monotonic() >= sync_at_s):
                self._calls.sync(self._fd)
                self.durable_seq = last
                sync_at_s = None
            self._busy_since_s = math.inf
            with self._progress:
                self._progress.notify_all()
            if closing and not self._queue:
                return

    def _encode(self, batch: Sequence[_Row]) -> bytes:
        lines: list[bytes] = []
        link = self._link
        for is_event, group in groupby(batch, key=lambda row: isinstance(row[2], str)):
            rows: list[Any] = list(group)
            payloads = [row[2] for row in rows] if is_event else sample_payloads(rows)
            for row, payload in zip(rows, payloads, strict=True):
                line, link = frame(row[0], row[1], payload, link)
                lines.append(line)
        self._link = link
        return b"".join(lines)

    def _next_file(self) -> None:
        """Go on in another file; in the same one, where the disk gives no other."""
        self._calls.sync(self._fd)
        with contextlib.suppress(OSError):
            fd = create_file(part_path(self.path, self._files + 1))
            os.close(self._fd)
            self._fd = fd
            self._files += 1
            sync_folder(self.path.parent)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._calls.write(self._fd, view) :]
            except OSError as error:
                if error.errno not in _FULL or self.failure is not None:
                    raise
                # Going on at this very byte keeps the chain whole: a torn line hides all after it.
                self._fail(error)
                self._calls.unlink(self._reserve)

    def _fail(self, error: Exception) -> None:
        if self.failure is None:
            self.failure = _storage_error(
                "E602", f"the journal {self.path} cannot be written any more", error
            )


def _storage_error(code: str, what: str, error: Exception) -> StorageError:
    full = isinstance(error, OSError) and error.errno in _FULL
    return StorageError.of(
        f"{what}: {error}",
        help="free space on this disk, or choose another one: faradaic run --runs DIR"
        if full
        else "choose a folder that can be written: faradaic run --runs DIR",
        code=code,
    )


def _begins_part(row: _Row) -> bool:
    return isinstance(row[2], str) and row[2].startswith(f'"k":"{PART}"')


def _by_part(batch: Sequence[_Row]) -> list[Sequence[_Row]]:
    starts = [0, *(i for i, row in enumerate(batch) if i and _begins_part(row)), len(batch)]
    return [batch[start:end] for start, end in pairwise(starts)]
