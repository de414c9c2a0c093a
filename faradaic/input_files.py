"""Files that a person names: opened without waiting, only what is a file, only up to a size.

A named pipe waits for a writer that may never come, a device never ends and opening one may move
an instrument, and a file beyond the limit fills the memory. Everything here raises `OSError` with
the reason in words, as a file that is missing does.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MOST_BYTES = 1 << 30
"""Of a file that is read whole; what it becomes in memory is a few times that."""
MOST_TRAJECTORY_BYTES = 1 << 32
"""Of trajectories and grids of computations."""
ANY_SIZE = 1 << 62
"""Of what is read piece by piece, as our own journals are."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_PACKED: Mapping[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".lzma": lzma.open,
}
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


def open_file(path: Path | str, most_bytes: int = MOST_BYTES) -> io.BufferedReader:
    """Open a regular file of at most so many bytes for reading. Raises `OSError`."""
    _refuse_kind(path, most_bytes)
    stream = os.fdopen(os.open(path, _FLAGS), "rb")
    try:
        _refuse(os.fstat(stream.fileno()), path, most_bytes)
    except OSError:
        stream.close()
        raise
    return stream


def read_file(path: Path | str, most_bytes: int = MOST_BYTES) -> bytes:
    """All of a regular file of at most so many bytes. Raises `OSError`."""
    with open_file(path, most_bytes) as stream:
        # what is asked for is set aside; one byte more, for some files of the system tell no size
        size = os.fstat(stream.fileno()).st_size
        data = stream.read(size + 1)
        while size < len(data) <= most_bytes and (more := stream.read(1 << 20)):
            data += more
    if len(data) > most_bytes:
        raise _too_large(path, most_bytes)
    return data


def check_file(path: Path | str, most_bytes: int = MOST_BYTES) -> None:
    """Raise `OSError` where a path is no regular file of at most so many bytes.

    For libraries that open a path themselves; what they would unpack counts.
    """
    _refuse_kind(path, most_bytes)
    _refuse_packed(Path(path), most_bytes)


def _refuse_kind(path: Path | str, most_bytes: int) -> None:
    try:
        _refuse(os.stat(path), path, most_bytes)  # noqa: PTH116 - a third of the time
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from None


def _refuse(about: os.stat_result, path: Path | str, most_bytes: int) -> None:
    if not stat.S_ISREG(about.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(about.st_mode)), "no file")
        raise OSError(errno.EINVAL, f"it is {kind}, and a file is needed", str(path))
    if about.st_size > most_bytes:
        raise _too_large(path, most_bytes)


def _refuse_packed(path: Path, most_bytes: int) -> None:
    open_packed = _PACKED.get(path.suffix.lower())
    if open_packed is None:
        return
    left = most_bytes
    try:
        with open_packed(path) as stream:
            while chunk := stream.read(min(left + 1, 1 << 20)):
                left -= len(chunk)
                if left < 0:
                    raise _too_large(path, most_bytes)
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise OSError(errno.EINVAL, f"it is damaged: {error}", str(path)) from None


def _too_large(path: Path | str, most_bytes: int) -> OSError:
    most = f"{most_bytes >> 20} MiB" if most_bytes < 1 << 30 else f"{most_bytes >> 30} GiB"
    what = f"it is larger than {most}, the most that is read; give a part of it"
    return OSError(errno.EFBIG, what, str(path))
