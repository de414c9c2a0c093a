"""Evolution of gases at an electrode: the line of its material in its medium."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from faradaic.chemistry.electrode_kinetics import (
    gas_overpotential,
    medium_of_pH,
    oxygen_V_vs_RHE,
    unknown_overpotential,
)
from faradaic.chemistry.potential_scales import nernst_slope_V, rhe_zero_V
from faradaic.chemistry.reaction_lines import DIRECTION, ElectrodeReaction
from faradaic.chemistry.surface_acidity import surface_pH

if TYPE_CHECKING:
    from faradaic.chemistry.electrode_kinetics import GasReaction
    from faradaic.chemistry.reaction_lines import ElectrodeRole, Surroundings

_GAS_A_PER_M2 = 100.0
"""10 mA/cm²: where overpotentials of gases are tabulated."""
OTHER_MEDIUM_V = 0.2
"""What a Tafel line measured in another medium may be wrong by, beside its own spread."""
_CHLORINE_V = 0.05
"""What the activity of chloride, pressure and temperature move its potential by beside E°."""


def gas_in_water(at: Surroundings, role: ElectrodeRole) -> ElectrodeReaction:
    """Oxygen at an anode, hydrogen at a cathode, from water."""
    reaction: GasReaction = "OER" if role == "anode" else "HER"
    sign, gas = (1, ("O2", 0.25)) if role == "anode" else (-1, ("H2", 0.5))
    pH, assumed = at.medium.acidity
    medium = "ionomer" if at.medium.ionomer == "cem" else medium_of_pH(pH)
    found = at.coating and gas_overpotential(at.coating, reaction, medium)
    found = found or gas_overpotential(at.material, reaction, medium)
    temperature_K = at.medium.temperature_K
    known = found or unknown_overpotential(reaction, medium)
    line = at.overpotential or known.at(temperature_K)
    slope_V, spread_V = line.tafel_slope_V_per_decade, line.spread_V
    here = None if at.overpotential else surface_pH(at.medium, DIRECTION[role], _GAS_A_PER_M2)
    if here is not None:
        # Ten times the current makes ten times the acid or base; bubbles thin the film by threes.
        per_pH_V = nernst_slope_V(temperature_K)
        pH, slope_V, spread_V = here, slope_V + per_pH_V, spread_V + per_pH_V / 2
        assumed += f"; nothing buffers it: pH {here:.1f} at the {role} at 10 mA/cm²"
    standard = rhe_zero_V(pH, temperature_K)
    if role == "anode":
        standard += oxygen_V_vs_RHE(temperature_K)
    elsewhere = line.medium not in (medium, medium_of_pH(pH))
    if elsewhere:
        assumed += f"; {reaction} on {line.material} as in {line.medium} solution"
    return ElectrodeReaction(
        f"{'oxygen' if role == 'anode' else 'hydrogen'} evolution",
        standard + sign * line.at_100_A_per_m2_V,
        _GAS_A_PER_M2,
        slope_V,
        spread_V=spread_V + (OTHER_MEDIUM_V if elsewhere else 0.0),
        kinetics_known=bool(at.overpotential or found) and (not elsewhere or medium == "neutral"),
        assumed=f"{assumed}; {reaction} on {line.material or at.material}: {line.source}".lstrip(
            "; "
        ),
        gas=gas,
    )


def chlorine(reaction: ElectrodeReaction, at: Surroundings) -> ElectrodeReaction:
    """The oxidation of chloride in water with the overpotential of chlorine on the material."""
    found = (at.coating and gas_overpotential(at.coating, "CER", "brine")) or gas_overpotential(
        at.material, "CER", "brine"
    )
    known = found or unknown_overpotential("CER", "brine")
    line = at.overpotential or known.at(at.medium.temperature_K)
    over_V = line.at_100_A_per_m2_V
    return replace(
        reaction,
        potential_V_vs_SHE=reaction.potential_V_vs_SHE + over_V,
        current_density_A_per_m2=_GAS_A_PER_M2,
        tafel_slope_V_per_decade=line.tafel_slope_V_per_decade,
        spread_V=_CHLORINE_V + line.spread_V,
        kinetics_known=bool(at.overpotential or found),
        assumed=f"{reaction.assumed}; chlorine on {line.material or at.material} {over_V:+.2f} ±"
        f" {line.spread_V:.2f} V at 10 mA/cm²: {line.source}",
        gas=("Cl2", 0.5),
    )


def on_material(line: ElectrodeReaction, at: Surroundings) -> ElectrodeReaction:
    """Hydrogen evolution moved by the overpotential of the cathode's material against platinum."""
    found, platinum = (gas_overpotential(m, "HER") for m in (at.material, "Pt"))
    here = at.overpotential or found or unknown_overpotential("HER")
    assert platinum is not None
    if here == platinum:
        return line
    shift = platinum.at_100_A_per_m2_V - here.at_100_A_per_m2_V
    guessed = here.spread_V if here is not found and here is not at.overpotential else 0.0
    return replace(
        line,
        potential_V_vs_SHE=line.potential_V_vs_SHE + shift,
        tafel_slope_V_per_decade=at.overpotential.tafel_slope_V_per_decade
        if at.overpotential
        else line.tafel_slope_V_per_decade,
        spread_V=line.spread_V + guessed,
        kinetics_known=not guessed,
        assumed=f"{line.assumed}; on {at.material} {shift:+.2f} V against platinum ({here.source})",
    )


def of_residual_water(line: ElectrodeReaction, at: Surroundings) -> ElectrodeReaction:
    """The reduction of water in traces, known on platinum, at a cathode of another material.

    Water is the donor as in alkali: by as much more negative as the overpotentials of both metals
    differ there. No source was opened that has both in an organic solvent.
    """
    here, platinum = (gas_overpotential(m, "HER", "alkaline") for m in (at.material, "Pt"))
    if here is None or platinum is None or here == platinum:
        return line
    shift = platinum.at_100_A_per_m2_V - here.at_100_A_per_m2_V
    return replace(
        line,
        potential_V_vs_SHE=line.potential_V_vs_SHE + shift,
        spread_V=line.spread_V + OTHER_MEDIUM_V,
        kinetics_known=False,
        assumed=f"{line.assumed}; on {at.material} {shift:+.2f} V against platinum, as in"
        f" {here.medium} solution ({here.source})",
    )
