"""What gives way before the substrate does: the solvent, an ion of the electrolyte, the anode.

All of it is recalled and approximate; a finding that rests on it is never an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from faradaic.chemistry.couples import sce_to_SHE_V
from faradaic.chemistry.tables import normalised, rows

_COATED = ("platin", "coated", "dsa", "oxide", "iridium", "bdd")
"""What is said of an anode whose surface is another than its metal."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Where something that is there for another purpose reacts at an electrode."""

    of: str
    """Id of the solvent or the ion."""
    potential_V_vs_SHE: float
    spread_V: float
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Corrosion:
    """What becomes of a material as an anode."""

    says: str
    remedy: str
    source: str


def solvent_limit(solvent: str, electrode: str) -> Limit | None:
    """Where a solvent (its id) itself reacts at an anode or a cathode; None if it holds."""
    for row in rows("solvent_reactions"):
        if (row["solvent"], row["electrode"]) == (solvent, electrode):
            return _limit(row, solvent, row["says"])
    return None


def ion_limits(ions: Iterable[str], direction: str) -> Iterator[Limit]:
    """Where ions of the table are oxidised or reduced in an organic solvent."""
    there = set(ions)
    for row in rows("ion_limits"):
        if row["direction"] == direction and row["ion"] in there:
            yield _limit(row, row["ion"], "")


def _limit(row: dict[str, str], of: str, says: str) -> Limit:
    potential_V = float(row["limit_V_vs_SCE"]) + sce_to_SHE_V()
    return Limit(of, potential_V, float(row["spread_V"]), says, row["source"])


def anode_corrosion(material: str, media: Collection[str]) -> Corrosion | None:
    """What an anode material suffers in a medium (`acid`, `halide`, `nonaqueous`, ...).

    None where the table knows nothing of it; a coated or platinised metal is none of its rows.
    """
    words = {normalised(word) for word in re.split(r"[\s,/]+", material) if word}
    if any(word in normalised(material) for word in _COATED):
        return None
    for row in rows("anode_corrosion"):
        named = {normalised(word) for word in row["material"].split("|")}
        if (named & words or normalised(material) in named) and (
            row["medium"] == "any" or row["medium"] in media
        ):
            return Corrosion(row["says"], row["remedy"], row["source"])
    return None


def hardly_dissolves(cation: str, anion: str, solvent: str) -> tuple[str, str] | None:
    """What is known against a salt in a solvent, and what to take instead; None if nothing is."""
    for row in rows("poor_solubilities"):
        if (
            cation in row["cations"].split("|")
            and (row["anions"] == "*" or anion in row["anions"].split("|"))
            and solvent in row["solvents"].split("|")
        ):
            return row["says"], row["remedy"]
    return None


def toxic_gas(species: str) -> tuple[float, str] | None:
    """The limit of a gas in the air of a workplace as a fraction, and why; None if harmless."""
    for row in rows("toxic_gases"):
        if row["gas"] == species:
            return float(row["limit_ppm"]) * 1e-6, row["says"]
    return None
