"""Whole commands: wall time and peak memory, best of several runs, after one to warm up.

The rehearsals pass every byte of the wire in both directions through driver and emulator. Each row
also gives the ratio to starting the bare interpreter in the same run; rehearsals give virtual
seconds per second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
FARADAIC = [sys.executable, "-m", "faradaic"]
EXAMPLES = ROOT / "examples"


def once(command: list[str], folder: str) -> tuple[float, float, str]:
    """Seconds, peak memory in MB and stdout of one command."""
    with tempfile.TemporaryFile() as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        out.seek(0)
        text = out.read().decode()
    if os.waitstatus_to_exitcode(status) not in (0, 4):
        raise SystemExit(f"{' '.join(command)} failed")
    scale = 1e6 if sys.platform == "darwin" else 1e3
    return seconds, usage.ru_maxrss / scale, text


def best(command: list[str], times: int) -> tuple[float, float, str]:
    """The quickest of several runs, with the largest peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        once(command, folder)
        rows = [once(command, folder) for _ in range(times)]
    quickest = min(rows)
    return quickest[0], max(row[1] for row in rows), quickest[2]


def main() -> None:
    """Measure and print."""
    bare, _, _ = best([sys.executable, "-c", "pass"], 5)
    print(f"{'command':<58}{'s':>8}{'MB':>7}{'x bare python':>15}{'virtual s / s':>15}")
    first, third = (
        EXAMPLES / "benzothiophene_dioxide.yaml",
        EXAMPLES / "sulfonyl_benzothiophene.yaml",
    )
    rows: list[tuple[str, list[str], int]] = [
        ("faradaic --help", [*FARADAIC, "--help"], 5),
        (
            "faradaic check examples/benzothiophene_dioxide.yaml",
            [*FARADAIC, "check", str(first)],
            5,
        ),
        (
            "faradaic run (first example, Keithley 2450)",
            [*FARADAIC, "run", str(first), "--json"],
            3,
        ),
        (
            "faradaic run (third procedure, EmStat4 HR)",
            [*FARADAIC, "run", str(third), "--bench", "simulated-emstat4-hr", "--json"],
            3,
        ),
        (
            "faradaic run (third procedure, Keithley 2450)",
            [*FARADAIC, "run", str(third), "--json"],
            3,
        ),
    ]
    for label, command, times in rows:
        seconds, megabytes, text = best(command, times)
        virtual = ""
        if "run" in command:
            virtual = f"{json.loads(text)['duration_s'] / seconds:.0f}"
        print(f"{label:<58}{seconds:>8.2f}{megabytes:>7.0f}{seconds / bare:>15.1f}{virtual:>15}")


if __name__ == "__main__":
    main()
