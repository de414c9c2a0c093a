"""A structure as it enters a relaxation: what it is called, what it is built from and what for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["target", "competitor"]
"""Whether the phase is screened, or is one that it may decompose into."""


@dataclass(frozen=True, slots=True, eq=False)
class StartingStructure:
    """A crystal structure before relaxation; lattice parameters are starting values."""

    name: str
    """Unique in a screening: "Mg2(MgZnInSb)O8", "MgAl2O4 spinel inverse 3"."""
    prototype: str
    """Which structure it is a decoration of: "spinel", "trirutile"."""
    family: str
    """Of related prototypes, left out together in a sensitivity report: "perovskites"."""
    role: Role
    structure: Any
    """A pymatgen `Structure`: lattice in Å, no oxidation states."""
    source: str
    """Where the prototype comes from and how the cell was made."""
