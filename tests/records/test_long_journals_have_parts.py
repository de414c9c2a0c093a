"""A long journal goes on in further files, which are read as one; each is valid by any prefix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.records.journal import JournalWriter, journal_parts, read_journal

COLUMNS = [{"name": "time_s", "unit": "s"}, {"name": "current_A", "unit": "A"}]
SAMPLES = 400


def write(path: Path, **bounds: float) -> Path:
    with JournalWriter(path, **bounds) as journal:  # type: ignore[arg-type]
        journal.write("run_start", 0.0, {"title": "t", "simulated": True})
        journal.write("columns", 0.0, {"columns": COLUMNS})
        for i in range(SAMPLES):
            journal.sample(i, (i, i / 3))
        journal.write("run_stop", SAMPLES, {"outcome": "COMPLETED"}, durable=True)
    return path


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    return journal_parts(write(tmp_path / "journal.jsonl", part_bytes=8000))


def test_parts_are_bounded_in_size_and_read_as_one(parts: list[Path]) -> None:
    assert len(parts) > 5
    assert [p.name for p in parts[:3]] == [
        "journal.jsonl",
        "journal-0001.jsonl",
        "journal-0002.jsonl",
    ]
    assert max(p.stat().st_size for p in parts) <= 8000
    contents = read_journal(parts[0])
    assert np.array_equal(contents.columns["time_s"], np.arange(SAMPLES))
    assert np.array_equal(contents.columns["current_A"], np.arange(SAMPLES) / 3)
    assert (contents.torn_bytes, contents.bad_offset, contents.damage) == (0, None, ())
    assert contents.size_bytes == sum(p.stat().st_size for p in parts)
    assert contents.last("run_stop") is not None


def test_parts_are_bounded_in_time(tmp_path: Path) -> None:
    parts = journal_parts(write(tmp_path / "journal.jsonl", part_s=100.0))
    spans = [read_journal(p).columns["time_s"] for p in parts[1:]]
    assert len(parts) == 4
    assert all(span[-1] - span[0] <= 100.0 for span in spans)


def test_equal_runs_begin_their_parts_at_equal_records(tmp_path: Path, parts) -> None:
    again = journal_parts(write(tmp_path / "again.jsonl", part_bytes=8000))
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in parts]


def test_a_part_alone_names_its_columns(parts: list[Path]) -> None:
    contents = read_journal(parts[3])
    assert list(contents.columns) == ["time_s", "current_A"]
    assert contents.samples > 10
    assert contents.damage == ()


def test_every_cut_of_the_last_part_keeps_what_is_whole(parts: list[Path]) -> None:
    whole = read_journal(parts[0]).records
    data = parts[-1].read_bytes()
    for length in range(0, len(data) + 1, 7):
        parts[-1].write_bytes(data[:length])
        contents = read_journal(parts[0])
        lines = data[:length].count(b"\n")
        assert contents.records == whole - data.count(b"\n") + lines
        assert contents.torn_bytes == length - (data[:length].rfind(b"\n") + 1)


def test_a_part_that_is_gone_is_named_and_the_others_are_read(parts: list[Path]) -> None:
    gone = read_journal(parts[2]).records
    parts[2].unlink()
    contents = read_journal(parts[0])
    (one,) = contents.damage
    assert (one.records, one.file) == (gone, parts[3].name)
    assert contents.last("run_stop") is not None


def test_a_part_torn_in_the_middle_of_the_chain_is_named(parts: list[Path]) -> None:
    parts[2].write_bytes(parts[2].read_bytes()[:-20])
    (one,) = read_journal(parts[0]).damage
    assert (one.file, one.records) == (parts[2].name, 1)


def test_a_disk_that_gives_no_other_file_goes_on_in_the_same(tmp_path: Path) -> None:
    (tmp_path / "journal-0001.jsonl").mkdir()  # nothing can be created under this name
    with JournalWriter(tmp_path / "journal.jsonl", part_bytes=3000) as journal:
        for i in range(100):
            journal.sample(i, (i,))
    (tmp_path / "journal-0001.jsonl").rmdir()
    contents = read_journal(tmp_path / "journal.jsonl")
    assert contents.samples == 100
    assert contents.damage == ()
