"""A comparison as a folder: the table of entries, the runs behind it, the figure, the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.diagnostics import refusal
from faradaic.records.disk import make_own_folder
from faradaic.records.folder import json_bytes, make_folder, text_bytes, write_file
from faradaic.records.spreadsheet_text import cells
from faradaic.reporting.html import Html, bullets, element, page, picture, section, table
from faradaic.reporting.interactive import interactive
from faradaic.studies.comparison.compared_entries import (
    COLUMNS,
    CONSISTENCY,
    Column,
    ComparedRun,
    Entry,
    Scatter,
    compared,
    entries_of,
    scatter_dict,
)
from faradaic.studies.comparison.comparison_panels import Against, comparison_panels
from faradaic.studies.comparison.replicate_consistency import (
    REMEDY,
    Inconsistency,
    inconsistencies,
)
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.studies.run.electrolysis_results import analyze_electrolysis

_MOST = 3
"""Decimals of a number between 1 and 10."""
Rows = tuple[list[str], list[list[str]]]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Runs beside each other."""

    entries: tuple[Entry, ...]
    found: tuple[Inconsistency, ...]

    @property
    def runs(self) -> list[ComparedRun]:
        """Get all runs, by entry."""
        return [run for entry in self.entries for run in entry.runs]

    @property
    def simulated(self) -> bool:
        """Get whether any of them is simulated."""
        return any(run.one.simulated for run in self.runs)

    @property
    def notes(self) -> list[str]:
        """What limits the comparison."""
        told = [one.sentence for one in self.found]
        if self.found:
            told.append(f"what helps: {REMEDY}")
        kinds = {run.one.simulated for run in self.runs}
        if len(kinds) > 1:
            told.append("simulated and measured runs stand beside each other")
        bad = [run for run in self.runs if run.outcome not in ("", "COMPLETED")]
        told += [f"{run.one.name} ended {run.outcome}" for run in bad]
        return told


def compare(electrolyses: Sequence[Electrolysis]) -> Comparison:
    """Analyse runs and group them into entries. Raises `InputError` (E798) for fewer than two."""
    if len(electrolyses) < 2:
        raise refusal(
            "E798",
            "one run alone cannot be compared",
            "name two or more, like `faradaic compare RUN RUN`; `faradaic runs` lists them",
        )
    runs = [compared(one, analyze_electrolysis(one)) for one in electrolyses]
    entries = entries_of(runs)
    return Comparison(tuple(entries), tuple(inconsistencies(entries)))


def entry_table(comparison: Comparison) -> Rows:
    """The table of entries: number, what differs, n, numbers with their scatter."""
    columns = _known(comparison, COLUMNS)
    conditions = list(dict.fromkeys(key for e in comparison.entries for key in e.conditions))
    heads = ["entry", *conditions, "n", *(f"{one.head} / {one.unit}" for one in columns)]
    rows = []
    for entry in comparison.entries:
        told = [entry.conditions.get(key, "") for key in conditions]
        numbers = [_words(entry.scatter(one.key), one) for one in columns]
        rows.append([str(entry.number), *told, str(len(entry.runs)), *numbers])
    return heads, rows


def run_table(comparison: Comparison) -> Rows:
    """Each run with its numbers; plain numbers, empty where there is none."""
    columns = _known(comparison, (*COLUMNS, *CONSISTENCY))
    heads = ["entry", "run", "ended"]
    for one in columns:
        mark = f", {GUESSED}" if any(one.key in run.guessed for run in comparison.runs) else ""
        heads.append(f"{one.head} ({one.unit}{mark})")
    rows = []
    for entry in comparison.entries:
        for run in entry.runs:
            values = [run.numbers[one.key] for one in columns]
            numbers = [
                "" if value is None else f"{value * one.factor:.6g}"
                for value, one in zip(values, columns, strict=True)
            ]
            rows.append([str(entry.number), run.one.name, run.outcome, *numbers])
    return heads, rows


def as_data(comparison: Comparison) -> dict[str, Any]:
    """A JSON-ready mapping, SI."""
    return {
        "made_by": f"faradaic {__version__}",
        "simulated": comparison.simulated,
        "entries": [
            {
                "entry": entry.number,
                "conditions": dict(entry.conditions),
                "runs": [run.one.name for run in entry.runs],
                "numbers": {
                    one.key: scatter_dict(entry.scatter(one.key))
                    for one in (*COLUMNS, *CONSISTENCY)
                },
            }
            for entry in comparison.entries
        ],
        "runs": [
            {
                "run": run.one.name,
                "path": str(run.one.path),
                "sha256": run.one.series.sha256,
                "simulated": run.one.simulated,
                "outcome": run.outcome,
                "conditions": dict(run.conditions),
                "numbers": dict(run.numbers),
                "guessed": sorted(run.guessed),
            }
            for run in comparison.runs
        ],
        "diagnoses": [one.as_dict() for one in comparison.found],
        "notes": comparison.notes,
    }


def write_comparison(comparison: Comparison, folder: Path, against: Against) -> list[Path]:
    """Write entries.csv, runs.csv, comparison.json, figures/ and report.html below `folder`.

    Raises `StorageError` (E788) when something cannot be written.
    """
    from faradaic.reporting.panel_figures import render

    panels = comparison_panels(comparison.entries, against)
    drawn = render(panels, simulated=comparison.simulated) if panels else {}
    mark = "SIMULATED" if comparison.simulated else ""
    files = {
        "entries.csv": _csv(entry_table(comparison), mark),
        "runs.csv": _csv(run_table(comparison), mark),
        "comparison.json": json_bytes(as_data(comparison)),
        **{f"figures/comparison.{kind}": data for kind, data in drawn.items()},
    }
    plots = interactive(panels, simulated=comparison.simulated)
    title = f"{len(comparison.runs)} runs beside each other"
    figure = element("figure", picture(drawn["png"], title)) if drawn else Html("")
    text = page(
        f"{mark} · {title}" if mark else title,
        element("h1", title),
        figure,
        section("Entries", table(*entry_table(comparison))),
        section("To be looked at", bullets(comparison.notes)),
        plots.body,
        section("Runs", table(*run_table(comparison))),
        section("Beside this report", bullets(element("code", name) for name in sorted(files))),
        element("p", f"± is the sample standard deviation; faradaic {__version__}", css="soft"),
        banner="SIMULATED — at least one run is of no real cell" if mark else "",
        plots=plots,
    )
    files["report.html"] = text_bytes(text)
    make_folder(folder, "E788", "choose another place with `--out FOLDER`")
    paths = []
    for name, data in files.items():
        path = folder / name
        if path.parent != folder:
            make_own_folder(path.parent)
        write_file(path, data)
        paths.append(path)
    return paths


def _known(comparison: Comparison, columns: Sequence[Column]) -> list[Column]:
    return [
        one for one in columns if any(run.numbers[one.key] is not None for run in comparison.runs)
    ]


def _words(found: Scatter | None, column: Column) -> str:
    if found is None:
        return ""
    mark = f" ({GUESSED})" if found.guessed else ""
    mean = found.mean * column.factor
    if found.deviation is None:
        return f"{mean:.4g}{mark}"
    deviation = found.deviation * column.factor
    digits = _decimals(mean, deviation)
    return f"{mean:.{digits}f} ± {deviation:.{digits}f}{mark}"


def _decimals(mean: float, deviation: float) -> int:
    """Decimals that show two digits of a deviation, but no more than four of the mean."""
    most = _MOST - floor(log10(abs(mean))) if mean else _MOST
    wanted = 1 - floor(log10(deviation)) if deviation > 0.0 else most
    return max(0, min(wanted, most))


def _csv(rows: Rows, first_line: str) -> bytes:
    stream = io.StringIO()
    if first_line:
        stream.write(f"# {first_line}\n")
    writer = csv.writer(stream, lineterminator="\n")
    heads, body = rows
    writer.writerow(cells(heads))
    writer.writerows(map(cells, body))
    return text_bytes(stream.getvalue())
