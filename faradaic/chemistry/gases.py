"""Gas that a charge brings.

Volumes are those of an ideal gas at 25 degC and 1 atm: 0.1268 mL H2 per coulomb.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_VOLUME_25C_1ATM_M3,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAMMABLE_LIMIT = {"H2": 0.04}
"""Lower flammable limit in air, volume fraction (Coward and Jones, US Bureau of Mines, 1952)."""

FROM_THE_MEDIUM = frozenset({"H2", "O2", "Cl2"})
"""Gases of the solvent and the electrolyte: they go on when the substrate is used up. Any other
gas is taken to leave the substrate."""


def gas_volumes_m3(
    per_electron: Mapping[str, float], charge_C: float, substrate_C: float | None = None
) -> dict[str, float]:
    """Volume of each gas after a charge, m³ at 25 degC and 1 atm, from its moles per electron.

    `substrate_C` is the charge that the substrate takes up at most; a gas that leaves the
    substrate stops there.
    """
    volumes = {}
    for gas, moles in per_electron.items():
        counted_C = charge_C
        if substrate_C is not None and gas not in FROM_THE_MEDIUM:
            counted_C = min(charge_C, substrate_C)
        volumes[gas] = moles * counted_C / FARADAY_C_PER_MOL * MOLAR_VOLUME_25C_1ATM_M3
    return volumes


def pressure_rise_Pa(amount_mol: float, temperature_K: float, headspace_m3: float) -> float:
    """Rise of the pressure in a closed headspace, Pa: n R T / V."""
    return amount_mol * GAS_CONSTANT_J_PER_MOL_K * temperature_K / headspace_m3
