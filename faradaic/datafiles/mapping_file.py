"""A file that says which column is which quantity, for `--map`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from faradaic.chemistry.reference_electrodes import typed_name
from faradaic.datafiles import MAPPING
from faradaic.datafiles.dataset import typed_sign
from faradaic.datafiles.readers.mapping import Named
from faradaic.diagnostics import InputError
from faradaic.documents.kinds import read_document
from faradaic.documents.models import Model, NotEmpty, Text, scalar_as
from faradaic.documents.validation import locate, validate_document


class NamedColumn(Model):
    """What one column is; the fields are those of `readers.mapping.Named`."""

    quantity: Text = Field(examples=["current"])
    unit: Annotated[str, Field(examples=["mA"])] = ""
    sign: Literal["anodic", "cathodic", "anodic positive", "cathodic positive"] | None = None
    reference: Text | None = None


class ColumnMapping(Model):
    """The columns of a file by their headers in it."""

    faradaic_mapping: Literal[1]
    columns: Annotated[dict[str, Annotated[NamedColumn, scalar_as("quantity")]], NotEmpty()] = (
        Field(examples=["{I (2): {quantity: current, unit: mA, sign: cathodic}}"])
    )


def load_mapping(path: Path) -> list[Named]:
    """What a mapping names. Raises `InputError` with every problem, at its line and column."""
    document = read_document(path, MAPPING)
    mapping = validate_document(document, ColumnMapping)
    named, wrong = [], []
    for header, about in mapping.columns.items():
        if about.reference is not None:
            try:
                about = about.model_copy(update={"reference": typed_name(about.reference)})
            except InputError as error:
                place = locate(document, ("columns", header, "reference"))
                wrong += [replace(told, location=place) for told in error.diagnostics]
        sign = typed_sign(about.sign) if about.sign else None
        named.append(Named(header=header, **{**dict(about), "sign": sign}))
    if wrong:
        raise InputError(*wrong)
    return named
