"""A protocol with everything looked up: what estimates, checks and the description of a cell take.

`resolve_protocol` asks the tables of the chemistry once; estimates ask none, checks only for what
no plan rests on (which class a substance is of, what does not go with what, windows), the
description of a cell only for what its model alone needs (what crosses a separator, oxygen at the
anode of a fed cell). A value that had to be assumed carries the sentence that says so
(`..._assumed`, empty when it is stated), one that cannot be had is None or the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from faradaic.chemistry.conductivity import Range, resistance_ohm
from faradaic.chemistry.couples import Couple
from faradaic.chemistry.electrode_areas import POROUS, active_basis
from faradaic.chemistry.electrode_kinetics import GasOverpotential
from faradaic.chemistry.electrode_reactions import classes, reactions
from faradaic.chemistry.gas_diffusion_reactions import KNOWN_FEEDS, gas_diffusion_reactions
from faradaic.chemistry.mass_transport import (
    LEAVES_DISSOLVED_M_PER_S,
    limiting_current_A,
    mass_transfer_m_per_s,
    stirred_by_bubbles_m_per_s,
)
from faradaic.chemistry.reaction_lines import (
    DIRECTION,
    Carried,
    ElectrodeReaction,
    ElectrodeRole,
    Surroundings,
)
from faradaic.chemistry.sacrificial_metals import SacrificialMetal, sacrificial_metal
from faradaic.protocols import gas_of_protocol
from faradaic.protocols.compartments import Compartment, compartments_of
from faradaic.protocols.easiest_couples import product_couples, substrate_couples
from faradaic.protocols.immersion import areas_m2, depth_in_liquid_m
from faradaic.protocols.membranes import separator_ohm_m2
from faradaic.protocols.reactants import (
    Mediator,
    anode_of,
    carriers,
    diffusivity_of,
    held_V_vs_SHE,
    limiting_component,
    mediators_of,
    reactant,
    reactants,
    reacting_at,
    stated_overpotential,
    targets_of,
)
from faradaic.protocols.schema import Electrode, Gas, Protocol, Role
from faradaic.protocols.stoichiometry import own_conversions
from faradaic.protocols.streams import film_of
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

_OTHER: Mapping[ElectrodeRole, ElectrodeRole] = {"anode": "cathode", "cathode": "anode"}


@dataclass(frozen=True, slots=True)
class Driven:
    """What an electrode does when it is driven as anode or as cathode."""

    role: ElectrodeRole
    reactions: tuple[ElectrodeReaction, ...]
    """The wanted one first; the last is what carries the current when nothing else does."""
    converts: bool
    """Whether the first is the reaction of the limiting component."""
    gases: tuple[Gas, ...]
    """That the protocol names for this role."""


@dataclass(frozen=True, slots=True)
class ResolvedElectrode:
    """One of the two electrodes that carry the current."""

    name: str
    """In the protocol."""
    role: ElectrodeRole
    """When the electrolysis runs forward."""
    written: Electrode
    compartment: Compartment
    areas_m2: Mapping[str, float]
    """By basis; those given directly win over those of the dimensions. Empty: not known."""
    active_basis: str | None
    """That of the area that takes part in mass transport."""
    depth_m: float | None
    """How deep it hangs in the solution."""
    depth_assumed: str
    metal: SacrificialMetal | None
    """That dissolves from a sacrificial anode, if it is in the table."""
    overpotential: GasOverpotential | None
    """Of the gas that it makes, as stated."""
    forward: Driven
    backward: Driven
    """When the current drives it against its role."""

    @property
    def porous(self) -> bool:
        """Whether its inner surface carries current too."""
        return self.written.form.value in POROUS

    @property
    def active_area_m2(self) -> float | None:
        """The area that takes part in mass transport."""
        return None if self.active_basis is None else self.areas_m2[self.active_basis]


@dataclass(frozen=True, slots=True)
class ResolvedProtocol:
    """A protocol and all that follows from it without a bench."""

    written: Protocol
    temperature_K: float
    """Of the solution; 25 degC when the protocol gives none."""
    compartments: tuple[Compartment, ...]
    anode: ResolvedElectrode
    cathode: ResolvedElectrode
    limiting_mol: float | None
    """Amount of the limiting component."""
    targets: tuple[ElectrodeRole, ...]
    """Where the limiting component reacts; first and second half of a paired electrolysis."""
    targets_assumed: str
    reacting: tuple[ElectrodeRole, float] | None
    """Where it reacts first and with how many electrons; None if they are not given."""
    substrate_couples: Mapping[ElectrodeRole, Couple]
    """How the limiting component reacts most easily where it does; only what is known."""
    product_couples: Mapping[str, Couple]
    """How each target would react most easily where the substrate reacts; only what is known."""
    base_metals: Mapping[str, SacrificialMetal]
    """What electrodes that nobody called sacrificial would dissolve to, by their material."""
    mediators: Mapping[ElectrodeRole, Mediator]
    """What carries the current to the component that an electrode converts."""
    feed: str | None
    """The gas that a gas-diffusion cathode is fed with, if its kinetics are known."""
    flow: str
    """Stirring or flow, in words: "stirred", "laminar flow"."""
    flow_assumed: str
    film_m: tuple[float, float, float]
    """Diffusion layer: (thin, typical, thick)."""
    section_m2: float | None
    """Cross section of the current between the electrodes: the mean of the facing areas known."""
    separator_ohm_m2: Range | None
    """Area resistance of the separator, as stated, else of its product; None: not known."""
    headspace_m3: float | None
    """As stated, else what the vessel has above the solution."""
    gas_per_electron: Mapping[str, float]
    """Moles of each gas that the reaction evolves per mole of electrons, at both electrodes."""

    @property
    def evolved_m_per_s(self) -> float:
        """Gas where the limiting component reacts, per area, at the largest current held."""
        return gas_of_protocol.gas_per_area_m_per_s(
            self.written,
            self.targets[0],
            self.at(self.targets[0]).active_area_m2,
            {electrode.name: electrode.areas_m2 for electrode in self.electrodes},
            self.temperature_K,
        )

    @property
    def transport_assumed(self) -> str:
        """What its mass transport rests on, where that is assumed."""
        stirred = gas_of_protocol.BUBBLES if self.evolved_m_per_s > LEAVES_DISSOLVED_M_PER_S else ""
        return "; ".join(filter(None, (self.flow_assumed, stirred)))

    def at(self, role: ElectrodeRole) -> ResolvedElectrode:
        """The anode or the cathode."""
        return self.anode if role == "anode" else self.cathode

    @property
    def electrodes(self) -> tuple[ResolvedElectrode, ResolvedElectrode]:
        """Both electrodes, in the order of the protocol."""
        both = (self.anode, self.cathode)
        return both if self.anode.name == next(iter(self.written.electrodes.pair)) else both[::-1]

    def named(self, name: str) -> ResolvedElectrode:
        """The electrode that has a name in the protocol."""
        return next(one for one in self.electrodes if one.name == name)

    @property
    def working(self) -> ResolvedElectrode:
        """The electrode on the working lead."""
        return self.named(self.written.electrodes.working_name)

    @property
    def counter(self) -> ResolvedElectrode:
        """The electrode on the other lead."""
        return self.at(_OTHER[self.working.role])

    def active_area_words(self, role: ElectrodeRole) -> str:
        """Which of its areas takes part in mass transport: "envelope area of the anode"."""
        electrode = self.at(role)
        return f"{electrode.active_basis} area of the {electrode.name}"

    @property
    def membrane_alone(self) -> bool:
        """Whether the current crosses nothing but a membrane, as in a zero-gap cell."""
        return self.written.cell.type.zero_gap

    def resistance_ohm(self, gap_m: float | None, area_m2: float | None) -> Range | str:
        """Ionic resistance between the electrodes, or the sentence that says what is missing."""
        if (stated := self.written.cell.resistance) is not None:
            within = stated.uncertainty or 0.0
            ends = (stated.value - within, stated.value, stated.value + within)
            return Range(*ends, "stated by the author")
        if area_m2 is None:
            return "the electrodes' dimensions are missing"
        separator, own = self.written.cell.separator, None
        if separator is not None and self.separator_ohm_m2 is not None:
            own = self.separator_ohm_m2.times(1 / (separator.area_m2 or area_m2))
            if self.written.cell.type.zero_gap:
                return own
        if self.membrane_alone:
            return "the membrane's resistance is not known; state `cell.separator.area_resistance`"
        if gap_m is None:
            return "the gap between the electrodes is missing"
        known = []
        for compartment in self.compartments:
            if isinstance(compartment.conductivity_S_per_m, str):
                return compartment.conductivity_S_per_m
            known.append(compartment.conductivity_S_per_m)
        if separator is None:
            return resistance_ohm(known, gap_m, area_m2)
        return resistance_ohm(known, gap_m, area_m2, own)

    def limiting_currents_A(self) -> tuple[float, float, float] | str:
        """Limiting current at the start, (low, typical, high), or why there is no number.

        Low is the facing side behind a thick film, high all outer faces behind a thin one.
        """
        if self.reacting is None:
            return "the electrons of the reaction are not given"
        if self.limiting_mol is None or self.written.limiting is None:
            return "the amount of the limiting component is not known"
        role, electrons = self.reacting
        electrode = self.at(role)
        solvent = electrode.compartment.medium.solvent
        if solvent is None:
            return "the solvent is not in the table, so its viscosity is not known"
        areas, active = electrode.areas_m2, electrode.active_area_m2
        if active is None:
            return f"the dimensions of the {role} are missing"
        place, name, _ = self.written.limiting
        start_mol = self.written.amounts_mol(place)[name]
        if not start_mol:
            return "the limiting component is dosed, and none of it is there at the start"
        concentration = start_mol / self.written.solutions[place].volume_m3
        rates = self.mass_transfer_m_per_s(solvent.viscosity_Pa_s)
        surfaces = (areas.get("facing", active), active, areas.get("envelope", active))
        own = (
            limiting_current_A(electrons, area, rate, concentration)
            for area, rate in zip(surfaces, rates, strict=True)
        )
        mediator = self.mediators.get(self.targets[0])
        if mediator is None:
            return next(own), next(own), next(own)
        plateaus = mediator.plateaus_A_per_m2(self.film_m, concentration)
        low, typical, high = (
            1 / (1 / limit + 1 / (plateau * area))
            for limit, plateau, area in zip(own, plateaus, surfaces, strict=True)
        )
        return low, typical, high

    def mass_transfer_m_per_s(self, viscosity_Pa_s: float) -> tuple[float, float, float]:
        """k_m of the limiting component: (slow, typical, fast)."""
        diffusivity = diffusivity_of(limiting_component(self.written), viscosity_Pa_s)
        own = mass_transfer_m_per_s(self.film_m, diffusivity)
        return stirred_by_bubbles_m_per_s(own, diffusivity, self.evolved_m_per_s)


def resolve_protocol(protocol: Protocol) -> ResolvedProtocol:
    """Look up everything that a protocol needs of the tables, once."""
    held = protocol.environment.temperature
    temperature_K = STANDARD_TEMPERATURE_K if held is None else held.setpoint_K
    compartments = compartments_of(protocol, temperature_K)
    media = {place: compartment.medium for place, compartment in compartments.items()}
    reacting = reactants(protocol, media)
    solvents = [medium.solvent.id for medium in media.values() if medium.solvent is not None]
    found = classes(reacting, next(iter(solvents), None))
    feed = _feed(protocol)
    targets, guessed = targets_of(protocol, feed, found)
    # What the second half of a paired electrolysis finds is what the first half makes of it.
    converting: dict[ElectrodeRole, tuple[tuple[Couple, ...], ...]] = {
        role: found[DIRECTION[role]] if role == targets[0] else () for role in targets if reacting
    }
    # Where each electrode has a substrate of its own, that one alone reacts there.
    own = own_conversions(protocol)
    for role in converting.keys() & own:
        alone = [one for one in reacting if one.id == own[role][0]]
        converting[role] = classes(alone, next(iter(solvents), None))[DIRECTION[role]]
    film = film_of(protocol, media)
    film_m = film.thickness_m
    mediators: dict[ElectrodeRole, Mediator] = {}
    carried: dict[ElectrodeRole, Carried] = {}
    for role, mediator, concentration in mediators_of(protocol, media, targets[0]):
        plateau = mediator.plateaus_A_per_m2(film_m, concentration)[1]
        carried[role] = Carried(mediator.couple, plateau)
        mediators[role] = mediator
    anode, cathode = (
        _electrode(protocol, role, compartments, converting, feed, carried) for role in DIRECTION
    )
    inert = {e.material for e in protocol.electrodes.pair.values() if e.sacrificial is None}
    facing = [e.areas_m2["facing"] for e in (anode, cathode) if "facing" in e.areas_m2]
    return ResolvedProtocol(
        written=protocol,
        temperature_K=temperature_K,
        compartments=tuple(compartments.values()),
        anode=anode,
        cathode=cathode,
        limiting_mol=protocol.limiting_amount_mol,
        targets=targets,
        targets_assumed=guessed,
        reacting=reacting_at(protocol, targets[0]),
        substrate_couples=substrate_couples(protocol, targets, found),
        product_couples=product_couples(protocol, targets[0], next(iter(solvents), None)),
        base_metals={m: metal for m in inert if (metal := sacrificial_metal(m)) is not None},
        mediators=mediators,
        feed=feed,
        flow=film.situation,
        flow_assumed=film.assumed,
        film_m=film_m,
        section_m2=sum(facing) / len(facing) if facing else None,
        separator_ohm_m2=separator_ohm_m2(protocol, media),
        headspace_m3=gas_of_protocol.headspace_m3(protocol),
        gas_per_electron=gas_of_protocol.gas_per_electron(protocol),
    )


def _feed(protocol: Protocol) -> str | None:
    gas = protocol.compartments and protocol.compartments.gas
    return gas.gas.species if gas and gas.gas.species in KNOWN_FEEDS else None


def _electrode(
    protocol: Protocol,
    role: ElectrodeRole,
    compartments: Mapping[str, Compartment],
    converting: Mapping[ElectrodeRole, tuple[tuple[Couple, ...], ...]],
    feed: str | None,
    carried: Mapping[ElectrodeRole, Carried],
) -> ResolvedElectrode:
    name = protocol.electrodes.name_of(Role(role))
    electrode = protocol.electrodes.pair[name]
    side = "anolyte" if role == "anode" else "catholyte"
    compartment = compartments.get("solution") or compartments[side]
    components = compartment.written.components.items()
    sacrificial = electrode.sacrificial
    at = Surroundings(
        material=electrode.material,
        metal=sacrificial_metal(sacrificial.metal) if sacrificial else None,
        medium=compartment.medium,
        coating=electrode.coating.catalyst if electrode.coating else None,
        reductants=tuple(
            reactant(protocol, id_, c, compartment.medium)
            for id_, c in components
            if c.role.value == "sacrificial_reductant"
        ),
        **carriers(protocol, compartment.place, compartment.salts, compartment.medium),
        # A proton source is chosen so that the substrate is reduced before it.
        acid=any(
            c.role.value == "acid"
            or (c.role.value == "proton_source" and "cathode" not in converting)
            for _, c in components
        ),
        held_V_vs_SHE=held_V_vs_SHE(protocol, compartment.medium)
        if name == protocol.electrodes.working_name
        else None,
        overpotential=stated_overpotential(electrode, compartment.medium),
        facing_metal=role == "cathode" and anode_of(protocol).sacrificial is not None,
    )
    gases = {side: tuple(g for g in protocol.reaction.gases if g.at == side) for side in DIRECTION}
    if role == "cathode" and feed is not None:
        forward = Driven(role, gas_diffusion_reactions(feed, compartment.medium), False, ())
    else:
        lines = reactions(at, role, converting.get(role), carried.get(role))
        forward = Driven(role, lines, role in converting, gases[role])
    # One solution: the substrate reacts at whichever electrode is driven its way.
    other, undivided = _OTHER[role], protocol.solution is not None
    there = converting.get(other) if undivided else None
    against = replace(at, overpotential=None, held_V_vs_SHE=None)
    lines = reactions(against, other, there, carried.get(other) if undivided else None)
    backward = Driven(other, lines, there is not None, gases[other] if undivided else ())
    depth_m, depth_assumed = depth_in_liquid_m(protocol, electrode, compartment.written.volume_m3)
    areas = areas_m2(electrode, depth_m)
    return ResolvedElectrode(
        name=name,
        role=role,
        written=electrode,
        compartment=compartment,
        areas_m2=areas,
        active_basis=active_basis(electrode.form.value, areas),
        depth_m=depth_m,
        depth_assumed=depth_assumed,
        metal=at.metal,
        overpotential=at.overpotential,
        forward=forward,
        backward=backward,
    )
