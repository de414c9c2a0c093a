"""The catalogue of faults (`fault_catalogue.toml`) as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class FaultLayer(StrEnum):
    """Where a fault acts."""

    DESCRIPTION = "description"
    """The cell as it is made up; from the beginning only."""
    WIRING = "wiring"
    CELL = "cell"
    METER = "meter"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class Key:
    """One quantity of a fault."""

    dimension: str
    """What is written, in the words of the catalogue."""
    meaning: str
    example: str
    default: str | None
    """None where a value must be given."""
    signed: bool
    """Whether it may be negative."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the catalogue."""

    name: str
    layer: FaultLayer
    what: str
    symptom: str
    keys: Mapping[str, Key]


@cache
def catalogue() -> Mapping[str, FaultKind]:
    """Every fault that can be injected, by name, in the order of the file."""
    path = files("faradaic.simulators.faults").joinpath("fault_catalogue.toml")
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: FaultKind(
            name,
            FaultLayer(row["layer"]),
            row["what"],
            row["symptom"],
            {
                key: Key(
                    k["is"],
                    k["means"],
                    k.get("default", k.get("example")),
                    k.get("default"),
                    k.get("signed", False),
                )
                for key, k in row.get("keys", {}).items()
            },
        )
        for name, row in rows.items()
    }
