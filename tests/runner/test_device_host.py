"""The process that holds a bench: whatever dies or stands still, its output goes off.

Emulators over sockets stand for the instruments, and what they write down is the truth; programs
and device hosts are real processes, killed and frozen by real signals. Bounds on time are there
to end a test that fails, not to measure (see benchmarks/reliability for that).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faradaic.documents.document import load_document
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.bench_lock import lock_on
from faradaic.runner.bench_ports import Interruption
from faradaic.runner.engine import Engine
from faradaic.runner.host_process import HostDied, HostProcess
from faradaic.runner.host_wire import LEASE_S
from faradaic.runner.outputs_off import places_of_bench, switch_off
from faradaic.runner.states import RunState
from faradaic.runner.world import World
from rigs.benches import TcpBench, tcp_bench, wait_for
from rigs.protocols import HEAD
from runner.conftest import MemoryJournal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

MODELS = ("keithley-2450", "emstat4-hr")
SEGMENT = ConstantCurrentSegment(5e-3, 5.0, 60.0, 0.1, 1e9)

PROGRAM = """
import signal, sys
from pathlib import Path
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.runner.bench_file import load_bench
from faradaic.runner.host_process import HostProcess
signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # which a shell's background has taken away
host = HostProcess(load_bench(sys.argv[1]), patience_s=5.0)
host.open()
host.keep_log(Path(sys.argv[2]))
for reading in host.run(ConstantCurrentSegment(5e-3, 5.0, 60.0, float(sys.argv[3]), 1e9)):
    print(reading.time_s, flush=True)
"""


@pytest.fixture(params=MODELS)
def bench(request, tmp_path) -> Iterator[TcpBench]:
    with tcp_bench(tmp_path, request.param) as one:
        yield one


@pytest.fixture
def keithley(tmp_path) -> Iterator[TcpBench]:
    with tcp_bench(tmp_path, "keithley-2450") as one:
        yield one


@pytest.fixture
def host(bench: TcpBench) -> Iterator[HostProcess]:
    one = HostProcess(load_bench(str(bench.path)), patience_s=5.0)
    yield one
    one.close()


def logged(path: Path, what: str) -> dict[str, object] | None:
    lines = path.read_text().splitlines() if path.exists() else []
    return next((e for e in map(json.loads, lines) if e["what"] == what), None)


@pytest.mark.parametrize("number", ["SIGKILL", "SIGQUIT", "SIGSTOP"])
def test_a_program_that_is_killed_or_frozen_leaves_the_output_off(bench, number, tmp_path):
    log = tmp_path / "device_host.jsonl"
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(bench.path), str(log), "0.1"], stdout=subprocess.PIPE
    )
    try:
        assert program.stdout is not None
        program.stdout.readline()
        assert bench.watched.on
        at_s = time.monotonic()
        os.kill(program.pid, getattr(signal, number))
        assert bench.watched.off_after(at_s) < (LEASE_S if number == "SIGSTOP" else 0.0) + 5.0
        off = "interruption" if number == "SIGSTOP" else "output_off"
        wait_for(lambda: logged(log, off) is not None)
    finally:
        program.kill()
        program.wait()
        program.stdout.close()
    wait_for(lambda: logged(log, "output_off") is not None)
    assert logged(log, "output_off")["on"] is False
    assert "its pipe was closed" in logged(log, "engine_gone")["why"]


@pytest.mark.long
def test_a_program_that_freezes_while_it_waits_for_a_reading_loses_its_lease(keithley, tmp_path):
    log = tmp_path / "device_host.jsonl"
    command = [sys.executable, "-c", PROGRAM, str(keithley.path), str(log), "20"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(0.5)  # it has asked for the next reading, which comes after 20 s
        at_s = time.monotonic()
        os.kill(program.pid, signal.SIGSTOP)
        assert keithley.watched.off_after(at_s) < LEASE_S + 5.0
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


def test_an_engine_that_hangs_loses_its_lease_and_can_go_on(bench, host):
    host.open()
    stream = host.run(SEGMENT)
    next(stream)
    assert bench.watched.on
    at_s = time.monotonic()
    time.sleep(LEASE_S + 0.5)
    assert bench.watched.off_after(at_s) < LEASE_S + 0.5
    with pytest.raises(StopIteration) as end:
        while True:
            next(stream)
    assert isinstance(end.value.value, Interruption)
    assert "stood still" in end.value.value.why
    again = host.run(SEGMENT)
    assert next(again).current_A == pytest.approx(5e-3, rel=0.01)
    again.close()
    assert host.output_off().on is False
    assert not bench.watched.on


def test_a_cable_that_is_cut_and_mended_is_an_interruption(bench, host):
    host.open()
    stream = host.run(SEGMENT)
    next(stream)
    bench.cable.cut()
    threading.Timer(1.0, bench.cable.mend).start()
    with pytest.raises(StopIteration) as end:
        while True:
            next(stream)
    gap = end.value.value
    assert isinstance(gap, Interruption)
    assert gap.attempts >= 2
    assert not bench.watched.on
    again = host.run(SEGMENT)
    assert next(again).current_A == pytest.approx(5e-3, rel=0.01)
    again.close()


def test_a_device_host_that_dies_is_replaced_to_turn_the_output_off(bench, host):
    host.open()
    stream = host.run(SEGMENT)
    next(stream)
    os.kill(host.pid, signal.SIGKILL)
    told: list[int] = []
    host.on_successor = told.append
    with pytest.raises(HostDied):
        while True:
            next(stream)
    assert host.output_off().on is False
    assert host._successor is not None
    assert told == [host._successor.pid]  # who has the port now
    assert not bench.watched.on
    assert [one.code for one in host.remarks()] == ["E520"]


def test_a_device_host_that_is_told_to_end_turns_the_output_off(bench, host):
    host.open()
    stream = host.run(SEGMENT)
    next(stream)
    at_s = time.monotonic()
    os.kill(host.pid, signal.SIGTERM)
    assert bench.watched.off_after(at_s) < 5.0
    with pytest.raises(HostDied):
        while True:
            next(stream)
    assert host.output_off().on is False


def test_a_host_without_a_cable_and_without_a_program_tries_until_it_has_read_off(
    keithley, tmp_path
):
    log = tmp_path / "device_host.jsonl"
    host = HostProcess(load_bench(str(keithley.path)), patience_s=0.1)
    host.open()
    host.keep_log(log)
    stream = host.run(SEGMENT)
    next(stream)
    keithley.cable.cut()
    with pytest.raises(Exception, match="could not be opened again"):
        while True:
            next(stream)
    assert host.output_off().on is None
    host.close()
    assert keithley.watched.on
    wait_for(lambda: logged(log, "output_not_off") is not None)
    keithley.cable.mend()
    wait_for(lambda: not keithley.watched.on)
    wait_for(lambda: logged(log, "output_off") is not None)
    assert logged(log, "output_off")["on"] is False
    host._process.wait()


def test_off_leaves_a_host_that_tries_to_its_work_and_then_says_so(keithley, monkeypatch):
    monkeypatch.setattr("faradaic.runner.outputs_off.LEFT_ALONE_S", 0.3)
    loaded = load_bench(str(keithley.path))
    (place,) = places_of_bench(str(keithley.path))
    with lock_on(loaded) as lock:
        host = HostProcess(loaded, patience_s=0.1, holds=lock.files)
        host.open()
        lock.tell(run="gone", folder=keithley.path.parent, host_pid=host.pid)
        stream = host.run(SEGMENT)
        next(stream)
        keithley.cable.cut()
        with pytest.raises(Exception, match="could not be opened again"):
            while True:
                next(stream)
        host.close()
    (told,) = switch_off([place])
    assert told.on is None
    assert host._process.poll() is None  # it was not ended
    keithley.cable.mend()
    wait_for(lambda: host._process.poll() is not None)
    (told,) = switch_off([place])
    assert told.on is False
    assert not keithley.watched.on


def run_with(bench: TcpBench, during, until: str = "3 s", limits: str = ""):
    """A run over the socket, with something that happens once its current flows."""
    step = f"- constant_current: {{current: 2 mA, cell_voltage_limit: 4 V, until: {until}, "
    text = f"{HEAD}{limits}steps:\n  {step}interval: 100 ms}}\n"
    loaded = load_bench(str(bench.path))
    plan = compile_protocol(validate_protocol(load_document(text, "test.yaml")), loaded)
    host = HostProcess(loaded, patience_s=plan.interruption_s)
    journal = MemoryJournal()
    engine = Engine(plan, loaded.sha256, World(host))
    engine.preflight()

    def happen() -> None:
        bench.watched.until_on()
        time.sleep(0.5)
        during(host)

    threading.Thread(target=happen, daemon=True).start()
    return engine.run(journal, {"title": plan.title, "simulated": False}), journal


def cut_for(bench: TcpBench, seconds: float):
    def during(_host: HostProcess) -> None:
        bench.cable.cut()
        time.sleep(seconds)
        bench.cable.mend()

    return during


def test_a_run_goes_on_after_its_cable_was_out_and_its_charge_brackets_the_truth(bench):
    result, journal = run_with(bench, cut_for(bench, 1.0))
    assert result.outcome is RunState.COMPLETED
    (gap,) = journal.of("interruption")
    assert gap["away_s"] > 0.9
    assert result.charge_low_C <= bench.watched.charge_C * 1.02
    assert result.charge_high_C >= bench.watched.charge_C * 0.98
    assert not bench.watched.on


def test_a_protocol_may_want_no_interruption(keithley):
    result, _ = run_with(keithley, cut_for(keithley, 0.3), limits="limits: {interruption: 0 s}\n")
    assert result.outcome is RunState.FAILED
    assert result.output.on is False
    assert not keithley.watched.on


def test_a_run_whose_device_host_is_killed_fails_with_the_output_read_back_off(keithley):
    result, _ = run_with(keithley, lambda host: os.kill(host.pid, signal.SIGKILL))
    assert result.outcome is RunState.FAILED
    assert result.exit_code == 3
    assert result.output.on is False
    assert "device host" in result.stop_reason
    assert not keithley.watched.on
