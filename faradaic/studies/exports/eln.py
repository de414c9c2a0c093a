"""An .eln archive for electronic laboratory notebooks: an RO-Crate 1.1 in a zip.

After the specification of the ELN Consortium (TheELNFileFormat): one root folder, a file
`ro-crate-metadata.json`, one dataset for the experiment, a file node for each file with its size in
bytes and SHA-256, and a `PropertyValue` under `variableMeasured` for each number.
"""

from __future__ import annotations

import hashlib
import io
import json
import mimetypes
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.diagnostics import refusal
from faradaic.input_files import read_file
from faradaic.records.folder import json_bytes, write_file
from faradaic.studies.exports import frictionless
from faradaic.studies.exports.contents import Contents, describe
from faradaic.studies.exports.formats import Options

SUFFIX = ".eln"
_TYPES = {".jsonl": "application/jsonl", ".yaml": "application/yaml", ".csv": "text/csv"}
_PUBLISHER = "#faradaic"
_AUTHOR = "#author"


def write(contents: Contents, path: Path, options: Options) -> Path:
    """Write the archive: the source's own files, a data package, and the crate's metadata."""
    files = {
        f"data/{name}": data for name, data in frictionless.files_of(contents, options).items()
    }
    for file in contents.files:
        name = f"original/{file.name}"
        if name in files:  # a study's folder may hold the same name twice
            name = f"original/{file.parent.name}/{file.name}"
        try:
            files[name] = read_file(file)
        except OSError as error:
            raise refusal("E790", f"{file} cannot be read: {error.strerror}", "try again") from None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    graph = list(_graph(contents, files, options, now))
    metadata = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    root = path.name.removesuffix(".eln")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{root}/ro-crate-metadata.json", json_bytes(metadata))
        for name, data in files.items():
            archive.writestr(f"{root}/{contents.name}/{name}", data)
    write_file(path, buffer.getvalue())
    return path


def _graph(
    contents: Contents, files: dict[str, bytes], options: Options, now: str
) -> Iterator[dict[str, Any]]:
    folder = f"./{contents.name}/"
    author = {"author": {"@id": _AUTHOR}} if options.author else {}
    measured = list(_measured(contents))
    yield {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "dateCreated": now,
        "sdPublisher": {"@id": _PUBLISHER},
    }
    yield {
        "@id": "./",
        "@type": "Dataset",
        "name": contents.title,
        "description": contents.status,
        "datePublished": now,
        "hasPart": [{"@id": folder}],
    }
    yield {
        "@id": folder,
        "@type": "Dataset",
        "genre": "experiment",
        "name": contents.name,
        "description": f"{contents.status}. {contents.title}",
        "keywords": "electrochemistry" + (",simulated" if contents.simulated else ""),
        **({"dateCreated": contents.start.isoformat()} if contents.start else {}),
        **author,
        "hasPart": [{"@id": f"{folder}{name}"} for name in files],
        "variableMeasured": [{"@id": node["@id"]} for node in measured],
    }
    for name, data in files.items():
        yield {
            "@id": f"{folder}{name}",
            "@type": "File",
            "name": Path(name).name,
            "encodingFormat": _TYPES.get(Path(name).suffix)
            or mimetypes.guess_type(name)[0]
            or "application/octet-stream",
            "contentSize": str(len(data)),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    yield from measured
    if options.author:
        person = options.author
        yield {
            "@id": _AUTHOR,
            "@type": "Person",
            "name": person.name,
            **({"email": person.email} if person.email else {}),
            **({"identifier": f"https://orcid.org/{person.orcid}"} if person.orcid else {}),
        }
    yield {"@id": _PUBLISHER, "@type": "Organization", "name": f"faradaic {__version__}"}


def _measured(contents: Contents) -> Iterator[dict[str, Any]]:
    """What is known, the columns, and the results as `PropertyValue` nodes."""
    for key, value in contents.description().items():
        if value not in (None, "", []):
            text = value if isinstance(value, str | float | int) else json.dumps(value)
            yield _property(f"known.{key}", {"value": text})
    for table, columns in contents.tables.items():
        for name, column in columns.items():
            known = describe(name, column)
            further = ", ".join(
                f"{k.replace('_', ' ')} {v}" for k, v in known.items() if k != "unit"
            )
            yield _property(
                f"column.{table}.{name}",
                {
                    "unitText": known["unit"],
                    "description": further,
                    "value": f"{len(column.values)} rows",
                },
            )
    for i, result in enumerate(contents.results):
        if result.get("value") is not None:
            notes = [str(result.get(key)) for key in ("method", "basis") if result.get(key)]
            notes += [
                f"{key} standard uncertainty {result[key]:g}"
                for key in ("random", "systematic")
                if result.get(key) is not None
            ]
            yield _property(
                f"result.{i}.{result['name']}",
                {
                    "value": result["value"],
                    "unitText": result["unit"],
                    "description": "; ".join([*notes, *(result.get("flags") or ())]),
                },
            )


def _property(key: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "@id": f"#{key.replace(' ', '-')}",
        "@type": "PropertyValue",
        "propertyID": key,
        "name": key.rpartition(".")[2],
        **{name: value for name, value in content.items() if value != ""},
    }
