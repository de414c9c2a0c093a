"""Any prefix of a journal is a journal, and nothing damaged is ever believed."""

from __future__ import annotations

import random
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic.diagnostics import StorageError
from faradaic.records.journal import JournalContents, JournalWriter, read_journal

COLUMNS = [{"name": "time_s", "unit": "s"}, {"name": "current_A", "unit": "A"}]


def current_of(seq: int) -> float:
    """The value that the sample with this sequence number must carry."""
    return 1e-3 * seq + 1.0 / 3.0


@pytest.fixture(scope="module")
def journal_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    with JournalWriter(path) as journal:
        journal.write("run_start", 0.0, {"title": 'µ "quoted"\n', "simulated": True})
        journal.write("columns", 0.0, {"columns": COLUMNS})
        for i in range(40):
            journal.sample(0.1 * i, (0.1 * i, None if i == 7 else current_of(i + 2)))
        journal.write("note", 4.0, {"text": ',"k":"sample","v":[1,2]'})
        journal.write("run_stop", 4.1, {"outcome": "COMPLETED"}, durable=True)
    return path.read_bytes()


@pytest.fixture
def read(tmp_path: Path):
    path = tmp_path / "damaged.jsonl"

    def read_bytes(data: bytes) -> JournalContents:
        path.write_bytes(data)
        return read_journal(path)

    return read_bytes


def assert_only_truth(contents: JournalContents) -> None:
    """Every value that was read is the one that was written."""
    current_A = contents.columns.get("current_A", np.empty(0))
    for i, value in enumerate(current_A):
        if i == 7:
            assert np.isnan(value)
        else:
            assert value == current_of(i + 2)
    assert [e.seq for e in contents.events] == sorted({e.seq for e in contents.events})


def test_a_whole_journal_comes_back_value_for_value(journal_bytes: bytes, read) -> None:
    contents = read(journal_bytes)
    assert contents.samples == 40
    assert contents.records == 44
    assert (contents.torn_bytes, contents.bad_offset) == (0, None)
    assert contents.units == {"time_s": "s", "current_A": "A"}
    assert contents.columns["time_s"][39] == 0.1 * 39
    assert [e.kind for e in contents.events] == ["run_start", "columns", "note", "run_stop"]
    assert contents.events[0].fields == {"title": 'µ "quoted"\n', "simulated": True}
    assert contents.last("run_stop").time_s == 4.1
    assert_only_truth(contents)


def test_every_truncation_keeps_every_whole_record_before_it(journal_bytes: bytes, read) -> None:
    for length in range(len(journal_bytes) + 1):
        contents = read(journal_bytes[:length])
        whole = journal_bytes[:length].rfind(b"\n") + 1
        assert contents.records == journal_bytes[:length].count(b"\n")
        assert contents.torn_bytes == length - whole
        assert contents.bad_offset == (whole if length > whole else None)
        assert_only_truth(contents)


def test_every_flipped_bit_is_found_and_ends_the_reading_there(journal_bytes: bytes, read) -> None:
    rng = random.Random(7)
    starts = [0, *(i + 1 for i, byte in enumerate(journal_bytes) if byte == 10)]
    for _ in range(4000):
        offset, bit = rng.randrange(len(journal_bytes)), 1 << rng.randrange(8)
        damaged = bytearray(journal_bytes)
        damaged[offset] ^= bit
        contents = read(bytes(damaged))
        assert contents.bad_offset == max(start for start in starts if start <= offset)
        assert_only_truth(contents)


def test_zeroed_sectors_are_found(journal_bytes: bytes, read) -> None:
    for start in range(0, len(journal_bytes), 64):
        end = min(start + 512, len(journal_bytes))
        contents = read(journal_bytes[:start] + bytes(end - start) + journal_bytes[end:])
        assert contents.bad_offset is not None
        assert contents.bad_offset <= start
        assert_only_truth(contents)


def test_a_record_that_was_removed_or_put_elsewhere_breaks_the_chain(
    journal_bytes: bytes, read
) -> None:
    lines = journal_bytes.splitlines(keepends=True)
    for index in range(len(lines) - 1):
        assert read(b"".join(lines[:index] + lines[index + 1 :])).records == index
        swapped = [*lines[:index], lines[index + 1], lines[index], *lines[index + 2 :]]
        assert read(b"".join(swapped)).records == index


@settings(max_examples=300)
@given(data=st.binary(max_size=400), keep=st.integers(0, 44))
def test_no_bytes_make_the_reader_raise(journal_bytes, tmp_path_factory, data, keep) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.jsonl"
    head = b"".join(journal_bytes.splitlines(keepends=True)[:keep])
    path.write_bytes(head + data)
    contents = read_journal(path)
    assert contents.records == keep
    assert contents.torn_bytes == len(data)


@settings(max_examples=300)
@given(
    body=st.sampled_from(
        [
            '{"n":0,"t":0,"k":"sample","v":[%s],"c":"00000000"}',
            '{"n":0,"t":%s,"k":"note","c":"00000000"}',
            '{"n":%s,"t":0,"k":"note","c":"00000000"}',
            '{"n":0,"t":0,"k":"columns","columns":%s,"c":"00000000"}',
            '{"n":0,"t":0,"k":%s,"c":"00000000"}',
            '[%s],"c":"00000000"}',
        ]
    ),
    filling=st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["1e999", "9" * 5000, "[" * 100_000, '"x"', "null", "[[1],2]", "true", "[{}]", "{}", ""]
        ),
    ),
)
def test_records_with_a_right_checksum_and_wrong_content_do_not_make_it_raise(
    tmp_path_factory, body, filling
) -> None:
    line = (body % filling).encode(errors="surrogatepass")
    path = tmp_path_factory.getbasetemp() / "crafted.jsonl"
    path.write_bytes(b"%08x %b\n" % (crc32(line), line))
    contents = read_journal(path)
    assert contents.torn_bytes in (0, path.stat().st_size)


def test_a_checksum_in_capitals_is_not_the_checksum(journal_bytes: bytes, read) -> None:
    lines = journal_bytes.splitlines(keepends=True)
    index = next(i for i, line in enumerate(lines) if line[:8] != line[:8].upper())
    lines[index] = lines[index][:8].upper() + lines[index][8:]
    assert read(b"".join(lines)).records == index


def test_a_journal_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        read_journal(tmp_path / "nowhere.jsonl")
