"""The catalogue of diagnoses and their causes (`diagnosis_catalogue.toml`) as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class DiagnosisKind:
    """One rule: D01 to D23."""

    id: str
    title: str
    formula: str
    """What has to hold, with its thresholds."""
    example: str
    source: str
    watched: bool = True
    """Whether readings of current and voltage alone can raise it."""


@dataclass(frozen=True, slots=True)
class CauseKind:
    """One cause: what it is, what to look at, what to do."""

    name: str
    what: str
    look: str
    do: str


@cache
def _rows() -> Mapping[str, Any]:
    shipped = files("faradaic.diagnoses")
    text = shipped.joinpath("diagnosis_catalogue.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def diagnosis_kinds() -> Mapping[str, DiagnosisKind]:
    """Every rule by its id, in order."""
    return {key: DiagnosisKind(id=key, **row) for key, row in _rows()["rules"].items()}


@cache
def cause_kinds() -> Mapping[str, CauseKind]:
    """Every cause by its name."""
    return {key: CauseKind(name=key, **row) for key, row in _rows()["causes"].items()}


def cause_of(name: str) -> CauseKind:
    """One cause; raises KeyError for a name that is none."""
    return cause_kinds()[name]
