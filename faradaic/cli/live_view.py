"""What `runs --live` shows: where each run under way is, and how old that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from faradaic.diagnostics import InputError
from faradaic.quantities import format_duration, format_quantity
from faradaic.records.plate_folder import PlateFolder
from faradaic.runner.live_runs import Stuck, is_plate_run, live_runs, speak

OLD_S = 3.0
"""What a run last said of itself is old after this: readings come every second at least."""


def live_rows() -> list[dict[str, Any]]:
    """Each run under way with its state; one that doesn't answer is `stuck`."""
    rows: list[dict[str, Any]] = []
    for run in live_runs():
        row = {"run": run.name, "folder": run.folder, "bench": run.bench, "pid": run.pid}
        row |= {"simulated": run.simulated, "since_utc": run.since_utc, "stuck": False}
        try:
            row |= speak(run, {"ask": "state"}).get("state", {})
        except Stuck:
            row["stuck"] = True
        except InputError:
            continue  # it has ended just now
        if is_plate_run(run):
            row |= {"wells": [], "counts": _counts(Path(run.folder))}
        rows.append(row)
    return _nested(rows)


def _nested(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The wells of a plate below it."""
    plates = {row["folder"]: row for row in rows if "wells" in row}
    found = []
    for row in rows:
        well = Path(row["folder"]).parent
        if (plate := plates.get(str(well.parent))) is not None:
            plate["wells"].append(row | {"well": well.name})
        else:
            found.append(row)
    return found


def _counts(folder: Path) -> dict[str, int]:
    """How many wells of a plate there are, were begun, and have ended."""
    plate = PlateFolder(folder)
    told = [(entry["what"], entry.get("well")) for entry in plate.journal()]
    begun = {well for what, well in told if what == "well_start"}
    ended = {well for what, well in told if what == "well_end"}
    return {"wells": len(plate.wells), "begun": len(begun), "ended": len(ended)}


def live_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A line on each run, and one on where it is."""
    for row in rows:
        mark = "  SIMULATED" if row["simulated"] and "SIMULATED" not in row["run"] else ""
        yield f"{row['run']}{mark}  on {row['bench']}, process {row['pid']}, {row['folder']}"
        if "wells" not in row:
            yield f"    {_where(row)}"
            if question := row.get("question"):
                yield f"    asks: {question['text']}  [{' / '.join(question['choices'])}]"
                yield f"    `faradaic answer {row['run']} {question['choices'][0]}` answers it"
            continue
        counts = row["counts"]
        yield (
            f"    plate of {counts['wells']} wells: {counts['ended']} ended,"
            f" {len(row['wells'])} under way, {counts['wells'] - counts['begun']} not begun"
        )
        for well in sorted(row["wells"], key=lambda one: (one["well"][0], int(one["well"][1:]))):
            yield f"    {well['well']:<4} {_where(well)}"
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
