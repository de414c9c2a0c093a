"""Memory of a run of 72 h at 10 Hz: how much the journal's writer grows, what reading takes.

    python benchmarks/reliability/long_run.py [HOURS]

The samples go through the writer as on a virtual clock; resident memory is read after the first
hour and at the end. Then the journal is read, and derived files are made of it, each in a process
of its own so that the peaks are theirs alone.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter, journal_parts

NAMES = (
    *("time_s", "step", "current_A", "cell_voltage_V", "potential_V"),
    *("charge_gross_C", "charge_net_C", "flags", "regulation"),
)
RATE_HZ = 10
START = {"title": "long", "simulated": True, "utc": "2026-11-21T07:00:00+00:00"}

PEAK = """
import resource, sys, time
from pathlib import Path
before = time.monotonic()
{do}
most_MB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{{most_MB:.0f}} MB at most, {{time.monotonic() - before:.0f}} s")
"""


def resident_MB() -> float:
    """What is resident of this process (Linux), else its peak."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main(hours: int = 72) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        utc = datetime.now(UTC)
        with RunFolder.create(Path(name), "long", simulated=True, utc=utc) as folder:
            begun_s = time.monotonic()
            with JournalWriter(folder.journal) as journal:
                journal.write("run_start", 0.0, START)
                columns = [{"name": name, "unit": "1"} for name in NAMES]
                journal.write("columns", 0.0, {"columns": columns})
                journal.write("mark", 0.0, {"what": "output_on_intent"})
                first_MB = most_MB = 0.0
                for i in range(hours * 3600 * RATE_HZ):
                    t = i / RATE_HZ
                    charge_C = 5e-3 * t
                    row = (
                        t,
                        1,
                        5e-3 + 1e-9 * (i % 97),
                        8.1234 + 1e-9 * i,
                        None,
                        charge_C,
                        charge_C,
                    )
                    journal.sample(t, (*row, 0, 1))
                    if i == 3600 * RATE_HZ:
                        first_MB = resident_MB()
                    if i % 36_000 == 0:
                        journal.write("clock", t, {"utc": utc.isoformat()}, durable=True)
                        most_MB = max(most_MB, resident_MB())
                journal.write("mark", t, {"what": "output_off", "on": False, "evidence": ""})
                journal.write("run_stop", t, {"outcome": "COMPLETED", "duration_s": t})
            parts = [part.stat().st_size for part in journal_parts(folder.journal)]
            print(f"{hours} h at {RATE_HZ} Hz: {i + 1} samples, {sum(parts) / 1e6:.0f} MB")
            print(f"parts: {len(parts)}, the largest {max(parts) / 1e6:.1f} MB")
            print(f"writing took {time.monotonic() - begun_s:.0f} s")
            print(f"growth of the writer after the first hour: {most_MB - first_MB:+.1f} MB")
        for what, room, verb in (
            ("to read it", "run", "load_run"),
            ("to derive tables from it", "derive", "derive"),
        ):
            do = f"from faradaic.records.{room} import {verb}; {verb}(Path(sys.argv[1]))"
            command = [sys.executable, "-c", PEAK.format(do=do), str(folder.path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(f"{what}: {done.stdout.strip()}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
