"""A Frictionless data package: CSV tables and datapackage.json with the unit of each field.

Data Package standard, version 2 (datapackage.org, 2024). Unit, reference electrode and sign are
properties of the fields, as in the packages of echemdb. `readers.echemdb` reads it back.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.records.folder import json_bytes, make_folder, write_file
from faradaic.records.spreadsheet_text import cell
from faradaic.studies.exports.contents import Contents, Table, describe
from faradaic.studies.exports.formats import Options
from faradaic.studies.exports.tables import csv_bytes, values

SUFFIX = ""
"""A folder."""
DESCRIPTOR = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def write(contents: Contents, path: Path, options: Options) -> Path:
    """Write the package into the folder `path`; returns it."""
    make_folder(path, "E602")
    for name, data in files_of(contents, options).items():
        write_file(path / name, data)
    return path


def files_of(contents: Contents, options: Options) -> dict[str, bytes]:
    """The files of the package by name, the descriptor last."""
    files: dict[str, bytes] = {}
    resources: list[dict[str, Any]] = []
    for number, (name, table) in enumerate(contents.tables.items()):
        stem = "data" if number == 0 else f"table-{number}"
        file = f"{stem}{contents.mark}.csv"
        note = f"# {contents.status}\n" if contents.simulated else ""
        files[file] = note.encode() + csv_bytes(values(table))
        resources.append(_resource(2 if note else 1, stem, name, file, files[file], table))
    if contents.results:
        file = f"results{contents.mark}.json"
        files[file] = json_bytes({"simulated": contents.simulated, "results": contents.results})
        resources.append(
            {
                "name": "results",
                "title": "results with unit, method and uncertainty",
                "path": file,
                "format": "json",
                "mediatype": "application/json",
                **_fingerprint(files[file]),
            }
        )
    files[DESCRIPTOR] = json_bytes(_descriptor(contents, resources, options))
    return files


def _descriptor(
    contents: Contents, resources: list[dict[str, Any]], options: Options
) -> dict[str, Any]:
    title = f"{contents.status} - {contents.title}" if contents.simulated else contents.title
    package: dict[str, Any] = {
        "$schema": PROFILE,
        "name": contents.name.lower(),
        "title": title,
        "keywords": ["electrochemistry", *(["simulated"] if contents.simulated else [])],
        "resources": resources,
        "faradaic": {
            "version": __version__,
            "title": contents.title,
            **contents.description(),
            "metadata": dict(contents.metadata),
        },
    }
    if contents.start and contents.start.tzinfo:
        package["created"] = contents.start.isoformat()
    if options.author:
        package["contributors"] = [
            {
                "title": options.author.name,
                "roles": ["creator"],
                **({"email": options.author.email} if options.author.email else {}),
            }
        ]
    return package


def _resource(
    header_row: int, name: str, title: str, path: str, data: bytes, table: Table
) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "type": "table",
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_fingerprint(data),
        "dialect": {
            "delimiter": ",",
            "header": True,
            "commentChar": "#",
            "headerRows": [header_row],
        },
        "schema": {
            "fields": [
                {"name": cell(header), "type": "number", **describe(header, column)}
                for header, column in table.items()
            ],
            "missingValues": [""],
        },
    }


def _fingerprint(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
