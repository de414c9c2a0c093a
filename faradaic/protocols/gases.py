"""Gas and heat that a charge brings.

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
    from collections.abc import Iterable

    from faradaic.protocols.schema import Gas

FLAMMABLE_LIMIT = {"H2": 0.04}
"""Lower flammable limit in air, volume fraction (Coward and Jones, US Bureau of Mines, 1952)."""


FROM_THE_MEDIUM = frozenset({"H2", "O2", "Cl2"})
"""Gases of the solvent and the electrolyte: they go on when the substrate is used up. Any other
gas is taken to leave the substrate."""


def gas_amounts_mol(
    gases: Iterable[Gas], charge_C: float, substrate_C: float | None = None
) -> dict[str, float]:
    """Moles of each gas after a charge, from the moles per electron of the reaction.

    `substrate_C` is the charge that the substrate takes up at most; a gas that leaves the
    substrate stops there.
    """
    amounts: dict[str, float] = {}
    for gas in gases:
        counted_C = charge_C
        if substrate_C is not None and gas.species not in FROM_THE_MEDIUM:
            counted_C = min(charge_C, substrate_C)
        moles = gas.per_electron * counted_C / FARADAY_C_PER_MOL
        amounts[gas.species] = amounts.get(gas.species, 0.0) + moles
    return amounts


def gas_volumes_m3(
    gases: Iterable[Gas], charge_C: float, substrate_C: float | None = None
) -> dict[str, float]:
    """Volume of each gas after a charge, m³ at 25 degC and 1 atm; see `gas_amounts_mol`."""
    amounts = gas_amounts_mol(gases, charge_C, substrate_C)
    return {gas: moles * MOLAR_VOLUME_25C_1ATM_M3 for gas, moles in amounts.items()}


def pressure_rise_Pa(amount_mol: float, temperature_K: float, headspace_m3: float) -> float:
    """Rise of the pressure in a closed headspace, Pa: n R T / V."""
    return amount_mol * GAS_CONSTANT_J_PER_MOL_K * temperature_K / headspace_m3


def heat_W(
    current_A: float, ohmic_V: tuple[float, float] | None, cell_voltage_V: tuple[float, float]
) -> tuple[float, float]:
    """Heat I (U - E_rev), W, as a band: all that is not ohmic is stored, or nothing is."""
    low = ohmic_V[0] if ohmic_V is not None else 0.0
    return current_A * low, current_A * cell_voltage_V[1]
