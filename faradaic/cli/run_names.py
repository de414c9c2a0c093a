"""What a person names where a run, a plate or one of its wells may stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faradaic.records.plate_folder import PlateFolder


def run_of_well(token: str, runs: Path) -> Path | None:
    """The last run of the well that `PLATE/B3` names; None for what names no well.

    Raises `InputError` (E621) for one that is not there, or was not begun.
    """
    from faradaic.diagnostics import refusal
    from faradaic.records.plate_folder import find_well

    found = find_well(runs, token)
    if found is None:
        return None
    plate, well = found
    run = plate.run_of(well.name)
    if run is None or run.folder is None:
        raise refusal(
            "E621", f"well {well.name} was not begun", f"faradaic show {plate.path} tells of all"
        )
    return run.folder


def plate_named(token: str, runs: Path) -> PlateFolder | None:
    """The plate that is named; `latest` where that is newer than every run. None for a run."""
    from faradaic.records.plate_folder import find_plate, plates_in

    if token == "latest":
        newest = next(plates_in(runs), None)
        others = [path.parent.name for path in runs.glob("*/journal.jsonl")]
        return newest if newest is not None and newest.name > max(others, default="") else None
    path = Path(token)
    if path.exists() and not path.is_dir():
        return None
    return find_plate(runs, token)
