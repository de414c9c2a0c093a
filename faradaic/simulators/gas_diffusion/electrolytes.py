"""The liquids on either side of the separator: hydroxide, bicarbonate, carbonate and potassium.

Each is well mixed and at the equilibrium of its CO2 with its hydroxide. Its state is two amounts
that no reaction within it changes: alkalinity, [OH-] - [H+] + [HCO3-] + 2 [CO3--], which is the
potassium, and carbon. SI, compiled into the cell's kernel.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from faradaic.chemistry.carbon_dioxide import (
    BICARBONATE_M3_PER_MOL,
    CARBONATE_M3_PER_MOL,
    DIFFUSIVITY_M2_PER_S,
)
from faradaic.chemistry.water import PK_WATER
from faradaic.simulators.gas_diffusion.root_search import begin, told
from faradaic.simulators.kernel_cache import njit

ANIONS, CATIONS, BOTH, WATER = range(4)
"""What a separator lets carry the current; `WATER` is split in a bipolar one."""

WATER_MOL2_PER_M6: float = 10.0 ** (6.0 - PK_WATER)

_OH, _HCO3, _CO3 = (DIFFUSIVITY_M2_PER_S[ion] for ion in ("OH-", "HCO3-", "CO3--"))
_H, _K = DIFFUSIVITY_M2_PER_S["H+"], DIFFUSIVITY_M2_PER_S["K+"]


class Liquid(NamedTuple):
    """Concentrations, mol/m³."""

    hydroxide: float
    bicarbonate: float
    carbonate: float
    co2: float


class Baths(NamedTuple):
    """Both liquids and what has gone from them; amounts in mol, hydroxide in mol/m³."""

    alkalinity_mol: float
    carbon_mol: float
    log_hydroxide: float
    anolyte_alkalinity_mol: float
    anolyte_carbon_mol: float
    anolyte_log_hydroxide: float
    crossed_alkalinity_mol: float
    """From the catholyte to the anolyte; the current's H+ counts as alkalinity the other way."""
    crossed_carbon_mol: float
    anode_co2_mol: float
    """Set free in the anolyte."""
    drained_alkalinity_mol: float
    """Out of the catholyte with the flow, less what came in."""
    drained_carbon_mol: float


@njit(cache=True)
def liquid_of(hydroxide: float, carbon_mol_per_m3: float) -> Liquid:
    """What a concentration of carbon is at a concentration of hydroxide."""
    per_co2 = BICARBONATE_M3_PER_MOL * hydroxide
    per_bicarbonate = CARBONATE_M3_PER_MOL * hydroxide
    bicarbonate = carbon_mol_per_m3 / (1.0 + 1.0 / per_co2 + per_bicarbonate)
    return Liquid(hydroxide, bicarbonate, per_bicarbonate * bicarbonate, bicarbonate / per_co2)


@njit(cache=True)
def alkalinity(of: Liquid) -> float:
    """[OH-] - [H+] + [HCO3-] + 2 [CO3--], mol/m³: by electroneutrality the potassium."""
    acid = WATER_MOL2_PER_M6 / of.hydroxide
    return of.hydroxide - acid + of.bicarbonate + 2.0 * of.carbonate


@njit(cache=True)
def settled(log_hydroxide: float, alkalinity_: float, carbon: float) -> float:
    """ln of the hydroxide with an alkalinity and a carbon (mol/m³), searched from a first guess."""
    search = begin(log_hydroxide, 1e-3, 1e-13)
    while not search.done:
        there = alkalinity(liquid_of(math.exp(search.x), carbon))
        search = told(search, there - alkalinity_)
    return search.x


@njit(cache=True)
def anion_shares(of: Liquid) -> tuple[float, float]:
    """(carbon per charge, conductance) of the anions of a liquid.

    The conductance of an ion is z² D c (Nernst, Einstein), in mol/(m s).
    """
    hydroxide, bicarbonate = _OH * of.hydroxide, _HCO3 * of.bicarbonate
    carbonate = 4.0 * _CO3 * of.carbonate
    total = hydroxide + bicarbonate + carbonate
    return (bicarbonate + 0.5 * carbonate) / total, total


@njit(cache=True)
def zero_gap_carbon(hydroxide: float, charge_mol_per_m3: float) -> float:
    """Carbon per charge that leaves a zero gap whose anions have this charge in all.

    1 for bicarbonate, 1/2 for carbonate, 0 for hydroxide; it falls as hydroxide rises, and goes
    on below 0 beyond the charge, where there is nothing, so that a search comes back.
    """
    per = CARBONATE_M3_PER_MOL * hydroxide
    bicarbonate = (charge_mol_per_m3 - hydroxide) / (1.0 + 2.0 * per)
    return anion_shares(Liquid(hydroxide, bicarbonate, per * bicarbonate, 0.0))[0]


@njit(cache=True)
def crossing(kind: int, anions_from: Liquid, cations_from: Liquid) -> tuple[float, float]:
    """Alkalinity and carbon that go with the anions' direction, per charge that crosses.

    Ions are taken from the side they come from, by their conductance there: of anions all but the
    strong ones are alkalinity, of cations H+ is alkalinity that goes the other way.
    """
    if kind == WATER:
        return 1.0, 0.0
    carbon, anions = anion_shares(anions_from)
    if kind == ANIONS:
        return 1.0, carbon
    acid = _H * WATER_MOL2_PER_M6 / cations_from.hydroxide
    potassium = _K * max(alkalinity(cations_from), 0.0)
    if kind == CATIONS:
        return acid / (acid + potassium), 0.0
    total = acid + potassium + anions
    return (acid + anions) / total, carbon * anions / total
