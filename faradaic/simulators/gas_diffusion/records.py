"""What the compiled kernels of the gas-diffusion cell take and give: plain floats, SI."""

from __future__ import annotations

from typing import NamedTuple

from faradaic.simulators.gas_diffusion.electrolytes import Baths, Liquid

MEMBRANE, BATH, RENEWED = 0, 1, 2
"""Where hydroxide goes: see `ElectrolyteDescription`; `BATH` has a volume."""


class Parameters(NamedTuple):
    """Everything that stays the same during a run."""

    temperature_K: float
    area_m2: float
    thickness_m: float
    specific_area_per_m: float
    porosity: float
    diffusivity_m2_per_s: float
    gas_transfer_m_per_s: float
    saturation_mol_per_m3: float
    co_exchange_A_per_m2: float
    co_transfer_coefficient: float
    co_potential_V_vs_RHE: float
    co_reference_mol_per_m3: float
    h2_exchange_A_per_m2: float
    h2_transfer_coefficient: float
    oxidation_exchange_A_per_m2: float
    oxidation_transfer_coefficient: float
    oxidation_potential_V_vs_RHE: float
    carbonation_m3_per_mol_s: float
    supply: int
    separator: int
    least_carbonation: float
    """CO2 that becomes carbonate for each CO, at the least, and for each H2 in pure CO2."""
    zero_gap_mol_per_m3: float
    film_transfer_m_per_s: float
    bicarbonate_transfer_m_per_s: float
    carbonate_transfer_m_per_s: float
    co2_transfer_m_per_s: float
    """0 where no liquid lies before the electrode, and for a bulk that is renewed."""
    catholyte: Liquid
    """At the start, and as it flows in."""
    volume_m3: float
    """Infinite for a liquid that stays as it is; so is the anolyte's."""
    flow_m3_per_s: float
    anolyte: Liquid
    anolyte_m3: float
    anolyte_saturation_mol_per_m3: float
    double_layer_F: float
    flooding_floor: float
    flooding_time_s: float
    flooding_shape: float
    salt_rate_per_s: float
    flush_period_s: float
    activity_loss_per_s: float
    resistance_ohm: float
    resistance_growth_ohm_per_s: float
    has_reference: bool
    reference_share: float
    reference_V_vs_SHE: float
    counter_standard_V_vs_SHE: float
    counter_exchange_A: float
    counter_slope_V: float
    pores_factor: float


class Age(NamedTuple):
    """What has become of the electrode."""

    open_fraction: float
    activity: float
    resistance_ohm: float


class Feed(NamedTuple):
    """What flows into the gas channel, dry."""

    co2_mol_per_s: float
    n2_mol_per_s: float


class Bulk(NamedTuple):
    """The liquids during a step."""

    catholyte: Liquid
    anolyte: Liquid


class State(NamedTuple):
    """Everything that a time step starts from."""

    time_s: float
    operating_s: float
    cathode_V_vs_SHE: float
    local_V: float
    log_hydroxide: float
    charge_C: float
    co_mol: float
    h2_mol: float
    carbonate_mol: float
    oxidation_C: float
    baths: Baths


class Layer(NamedTuple):
    """The catalyst layer at one potential: partial current densities and what limits them."""

    co_A_per_m2: float
    h2_A_per_m2: float
    oxidation_A_per_m2: float
    carbonation_mol_per_m2_s: float
    dissolution_mol_per_m2_s: float
    """CO2 that passes into the catholyte beyond the layer; negative where it comes back."""
    effectiveness: float
    co2_mole_fraction: float
    hydroxide_mol_per_m3: float


class SolvedStep(NamedTuple):
    """The cell at the end of a time step; `nan` everywhere if no solution was found."""

    current_A: float
    cell_voltage_V: float
    potential_V: float
    layer: Layer
