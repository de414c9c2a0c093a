"""What surrounds the electrodes of a cell.

Heat, evaporation, headspace, bubbles and separator from what the protocol says of vessel, closure
and solvent; a part that it does not support by numbers is left out or listed as an assumption.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any

from faradaic.chemistry.cell_description.cell_assumptions import Assumptions
from faradaic.chemistry.cell_description.preparative_description import (
    BubblesDescription,
    HeadspaceDescription,
    MetalDescription,
    SeparatorDescription,
    ThermalDescription,
)
from faradaic.chemistry.measured_conductivity import TEMPERATURE_COEFFICIENT_PER_K
from faradaic.chemistry.separators import separator_carrier, separator_permeability_m_per_s
from faradaic.protocols.sacrificial import metal_there
from faradaic.quantities.constants import ATMOSPHERE_PA, GAS_CONSTANT_J_PER_MOL_K

if TYPE_CHECKING:
    from faradaic.chemistry.sacrificial_metals import SacrificialMetal
    from faradaic.protocols.resolved import ResolvedElectrode, ResolvedProtocol

_COOLING_W_PER_M2_K = {"bath": 200.0, "peltier": 200.0, "cryostat": 200.0, "plate": 50.0}
"""Heat transfer through the wall, by what holds the temperature; still air otherwise."""
_STILL_AIR_W_PER_M2_K = 10.0
_ROOM_K = (288.15, 303.15)
"""A temperature beyond these is held by something."""
_ORGANIC_J_PER_KG_K = 2000.0
_WATER_J_PER_MOL, _ORGANIC_J_PER_MOL = 18e3, 10e3
"""Activation energies of diffusion: water, and between 7 kJ/mol (ferrocene in acetonitrile, Wang,
Rogers and Compton, 2010) and the 13 kJ/mol of more viscous solvents."""
_VAPOUR_M2_PER_S = 1e-5
"""Diffusivity of a solvent's vapour in air."""
_SEALED = frozenset({"sealed", "septum_sealed"})


def surroundings(resolved: ResolvedProtocol, assumptions: Assumptions) -> dict[str, Any]:
    """The optional keys of a cell's description that do not concern a single electrode."""
    protocol = resolved.written
    water = all(compartment.medium.aqueous for compartment in resolved.compartments)
    found: dict[str, Any] = {
        "conductivity_per_K": TEMPERATURE_COEFFICIENT_PER_K[water],
        "mass_transfer_activation_J_per_mol": _WATER_J_PER_MOL if water else _ORGANIC_J_PER_MOL,
    }
    if protocol.compartments is not None:
        found |= _divided(resolved, assumptions)
    if protocol.cell.type.flow:
        assumptions.note("temperature_K", "the flow through the cell holds its temperature")
        return found
    found["thermal"] = _thermal(resolved, assumptions)
    gap_m, area_m2 = protocol.cell.gap_m, resolved.section_m2
    if gap_m is not None and area_m2 is not None:
        found["bubbles"] = BubblesDescription(gap_cross_section_m2=gap_m * area_m2**0.5)
    vessel = protocol.cell.vessel
    if vessel is not None and vessel.inner_diameter_m is not None:
        found["vessel_cross_section_m2"] = pi * vessel.inner_diameter_m**2 / 4
    headspace_m3 = resolved.headspace_m3
    if headspace_m3 is not None:
        found["headspace"] = HeadspaceDescription(
            volume_m3=headspace_m3,
            sealed=protocol.cell.closure in _SEALED,
            pressure_Pa=ATMOSPHERE_PA,
        )
        if protocol.cell.closure == "open" and "vessel_cross_section_m2" in found:
            section_m2 = found["vessel_cross_section_m2"]
            found["evaporation_m3_per_s"] = _evaporation_m3_per_s(
                resolved, section_m2, headspace_m3, assumptions
            )
    return found


def dissolving_metal(
    anode: ResolvedElectrode, metal: SacrificialMetal, of: str, assumptions: Assumptions
) -> MetalDescription:
    """The metal of a sacrificial anode: its molar mass, and its mass weighed or from its size.

    `of` is where it stands in the description.
    """
    mass_kg, basis = metal_there(anode)
    words = (
        f"how much {metal.id} the anode holds is not known: it never runs short"
        if mass_kg is None
        else f"the anode holds {mass_kg * 1e3:.3g} g of {metal.id}: {basis}"
    )
    assumptions.note(f"{of}.mass_kg", words)
    return MetalDescription(molar_mass_kg_per_mol=metal.molar_mass_kg_per_mol, mass_kg=mass_kg)


def _thermal(resolved: ResolvedProtocol, assumptions: Assumptions) -> ThermalDescription:
    """Heat balance of the solution: all that the source puts in becomes heat."""
    capacity, liquid_m3, latent, boiling_K = 0.0, 0.0, [], []
    for compartment in resolved.compartments:
        solvent = compartment.medium.solvent
        density = solvent.density_kg_per_m3 if solvent else 1000.0
        per_kg = solvent.heat_capacity_J_per_kg_K if solvent else _ORGANIC_J_PER_KG_K
        capacity += compartment.written.volume_m3 * density * per_kg
        liquid_m3 += compartment.written.volume_m3
        if solvent:
            molar_volume = solvent.molar_mass_kg_per_mol / solvent.density_kg_per_m3
            latent.append(solvent.heat_of_vaporisation_J_per_mol / molar_volume)
            boiling_K.append(solvent.boiling_point_K)
    stated = resolved.written.environment.temperature
    control = stated.control if stated is not None else None
    if control is None and stated is not None and not _ROOM_K[0] <= stated.setpoint_K <= _ROOM_K[1]:
        control = "bath"
        assumptions.note(
            "thermal.heat_loss_W_per_K",
            f"what holds {stated.setpoint_K - 273.15:.4g} degC is not stated: taken as a bath",
        )
    per_m2 = _COOLING_W_PER_M2_K.get(control or "", _STILL_AIR_W_PER_M2_K)
    loss = per_m2 * 6 * liquid_m3 ** (2 / 3)
    assumptions.note(
        "thermal",
        f"heat: {capacity:.3g} J/K, lost with {loss:.2g} W/K ({per_m2:g} W/m²K over the surface of"
        " a cube of the liquid); all electrical energy becomes heat",
    )
    ambient_K = resolved.temperature_K
    boiling = {}
    if boiling_K and len(boiling_K) == len(resolved.compartments) and min(boiling_K) > ambient_K:
        first = boiling_K.index(min(boiling_K))
        boiling = {"boiling_point_K": boiling_K[first], "latent_heat_J_per_m3": latent[first]}
    else:
        assumptions.note(
            "thermal.boiling_point_K",
            "the boiling point of the solution is not known: it never boils",
        )
    return ThermalDescription(
        heat_capacity_J_per_K=capacity, heat_loss_W_per_K=loss, ambient_K=ambient_K, **boiling
    )


def _evaporation_m3_per_s(
    resolved: ResolvedProtocol, section_m2: float, headspace_m3: float, assumptions: Assumptions
) -> float:
    """Vapour that diffuses from the surface to the rim, D A p/(R T L) (Stefan, 1873), as liquid."""
    solvent = resolved.anode.compartment.medium.solvent
    if solvent is None:
        assumptions.note(
            "evaporation_m3_per_s",
            "the solvent's vapour pressure is not known: it does not evaporate",
        )
        return 0.0
    kelvin = resolved.temperature_K
    vapour_mol_per_m3 = solvent.vapour_pressure_Pa / (GAS_CONSTANT_J_PER_MOL_K * kelvin)
    climb_m = headspace_m3 / section_m2
    mol_per_s = _VAPOUR_M2_PER_S * section_m2 * vapour_mol_per_m3 / climb_m
    rate = mol_per_s * solvent.molar_mass_kg_per_mol / solvent.density_kg_per_m3
    assumptions.note(
        "evaporation_m3_per_s",
        f"{solvent.id} evaporates from the open vessel with {rate * 3.6e9:.2g} mL/h: its vapour"
        f" pressure at 25 °C, through {climb_m * 1e3:.0f} mm of still air",
    )
    return rate


def _divided(resolved: ResolvedProtocol, assumptions: Assumptions) -> dict[str, Any]:
    """The separator and the second compartment."""
    separator = resolved.written.cell.separator
    area_m2 = separator.area_m2 if separator else None
    if area_m2 is None:
        area_m2 = resolved.section_m2 or 1e-4
        assumptions.note("separator.area_m2", f"the separator is taken as {area_m2 * 1e4:.2g} cm²")
    kind = separator.kind if separator else "frit"
    permeability = separator_permeability_m_per_s(kind)
    assumptions.note(
        "separator.permeability_m_per_s",
        f"what is dissolved crosses the {kind} with {permeability:.1e} m/s",
    )
    return {
        "counter_volume_m3": resolved.counter.compartment.written.volume_m3,
        "separator": SeparatorDescription(
            area_m2=area_m2, permeability_m_per_s=permeability, carries=separator_carrier(kind)
        ),
    }
