"""What reacts in the cell of a protocol, and where: components, couples, the mediator."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf
from typing import TYPE_CHECKING

from faradaic.chemistry.couples import Couple, Reactant, couples_of, plated_metals
from faradaic.chemistry.electrode_kinetics import GasOverpotential, medium_of_pH
from faradaic.chemistry.mass_transport import (
    diffusivity_m2_per_s,
    limiting_current_A,
    mass_transfer_m_per_s,
    mediated_mass_transfer_m_per_s,
)
from faradaic.chemistry.mediators import mediator_rate
from faradaic.chemistry.potential_scales import scale_shift
from faradaic.chemistry.reaction_lines import DIRECTION
from faradaic.diagnostics import InputError
from faradaic.protocols.reference_scales import shift_to_connected
from faradaic.protocols.schema import Repeat, Role
from faradaic.protocols.schema.solution import REACTING
from faradaic.protocols.stoichiometry import own_conversions
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faradaic.chemistry.medium import Medium
    from faradaic.chemistry.reaction_lines import Direction, ElectrodeRole
    from faradaic.chemistry.salts import Salt
    from faradaic.protocols.schema import Component, Electrode, Protocol, Step

    Classes = Mapping[Direction, tuple[tuple[Couple, ...], ...]]

_HALIDES = frozenset({"Cl", "Br", "I"})
_CARRIES_MOL_PER_M3 = 50.0
"""What an electrolyte has: less runs short at the currents of preparative cells."""
_ORDER: tuple[ElectrodeRole, ...] = ("cathode", "anode")
"""Of a paired electrolysis: what the cathode makes, the anode takes up."""
_STATED_SPREAD_V = {"half_wave": 0.05, "half_peak": 0.1, "peak": 0.15}
"""Between what a voltammogram shows and where a preparative electrode stands at 1 mA/cm²."""

_SLOPE_V = 0.12
"""Per decade, of a one-electron transfer, where a stated overpotential comes without a slope."""
_STATED_V = 0.03
"""Between electrodes of one kind."""


@dataclass(frozen=True, slots=True)
class Mediator:
    """A dissolved couple that carries the current and turns the limiting component over."""

    id: str
    couple: Couple
    concentration_mol_per_m3: float
    diffusivity_m2_per_s: float
    rate_m3_per_mol_per_s: float
    """Of its active form with the limiting component."""
    rate_assumed: str
    """Where the rate comes from, empty if the protocol states it."""

    def plateaus_A_per_m2(
        self, film_m: tuple[float, float, float], substrate_mol_per_m3: float
    ) -> tuple[float, float, float]:
        """What it carries beside a substrate of this concentration: (slow, typical, fast)."""
        rate_per_s = self.rate_m3_per_mol_per_s * substrate_mol_per_m3
        slow, typical, fast = (
            limiting_current_A(
                1.0,
                1.0,
                mediated_mass_transfer_m_per_s(own, self.diffusivity_m2_per_s, rate_per_s),
                self.concentration_mol_per_m3,
            )
            for own in mass_transfer_m_per_s(film_m, self.diffusivity_m2_per_s)
        )
        return slow, typical, fast


def reactants(protocol: Protocol, media: Mapping[str, Medium]) -> tuple[Reactant, ...]:
    """What may react, the limiting component first."""
    limiting = protocol.limiting[1] if protocol.limiting else None
    found = [
        reactant(protocol, id_, component, media[place])
        for place, id_, component in _components(protocol)
        if id_ == limiting or component.role in REACTING
    ]
    return tuple(sorted(found, key=lambda one: one.id != limiting))


def gives_halide(component: Component, salts: Sequence[Salt]) -> bool:
    """Whether a component that is there for something else than to react is a halide."""
    return component.role not in REACTING and any(salt.anion in _HALIDES for salt in salts)


def carriers(
    protocol: Protocol, place: str, salts: Mapping[str, Sequence[Salt]], medium: Medium
) -> dict[str, tuple[Reactant, ...]]:
    """Salts and acids whose ions carry the current of an electrode in a solution.

    `halides` of an anode, `plated` metals of a cathode.
    """
    solution, amounts = protocol.solutions[place], protocol.amounts_mol(place)
    found: dict[str, tuple[Reactant, ...]] = {"halides": (), "plated": ()}
    for id_, component in solution.components.items():
        if (amounts.get(id_) or 0.0) < _CARRIES_MOL_PER_M3 * solution.volume_m3:
            continue
        one = reactant(protocol, id_, component, medium)
        if gives_halide(component, salts[id_]):
            found["halides"] += (one,)
        metals = {salt.cation for salt in salts[id_]} & set(plated_metals().values())
        if metals and component.role not in REACTING:
            found["plated"] += (one,)
    return found


def reactant(protocol: Protocol, id_: str, component: Component, medium: Medium) -> Reactant:
    """A component with the potential that the protocol states for it, if it does."""
    return Reactant(
        id_, component.name, component.smiles, _stated(protocol, id_, component, medium)
    )


def stated_overpotential(electrode: Electrode, medium: Medium) -> GasOverpotential | None:
    """Of the gas that an electrode makes of its medium, as the author states it."""
    if electrode.overpotential_V is None:
        return None
    return GasOverpotential(
        electrode.material,
        medium_of_pH(medium.acidity[0]),
        electrode.overpotential_V,
        electrode.tafel_slope_V or _SLOPE_V,
        _STATED_V,
        f"{electrode.overpotential_V:g} V at 10 mA/cm², as the author states",
    )


def held_V_vs_SHE(protocol: Protocol, medium: Medium) -> float | None:
    """The first potential at which a step is to convert the substrate; None where none says it."""
    connected, stated_pH = protocol.electrodes.reference, medium.stated_pH
    held = next(filter(None, _converting(protocol.steps)), None)
    if connected is None or held is None:
        return None
    potential_V, vs = held
    try:
        own, zero = (
            shift_to_connected(scale, connected, stated_pH, medium.temperature_K)
            for scale in (vs, "SHE")
        )
    except InputError:
        return None  # the step says what is missing
    to_own_V = 0.0 if own is None else own.value
    to_zero_V = 0.0 if zero is None else zero.value
    if to_own_V is None or to_zero_V is None:
        return None
    return potential_V + to_own_V - to_zero_V


def _converting(steps: Sequence[Step]) -> Iterator[tuple[float, str] | None]:
    for step in steps:
        if isinstance(step.body, Repeat):
            yield from _converting(step.body.steps)
        else:
            yield step.body.converts_at()  # type: ignore[attr-defined]


def diffusivity_of(component: Component | None, viscosity_Pa_s: float) -> float:
    """As stated, else that of a small molecule in the solvent, m²/s."""
    stated = None if component is None else component.diffusion_coefficient_m2_per_s
    return stated or diffusivity_m2_per_s(viscosity_Pa_s)


def limiting_component(protocol: Protocol) -> Component | None:
    """The component that F/mol refers to."""
    if protocol.limiting is None:
        return None
    place, id_, *_ = protocol.limiting
    return protocol.solutions[place].components[id_]


def mediators_of(
    protocol: Protocol, media: Mapping[str, Medium], target: ElectrodeRole
) -> Iterator[tuple[ElectrodeRole, Mediator, float]]:
    """What carries the current at an electrode, and mol/m³ of the component that it turns over.

    Of the limiting component at the electrode of the target, and of what each electrode of a
    paired electrolysis converts.
    """
    converted = {role: name for role, (name, _) in own_conversions(protocol).items()}
    if protocol.limiting is not None:
        converted[target] = protocol.limiting[1]
    for role in DIRECTION:
        amount_mol = protocol.amount_mol(converted[role]) if role in converted else None
        if amount_mol is None:
            continue
        place = protocol.place_of(converted[role])
        mediator = _mediator_in(protocol, place, media[place], DIRECTION[role])
        if mediator is not None:
            yield role, mediator, amount_mol / protocol.solutions[place].volume_m3


def _mediator_in(
    protocol: Protocol, place: str, medium: Medium, direction: Direction
) -> Mediator | None:
    """The mediator of a solution whose couple, from the table or stated, goes in a direction.

    None where there is none, or where its potential or its amount is not known.
    """
    if medium.solvent is None:
        return None
    for where, id_, component in _components(protocol):
        moles = protocol.amounts_mol(place).get(id_) if where == place else None
        if component.role.value != "mediator" or moles is None:
            continue
        one = reactant(protocol, id_, component, medium)
        found = couples_of(one, direction, medium.solvent.id)
        if not found:
            continue
        couple = max(found, key=lambda c: c.detail)
        rate, assumed = component.mediator_rate_m3_per_mol_per_s, ""
        if rate is None:
            rate, assumed = mediator_rate(couple.id)
        return Mediator(
            id=id_,
            couple=couple,
            concentration_mol_per_m3=moles / protocol.solutions[place].volume_m3,
            diffusivity_m2_per_s=diffusivity_of(component, medium.solvent.viscosity_Pa_s),
            rate_m3_per_mol_per_s=rate,
            rate_assumed=assumed,
        )
    return None


def _components(protocol: Protocol) -> Iterator[tuple[str, str, Component]]:
    for place, solution in protocol.solutions.items():
        for id_, component in solution.components.items():
            yield place, id_, component


def _stated(protocol: Protocol, id_: str, component: Component, medium: Medium) -> Couple | None:
    """The potential that the protocol gives, on the hydrogen scale by way of the solvent's own."""
    stated = component.potential
    if stated is None:
        return None
    shift = scale_shift(
        stated.against,
        "SHE",
        temperature_K=STANDARD_TEMPERATURE_K,
        pH=medium.acidity[0],
        solvent=None if medium.solvent is None else medium.solvent.id,
        allow_standard=True,
    )
    assert shift.value is not None
    potential, kind = stated.potential_V + shift.value, component.potential_kind or "half_wave"
    return Couple(
        id=id_,
        direction=_direction(protocol, id_, component, potential),
        potential_V_vs_SHE=potential,
        spread_V=hypot(_STATED_SPREAD_V[kind], shift.systematic or 0.0),
        source=f"{stated.potential_V:+g} V vs {stated.against}, as the author states",
        kind=kind,
        stated=True,
        of=id_,
    )


def _direction(
    protocol: Protocol, id_: str, component: Component, potential_V_vs_SHE: float
) -> Direction:
    """Whether a stated potential is of an oxidation: by its sign, but of what is there to react as
    the protocol says."""
    own = [role for role, (name, _) in own_conversions(protocol).items() if name == id_]
    said = own or _said_targets(protocol, None)
    if len(said) == 1 and component.role in REACTING:
        return "oxidation" if said[0] == "anode" else "reduction"
    return "oxidation" if potential_V_vs_SHE > 0 else "reduction"


def targets_of(
    protocol: Protocol, feed: str | None, found: Classes
) -> tuple[tuple[ElectrodeRole, ...], str]:
    """Where the limiting component reacts, and the assumption behind it.

    As the protocol says; else which way the first component with a known couple goes more easily;
    else it is taken as an oxidation.
    """
    if said := _said_targets(protocol, feed):
        return said, ""
    for oxidised, reduced in zip(found["oxidation"], found["reduction"], strict=True):
        hard = min((one.potential_V_vs_SHE for one in oxidised), default=inf)
        if min((-one.potential_V_vs_SHE for one in reduced), default=inf) < hard:
            return ("cathode",), "the limiting component is taken to be reduced, after its class"
        if oxidised:
            return ("anode",), ""
    return ("anode",), "the reaction is taken to be an oxidation"


def _said_targets(protocol: Protocol, feed: str | None) -> tuple[ElectrodeRole, ...]:
    """By `reaction.kind`, the electrons, the place of the product, the feed, a sacrificial anode,
    or hydrogen at the cathode; empty if none of them is there."""
    kind, electrons = protocol.reaction.kind, protocol.reaction.counted_electrons
    if kind is not None:
        stated: dict[str, tuple[ElectrodeRole, ...]] = {
            "oxidation": ("anode",),
            "reduction": ("cathode",),
            "paired": _ORDER,
        }
        return stated[kind.value]
    if electrons is not None and electrons.net == 0 and electrons.anode and electrons.cathode:
        return _ORDER
    if electrons is not None and (electrons.anode is None or electrons.cathode is None):
        return ("anode",) if electrons.anode else ("cathode",)
    made = {one.at for one in protocol.reaction.products.values() if one.target and one.at}
    if made:
        return tuple(role for role in _ORDER if role in made)
    if feed is not None or anode_of(protocol).sacrificial is not None:
        return ("cathode",)
    if any(gas.species == "H2" and gas.at == "cathode" for gas in protocol.reaction.gases):
        return ("anode",)
    return ()


def reacting_at(protocol: Protocol, role: ElectrodeRole) -> tuple[ElectrodeRole, float] | None:
    """An electrode and the electrons there; None if the protocol gives none."""
    electrons = protocol.reaction.counted_electrons
    if electrons is None:
        return None
    here = electrons.anode if role == "anode" else electrons.cathode
    return role, here or electrons.theoretical


def anode_of(protocol: Protocol) -> Electrode:
    """The electrode that is the anode when the electrolysis runs forward."""
    return protocol.electrodes.pair[protocol.electrodes.name_of(Role.ANODE)]
