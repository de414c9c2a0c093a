"""X: what the cell does to the reaction at the other electrode."""

from __future__ import annotations

import re

from faradaic.chemistry.acids import family_named
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.checks.participants import participants
from faradaic.protocols.compartments import Compartment
from faradaic.quantities import format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL

_REDUCIBLE = ("nitro compound", "quinone", "diazonium salt")
_PROTON = re.compile(r"\bH\+|H\^\+|proton")
_GIVES_PROTONS = frozenset({"acid", "proton_source"})
_ACIDIC = ("H", "HNEt3", "Et3NH", "NH4", "HSO4", "H2PO4")
_TRACE_MOL_PER_M3 = 1.0
_ACID_MOL_PER_M3 = 50.0
_SWELLS = frozenset({"DMF", "DMA", "DMSO", "MeOH", "EtOH", "NMP"})
_MUCH = 0.5


@check("X01")
def product_meets_the_other_electrode(context: Context) -> Findings:
    """In an undivided cell what one electrode makes reaches the other.

    Of a reduction beside an inert anode, nothing to be oxidised in its stead: the product is
    oxidised again. Of an oxidation of what is easily reduced: the cathode takes it.
    """
    protocol, resolved = context.protocol, context.resolved
    if protocol.cell.type.divided or len(resolved.targets) > 1 or not context.flowing:
        return
    if resolved.targets == ("cathode",):
        anode = resolved.anode
        roles = {component.role.value for _, _, component, _ in context.components}
        known = any(line.of for line in anode.forward.reactions if line.known)
        spared = roles & {"sacrificial_reductant", "mediator"} or known
        if anode.written.sacrificial is None and not spared and not _makes_oxygen(context):
            yield warning(
                f"the cell is undivided, and nothing but the product is there for the"
                f" {anode.name} to oxidise",
                path=("cell", "type"),
                help="use a sacrificial anode, add 2 equiv of something that is oxidised in its"
                " stead (`role: sacrificial_reductant`), or divide the cell",
            )
        return
    for one in participants(context):
        kind = next((kind for kind in _REDUCIBLE if kind in one.classes), None)
        component = one.path[-1] if "components" in one.path else None
        if kind is None or component is None or _there_to_be_reduced(context, one.name):
            continue
        yield warning(
            f"{one.name} is a {kind}, which the cathode of an undivided cell reduces",
            path=one.path,
            help="divide the cell, or give the cathode 2 equiv of an acid that is reduced first",
        )


def _there_to_be_reduced(context: Context, name: str) -> bool:
    """Whether the protocol knows: what is meant to be reduced, or carries charge."""
    roles = {id_: component.role.value for _, id_, component, _ in context.components}
    used = roles.get(name) in ("mediator", "catalyst", "sacrificial_reductant", "reagent")
    written = context.protocol.reaction.half_reactions
    return used or bool(written and written.cathode and name.lower() in written.cathode.lower())


def _makes_oxygen(context: Context) -> bool:
    """Whether water is there that the anode may take."""
    mixture = context.resolved.anode.compartment.medium.mixture
    return mixture is not None and any(s.id == "H2O" and x > 0.02 for s, x in mixture.parts)


def _protic(compartment: Compartment) -> bool:
    """Whether solvents, acids or ammonium salts give protons to a cathode."""
    medium = compartment.medium
    if medium.mixture is None or medium.mixture.protic > 0.005:
        return True
    ions = medium.dissolved.ions
    if any(ions.get(ion, 0.0) > _TRACE_MOL_PER_M3 for ion in _ACIDIC):
        return True
    for name, component in compartment.written.components.items():
        if component.role.value in _GIVES_PROTONS:
            return True
        if family_named(component.name or name, component.smiles) is not None:
            return True
    return False


@check("X02")
def nothing_for_the_cathode(context: Context) -> Findings:
    """The counter reaction needs as much of a reagent as charge passes: Q/F of protons."""
    protocol, resolved = context.protocol, context.resolved
    charge_C = context.plan.estimates.charge_C or context.plan.estimates.target_charge_C
    cathode = resolved.cathode
    if "cathode" in resolved.targets or not charge_C or cathode.compartment.medium.aqueous:
        return
    written = protocol.reaction.half_reactions
    at_anode = written.anode if written and written.anode else ""
    hydrogen = any(gas.species == "H2" and gas.at == "cathode" for gas in protocol.reaction.gases)
    told = bool(written and written.cathode) or hydrogen
    if not told or _protic(cathode.compartment) or _PROTON.search(at_anode):
        return
    if written and written.cathode and not hydrogen and not re.search(r"H2|OH", written.cathode):
        return
    if protocol.cell.type.flow or cathode.forward.reactions[:1] == ():
        return
    needs_mol = charge_C / FARADAY_C_PER_MOL
    limiting_mol = resolved.limiting_mol
    theoretical = context.plan.estimates.theoretical_F_per_mol
    at_least = ""
    numbers = {"needs_mol": needs_mol}
    if limiting_mol and theoretical:
        numbers["needs_at_theoretical_mol"] = theoretical * limiting_mol
        at_least = (
            f" ({format_quantity(theoretical * limiting_mol, 'mmol')} by {theoretical:g} F/mol)"
        )
    share = needs_mol * 18.015e-3 / (cathode.compartment.written.volume_m3 * 1e3)
    yield warning(
        f"nothing in {cathode.compartment.place} gives protons, and the cathode takes"
        f" {format_quantity(needs_mol, 'mmol')} of them{at_least}: dry, this run goes wrong",
        path=("reaction", "half_reactions"),
        help=f"add {format_quantity(needs_mol, 'mmol')} or more of a proton source (of water"
        f" {share * 1e6:.0f} ppm w/v), as `role: proton_source`",
        numbers=numbers,
    )


@check("X03")
def anolyte_turns_acid(context: Context) -> Findings:
    """In a divided cell Q/F of protons stay in the anolyte but for what the separator carries."""
    protocol, resolved = context.protocol, context.resolved
    separator, charge_C = protocol.cell.separator, context.plan.estimates.charge_C
    compartment = resolved.anode.compartment
    if not protocol.cell.type.divided or protocol.cell.type.flow or not charge_C:
        return
    if separator is not None and separator.kind in ("cem", "bpm"):
        return  # the protons are what crosses
    written = protocol.reaction.half_reactions
    proton = written is not None and written.anode and _PROTON.search(written.anode)
    there = compartment.medium.dissolved.ions
    basic = {one.place for one in participants(context) if "base" in one.classes}
    settled = compartment.place in basic or there.get("OH", 0.0) > _TRACE_MOL_PER_M3
    if not proton or settled or there.get("H", 0.0) > _ACID_MOL_PER_M3:
        return
    acid = charge_C / FARADAY_C_PER_MOL / compartment.written.volume_m3
    if acid < _ACID_MOL_PER_M3:
        return
    yield warning(
        f"the anolyte gains up to {acid / 1e3:.2g} mol/L of acid by the end, and nothing in it"
        " takes that up",
        path=compartment.path,
        help=f"add {format_quantity(charge_C / FARADAY_C_PER_MOL, 'mmol')} of a base (2,6-lutidine,"
        " K2CO3), or a cation-exchange membrane",
        numbers={"acid_mol_per_m3": acid},
    )


@check("X04")
def anode_metal_plates(context: Context) -> Findings:
    """Cations of a sacrificial anode plate where the cathode is more negative than their E°."""
    resolved = context.resolved
    metal, cathode = resolved.anode.metal, resolved.cathode
    if metal is None or context.protocol.cell.type.divided or not cathode.forward.reactions:
        return
    first = cathode.forward.reactions[0]
    if not first.known or not first.of:
        return
    margin_V = metal.standard_V_vs_SHE - first.potential_V_vs_SHE
    if margin_V <= first.spread_V:
        return
    yield warning(
        f"the {cathode.name} runs about {margin_V:.1f} V negative of E° of {metal.id}: it plates"
        f" there, takes current and grows towards the {resolved.anode.name}",
        path=("electrodes", resolved.anode.name, "sacrificial"),
        help=("" if metal.id == "Mg" else "use a magnesium anode (-2.4 V), ")
        + "2 equiv of a complexing agent or a divided cell, and a gap of 5 mm or more",
        numbers={"margin_V": margin_V},
    )


@check("X05")
def separator_swells(context: Context) -> Findings:
    """Nafion swells in amides, sulfoxides and alcohols, by more than half in length and width."""
    separator = context.protocol.cell.separator
    if separator is None or separator.kind not in ("cem", "aem", "bpm"):
        return
    for compartment in context.resolved.compartments:
        mixture = compartment.medium.mixture
        parts = mixture.parts if mixture is not None else ()
        share = sum(x for solvent, x in parts if solvent.id in _SWELLS)
        if share > _MUCH:
            yield warning(
                f"the membrane stands in {share:.0%} of a solvent that swells it"
                f" ({mixture.id if mixture else ''}): its resistance, and what it lets through,"
                " change",
                path=("cell", "separator"),
                help="soak it in the solvent for 24 h first, clamp it with 10 % of slack, or use a"
                " frit",
                numbers={"swelling_share": share},
            )
            return


@check("X06")
def paired_on_one_side(context: Context) -> Findings:
    """A paired electrolysis has electrons at both electrodes."""
    reaction = context.protocol.reaction
    electrons = reaction.electrons
    if reaction.kind is None or reaction.kind.value != "paired" or electrons is None:
        return
    missing = "anode" if electrons.anode is None else "cathode"
    if electrons.anode is None or electrons.cathode is None:
        yield info(
            f"the electrolysis is paired, and the electrons at the {missing} are not given",
            path=("reaction", "electrons"),
            help="write both: `electrons: {anode: 2, cathode: 2}`",
        )
