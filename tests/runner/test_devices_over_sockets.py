"""Devices around the cell behind real sockets, held by real processes: none holds up the source.

Emulators stand for the devices, and what their world came to is the truth. Bounds on time are there
to end a test that fails, or are the promise itself with room for a busy machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError, InputError
from faradaic.documents.document import load_document
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.bench_lock import lock_on
from faradaic.runner.engine import Engine
from faradaic.runner.host_process import HostProcess
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.runner.states import RunState
from faradaic.runner.world import World
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.server import EmulatorServer
from faradaic.simulators.surroundings import Surroundings
from faradaic.testing.rig import DummyCell
from rigs.benches import TcpBench, tcp_bench, wait_for
from rigs.commands import Command
from rigs.protocols import HEAD
from runner.conftest import MemoryJournal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SEGMENT = ConstantCurrentSegment(2e-3, 5.0, 60.0, 0.1, 1e9)
OPTIONS = {
    "alicat-mc": "options: {full_scale: 100 sccm}",
    "new-era": "options: {diameter: 14.43 mm}",
}
PROGRAM = """
import sys
from pathlib import Path
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.runner.bench_file import load_bench
from faradaic.runner.host_process import HostProcess
host = HostProcess(load_bench(sys.argv[1]), patience_s=5.0)
host.open()
host.keep_log(Path(sys.argv[2]))
host.order("plate", "stirring_rpm", 600.0)
host.order("pump", "pump_flow_m3_per_s", 1e-6 / 60)
for reading in host.run(ConstantCurrentSegment(2e-3, 5.0, 60.0, 0.1, 1e9)):
    print(reading.time_s, flush=True)
"""


class Around:
    """A source and devices behind sockets, and the world around the cell."""

    def __init__(self, bench: TcpBench, emulators: dict[str, Any], around: Surroundings) -> None:
        self.bench = bench
        self.emulators = emulators
        self.around = around
        self.path = bench.path

    @property
    def rpm(self) -> float:
        """How fast it is stirred now."""
        self.around.advance(time.monotonic())
        return self.around.stirring_rpm


@contextmanager
def tcp_devices(
    folder: Path, devices: dict[str, str], more: str = "", source: str = "keithley-2450"
) -> Iterator[Around]:
    """A bench with devices (name -> driver), each behind a port of its own."""
    around = Surroundings()
    emulators = {n: make_emulator(d, DummyCell(), 1, around) for n, d in devices.items()}
    with ExitStack() as stack:
        bench = stack.enter_context(tcp_bench(folder, source, DummyCell()))
        lines = ["devices:"]
        for name, driver in devices.items():
            server = stack.enter_context(EmulatorServer(emulators[name]))
            options = f", {OPTIONS[driver]}" if driver in OPTIONS else ""
            lines.append(f'  {name}: {{driver: {driver}, address: "{server.address}"{options}}}')
        bench.path.write_text(f"{bench.path.read_text()}" + "\n".join(lines) + "\n" + more)
        yield Around(bench, emulators, around)


@pytest.fixture
def around(tmp_path) -> Iterator[Around]:
    with tcp_devices(tmp_path, {"plate": "ika-rct", "pump": "new-era"}) as one:
        yield one


def planned(path: Path, steps: str):
    loaded = load_bench(str(path))
    document = load_document(f"{HEAD}steps:\n{steps}", "test.yaml")
    return compile_protocol(validate_protocol(document), loaded), loaded


def host_on(path: Path) -> HostProcess:
    host = HostProcess(load_bench(str(path)), patience_s=5.0)
    host.open()
    return host


def test_a_process_reads_devices_and_does_what_they_are_told(around):
    host = host_on(around.path)
    try:
        wait_for(lambda: {"plate", "pump"} <= set(host.device_states()))
        number = host.order("plate", "stirring_rpm", 500.0)
        wait_for(lambda: host.device_states()["plate"].done >= number)
        assert not host.device_states()["plate"].refused
        wait_for(lambda: host.device_states()["plate"].values["stirring_rpm"] > 480.0)
        number = host.order("pump", "pump_flow_m3_per_s", 30e-6 / 60)
        wait_for(lambda: host.device_states()["pump"].done >= number)
        assert "out of its range" in host.device_states()["pump"].refused
    finally:
        host.close()
    wait_for(lambda: around.rpm < 50.0)  # it leaves them at rest


def test_a_dead_device_delays_neither_a_reading_nor_the_off(around):
    host = host_on(around.path)
    try:
        wait_for(lambda: {"plate", "pump"} <= set(host.device_states()))
        for emulator in around.emulators.values():
            emulator.mute = True
        stream = host.run(SEGMENT)
        times = [next(stream).time_s for _ in range(40)]
        gaps = sorted(b - a for a, b in pairwise(times))
        assert gaps[-3] < 0.25  # a device's time-out is a second
        wait_for(lambda: bool(host.device_states()["plate"].trouble))
        told_s = time.monotonic()
        stream.close()
        assert around.bench.watched.off_after(told_s) < 1.0
        host.order("plate", "rest")
        assert host.output_off().on is False
    finally:
        for emulator in around.emulators.values():
            emulator.mute = False
        host.close()


def test_a_program_that_is_killed_leaves_the_output_off_first_and_the_devices_at_rest(
    around, tmp_path
):
    log = tmp_path / "device_host.jsonl"
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(around.path), str(log)], stdout=subprocess.PIPE
    )
    try:
        assert program.stdout is not None
        program.stdout.readline()
        wait_for(lambda: around.rpm > 300.0)
        wait_for(lambda: around.emulators["pump"]._state == "I")
        at_s = time.monotonic()
        program.kill()
        assert around.bench.watched.off_after(at_s) < 1.0
        wait_for(lambda: around.emulators["pump"]._state == "S")
        wait_for(lambda: around.rpm < 50.0)
    finally:
        program.kill()
        program.wait()
        program.stdout.close()

    def rests() -> dict[str, Any]:
        events = map(json.loads, log.read_text().splitlines())
        return {e["device"]: e["at_rest"] for e in events if e["what"] == "device_rest"}

    wait_for(lambda: rests() == {"plate": True, "pump": True})


@pytest.mark.parametrize("fault", ["stirrer_stall", "mute"])
@pytest.mark.parametrize("source", ["keithley-2450", "emstat4-hr"])
def test_an_interlock_trips_over_sockets(tmp_path, source, fault):
    more = 'interlocks:\n  - {stirring: ">= 200 rpm", silent: 2 s}\n'
    step = "- constant_current: {current: 2 mA, cell_voltage_limit: 4 V, until: 60 s, "
    with tcp_devices(tmp_path, {"plate": "ika-rct"}, more, source) as one:
        plan, loaded = planned(
            one.path, f"  - set: {{stirring: 600 rpm}}\n  {step}interval: 100 ms}}\n"
        )
        host = HostProcess(loaded, plan=plan, patience_s=plan.interruption_s)
        engine = Engine(plan, loaded.sha256, World(host))
        engine.preflight()
        stalled_s = float("inf")

        def stall() -> None:
            nonlocal stalled_s
            one.bench.watched.until_on()
            time.sleep(1.0)
            if fault == "mute":
                one.emulators["plate"].mute = True
                threading.Timer(4.0, setattr, (one.emulators["plate"], "mute", False)).start()
            else:
                one.around.fault_is_on = lambda name, now_s: name == fault
            stalled_s = time.monotonic()

        threading.Thread(target=stall, daemon=True).start()
        result = engine.run(MemoryJournal(), {"title": plan.title, "simulated": False})
        assert result.outcome is RunState.TRIPPED
        assert result.stop_reason.startswith("interlock plate")
        assert result.output.on is False
        crossing_s = 2.0 if fault == "mute" else 0.55
        off_s = one.bench.watched.off_after(stalled_s) - crossing_s
        assert off_s < 0.5 + 0.1 + 0.05 + 0.5  # room for a busy machine


def test_no_two_programs_have_one_device(around, tmp_path):
    other = tmp_path / "other.yaml"
    text = around.path.read_text().replace("keithley-2450-tcp", "other")
    with tcp_bench(tmp_path / "..", "keithley-2450") as free:
        port = around.bench.cable.port
        other.write_text(text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free.cable.port}"))
        with lock_on(load_bench(str(around.path))):
            with pytest.raises(DeviceError) as caught:
                with lock_on(load_bench(str(other))):
                    pass
            assert caught.value.diagnostics[0].code == "E522"
        with lock_on(load_bench(str(other))):
            pass  # none was kept of those that were refused


def test_off_puts_pumps_and_heaters_to_rest_and_leaves_the_stirring(around, tmp_path):
    host = host_on(around.path)
    host.order("plate", "stirring_rpm", 600.0)
    host.order("plate", "temperature_K", 330.0)
    host.order("pump", "pump_flow_m3_per_s", 1e-6 / 60)
    wait_for(lambda: around.emulators["pump"]._state == "I")
    wait_for(lambda: around.rpm > 500.0)
    host._process.kill()  # nobody is left
    host.close()
    done = Command(tmp_path)("off", "--bench", str(around.path))
    assert done.code == 0, done.out + done.err
    assert "at rest, read back" in done.out
    assert around.emulators["pump"]._state == "S"
    assert around.around._heated_to_K is None
    assert around.rpm > 500.0


def test_what_needs_somebody_is_refused_where_nobody_is(tmp_path):
    with tcp_devices(tmp_path, {"plate": "ika-rct"}) as one:
        steps = "  - dose: {component: substrate, volume: 1 mL, rate: 1 mL/min}\n"
        plan, loaded = planned(one.path, steps)
        with pytest.raises(InputError, match=r"nobody is here to ask: Add 1\.00 mL") as caught:
            run_plan(
                plan, loaded, protocol_text="", runs_dir=tmp_path / "runs", seed=0, speed=None,
                operator=DefaultOperator(), controls=Controls(),
            )  # fmt: skip
        assert caught.value.diagnostics[0].code == "E435"
        assert not (tmp_path / "runs").exists()
