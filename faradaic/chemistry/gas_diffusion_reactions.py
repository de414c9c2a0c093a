"""The reactions of a gas at a gas-diffusion cathode, as Tafel lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.chemistry.carbon_dioxide import co2_solubility_mol_per_m3
from faradaic.chemistry.cell_description.gas_diffusion_description import load_parameters
from faradaic.chemistry.electron_balances import half_reaction
from faradaic.chemistry.potential_scales import nernst_slope_V, rhe_zero_V
from faradaic.chemistry.reaction_lines import ElectrodeReaction
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from faradaic.chemistry.medium import Medium

KNOWN_FEEDS = frozenset({"CO2"})
"""Gases whose reduction at a gas-diffusion electrode has known kinetics."""


def gas_diffusion_reactions(feed: str, medium: Medium) -> tuple[ElectrodeReaction, ...]:
    """The reactions of a gas-diffusion cathode fed with a gas, each as its own Tafel line.

    `feed` is one of `KNOWN_FEEDS`; the catalyst is taken as silver.
    """
    pH, assumed = medium.acidity
    slope, zero_V = nernst_slope_V(medium.temperature_K), rhe_zero_V(pH, medium.temperature_K)
    silver = load_parameters("ag-weng")
    of = silver.values
    roughness = of["specific_area_per_m"] * of["thickness_m"]
    saturated = co2_solubility_mol_per_m3(STANDARD_TEMPERATURE_K) / of["co_reference_mol_per_m3"]
    lines = []
    for product, potential_V_vs_RHE, activity in (
        ("CO", of["co_potential_V_vs_RHE"], saturated),
        ("H2", 0.0, 1.0),
    ):
        key = f"{product.lower()}_exchange_A_per_m2"
        made = half_reaction(product, feed if product == "CO" else ())
        lines.append(
            ElectrodeReaction(
                str(made),
                potential_V_vs_RHE + zero_V,
                of[key] * roughness * activity,
                slope / of[f"{product.lower()}_transfer_coefficient"],
                assumed=f"{product}: {silver.sources[key]}; {assumed}".rstrip("; "),
                gas=(product, 1 / made.count),
            )
        )
    return tuple(lines)
