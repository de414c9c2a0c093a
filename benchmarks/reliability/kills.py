"""Runs that are killed (SIGKILL) at random times, closed and continued: what is lost of them.

    python benchmarks/reliability/kills.py [KILLS] [SEED]

Each run is a process of its own on the simulated bench. While it lives it tells, after each
reading, which records it knows to be on disk and how much charge has gone through the simulated
cell. After the kill the run is recovered; every tenth is continued to its end.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.journal import JournalWriter, read_journal
from faradaic.runner import session
from faradaic.runner.bench_file import load_bench
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.recovery import recover
from faradaic.runner.requests import Controls
from faradaic.simulators import emulated_bench
from rigs.protocols import HEAD
from rigs.witness import Witness

AMOUNT_MOL, FARADAY = 0.2e-3, 96485.33212
CURRENT_A = 10e-3
PROTOCOL = f"""{HEAD}\
steps:
  - open_circuit: 10 s
  - repeat:
      count: 5
      steps:
        - constant_current: {{current: 10 mA, cell_voltage_limit: 6 V, until: 0.02 F/mol}}
        - open_circuit: 5 s
  - constant_current:
      {{current: 10 mA, cell_voltage_limit: 6 V, until: [{{total: 0.5 F/mol}}]}}
"""
TARGET_C = 0.5 * AMOUNT_MOL * FARADAY
SPEED = 300.0
"""Virtual seconds per second."""
BENCH = load_bench("simulated")


def run(text: str, runs: Path, tell: int | None, speed: float | None) -> float:
    """Run a protocol; returns the charge that went through the cell."""
    seen: dict[str, Any] = {}
    simulated_cell = emulated_bench.simulated_cell

    def witnessed(*told: Any) -> Witness:
        seen["cell"] = Witness(simulated_cell(*told))
        return seen["cell"]

    class Kept(JournalWriter):
        def __init__(self, *args: Any, **kind: Any) -> None:
            super().__init__(*args, **kind)
            seen["journal"] = self

    def observe(_progress: Any) -> None:
        if tell is not None:
            line = f"{seen['journal'].durable_seq} {seen['cell'].gross_C!r}\n"
            os.write(tell, line.encode())

    emulated_bench.simulated_cell, session.JournalWriter = witnessed, Kept  # type: ignore[assignment, misc]
    plan = compile_protocol(validate_protocol(load_document(text)), BENCH)
    try:
        session.run_plan(
            plan,
            BENCH,
            protocol_text=text,
            runs_dir=runs,
            seed=1,
            speed=speed,
            operator=DefaultOperator(),
            controls=Controls(),
            observe=observe,
        )
    finally:
        emulated_bench.simulated_cell, session.JournalWriter = simulated_cell, JournalWriter  # type: ignore[misc]
    return float(seen["cell"].gross_C)


def killed(runs: Path, delay_s: float) -> tuple[Path | None, int, float]:
    """Kill a run some time after its first reading; its folder, what it knew to be on disk, and
    the charge that it last told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        run(PROTOCOL, runs, writing, SPEED)
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 1 << 16)
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    while more := os.read(reading, 1 << 16):
        told += more
    os.close(reading)
    os.waitpid(child, 0)
    lines = [line.split() for line in told.decode().split("\n")[:-1]]
    folder = next((path for path in runs.iterdir() if path.is_dir()), None)
    return folder, int(lines[-1][0]), float(lines[-1][1])


def main(kills: int, seed: int) -> int:
    """Print the table; the exit code is 1 where something was lost."""
    rng, begun_s = random.Random(seed), time.monotonic()
    whole_s = TARGET_C / CURRENT_A / SPEED
    reading_C = CURRENT_A * 1.0
    count = dict.fromkeys(
        ("killed", "ended before", "acknowledged", "records", "lost", "torn", "outside", "bad"), 0
    )
    widest_C, continued, worst = 0.0, 0, 0.0
    for number in range(kills):
        with tempfile.TemporaryDirectory() as name:
            runs = Path(name)
            folder, acknowledged, true_C = killed(runs, rng.uniform(0.0, 1.05 * whole_s))
            if folder is None:
                continue
            before = read_journal(folder / "journal.jsonl")
            count["ended before" if before.last("run_stop") else "killed"] += 1
            count["acknowledged"] += acknowledged + 1
            count["records"] += before.records
            count["lost"] += max(0, acknowledged + 1 - before.records)
            count["torn"] += before.torn_bytes > 0
            told = recover(folder)
            known = told.known
            high_C = known.high_C if known.high_C is not None else float("inf")
            inside = known.low_C <= true_C + reading_C and true_C <= high_C * (1 + 1e-3)
            count["outside"] += not inside
            widest_C = max(widest_C, known.measured_C - known.low_C)
            errors = [d for d in told.findings if d.severity.value == "error"]
            count["bad"] += bool(errors) or not (told.text or told.none_because)
            if number % 10 == 0 and told.text:
                continued += 1
                assert told.taken_C is not None
                more_C = run(told.text, runs, None, None)
                worst = max(worst, abs(told.taken_C + more_C - TARGET_C) / TARGET_C)
    rows = (
        ("runs killed", count["killed"]),
        ("ended before they were killed", count["ended before"]),
        ("records that were acknowledged as on disk", count["acknowledged"]),
        ("records that were there", count["records"]),
        ("acknowledged records lost", count["lost"]),
        ("journals with a torn tail", count["torn"]),
        ("true charge outside [low, high]", count["outside"]),
        ("continuations that do not plan", count["bad"]),
        ("continued to the end", continued),
        ("total charge off its target, worst", f"{100 * worst:.3f} %"),
        ("measured less lowest charge, widest", f"{1e3 * widest_C:.1f} mC"),
        ("took", f"{time.monotonic() - begun_s:.0f} s"),
    )
    for what, figure in rows:
        print(f"| {what:<45} | {figure!s:>10} |")
    return int(any(count[key] for key in ("lost", "outside", "bad")))


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*arguments, *(200, 1)[len(arguments) :]))
