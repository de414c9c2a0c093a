"""CO2 in an electrolyte: how much dissolves, and what it becomes there. SI."""

from __future__ import annotations

import math
from collections.abc import Mapping

from faradaic.chemistry.water import PK_WATER
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import ATMOSPHERE_PA, CELSIUS_ZERO_K

KNOWN_K = (CELSIUS_ZERO_K, CELSIUS_ZERO_K + 40.0)
"""Temperatures at which the solubility is known."""
_SECHENOV_M3_PER_MOL: Mapping[str, float] = {
    "OH-": 8.39e-5,
    "HCO3-": 9.67e-5,
    "CO3--": 14.23e-5,
    "K+": 9.22e-5,
}
"""Weisenberger and Schumpe, AIChE J. 1996, 42, 298."""
_SECHENOV_CO2_M3_PER_MOL = -1.716e-5
"""The gas's own term at 25 degC (same source)."""


PK_CARBONIC, PK_BICARBONATE = 6.37, 10.32
"""CO2 to HCO3-, and HCO3- to CO3-- at 25 degC (Weng, Bell, Weber, Phys. Chem. Chem. Phys. 2018, 20,
16973: 10^-3.37 and 10^-7.32 mol/m³)."""
BICARBONATE_M3_PER_MOL: float = 10.0 ** (PK_WATER - PK_CARBONIC - 3.0)
"""[HCO3-]/([CO2][OH-])."""
CARBONATE_M3_PER_MOL: float = 10.0 ** (PK_WATER - PK_BICARBONATE - 3.0)
"""[CO3--]/([HCO3-][OH-])."""
DIFFUSIVITY_M2_PER_S: Mapping[str, float] = {
    "CO2": 1.91e-9,
    "OH-": 5.293e-9,
    "HCO3-": 1.185e-9,
    "CO3--": 0.923e-9,
    "K+": 1.957e-9,
    "H+": 9.311e-9,
}
"""In water at 25 degC (same source; H+, K+ and OH- as λ° R T/F² of the CRC Handbook)."""


def co2_solubility_mol_per_m3(
    temperature_K: float,
    ions_mol_per_m3: Mapping[str, float] | None = None,
    pressure_Pa: float = ATMOSPHERE_PA,
) -> float:
    """Dissolved CO2 under pure CO2 at a pressure, mol/m³.

    Henry's constant of pure water after Weiss (Mar. Chem. 1974, 2, 203), lowered by the dissolved
    ions after Sechenov, log10(c0/c) = Σ (h_ion + h_CO2) c_ion. Raises `InputError` for an ion
    that has no constant and outside Weiss's 0 to 40 degC.
    """
    if not KNOWN_K[0] <= temperature_K <= KNOWN_K[1]:
        raise InputError.of(
            f"the solubility of CO2 is known from {KNOWN_K[0]} to {KNOWN_K[1]} K, not at"
            f" {temperature_K} K",
            help="give `saturation_mol_per_m3` under `overrides`",
            code="E563",
        )
    hundreds = temperature_K / 100
    henry = math.exp(93.4517 / hundreds - 60.2409 + 23.3585 * math.log(hundreds))
    salting_out = 0.0
    for ion, concentration in (ions_mol_per_m3 or {}).items():
        if ion not in _SECHENOV_M3_PER_MOL:
            raise InputError.of(
                f"the salting-out of CO2 by {ion} is not known",
                help=f"known: {', '.join(_SECHENOV_M3_PER_MOL)}",
                code="E563",
            )
        salting_out += (_SECHENOV_M3_PER_MOL[ion] + _SECHENOV_CO2_M3_PER_MOL) * concentration
    return 1000 * henry * pressure_Pa / ATMOSPHERE_PA * 10**-salting_out


def hydroxide_under_co2(bicarbonate_mol_per_m3: float, co2_mol_per_m3: float) -> float:
    """OH- of a bicarbonate in balance with dissolved CO2, mol/m³."""
    return bicarbonate_mol_per_m3 / (BICARBONATE_M3_PER_MOL * co2_mol_per_m3)
