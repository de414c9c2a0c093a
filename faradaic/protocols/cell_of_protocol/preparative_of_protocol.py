"""A cell for preparative electrolysis: Tafel lines, areas, films and a resistance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from faradaic.chemistry.cell_description.cell_assumptions import RECALLED, Assumptions, Guess
from faradaic.chemistry.cell_description.preparative_description import (
    ElectrodeDescription,
    ElectrodesDescription,
    GasDescription,
    IonDescription,
    MediatorDescription,
    PreparativeDescription,
    ReactionDescription,
    SpeciesDescription,
)
from faradaic.chemistry.gases import FROM_THE_MEDIUM
from faradaic.chemistry.mass_transport import mass_transfer_m_per_s
from faradaic.chemistry.reaction_lines import DIRECTION
from faradaic.protocols.cell_of_protocol.ions_of_protocol import add_metal_ion, ions
from faradaic.protocols.cell_of_protocol.surroundings_of_protocol import (
    dissolving_metal,
    surroundings,
)
from faradaic.protocols.reference_scales import simulated_reference
from faradaic.protocols.schema.steps import kinds_of
from faradaic.protocols.stoichiometry import own_conversions, product_balances

if TYPE_CHECKING:
    from faradaic.protocols.resolved import Driven, ResolvedElectrode, ResolvedProtocol

_DOUBLE_LAYER_F_PER_M2 = 0.2
"""20 µF/cm² of wetted surface."""
_AREA_M2 = 1e-4
_GAP_M = 1e-2
_CONDUCTIVITY_S_PER_M = {True: 0.05, False: 0.5}
"""Guessed where nothing is known: in solvents in which salts hardly dissociate, and in others."""
_MEMBRANE_OHM_M2 = 3e-5
"""Guessed of an ion-exchange membrane with its contacts, 0.3 Ohm cm²."""
_VISCOSITY_PA_S = 1e-3
_INTERMEDIATE = "intermediate"


_SWEEPS = (
    *("linear_sweep", "cyclic_voltammetry"),
    *("square_wave_voltammetry", "differential_pulse_voltammetry"),
)
_GUESSED_WITHIN = 10.0
"""Factor either way within which a conductivity lies that nobody knows: from 0.5 mS/cm (a salt in
tetrahydrofuran) to 50 mS/cm (0.5 M sodium sulfate)."""
_GAP_WITHIN = 3.0
"""The same of a gap or a cross section that is not stated."""


def preparative_cell(
    resolved: ResolvedProtocol, current_A: float | None = None
) -> PreparativeDescription:
    """The cell of any protocol but those that `reduces_fed_co2` names.

    `current_A` is the largest of the steps, by which it is told what moves the cell voltage.
    """
    assumptions = Assumptions()
    species, substrate = _species(resolved, assumptions)
    of_solution = ions(resolved, species, assumptions)
    working, counter = (
        _electrode(resolved, lead, substrate, of_solution, current_A, assumptions)
        for lead in ("working", "counter")
    )
    resistance = _resistance_ohm(resolved, current_A, assumptions)
    if (flow := resolved.written.cell.flow) is not None and flow.mode == "single_pass":
        assumptions.note(
            "volume_m3",
            "a single pass is simulated as one stirred volume for as long as all of it takes: what"
            " one portion sees in the channel, with the same conversion and charge; the voltage of"
            " a channel at steady state does not drift as this one's does",
        )
    if substrate is not None and any(kind in _SWEEPS for kind in kinds_of(resolved.written.steps)):
        assumptions.note(
            "electrodes.working.reactions.0.mass_transfer_m_per_s",
            "a voltammogram here has plateaus and no peaks: the diffusion layer is that of a steady"
            " state; peaks come from `faradaic simulate`",
        )
    around = surroundings(resolved, assumptions)
    pH = resolved.working.compartment.medium.acidity[0]
    reference = simulated_reference(
        resolved.written.electrodes.reference, pH, resolved.temperature_K, assumptions
    )
    return PreparativeDescription(
        model="preparative",
        temperature_K=resolved.temperature_K,
        volume_m3=resolved.working.compartment.written.volume_m3,
        resistance_ohm=resistance,
        reference=reference,
        species=species,
        ions=of_solution,
        electrodes=ElectrodesDescription(working=working, counter=counter),
        assumptions=assumptions.noted(),
        **around,
    )


def _species(
    resolved: ResolvedProtocol, assumptions: Assumptions
) -> tuple[dict[str, SpeciesDescription], str | None]:
    """The dissolved species that the current changes, and the id of the limiting one."""
    written = resolved.written
    moles, limiting = resolved.limiting_mol, written.limiting
    if moles is None or limiting is None or resolved.feed is not None:
        return {}, None
    name = limiting[1]
    own = own_conversions(resolved.written)
    start = [formed for _, formed in own.values()] or [
        _product_id(resolved),
        *[_INTERMEDIATE] * (len(resolved.targets) - 1),
    ]
    species = {key: SpeciesDescription(concentration_mol_per_m3=0.0) for key in start}
    there: dict[str, tuple[str, float]] = {}
    for consumed in dict.fromkeys([name, *(substrate for substrate, _ in own.values())]):
        here = written.place_of(consumed)
        total_mol = written.amount_mol(consumed) or 0.0
        if total_mol != written.amounts_mol(here)[consumed]:
            assumptions.note(f"species.{consumed}", f"all {consumed} is there from the beginning")
        there[consumed] = here, total_mol / written.solutions[here].volume_m3
    for role, mediator in resolved.mediators.items():
        place = written.place_of(own[role][0] if role in own else name)
        there[mediator.id] = place, mediator.concentration_mol_per_m3
    for key, (here, concentration) in there.items():
        if here == resolved.working.compartment.place:
            species[key] = SpeciesDescription(concentration_mol_per_m3=concentration)
        else:
            species[key] = SpeciesDescription(
                concentration_mol_per_m3=0.0, counter_concentration_mol_per_m3=concentration
            )
    return species, name


def _product_id(resolved: ResolvedProtocol) -> str:
    """Id of the product that the electrolysis is for; `product` when the protocol names none."""
    products = resolved.written.reaction.products
    return next((n for n, p in products.items() if p.target), next(iter(products), "product"))


def _electrode(
    resolved: ResolvedProtocol,
    lead: Literal["working", "counter"],
    substrate: str | None,
    of_solution: dict[str, IonDescription],
    current_A: float | None,
    assumptions: Assumptions,
) -> ElectrodeDescription:
    here = f"electrodes.{lead}"
    electrode: ResolvedElectrode = getattr(resolved, lead)
    role, written, area = electrode.role, electrode.written, electrode.active_area_m2
    if area is None:
        other = resolved.cathode if role == "anode" else resolved.anode
        area = other.active_area_m2 or _AREA_M2
        assumptions.note(
            f"{here}.area_m2",
            f"the area of the {role} is not known: taken as {area * 1e4:.2g} cm²",
            guess="area",
            bounds=(area * _GUESSED_WITHIN, area / _GUESSED_WITHIN),
            cell_voltage_V=_slowest_V_per_decade(electrode),
            state=f"electrodes.{electrode.name}.area",
        )
    elif electrode.porous:
        assumptions.note(
            f"{here}.area_m2",
            f"the {role} is porous: its envelope, {area * 1e4:.2f} cm², takes part in transport",
        )
    lines = _lines(
        resolved,
        electrode,
        electrode.forward,
        substrate,
        current_A,
        f"{here}.reactions",
        assumptions,
    )
    # The assumptions of the way back are those of the way forward.
    back = _lines(
        resolved,
        electrode,
        electrode.backward,
        substrate,
        current_A,
        f"{here}.reverse_reactions",
        Assumptions(),
    )
    deposited = lines[-1].name.removeprefix("deposition of ")
    if deposited != lines[-1].name and (ion := of_solution.get(deposited)) is not None:
        lines[-1] = lines[-1].model_copy(update={"ion": deposited, "electrons": ion.charge})
    more: dict[str, Any] = {}
    if electrode.depth_m is not None:
        more["immersed_m"] = electrode.depth_m
    metal = electrode.metal
    if written.sacrificial and metal and lines[-1].name.startswith("dissolution"):
        electrons = written.sacrificial.electrons or metal.electrons
        of_metal: dict[str, Any] = {"metal": True, "electrons": electrons}
        if of_solution:
            of_metal["ion"] = add_metal_ion(metal.id, electrons, of_solution)
        lines[-1] = lines[-1].model_copy(update=of_metal)
        reverse = {"name": f"deposition of {metal.id}", "direction": "reduction"}
        back = [lines[-1].model_copy(update=reverse)]
        more["metal"] = dissolving_metal(electrode, metal, f"{here}.metal", assumptions)
        assumptions.note(
            f"{here}.metal", f"{metal.id} dissolves by the current alone: it does not corrode"
        )
    elif written.sacrificial and role == "anode":
        assumptions.note(
            f"{here}.metal",
            f"{written.sacrificial.metal} does not dissolve here: the substrate is oxidised"
            if electrode.forward.converts
            else f"{written.sacrificial.metal} is not in the table of sacrificial metals: the"
            " anode is simulated as one that does not dissolve",
            guess=None if electrode.forward.converts else "potential",
        )
    return ElectrodeDescription(
        role=role,
        area_m2=area,
        double_layer_F=_DOUBLE_LAYER_F_PER_M2 * electrode.areas_m2.get("wetted", area),
        reactions=tuple(lines),
        reverse_reactions=tuple(back),
        **more,
    )


def _lines(
    resolved: ResolvedProtocol,
    electrode: ResolvedElectrode,
    driven: Driven,
    substrate: str | None,
    current_A: float | None,
    here: str,
    assumptions: Assumptions,
) -> list[ReactionDescription]:
    """The reactions of an electrode in a role: of the target if it has it, and what is beyond."""
    # What does not end with the substrate belongs to the background.
    last = len(driven.reactions) - 1
    given = {
        0 if gas.ends_with_substrate else last: (gas.species, gas.per_electron)
        for gas in driven.gases
    }
    if driven.converts:
        assumptions.note(here, resolved.targets_assumed)
    lines = []
    for number, line in enumerate(driven.reactions):
        _note_line(resolved, electrode, driven, number, current_A, here, assumptions)
        more: dict[str, Any] = {"electrons": 1 / line.gas[1] if line.gas else 1.0}
        if driven.converts and number == 0:
            more |= _of_substrate(resolved, electrode, driven, substrate, here, assumptions)
        gas = given.get(number, line.gas)
        if gas is not None:
            more["gas"] = GasDescription(species=gas[0], mol_per_mol_electrons=gas[1])
        lines.append(
            ReactionDescription(
                name=line.name,
                direction=DIRECTION[driven.role],
                reference_potential_V_vs_SHE=line.potential_V_vs_SHE,
                exchange_current_density_A_per_m2=line.current_density_A_per_m2,
                tafel_slope_V_per_decade=line.tafel_slope_V_per_decade,
                follows_pH=electrode.compartment.medium.aqueous
                and line.gas is not None
                and line.gas[0] in FROM_THE_MEDIUM - {"Cl2"},
                **more,
            )
        )
    return lines


def _note_line(
    resolved: ResolvedProtocol,
    electrode: ResolvedElectrode,
    driven: Driven,
    number: int,
    current_A: float | None,
    here: str,
    assumptions: Assumptions,
) -> None:
    """What is assumed of a reaction; a guess where it is unknown and runs from the start.

    A value that is only recalled, without a source that was opened, counts as unknown.
    What takes over once the substrate runs short is a convention, unless it is short from the
    start: the current is above the limiting one.
    """
    limit_A = resolved.limiting_currents_A()
    above = current_A is not None and not isinstance(limit_A, str) and current_A > limit_A[1]
    at_once = number == 0 or above
    line, wanted = driven.reactions[number], driven.converts and number == 0
    middle_V, spread_V = line.potential_V_vs_SHE, line.spread_V
    guess: Guess | None = None
    state = ""
    if at_once and line.guessed:
        guess = "potential" if wanted or line.of or line.gas is None else "kinetics"
        if guess == "kinetics" and electrode.overpotential is None:
            state = f"electrodes.{electrode.name}.overpotential"
        elif of := line.of or (wanted and _consumed(resolved, driven.role)):
            path = resolved.written.solution_path(resolved.written.place_of(of))
            state = ".".join((*path, "components", of, "potential"))
    harder_V = spread_V if driven.role == "anode" else -spread_V
    assumptions.note(
        f"{here}.{number}.reference_potential_V_vs_SHE",
        line.assumed,
        guess=guess,
        bounds=(middle_V - harder_V, middle_V + harder_V) if at_once else None,
        cell_voltage_V=spread_V,
        state=state,
    )


def _consumed(resolved: ResolvedProtocol, role: str) -> str | None:
    """The component that reacts at an electrode: its own, or the limiting one."""
    limiting = resolved.written.limiting
    own = own_conversions(resolved.written).get(role)
    return own[0] if own else limiting and limiting[1]


def _slowest_V_per_decade(electrode: ResolvedElectrode) -> float:
    return max(line.tafel_slope_V_per_decade for line in electrode.forward.reactions)


def _of_substrate(
    resolved: ResolvedProtocol,
    electrode: ResolvedElectrode,
    driven: Driven,
    substrate: str | None,
    here: str,
    assumptions: Assumptions,
) -> dict[str, Any]:
    """What the reaction of the limiting component turns into what, and how fast it gets there."""
    role, order = driven.role, resolved.targets
    rate = f"{here}.0.mass_transfer_m_per_s"
    if substrate is None:
        assumptions.note(here, f"no amount limits the {driven.reactions[0].name}")
        return {}
    solvent = electrode.compartment.medium.solvent
    if solvent is None:
        assumptions.note(rate, "the solvent is not in the table: its viscosity is taken as 1 mPa s")
    viscosity = _VISCOSITY_PA_S if solvent is None else solvent.viscosity_Pa_s
    assumptions.note(rate, resolved.transport_assumed)
    electrons, reacting = resolved.written.reaction.counted_electrons, resolved.reacting
    if electrons is None or reacting is None:
        z = 1.0
        assumptions.note(
            f"{here}.0.electrons", "the electrons of the reaction are not given: taken as 1"
        )
    else:
        z = (electrons.anode if role == "anode" else electrons.cathode) or reacting[1]
    own = own_conversions(resolved.written)
    consumed, formed = own.get(role, (substrate, _product_id(resolved)))
    balance = product_balances(resolved.written).get(formed)
    if role in own and balance is not None and balance.electrons is not None:
        z = balance.electrons / balance.substrate_molecules
    if not own and len(order) == 2 and role == order[0]:
        formed = _INTERMEDIATE
    elif not own and len(order) == 2:
        consumed = _INTERMEDIATE
        assumptions.note(
            f"{here}.0.substrate",
            f"the {order[1]} turns what the {order[0]} makes into the product",
        )
    more: dict[str, Any] = {}
    mediator = resolved.mediators.get(role)
    if mediator is not None:
        of = f"{here}.0.mediator"
        assumptions.note(of, mediator.rate_assumed)
        assumptions.note(of, f"{mediator.id} stays in solution in the form that the {role} takes")
        more["mediator"] = MediatorDescription(
            species=mediator.id,
            rate_m3_per_mol_per_s=mediator.rate_m3_per_mol_per_s,
            diffusivity_m2_per_s=mediator.diffusivity_m2_per_s,
            mass_transfer_m_per_s=mass_transfer_m_per_s(
                resolved.film_m, mediator.diffusivity_m2_per_s
            )[1],
        )
    return more | {
        "electrons": z,
        "substrate": consumed,
        "mass_transfer_m_per_s": resolved.mass_transfer_m_per_s(viscosity)[1],
        "product": formed,
        "substrate_molecules": 1.0 if balance is None else balance.substrate_molecules,
    }


def _resistance_ohm(
    resolved: ResolvedProtocol, current_A: float | None, assumptions: Assumptions
) -> float:
    gap, area = resolved.written.cell.gap_m, resolved.section_m2
    stated = resolved.written.cell.resistance is not None
    found = resolved.resistance_ohm(gap or _GAP_M, area or _AREA_M2)
    mixtures = [compartment.medium.mixture for compartment in resolved.compartments]
    weak = any(one is not None and one.weak for one in mixtures)
    conductivity = _CONDUCTIVITY_S_PER_M[weak]
    typical = (gap or _GAP_M) / (conductivity * (area or _AREA_M2))
    if resolved.membrane_alone:
        typical = _MEMBRANE_OHM_M2 / (area or _AREA_M2)
    low, high = typical / _GUESSED_WITHIN, typical * _GUESSED_WITHIN
    if not isinstance(found, str):
        low, typical, high = found.low, found.typical, found.high

    def moves_V(low_ohm: float, high_ohm: float) -> float | None:
        furthest_ohm = max(typical - low_ohm, high_ohm - typical)
        return None if current_A is None else current_A * furthest_ohm

    for missing, taken, key, what in (
        (gap is None and not resolved.membrane_alone, f"{_GAP_M * 1e3:g} mm", "cell.gap", "gap"),
        (area is None, f"{_AREA_M2 * 1e4:g} cm²", "electrodes.*.area", "cross section"),
    ):
        if missing and not stated:
            assumptions.note(
                "resistance_ohm",
                f"the {what} between the electrodes is not stated: taken as {taken}",
                guess="area",
                bounds=(typical / _GAP_WITHIN, typical * _GAP_WITHIN),
                cell_voltage_V=moves_V(typical / _GAP_WITHIN, typical * _GAP_WITHIN),
                state=key,
            )
    taken = (
        f"conductivity guessed as {conductivity * 10:g} mS/cm, within a factor of"
        f" {_GUESSED_WITHIN:g} either way"
    )
    key = f"{'.'.join(resolved.compartments[0].path)}.conductivity"
    if resolved.membrane_alone:
        taken = f"resistance guessed as {_MEMBRANE_OHM_M2 * 1e4:g} Ohm cm²"
        key = "cell.separator.area_resistance"
    guess: Guess | None = None
    if isinstance(found, str) or RECALLED in found.reason:
        guess = "conductivity"
    assumptions.note(
        "resistance_ohm",
        f"{taken}: {found}"
        if isinstance(found, str)
        else f"resistance {typical:.3g} ohm: {found.reason}",
        guess=guess,
        bounds=(low, high),
        cell_voltage_V=moves_V(low, high),
        state=key if guess else "",
    )
    return typical
