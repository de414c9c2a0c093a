"""The folder of a study: results.json, tables, figures, workbook, report."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.records.disk import make_own_folder
from faradaic.records.folder import json_bytes, make_folder, text_bytes, write_file
from faradaic.reporting.panels import Panel
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.study_kinds import STUDY_KINDS

RESULTS_VERSION = 1


def write_study(outcome: StudyOutcome, folder: Path) -> list[Path]:
    """Write everything below `folder`, made where it is not there; returns the files' paths.

    Raises `StorageError` (E788) when something cannot be written.
    """
    from faradaic.reporting.panel_figures import render
    from faradaic.studies.study_report import render_study
    from faradaic.studies.study_workbook import workbook_bytes

    figures = panels_of(outcome)
    drawn = {name: render(panels, simulated=outcome.simulated) for name, panels in figures.items()}
    files: dict[str, bytes] = {
        "results.json": json_bytes(results(outcome)),
        "study.xlsx": workbook_bytes(outcome),
    }
    mark = "SIMULATED" if outcome.simulated else ""
    for table in outcome.tables:
        files[f"tables/{table.name}.csv"] = text_bytes(table.csv(mark))
    for name, kinds in drawn.items():
        files |= {f"figures/{name}.{kind}": data for kind, data in kinds.items()}
    pictures = {name: kinds["png"] for name, kinds in drawn.items()}
    panels = [panel for group in figures.values() for panel in group]
    files["report.html"] = text_bytes(render_study(outcome, panels, pictures, sorted(files)))
    paths = []
    for name, data in files.items():
        path = folder / name
        make_folder(folder, "E788", "choose another place with `--out FOLDER`")
        if path.parent != folder:
            make_own_folder(path.parent)
        write_file(path, data)
        paths.append(path)
    return paths


def panels_of(outcome: StudyOutcome) -> dict[str, list[Panel]]:
    """The panels of each figure, by its file name; figures without data are left out."""
    figures = STUDY_KINDS.load(outcome.kind).figures(outcome)
    kept = {name: [p for p in panels if p.curves] for name, panels in figures.items()}
    return {name: panels for name, panels in kept.items() if panels}


def results(outcome: StudyOutcome) -> dict[str, Any]:
    """Every number with unit, uncertainty, method, basis and flags, and what it came from."""
    return {
        "results_version": RESULTS_VERSION,
        "made_by": f"faradaic {__version__}",
        "title": outcome.title,
        "kind": outcome.kind,
        "note": outcome.note,
        "simulated": outcome.simulated,
        "study_sha256": outcome.study_sha256,
        "conditions": outcome.conditions,
        "assumptions": [asdict(one) for one in outcome.assumptions],
        "inputs": [asdict(one) for one in outcome.inputs],
        "results": [finding.as_dict() for finding in outcome.findings],
        "remarks": outcome.remarks,
        "tables": {table.name: table.rows.described() for table in outcome.tables},
    }
