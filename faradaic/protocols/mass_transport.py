"""Mass transport to an electrode, and the conversion it allows: the limiting-current model.

dn/dt = -min(I/zF, k_m A n/V): below the limiting current every electron converts the limiting
component, above it the excess goes elsewhere (reference: Lingane, J. Am. Chem. Soc. 1945, 67, 1916
for the exponential part; film thickness of Nernst, 1904).
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from faradaic.chemistry import tables
from faradaic.quantities.constants import FARADAY_C_PER_MOL

if TYPE_CHECKING:
    from faradaic.protocols.schema import Protocol

_DIFFUSIVITY_MECN_M2_PER_S = 2e-9
_VISCOSITY_MECN_PA_S = 0.369e-3


def diffusivity_m2_per_s(viscosity_Pa_s: float) -> float:
    """Diffusivity of a small organic molecule, m²/s: 2e-9 in acetonitrile, as 1/viscosity else."""
    return _DIFFUSIVITY_MECN_M2_PER_S * _VISCOSITY_MECN_PA_S / viscosity_Pa_s


def flow_situation(protocol: Protocol) -> tuple[str, str]:
    """Row of the table of films for this cell, and the assumption behind it ("" when stated)."""
    stirring, cell = protocol.environment.stirring, protocol.cell.type.value
    if cell == "microfluidic":
        return "microfluidic", ""
    if protocol.cell.type.flow:
        return "recirculating", ""
    if stirring is None:
        return "stirred", "stirring is not stated: taken as stirred"
    return ("unstirred" if stirring.kind == "none" else "stirred"), ""


def mass_transfer_m_per_s(protocol: Protocol, viscosity_Pa_s: float) -> tuple[float, float, float]:
    """k_m = D/delta, m/s: (slow, typical, fast) for the cell's stirring or flow."""
    thin, typical, thick = tables.film_thickness_m(flow_situation(protocol)[0])
    diffusivity = diffusivity_m2_per_s(viscosity_Pa_s)
    return diffusivity / thick, diffusivity / typical, diffusivity / thin


def limiting_current_A(
    electrons: float, area_m2: float, mass_transfer_m_per_s: float, concentration_mol_per_m3: float
) -> float:
    """I_lim = z F k_m A c, A."""
    return (
        electrons * FARADAY_C_PER_MOL * mass_transfer_m_per_s * area_m2 * concentration_mol_per_m3
    )


def conversion(theoretical_charges: float, current_ratio: float) -> float:
    """Conversion after a charge at constant current, excess current wasted.

    `theoretical_charges` is m = Q/(z n F), `current_ratio` is beta = I/I_lim at the start:
    X = m up to 1 - beta, then 1 - beta exp(-(m - 1 + beta)/beta); 1 - exp(-m/beta) for beta > 1.
    At m = 1 and beta <= 1 this is 1 - beta/e.
    """
    linear = max(0.0, 1 - current_ratio)
    if theoretical_charges <= linear:
        return theoretical_charges
    return 1 - (1 - linear) * exp(-(theoretical_charges - linear) / current_ratio)
