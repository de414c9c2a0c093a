"""A protocol with everything looked up: what estimates, checks and the description of a cell take.

`resolve_protocol` asks the tables of the chemistry once; estimates and checks ask none, the
description of a cell only for what its model alone needs (what crosses a separator, oxygen at the
anode of a fed cell). A value that had to be assumed carries the sentence that says so
(`..._assumed`, empty when it is stated), one that cannot be had is None or the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faradaic.chemistry.conductivity import Range, conductivity, resistance_ohm
from faradaic.chemistry.couples import Couple
from faradaic.chemistry.electrode_areas import POROUS, active_area_m2, electrode_areas
from faradaic.chemistry.electrode_areas import specific_area_per_m as inner_area_per_m
from faradaic.chemistry.electrode_reactions import (
    DIRECTION,
    KNOWN_FEEDS,
    Direction,
    ElectrodeReaction,
    ElectrodeRole,
    Surroundings,
    classes,
    gas_diffusion_reactions,
    reactions,
)
from faradaic.chemistry.mass_transport import (
    film_thickness_m,
    limiting_current_A,
    mass_transfer_m_per_s,
)
from faradaic.chemistry.medium import Medium
from faradaic.chemistry.sacrificial_metals import SacrificialMetal, sacrificial_metal
from faradaic.chemistry.salts import Salt, salt_named
from faradaic.chemistry.solvents import solvent_named
from faradaic.protocols.schema import Electrode, Gas, Protocol, Role, Solution
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

_REACTING = frozenset({"substrate", "mediator", "coupling_partner", "reagent"})
_OTHER: Mapping[ElectrodeRole, ElectrodeRole] = {"anode": "cathode", "cathode": "anode"}
_Classes = Mapping[Direction, tuple[tuple[Couple, ...], ...]]


@dataclass(frozen=True, slots=True)
class Compartment:
    """The solution of an undivided cell, or of one side of a divided one."""

    place: str
    """`solution`, `anolyte` or `catholyte`."""
    path: tuple[str, ...]
    """Where it stands in the document."""
    written: Solution
    medium: Medium
    conductivity_S_per_m: Range | str
    salts: Mapping[str, tuple[Salt, ...]]
    """The salts that the id and the name of each component mean."""


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
    active_area_m2: float | None
    """That takes part in mass transport."""
    metal: SacrificialMetal | None
    """That dissolves from a sacrificial anode, if it is in the table."""
    forward: Driven
    backward: Driven
    """When the current drives it against its role."""

    @property
    def porous(self) -> bool:
        """Whether its inner surface carries current too."""
        return self.written.form.value in POROUS

    @property
    def depth_m(self) -> float | None:
        """How deep it hangs in the solution."""
        return _depth_m(self.written)


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
    feed: str | None
    """The gas that a gas-diffusion cathode is fed with, if its kinetics are known."""
    flow: str
    """Stirring or flow: the row of the table of films."""
    flow_assumed: str
    film_m: tuple[float, float, float]
    """Diffusion layer: (thin, typical, thick)."""
    section_m2: float | None
    """Cross section of the current between the electrodes: the mean of the facing areas known."""
    headspace_m3: float | None
    """As stated, else what the vessel has above the solution."""
    gas_per_electron: Mapping[str, float]
    """Moles of each gas that the reaction evolves per mole of electrons, at both electrodes."""

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

    def resistance_ohm(self, gap_m: float | None, area_m2: float | None) -> Range | str:
        """Ionic resistance between the electrodes, or the sentence that says what is missing."""
        if area_m2 is None:
            return "the electrodes' dimensions are missing"
        if gap_m is None:
            return "the gap between the electrodes is missing"
        known = []
        for compartment in self.compartments:
            if isinstance(compartment.conductivity_S_per_m, str):
                return compartment.conductivity_S_per_m
            known.append(compartment.conductivity_S_per_m)
        separator = self.written.cell.separator
        if separator is None:
            return resistance_ohm(known, gap_m, area_m2)
        per_area = separator.area_resistance_ohm_m2
        own = None if per_area is None else per_area / (separator.area_m2 or area_m2)
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
        slow, typical, fast = mass_transfer_m_per_s(self.film_m, solvent.viscosity_Pa_s)
        return (
            limiting_current_A(electrons, areas.get("facing", active), slow, concentration),
            limiting_current_A(electrons, active, typical, concentration),
            limiting_current_A(electrons, areas.get("envelope", active), fast, concentration),
        )


def resolve_protocol(protocol: Protocol) -> ResolvedProtocol:
    """Look up everything that a protocol needs of the tables, once."""
    held = protocol.environment.temperature
    temperature_K = STANDARD_TEMPERATURE_K if held is None else held.setpoint_K
    compartments = _compartments(protocol, temperature_K)
    reactants = _reactants(protocol)
    found = classes(reactants)
    feed = _feed(protocol)
    targets, guessed = _targets(protocol, feed, found)
    converting = {role: found[DIRECTION[role]] for role in targets if reactants}
    anode, cathode = (
        _electrode(protocol, role, compartments, converting, feed) for role in DIRECTION
    )
    facing = [e.areas_m2["facing"] for e in (anode, cathode) if "facing" in e.areas_m2]
    flow, flow_assumed = _flow(protocol)
    gases: dict[str, float] = {}
    for gas in protocol.reaction.gases:
        gases[gas.species] = gases.get(gas.species, 0.0) + gas.per_electron
    return ResolvedProtocol(
        written=protocol,
        temperature_K=temperature_K,
        compartments=tuple(compartments.values()),
        anode=anode,
        cathode=cathode,
        limiting_mol=protocol.limiting_amount_mol,
        targets=targets,
        targets_assumed=guessed,
        reacting=_reacting(protocol, targets[0]),
        feed=feed,
        flow=flow,
        flow_assumed=flow_assumed,
        film_m=film_thickness_m(flow),
        section_m2=sum(facing) / len(facing) if facing else None,
        headspace_m3=_headspace_m3(protocol),
        gas_per_electron=gases,
    )


def _compartments(protocol: Protocol, temperature_K: float) -> dict[str, Compartment]:
    solutions = protocol.solutions
    named = {
        (id_, c.name) for solution in solutions.values() for id_, c in solution.components.items()
    }
    salts = {
        names: tuple(ions for n in dict.fromkeys(names) if n and (ions := salt_named(n)))
        for names in named
    }
    solvents = {place: _solvents(solution) for place, solution in solutions.items()}
    ruling = {held[0] for held in solvents.values() if held}
    known = {names: s for names in ruling if (s := solvent_named(*names)) is not None}
    found = {}
    for place, solution in solutions.items():
        solvent = known.get(solvents[place][0]) if solvents[place] else None
        of = {id_: salts[id_, component.name] for id_, component in solution.components.items()}
        dissolved, unknown = _electrolyte(protocol, place, of)
        medium = Medium(
            solvent=solvent,
            solvents=tuple(id_ for id_, _ in solvents[place]),
            volume_m3=solution.volume_m3,
            temperature_K=temperature_K,
            salts=dissolved,
            unknown=unknown,
            stated_pH=solution.pH,
        )
        found[place] = Compartment(
            place=place,
            path=protocol.solution_path(place),
            written=solution,
            medium=medium,
            conductivity_S_per_m=conductivity(medium),
            salts=of,
        )
    return found


def _solvents(solution: Solution) -> list[tuple[str, str | None]]:
    """Id and name of each solvent, the largest volume first."""
    found = [(id_, c) for id_, c in solution.components.items() if c.role.value == "solvent"]
    found.sort(key=lambda entry: -(entry[1].volume_m3 or solution.volume_m3))
    return [(id_, component.name) for id_, component in found]


def _electrolyte(
    protocol: Protocol, place: str, salts_of: Mapping[str, tuple[Salt, ...]]
) -> tuple[tuple[tuple[str, Salt | None, float], ...], tuple[str, ...]]:
    """The salts of a solution with their ions and concentrations, and those without one.

    Also components of another role whose ions are known to conduct.
    """
    solution, moles_of = protocol.solutions[place], protocol.amounts_mol(place)
    salts: list[tuple[str, Salt | None, float]] = []
    unknown: list[str] = []
    for id_, component in solution.components.items():
        ions = next(iter(salts_of[id_]), None)
        conducts = ions is not None and ions.lambda0_MeCN_S_m2_per_mol is not None
        role = component.role.value
        if role == "solvent" or (role != "electrolyte" and not conducts):
            continue
        moles = moles_of[id_]
        if moles is None:
            unknown.append(id_)
        else:
            salts.append((id_, ions, moles / solution.volume_m3))
    return tuple(salts), tuple(unknown)


def _reactants(protocol: Protocol) -> tuple[tuple[str, str | None], ...]:
    """Ids and names of what may react, the limiting component first."""
    limiting = protocol.limiting[1] if protocol.limiting else None
    found = [
        (id_, component.name)
        for solution in protocol.solutions.values()
        for id_, component in solution.components.items()
        if id_ == limiting or component.role.value in _REACTING
    ]
    return tuple(sorted(found, key=lambda entry: entry[0] != limiting))


def _feed(protocol: Protocol) -> str | None:
    gas = protocol.compartments and protocol.compartments.gas
    return gas.gas.species if gas and gas.gas.species in KNOWN_FEEDS else None


def _targets(
    protocol: Protocol, feed: str | None, found: _Classes
) -> tuple[tuple[ElectrodeRole, ...], str]:
    """Where the limiting component reacts, and the assumption behind it.

    `reaction.kind` says it; else the electrons, the gas, a sacrificial anode, the class of the
    components, or hydrogen at the cathode; else it is taken as an oxidation.
    """
    kind, electrons = protocol.reaction.kind, protocol.reaction.counted_electrons
    if kind is not None:
        stated: dict[str, tuple[ElectrodeRole, ...]] = {
            "oxidation": ("anode",),
            "reduction": ("cathode",),
            "paired": ("cathode", "anode"),
        }
        return stated[kind.value], ""
    if electrons is not None and electrons.net == 0 and electrons.anode and electrons.cathode:
        return ("cathode", "anode"), ""
    if electrons is not None and (electrons.anode is None or electrons.cathode is None):
        return (("anode",) if electrons.anode else ("cathode",)), ""
    pair = protocol.electrodes
    if feed is not None or pair.pair[pair.name_of(Role.ANODE)].sacrificial is not None:
        return ("cathode",), ""
    for oxidised, reduced in zip(found["oxidation"], found["reduction"], strict=True):
        if reduced:
            return ("cathode",), "the limiting component is taken to be reduced, after its class"
        if oxidised:
            return ("anode",), ""
    evolved = any(gas.species == "H2" and gas.at == "cathode" for gas in protocol.reaction.gases)
    return ("anode",), "" if evolved else "the reaction is taken to be an oxidation"


def _reacting(protocol: Protocol, role: ElectrodeRole) -> tuple[ElectrodeRole, float] | None:
    electrons = protocol.reaction.counted_electrons
    if electrons is None:
        return None
    here = electrons.anode if role == "anode" else electrons.cathode
    return role, here or electrons.theoretical


def _electrode(
    protocol: Protocol,
    role: ElectrodeRole,
    compartments: Mapping[str, Compartment],
    converting: Mapping[ElectrodeRole, tuple[tuple[Couple, ...], ...]],
    feed: str | None,
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
        reductants=tuple(
            (id_, c.name) for id_, c in components if c.role.value == "sacrificial_reductant"
        ),
        acid=any(c.role.value in ("acid", "proton_source") for _, c in components),
    )
    gases = {side: tuple(g for g in protocol.reaction.gases if g.at == side) for side in DIRECTION}
    if role == "cathode" and feed is not None:
        forward = Driven(role, gas_diffusion_reactions(feed, compartment.medium), False, ())
    else:
        lines = reactions(at, role, converting.get(role))
        forward = Driven(role, lines, role in converting, gases[role])
    # One solution: the substrate reacts at whichever electrode is driven its way.
    other, undivided = _OTHER[role], protocol.solution is not None
    there = converting.get(other) if undivided else None
    lines = reactions(at, other, there)
    backward = Driven(other, lines, there is not None, gases[other] if undivided else ())
    areas = _areas_m2(electrode)
    return ResolvedElectrode(
        name=name,
        role=role,
        written=electrode,
        compartment=compartment,
        areas_m2=areas,
        active_area_m2=active_area_m2(electrode.form.value, areas),
        metal=at.metal,
        forward=forward,
        backward=backward,
    )


def _depth_m(electrode: Electrode) -> float | None:
    return electrode.immersed_m or electrode.length_m


def _areas_m2(electrode: Electrode) -> dict[str, float]:
    form, inner = electrode.form.value, None
    if form in POROUS:
        inner = electrode.specific_area_per_m or inner_area_per_m(
            form, electrode.porosity, electrode.fibre_diameter_m, electrode.ppi
        )
    areas = electrode_areas(
        form,
        width_m=electrode.width_m,
        diameter_m=electrode.diameter_m,
        depth_m=_depth_m(electrode),
        thickness_m=electrode.thickness_m,
        faces=electrode.faces or 2,
        specific_area_per_m=inner,
    )
    if electrode.area is not None:
        areas |= {basis.value: area for basis, area in electrode.area.by_basis().items()}
    return areas


def _flow(protocol: Protocol) -> tuple[str, str]:
    """Row of the table of films for this cell, and the assumption behind it."""
    stirring, cell = protocol.environment.stirring, protocol.cell.type
    if cell.value == "microfluidic":
        return "microfluidic", ""
    if cell.flow:
        return "recirculating", ""
    if stirring is None:
        return "stirred", "stirring is not stated: taken as stirred"
    return ("unstirred" if stirring.kind == "none" else "stirred"), ""


def _headspace_m3(protocol: Protocol) -> float | None:
    if protocol.cell.headspace_volume_m3 is not None:
        return protocol.cell.headspace_volume_m3
    vessel, flow = protocol.cell.vessel, protocol.cell.flow
    holds_m3 = (flow and flow.reservoir_volume_m3) or (vessel and vessel.volume_m3)
    if not holds_m3:
        return None
    left_m3 = holds_m3 - sum(s.volume_m3 for s in protocol.solutions.values())
    return left_m3 if left_m3 > 0 else None
