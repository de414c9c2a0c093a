"""Gas that a charge brings, and the standard volumes that flow meters count.

Volumes of a charge are those of an ideal gas at 25 degC and 1 atm: 0.1268 mL H2 per coulomb.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from faradaic.chemistry.tables import rows
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import (
    ATMOSPHERE_PA,
    CELSIUS_ZERO_K,
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_VOLUME_25C_1ATM_M3,
    molar_volume_m3_per_mol,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAMMABLE_LIMIT = {"H2": 0.04}
"""Lower flammable limit in air, volume fraction (Coward and Jones, US Bureau of Mines, 1952)."""

FROM_THE_MEDIUM = frozenset({"H2", "O2", "Cl2"})
"""Gases of the solvent and the electrolyte: they go on when the substrate is used up. Any other
gas is taken to leave the substrate."""


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """The state for which a meter counts standard volumes; makers differ by up to 9 %."""

    temperature_K: float
    pressure_Pa: float = ATMOSPHERE_PA

    def __post_init__(self) -> None:
        if not (250.0 <= self.temperature_K <= 350.0 and 5e4 <= self.pressure_Pa <= 2e5):
            raise refusal(
                "E734",
                f"{self.temperature_K:g} K and {self.pressure_Pa:g} Pa are no reference state",
                "give 250 to 350 K and 5e4 to 2e5 Pa, as `ReferenceState(273.15)`",
            )

    @property
    def sccm_mol_per_s(self) -> float:
        """One standard cm³/min in mol/s, p V/(R T): 7.4358e-7 at 0 degC and 1 atm."""
        return 1e-6 / 60 / molar_volume_m3_per_mol(self.temperature_K, self.pressure_Pa)

    def __str__(self) -> str:
        return f"{self.temperature_K - CELSIUS_ZERO_K:g} °C and {self.pressure_Pa:g} Pa"


NORMAL = ReferenceState(CELSIUS_ZERO_K)
"""0 degC and 1 atm."""


def read_over_dry(dry: Mapping[str, Any], calibrated_for: str | None, water: float = 0.0) -> Any:
    """What a flow meter shows over the dry flow of a gas, by its dry mole fractions.

    They are floats or arrays of one shape, and so is the result.

    A thermal meter calibrated for one gas shows a flow of heat: K times Σ x/K_i, where K are the
    factors of the gases against nitrogen (1/K of a mixture is the mean of 1/K). One calibrated
    for None counts moles. `water` is the mole fraction of vapour in the moist gas. Raises
    `InputError` (E734) for a gas without a factor.
    """
    moist = water / (1.0 - water)
    if calibrated_for is None:
        return sum(dry.values()) + moist
    heat = sum(fraction / _meter_factor(gas) for gas, fraction in dry.items())
    return _meter_factor(calibrated_for) * (heat + moist / _meter_factor("H2O"))


def _meter_factor(gas: str) -> float:
    known = {row["gas"]: float(row["factor"]) for row in rows("gas_meter_factors")}
    if gas not in known:
        raise refusal(
            "E734",
            f"the factor of {gas} in a thermal flow meter is not known",
            f"known: {', '.join(known)}; or measure with an internal standard",
        )
    return known[gas]


def gas_volumes_m3(
    per_electron: Mapping[str, float],
    charge_C: float,
    substrate_C: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, float]:
    """Volume of each gas after a charge, m³ at 25 degC and 1 atm, from its moles per electron.

    `substrate_C` is, for a gas that leaves the substrate, the charge with which that is used up.
    """
    return {
        gas: moles
        * min(charge_C, substrate_C.get(gas, charge_C))
        / FARADAY_C_PER_MOL
        * MOLAR_VOLUME_25C_1ATM_M3
        for gas, moles in per_electron.items()
    }


def pressure_rise_Pa(amount_mol: float, temperature_K: float, headspace_m3: float) -> float:
    """Rise of the pressure in a closed headspace, Pa: n R T / V."""
    return amount_mol * GAS_CONSTANT_J_PER_MOL_K * temperature_K / headspace_m3
