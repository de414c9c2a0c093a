"""Sixteen channels at 10 Hz on the cores of this machine: how late readings come, and the memory.

    python benchmarks/reliability/channels.py [SECONDS] [MODEL]

Sixteen emulators behind sockets, in a process of their own, and a plate of sixteen wells in this
one, each with a device host. A reading is late by what lies between it and the one before, less a
period; a process that does nothing but sleep for a period, beside them, says how much of that is
the machine's. Memory is the proportional set size (PSS) of this process, of what starts the hosts
and of the hosts, the largest of one look a second; the emulators are not part of it.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from rigs.protocols import HEAD

CHANNELS, INTERVAL_s = 16, 0.1
TARGET_MB = 400.0

EMULATORS = """
import sys, contextlib
from faradaic.simulators.server import EmulatorServer, emulator_for
with contextlib.ExitStack() as stack:
    for number in range(int(sys.argv[2])):
        emulator = emulator_for(sys.argv[1], cell={}, seed=number)
        print(stack.enter_context(EmulatorServer(emulator)).address, flush=True)
    print("", flush=True)
    sys.stdin.read()
"""


SLEEPER = """
import sys, time
worst, due = 0.0, time.monotonic()
while time.monotonic() < float(sys.argv[1]):
    due += 0.1
    time.sleep(max(0.0, due - time.monotonic()))
    late = time.monotonic() - due
    worst = max(worst, late)
    due += max(0.0, late)
print(worst)
"""


def pss_MB(pid: int) -> float:
    """Proportional set size of a process; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024.0


def descendants(pid: int) -> list[int]:
    """Processes whose group or parent leads here: the nursery and the hosts it forked."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(rest[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def main(seconds: float = 60.0, model: str = "keithley-2450") -> int:
    """Print the table; 1 where a reading was late by a period or the memory is too large."""
    emulators = subprocess.Popen(
        [sys.executable, "-c", EMULATORS, model, str(CHANNELS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert emulators.stdout is not None
    addresses = [line.strip() for line in iter(emulators.stdout.readline, "\n")]
    try:
        return _measured(addresses, emulators.pid, seconds, model)
    finally:
        emulators.communicate("")


def _measured(addresses: list[str], emulators: int, seconds: float, model: str) -> int:
    from faradaic.protocols.plates.compile_plate import compile_plate
    from faradaic.protocols.plates.load_plate import load_plate
    from faradaic.records.plate_folder import PlateFolder, PlateWell
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.campaign import Campaign
    from faradaic.runner.requests import Controls

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "protocol.yaml").write_text(
            f"{HEAD}sampling: {{interval: {INTERVAL_s:g} s}}\nsteps:\n  - constant_current: "
            f"{{current: 1 mA, cell_voltage_limit: 5 V, until: {seconds:g} s}}\n"
        )
        (folder / "plate.yaml").write_text(
            "faradaic_plate: 1\ntitle: Sixteen channels\nprotocol: protocol.yaml\nreplicates: 16\n"
        )
        listed = "\n".join(f"  - {address}" for address in addresses)
        (folder / "bench.yaml").write_text(
            f"faradaic_bench: 1\nname: rack\nsource: {{driver: {model}, address: {addresses[0]}}}\n"
            f"channels:\n{listed}\n"
        )
        bench = load_bench(str(folder / "bench.yaml"))
        plan = compile_plate(load_plate(folder / "plate.yaml"), bench.channel(1), bench.channels)
        wells = [
            PlateWell(w.name, w.row, w.column, w.factors, w.control, w.replicate, n, seconds)
            for n, w in enumerate(plan.wells, 1)
        ]
        about = {"title": plan.title, "channels": plan.channels, "seed": 0}
        texts = {well.name: well.text for well in plan.wells}
        plate, lock = PlateFolder.create(
            folder / "runs", "rack", about, wells, texts, simulated=False
        )
        memory: list[tuple[float, float, float]] = []
        over = threading.Event()

        def look() -> None:
            import os

            while not over.wait(1.0):
                others = (emulators, sleeper.pid)
                below = [pid for pid in descendants(os.getpid()) if pid not in others]
                own = pss_MB(os.getpid())
                memory.append((own + sum(map(pss_MB, below[1:])), own, len(below) - 1))

        threading.Thread(target=look, daemon=True).start()
        until_s = time.monotonic() + seconds
        sleeper = subprocess.Popen(
            [sys.executable, "-c", SLEEPER, str(until_s)], stdout=subprocess.PIPE, text=True
        )
        cpu_s, wall_s = time.process_time(), time.monotonic()
        with lock:
            result = Campaign(plate, bench, controls=Controls()).run()
        cpu_s, wall_s = time.process_time() - cpu_s, time.monotonic() - wall_s
        over.set()
        late_s, readings = [], 0
        when: list[str] = []
        for well in plate.wells:
            run = plate.run_of(well.name)
            assert run is not None
            times = run.columns["time_s"]
            readings += len(times)
            late = [(b - a - INTERVAL_s, float(b)) for a, b in itertools.pairwise(times)]
            late_s += [one for one, _ in late]
            when += [f"{well.name} {at:.1f} s" for one, at in late if one >= INTERVAL_s]
        late_s.sort()
        idle_s = float(sleeper.communicate()[0])
        worst, most = late_s[-1], max(memory)
        p99 = late_s[int(0.99 * len(late_s))]
        completed = sum(one.outcome == "COMPLETED" for one in result.outcomes.values())
        print(f"{CHANNELS} channels of {model} at {1 / INTERVAL_s:g} Hz for {seconds:g} s")
        rows = (
            ("wells completed", f"{completed} of {CHANNELS}", f"{CHANNELS}"),
            ("readings", f"{readings}", f"{round(CHANNELS * seconds / INTERVAL_s)}"),
            ("later than a period", f"{sum(x >= INTERVAL_s for x in late_s)}", "0"),
            ("late, 99 of 100 below", f"{1e3 * p99:.1f} ms", ""),
            ("late, most", f"{1e3 * worst:.1f} ms", f"< {1e3 * INTERVAL_s:g} ms"),
            ("late, most, of who only sleeps", f"{1e3 * idle_s:.1f} ms", ""),
            ("memory of all", f"{most[0]:.0f} MB", f"< {TARGET_MB:g} MB"),
            ("memory of this process", f"{max(m[1] for m in memory):.0f} MB", ""),
            ("processes beside it", f"{most[2]:.0f}", ""),
            ("time of a core, this process", f"{cpu_s / wall_s:.0%}", ""),
        )
        for what, figure, target in rows:
            print(f"| {what:<30} | {figure:>12} | {target:>8} |")
        if when:
            print("later than a period:", ", ".join(when))
        return int(worst >= INTERVAL_s or most[0] >= TARGET_MB or completed < CHANNELS)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(*map(float, arguments[:1]), *arguments[1:2]))
