"""From the moment a cell is beyond its voltage limit to the output's off, and whether limits fire.

    python benchmarks/reliability/limits.py [times]

A current of 5 mA through a cell whose resistance grows, at 10 Hz, with a limit of 3 V, on emulators
behind sockets: idle, with two programs that write and sync, and with a disk whose every fsync takes
5 s. The time is the cell's own, without a meter between. Each run has another instrument: gains
differ by the seed within its accuracy (2450: 0.05 %, EmStat4: 0.2 % and more).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.journal import JournalWriter
from faradaic.runner.bench_file import load_bench
from faradaic.runner.engine import Engine
from faradaic.runner.host_process import HostProcess
from faradaic.runner.states import RunState
from faradaic.runner.world import World
from rigs.benches import tcp_bench
from rigs.protocols import HEAD
from simulation.truth import TrueCell

LIMIT_V = 3.0
STEPS = (
    "steps:\n  - constant_current: {current: 5 mA, cell_voltage_limit: 3 V, until: 30 s,"
    " interval: 100 ms}\n"
)
WRITER = (
    "import os\nwhile True:\n  f=open({0!r},'wb');f.write(bytes(4000000));os.fsync(f.fileno())\n"
)


@contextmanager
def busy_disk(folder: str) -> Iterator[None]:
    """Two programs that write and sync."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER.format(f"{folder}/load{n}")])
        for n in range(2)
    ]
    try:
        yield
    finally:
        for one in writers:
            one.kill()
            one.wait()


@contextmanager
def slow_disk(_folder: str) -> Iterator[None]:
    """Each fsync of the journal takes 5 s, once the run is under way."""
    really, begun_s = os.fsync, time.monotonic()

    def slowly(file: int) -> None:
        if time.monotonic() - begun_s > 2.0:
            time.sleep(5.0)
        really(file)

    with mock.patch("faradaic.records.journal.os.fsync", slowly):
        yield


@contextmanager
def idle(_folder: str) -> Iterator[None]:
    """Nothing else."""
    yield


def crossing(model: str, folder: Path, number: int) -> tuple[float, bool]:
    """Seconds beyond the limit, and whether the run tripped on it."""
    cell = TrueCell(300.0 + 200.0 * (0.618 * number % 1.0), 2e4)  # at any phase of a reading
    cell.limit_V = LIMIT_V
    with tcp_bench(folder, model, cell) as bench:
        loaded = load_bench(str(bench.path))
        plan = compile_protocol(validate_protocol(load_document(HEAD + STEPS, "x")), loaded)
        host = HostProcess(loaded, patience_s=5.0)
        engine = Engine(plan, loaded.sha256, World(host))
        engine.preflight()
        with JournalWriter(folder / f"{number}.jsonl", patient=False) as journal:
            result = engine.run(journal, {"title": plan.title})
        return cell.over_s, result.outcome is RunState.TRIPPED


def main(times: int = 20) -> None:
    """Print the table."""
    for model in ("keithley-2450", "emstat4-hr"):
        for disk in (idle, busy_disk, slow_disk):
            over_s: list[float] = []
            fired = 0
            for number in range(times):
                with tempfile.TemporaryDirectory() as folder, disk(folder):
                    one_s, tripped = crossing(model, Path(folder), number)
                over_s.append(one_s)
                fired += tripped
            values = 1e3 * np.array(over_s)
            print(
                f"{model:14} {disk.__name__:10} fired {fired} of {times}; beyond the limit: median"
                f" {np.median(values):.0f}, p99 {np.percentile(values, 99):.0f},"
                f" largest {values.max():.0f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
