"""Physical constants, SI, with their sources.

CODATA 2018: Tiesinga, Mohr, Newell, Taylor, Rev. Mod. Phys. 93 (2021) 025010; since the SI of 2019
the first four are exact products of defining constants, written to the digits NIST prints.
"""

from __future__ import annotations

from typing import Final

FARADAY_C_PER_MOL: Final = 96485.33212
"""Faraday constant, charge of one mole of electrons (CODATA 2018)."""
GAS_CONSTANT_J_PER_MOL_K: Final = 8.314462618
"""Molar gas constant (CODATA 2018)."""
ELEMENTARY_CHARGE_C: Final = 1.602176634e-19
"""Elementary charge (SI 2019, exact)."""
AVOGADRO_PER_MOL: Final = 6.02214076e23
"""Avogadro constant (SI 2019, exact)."""
BOLTZMANN_EV_PER_K: Final = GAS_CONSTANT_J_PER_MOL_K / FARADAY_C_PER_MOL
"""Boltzmann constant over the elementary charge, 8.617333e-5 eV/K."""
PLANCK_J_S: Final = 6.62607015e-34
"""Planck constant (SI 2019, exact)."""
LIGHT_M_PER_S: Final = 299792458.0
"""Speed of light (SI 2019, exact)."""
BOLTZMANN_PER_PLANCK_HZ_PER_K: Final = BOLTZMANN_EV_PER_K * ELEMENTARY_CHARGE_C / PLANCK_J_S
"""k/h, 2.083662e10 1/(s K)."""
HARTREE_EV: Final = 27.211386245988
"""Hartree energy (CODATA 2018)."""
BOHR_A: Final = 0.529177210903
"""Bohr radius in angstrom (CODATA 2018)."""
ATOMIC_MASS_KG: Final = 1.66053906660e-27
"""Atomic mass constant (CODATA 2018)."""

CELSIUS_ZERO_K: Final = 273.15
"""0 degC (SI Brochure, 9th edition, 2019)."""
STANDARD_TEMPERATURE_K: Final = 298.15
"""25 degC, the temperature of standard electrode potentials (IUPAC Green Book, 2007)."""
ATMOSPHERE_PA: Final = 101325.0
"""Standard atmosphere (10th CGPM, 1954; exact)."""
HOUR_S: Final = 3600.0
"""One hour (SI Brochure, 9th edition, 2019; exact)."""
J_PER_KWH: Final = 1e3 * HOUR_S
"""One kilowatt hour (exact)."""


def molar_volume_m3_per_mol(temperature_K: float, pressure_Pa: float) -> float:
    """Volume of one mole of ideal gas, RT/p, in m3/mol; temperature in K, pressure in Pa."""
    return GAS_CONSTANT_J_PER_MOL_K * temperature_K / pressure_Pa


MOLAR_VOLUME_25C_1ATM_M3: Final = molar_volume_m3_per_mol(STANDARD_TEMPERATURE_K, ATMOSPHERE_PA)
"""Ideal molar volume at 25 degC and 1 atm, m3/mol (24.4654 L/mol)."""
