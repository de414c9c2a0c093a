"""Records per second through the journal: written with checksums and grouped fsync, read back.

    python benchmarks/journal.py [records] [folder]

Prints one JSON object. The writer with one fsync per record runs in the same process for the
ratio; times are wall times of the whole path, from the first call until everything is on disk.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from faradaic.records.journal import JournalWriter, read_journal

COLUMNS = [
    {"name": name, "unit": unit}
    for name, unit in (
        ("time_s", "s"),
        ("step", "1"),
        ("current_A", "A"),
        ("cell_voltage_V", "V"),
        ("potential_V", "V"),
        ("charge_gross_C", "C"),
        ("charge_net_C", "C"),
        ("flags", "1"),
        ("regulation", "1"),
    )
]


def _row(i: int) -> tuple[float | int | None, ...]:
    time_s = i * 0.1
    charge_C = 5.0e-3 * time_s
    return (time_s, 1, 5.0e-3 + 1e-9 * (i % 97), 8.1234 + 1e-7 * i, None, charge_C, charge_C, 0, 1)


def _grouped(path: Path, rows: list[tuple[float | int | None, ...]]) -> float:
    begin = time.perf_counter()
    with JournalWriter(path) as journal:
        journal.write("columns", 0.0, {"columns": COLUMNS})
        for row in rows:
            journal.sample(row[0] or 0.0, row)
    return (len(rows) + 1) / (time.perf_counter() - begin)


def _one_by_one(path: Path, rows: list[tuple[float | int | None, ...]]) -> float:
    begin = time.perf_counter()
    with JournalWriter(path) as journal:
        for row in rows:
            journal.write("sample", row[0] or 0.0, {"v": row}, durable=True)
    return len(rows) / (time.perf_counter() - begin)


def main(records: int, folder: str | None) -> None:
    """Measure and print."""
    rows = [_row(i) for i in range(records)]
    with tempfile.TemporaryDirectory(dir=folder) as name:
        path = Path(name) / "journal.jsonl"
        grouped = _grouped(path, rows)
        begin = time.perf_counter()
        contents = read_journal(path)
        read = contents.records / (time.perf_counter() - begin)
        if contents.samples != records or contents.torn_bytes:
            raise SystemExit("the journal did not come back as it was written")
        single = _one_by_one(Path(name) / "single.jsonl", rows[: max(1, min(500, records))])
    print(
        json.dumps(
            {
                "records": records,
                "bytes_per_record": round(contents.size_bytes / contents.records, 1),
                "written_per_s": round(grouped),
                "written_per_s_fsync_each": round(single),
                "ratio": round(grouped / single, 1),
                "read_per_s": round(read),
            }
        )
    )


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 300_000,
        sys.argv[2] if len(sys.argv) > 2 else None,
    )
