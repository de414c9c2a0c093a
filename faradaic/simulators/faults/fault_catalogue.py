"""The catalogue of faults (`fault_catalogue.toml`) as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter


class FaultLayer(StrEnum):
    """Where a fault acts."""

    DESCRIPTION = "description"
    """The cell as it is made up; from the beginning only."""
    WIRING = "wiring"
    CELL = "cell"
    DEVICE = "device"
    """What stands around the cell."""
    METER = "meter"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class Key:
    """One quantity of a fault."""

    dimension: str
    """What is written, in the words of the catalogue."""
    meaning: str
    default: str | None = None
    """None where a value must be given."""
    example: str = ""
    """Of what is written: the default, where there is one."""
    signed: bool = False
    """Whether it may be negative."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "example", self.default or self.example)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the catalogue."""

    name: str
    layer: FaultLayer
    what: str
    symptom: str
    keys: Mapping[str, Key] = field(default_factory=dict)


@cache
def catalogue() -> Mapping[str, FaultKind]:
    """Every fault that can be injected, by name, in the order of the file."""
    path = files("faradaic.simulators.faults").joinpath("fault_catalogue.toml")
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    named = {name: {"name": name, **row} for name, row in rows.items()}
    return TypeAdapter(dict[str, FaultKind]).validate_python(named)
