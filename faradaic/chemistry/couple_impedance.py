"""The elements that a couple at its equilibrium potential puts into an equivalent circuit."""

from __future__ import annotations

import math

from faradaic.diagnostics import InputError
from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)


def charge_transfer_resistance_ohm(
    *,
    area_m2: float,
    rate_constant_m_per_s: float,
    oxidised_mol_per_m3: float,
    reduced_mol_per_m3: float,
    transfer_coefficient: float = 0.5,
    electrons: int = 1,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> float:
    """R_ct = RT/(n²F²A k⁰ C_O^(1-α) C_R^α) of a couple at its equilibrium potential."""
    concentration = (
        oxidised_mol_per_m3 ** (1.0 - transfer_coefficient)
        * reduced_mol_per_m3**transfer_coefficient
    )
    conductance_S: float = (
        (electrons * FARADAY_C_PER_MOL) ** 2
        * area_m2
        * rate_constant_m_per_s
        * concentration
        / (GAS_CONSTANT_J_PER_MOL_K * temperature_K)
    )
    _require_above_zero("the exchange current", conductance_S)
    return 1.0 / conductance_S


def warburg_coefficient_ohm_per_rt_s(
    *,
    area_m2: float,
    oxidised_mol_per_m3: float,
    reduced_mol_per_m3: float,
    oxidised_diffusion_m2_per_s: float,
    reduced_diffusion_m2_per_s: float,
    electrons: int = 1,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> float:
    """σ = RT/(n²F²A√2) [1/(C_O√D_O) + 1/(C_R√D_R)], concentrations at the surface."""
    supplies = (
        oxidised_mol_per_m3 * math.sqrt(oxidised_diffusion_m2_per_s),
        reduced_mol_per_m3 * math.sqrt(reduced_diffusion_m2_per_s),
    )
    for supply in supplies:
        _require_above_zero("C√D of each partner", supply)
    thermal = GAS_CONSTANT_J_PER_MOL_K * temperature_K / (electrons * FARADAY_C_PER_MOL) ** 2
    return thermal / (area_m2 * math.sqrt(2.0)) * sum(1.0 / supply for supply in supplies)


def _require_above_zero(name: str, value: float) -> None:
    if not 0.0 < value < math.inf:
        raise InputError.of(f"{name} is {value:g}", help="it must be above zero", code="E561")
