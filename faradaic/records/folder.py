"""The folder of one run: made once, never overwritten, locked while the run lives."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from faradaic.diagnostics import Diagnostic, InputError, Severity, StorageError
from faradaic.records.disk import replace_file, replacing_file, sync_folder
from faradaic.records.frames import finite
from faradaic.records.spreadsheet_text import cells

JOURNAL_NAME = "journal.jsonl"
LOCK_NAME = "run.lock"
HEADROOM_BYTES = 200_000_000
"""Kept free besides three times what the run is expected to write."""

_NAME = re.compile(r"[a-z0-9-]{1,64}")
_SYNCED = ("onedrive", "dropbox", "icloud", "google drive", "googledrive", "nextcloud")


class RunFolder:
    """Where one run's files go, and the lock that says that the run is alive."""

    def __init__(self, path: Path, lock: FileLock, warnings: tuple[Diagnostic, ...]) -> None:
        self.path = path
        self.warnings = warnings
        """Worth telling before the run begins: a folder that a cloud service synchronises."""
        self._lock = lock

    @classmethod
    def create(
        cls,
        runs_dir: Path,
        name: str,
        *,
        simulated: bool,
        utc: datetime,
        expected_bytes: int = 0,
    ) -> RunFolder:
        """Make `2026-11-21T070012Z-NAME[-SIMULATED][-2]` under `runs_dir` and lock it.

        `name` is `[a-z0-9-]{1,64}`, `utc` timezone-aware. Raises `InputError` for another name
        and `StorageError` when the folder cannot be made or three times `expected_bytes` plus
        200 MB are not free.
        """
        if not _NAME.fullmatch(name):
            raise InputError.of(
                f"{name!r} cannot be the name of a run",
                help="use 1 to 64 characters of a-z, 0-9 and -, for example "
                + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64] or "my-run"),
                code="E606",
            )
        stamp = utc.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
        base = f"{stamp}-{name}{'-SIMULATED' if simulated else ''}"
        try:
            root = runs_dir.resolve()
            root.mkdir(parents=True, exist_ok=True)
            _check_space(root, 3 * expected_bytes + HEADROOM_BYTES)
            path = _make(root, base)
            sync_folder(root)
            lock = FileLock(path / LOCK_NAME)
            lock.acquire(blocking=False)
        except (OSError, Timeout) as error:
            raise StorageError.of(
                f"no run folder can be made in {runs_dir}: {error}",
                help="choose a folder that can be written: faradaic run --runs DIR",
                code="E600",
            ) from error
        return cls(path, lock, _synced(root))

    @property
    def name(self) -> str:
        """The folder's name, by which the run is found again."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """Where the journal is."""
        return self.path / JOURNAL_NAME

    def write_text(self, name: str, text: str) -> Path:
        """Put a text file into the folder, atomically; returns its path."""
        path = self.path / name
        if path.parent != self.path:
            raise ValueError(f"{name!r} is not a plain file name")
        write_file(path, text_bytes(text))
        return path

    def release(self) -> None:
        """The run is over: give the lock back. Twice does no harm."""
        self._lock.release()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def text_bytes(text: str) -> bytes:
    """Text as UTF-8; what UTF-8 cannot hold (half a character) as an escape."""
    return text.encode(errors="backslashreplace")


def json_bytes(data: Mapping[str, Any]) -> bytes:
    """Indented JSON as UTF-8; numbers that are not finite are null."""
    return text_bytes(json.dumps(finite(data), indent=2, ensure_ascii=False) + "\n")


def make_folder(path: Path, code: str, help: str = "") -> None:  # noqa: A002
    """Make a folder and those above it where they are not there. Raises `StorageError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{path} cannot be made: {error.strerror or error}"
        raise StorageError.of(message, help=help, code=code) from None


def csv_bytes(header: Iterable[str], rows: Iterable[Iterable[object]], digits: int = 8) -> bytes:
    """CSV as UTF-8: floats with so many significant figures, an empty cell for no value or NaN."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(cells(header))
    for row in rows:
        known = cells(None if value != value else value for value in row)
        writer.writerow([f"{c:.{digits}g}" if isinstance(c, float) else c for c in known])
    return text_bytes(stream.getvalue())


def write_file(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Replace a file atomically; what is large may come in pieces. Raises `StorageError`."""
    try:
        replace_file(path, data)
    except OSError as error:
        raise StorageError.of(
            f"{path} cannot be written: {error.strerror or error}", code="E602"
        ) from error


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Where somebody else writes a file that replaces `path`. Raises `StorageError`."""
    try:
        with replacing_file(path) as temporary:
            yield temporary
    except OSError as error:
        raise StorageError.of(
            f"{path} cannot be written: {error.strerror or error}", code="E602"
        ) from error


def is_live(folder: Path) -> bool | None:
    """Whether a process holds the run in this folder; None when that cannot be found out."""
    path = folder / LOCK_NAME
    if path.is_symlink():
        return None  # locking would write to what it leads to
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return None


def _make(root: Path, base: str) -> Path:
    """The first free one of `base`, `base-2`, `base-3`, ..."""
    number = 1
    while True:
        path = root / (base if number == 1 else f"{base}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path


def _check_space(root: Path, needed: int) -> None:
    free = shutil.disk_usage(root).free
    if free < needed:
        raise StorageError(
            Diagnostic(
                "E607",
                f"{free / 1e6:.0f} MB are free in {root}; this run needs {needed / 1e6:.0f} MB",
                help="free some space, or choose another disk: faradaic run --runs DIR",
                numbers={"free_bytes": float(free), "needed_bytes": float(needed)},
            )
        )


def _synced(root: Path) -> tuple[Diagnostic, ...]:
    for part in root.parts:
        if any(word in part.lower() for word in _SYNCED):
            return (
                Diagnostic(
                    "E608",
                    f"{root} lies in {part}, which a cloud service may lock or rewrite during "
                    "the run",
                    Severity.WARNING,
                    help="keep runs on a local disk and copy them afterwards: "
                    "faradaic run --runs DIR",
                ),
            )
    return ()
