"""One CSV table, with what is known of it in comment lines above the header."""

from __future__ import annotations

from pathlib import Path

from faradaic.records.folder import text_bytes, write_file
from faradaic.records.spreadsheet_text import note
from faradaic.studies.exports.contents import Contents, describe
from faradaic.studies.exports.formats import Options
from faradaic.studies.exports.tables import csv_bytes, main_table, values

SUFFIX = ".csv"


def write(contents: Contents, path: Path, options: Options) -> Path:
    """Write the main table; raises `InputError` (E792) where there is none."""
    table = main_table(contents, "a CSV file")
    lines = [contents.status, f"source {contents.title}"]
    lines += [
        f"{key} {value}"
        for key, value in contents.description().items()
        if key not in ("simulated", "status", "start_has_time_zone", "warnings")
        and value not in (None, "", [])
    ]
    if contents.start and not contents.start.tzinfo:
        lines.append("start is in local time - its zone is unknown")
    for name, column in table.items():
        known = [f"{key} {value}" for key, value in describe(name, column).items()]
        lines.append(f"column {name} - " + " - ".join(known))
    head = "".join(f"# {note(line)}\n" for line in lines)
    write_file(path, text_bytes(head) + csv_bytes(values(table)))
    return path
