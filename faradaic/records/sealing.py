"""Closing the journal of a run that died, in a further part: what it wrote stays as it is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from faradaic.diagnostics import StorageError
from faradaic.records.disk import create_file, sync_folder, write_all
from faradaic.records.frames import PART, event_payload, frame
from faradaic.records.journal import RESERVE_SUFFIX
from faradaic.records.journal_reading import JournalContents, journal_parts, part_path

Record = tuple[str, Mapping[str, Any]]
"""Kind and fields."""


def seal(journal: Path, contents: JournalContents, records: Sequence[Record]) -> Path:
    """Write a last part that goes on from the last whole record; returns its path.

    A torn tail stays where it is, behind that record and passed over by every reader. All records
    carry the time of the last whole one. Raises `StorageError` when the part cannot be written.
    """
    number = len(journal_parts(journal))
    path = part_path(journal, number)
    columns = [{"name": name, "unit": contents.units.get(name, "")} for name in contents.columns]
    time_ns = round((contents.last_s or 0.0) * 1e9)
    lines, link = [], contents.link
    begins: Record = (PART, {"part": number, "columns": columns})
    for seq, (kind, fields) in enumerate((begins, *records), contents.next_seq):
        line, link = frame(seq, time_ns, event_payload(kind, fields), link)
        lines.append(line)
    try:
        fd = create_file(path)
        try:
            write_all(fd, b"".join(lines))
            os.fsync(fd)
        finally:
            os.close(fd)
        journal.with_name(journal.name + RESERVE_SUFFIX).unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError.of(
            f"the journal cannot be closed in {path}: {error.strerror or error}",
            help="free space on this disk, or copy the run folder to another one",
            code="E602",
        ) from error
    return path
