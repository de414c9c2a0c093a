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
    path = folder / FOUND_NAME
    line = (json.dumps(entry, ensure_ascii=False) + "\n").encode()
    try:
        torn = path.is_file() and not read_file(path).endswith(b"\n")
        fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | _AS_IT_IS, 0o644)
        try:
            write_all(fd, b"\n" * torn + line)
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(folder)
    except OSError as error:
        raise StorageError.of(f"{path} cannot be written: {error.strerror}", code="E603") from None
    return path


def read_found(folder: Path | None) -> tuple[Mapping[str, Any], ...]:
    """The entries in order; a line that is not whole is left out."""
    entries: list[Mapping[str, Any]] = []
    if folder is None or not (path := folder / FOUND_NAME).is_file():
        return ()
    for line in read_file(path).decode("utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return tuple(entries)
