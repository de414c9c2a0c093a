"""Data packages: CSV tables with their descriptor in JSON, as echemdb publishes literature curves.

Frictionless data packages whose fields have a unit and a reference electrode
(https://www.echemdb.org, metadata under `metadata.echemdb` of a resource), and those that
`faradaic export` writes, which read back as they were. Either the JSON or the CSV may be named.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from faradaic.datafiles.dataset import Column, Dataset, OhmicDrop, Sign
from faradaic.datafiles.readers.everyday_words import everyday_columns
from faradaic.datafiles.readers.headers import scale_of, warning
from faradaic.datafiles.readers.moments import iso_moment
from faradaic.datafiles.readers.text import damaged, decode, numeric_table, read_bytes
from faradaic.diagnostics import Diagnostic, InputError

DESCRIPTOR = "datapackage.json"
_LARGEST_DESCRIPTOR = 10_000_000
_WORKING = ("we", "workingelectrode", "working electrode")


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    title: str
    columns: Mapping[str, Column]
    warnings: Sequence[Diagnostic]
    resource: Mapping[str, Any]


def sniff(head: bytes, path: Path) -> bool:
    """A descriptor begins as a JSON object with resources; a table stands beside one that names it.

    Tables of other programs have no such neighbour.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return b'"resources"' in start
    return path.suffix.lower() == ".csv" and _neighbour(path) is not None


def read(path: Path) -> Dataset:
    """Read the first table of a package, or the one that is named; the others are `further`.

    Columns of echemdb come in SI. A reference or sign that the descriptor does not give stays
    unknown. Raises `InputError` for a descriptor that is damaged or names what is not there.
    """
    descriptor = path
    if path.suffix.lower() == ".csv":
        descriptor = _neighbour(path) or path
    package = _load(descriptor)
    resources = [one for one in _dicts(package.get("resources")) if _is_table(one)]
    if not resources:
        raise damaged(descriptor, 0, "it describes no table of comma-separated values")
    if descriptor != path:
        resources.sort(key=lambda one: one["path"] != path.name)
    ours = package.get("faradaic")
    tables = [_table(descriptor, one, as_it_was=isinstance(ours, dict)) for one in resources]
    about = _ours(ours) if isinstance(ours, dict) else _echemdb(package, resources[0])
    columns = tables[0].columns
    warnings = [found for table in tables for found in table.warnings]
    if any(column.unit in ("A", "A/m^2") and not column.sign for column in columns.values()):
        warnings.append(warning("E751", f"{path} does not tell which current is positive"))
    return replace(
        about,
        columns=columns,
        further={table.title: table.columns for table in tables[1:]},
        warnings=tuple(warnings),
    )


def _neighbour(path: Path) -> Path | None:
    """The descriptor beside a table: of its name, or datapackage.json, where that names it."""
    for candidate in (path.with_suffix(".json"), path.with_name(DESCRIPTOR)):
        try:
            package = _load(candidate) if candidate.is_file() else {}
        except InputError:
            continue
        named = {one.get("path") for one in _dicts(package.get("resources"))}
        if path.name in named and not _is_run(package):
            return candidate
    return None


def _is_run(package: Mapping[str, Any]) -> bool:
    """Whether it describes a run folder, whose journal is the truth and has a reader of its own."""
    paths = (str(one.get("path")) for one in _dicts(package.get("resources")))
    return any(path.endswith(".jsonl") for path in paths)


def _load(path: Path) -> dict[str, Any]:
    data = read_bytes(path)
    if len(data) > _LARGEST_DESCRIPTOR:
        raise damaged(path, _LARGEST_DESCRIPTOR, "a descriptor is never that long")
    try:
        package = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        raise damaged(path, at, f"it is no JSON: {error}") from None
    if not isinstance(package, dict):
        raise damaged(path, 0, "it is no JSON object")
    return package


def _is_table(resource: Mapping[str, Any]) -> bool:
    path, schema = resource.get("path"), resource.get("schema")
    return (
        isinstance(path, str)
        and path.lower().endswith(".csv")
        and isinstance(schema, dict)
        and bool(_dicts(schema.get("fields")))
    )


def _table(descriptor: Path, resource: Mapping[str, Any], *, as_it_was: bool) -> _Table:
    name = str(resource["path"])
    if Path(name).is_absolute() or ".." in Path(name).parts or ":" in name:
        raise InputError.of(
            f"{descriptor} names {name!r}, which lies outside of its folder",
            help="put the table beside the descriptor",
            code="E796",
        )
    path = descriptor.parent / name
    data = read_bytes(path)
    warnings = []
    stated = str(resource.get("hash") or "").removeprefix("sha256:")
    if len(stated) == 64 and stated != sha256(data).hexdigest():
        text = f"{path} is not the file that {descriptor.name} describes: its SHA-256 differs"
        warnings.append(warning("E796", text, "trust the numbers only if you know who changed it"))
    fields = _dicts(resource["schema"]["fields"])
    dialect = resource.get("dialect")
    dialect = dialect if isinstance(dialect, dict) else {}
    separator = str(dialect.get("delimiter") or ",")[:1]
    header, start = _header(data, separator, str(dialect.get("commentChar") or "#"))
    named = {str(field.get("name")): field for field in fields}
    if header != list(named):
        raise damaged(path, 0, f"its columns are {header}, the descriptor has {list(named)}")
    arrays, odd = numeric_table(data, start, len(header), path, separator=separator)
    warnings += odd
    if as_it_was:
        columns = {
            key: Column(
                values,
                _known(field.get("unit")) or "",
                raw_name=str(field.get("raw_name") or ""),
                sign=_sign(field),
                reference=_known(field.get("reference")),
            )
            for (key, field), values in zip(named.items(), arrays, strict=True)
        }
    else:
        raw = [
            (key, _known(field.get("unit")) or "", values)
            for (key, field), values in zip(named.items(), arrays, strict=True)
        ]
        made, unknown = everyday_columns(raw)
        warnings += unknown
        columns = {
            key: replace(column, sign=_sign(field), reference=_known(field.get("reference")))
            for (key, column), field in zip(made.items(), named.values(), strict=True)
        }
    title = str(resource.get("title") or resource.get("name") or path.stem)
    return _Table(title, columns, warnings, resource)


def _header(data: bytes, separator: str, comment: str) -> tuple[list[str], int]:
    """Names of the columns, and where the rows begin, in bytes."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        line = decode(data[start:end]).strip("\r\n")
        start = end
        if line.strip() and not line.startswith(comment):
            return next(csv.reader([line], delimiter=separator)), start
    return [], start


def _ours(about: Mapping[str, Any]) -> Dataset:
    metadata = about.get("metadata")
    known = {str(k): str(v) for k, v in (metadata if isinstance(metadata, dict) else {}).items()}
    if isinstance(about.get("simulated"), bool):
        known["simulated"] = json.dumps(about["simulated"])
    drop = about.get("ohmic_drop")
    area = about.get("area_m2")
    return Dataset(
        {},
        technique=str(about.get("technique") or ""),
        instrument=str(about.get("instrument") or ""),
        start=iso_moment(about.get("start")),
        area_m2=float(area) if isinstance(area, int | float) else None,
        ohmic_drop=cast("OhmicDrop", drop) if drop in ("compensated", "uncompensated") else None,
        metadata=known,
    )


def _echemdb(package: Mapping[str, Any], resource: Mapping[str, Any]) -> Dataset:
    metadata = resource.get("metadata") or package.get("metadata") or {}
    about = metadata.get("echemdb") if isinstance(metadata, dict) else {}
    flat = dict(_flat(about)) if isinstance(about, dict) else {}
    electrodes = _dicts(_at(about, "system", "electrodes"))
    working = next(
        (
            one
            for one in electrodes
            if {str(one.get(key)).lower() for key in ("name", "function")} & {*_WORKING}
        ),
        {},
    )
    instruments = _dicts(_at(about, "experimental", "instrumentation"))
    return Dataset(
        {},
        technique=flat.get("figureDescription.measurementType")
        or flat.get("dataDescription.measurementType", ""),
        instrument="; ".join(
            " ".join(str(one[k]) for k in ("supplier", "model", "type") if one.get(k))
            for one in instruments
        ),
        area_m2=_area_m2(working.get("geometricElectrolyteContactArea")),
        metadata=flat,
    )


def _area_m2(written: Any) -> float | None:
    value = written.get("value") if isinstance(written, dict) else None
    scale = scale_of(str(written.get("unit") or "")) if isinstance(written, dict) else None
    if not isinstance(value, int | float) or scale is None or scale.unit != "m^2":
        return None
    return float(value) * scale.factor


def _flat(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Nested metadata as `figureDescription.scanRate.value`: text."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _flat(value, f"{path}.{i}")
    elif node is not None:
        yield path, str(node)


def _dicts(node: Any) -> list[dict[str, Any]]:
    return [one for one in node if isinstance(one, dict)] if isinstance(node, list) else []


def _at(node: Any, *keys: str) -> Any:
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _known(written: Any) -> str | None:
    return str(written) if written not in (None, "", "unknown") else None


def _sign(field: Mapping[str, Any]) -> Sign | None:
    sign = field.get("positive_current")
    return cast("Sign", sign) if sign in ("anodic", "cathodic") else None
