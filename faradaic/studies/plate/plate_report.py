"""What is left beside a plate: its table as CSV, Excel and JSON, its maps, and one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.records.folder import csv_bytes, json_bytes, write_file
from faradaic.records.plate_folder import PlateFolder
from faradaic.reporting.html import bullets, element, page, pairs, picture, section, table
from faradaic.studies.plate.plate_figure import plate_files
from faradaic.studies.plate.plate_results import PlateResults, plate_results

BANNER = "SIMULATED — no real cell"
TABLE = "plate_results"
FORMS = {"csv": ".csv", "excel": ".xlsx", "json": ".json"}


def write_plate_report(plate: PlateFolder) -> tuple[PlateResults, list[Path]]:
    """Write table, maps and page into the plate's folder. Raises `StorageError`."""
    results = plate_results(plate)
    written = []
    for form, suffix in FORMS.items():
        path = plate.path / f"{TABLE}{suffix}"
        write_file(path, table_bytes(results, form))
        written.append(path)
    pictures = plate_files(results)
    for kind, data in pictures.items():
        path = plate.path / f"plate.{kind}"
        write_file(path, data)
        written.append(path)
    path = plate.path / "report.html"
    write_file(path, render_plate(results, pictures["png"]).encode())
    return results, [*written, path]


def table_bytes(results: PlateResults, form: str) -> bytes:
    """The table of all wells as one of `FORMS`."""
    heads, rows = results.table()
    if form == "csv":
        return csv_bytes(heads, rows) if not results.simulated else _marked_csv(heads, rows)
    if form == "json":
        about = {key: results.plate.about.get(key) for key in ("title", "bench", "rows", "columns")}
        told = {"simulated": results.simulated, "wells": results.rows()}
        return json_bytes({**about, **told})
    return _workbook(results, heads, rows)


def _marked_csv(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    return csv_bytes([*heads, "source"], ([*row, "SIMULATED"] for row in rows))


def _workbook(results: PlateResults, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    from openpyxl import Workbook

    from faradaic.reporting.workbook import append, as_bytes, head

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Wells")
    if results.simulated:
        append(sheet, [BANNER], bold=True, colour="FFC00000")
        append(sheet, heads, bold=True)
        sheet.freeze_panes = "B3"
    else:
        head(sheet, heads)
    for row in rows:
        append(sheet, row)
    return as_bytes(book)


def render_plate(results: PlateResults, png: bytes) -> str:
    """The page as text."""
    heads, rows = results.table()
    about, simulated = results.plate.about, results.simulated
    counts = Counter(one.outcome for one in results.wells)
    guessed = any(
        GUESSED in result.flags for one in results.wells for result in one.values.values()
    )
    known = [
        ("wells", ", ".join(f"{count} {outcome}" for outcome, count in counts.items())),
        ("plate", f"{about['rows']} x {about['columns']}, at most {about['channels']} at once"),
        ("bench", about["bench"]),
        ("folder", results.plate.name),
        ("plate as written", f"sha256 {about['plate_sha256']}"),
    ]
    flagged = [f"{one.well.name}: {'; '.join(one.flags)}" for one in results.wells if one.flags]
    notes = [
        f"{str(entry['utc'])[:19]} {entry['text']}"
        for entry in results.plate.journal()
        if entry.get("what") == "note"
    ]
    return page(
        ("SIMULATED · " if simulated else "") + results.title,
        element("h1", results.title),
        pairs(known),
        element("figure", picture(png, "maps of the plate"), css=""),
        element(
            "p",
            "Hatched is not known. A triangle marks a well with a flag."
            + (" What rests on a guess of the simulated cell is named in its row." * guessed),
            css="soft",
        ),
        section("Wells", table(heads, [[_cell(c) for c in row] for row in rows], css="wide")),
        section("Flags", bullets(flagged)),
        section("Notes", bullets(notes)),
        element("p", f"faradaic {__version__}", css="soft"),
        banner=BANNER if simulated else "",
    )


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
