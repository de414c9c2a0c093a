"""What `runs --live` shows: where each run under way is, and how old that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from faradaic.diagnostics import InputError
from faradaic.quantities import format_duration, format_quantity
from faradaic.runner.live_runs import Stuck, live_runs, speak

OLD_S = 3.0
"""What a run last said of itself is old after this: readings come every second at least."""


def live_rows() -> list[dict[str, Any]]:
    """Each run under way with its state; one that doesn't answer is `stuck`."""
    rows = []
    for run in live_runs():
        row = {"run": run.name, "folder": run.folder, "bench": run.bench, "pid": run.pid}
        row |= {"simulated": run.simulated, "since_utc": run.since_utc, "stuck": False}
        try:
            rows.append(row | speak(run, {"ask": "state"}).get("state", {}))
        except Stuck:
            rows.append(row | {"stuck": True})
        except InputError:
            continue  # it has ended just now
    return rows


def live_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A line on each run, and one on where it is."""
    for row in rows:
        mark = "  SIMULATED" if row["simulated"] and "SIMULATED" not in row["run"] else ""
        yield f"{row['run']}{mark}  on {row['bench']}, process {row['pid']}, {row['folder']}"
        yield f"    {_where(row)}"
        if question := row.get("question"):
            yield f"    asks: {question['text']}  [{' / '.join(question['choices'])}]"
            yield f"    `faradaic answer {row['run']} {question['choices'][0]}` answers it"
    if not rows:
        yield "no run of yours is under way on this machine"


def _where(row: Mapping[str, Any]) -> str:
    if row["stuck"]:
        return f"STUCK: it does not answer; `faradaic off {row['run']}` turns its output off"
    if "state" not in row:
        return "opening its bench"
    parts = [row["state"], f"step {row['step_id']}: {row['label']}"]
    if row["waiting_s"] is not None:
        parts.append(f"waiting for {_lasted(row['waiting_s'])}, output off")
    for key, unit, word in (
        ("cell_voltage_V", "V", "U"),
        ("potential_V", "V", "E"),
        ("current_A", "mA", "I"),
        ("charge_C", "C", "Q"),
    ):
        if row[key] is not None:
            parts.append(f"{word} {format_quantity(row[key], unit)}")
    if row["charge_F_per_mol"] is not None:
        parts.append(f"{row['charge_F_per_mol']:.3f} F/mol")
    old = row["age_s"] > OLD_S
    parts.append(f"NO NEWS FOR {_lasted(row['age_s'])}" if old else f"{row['age_s']:.1f} s ago")
    if row["modified"]:
        parts.append(f"modified {len(row['modified'])} times")
    return " · ".join(parts)


def _lasted(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else format_duration(seconds)
