"""A dry gas flow by species."""

from __future__ import annotations

from typing import NamedTuple

SPECIES = ("CO2", "CO", "H2", "N2", "Ar")


class GasStream(NamedTuple):
    """Flows of the species, mol/s, dry; floats, or arrays of one shape over time."""

    CO2: float = 0.0
    CO: float = 0.0
    H2: float = 0.0
    N2: float = 0.0
    Ar: float = 0.0

    @property
    def total_mol_per_s(self) -> float:
        """All species together."""
        return self.CO2 + self.CO + self.H2 + self.N2 + self.Ar
