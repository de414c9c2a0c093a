"""The cell of a protocol as plain numbers for the simulated bench.

`describe_cell` turns chemistry into Tafel lines, areas, film thicknesses and a resistance. It has
to put a number wherever a real cell has one; every number that the protocol does not give is in
`assumptions`. A rehearsal on it tests the plan and the instruments; it does not predict a yield.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faradaic.chemistry import tables
from faradaic.protocols.conductivity import resistance_ohm
from faradaic.protocols.estimates import target_electrons
from faradaic.protocols.geometry import (
    POROUS,
    active_area_m2,
    effective_gap_area_m2,
    electrode_areas,
)
from faradaic.protocols.half_reactions import (
    HalfReaction,
    acidity,
    background_reaction,
    gas_diffusion_reactions,
    gas_feed,
    of_role,
    reactants,
    solution_at,
    substrate_reaction,
    target_roles,
)
from faradaic.protocols.mass_transport import flow_situation, mass_transfer_m_per_s
from faradaic.protocols.medium import medium, temperature_K
from faradaic.protocols.presets import dissolving_metal, surroundings
from faradaic.protocols.reference_scales import simulated_zero_V
from faradaic.protocols.twin_gas_diffusion import describe_gas_diffusion_cell, reduces_fed_co2

if TYPE_CHECKING:
    from faradaic.protocols.half_reactions import ElectrodeRole
    from faradaic.protocols.schema import Electrode, Protocol

_DOUBLE_LAYER_F_PER_M2 = 0.2
"""20 µF/cm² of wetted surface."""
_AREA_M2 = 1e-4
_GAP_M = 1e-2
_CONDUCTIVITY_S_PER_M = 0.5
_OHMIC_FRACTION = 0.5
_VISCOSITY_PA_S = 1e-3
_INTERMEDIATE = "intermediate"
_CONCENTRATION = "concentration_mol_per_m3"


def describe_cell(protocol: Protocol) -> dict[str, Any]:
    """The cell as the mapping that the simulators read, SI and JSON throughout.

    Its keys are those of `faradaic.chemistry.cell_description.preparative`.
    """
    if reduces_fed_co2(protocol):
        return describe_gas_diffusion_cell(protocol)
    assumptions: list[str] = []
    working = protocol.electrodes.working_name
    counter = next(name for name in protocol.electrodes.pair if name != working)
    both: tuple[ElectrodeRole, ...] = ("anode", "cathode")
    roles = {of_role(protocol, role)[0]: role for role in both}
    species, substrate = _species(protocol, roles[working])
    holder = solution_at(protocol, roles[working])
    electrodes = {
        side: _electrode(protocol, roles[name], substrate, assumptions)
        for side, name in (("working", working), ("counter", counter))
    }
    resistance = _resistance_ohm(protocol, assumptions)
    around = surroundings(protocol, roles[working], assumptions)
    return around | {
        "temperature_K": temperature_K(protocol),
        "volume_m3": holder.volume_m3,
        "resistance_ohm": resistance,
        "reference": _reference(protocol, roles[working], assumptions),
        "species": species,
        "electrodes": electrodes,
        "assumptions": list(dict.fromkeys(text for text in assumptions if text)),
    }


def _species(
    protocol: Protocol, working_role: ElectrodeRole
) -> tuple[dict[str, dict[str, float]], str | None]:
    """The dissolved species that the current changes, and the id of the limiting one."""
    moles, limiting = protocol.limiting_amount_mol, protocol.limiting
    if moles is None or limiting is None or gas_feed(protocol) is not None:
        return {}, None
    place, name, _ = limiting
    start = {product_id(protocol): 0.0}
    if len(target_roles(protocol)[0]) == 2:
        start[_INTERMEDIATE] = 0.0
    species = {key: {_CONCENTRATION: value} for key, value in start.items()}
    concentration = moles / protocol.solutions[place].volume_m3
    species[name] = {_CONCENTRATION: concentration}
    if protocol.solutions[place] is not solution_at(protocol, working_role):
        species[name] = {_CONCENTRATION: 0.0, f"counter_{_CONCENTRATION}": concentration}
    return species, name


def product_id(protocol: Protocol) -> str:
    """Id of the product that the electrolysis is for; `product` when the protocol names none."""
    products = protocol.reaction.products
    return next((n for n, p in products.items() if p.target), next(iter(products), "product"))


def _electrode(
    protocol: Protocol, role: ElectrodeRole, substrate: str | None, assumptions: list[str]
) -> dict[str, Any]:
    _, electrode = of_role(protocol, role)
    area = active_area_m2(electrode)
    if area is None:
        other = of_role(protocol, "cathode" if role == "anode" else "anode")[1]
        area = active_area_m2(other) or _AREA_M2
        assumptions.append(f"the area of the {role} is not known: taken as {area * 1e4:.2g} cm²")
    elif electrode.form.value in POROUS:
        assumptions.append(
            f"the {role} is porous: its envelope, {area * 1e4:.2f} cm², takes part in transport"
        )
    lines = _lines(protocol, role, substrate, assumptions)
    described: dict[str, Any] = {
        "role": role,
        "area_m2": area,
        "double_layer_F": _double_layer_F(electrode, area),
        "reactions": lines,
        "reverse_reactions": _reverse_lines(protocol, role, substrate),
    }
    immersed_m = electrode.immersed_m or electrode.length_m
    if immersed_m is not None:
        described["immersed_m"] = immersed_m
    metal = electrode.sacrificial and tables.sacrificial_metal(electrode.sacrificial.metal)
    if electrode.sacrificial and metal and lines[-1]["name"].startswith("dissolution"):
        lines[-1] |= {"metal": True, "electrons": electrode.sacrificial.electrons}
        back = {"name": f"deposition of {metal.id}", "direction": "reduction"}
        described["reverse_reactions"] = [lines[-1] | back]
        described["metal"] = dissolving_metal(electrode, metal, assumptions)
        assumptions.append(f"{metal.id} dissolves by the current alone: it does not corrode")
    return described


def _lines(
    protocol: Protocol, role: ElectrodeRole, substrate: str | None, assumptions: list[str]
) -> list[dict[str, Any]]:
    """The reactions of an electrode in its role: of the target if it has it, and what is beyond."""
    lines = []
    if role == "cathode" and gas_feed(protocol) is not None:
        for line in gas_diffusion_reactions(protocol):
            assumptions.append(line.assumed)
            lines.append(_reaction(line, role))
        return lines
    targets, guessed = target_roles(protocol)
    target = role in targets and bool(reactants(protocol))
    if target:
        assumptions.append(guessed)
        lines.append(_target_reaction(protocol, role, substrate, assumptions))
    background = background_reaction(protocol, role, target=target)
    assumptions.append(background.assumed)
    lines.append(_reaction(background, role))
    _give_gases(protocol, role, lines)
    return lines


def _reverse_lines(
    protocol: Protocol, role: ElectrodeRole, substrate: str | None
) -> list[dict[str, Any]]:
    """The reactions of an electrode that the current drives against its role.

    Those that its material would have on the other side of the cell: the substrate reacts at
    whichever electrode is driven its way, the solution being one. Their assumptions are those of
    the forward reactions.
    """
    exchanged = _exchanged(protocol)
    other: ElectrodeRole = "cathode" if role == "anode" else "anode"
    if protocol.compartments is None:
        return _lines(exchanged, other, substrate, [])
    return [_reaction(background_reaction(exchanged, other, target=False), other)]


def _exchanged(protocol: Protocol) -> Protocol:
    """The protocol with its electrodes, and what they stand in, in each other's role."""
    from faradaic.protocols.schema import Role

    pair = protocol.electrodes
    if pair.working is None:
        change: dict[str, Any] = {"anode": pair.cathode, "cathode": pair.anode}
    else:
        opposite = {Role.ANODE: Role.CATHODE, Role.CATHODE: Role.ANODE}
        change = {
            name: electrode.model_copy(
                update={"role": opposite.get(electrode.role or Role.ANODE, electrode.role)}
            )
            for name, electrode in pair.pair.items()
        }
    update: dict[str, Any] = {"electrodes": pair.model_copy(update=change)}
    if (places := protocol.compartments) is not None:
        swapped = {"anolyte": places.catholyte, "catholyte": places.anolyte}
        update["compartments"] = places.model_copy(update=swapped)
    return protocol.model_copy(update=update)


def _double_layer_F(electrode: Electrode, area_m2: float) -> float:
    return _DOUBLE_LAYER_F_PER_M2 * electrode_areas(electrode).get("wetted", area_m2)


def _target_reaction(
    protocol: Protocol, role: ElectrodeRole, substrate: str | None, assumptions: list[str]
) -> dict[str, Any]:
    """The reaction of the limiting component; in a paired electrolysis first and second half."""
    line = substrate_reaction(protocol, role)
    assumptions.append(line.assumed)
    if substrate is None:
        assumptions.append(f"no amount limits the {line.name}")
        return _reaction(line, role)
    solvent = medium(protocol, solution_at(protocol, role)).solvent
    if solvent is None:
        assumptions.append("the solvent is not in the table: its viscosity is taken as 1 mPa s")
    viscosity = _VISCOSITY_PA_S if solvent is None else solvent.viscosity_Pa_s
    assumptions.append(flow_situation(protocol)[1])
    electrons = protocol.reaction.electrons
    reacting = target_electrons(protocol)
    if electrons is None or reacting is None:
        z = 1.0
        assumptions.append("the electrons of the reaction are not given: taken as 1")
    else:
        z = (electrons.anode if role == "anode" else electrons.cathode) or reacting[1]
    consumed, formed = substrate, product_id(protocol)
    order = target_roles(protocol)[0]
    if len(order) == 2 and role == order[0]:
        formed = _INTERMEDIATE
    elif len(order) == 2:
        consumed = _INTERMEDIATE
        assumptions.append(f"the {order[1]} turns what the {order[0]} makes into the product")
    return _reaction(line, role) | {
        "electrons": z,
        "substrate": consumed,
        "mass_transfer_m_per_s": mass_transfer_m_per_s(protocol, viscosity)[1],
        "product": formed,
    }


def _reaction(line: HalfReaction, role: ElectrodeRole) -> dict[str, Any]:
    gas = line.gas and {"species": line.gas[0], "mol_per_mol_electrons": line.gas[1]}
    return {
        "name": line.name,
        "direction": "oxidation" if role == "anode" else "reduction",
        "electrons": 1 / line.gas[1] if line.gas else 1.0,
        "substrate": None,
        "reference_potential_V_vs_SHE": line.potential_V_vs_SHE,
        "exchange_current_density_A_per_m2": line.current_density_A_per_m2,
        "tafel_slope_V_per_decade": line.tafel_slope_V_per_decade,
        "mass_transfer_m_per_s": None,
        "product": None,
        "gas": gas,
    }


def _give_gases(protocol: Protocol, role: ElectrodeRole, lines: list[dict[str, Any]]) -> None:
    """Put the gases that the protocol names on the reactions that evolve them.

    Hydrogen and oxygen belong to the background, any other gas to the reaction of the substrate.
    """
    for gas in protocol.reaction.gases:
        if gas.at == role:
            line = lines[-1] if gas.species in ("H2", "O2") else lines[0]
            line["gas"] = {"species": gas.species, "mol_per_mol_electrons": gas.per_electron}


def _resistance_ohm(protocol: Protocol, assumptions: list[str]) -> float:
    gap, area = protocol.cell.gap_m, effective_gap_area_m2(protocol)
    if gap is None:
        gap = _GAP_M
        assumptions.append("the gap between the electrodes is not stated: taken as 10 mm")
    if area is None:
        area = _AREA_M2
        assumptions.append("the cross section between the electrodes is taken as 1 cm²")
    found = resistance_ohm(protocol, area, gap)
    if isinstance(found, str):
        assumptions.append(f"{found}: conductivity taken as {_CONDUCTIVITY_S_PER_M * 10:g} mS/cm")
        return gap / (_CONDUCTIVITY_S_PER_M * area)
    assumptions.append(f"resistance {found.typical:.0f} ohm: {found.reason}")
    return found.typical


def _reference(
    protocol: Protocol, working_role: ElectrodeRole, assumptions: list[str]
) -> dict[str, Any]:
    electrode = protocol.electrodes.reference
    if electrode is None:
        return {"present": False, "potential_V_vs_SHE": 0.0, "ohmic_fraction": 0.0}
    ph = acidity(protocol, working_role)[0]
    potential, assumed = simulated_zero_V(electrode, ph, temperature_K(protocol))
    assumptions.append(assumed)
    assumptions.append("the reference electrode sits halfway between the electrodes")
    return {
        "present": True,
        "potential_V_vs_SHE": potential,
        "ohmic_fraction": _OHMIC_FRACTION,
    }
