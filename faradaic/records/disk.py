"""Files that survive: creation, atomic replacement, and the folder entry on disk as well."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)


class SystemCalls:
    """What a journal asks of the system, call by call; they raise `OSError`."""

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write, which may be a part; how many bytes that was."""
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Put what was written on the disk."""
        os.fsync(fd)

    def unlink(self, path: Path) -> None:
        """Give a file up, if it is there."""
        path.unlink(missing_ok=True)


def create_file(path: Path) -> int:
    """Create a file that must not exist, open for appending; returns its descriptor."""
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | _BINARY, 0o644)


def make_own_folder(path: Path) -> None:
    """Make a folder in one that others may have sent. Raises `OSError` for a link out of it."""
    path.mkdir(exist_ok=True)
    if path.is_symlink():
        what = "it is a link, and what it leads to is not written into"
        raise OSError(errno.ELOOP, what, str(path))


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data`, however many system calls it takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def reserve_file(path: Path, size: int) -> None:
    """Occupy `size` bytes of the disk, really allocated."""
    fd = create_file(path)
    try:
        write_all(fd, bytes(size))
        os.fsync(fd)
    finally:
        os.close(fd)


def replace_file(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Put `data`, or one piece of it after the other, under `path` so that a reader sees the old
    file or the new one, never a part.

    A link at `path` is replaced; what it leads to stays as it is.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        fd = create_file(temporary)
        try:
            for piece in (data,) if isinstance(data, bytes) else data:
                write_all(fd, piece)
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """A path for somebody else to write to, which then takes the place of `path` as in
    `replace_file`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        yield temporary
        fd = os.open(temporary, os.O_RDWR | _BINARY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put a folder's entries on disk. Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
