"""What was found after a run: lines beside its journal that are appended and never rewritten."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from faradaic.diagnostics import StorageError
from faradaic.input_files import read_file
from faradaic.records.disk import sync_folder, write_all

_AS_IT_IS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
FOUND_NAME = "results.jsonl"


def append_found(folder: Path, entry: Mapping[str, Any]) -> Path:
    """Add one entry on disk; returns the file. Raises `StorageError` when it cannot be written."""
    return append_entry(folder / FOUND_NAME, entry)


def append_entry(path: Path, entry: Mapping[str, Any]) -> Path:
    """Add a line of JSON to a file, on disk when this returns; several programs may do so at once.

    Raises `StorageError` (E603) when it cannot be written.
    """
    line = (json.dumps(entry, ensure_ascii=False) + "\n").encode()
    try:
        torn = path.is_file() and not read_file(path).endswith(b"\n")
        fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | _AS_IT_IS, 0o644)
        try:
            write_all(fd, b"\n" * torn + line)
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError.of(f"{path} cannot be written: {error.strerror}", code="E603") from None
    return path


def read_found(folder: Path | None) -> tuple[Mapping[str, Any], ...]:
    """The entries in order; a line that is not whole is left out."""
    return () if folder is None else read_entries(folder / FOUND_NAME)


def read_entries(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The lines of JSON in a file, in order; one that is not whole is left out."""
    entries: list[Mapping[str, Any]] = []
    if not path.is_file():
        return ()
    for line in read_file(path).decode("utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return tuple(entries)
