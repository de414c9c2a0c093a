"""Mass transport to an electrode, and the conversion it allows: the limiting-current model.

dn/dt = -min(I/zF, k_m A n/V): below the limiting current every electron converts the limiting
component, above it the excess goes elsewhere (reference: Lingane, J. Am. Chem. Soc. 1945, 67, 1916
for the exponential part; film thickness of Nernst, 1904).
"""

from __future__ import annotations

from math import exp, sqrt

from faradaic.chemistry.solvents import VISCOSITY_MECN_PA_S
from faradaic.chemistry.tables import rows
from faradaic.quantities.constants import FARADAY_C_PER_MOL

_DIFFUSIVITY_MECN_M2_PER_S = 2e-9
_BUBBLE_FACTOR = 0.86
"""0.93 Sc^-0.013 for Schmidt numbers of some hundreds."""
_BUBBLES_M = (2e-4, 1e-4, 5e-5)
"""Diameters of bubbles that leave an electrode: (large, typical, small)."""
LEAVES_DISSOLVED_M_PER_S = 2.5e-5
"""Gas per area and time that diffuses away without bubbles; 10 mA/cm² of one molecule per electron
(recalled)."""


def diffusivity_m2_per_s(viscosity_Pa_s: float) -> float:
    """Diffusivity of a small organic molecule, m²/s: 2e-9 in acetonitrile, as 1/viscosity else."""
    return _DIFFUSIVITY_MECN_M2_PER_S * VISCOSITY_MECN_PA_S / viscosity_Pa_s


def film_thickness_m(situation: str) -> tuple[float, float, float]:
    """Diffusion layer, m: (thin, typical, thick); `stirred`, `unstirred`, `recirculating`, ..."""
    row = next(row for row in rows("diffusion_layers") if row["situation"] == situation)
    low, typical, high = (float(row[f"{s}_um"]) * 1e-6 for s in ("low", "typical", "high"))
    return low, typical, high


def mass_transfer_m_per_s(
    film_m: tuple[float, float, float], diffusivity_m2_per_s: float
) -> tuple[float, float, float]:
    """k_m = D/delta, m/s, (slow, typical, fast) behind a (thin, typical, thick) film."""
    thin, typical, thick = film_m
    return diffusivity_m2_per_s / thick, diffusivity_m2_per_s / typical, diffusivity_m2_per_s / thin


def stirred_by_bubbles_m_per_s(
    transfer_m_per_s: tuple[float, float, float],
    diffusivity_m2_per_s: float,
    gas_m_per_s: float,
) -> tuple[float, float, float]:
    """k_m, (slow, typical, fast), m/s, at an electrode that evolves gas itself.

    `gas_m_per_s` is the volume of gas per area and time; what leaves dissolved does not stir
    (`LEAVES_DISSOLVED_M_PER_S`). Bubbles that leave renew the liquid at
    the electrode: Sh = 0.93 Re^0.5 Sc^0.487 with the diameter of bubbles as length and the gas
    as flow (Stephan and Vogt, Electrochim. Acta 1979, 24, 11; recalled), in which the viscosity
    all but cancels; beside stirring as the root of the sum of squares (Vogt). The diameters are
    recalled.
    """
    free = max(0.0, gas_m_per_s - LEAVES_DISSOLVED_M_PER_S)
    slow, typical, fast = (
        sqrt(own**2 + _BUBBLE_FACTOR**2 * diffusivity_m2_per_s * free / diameter)
        for own, diameter in zip(transfer_m_per_s, _BUBBLES_M, strict=True)
    )
    return slow, typical, fast


def limiting_current_A(
    electrons: float, area_m2: float, mass_transfer_m_per_s: float, concentration_mol_per_m3: float
) -> float:
    """I_lim = z F k_m A c, A."""
    return (
        electrons * FARADAY_C_PER_MOL * mass_transfer_m_per_s * area_m2 * concentration_mol_per_m3
    )


def mediated_mass_transfer_m_per_s(
    transfer_m_per_s: float, diffusivity_m2_per_s: float, rate_per_s: float
) -> float:
    """sqrt(D k' + k_m²), m/s: of a mediator that a substrate brings back in the film.

    `rate_per_s` is k' = k c of the substrate (Danckwerts, AIChE J. 1955, 1, 456; EC' with k_m = 0:
    Saveant and Vianello, Electrochim. Acta 1965, 10, 905).
    """
    return sqrt(diffusivity_m2_per_s * rate_per_s + transfer_m_per_s**2)


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


def current_ratio_for(wanted: float, theoretical_charges: float) -> float | None:
    """The largest I/I_lim at the start with which a charge still gives a conversion.

    None where no current does: more is wanted than the charge allows.
    """
    if not 0.0 < wanted < min(1.0, theoretical_charges):
        return None
    low, high = 0.0, 1e3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if conversion(theoretical_charges, middle) >= wanted else (low, middle)
        )
    return low


def conversion_curve(
    electrons: float, current_ratio: float, up_to_F_per_mol: float, points: int = 24
) -> tuple[tuple[float, float], ...]:
    """(F/mol, conversion) pairs at constant current; `current_ratio` is I/I_lim at the start."""
    charges = [up_to_F_per_mol * i / points for i in range(points + 1)]
    return tuple((charge, conversion(charge / electrons, current_ratio)) for charge in charges)
