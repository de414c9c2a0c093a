"""From a file to a plate and the protocols that it names.

What a plate says may also stand in the protocol itself: `wells: 24` in a protocol is a plate of 24.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from faradaic.diagnostics import InputError
from faradaic.documents.document import Document, KeyPath, load_document
from faradaic.documents.kinds import read_document
from faradaic.documents.models import yaml_key
from faradaic.documents.validation import validate_document
from faradaic.protocols import PLATE, PROTOCOL
from faradaic.protocols.library import LIBRARY_PREFIX, library_file
from faradaic.protocols.plates.plate_schema import ROWS, STANDARD, Plate

_OF_BOTH = frozenset({"title", "name", "protocol", "runs", PLATE.key})
_OF_THE_PLATE = {"wells", *(yaml_key(name) for name in Plate.model_fields)} - _OF_BOTH


@dataclass(frozen=True, slots=True)
class LoadedPlate:
    """A plate as written, and the protocols that it names."""

    document: Document
    plate: Plate
    protocols: tuple[Document, ...]
    """That of the plate, or of each run of its list; validated for each well only."""


def load_plate(source: Path | str) -> LoadedPlate:
    """Read a plate. Raises `InputError` with every problem found in it."""
    return plate_of(read_document(Path(source), PLATE, str(source)))


def plate_of(document: Document) -> LoadedPlate:
    """The plate of a document, and the protocols that it names. Raises `InputError`."""
    if PLATE.key not in document.data:
        document = _with_its_own_protocol(document)
    document = _filled(_named(document))
    plate = validate_document(document, Plate)
    if plate.runs is None:
        assert plate.protocol is not None
        return LoadedPlate(document, plate, (_protocol(document, plate.protocol, ("protocol",)),))
    found = []
    for number, run in enumerate(plate.runs):
        short = not isinstance(document.data["runs"][number], dict)
        path: KeyPath = ("runs", number) if short else ("runs", number, "protocol")
        found.append(_protocol(document, run.protocol, path))
    return LoadedPlate(document, plate, tuple(found))


def says_of_a_plate(document: Document) -> bool:
    """Whether a document is a plate, or a protocol that says of what plate it is."""
    return PLATE.key in document.data or bool(_OF_THE_PLATE & document.data.keys())


def _with_its_own_protocol(document: Document) -> Document:
    """A protocol that says of what plate it is, as that plate."""
    data = document.data
    above: dict[str, Any] = {key: data[key] for key in ("title", "name") if key in data}
    above |= {key: value for key, value in data.items() if key in _OF_THE_PLATE}
    below = {key: value for key, value in data.items() if key not in _OF_THE_PLATE}
    whole = replace(document, data={PLATE.key: 1, **above, PROTOCOL.name: below})

    def locate(path: KeyPath, key: bool) -> Any:
        return document.locate(path[1:] if path[:1] == (PROTOCOL.name,) else path, key=key)

    return whole.standing_at(locate)


def _named(document: Document) -> Document:
    """A list of wells without their names: in the order of the plate."""
    wells = document.data.get("wells")
    if not isinstance(wells, list) or not all(isinstance(one, dict) for one in wells):
        return document
    _, columns = next((STANDARD[n] for n in STANDARD if n >= len(wells)), (16, 24))
    size = re.fullmatch(r"\d+ ?[x×] ?(\d+)", str(document.data.get("layout")))
    if size is not None and 1 <= int(size[1]) <= 24:
        columns = int(size[1])
    elif document.data.get("layout") in STANDARD:
        _, columns = STANDARD[document.data["layout"]]
    if len(wells) > len(ROWS) * columns:
        return document
    names = [f"{ROWS[n // columns]}{n % columns + 1}" for n in range(len(wells))]
    data = {**document.data, "wells": dict(zip(names, wells, strict=True))}

    def locate(path: KeyPath, key: bool) -> Any:
        if path[:1] == ("wells",) and path[1:2] and path[1] in names:
            return document.locate(("wells", names.index(str(path[1])), *path[2:]), key=key)
        return document.locate(path, key=key)

    return replace(document, data=data).standing_at(locate)


def _filled(document: Document) -> Document:
    """`wells: 24` is as many as are to be filled."""
    wells = document.data.get("wells")
    if not isinstance(wells, int) or isinstance(wells, bool):
        return document
    data = {("fill" if key == "wells" else key): one for key, one in document.data.items()}

    def locate(path: KeyPath, key: bool) -> Any:
        return document.locate(("wells",) if path[:1] == ("fill",) else path, key=key)

    return replace(document, data=data).standing_at(locate)


def _protocol(plate: Document, named: str | Mapping[str, Any], at: KeyPath) -> Document:
    """The document of a protocol, beside the plate or within it."""
    if isinstance(named, str):
        if named.startswith(LIBRARY_PREFIX):
            path = library_file(named.removeprefix(LIBRARY_PREFIX))
        else:
            path = Path(plate.name).parent / named
        try:
            return read_document(path, PROTOCOL, named if path.name not in named else str(path))
        except InputError as error:
            place = plate.locate(at)
            raise InputError(*(d.at(place) for d in error.diagnostics)) from None
    data = dict(named) if PROTOCOL.key in named else {PROTOCOL.key: 1, **named}
    made = load_document(as_yaml(data), plate.name)
    return made.standing_at(lambda path, key: plate.locate((*at, *path), key=key))


def as_yaml(data: Mapping[str, Any]) -> str:
    """Plain data as YAML, its keys in their order."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 1000
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(dict(data), stream)
    return stream.getvalue()
