"""Our own run folders and journals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.readers.moments import iso_moment
from faradaic.records.damage_words import damage_of
from faradaic.records.folder import JOURNAL_NAME
from faradaic.records.run import Run, begins_like_journal, is_run, load_run

_DESCRIPTOR = "datapackage.json"


def sniff(head: bytes, path: Path) -> bool:
    """A folder with a journal, its descriptor, or a journal."""
    if head and path.name not in (_DESCRIPTOR, JOURNAL_NAME):
        return begins_like_journal(head)
    return is_run(path.parent if path.name == _DESCRIPTOR else path)


def read(path: Path) -> Dataset:
    """The samples of a run folder or journal; current is anodic positive, as the journal has it."""
    run = load_run(path.parent if path.name == _DESCRIPTOR else path)
    units, series = run.units, run.time_series()
    columns = {
        name: Column(
            values,
            units.get(name, ""),
            raw_name=name,
            sign="anodic" if units.get(name) == "A" else None,
            reference=series.reference if name == "potential_V" else None,
        )
        for name, values in run.table.items()
    }
    warnings = []
    if run.contents.torn_bytes:
        warnings.append(
            warning(
                "E744",
                f"the last {run.contents.torn_bytes} bytes of {run.journal} are torn; "
                f"{run.contents.records} records are whole",
            )
        )
    damaged = damage_of(run)
    warnings += [warning("E744", f"{run.journal} is damaged: {one['text']}") for one in damaged]
    if run.outcome != "COMPLETED":
        warnings.append(warning("E748", f"the run is {run.outcome}: {run.stop_reason}"))
    return Dataset(
        columns,
        technique=_techniques(run),
        instrument=devices_of(run.header.get("identity")),
        start=iso_moment(run.header.get("utc")),
        metadata={
            key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for key, value in run.header.items()
        },
        warnings=tuple(warnings),
        format="run_journal",
        source=path,
        digest=run.journal_sha256,
        area_m2=series.area_m2,
        output_on_s=series.output_on_s,
    )


def _techniques(run: Run) -> str:
    kinds = (str(step.fields.get("kind", "")) for step in run.contents.of_kind("step_start"))
    return ", ".join(dict.fromkeys(kind for kind in kinds if kind))


def devices_of(identity: Any) -> str:
    """Maker, model and serial number of each device that answered."""
    devices = identity.values() if isinstance(identity, dict) else ()
    return "; ".join(
        " ".join(str(device[key]) for key in ("manufacturer", "model", "serial") if key in device)
        for device in devices
        if isinstance(device, dict)
    )
