"""Files that survive: creation, atomic replacement, and the folder entry on disk as well."""

from __future__ import annotations

import os
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)


def create_file(path: Path) -> int:
    """Create a file that must not exist, open for appending; returns its descriptor."""
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | _BINARY, 0o644)


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


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` under `path` so that a reader sees the old file or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        fd = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | _BINARY, 0o644)
        try:
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except OSError:
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
