"""One program has a bench; its lock dies with it and names it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.runner.bench_lock import BenchLock, holder_of, holders
from faradaic.runner.outputs_off import Place, switch_off

pytestmark = pytest.mark.skipif(os.name == "nt", reason="tried on POSIX")

ADDRESS = "tcp://127.0.0.1:5025"
SAME = "serial://socket://localhost:5025"
OTHER_PROGRAM = f"""
import sys, time
from pathlib import Path
from faradaic.runner.bench_lock import BenchLock
lock = BenchLock({SAME!r}, bench="hood", driver="keithley-2450")
lock.take()
lock.tell(run="2026-11-30T140000Z-ester", folder=Path("/data/runs/ester"))
print("held", flush=True)
time.sleep(100)
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARADAIC_SHARED", str(tmp_path))


@pytest.fixture
def other():
    """Another program that holds the bench."""
    program = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROGRAM], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    with program:
        assert program.stdout.readline() == "held\n"
        yield program
        program.kill()


def lock(bench: str = "other") -> BenchLock:
    return BenchLock(ADDRESS, bench=bench, driver="keithley-2450")


def test_a_second_program_is_refused_with_who_holds_it(other):
    with pytest.raises(DeviceError, match="E522") as refused:
        lock().take()
    words = str(refused.value)
    assert "as `hood`" in words, "another name for the same instrument"
    assert "run 2026-11-30T140000Z-ester of" in words
    assert f"process {other.pid}" in words
    assert "`faradaic stop 2026-11-30T140000Z-ester`" in words
    (holder,) = holders()
    assert holder == holder_of(ADDRESS)
    assert (holder.pid, holder.folder) == (other.pid, "/data/runs/ester")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_of_a_program_that_has_died_is_none(other, end):
    other.send_signal(end)
    other.wait()
    assert holders() == []
    with lock():
        assert holder_of(SAME) is not None
    assert holder_of(SAME) is None


def test_a_frozen_program_holds_it_still(other):
    other.send_signal(signal.SIGSTOP)
    with pytest.raises(DeviceError, match="E522"):
        lock().take()


def test_a_process_that_inherits_the_lock_keeps_it(tmp_path):
    with lock() as held:
        child = subprocess.Popen(["sleep", "100"], pass_fds=held.files)
        held.tell(run="a", folder=tmp_path, host_pid=child.pid)
    holder = holder_of(ADDRESS)
    assert holder is not None
    assert holder.owner_pid == child.pid
    child.kill()
    child.wait()
    assert holder_of(ADDRESS) is None


def test_words_that_name_an_innocent_process_end_nobody(other, tmp_path):
    (file,) = (tmp_path / "benches").glob("*.lock")
    told = json.loads(file.read_bytes())
    innocent = subprocess.Popen(["sleep", "100"])
    file.write_text(json.dumps(told | {"pid": innocent.pid, "host_pid": innocent.pid}))
    (result,) = switch_off([Place("hood", "tcp://127.0.0.1:1", "keithley-2450")])
    assert result.on is None
    (result,) = switch_off([Place("hood", ADDRESS, "keithley-2450")])
    assert any("not known" in one for one in result.done)
    assert innocent.poll() is None
    assert other.poll() is None
    innocent.kill()
    innocent.wait()


@pytest.mark.parametrize("words", [b"", b"{", b"[1]", b'{"pid": "1", "run": 3}', b"\xff" * 50_000])
def test_words_that_nobody_can_read_are_unknown(tmp_path, words):
    with lock():
        (file,) = (tmp_path / "benches").glob("*.lock")
        file.write_bytes(words)
        (holder,) = holders()
        assert (holder.pid, holder.run, holder.user) == (0, "", "unknown")
        with pytest.raises(DeviceError, match="E522"):
            lock().take()


def test_others_can_read_and_take_it(tmp_path):
    with lock():
        pass
    (file,) = (tmp_path / "benches").glob("*.lock")
    assert file.stat().st_mode & 0o777 == 0o666
    assert file.parent.stat().st_mode & 0o7777 == 0o1777
    assert json.loads(file.read_bytes())["held"] == ADDRESS


def test_no_link_is_followed(tmp_path):
    with lock():
        pass
    (file,) = (tmp_path / "benches").glob("*.lock")
    mine = tmp_path / "thesis.txt"
    mine.write_text("all of it")
    file.unlink()
    file.symlink_to(mine)
    with pytest.raises(DeviceError, match="E523"):
        lock().take()
    assert mine.read_text() == "all of it"


def test_a_folder_that_cannot_be_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FARADAIC_SHARED", str(tmp_path / "file"))
    with pytest.raises(DeviceError, match="FARADAIC_SHARED"):
        lock().take()
