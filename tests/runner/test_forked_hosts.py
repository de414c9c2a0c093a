"""A forked device host is a device host: a process of its own that turns the output off."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.runner.bench_file import load_bench
from faradaic.runner.forked_hosts import CAN_FORK, HostNursery
from faradaic.runner.host_process import HostProcess
from rigs.benches import TcpBench, tcp_bench

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="the system does not fork")

SEGMENT = ConstantCurrentSegment(2e-3, 5.0, 60.0, 0.1, 1e9)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TcpBench]:
    """A source meter behind a socket."""
    with tcp_bench(tmp_path, "keithley-2450") as found:
        yield found


@pytest.fixture
def nursery() -> Iterator[HostNursery]:
    """What forks hosts."""
    found = HostNursery(["keithley-2450"])
    yield found
    found.close()


def test_it_runs_a_segment_and_shares_its_memory(bench: TcpBench, nursery: HostNursery) -> None:
    host = HostProcess(load_bench(str(bench.path)), patience_s=1.0, start=nursery.start)
    host.open()
    stream = host.run(SEGMENT)
    assert [next(stream).current_A for _ in range(2)] == pytest.approx([2e-3] * 2, rel=1e-2)
    assert bench.watched.on
    assert host.pid != nursery.pid != os.getpid()
    assert os.getsid(host.pid) == host.pid
    stream.close()
    assert host.output_off().on is False
    host.close()


def test_its_output_goes_off_when_its_engine_is_gone(
    bench: TcpBench, nursery: HostNursery, tmp_path: Path
) -> None:
    host = HostProcess(load_bench(str(bench.path)), patience_s=1.0, start=nursery.start)
    host.keep_log(tmp_path / "log.jsonl")
    host.open()
    next(host.run(SEGMENT))
    assert host._process.stdin is not None
    at_s = time.monotonic()
    host._process.stdin.close()  # what the end of the program does
    assert bench.watched.off_after(at_s) < 5.0
    host._process.wait(10.0)  # it leaves once it has read that back


def test_what_forks_may_die_and_its_hosts_go_on(bench: TcpBench, nursery: HostNursery) -> None:
    host = HostProcess(load_bench(str(bench.path)), patience_s=1.0, start=nursery.start)
    host.open()
    stream = host.run(SEGMENT)
    next(stream)
    os.kill(nursery.pid, signal.SIGKILL)
    assert [next(stream).current_A for _ in range(2)] == pytest.approx([2e-3] * 2, rel=1e-2)
    stream.close()
    assert host.output_off().on is False
    host.close()
    other = HostProcess(load_bench(str(bench.path)), patience_s=1.0, start=nursery.start)
    other.open()  # a program of its own takes its place
    assert other.output_off().on is False
    other.close()
