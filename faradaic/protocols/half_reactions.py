"""Which reactions run at an electrode, and at what potential: the rules behind the cell voltage.

Classes of compound, solvents and materials of the tables decide. Every rule that had to guess
says so in `assumed`, which the plan prints. Potentials are practical ones: where the reaction runs
at the current density that stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log10, prod
from typing import TYPE_CHECKING, Literal

from faradaic.chemistry import tables
from faradaic.chemistry.potential_scales import nernst_slope_V, rhe_zero_V
from faradaic.protocols.medium import medium, temperature_K

if TYPE_CHECKING:
    from faradaic.chemistry.tables import Potential
    from faradaic.protocols.schema import Electrode, Protocol, Solution

ElectrodeRole = Literal["anode", "cathode"]

_SLOPE_V = 0.12
"""Tafel slope of a one-electron transfer with a transfer coefficient of one half, V per decade."""
_PRACTICAL_A_PER_M2 = 10.0
"""1 mA/cm²: where peak and half-wave potentials of preparative cells are quoted."""
_LIMIT_A_PER_M2 = 1.0
"""0.1 mA/cm²: where solvent windows are read."""
_OVERFLOW_V = 0.9
"""How far beyond the substrate traces, product and solvent take over."""
_REACTING = frozenset({"substrate", "mediator", "coupling_partner", "reagent"})
_WATER_OXIDATION_V = 1.229
"""O2/H2O against RHE (CRC Handbook)."""


@dataclass(frozen=True, slots=True)
class HalfReaction:
    """A reaction at an electrode as a Tafel line through one point."""

    name: str
    potential_V_vs_SHE: float
    current_density_A_per_m2: float
    """At that potential."""
    tafel_slope_V_per_decade: float = _SLOPE_V
    spread_V: float = 0.3
    known: bool = True
    """Whether a table named it; else it is a default."""
    assumed: str = ""
    gas: tuple[str, float] | None = None
    """Species and moles per mole of electrons."""


def of_role(protocol: Protocol, role: ElectrodeRole) -> tuple[str, Electrode]:
    """Name in the protocol and electrode that is the anode or the cathode going forward."""
    from faradaic.protocols.schema import Role

    name = protocol.electrodes.name_of(Role(role))
    return name, protocol.electrodes.pair[name]


def solution_at(protocol: Protocol, role: ElectrodeRole) -> Solution:
    """The solution that an electrode stands in."""
    solutions = protocol.solutions
    return solutions.get("solution") or solutions["anolyte" if role == "anode" else "catholyte"]


def target_roles(protocol: Protocol) -> tuple[tuple[ElectrodeRole, ...], str]:
    """Where the limiting component reacts, and the assumption behind it ("" when stated).

    `reaction.kind` says it; else the class of the components, a sacrificial anode, or hydrogen at
    the cathode; else it is taken as an oxidation.
    """
    kind, electrons = protocol.reaction.kind, protocol.reaction.electrons
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
    if gas_feed(protocol) is not None or of_role(protocol, "anode")[1].sacrificial is not None:
        return ("cathode",), ""
    for texts in reactants(protocol):
        if any(tables.half_reactions(*texts, direction="reduction")):
            return ("cathode",), "the limiting component is taken to be reduced, after its class"
        if any(tables.half_reactions(*texts, direction="oxidation")):
            return ("anode",), ""
    evolved = any(gas.species == "H2" and gas.at == "cathode" for gas in protocol.reaction.gases)
    return ("anode",), "" if evolved else "the reaction is taken to be an oxidation"


def reactants(protocol: Protocol) -> list[tuple[str, str | None]]:
    """Ids and names of what may react, the limiting component first."""
    limiting = protocol.limiting[1] if protocol.limiting else None
    found = [
        (name, component.name)
        for solution in protocol.solutions.values()
        for name, component in solution.components.items()
        if name == limiting or component.role.value in _REACTING
    ]
    return sorted(found, key=lambda entry: entry[0] != limiting)


def gas_feed(protocol: Protocol) -> str | None:
    """The gas that a gas-diffusion cathode is fed with, if it is in the table of kinetics."""
    gas = protocol.compartments and protocol.compartments.gas
    fed = {row["feed"] for row in tables.rows("gas_diffusion")}
    return gas.gas.species if gas and gas.gas.species in fed else None


def substrate_reaction(protocol: Protocol, role: ElectrodeRole) -> HalfReaction:
    """The reaction of the limiting component at the electrode.

    The easiest of the classes among the reactants sets the potential, whatever is limiting; an
    unknown class gets the middle of the usual range, moved inside the solvent's window.
    """
    direction = "oxidation" if role == "anode" else "reduction"
    sign = 1 if role == "anode" else -1
    found: list[Potential] = []
    for texts in reactants(protocol):
        found += tables.half_reactions(*texts, direction=direction)
    if found:
        best = min(found, key=lambda potential: sign * potential.potential_V_vs_SHE)
        return HalfReaction(
            f"{direction} ({best.id})",
            best.potential_V_vs_SHE,
            _PRACTICAL_A_PER_M2,
            spread_V=best.spread_V,
            assumed=f"{direction} of {best.id} near {best.potential_V_vs_SHE:+.2f}"
            f" ± {best.spread_V:g} V vs SHE ({best.source})",
        )
    default = tables.half_reaction(f"unknown_{direction}")
    potential = default.potential_V_vs_SHE
    limit = _window_limit(protocol, role)
    if limit is not None and sign * (limit - potential) < 0.5:
        potential = limit - sign * 0.5
    return HalfReaction(
        f"{direction} of the substrate",
        potential,
        _PRACTICAL_A_PER_M2,
        spread_V=default.spread_V,
        known=False,
        assumed=f"the potential of the {direction} at the {role} is not known: taken as"
        f" {potential:+.2f} V vs SHE",
    )


def background_reaction(protocol: Protocol, role: ElectrodeRole, *, target: bool) -> HalfReaction:
    """What carries the current when nothing dissolved limits it: solvent, protons, metal.

    At a target electrode this is the overflow that sets in when the substrate runs short.
    """
    if role == "cathode":
        return _cathode_background(protocol, target)
    return _anode_background(protocol, target)


def _anode_background(protocol: Protocol, target: bool) -> HalfReaction:
    _, electrode = of_role(protocol, "anode")
    solution = solution_at(protocol, "anode")
    metal = electrode.sacrificial and tables.sacrificial_metal(electrode.sacrificial.metal)
    if metal and not target:
        name, potential = f"dissolution of {metal.id}", metal.potential_V_vs_SHE
        return HalfReaction(name, potential, _PRACTICAL_A_PER_M2, assumed=f"{name} at E°")
    if _aqueous(protocol, solution):
        return _gas_in_water(protocol, "anode")
    limit = _window_limit(protocol, "anode")
    if target:
        return _overflow(protocol, "anode", limit)
    for name, component in solution.components.items():
        if component.role.value == "sacrificial_reductant":
            given = next(tables.half_reactions(name, component.name, direction="oxidation"), None)
            donor = given or tables.half_reaction("tertiary_amine")
            return HalfReaction(
                f"oxidation of {name}",
                donor.potential_V_vs_SHE,
                _PRACTICAL_A_PER_M2,
                spread_V=donor.spread_V,
                known=given is not None,
                assumed=f"{name} is oxidised near {donor.potential_V_vs_SHE:+.2f} V vs SHE",
            )
    return _solvent_limit("oxidation", limit, 2.2)


def _cathode_background(protocol: Protocol, target: bool) -> HalfReaction:
    solution = solution_at(protocol, "cathode")
    if _aqueous(protocol, solution):
        return _gas_in_water(protocol, "cathode")
    solvent = medium(protocol, solution).solvent
    proton: Potential | None = None
    if solvent is not None and solvent.proton_source:
        proton = next(tables.half_reactions(solvent.id, direction="reduction"), None)
        if proton is None:
            line = _solvent_limit("reduction", _window_limit(protocol, "cathode"), -0.8)
            return _on_material(replace(line, gas=("H2", 0.5)), protocol)
    elif any(c.role.value in ("acid", "proton_source") for c in solution.components.values()):
        proton = tables.half_reaction("proton_source")
    if proton is None and target:
        return _overflow(protocol, "cathode", _window_limit(protocol, "cathode"))
    protic = proton is not None
    row = proton or tables.half_reaction("trace_water")
    line = HalfReaction(
        "hydrogen evolution" if protic else "reduction of residual water",
        row.potential_V_vs_SHE,
        _PRACTICAL_A_PER_M2,
        spread_V=row.spread_V,
        assumed=f"the cathode evolves hydrogen from {'protons' if protic else 'residual water'}"
        f" near {row.potential_V_vs_SHE:+.2f} ± {row.spread_V:g} V vs SHE ({row.source})",
        gas=("H2", 0.5),
    )
    return _on_material(line, protocol) if protic else line


def _overflow(protocol: Protocol, role: ElectrodeRole, limit: float | None) -> HalfReaction:
    sign = 1 if role == "anode" else -1
    direction = "oxidation" if role == "anode" else "reduction"
    beyond = substrate_reaction(protocol, role).potential_V_vs_SHE + sign * _OVERFLOW_V
    potential = beyond if limit is None else sign * min(sign * limit, sign * beyond)
    return HalfReaction(
        f"{direction} of solvent, traces and product",
        potential,
        _LIMIT_A_PER_M2,
        known=False,
        assumed=f"once the substrate runs short, the rest of the current goes into the {direction}"
        f" of solvent, traces and product at {potential:+.2f} V vs SHE",
    )


def _solvent_limit(direction: str, limit: float | None, default: float) -> HalfReaction:
    potential = default if limit is None else limit
    words = "the table's limit" if limit is not None else "no limit in the table, taken"
    return HalfReaction(
        f"{direction} of the solvent",
        potential,
        _LIMIT_A_PER_M2,
        known=limit is not None,
        assumed=f"{direction} of the solvent at {potential:+.2f} V vs SHE ({words})",
    )


def _on_material(line: HalfReaction, protocol: Protocol) -> HalfReaction:
    """Hydrogen evolution moved by the overpotential of the cathode's material against platinum."""
    material = of_role(protocol, "cathode")[1].material
    here, platinum = (tables.gas_overpotential(m, "HER") for m in (material, "Pt"))
    if here is None or platinum is None:
        return replace(line, assumed=f"{line.assumed}; on {material} as on platinum")
    shift = platinum.at_100_A_per_m2_V - here.at_100_A_per_m2_V
    return replace(line, potential_V_vs_SHE=line.potential_V_vs_SHE + shift)


def _gas_in_water(protocol: Protocol, role: ElectrodeRole) -> HalfReaction:
    reaction, sign, gas = ("OER", 1, ("O2", 0.25)) if role == "anode" else ("HER", -1, ("H2", 0.5))
    material = of_role(protocol, role)[1].material
    found = tables.gas_overpotential(material, reaction)
    line = found or tables.gas_overpotential("graphite", reaction)
    assert line is not None
    ph, assumed = acidity(protocol, role)
    standard = rhe_zero_V(ph, temperature_K(protocol))
    if role == "anode":
        standard += _WATER_OXIDATION_V
    if found is None:
        assumed += f"; overpotential of {reaction} on {material} taken as on graphite"
    return HalfReaction(
        f"{'oxygen' if role == 'anode' else 'hydrogen'} evolution",
        standard + sign * line.at_100_A_per_m2_V,
        100.0,
        line.tafel_slope_V_per_decade,
        known=found is not None,
        assumed=assumed.lstrip("; "),
        gas=gas,
    )


def gas_diffusion_reactions(protocol: Protocol) -> list[HalfReaction]:
    """The reactions of a fed gas-diffusion cathode, each as its own Tafel line."""
    ph, assumed = acidity(protocol, "cathode")
    slope = nernst_slope_V(temperature_K(protocol))
    feed = gas_feed(protocol)
    lines = []
    for row in tables.rows("gas_diffusion"):
        if row["feed"] != feed:
            continue
        factors = ("exchange_current_density_A_per_m2", "roughness", "activity")
        exchange = prod(float(row[factor]) for factor in factors)
        lines.append(
            HalfReaction(
                row["reaction"],
                float(row["potential_V_vs_RHE"]) + rhe_zero_V(ph, temperature_K(protocol)),
                exchange,
                slope / float(row["transfer_coefficient"]),
                assumed=f"{row['product']}: {row['source']}; {assumed}".rstrip("; "),
                gas=(row["product"], 1 / float(row["electrons"])),
            )
        )
    return lines


def acidity(protocol: Protocol, role: ElectrodeRole) -> tuple[float, str]:
    """pH at an electrode, and the assumption behind it: stated, from a hydroxide, else 7."""
    solution = solution_at(protocol, role)
    if solution.pH is not None:
        return solution.pH, ""
    for _, ions, concentration in medium(protocol, solution).salts:
        if ions is not None and ions.anion == "OH":
            ph = 14 + log10(concentration / 1000)
            return ph, f"pH {ph:.1f} from the concentration of the hydroxide"
    return 7.0, "the pH is not stated: taken as 7"


def _aqueous(protocol: Protocol, solution: Solution) -> bool:
    solvent = medium(protocol, solution).solvent
    return solvent is not None and solvent.id == "H2O"


def _window_limit(protocol: Protocol, role: ElectrodeRole) -> float | None:
    solvent = medium(protocol, solution_at(protocol, role)).solvent
    window = tables.window_V_vs_SHE(solvent.id) if solvent is not None else None
    return None if window is None else window[1 if role == "anode" else 0]


def electrochemical_V(protocol: Protocol) -> tuple[tuple[float, float], str]:
    """E(anode) - E(cathode) as a range, V, and the sentence that says where it comes from.

    The main reaction at each electrode where the tables know both; else the 2 to 3 V that
    organic electrolyses usually need.
    """
    targets, _ = target_roles(protocol)
    main = {
        role: substrate_reaction(protocol, role)
        if role in targets and gas_feed(protocol) is None
        else background_reaction(protocol, role, target=False)
        for role in ("anode", "cathode")
    }
    anode, cathode = main["anode"], main["cathode"]
    if not (anode.known and cathode.known) or gas_feed(protocol) is not None:
        return (2.0, 3.0), "2 to 3 V for the electrode reactions, as is usual for organic ones"
    middle = anode.potential_V_vs_SHE - cathode.potential_V_vs_SHE
    spread = anode.spread_V + cathode.spread_V
    reason = f"{anode.name} against {cathode.name}: {middle:.1f} ± {spread:.1f} V"
    return (middle - spread, middle + spread), reason
