"""The liquids of a cell and what a time step does to them: compiled into the cell's kernel."""

from __future__ import annotations

import math

from faradaic.chemistry.water import PK_WATER
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.gas_diffusion import electrolytes
from faradaic.simulators.gas_diffusion.electrolytes import Baths, crossing, liquid_of, settled
from faradaic.simulators.gas_diffusion.records import MEMBRANE, Bulk, Parameters, SolvedStep
from faradaic.simulators.kernel_cache import njit


@njit(cache=True)
def pH_of(hydroxide: float) -> float:
    """pH at a concentration of OH-, mol/m³."""
    return PK_WATER + math.log10(hydroxide / 1000.0)


@njit()
def bulk_of(baths: Baths, p: Parameters) -> Bulk:
    """The liquids as they are."""
    catholyte, anolyte = p.catholyte, p.anolyte
    if p.volume_m3 < math.inf:
        carbon = baths.carbon_mol / p.volume_m3
        catholyte = liquid_of(math.exp(baths.log_hydroxide), carbon)
    if p.anolyte_m3 < math.inf:
        carbon = baths.anolyte_carbon_mol / p.anolyte_m3
        anolyte = liquid_of(math.exp(baths.anolyte_log_hydroxide), carbon)
    return Bulk(catholyte, anolyte)


@njit()
def liquid_pH(baths: Baths, p: Parameters) -> tuple[float, float]:
    """pH of catholyte (`nan` in a zero gap) and anolyte."""
    bulk = bulk_of(baths, p)
    own = math.nan if p.supply == MEMBRANE else pH_of(bulk.catholyte.hydroxide)
    return own, pH_of(bulk.anolyte.hydroxide)


@njit()
def moved(baths: Baths, dt_s: float, step: SolvedStep, bulk: Bulk, p: Parameters) -> Baths:
    """The liquids after a step: what electrodes, gas, separator and flow did, in mol.

    The anode takes as much alkalinity as the current brings; the cathode's own is that of its
    reactions, and what charges its double layer comes from the solution.
    """
    layer = step.layer
    charge = -step.current_A * dt_s / FARADAY_C_PER_MOL
    per_A = p.area_m2 * dt_s / FARADAY_C_PER_MOL
    made = per_A * (layer.co_A_per_m2 + layer.h2_A_per_m2 - layer.oxidation_A_per_m2)
    gained = p.area_m2 * dt_s * (layer.carbonation_mol_per_m2_s + layer.dissolution_mol_per_m2_s)
    if charge >= 0.0:
        crossed, carbon = crossing(p.separator, bulk.catholyte, bulk.anolyte)
    else:
        crossed, carbon = crossing(p.separator, bulk.anolyte, bulk.catholyte)
    crossed, carbon = crossed * charge, carbon * charge
    if p.supply == MEMBRANE:
        carbon = gained if p.separator == electrolytes.ANIONS else 0.0
    alkalinity_mol, carbon_mol, log_hydroxide = baths.alkalinity_mol, baths.carbon_mol, 0.0
    drained_alkalinity, drained_carbon = 0.0, 0.0
    if p.volume_m3 < math.inf:
        turned = p.flow_m3_per_s * dt_s / p.volume_m3
        fresh_alkalinity = electrolytes.alkalinity(p.catholyte) * p.flow_m3_per_s * dt_s
        fresh_carbon = p.catholyte.bicarbonate + p.catholyte.carbonate + p.catholyte.co2
        fresh_carbon *= p.flow_m3_per_s * dt_s
        alkalinity_mol = (alkalinity_mol + made - crossed + fresh_alkalinity) / (1.0 + turned)
        carbon_mol = (carbon_mol + gained - carbon + fresh_carbon) / (1.0 + turned)
        drained_alkalinity = alkalinity_mol * turned - fresh_alkalinity
        drained_carbon = carbon_mol * turned - fresh_carbon
        log_hydroxide = settled(
            baths.log_hydroxide, alkalinity_mol / p.volume_m3, carbon_mol / p.volume_m3
        )
    anolyte_mol, anolyte_carbon = baths.anolyte_alkalinity_mol, baths.anolyte_carbon_mol
    anolyte_log, set_free = 0.0, 0.0
    if p.anolyte_m3 < math.inf:
        excess = bulk.anolyte.co2 - p.anolyte_saturation_mol_per_m3
        set_free = max(excess, 0.0) * p.anolyte_m3
        anolyte_mol += crossed - charge
        anolyte_carbon += carbon - set_free
        anolyte_log = settled(
            baths.anolyte_log_hydroxide,
            anolyte_mol / p.anolyte_m3,
            anolyte_carbon / p.anolyte_m3,
        )
    return Baths(
        alkalinity_mol,
        carbon_mol,
        log_hydroxide,
        anolyte_mol,
        anolyte_carbon,
        anolyte_log,
        baths.crossed_alkalinity_mol + crossed,
        baths.crossed_carbon_mol + carbon,
        baths.anode_co2_mol + set_free,
        baths.drained_alkalinity_mol + drained_alkalinity,
        baths.drained_carbon_mol + drained_carbon,
    )


@njit()
def changed(before: Baths, after: Baths, p: Parameters) -> float:
    """The largest change of a bath's contents, relative to all that it holds."""
    most = 0.0
    if p.volume_m3 < math.inf:
        held = abs(before.alkalinity_mol) + before.carbon_mol
        most = abs(after.carbon_mol - before.carbon_mol) / held
        most = max(most, abs(after.alkalinity_mol - before.alkalinity_mol) / held)
    if p.anolyte_m3 < math.inf:
        held = abs(before.anolyte_alkalinity_mol) + before.anolyte_carbon_mol
        change = abs(after.anolyte_carbon_mol - before.anolyte_carbon_mol)
        change = max(change, abs(after.anolyte_alkalinity_mol - before.anolyte_alkalinity_mol))
        most = max(most, change / held)
    return most
