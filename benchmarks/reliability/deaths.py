"""How soon an output is off on the wire when a program dies, stands still or loses its terminal.

    python benchmarks/reliability/deaths.py [times]

Each time a program (100) holds a current through its device host on an emulator behind a socket,
and is killed (SIGKILL), ended by its terminal (SIGQUIT), frozen (SIGSTOP), or has its cable cut for
a second. Times are those at which the emulator's output went off, from the signal; the frozen ones
count from the signal too, and the lease is part of them. Also: how late readings come at 10 Hz, and
the charge of 60 s against what flowed in the emulator.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.runner.bench_file import load_bench
from faradaic.runner.bench_ports import Interruption
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.host_process import HostProcess
from faradaic.runner.host_wire import LEASE_S
from rigs.benches import TcpBench, tcp_bench
from simulation.truth import TrueCell

MODELS = ("keithley-2450", "emstat4-hr")

PROGRAM = """
import signal, sys
from pathlib import Path
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.runner.bench_file import load_bench
from faradaic.runner.host_process import HostProcess
signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # which a shell's background has taken away
host = HostProcess(load_bench(sys.argv[1]), patience_s=5.0)
host.open()
for reading in host.run(ConstantCurrentSegment(5e-3, 5.0, 60.0, 0.1, 1e9)):
    print(reading.time_s, flush=True)
"""


def off_after(bench: TcpBench, number: int) -> float:
    """Seconds from a signal to a program until the output was off."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(bench.path)], stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    program.stdout.readline()
    time.sleep(random.uniform(0.2, 0.5))
    at_s = time.monotonic()
    os.kill(program.pid, number)
    try:
        return bench.watched.off_after(at_s)
    finally:
        program.kill()
        program.wait()
        program.stdout.close()
        time.sleep(0.2)


def cables(bench: TcpBench, times: int) -> None:
    """A cable that is out for a second, again and again, under one program."""
    host = HostProcess(load_bench(str(bench.path)), patience_s=5.0)
    host.open()
    back_s: list[float] = []
    segment = ConstantCurrentSegment(5e-3, 5.0, 60.0, 0.1, 1e9)
    for _ in range(times):
        stream = host.run(segment)
        next(stream)
        time.sleep(random.uniform(0.0, 0.3))
        bench.cable.cut()
        at_s = time.monotonic()
        time.sleep(1.0)
        bench.cable.mend()
        try:
            while True:
                next(stream)
        except StopIteration as end:
            if isinstance(end.value, Interruption):
                back_s.append(time.monotonic() - at_s)
    host.output_off()
    host.close()
    within = sum(one <= 5.0 for one in back_s)
    print(f"{'out for 1 s, back and read':34} {within} of {times} within 5 s, {_spread(back_s)}")


def readings(bench: TcpBench, cell: TrueCell) -> None:
    """Lateness and charge of a minute at 10 Hz, the charge against the cell's own books."""
    host = HostProcess(load_bench(str(bench.path)), patience_s=5.0)
    host.open()
    charge = ChargeCounter(gap_s=0.3)
    late_s: list[float] = []
    first_s = None
    for number, reading in enumerate(host.run(ConstantCurrentSegment(5e-3, 5.0, 60.0, 0.1, 1e9))):
        if first_s is None:
            first_s = reading.time_s
            on_s = reading.time_s - (reading.on_for_s or 0.0)
            charge.output_on(on_s, 5e-3, reading.on_unsure_s)
        late_s.append(reading.time_s - first_s - 0.1 * number)
        if reading.current_A is not None:
            charge.add(reading.time_s, reading.current_A)
    state = host.output_off()
    off_s = time.monotonic() if state.since_s is None else state.since_s
    charge.output_off(off_s, off_s)
    host.close()
    true_C = cell.charge_C
    print(f"{'10 Hz, lateness':34} {_spread(np.abs(np.array(late_s)))}")
    low, measured, high = (q / true_C - 1.0 for q in (charge.low_C, charge.gross_C, charge.high_C))
    told = f"{measured:+.4%} ({low:+.4%} to {high:+.4%})"
    print(f"{'charge of 60 s against the truth':34} {told}")


def _spread(seconds: object) -> str:
    values = 1e3 * np.asarray(seconds, dtype=float)
    parts = (np.median(values), np.percentile(values, 99.0), values.max())
    return "median {:.1f}, p99 {:.1f}, largest {:.1f} ms".format(*parts)


def main(times: int = 100) -> None:
    """Print the table."""
    kinds: dict[str, Callable[[TcpBench], float]] = {
        "killed": lambda bench: off_after(bench, signal.SIGKILL),
        "left by its terminal (SIGQUIT)": lambda bench: off_after(bench, signal.SIGQUIT),
        f"frozen (lease {LEASE_S:g} s)": lambda bench: off_after(bench, signal.SIGSTOP),
    }
    for model in MODELS:
        with tempfile.TemporaryDirectory() as folder, tcp_bench(Path(folder), model) as bench:
            print(f"{model}, {times} times")
            for name, after in kinds.items():
                print(f"{name:34} {_spread([after(bench) for _ in range(times)])}", flush=True)
            cables(bench, times)
        cell = TrueCell(300.0, 0.0)
        with tempfile.TemporaryDirectory() as folder, tcp_bench(Path(folder), model, cell) as bench:
            readings(bench, cell)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
