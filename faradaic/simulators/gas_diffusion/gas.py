"""A dry gas flow by species, and the sccm that flow controllers and meters speak of."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from faradaic.quantities.constants import ATMOSPHERE_PA, CELSIUS_ZERO_K, GAS_CONSTANT_J_PER_MOL_K

Value = TypeVar("Value")


class Standard(NamedTuple):
    """The state of the gas for which an instrument counts standard cubic centimetres."""

    temperature_K: float = CELSIUS_ZERO_K
    pressure_Pa: float = ATMOSPHERE_PA

    @property
    def mol_per_s(self) -> float:
        """One sccm in mol/s: p V/(R T); 7.4358e-7 at 0 degC and 1 atm."""
        return 1e-6 / 60 * self.pressure_Pa / (GAS_CONSTANT_J_PER_MOL_K * self.temperature_K)


NORMAL = Standard()
"""0 degC and 1 atm."""

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

    def fraction(self, species: str) -> float:
        """Mole fraction of one species of `SPECIES`."""
        flow: float = getattr(self, species)
        return flow / self.total_mol_per_s
