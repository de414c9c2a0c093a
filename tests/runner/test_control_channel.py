"""The socket of a run: who is heard, what is answered, and what becomes of nonsense."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.readings import OutputState
from faradaic.runner import control_channel
from faradaic.runner.control_channel import CALLERS_MAX, ControlChannel
from faradaic.runner.live_runs import (
    LINE_MAX_BYTES,
    LiveRun,
    Stuck,
    find_live_run,
    live_runs,
    speak,
)
from faradaic.runner.requests import Controls, Request

pytestmark = pytest.mark.skipif(os.name == "nt", reason="tried on POSIX")

ADDRESS = "tcp://127.0.0.1:5025"
NAME = "2026-11-30T140000Z-ester"


class Listening:
    """A run that listens, without an engine: the test acts in its place."""

    def __init__(self, folder: Path, plan) -> None:
        self.folder = folder
        self.controls = Controls()
        self.channel = ControlChannel(plan, self.controls)

    @property
    def run(self) -> LiveRun:
        (run,) = live_runs()
        return run


@pytest.fixture(params=["the system says who calls", "a token says who calls"])
def listening(request, tmp_path: Path, monkeypatch, rehearse) -> Iterator[Listening]:
    shared = Path(os.environ["FARADAIC_SHARED"]) / str(time.monotonic_ns())
    monkeypatch.setenv("FARADAIC_SHARED", str(shared))
    if "token" in request.param:
        monkeypatch.setattr(control_channel, "UNIX_SOCKETS", False)
    folder = tmp_path / "runs" / NAME
    folder.mkdir(parents=True)
    one = Listening(
        folder,
        rehearse(
            "steps:\n  - constant_current: {current: 5 mA, "
            "cell_voltage_limit: 9 V, duration: 1 h}\n"
        ).plan,
    )
    with one.channel.listening(folder, address=ADDRESS, simulated=False):
        assert one.channel.warnings == ()
        yield one
    assert live_runs() == []
    assert list(folder.iterdir()) == []


def said(run: LiveRun, data: bytes) -> list[dict]:
    """What is answered to some bytes until the run hangs up."""
    with run.connect(5.0) as channel:
        channel.settimeout(10.0)
        came = b""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # it hung up before
            channel.sendall(data)
            while more := channel.recv(65536):
                came += more
    return [json.loads(line) for line in came.splitlines()]


def test_a_request_is_taken_at_once_and_answered_when_the_engine_has_acted(listening):
    run = listening.run
    with pytest.raises(Stuck, match="E717"):
        speak(run, {"ask": "stop"}, patience_s=0.1)
    asked = listening.controls.asked
    assert asked is not None
    assert asked.request is Request.STOP
    assert asked.by is not None
    assert asked.by["pid"] == os.getpid()
    listening.controls.output_is_off(OutputState(False, ":OUTP? -> 0"))
    answer = speak(run, {"ask": "stop"}, patience_s=10.0)
    assert answer["ok"] is True
    assert answer["output"] == {"on": False, "evidence": ":OUTP? -> 0"}
    assert answer["state"]["run"] == NAME


def test_what_the_engine_refuses_is_told(listening):
    with listening.run.connect(5.0) as channel:
        sent = {"ask": "resume", "token": listening.run.token}
        channel.sendall(json.dumps(sent).encode() + b"\n")
        with channel.makefile() as lines:
            assert json.loads(next(lines)) == {"taken": True}
            asked = listening.controls.asked
            assert asked is not None
            asked.refuse("it is running, not paused")
            answer = json.loads(next(lines))
    assert (answer["ok"], answer["text"]) == (False, "it is running, not paused")


def test_a_note_waits_for_nobody(listening):
    assert speak(listening.run, {"ask": "note", "text": "turned yellow"})["ok"]
    (note,) = listening.controls.notes()
    assert note.text == "turned yellow"
    assert not speak(listening.run, {"ask": "note", "text": "  "})["ok"]


def test_nonsense_is_answered_and_changes_nothing(listening):
    run = listening.run
    token = json.dumps({"token": run.token})[1:-1]
    for line in (
        b"\x80\x04\x95garbage\n",
        b"[]\n",
        b"{}\n",
        f'{{{token}, "ask": "energise"}}\n'.encode(),
        f'{{{token}, "ask": ["stop"]}}\n'.encode(),
        f'{{{token}, "ask": "modify"}}\n'.encode(),
        f'{{{token}, "ask": "modify", "step": {{"kind": "os"}}, "changes": {{}}}}\n'.encode(),
        f'{{{token}, "ask": "note"}}\n'.encode(),
        b"[" * 100_000 + b"\n",
        b"x" * (LINE_MAX_BYTES + 100_000),
    ):
        answers = said(run, line)
        assert [answer["ok"] for answer in answers] in ([False], []), line[:60]
    assert listening.controls.asked is None
    assert list(listening.controls.notes()) == []
    assert speak(run, {"ask": "state"})["state"]["run"] == NAME


def test_those_who_say_nothing_keep_nobody_from_being_heard(listening, monkeypatch):
    monkeypatch.setattr(control_channel, "HEARD_WITHIN_S", 0.2)
    run = listening.run
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(run.connect(5.0)) for _ in range(2 * CALLERS_MAX)]
        assert speak(run, {"ask": "state"})["ok"]
        silent[-1].settimeout(10.0)
        assert b"in time" in silent[-1].recv(1000), "they are told, and left"


def test_who_is_not_the_user_is_not_heard(listening, monkeypatch):
    run = listening.run
    if run.token:
        answers = said(run, b'{"ask": "stop", "token": "guess"}\n')
        assert [answer["ok"] for answer in answers] == [False]
    else:
        monkeypatch.setattr(control_channel.os, "geteuid", lambda: 4711)
        monkeypatch.setattr(control_channel, "_peer", lambda _: (1, 4712))
        assert said(run, b'{"ask": "stop"}\n') == []
    assert listening.controls.asked is None


def test_its_files_are_closed_to_others(listening):
    run = listening.run
    closed = [run.file, Path(run.file).parent, *([] if run.token else [run.at])]
    for path in map(Path, closed):
        assert path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) == 0, path
    assert run.token not in (listening.folder / "control.json").read_text() or not run.token


def test_a_run_is_found_by_what_people_type(listening, monkeypatch, tmp_path):
    run = listening.run
    for token in (None, "latest", NAME, "2026-11-30T14", "ester", str(listening.folder)):
        assert find_live_run(token) == run
    monkeypatch.chdir(listening.folder)
    assert find_live_run(".") == run
    for token, code in (("no-such", "E715"), ("es", "E715"), (str(tmp_path), "E715")):
        with pytest.raises(InputError, match=code):
            find_live_run(token)


def test_the_latest_run_is_that_of_this_folder(listening, monkeypatch, tmp_path, rehearse):
    """A later one at another bench, begun in another folder, is not meant."""
    elsewhere = tmp_path / "elsewhere" / "runs" / "2026-11-30T150000Z-other"
    elsewhere.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    here = listening.run
    other = Listening(elsewhere, rehearse("steps:\n  - wait: 1 h\n").plan)
    with other.channel.listening(elsewhere, address="tcp://127.0.0.1:5026", simulated=False):
        assert len(live_runs()) == 2
        assert find_live_run("latest") == here
        monkeypatch.chdir(elsewhere.parents[1])
        assert find_live_run("latest").name == "2026-11-30T150000Z-other"
        monkeypatch.chdir(elsewhere)
        for token in (None, "latest"):
            with pytest.raises(InputError, match="E714"):
                find_live_run(token)


def test_what_a_dead_run_left_counts_for_nothing(listening):
    alive = listening.run
    dead = Path(alive.file).with_name("99999999-dead.json")
    told = json.loads(Path(alive.file).read_text())
    dead.write_text(
        json.dumps(
            told
            | {"name": "dead", "pid": 99999999, "at": "/tmp/no/such"}
            | ({"at": "127.0.0.1:1"} if alive.token else {})
        )
    )
    dead.with_name("torn.json").write_text('{"name": "torn"')
    assert live_runs() == [alive]
    assert not dead.exists()


def test_when_the_run_ends_who_waits_is_told(tmp_path, rehearse):
    steps = "steps:\n  - wait: 1 h\n"
    one = Listening(tmp_path, rehearse(steps).plan)
    with one.channel.listening(tmp_path, address=ADDRESS, simulated=False):
        channel = one.run.connect(5.0)
        channel.sendall(b'{"ask": "skip"}\n')
        while one.controls.asked is None:
            time.sleep(0.01)
    with channel, channel.makefile() as lines:
        taken, answer = (json.loads(line) for line in lines)
    assert taken == {"taken": True}
    assert (answer["ok"], answer["text"]) == (False, "the run ended before it acted")


def test_a_run_that_cannot_listen_goes_on_and_says_so(tmp_path, monkeypatch, rehearse):
    monkeypatch.setenv("FARADAIC_SHARED", "/proc/no/such")
    one = Listening(tmp_path, rehearse("steps:\n  - wait: 1 h\n").plan)
    with one.channel.listening(tmp_path, address=ADDRESS, simulated=False):
        pass
    assert [told.code for told in one.channel.warnings] == ["E718"]
