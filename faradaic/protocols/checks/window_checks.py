"""W: what reacts beside the substrate: solvent, electrolyte, electrode, product."""

from __future__ import annotations

from collections.abc import Iterator

from faradaic.chemistry.acids import family_named
from faradaic.chemistry.electrode_limits import (
    Limit,
    anode_corrosion,
    ion_limits,
    solvent_limit,
)
from faradaic.chemistry.reaction_lines import DIRECTION, ElectrodeRole
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.resolved import ResolvedElectrode
from faradaic.protocols.schema.solution import ComponentRole

_CLEAR_V = 0.2
"""By how much something else has to react more easily before it is worth a warning."""
_FAR_V = 0.5
_MUCH = 0.5
_HALIDES = frozenset({"F", "Cl", "Br", "I"})
_INTERCALATING = frozenset({"SO4", "HSO4", "ClO4"})
_CONCENTRATED_MOL_PER_M3 = 500.0
_TRACE_MOL_PER_M3 = 1.0
_ACID_PH = 4.0


def _wanted_V(context: Context, electrode: ResolvedElectrode) -> tuple[float, float] | None:
    """Where the limiting component reacts at an electrode, and its spread; None if unknown."""
    limiting = context.protocol.limiting
    for line in electrode.forward.reactions:
        if limiting is not None and line.of == limiting[1] and line.known:
            return line.potential_V_vs_SHE, line.spread_V
    # Where the electrolyte carries the current, the lines know nothing of the substrate.
    couple = context.resolved.substrate_couples.get(electrode.role)
    return None if couple is None else (couple.potential_V_vs_SHE, couple.spread_V)


def _runs_before(context: Context, electrode: ResolvedElectrode, limit: Limit) -> float | None:
    """By how many volts something reacts before the wanted reaction; None where nobody knows."""
    wanted = _wanted_V(context, electrode)
    if wanted is None:
        return None
    sign = 1 if electrode.role == "anode" else -1
    return sign * (wanted[0] - limit.potential_V_vs_SHE)


@check("W01")
def outside_the_window(context: Context) -> Findings:
    """A potential beyond where the solvent reacts by itself (ranges as in Bard & Faulkner).

    A warning even far outside, since the windows are recalled to 0.3 V.
    """
    electrode = context.resolved.working
    solvent = electrode.compartment.medium.solvent
    reference = context.protocol.electrodes.reference
    if solvent is None or solvent.window_V_vs_SHE is None or reference is None:
        return
    held = context.held_potentials_V_vs_SHE
    low_V, high_V = solvent.window_V_vs_SHE
    told = False
    for step, potential_V in held:
        beyond_V = max(low_V - potential_V, potential_V - high_V)
        if beyond_V <= 0 or told:
            continue
        told = True
        far = ", far" if beyond_V > _FAR_V else ""
        yield warning(
            f"{potential_V:+.2f} V vs SHE is{far} outside what {solvent.id} bears, {low_V:+.1f} to"
            f" {high_V:+.1f} V (± 0.3 V, recalled): {beyond_V:.1f} V beyond",
            path=step,
            help=f"stay between {low_V:+.1f} and {high_V:+.1f} V vs SHE, or use a solvent with a"
            " wider window (MeCN: about -2.3 to +2.7 V)",
            numbers={"potential_V": potential_V, "low_V": low_V, "high_V": high_V},
        )


@check("W02")
def electrolyte_before_the_substrate(context: Context) -> Findings:
    """An ion of the electrolyte that reacts more easily than the substrate carries the current."""
    for role in context.resolved.targets:
        electrode = context.resolved.at(role)
        if role in context.resolved.mediators:
            continue
        medium = electrode.compartment.medium
        reacting = {context.plan.limiting or ""}
        theirs = {ion for name in reacting for ion in _ions_of(electrode, name)}
        there = {
            ion
            for name, component in electrode.compartment.written.components.items()
            if component.role is ComponentRole.ELECTROLYTE
            for ion in _ions_of(electrode, name)
            if medium.dissolved.ions.get(ion, 0.0) > _TRACE_MOL_PER_M3
        }
        for limit in ion_limits(there - theirs, DIRECTION[role]):
            before_V = _runs_before(context, electrode, limit)
            if medium.aqueous or before_V is None or before_V < _CLEAR_V + limit.spread_V:
                continue
            verb = "oxidised" if role == "anode" else "reduced"
            yield warning(
                f"{limit.of} of the electrolyte is {verb} at {limit.potential_V_vs_SHE:+.1f} V vs"
                f" SHE, about {before_V:.1f} V before the substrate ({limit.source})",
                path=(*electrode.compartment.path, "components"),
                help="use a BF4 or PF6 salt in the same concentration; if it is there to mediate,"
                " write `role: mediator`",
                numbers={"limit_V": limit.potential_V_vs_SHE, "before_V": before_V},
            )


def _ions_of(electrode: ResolvedElectrode, name: str) -> Iterator[str]:
    """What a component that is to react dissociates into, an acid its conjugate base."""
    component = electrode.compartment.written.components.get(name)
    for salt in electrode.compartment.salts.get(name, ()):
        yield from (salt.cation, salt.anion)
    if component is not None:
        found = family_named(component.name or name, component.smiles)
        yield from found[0].species if found is not None else ()


@check("W03")
def solvent_takes_part(context: Context) -> Findings:
    """A solvent that reacts at an electrode before, or in place of, what is meant to react."""
    for electrode in context.resolved.electrodes:
        if electrode.metal is not None or electrode.written.sacrificial is not None:
            continue
        for name, solvent, _ in electrode.compartment.medium.solvents:
            limit = None if solvent is None else solvent_limit(solvent.id, electrode.role)
            if limit is None or (held := _settled(context, electrode, limit)) is True:
                continue
            yield warning(
                f"{limit.says} at the {electrode.name}, from about"
                f" {limit.potential_V_vs_SHE:+.1f} V vs SHE on (± {limit.spread_V:g} V, recalled)"
                + (f"; {held}" if held else ""),
                path=(*electrode.compartment.path, "components", name),
                help=f"keep the potential of the {electrode.name} on this side of"
                f" {limit.potential_V_vs_SHE:+.1f} V vs SHE, or use MeCN",
                numbers={"limit_V": limit.potential_V_vs_SHE},
            )


def _settled(context: Context, electrode: ResolvedElectrode, limit: Limit) -> bool | str:
    """True where what reacts at an electrode does so well before the solvent; else why not."""
    before_V = _runs_before(context, electrode, limit)
    if before_V is not None:
        if before_V < -limit.spread_V:
            return True
        return f"the substrate needs {abs(before_V):.1f} V {'more' if before_V > 0 else 'less'}"
    sign = 1 if electrode.role == "anode" else -1
    others = [
        sign * (line.potential_V_vs_SHE - limit.potential_V_vs_SHE)
        for line in electrode.forward.reactions
        if line.known
    ]
    if others and min(others) < -(limit.spread_V + _FAR_V):
        return True
    return ""


@check("W04")
def platinum_in_small_alcohols(context: Context) -> Findings:
    """Platinum oxidises methanol and formic acid at small potentials."""
    anode = context.resolved.anode
    if anode.written.material.split()[0] not in ("Pt", "platinum"):
        return
    for name, solvent, _ in anode.compartment.medium.solvents:
        if solvent is not None and solvent.id in ("MeOH", "HCOOH"):
            yield info(
                f"the {anode.name} is platinum in {solvent.id}, which it oxidises from about"
                " +0.6 V vs SHE on: a part of the current may go there",
                path=(*anode.compartment.path, "components", name),
                help="graphite takes 0.5 V and more before it does",
            )


@check("W05")
def anode_gives_way(context: Context) -> Findings:
    """Stainless steel, nickel, copper, aluminium, titanium and graphite as anodes."""
    anode = context.resolved.anode
    if anode.metal is not None or anode.written.sacrificial is not None or anode.written.coating:
        return
    found = anode_corrosion(anode.written.material, set(_media(anode)))
    # A metal that dissolves where the polarity alternates is S04's.
    if found is None or context.alternates:
        return
    yield warning(
        f"the {anode.name} is {anode.written.material}: {found.says}",
        path=("electrodes", anode.name, "material"),
        help=found.remedy,
    )


def _media(electrode: ResolvedElectrode) -> Iterator[str]:
    medium = electrode.compartment.medium
    ions = medium.dissolved.ions
    if any(ions.get(ion, 0.0) > _TRACE_MOL_PER_M3 for ion in _HALIDES):
        yield "halide"
    mixture = medium.mixture
    water = sum(s for one, s in mixture.parts if one.id == "H2O") if mixture is not None else 0.0
    if mixture is not None and water < _MUCH:
        yield "nonaqueous"
    known = medium.stated_pH is not None or medium.dissolved.pH is not None
    if medium.aqueous and known and medium.acidity[0] < _ACID_PH:
        yield "acid"
    if sum(ions.get(ion, 0.0) for ion in _INTERCALATING) > _CONCENTRATED_MOL_PER_M3:
        yield "concentrated sulfate or perchlorate"


@check("W06")
def product_before_the_substrate(context: Context) -> Findings:
    """A product that reacts more easily than the substrate is consumed as it is made."""
    resolved = context.resolved
    limiting = context.protocol.limiting
    if limiting is None or limiting[2].smiles is None:
        return
    role: ElectrodeRole = resolved.targets[0]
    electrode = resolved.at(role)
    wanted = _wanted_V(context, electrode)
    if wanted is None or role in resolved.mediators:
        return
    sign = 1 if role == "anode" else -1
    for name, easiest in resolved.product_couples.items():
        before_V = sign * (wanted[0] - easiest.potential_V_vs_SHE)
        if before_V > _CLEAR_V + easiest.spread_V:
            verb = "oxidised" if role == "anode" else "reduced"
            yield warning(
                f"{name} is {verb} about {before_V:.1f} V before the substrate"
                f" ({easiest.potential_V_vs_SHE:+.1f} V vs SHE, as {easiest.id}): it will be"
                " consumed as it is made",
                path=("reaction", "products", name),
                help="stop at a lower conversion (60 % and samples), hold the potential below"
                f" {easiest.potential_V_vs_SHE:+.1f} V vs SHE, or trap the product",
                numbers={"before_V": before_V, "product_V": easiest.potential_V_vs_SHE},
            )
