"""A file that says which column is which quantity, for `--map`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from faradaic.datafiles import MAPPING
from faradaic.datafiles.readers.mapping import Named
from faradaic.documents.kinds import read_document
from faradaic.documents.models import Model, NotEmpty, Text, scalar_as
from faradaic.documents.validation import validate_document


class NamedColumn(Model):
    """What one column is; the fields are those of `readers.mapping.Named`."""

    quantity: Text = Field(examples=["current"])
    unit: Annotated[str, Field(examples=["mA"])] = ""
    sign: Literal["anodic", "cathodic"] | None = None
    reference: Text | None = None


class ColumnMapping(Model):
    """The columns of a file by their headers in it."""

    faradaic_mapping: Literal[1]
    columns: Annotated[dict[str, Annotated[NamedColumn, scalar_as("quantity")]], NotEmpty()] = (
        Field(examples=["{I (2): {quantity: current, unit: mA, sign: cathodic}}"])
    )


def load_mapping(path: Path) -> list[Named]:
    """What a mapping names. Raises `InputError` with every problem, at its line and column."""
    mapping = validate_document(read_document(path, MAPPING), ColumnMapping)
    return [Named(header=header, **dict(about)) for header, about in mapping.columns.items()]
