"""From a file, a text or a library name to a validated protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import Document
from faradaic.documents.kinds import read_document, require_kind
from faradaic.documents.validation import validate_document
from faradaic.protocols import PROTOCOL
from faradaic.protocols.consistency import inconsistencies
from faradaic.protocols.library import LIBRARY_PREFIX, library_file
from faradaic.protocols.protocol_model import model_for, protocol_model
from faradaic.protocols.schema import Protocol


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
    return validate_protocol(read_document(path, PROTOCOL, name))


def validate_protocol(document: Document) -> LoadedProtocol:
    """The protocol of a document; raises InputError with every problem found."""
    require_kind(document, PROTOCOL)
    if "wells" in document.data:
        raise InputError(
            Diagnostic(
                "E456",
                "a protocol is one electrolysis, and this one says of what plate it is",
                help="`faradaic plan`, `check` and `run` take it as a plate; for one well take"
                " `wells` out",
                location=document.locate(["wells"], key=True),
                path="wells",
            )
        )
    try:
        protocol = validate_document(document, model_for(document.data))
    except InputError:
        protocol = validate_document(document, protocol_model())
    problems = list(inconsistencies(protocol, document))
    if problems:
        raise InputError(*problems)
    return LoadedProtocol(document, protocol)
