"""Any prefix of a journal is a journal, and nothing damaged is ever believed."""

from __future__ import annotations

import random
from itertools import pairwise
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
    """Every value that was read is the one that was written, each once and in order."""
    time_s = contents.columns.get("time_s", np.empty(0))
    numbers = np.rint(time_s / 0.1).astype(int)
    assert np.all(np.diff(numbers) > 0)
    for i, time, value in zip(
        numbers, time_s, contents.columns.get("current_A", ()), strict="time_s" in contents.columns
    ):
        assert time == 0.1 * i
        if i == 7:
            assert np.isnan(value)
        else:
            assert value == current_of(i + 2)
    assert [e.seq for e in contents.events] == sorted({e.seq for e in contents.events})


def assert_all_is_accounted_for(contents: JournalContents, written: int) -> None:
    """What was written and is not read is missing by name, or behind the last whole record."""
    missing = sum(one.records for one in contents.damage)
    behind = written - contents.next_seq
    assert contents.records + missing + behind == written
    assert (behind > 0) <= (contents.torn_bytes > 0)


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


def test_every_flipped_bit_is_named_and_hides_one_record_at_most(journal_bytes, read) -> None:
    rng = random.Random(7)
    ends = [i for i, byte in enumerate(journal_bytes) if byte == 10]
    starts = [0, *(end + 1 for end in ends)]
    for _ in range(4000):
        offset, bit = rng.randrange(len(journal_bytes)), 1 << rng.randrange(8)
        damaged = bytearray(journal_bytes)
        damaged[offset] ^= bit
        contents = read(bytes(damaged))
        assert_only_truth(contents)
        assert_all_is_accounted_for(contents, 44)
        assert contents.records >= 43
        line = max(start for start in starts if start <= offset)
        assert line <= contents.bad_offset <= offset
        if offset in ends:  # two lines became one
            assert contents.records == 44 or contents.torn_bytes
        elif line != starts[-2]:
            (one,) = contents.damage
            assert (one.first_seq, one.records) == (starts.index(line), 1)
            assert (one.offset, one.size_bytes) == (line, ends[starts.index(line)] + 1 - line)


def test_what_is_behind_two_flipped_bits_and_between_them_is_read(journal_bytes, read) -> None:
    lines = journal_bytes.splitlines(keepends=True)
    for number in (10, 20):
        lines[number] = lines[number].replace(b'"k":"sample"', b'"k":"sbmple"')
    contents = read(b"".join(lines))
    assert contents.records == 42
    assert [one.first_seq for one in contents.damage] == [10, 20]
    assert [one.kind for one in contents.damage] == ["sbmple", "sbmple"]
    assert contents.damage[0].after_s == 0.7
    assert contents.damage[0].before_s == 0.9
    assert contents.last("run_stop") is not None


def test_two_lines_that_became_one_are_both_read(journal_bytes, read) -> None:
    lines = journal_bytes.splitlines(keepends=True)
    for end in (b"", b"\x0b", b" "):
        merged = [*lines[:9], lines[9][:-1] + end, *lines[10:]]
        contents = read(b"".join(merged))
        assert contents.records == 44
        assert_only_truth(contents)
        assert sum(one.records for one in contents.damage) == 0


def test_zeroed_sectors_are_named_and_what_is_behind_them_is_read(journal_bytes, read) -> None:
    starts = [0, *(i + 1 for i, byte in enumerate(journal_bytes) if byte == 10)]
    for start in range(0, len(journal_bytes), 64):
        end = min(start + 512, len(journal_bytes))
        contents = read(journal_bytes[:start] + bytes(end - start) + journal_bytes[end:])
        assert contents.bad_offset <= start
        assert_only_truth(contents)
        assert_all_is_accounted_for(contents, 44)
        hit = sum(1 for one, two in pairwise(starts) if one < end and two > start)
        assert contents.records >= 44 - hit - 1
        if end < starts[-2]:
            assert contents.last("run_stop") is not None


def test_a_record_that_is_missing_is_named_and_one_put_elsewhere_is_not_believed(
    journal_bytes: bytes, read
) -> None:
    lines = journal_bytes.splitlines(keepends=True)
    for index in range(len(lines) - 1):
        contents = read(b"".join(lines[:index] + lines[index + 1 :]))
        assert contents.records == 43
        assert [(one.first_seq, one.records) for one in contents.damage] == [(index, 1)]
        swapped = [*lines[:index], lines[index + 1], lines[index], *lines[index + 2 :]]
        contents = read(b"".join(swapped))
        assert contents.records == 43
        assert_only_truth(contents)


def test_a_record_of_another_journal_does_not_follow(journal_bytes, read, tmp_path) -> None:
    with JournalWriter(tmp_path / "other.jsonl") as other:
        for i in range(44):
            other.sample(0.1 * i, (0.1 * i, -1.0))
    foreign = (tmp_path / "other.jsonl").read_bytes().splitlines(keepends=True)
    lines = journal_bytes.splitlines(keepends=True)
    contents = read(b"".join([*lines[:10], foreign[10], *lines[10:]]))
    assert contents.records == 44
    assert_only_truth(contents)


@settings(max_examples=500)
@given(
    st.lists(
        st.tuples(st.sampled_from(["flip", "zero", "drop", "merge", "cut"]), st.floats(0, 1)),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_is_damaged_no_wrong_value_is_believed(
    journal_bytes, tmp_path_factory, damages
) -> None:
    data = bytearray(journal_bytes)
    for what, where in damages:
        at = int(where * (len(data) - 1)) if data else 0
        line = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at) + 1 or len(data)
        match what:
            case "flip" if data:
                data[at] ^= 1 << at % 8
            case "zero":
                data[at : at + 512] = bytes(len(data[at : at + 512]))
            case "drop":
                del data[line:end]
            case "merge":
                del data[end - 1 : end]
            case "cut":
                del data[at:]
    path = tmp_path_factory.getbasetemp() / "damaged.jsonl"
    path.write_bytes(data)
    contents = read_journal(path)
    assert_only_truth(contents)
    assert contents.records <= 44


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
    assert read(b"".join(lines)).damage[0].first_seq == index


def test_a_journal_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        read_journal(tmp_path / "nowhere.jsonl")
