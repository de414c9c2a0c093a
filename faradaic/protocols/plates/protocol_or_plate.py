"""What a person names where a protocol or a plate may stand.

What only plates need is imported for a plate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.documents.kinds import read_document
from faradaic.documents.models import yaml_key
from faradaic.protocols import PLATE, PROTOCOL
from faradaic.protocols.library import LIBRARY_PREFIX, library_file
from faradaic.protocols.load import LoadedProtocol, validate_protocol
from faradaic.protocols.schema.protocol import Protocol

if TYPE_CHECKING:
    from faradaic.protocols.plates.load_plate import LoadedPlate


def read_protocol_or_plate(source: str) -> LoadedProtocol | LoadedPlate:
    """A file, or one of the library, read once. Raises `InputError`."""
    shipped = source.startswith(LIBRARY_PREFIX)
    path = library_file(source.removeprefix(LIBRARY_PREFIX)) if shipped else Path(source)
    document = read_document(path, PROTOCOL, source, or_else=PLATE)
    of_protocols = {PROTOCOL.key, *map(yaml_key, Protocol.model_fields)}
    if not document.data.keys() <= of_protocols:
        from faradaic.protocols.plates.load_plate import plate_of, says_of_a_plate

        if says_of_a_plate(document):
            return plate_of(document)
    return validate_protocol(document)
