"""What an export is made of: tables, results and where they come from, whatever the source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.statements import Statements
from faradaic.diagnostics import Diagnostic, refusal
from faradaic.input_files import read_file
from faradaic.records.journal import journal_parts
from faradaic.records.run import Run

UNKNOWN = "unknown"
"""Stands where a sign or a reference electrode is not known."""
SIMULATED = "SIMULATED"

Table = Mapping[str, Column]

_NOT_FOR_NAMES = re.compile(r"[^A-Za-z0-9]+")
_RESULT_KEYS = frozenset({"name", "value", "unit", "method"})
_OF_A_RUN = ("plan.json", "protocol.yaml", "bench.yaml", "results.jsonl")


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """One experiment, ready to be written in any form."""

    title: str
    tables: Mapping[str, Table]
    """By name; the main one first, but those of a study are of one rank."""
    simulated: bool | None
    """None where the source does not tell."""
    start: datetime | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    """What else is known of the measurement: technique, instrument, area_m2, ohmic_drop, ..."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """The header of the source, as written there."""
    results: Sequence[Mapping[str, Any]] = ()
    """As `Result.as_dict()` gives them."""
    warnings: Sequence[Diagnostic] = ()
    files: Sequence[Path] = ()
    """The source's own files, for formats that carry them along."""
    run: Run | None = None

    @property
    def name(self) -> str:
        """Short name for files: `[A-Za-z0-9-]`, with SIMULATED at its end where that is so."""
        plain = _NOT_FOR_NAMES.sub("-", self.title.removesuffix(SIMULATED))
        return (plain.strip("-")[:80].strip("-") or "data") + self.mark

    @property
    def mark(self) -> str:
        """To end a file's name with: "-SIMULATED", or nothing."""
        return f"-{SIMULATED}" if self.simulated else ""

    @property
    def status(self) -> str:
        """Whether a real cell was measured, in words."""
        return {
            True: f"{SIMULATED}: no real cell was involved",
            False: "measured",
            None: "whether this was simulated is not recorded",
        }[self.simulated]

    def description(self) -> dict[str, Any]:
        """What is known of the whole, JSON-ready; unknown things are None."""
        return {
            "simulated": self.simulated,
            "status": self.status,
            "start": self.start.isoformat() if self.start else None,
            "start_has_time_zone": bool(self.start and self.start.tzinfo),
            **self.known,
            "warnings": [warning.message for warning in self.warnings],
        }

    def unknown(self) -> list[str]:
        """Which signs and references the source does not tell, as "reference of potential_V"."""
        return [
            f"{what} of {name}"
            for table in self.tables.values()
            for name, column in table.items()
            for key, what in (("positive_current", "sign"), ("reference", "reference"))
            if describe(name, column).get(key) == UNKNOWN and (column.values == column.values).any()
        ]


def gather(source: Path | Dataset | Run, statements: Statements = Statements()) -> Contents:  # noqa: B008
    """Read a data file with what is stated of it, a run or a study's folder (with results.json).

    Raises `InputError` (E790) where it is none of these, and (E767) for statements about a run.
    """
    from faradaic.records.folder import JOURNAL_NAME
    from faradaic.records.run import load_run

    if isinstance(source, Run):
        return _of_run(source)
    if isinstance(source, Dataset):
        return _of_dataset(source)
    folder = source.is_dir() or source.name == "results.json"
    if folder and statements.conditions:
        remedy = "leave out --assume: what is exported is as it was recorded"
        raise refusal("E767", f"{source} tells all of itself", remedy)
    if source.is_dir() and (source / JOURNAL_NAME).is_file():
        return _of_run(load_run(source))
    if source.is_dir():
        return _of_study(source)
    if source.name == "results.json":
        return _of_study(source.parent)
    return _of_dataset(statements.read(source))


def describe(name: str, column: Column) -> dict[str, Any]:
    """What is known of a column: its unit, and of a current its sign, of a potential its reference.

    "unknown" where such a column does not tell; absent where it makes no sense.
    """
    known: dict[str, Any] = {"unit": column.unit or UNKNOWN}
    if column.raw_name:
        known["raw_name"] = column.raw_name
    if column.sign or _has_sign(name, column.unit):
        known["positive_current"] = column.sign or UNKNOWN
    if column.reference or _has_reference(name, column.unit):
        known["reference"] = column.reference or UNKNOWN
    return known


def _has_sign(name: str, unit: str) -> bool:
    return unit in ("A", "C", "A/m^2") and not ("gross" in name or "amplitude" in name)


def _has_reference(name: str, unit: str) -> bool:
    return unit == "V" and "potential" in name and "amplitude" not in name


def _of_dataset(dataset: Dataset) -> Contents:
    path = dataset.source
    tables = {"data": dataset.columns, **dataset.further}
    return Contents(
        path.stem if path else "data",
        {name: table for name, table in tables.items() if table},
        _truth(dataset.metadata.get("simulated")),
        dataset.start,
        {
            "technique": dataset.technique or None,
            "instrument": dataset.instrument or None,
            "area_m2": dataset.area_m2,
            "ohmic_drop": dataset.ohmic_drop or UNKNOWN,
            "source": path.name if path else None,
            "source_sha256": dataset.sha256 or None,
            "format": dataset.format or None,
        },
        dataset.metadata,
        warnings=dataset.warnings,
        files=(path,) if path and path.is_file() else (),
    )


def _of_run(run: Run) -> Contents:
    from faradaic.studies.run.electrolysis_results import analyze_electrolysis
    from faradaic.studies.run.recorded_yields import found_lines
    from faradaic.studies.run.run_reader import read

    dataset = read(run.folder or run.journal)
    table = dict(dataset.columns)
    if "charge_net_C" in table:
        table["charge_net_C"] = replace(table["charge_net_C"], sign="anodic")
    contents = _of_dataset(replace(dataset, columns=table, source=run.journal))
    folder = run.folder
    return replace(
        contents,
        title=run.name,
        simulated=run.simulated,
        known={
            **contents.known,
            "experiment": run.title,
            "outcome": run.outcome,
            "stop_reason": run.stop_reason,
            "faults": list(run.faults),
            "found": [text for _, text in found_lines(run)],
        },
        results=[result.as_dict() for result in analyze_electrolysis(run)],
        files=[
            *(folder / name for name in _OF_A_RUN if _is_own_file(folder / name)),
            *filter(_is_own_file, journal_parts(run.journal)),
        ]
        if folder
        else journal_parts(run.journal),
        run=run,
    )


def _is_own_file(path: Path) -> bool:
    """Whether it is a file of a folder that others may have sent, and no link to one elsewhere."""
    return path.is_file() and not path.is_symlink()


def _of_study(folder: Path) -> Contents:
    from faradaic.studies.exports.study_tables import study_tables

    path = folder / "results.json"
    try:
        document = json.loads(read_file(path))
    except OSError:
        raise refusal(
            "E790",
            f"{folder} holds neither a run nor the results of a study",
            "give a data file, a run folder (`faradaic runs` lists them), or a folder with "
            "results.json",
        ) from None
    except (ValueError, RecursionError) as error:
        raise refusal(
            "E790", f"{path} is no JSON: {error}", "make the study again: `faradaic analyze`"
        ) from None
    results = list(_results_in(document))
    if not results:
        raise refusal(
            "E790", f"{path} holds no results", "make the study again: `faradaic analyze`"
        )
    top = document if isinstance(document, dict) else {}
    return Contents(
        str(top.get("title") or folder.resolve().name),
        study_tables(folder / "tables", top.get("tables") or {}),
        _truth(top.get("simulated")),
        known={"source": path.name},
        results=results,
        files=sorted(
            file
            for file in folder.rglob("*")
            if _is_own_file(file)
            and file.suffix in (".json", ".csv", ".yaml", ".png", ".svg", ".xlsx")
        ),
    )


def _results_in(node: Any, where: str = "") -> Iterator[dict[str, Any]]:
    """Every result of a JSON document; `where` is its sample and topic, else the keys to it."""
    if isinstance(node, dict):
        if node.keys() >= _RESULT_KEYS:
            told = [str(node[key]) for key in ("sample", "topic", "at") if node.get(key)]
            yield {**node, "where": ", ".join(told) or where}
            return
        for key, value in node.items():
            yield from _results_in(value, f"{where}.{key}" if where else str(key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _results_in(value, f"{where}[{i}]")


def _truth(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())
