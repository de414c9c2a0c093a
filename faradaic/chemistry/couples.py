"""Couples: at what potentials compounds are oxidised and reduced in practice.

A compound is known by its groups: those of its SMILES if there is one, else those that its name
says. What the table does not know gives nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from math import hypot
from typing import TYPE_CHECKING

from faradaic.chemistry.chemical_names import groups_named
from faradaic.chemistry.potential_scales import scale_shift
from faradaic.chemistry.reference_electrodes import reference_electrode
from faradaic.chemistry.smiles import contains, molecule
from faradaic.chemistry.tables import rows
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Mapping

_OTHER_SOLVENT_V = 0.15
_WATER = "H2O"


@dataclass(frozen=True, slots=True)
class Couple:
    """A group of compounds, or a compound, and its practical potential."""

    id: str
    direction: str
    potential_V_vs_SHE: float
    spread_V: float
    source: str
    kind: str = "practical"
    """`half_wave`, `half_peak`, `peak`, `onset`, or `practical` (about 1 mA/cm²)."""
    detail: int = 0
    """Length of the pattern: the longer, the more of the compound it describes."""
    stated: bool = False
    """Whether the author of the protocol gave it."""
    of: str = ""
    """The component whose it is; empty for a row of the table alone."""


@dataclass(frozen=True, slots=True)
class Reactant:
    """What may react: how it is called, and its own potential if the author knows it."""

    id: str
    name: str | None = None
    smiles: str | None = None
    stated: Couple | None = None


def couples_of(reactant: Reactant, direction: str, solvent: str | None) -> tuple[Couple, ...]:
    """The couples of a compound in one direction, in the solvent (its id) or nearest to it."""
    if reactant.stated is not None:
        return (reactant.stated,) if reactant.stated.direction == direction else ()
    return tuple(
        replace(_couple(_nearest(id_, direction, solvent), solvent), of=reactant.id)
        for id_ in sorted(_groups(reactant))
        if any(row["id"] == id_ and row["direction"] == direction for row in rows("couples"))
    )


def couple(id: str, direction: str | None = None, solvent: str | None = None) -> Couple:  # noqa: A002
    """One row of the table of couples."""
    direction = direction or next(r["direction"] for r in rows("couples") if r["id"] == id)
    return _couple(_nearest(id, direction, solvent), solvent)


@cache
def plated_metals() -> Mapping[str, str]:
    """The metals that are plated from their ions, by the id of the couple."""
    return {
        row["id"]: name.removeprefix("cation:")
        for row in rows("couples")
        for name in row["names"].split("|")
        if name.startswith("cation:") and row["direction"] == "reduction"
    }


@cache
def sce_to_SHE_V() -> float:
    """Potential of the saturated calomel electrode, on which organic tables count, V vs SHE."""
    return reference_electrode("SCE").potential_V


def _groups(reactant: Reactant) -> frozenset[str]:
    if reactant.smiles is not None:
        return _groups_of_smiles(reactant.smiles)
    named = groups_named(reactant.name) if reactant.name else frozenset()
    return named or groups_named(reactant.id)


@cache
def _groups_of_smiles(smiles: str) -> frozenset[str]:
    found = molecule(smiles)
    return frozenset(
        row["id"]
        for row in rows("couples")
        if any(contains(found, pattern) for pattern in row["pattern"].split("|") if pattern)
    )


def _nearest(id_: str, direction: str, solvent: str | None) -> dict[str, str]:
    """The row in this solvent, else one that is in water too or is not either."""
    found = [r for r in rows("couples") if r["id"] == id_ and r["direction"] == direction]
    return max(found, key=lambda row: (row["solvent"] == solvent, _alike(row["solvent"], solvent)))


def _alike(one: str | None, other: str | None) -> bool:
    return (one == _WATER) == (other == _WATER)


def _couple(row: dict[str, str], solvent: str | None) -> Couple:
    shift = scale_shift(
        row["scale"], "SHE", temperature_K=STANDARD_TEMPERATURE_K, solvent=row["solvent"]
    )
    assert shift.value is not None
    spread = hypot(float(row["spread_V"]), shift.systematic or 0.0)
    if row["solvent"] and not _alike(row["solvent"], solvent):
        spread += _OTHER_SOLVENT_V
    return Couple(
        id=row["id"],
        direction=row["direction"],
        potential_V_vs_SHE=float(row["potential_V"]) + shift.value,
        spread_V=spread,
        source=row["source"],
        kind=row["kind"],
        detail=len(row["pattern"]),
    )
