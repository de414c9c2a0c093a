"""A solution as the estimates see it: the solvent that rules, the salts, temperature and pH."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.chemistry.water import pH_of_hydroxide

if TYPE_CHECKING:
    from faradaic.chemistry.salts import Salt
    from faradaic.chemistry.solvents import Solvent


@dataclass(frozen=True, slots=True)
class Medium:
    """Solvent, salts and temperature of one compartment."""

    solvent: Solvent | None
    """The solvent with the largest volume; None when it is not in the table."""
    solvents: tuple[str, ...]
    """All solvents by the names they were given, the largest volume first."""
    volume_m3: float
    temperature_K: float
    salts: tuple[tuple[str, Salt | None, float], ...]
    """Name, ions where the table has them, and concentration in mol/m³."""
    unknown: tuple[str, ...]
    """Electrolytes whose concentration is not known."""
    stated_pH: float | None = None

    @property
    def electrolyte_mol_per_m3(self) -> float:
        """Concentration of all salts together, mol/m³."""
        return sum(concentration for _, _, concentration in self.salts)

    @property
    def aqueous(self) -> bool:
        """Whether water is the solvent that rules."""
        return self.solvent is not None and self.solvent.id == "H2O"

    @property
    def acidity(self) -> tuple[float, str]:
        """pH, and the assumption behind it ("" when stated): from a hydroxide, else 7."""
        if self.stated_pH is not None:
            return self.stated_pH, ""
        for _, ions, concentration in self.salts:
            if ions is not None and ions.anion == "OH":
                pH = pH_of_hydroxide(concentration)
                return pH, f"pH {pH:.1f} from the concentration of the hydroxide"
        return 7.0, "the pH is not stated: taken as 7"
