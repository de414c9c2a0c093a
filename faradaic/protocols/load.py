"""From a file, a text or a library name to a validated protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import Document, load_document
from faradaic.documents.validation import validate_document
from faradaic.protocols.consistency import inconsistencies
from faradaic.protocols.library import LIBRARY_PREFIX, library_file
from faradaic.protocols.protocol_model import protocol_model
from faradaic.protocols.schema import Protocol

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class LoadedProtocol:
    """A protocol together with the text it was written in."""

    document: Document
    protocol: Protocol


def load_protocol(source: Path | str) -> LoadedProtocol:
    """Read and validate a protocol.

    `source` is a path, or `library:NAME` for one that ships with the package. Raises InputError
    with every problem found, each at its line and column: E2xx for the YAML document, E3xx for
    the schema, E1xx for quantities in it.
    """
    name = str(source)
    shipped = isinstance(source, str) and source.startswith(LIBRARY_PREFIX)
    path = library_file(name.removeprefix(LIBRARY_PREFIX)) if shipped else Path(source)
    return validate_protocol(load_document(path, name))


def validate_protocol(document: Document) -> LoadedProtocol:
    """The protocol of a document; raises InputError with every problem found."""
    problems = _wrong_version(document)
    if problems:
        raise InputError(*problems)
    protocol = validate_document(document, protocol_model())
    problems = list(inconsistencies(protocol, document))
    if problems:
        raise InputError(*problems)
    return LoadedProtocol(document, protocol)


def _wrong_version(document: Document) -> list[Diagnostic]:
    version = document.data.get("faradaic")
    if version == SCHEMA_VERSION and not isinstance(version, bool):
        return []
    if "faradaic" not in document.data:
        return [
            Diagnostic(
                "E302",
                "this isn't marked as a protocol: `faradaic` is missing",
                help=f"begin the file with `faradaic: {SCHEMA_VERSION}`",
                location=document.locate([]),
                path="faradaic",
            )
        ]
    return [
        Diagnostic(
            "E310",
            f"schema version {version!r:.40} isn't one that this program reads",
            help=f"write `faradaic: {SCHEMA_VERSION}`",
            location=document.locate(["faradaic"]),
            path="faradaic",
        )
    ]
