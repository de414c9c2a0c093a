"""Profiles of source-measure units that speak SCPI: the words of a family, as data.

A profile is a TOML file in `profiles/`: what is set when a meter is connected and before a segment
(each header is read back as `header?`; one without a value is only told), what asks for a reading
and which bits of its status say that a limit holds it, and the models with their ranges.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter

PROTECTION_TOLERANCE = 0.05
"""Of the overvoltage protection, as Keithley says of the 2400 series (user's manual, page 3-12)."""


@dataclass(frozen=True, slots=True)
class MeterModel:
    """One model, in the region of its output that is used. Magnitudes, SI; ranges rise."""

    name: str
    amps: float
    volts: float
    ranges_A: tuple[float, ...]
    ranges_V: tuple[float, ...]
    channels: int = 1
    protections_V: tuple[float, ...] = ()
    """Of the overvoltage protection, where it has levels."""

    def protection_above(self, highest_V: float) -> str:
        """The lowest overvoltage protection that is above what may be sourced."""
        least_V = highest_V / (1.0 - PROTECTION_TOLERANCE)
        return f"{next(level for level in self.protections_V if level > least_V):g}"


@dataclass(frozen=True, slots=True)
class MeterFamily:
    """The words of a family."""

    maker: str
    answers_as: str
    """How its identity begins, alternatives apart by `|`."""
    sources: str
    unverified: str
    output: str
    read: str
    again: str
    """Asks for the reading that was taken last."""
    limited_bits: tuple[int, ...]
    """Of the status in a reading: a limit holds the output."""
    overflow_bits: tuple[int, ...]
    connected: tuple[tuple[str, ...], ...]
    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    models: dict[str, MeterModel]
    serial: str = ""
    protection: str = ""


@dataclass(frozen=True, slots=True)
class TspFamily:
    """A family whose words are those of its driver: its models alone."""

    maker: str
    sources: str
    unverified: str
    models: dict[str, MeterModel]


@cache
def meter_family(name: str) -> MeterFamily:
    """A profile by its file name."""
    return TypeAdapter(MeterFamily).validate_python(_told(name))


@cache
def tsp_family(name: str) -> TspFamily:
    """The models of a profile by its file name."""
    return TypeAdapter(TspFamily).validate_python(_told(name))


def _told(name: str) -> dict[str, Any]:
    place = f"profiles/{name}.toml"
    return tomllib.loads(files(__package__).joinpath(place).read_text(encoding="utf-8"))
