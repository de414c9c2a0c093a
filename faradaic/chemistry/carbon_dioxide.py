"""CO2 in an electrolyte: how much dissolves. SI."""

from __future__ import annotations

import math
from collections.abc import Mapping

from faradaic.diagnostics import Diagnostic, InputError
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
        raise InputError(
            Diagnostic(
                "E563",
                f"the solubility of CO2 is known from {KNOWN_K[0]} to {KNOWN_K[1]} K, not at"
                f" {temperature_K} K",
                help="give `saturation_mol_per_m3` under `overrides`",
            )
        )
    hundreds = temperature_K / 100
    henry = math.exp(93.4517 / hundreds - 60.2409 + 23.3585 * math.log(hundreds))
    salting_out = 0.0
    for ion, concentration in (ions_mol_per_m3 or {}).items():
        if ion not in _SECHENOV_M3_PER_MOL:
            raise InputError(
                Diagnostic(
                    "E563",
                    f"the salting-out of CO2 by {ion} is not known",
                    help=f"known: {', '.join(_SECHENOV_M3_PER_MOL)}",
                )
            )
        salting_out += (_SECHENOV_M3_PER_MOL[ion] + _SECHENOV_CO2_M3_PER_MOL) * concentration
    return 1000 * henry * pressure_Pa / ATMOSPHERE_PA * 10**-salting_out
