"""A supply and the board of its bridge behind sockets: a program that dies leaves the output off,
and the contacts move only then.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from faradaic.runner.host_wire import LEASE_S
from faradaic.simulators.contracts import Control
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.reversed_leads import ReversedLeads
from faradaic.simulators.server import EmulatorServer
from faradaic.simulators.surroundings import Surroundings
from faradaic.testing.rig import DummyCell
from rigs.benches import wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PROGRAM = """
import sys
from faradaic.instruments.segments import Level, LevelsSegment
from faradaic.runner.bench_file import load_bench
from faradaic.runner.host_process import HostProcess
host = HostProcess(load_bench(sys.argv[1]), patience_s=5.0)
host.open()
levels = [("current", 1.0, 2.0), ("off", 0.0, 1.5), ("current", -1.0, 30.0), ("off", 0.0, 1.5)]
segment = LevelsSegment(
    tuple(Level(*one) for one in levels), float(sys.argv[2]), 60.0, 0.5, 1e9,
    cell_voltage_limit_V=12.0,
)
for reading in host.run(segment):
    print(reading.level, flush=True)
"""


class Bench:
    """A bench file, and what became of the cell and the contacts."""

    def __init__(self, path: str, leads: ReversedLeads, around: Surroundings) -> None:
        self.path, self.leads, self.around = path, leads, around

    @property
    def on(self) -> bool:
        """Whether anything is imposed on the cell."""
        return self.leads.imposed is not Control.OPEN_CIRCUIT

    @property
    def is_reversed(self) -> bool:
        """Whether both contacts are closed."""
        return all(self.around.closed.get(one, False) for one in ("1", "2"))


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    around = Surroundings()
    leads = ReversedLeads(DummyCell(5.0, 0.0, 1e9), around, ("1", "2"), time.monotonic)
    supply = EmulatorServer(make_emulator("rigol-dp811", leads, 1))
    board = EmulatorServer(make_emulator("lcus-relay", leads, 1, around))
    with supply as one, board as other:
        path = tmp_path / "bridged.yaml"
        path.write_text(
            f"faradaic_bench: 1\nname: bridged\n"
            f'source: {{driver: rigol-dp811, address: "{one.address}"}}\n'
            f'devices:\n  bridge: {{driver: lcus-relay, address: "{other.address}",\n'
            "    options: {channel: 1, second: 2, answers: true},\n"
            "    role: polarity_bridge, dead_time: 1.5 s}\n"
        )
        yield Bench(str(path), leads, around)


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP"])
@pytest.mark.parametrize(("begins_s", "reverse"), [(3.5, True), (0.0, False)])
def test_a_program_that_dies_leaves_the_output_off(bench, number, begins_s, reverse) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, bench.path, str(begins_s)], stdout=subprocess.PIPE
    )
    try:
        assert program.stdout is not None
        program.stdout.readline()
        assert bench.on
        assert bench.is_reversed is reverse
        os.kill(program.pid, getattr(signal, number))
        wait_for(lambda: not bench.on, 5.0 + (LEASE_S if number == "SIGSTOP" else 0.0))
        wait_for(lambda: not bench.is_reversed)
    finally:
        program.kill()
        program.wait()
        program.stdout.close()
    time.sleep(0.5)
    assert not bench.on
    assert {move.under for move in bench.leads.moves} <= {Control.OPEN_CIRCUIT}
