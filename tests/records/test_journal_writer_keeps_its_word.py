"""What the writer acknowledged is on disk: after kill -9, on a full disk, under many threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from faradaic.diagnostics import StorageError
from faradaic.records.journal import QUEUE_MOST, RESERVE_BYTES, JournalWriter, read_journal

WRITER = """
import sys, time
from pathlib import Path
from faradaic.records.journal import JournalWriter

journal = JournalWriter(Path(sys.argv[1]), sync_interval_s=0.02)
journal.write("columns", 0.0, {"columns": [{"name": "seq", "unit": "1"}]})
told = 0
for i in range(1, 10_000_000):
    journal.sample(i * 1e-3, (i,))
    if journal.durable_seq > told:
        told = journal.durable_seq
        sys.stdout.write(f"{told}\\n")
        sys.stdout.flush()
    if i % 50 == 0:
        time.sleep(0.001)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.parametrize("seed", range(8))
def test_kill_9_loses_no_acknowledged_sample(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "journal.jsonl"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(0.02 + 0.037 * seed)
        process.send_signal(signal.SIGKILL)
        lines = [first, *process.stdout.read().splitlines(keepends=True)]
    acknowledged = max((int(line) for line in lines if line.endswith("\n")), default=0)
    contents = read_journal(path)
    seq = contents.columns["seq"]
    assert acknowledged > 0
    assert contents.records > acknowledged
    assert np.array_equal(seq, np.arange(1, len(seq) + 1))


def test_durable_means_on_disk_before_it_returns(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with JournalWriter(path, sync_interval_s=60.0) as journal:
        journal.write("state", 0.0, {"to": "ARMED"})
        seq = journal.write("mark", 0.1, {"what": "output_on_intent"}, durable=True)
        assert journal.durable_seq == seq
        assert read_journal(path).records == seq + 1


def test_samples_are_synced_within_the_interval(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "journal.jsonl", sync_interval_s=0.05) as journal:
        seq = journal.sample(0.0, (1.0,))
        deadline_s = time.monotonic() + 5.0
        while journal.durable_seq < seq and time.monotonic() < deadline_s:
            time.sleep(0.005)
        assert journal.durable_seq == seq


def test_threads_get_distinct_numbers_in_file_order(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    taken: list[int] = []
    with JournalWriter(path) as journal:
        journal.write("columns", 0.0, {"columns": [{"name": "thread", "unit": "1"}]})

        def work(name: int) -> None:
            taken.extend(journal.sample(0.0, (name,)) for _ in range(5000))

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    contents = read_journal(path)
    assert sorted(taken) == list(range(1, 20_001))
    assert contents.torn_bytes == 0
    assert np.bincount(contents.columns["thread"].astype(int)).tolist() == [5000] * 4


def test_what_is_not_a_finite_number_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with JournalWriter(path) as journal:
        journal.sample(0.0, (1.0, float("nan"), float("inf"), None))
        journal.sample(0.1, (2.0, 3.0, 4.0, 5.0))
        journal.write("note", 0.2, {"value": float("-inf"), "deep": [{"x": float("nan")}]})
    contents = read_journal(path)
    table = np.column_stack(list(contents.columns.values()))
    assert np.array_equal(table, [[1, np.nan, np.nan, np.nan], [2, 3, 4, 5]], equal_nan=True)
    assert contents.events[0].fields == {"value": None, "deep": [{"x": None}]}


def test_the_keys_of_the_format_cannot_be_taken(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "journal.jsonl") as journal:
        with pytest.raises(ValueError, match="'t'"):
            journal.write("note", 0.0, {"t": 1})


def test_an_existing_journal_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text("dear old data")
    with pytest.raises(StorageError, match="cannot be created"):
        JournalWriter(path)
    assert path.read_text() == "dear old data"


def test_a_closed_journal_takes_nothing_and_leaves_no_reserve(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "journal.jsonl")
    assert (tmp_path / "journal.jsonl.reserve").stat().st_size == RESERVE_BYTES
    journal.close()
    journal.close()
    with pytest.raises(StorageError, match="closed"):
        journal.sample(0.0, (1.0,))
    assert [p.name for p in tmp_path.iterdir()] == ["journal.jsonl"]


@pytest.fixture
def small_disk():
    """A real file system of 6 MB, outside pytest's folders; needs the right to mount one."""
    folder = Path(tempfile.mkdtemp(prefix="faradaic-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("cannot mount a small file system here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def fill(journal: JournalWriter) -> StorageError:
    """Write samples until the journal refuses."""
    with pytest.raises(StorageError) as caught:
        for i in range(1_000_000):
            journal.sample(i * 1e-3, (float(i), 1.0 / (i + 1)))
    return caught.value


def test_on_a_full_disk_the_run_can_still_say_how_it_ended(small_disk: Path) -> None:
    path = small_disk / "journal.jsonl"
    journal = JournalWriter(path, patient=True)
    error = fill(journal)
    assert error is journal.failure
    assert error.exit_code == 6
    assert "No space left" in str(error)
    assert "free space" in error.diagnostics[0].help
    with pytest.raises(StorageError):
        journal.sample(0.0, (0.0, 0.0))
    journal.write("state", 1.0, {"from": "RUNNING", "to": "FINISHING"}, durable=True)
    journal.write("run_stop", 1.0, {"outcome": "FAILED"}, durable=True)
    journal.close()
    contents = read_journal(path)
    assert contents.torn_bytes == 0
    assert contents.last("run_stop").fields == {"outcome": "FAILED"}
    assert np.array_equal(contents.columns["column_0"], np.arange(contents.samples))


def test_a_disk_that_fails_under_a_durable_record_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(fd: int) -> None:
        raise OSError(5, "Input/output error")

    journal = JournalWriter(tmp_path / "journal.jsonl", stall_s=1e6)
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(StorageError, match="Input/output error"):
        journal.write("mark", 0.0, {"what": "output_on_intent"}, durable=True)
    monkeypatch.undo()
    journal.close()


def test_a_disk_that_hangs_is_an_error_and_not_an_endless_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    journal = JournalWriter(tmp_path / "journal.jsonl", stall_s=0.2)
    monkeypatch.setattr(os, "fsync", lambda fd: release.wait(30.0))
    with pytest.raises(StorageError, match="took no data for"):
        journal.write("mark", 0.0, {"what": "output_on_intent"}, durable=True)
    release.set()
    journal.close()
    assert read_journal(tmp_path / "journal.jsonl").records == 1


def test_nobody_who_reads_an_instrument_waits_for_a_disk_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, release = threading.Event(), threading.Event()

    def hang(_fd: int) -> None:
        held.set()
        release.wait(60.0)

    journal = JournalWriter(tmp_path / "journal.jsonl", sync_interval_s=0.0, stall_s=1e6)
    monkeypatch.setattr(os, "fsync", hang)
    journal.sample(0.0, (0.0,))
    assert held.wait(30.0)
    # were a call to wait, it would for ever: nobody lets go of the disk before the end
    with pytest.raises(StorageError, match="or less than comes"):
        for i in range(2 * QUEUE_MOST):
            journal.sample(1.0 + i, (1.0,))
    assert i == QUEUE_MOST
    monkeypatch.setattr(os, "fsync", lambda _fd: None)
    release.set()
    journal.close()
    assert read_journal(tmp_path / "journal.jsonl").samples == 1 + QUEUE_MOST


RLIMIT = """
import resource, sys, time
from pathlib import Path
from faradaic.diagnostics import StorageError
from faradaic.records.journal import JournalWriter

journal = JournalWriter(Path(sys.argv[1]), patient=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    while True:
        journal.sample(0.0, (1.0,))
except StorageError as error:
    print(error.diagnostics[0].code, journal.durable_seq)
for _ in range(2):
    try:
        journal.write("run_stop", 0.0, {}, durable=True)
    except StorageError as error:
        print("refused")
journal.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="needs file-size limits")
def test_a_file_that_cannot_grow_is_an_error_and_not_a_wait(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", RLIMIT, str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert first.startswith("E602 ")
    assert rest == ["refused", "refused"]
    contents = read_journal(path)
    assert contents.records > int(first.split()[1])
    assert contents.size_bytes == 200_000
