"""Runs of their own processes on instruments behind TCP, told what to do from other terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import Command
from faradaic.runner.bench_lock import holder_of
from faradaic.runner.live_runs import find_live_run, live_runs, speak
from faradaic.runner.outputs_off import is_alive
from rigs.benches import TcpBench, tcp_bench, wait_for
from rigs.protocols import HEAD
from rigs.terminal import COMMAND, Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="tried on POSIX")

STEPS = """\
limits: {current: 3 mA}
sampling: {interval: 0.2 s}
steps:
  - constant_current: {current: 1 mA, cell_voltage_limit: 5 V, until: 2.5 F/mol}
  - constant_current: {current: 0.5 mA, cell_voltage_limit: 5 V, until: 2.5 F/mol}
"""


@pytest.fixture(params=["keithley-2450", pytest.param("emstat4-hr", marks=pytest.mark.long)])
def bench(request, tmp_path: Path, monkeypatch) -> Iterator[TcpBench]:
    shared = Path(os.environ["FARADAIC_SHARED"]) / str(time.monotonic_ns())
    monkeypatch.setenv("FARADAIC_SHARED", str(shared))
    (tmp_path / "p.yaml").write_text(HEAD + STEPS)
    with tcp_bench(tmp_path, request.param) as one:
        yield one


def address(bench: TcpBench) -> str:
    return f"tcp://127.0.0.1:{bench.cable.port}"


@pytest.fixture
def running(bench: TcpBench, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run under way on the bench, nobody at its terminal."""
    program = subprocess.Popen(
        [*COMMAND, "run", "p.yaml", "--bench", str(bench.path), "--yes", "--json"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with program:
        wait_for(under_way, 60)
        yield program
        program.kill()
    wait_for(lambda: holder_of(address(bench)) is None)


def under_way() -> bool:
    """Whether a run has taken readings and has its output on."""
    runs = live_runs()
    state = speak(runs[0], {"ask": "state"})["state"] if runs else {}
    return state.get("current_A") is not None


def ended(program: subprocess.Popen[str]) -> dict:
    out, _ = program.communicate(timeout=200)
    return json.loads(out)


def test_a_run_is_told_what_to_do_from_another_terminal(faradaic: Command, bench, running):
    def live() -> dict:
        return speak(find_live_run(None), {"ask": "state"})["state"]

    (row,) = faradaic("runs", "--live", "--json").json["runs"]
    assert row["state"] == "RUNNING"
    assert row["current_A"] == pytest.approx(1e-3, rel=0.02)
    paused = faradaic("pause", "--json")
    assert paused.json["output"]["on"] is False
    assert not bench.watched.on
    wait_for(lambda: live()["state"] == "PAUSED(open_circuit)")  # said after the off
    wait_for(lambda: "output    off, read back (" in faradaic("show", "latest").out)
    assert faradaic("resume", row["run"][:20]).code == 0
    bench.watched.until_on()
    wait_for(lambda: "output    on (since " in faradaic("show", "latest").out)
    assert faradaic("note", "turned", "yellow").code == 0
    modified = faradaic("modify", "current=2", "mA", "--why", "foaming", "--json")
    assert modified.code == 0, modified.err
    beyond = faradaic("modify", "current=30 mA", "--why", "more")
    assert (beyond.code, "set by the protocol" in beyond.err) == (2, True)
    wait_for(lambda: (live()["current_A"] or 0.0) == pytest.approx(2e-3, rel=0.02))
    assert faradaic("skip", row["folder"]).code == 0
    wait_for(lambda: live()["step_id"] == "2")
    stopped = faradaic("stop", "--json")
    assert stopped.json["output"]["on"] is False
    assert not bench.watched.on
    assert ended(running)["outcome"] == "STOPPED"
    shown = faradaic("show", "latest").out
    for words in (
        "pause, asked for by",
        "faradaic resume, process",
        "turned yellow (",
        "modified: current 1 mA -> 2 mA, because: foaming (",
        "skip, asked for by",
        "stop, asked for by",
    ):
        assert words in shown, words
    assert not (Path(row["folder"]) / "control.json").exists()
    over = faradaic("stop", row["run"])
    assert (over.code, "is over (STOPPED" in over.err) == (2, True), over.err
    assert "E713" in faradaic("pause").err


@pytest.fixture
def kept_on(tmp_path: Path) -> None:
    """The protocol keeps the current on in a pause, for 4 s."""
    declared = "on_pause: {output: keep_current, at_most: 4 s}\n"
    (tmp_path / "p.yaml").write_text(HEAD + declared + STEPS)


@pytest.mark.long  # a real run and its hold take 20 s; the engine is tried in test_held_pauses
def test_a_declared_pause_keeps_the_output_on_and_says_so(
    faradaic: Command, bench, kept_on, running
):
    def live() -> dict:
        return speak(find_live_run(None), {"ask": "state"})["state"]

    paused = faradaic("pause")
    assert "paused; OUTPUT STAYS ON, as its protocol says" in paused.out, paused.err
    assert bench.watched.on
    wait_for(lambda: live()["state"] == "PAUSED(keep_current)")
    assert live()["current_A"] == pytest.approx(1e-3, rel=0.02), "what flows is told"
    again = faradaic("pause")
    assert (again.code, "it is paused already, with its output on" in again.err) == (2, True)
    assert faradaic("resume").code == 0
    wait_for(lambda: live()["state"] == "RUNNING")
    assert bench.watched.on
    assert faradaic("pause").code == 0
    wait_for(lambda: live()["state"] == "PAUSED(open_circuit)", 20)
    assert not bench.watched.on, "after its time"
    assert faradaic("stop", "--json").json["output"]["on"] is False
    assert ended(running)["outcome"] == "STOPPED"


@pytest.mark.long
def test_a_second_program_on_a_port_is_refused(faradaic: Command, bench, running, tmp_path):
    other = tmp_path / "other.yaml"
    text = bench.path.read_text().replace("-tcp", "-2")
    other.write_text(text.replace("tcp://127.0.0.1", "serial://socket://localhost"))
    for command in (("run", "p.yaml", "--yes", "--bench"), ("devices", "--bench")):
        refused = faradaic(*command, str(other))
        assert refused.code == 3
        assert "E522" in refused.err
        assert f"process {running.pid})" in refused.err
        assert "`faradaic stop 20" in refused.err
    (held,) = faradaic("devices", "--json").json["held"]
    assert held["pid"] == running.pid
    assert bench.watched.on, "and nothing was done to it"


@pytest.mark.parametrize(
    "how", ["stuck", *(pytest.param(how, marks=pytest.mark.long) for how in ("killed", "told"))]
)
def test_off_needs_nothing_of_the_run(faradaic: Command, bench, running, how):
    holder = holder_of(address(bench))
    assert holder is not None
    if how == "stuck":
        running.send_signal(signal.SIGSTOP)
        stop = faradaic("stop")
        assert (stop.code, "faradaic off" in stop.err) == (3, True), stop.err
    elif how == "killed":
        running.kill()
        running.wait()
    words = [holder.run] if how == "killed" else []
    off = faradaic("off", *words, "--json")
    assert off.code == 0, off.err
    (result,) = off.json["benches"]
    assert result["on"] is False
    assert result["evidence"]
    assert not bench.watched.on
    running.send_signal(signal.SIGCONT)
    if how == "told":
        assert ended(running)["outcome"] == "STOPPED"
    elif how == "stuck":
        assert ended(running)["outcome"] in {"FAILED", "STOPPED"}
    assert not bench.watched.on
    wait_for(lambda: not is_alive(holder.owner_pid))


@pytest.mark.long
def test_off_by_the_address_alone(faradaic: Command, bench, tmp_path):
    off = faradaic("off", "--address", address(bench), "--json")
    assert off.code == 0, off.err
    nobody = faradaic("off", "--address", "tcp://127.0.0.1:1")
    assert nobody.code == 3
    assert "OUTPUT NOT KNOWN" in nobody.out
    assert faradaic("off", "--all", "--bench", str(bench.path)).code == 2


@pytest.mark.long
@pytest.mark.parametrize("bench", ["keithley-2450"], indirect=True)
def test_whoever_answers_first_ends_a_pause(faradaic: Command, bench, tmp_path):
    words = ["run", "p.yaml", "--bench", str(bench.path), "--yes"]
    terminal = Terminal([*COMMAND, *words], tmp_path)
    wait_for(under_way, 60)
    assert faradaic("pause").code == 0
    terminal.until("? Paused, output off: pause, asked for by")
    terminal.type("resume\r")
    bench.watched.until_on()
    assert faradaic("pause").code == 0
    terminal.until("? Paused, output off: pause, asked for by")
    assert faradaic("skip").code == 0
    bench.watched.until_on()
    terminal.until("constant current 500 µA")
    assert faradaic("stop").code == 0
    assert terminal.exit_code() == 5
