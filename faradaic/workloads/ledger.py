"""What is already computed: results under the hash of everything they depend on.

A ledger is a folder. Every process that computes appends to a shard of its own, one JSON line per
task, flushed to the disk before the task counts as done; shards are merged by key when they are
read. Nothing is ever rewritten, so a process can end at any moment: at worst the last line of its
shard is torn, and that one task is computed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from faradaic.diagnostics import Diagnostic, Severity, StorageError, refusal
from faradaic.input_files import ANY_SIZE, open_file

_LONGEST_LINE_BYTES = 1 << 26


def task_key(content: Mapping[str, Any], method: str, parameters: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over what is computed, by which method and version, with which parameters.

    All three are JSON values; floats count to their last digit, so round them first where two
    machines should agree. Raises `ValueError` for NaN and infinity.
    """
    text = json.dumps(
        {"content": content, "method": method, "parameters": parameters},
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """One finished task."""

    key: str
    label: str
    """For people; the key alone tells tasks apart."""
    result: Mapping[str, Any] | None
    """JSON values; None where the task failed."""
    reason: str = ""
    """Why it failed; "" where it did not."""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    """Of the process that computed it."""
    worker: str = ""
    """Host and process id."""
    finished: str = ""
    """UTC, ISO 8601."""

    @property
    def failed(self) -> bool:
        """Whether there is no result."""
        return self.result is None

    def line(self) -> bytes:
        """As it stands in a shard. Raises `TypeError` or `ValueError` if it is not JSON."""
        text = json.dumps(asdict(self), allow_nan=False, separators=(",", ":"))
        return text.encode() + b"\n"


@dataclass(slots=True)
class Keys:
    """The keys a ledger holds."""

    done: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    """Failed and never done since."""
    findings: list[Diagnostic] = field(default_factory=list)
    """Lines that could not be read; their tasks count as not computed."""


class Shard:
    """The file that one process appends its records to."""

    def __init__(self, folder: Path) -> None:
        self.worker = f"{socket.gethostname()}-{os.getpid()}"
        self.path = folder / f"{self.worker}-{uuid.uuid4().hex[:8]}.jsonl"
        self._descriptor: int | None = None
        self._one_at_a_time = threading.Lock()

    def append(self, record: Record) -> None:
        """Write one record through to the disk. Raises `StorageError` (E893) where that fails."""
        remaining = memoryview(record.line())
        try:
            with self._one_at_a_time:
                if self._descriptor is None:
                    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
                    self._descriptor = os.open(self.path, flags, 0o644)
                while remaining:
                    remaining = remaining[os.write(self._descriptor, remaining) :]
                os.fsync(self._descriptor)
        except OSError as error:
            raise StorageError.of(
                f"{self.path}: a result could not be stored: {error.strerror or error}",
                help="make room or choose another folder; the same command then goes on",
                code="E893",
            ) from None

    def close(self) -> None:
        """Close the file, if anything was written."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Ledger:
    """The records of one folder. Raises `StorageError` (E893) where it cannot be made."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.shards = self.folder / "shards"
        try:
            self.shards.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError.of(
                f"{self.folder} cannot hold results: {error.strerror or error}",
                help="name a folder that can be written to",
                code="E893",
            ) from None

    @contextmanager
    def sole_run(self) -> Iterator[None]:
        """Keep a second run off this folder. Raises `InputError` (E892) if there is one."""
        lock = FileLock(self.folder / "run.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise refusal(
                "E892",
                f"another process is computing into {self.folder}",
                "wait for it or stop it, or name another folder",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def keys(self) -> Keys:
        """What is done and what failed, over all shards."""
        keys = Keys()
        for record in self._lines(keys.findings):
            (keys.failed if record.failed else keys.done).add(record.key)
        keys.failed -= keys.done
        return keys

    def records(self) -> Iterator[Record]:
        """Every key once: results as they are read, then the last failure of what has none."""
        done: set[str] = set()
        failures: dict[str, Record] = {}
        for record in self._lines([]):
            if record.failed:
                failures[record.key] = record
            elif record.key not in done:
                done.add(record.key)
                yield record
        yield from (record for key, record in failures.items() if key not in done)

    def _lines(self, findings: list[Diagnostic]) -> Iterator[Record]:
        for path in sorted(self.shards.glob("*.jsonl")):
            with open_file(path, ANY_SIZE) as file:
                lines = iter(partial(file.readline, _LONGEST_LINE_BYTES), b"")
                for number, line in enumerate(lines, 1):
                    try:
                        yield Record(**json.loads(line))
                    except (ValueError, TypeError):
                        findings.append(
                            Diagnostic(
                                "E894",
                                f"{path}, line {number} is torn and was left out",
                                Severity.WARNING,
                                help="its writer was stopped; the task is computed again",
                            )
                        )


def now() -> str:
    """The present moment as `Record.finished` has it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
