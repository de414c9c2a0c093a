"""A run folder is made once, stays under its root, and tells the living from the lost."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic.diagnostics import InputError, StorageError
from faradaic.records.folder import RunFolder, is_live
from faradaic.records.journal import JournalWriter
from faradaic.records.run import load_run

UTC_TIME = datetime(2026, 11, 21, 7, 0, 12, 345678, tzinfo=UTC)


def test_the_name_holds_time_name_and_simulated(tmp_path: Path) -> None:
    local = UTC_TIME.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with RunFolder.create(tmp_path / "runs", "kolbe", simulated=True, utc=local) as folder:
        assert folder.name == "2026-11-21T070012Z-kolbe-SIMULATED"
    with RunFolder.create(tmp_path / "runs", "kolbe", simulated=False, utc=local) as folder:
        assert folder.name == "2026-11-21T070012Z-kolbe"


def test_a_second_run_in_the_same_second_gets_its_own_folder(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        with RunFolder.create(tmp_path, "a", simulated=False, utc=UTC_TIME) as folder:
            folder.write_text("note.txt", folder.name)
            names.append(folder.name)
    assert names == [f"2026-11-21T070012Z-a{tail}" for tail in ("", "-2", "-3")]
    assert [(tmp_path / name / "note.txt").read_text() for name in names] == names


@settings(max_examples=60)
@given(name=st.text(max_size=80) | st.text("ab1-./\\\n", min_size=1, max_size=6))
def test_no_name_leads_out_of_the_runs_folder(tmp_path_factory, name: str) -> None:
    root = tmp_path_factory.getbasetemp() / "names"
    if re.fullmatch(r"[a-z0-9-]{1,64}", name):
        with RunFolder.create(root, name, simulated=False, utc=UTC_TIME) as folder:
            assert folder.path.parent == root.resolve()
    else:
        with pytest.raises(InputError):
            RunFolder.create(root, name, simulated=False, utc=UTC_TIME)


@pytest.mark.parametrize("name", ["", "../up", "a/b", "A", "a b", "a" * 65, "a\n", "ä"])
def test_other_names_are_refused_with_one_that_works(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        RunFolder.create(tmp_path, name, simulated=False, utc=UTC_TIME)
    suggestion = caught.value.diagnostics[0].help.rpartition(" ")[2]
    RunFolder.create(tmp_path, suggestion, simulated=False, utc=UTC_TIME).release()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunFolder.create(tmp_path, "a", simulated=False, utc=UTC_TIME) as folder:
        path = folder.write_text("plan.json", "µ\ud800")
        before = path.read_bytes()

        def full(fd: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            folder.write_text("plan.json", "new")
        monkeypatch.undo()
        assert path.read_bytes() == before
        assert sorted(p.name for p in folder.path.iterdir()) == ["plan.json", "run.lock"]


def test_files_go_into_the_folder_only(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, "a", simulated=False, utc=UTC_TIME) as folder:
        with pytest.raises(ValueError, match="plain file name"):
            folder.write_text("../outside.txt", "x")
    assert not (tmp_path / "outside.txt").exists()


def test_a_disk_without_room_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 0, 210_000_000))
    RunFolder.create(
        tmp_path, "a", simulated=False, utc=UTC_TIME, expected_bytes=3_000_000
    ).release()
    with pytest.raises(StorageError) as caught:
        RunFolder.create(tmp_path, "b", simulated=False, utc=UTC_TIME, expected_bytes=4_000_000)
    assert caught.value.diagnostics[0].numbers["needed_bytes"] == 212_000_000
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("part", ["OneDrive - University", "Dropbox", "iCloud Drive"])
def test_a_synchronised_folder_is_warned_of(tmp_path: Path, part: str) -> None:
    with RunFolder.create(tmp_path / part, "a", simulated=False, utc=UTC_TIME) as folder:
        assert [part in warning.message for warning in folder.warnings] == [True]
    with RunFolder.create(tmp_path / "data", "a", simulated=False, utc=UTC_TIME) as folder:
        assert folder.warnings == ()


CHILD = """
import sys, time
from datetime import datetime, timezone
from pathlib import Path
from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter

folder = RunFolder.create(
    Path(sys.argv[1]), "child", simulated=True, utc=datetime.now(timezone.utc)
)
journal = JournalWriter(folder.journal)
journal.write("run_start", 0.0, {"title": "t"}, durable=True)
print(folder.path, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_run_is_running_while_its_process_lives_and_lost_when_it_was_killed(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert load_run(folder).outcome == "RUNNING"
        assert is_live(folder) is True
        process.send_signal(signal.SIGKILL)
    assert load_run(folder).outcome == "LOST"
    assert load_run(folder).stop == {}


def test_the_outcome_is_what_the_run_said(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, "a", simulated=True, utc=UTC_TIME) as folder:
        with JournalWriter(folder.journal) as journal:
            journal.write("run_start", 0.0, {"title": "t", "simulated": True})
            journal.write("run_stop", 1.0, {"outcome": "TRIPPED", "stop_reason": "20 V reached"})
        run = load_run(folder.path)
        assert (run.outcome, run.stop_reason) == ("TRIPPED", "20 V reached")
    assert load_run(folder.journal).folder == folder.path
    assert run.simulated is True


def test_a_run_stop_that_was_torn_was_not_said(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, "a", simulated=True, utc=UTC_TIME) as folder:
        with JournalWriter(folder.journal) as journal:
            journal.write("run_start", 0.0, {"title": "t"})
            journal.write("run_stop", 1.0, {"outcome": "COMPLETED"})
    data = folder.journal.read_bytes()
    folder.journal.write_bytes(data[:-5])
    run = load_run(folder.path)
    assert run.outcome == "LOST"
    assert run.contents.torn_bytes > 0


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}'])
def test_a_damaged_plan_is_no_plan(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b"")
    (tmp_path / "plan.json").write_text(text)
    assert load_run(tmp_path).plan == ({"a": 1} if text.startswith('{"a') else None)
