"""What closes the journal of a run that died: its place, its time, and that the disk has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faradaic.records import sealing
from faradaic.records.journal import JournalWriter
from faradaic.records.journal_reading import read_journal


def journal_without_an_end(folder: Path) -> Path:
    path = folder / "journal.jsonl"
    with JournalWriter(path) as journal:
        journal.write("run_start", 0.0, {"title": "x"})
        journal.write("mark", 12.5, {"what": "note"})
    return path


def test_the_last_part_goes_on_where_the_journal_ended(tmp_path: Path) -> None:
    path = journal_without_an_end(tmp_path)
    before = read_journal(path)
    sealing.seal(path, before, [("run_stop", {"outcome": "LOST"})])
    after = read_journal(path)
    assert not after.damage
    stop = after.last("run_stop")
    assert stop is not None
    assert stop.time_s == before.last_s == 12.5
    assert after.next_seq == before.next_seq + 2


def test_the_disk_has_the_part_before_the_journal_counts_as_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = journal_without_an_end(tmp_path)
    contents = read_journal(path)
    synced: list[int] = []
    fsync = os.fsync

    def seen(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        fsync(descriptor)

    monkeypatch.setattr(sealing.os, "fsync", seen)
    part = sealing.seal(path, contents, [("run_stop", {"outcome": "LOST"})])
    assert part.stat().st_size in synced
