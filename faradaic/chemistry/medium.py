"""A solution as the estimates see it: its solvents, what is dissolved, temperature and pH."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from faradaic.chemistry.dissolved import Dissolved
from faradaic.chemistry.solvents import mix

if TYPE_CHECKING:
    from faradaic.chemistry.solvents import Solvent, SolventMixture

_IONOMERS = {"cem": (0.0, "a proton"), "aem": (14.0, "a hydroxide")}
"""pH and ion of the membrane itself."""


@dataclass(frozen=True, slots=True)
class Medium:
    """Solvents, ions and temperature of one compartment."""

    solvents: tuple[tuple[str, Solvent | None, float], ...]
    """Name as given, row of the table if there is one, and volume in m³; the largest first."""
    temperature_K: float
    dissolved: Dissolved = field(default_factory=Dissolved)
    stated_pH: float | None = None
    stated_conductivity_S_per_m: tuple[float, float | None] | None = None
    """As the author gives it, with its uncertainty."""
    ionomer: Literal["cem", "aem"] | None = None
    """The membrane in which the electrodes of a zero-gap cell stand, where nothing is dissolved."""

    @property
    def solvent(self) -> Solvent | None:
        """The solvent with the largest volume; None when it is not in the table."""
        return self.solvents[0][1] if self.solvents else None

    @property
    def mixture(self) -> SolventMixture | None:
        """All solvents of the table together."""
        return mix([(solvent, volume) for _, solvent, volume in self.solvents if solvent])

    @property
    def aqueous(self) -> bool:
        """Whether water is the solvent that rules."""
        return self.solvent is not None and self.solvent.id == "H2O"

    @property
    def acidity(self) -> tuple[float, str]:
        """pH, and the assumption behind it ("" when stated): from the composition, else 7."""
        if self.stated_pH is not None:
            return self.stated_pH, ""
        if self.ionomer is not None:
            own, kind = _IONOMERS[self.ionomer]
            return own, f"pH {own:g}: the electrodes stand in {kind}-exchange membrane"
        pH = self.dissolved.pH
        if pH is None:
            return 7.0, "the pH is not stated: taken as 7"
        shown = round(pH, 1) + 0.0  # no "-0.0"
        if self.dissolved.unknown or self.dissolved.unnamed:
            return pH, f"pH {shown:.1f} from what is known of the composition"
        return pH, f"pH {shown:.1f} from the composition"
