"""From a YAML file to a study, with what was assumed on the command line."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from faradaic.datafiles.assumptions import parse_assumptions
from faradaic.datafiles.dataset import Dataset
from faradaic.diagnostics import Diagnostic, InputError, did_you_mean
from faradaic.documents.document import Document, load_document
from faradaic.documents.kinds import read_document
from faradaic.documents.models import yaml_key
from faradaic.documents.validation import validate_document
from faradaic.studies import STUDY
from faradaic.studies.outcome import AssumedCondition
from faradaic.studies.schema import MeasurementConditions, Study
from faradaic.studies.study_kinds import STUDY_KINDS


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study with the text it was written in and the folder of its files."""

    document: Document
    study: Study
    folder: Path
    assumptions: tuple[AssumedCondition, ...]
    read: Mapping[Path, Dataset] = field(default_factory=dict)
    """Files that were read already, with what was stated of them."""


def load_study(path: Path, assume: Sequence[str] = ()) -> StudyFile:
    """Read and validate a study file.

    `assume` are conditions for the whole study, as `pH=14`, that the file must not give itself.
    Raises `InputError` with every problem found, at its line and column.
    """
    return study_of(read_document(path, STUDY), path.parent, assume)


def study_of(document: Document, folder: Path, assume: Sequence[str] = ()) -> StudyFile:
    """The study of a document whose files lie in `folder`; as `load_study`."""
    model = _model(document)
    assumptions = tuple(_assumption(*one) for one in parse_assumptions(list(assume)).items())
    for assumption in assumptions:
        document = _with(document, assumption)
    return StudyFile(document, validate_document(document, model), folder, assumptions)


def _model(document: Document) -> type[Study]:
    kind = document.data.get("kind")
    try:
        return STUDY_KINDS.load(str(kind)).model
    except InputError as error:
        place = document.locate(["kind"])
        raise InputError(*(d.at(place) for d in error.diagnostics)) from None


def _assumption(name: str, value: str) -> AssumedCondition:
    known = [yaml_key(field) for field in MeasurementConditions.model_fields]
    if name not in known:
        raise InputError.of(
            f"there is no condition {name!r}", help=did_you_mean(name, known), code="E781"
        )
    return AssumedCondition(name, value)


def with_condition(loaded: StudyFile, name: str, value: str) -> StudyFile:
    """The same study with one more condition for all of it, as if the file gave it."""
    document = _with(loaded.document, AssumedCondition(name, value))
    return replace(loaded, document=document, study=validate_document(document, type(loaded.study)))


def _with(document: Document, assumption: AssumedCondition) -> Document:
    data: dict[str, Any] = copy.deepcopy(document.data)
    conditions = data.setdefault("conditions", {})
    if isinstance(conditions, dict):
        if assumption.field in conditions:
            raise InputError(
                Diagnostic(
                    "E781",
                    f"`{assumption.field}` stands in {document.name} already",
                    help=f"change it there, or leave out `--assume {assumption.field}=...`",
                    location=document.locate(["conditions", assumption.field]),
                )
            )
        value = load_document(f"value: {assumption.value}", "--assume").data["value"]
        conditions[assumption.field] = value
    return replace(document, data=data)
