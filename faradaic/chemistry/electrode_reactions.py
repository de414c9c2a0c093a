"""Which reactions run at an electrode, and at what potential: the rules behind the cell voltage.

Couples of the compounds, solvents and materials of the tables decide. Every rule that had to guess
says so in `assumed`, which the plan prints. Potentials are practical ones: where the reaction runs
at the current density that stands beside them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from faradaic.chemistry.couples import Reactant, couple, couples_of, plated_metals
from faradaic.chemistry.gas_evolution import (
    OTHER_MEDIUM_V,
    chlorine,
    gas_in_water,
    of_residual_water,
    on_material,
)
from faradaic.chemistry.potential_scales import nernst_slope_V
from faradaic.chemistry.reaction_lines import (
    DIRECTION,
    Carried,
    ElectrodeReaction,
    Surroundings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faradaic.chemistry.couples import Couple
    from faradaic.chemistry.medium import Medium
    from faradaic.chemistry.reaction_lines import Direction, ElectrodeRole
    from faradaic.chemistry.solvents import Solvent

_USUAL_V = (2.0, 3.0)
_USUAL = "2 to 3 V for the electrode reactions, as is usual for organic ones"
_HALIDE_SLOPE_V = 0.06
"""Halides need little overpotential: between the 40 mV of chlorine on RuO2 and 120 mV; recalled."""
_PRACTICAL_A_PER_M2 = 10.0
"""1 mA/cm²: where peak and half-wave potentials of preparative cells are quoted."""
_PLATING_A_PER_M2 = 100.0
"""10 mA/cm²: where a metal is compared with hydrogen."""
_LIMIT_A_PER_M2 = 1.0
"""0.1 mA/cm²: where solvent windows are read."""
_WATER, _TRACES = "H2O", 0.05
"""Share by volume from which a protic solvent is more than traces in another."""
_OVERFLOW_V = 0.9
"""How far beyond the substrate traces, product and solvent take over."""
_LEAST_OVERFLOW_V = 0.3
"""The wanted reaction comes before the solvent's, whatever the table's limit of it."""
_DRIVEN_V = 0.15
"""How far beyond the potential of a reaction an author holds the electrode, about."""
_AS_STATED = ", as stated"


def classes(
    reactants: Iterable[Reactant], solvent: str | None
) -> dict[Direction, tuple[tuple[Couple, ...], ...]]:
    """The couples of each reactant by which it can be oxidised or reduced."""
    all_of_them = tuple(reactants)
    return {
        direction: tuple(couples_of(one, direction, solvent) for one in all_of_them)
        for direction in DIRECTION.values()
    }


def reactions(
    at: Surroundings,
    role: ElectrodeRole,
    substrate: Sequence[Sequence[Couple]] | None,
    carried: Carried | None = None,
) -> tuple[ElectrodeReaction, ...]:
    """The reactions of an electrode driven as anode or cathode, the wanted one first.

    `substrate` are the couples of the reactants if the limiting component is to react here, by a
    mediator if there is one. The last is what carries the current when nothing dissolved limits
    it: solvent, protons, metal; at the electrode of the substrate the overflow that sets in when
    the substrate runs short.
    """
    window = None if at.medium.solvent is None else at.medium.solvent.window_V_vs_SHE
    limit = None if window is None else window[1 if role == "anode" else 0]
    wanted = None
    if substrate is not None:
        found = [one for couples in substrate for one in couples]
        found += _halides(at) if role == "anode" else []
        wanted = _mediated(at, role, carried) if carried else _of_substrate(at, role, found, limit)
    beyond = (_anode_background if role == "anode" else _cathode_background)(at, wanted, limit)
    return (beyond,) if wanted is None else (wanted, beyond)


def _mediated(at: Surroundings, role: ElectrodeRole, carried: Carried) -> ElectrodeReaction:
    """The reaction of the limiting component through a mediator, at the mediator's potential.

    A fast couple of one electron: i = plateau/(1 + 10^((E½ - E)/slope)) with the slope of Nernst.
    """
    direction, couple_ = DIRECTION[role], carried.couple
    return ElectrodeReaction(
        f"{direction} through {couple_.id}{_AS_STATED if couple_.stated else ''}",
        couple_.potential_V_vs_SHE,
        carried.plateau_A_per_m2,
        nernst_slope_V(at.medium.temperature_K),
        spread_V=couple_.spread_V,
        assumed=f"{couple_.id} carries the current at {_placed(couple_)}",
        of=couple_.of,
    )


def _of_substrate(
    at: Surroundings, role: ElectrodeRole, found: Sequence[Couple], limit: float | None
) -> ElectrodeReaction:
    """The reaction of the limiting component.

    The easiest of the couples of the reactants sets the potential, whatever is limiting; without
    one it is the middle of the usual range, moved inside the solvent's window.
    """
    direction, sign = DIRECTION[role], 1 if role == "anode" else -1
    if found:
        best = min(found, key=lambda one: sign * one.potential_V_vs_SHE)
        potential, assumed = best.potential_V_vs_SHE, f"{direction} of {best.id} at {_placed(best)}"
        spread = best.spread_V
        seen = best.stated or best.kind == "practical"
        moved = limit is not None and sign * (potential - limit) > 0.0 and not seen
        if limit is not None and moved:
            spread = max(spread, abs(potential - limit) / 2)
            potential = (potential + limit) / 2
            assumed += (
                f", beyond the limit of the solvent ({limit:+.2f} V; {_limit_source(at)}): taken"
                f" between both, {potential:+.2f} ± {spread:.2g} V vs SHE"
            )
        driven_V = None if at.held_V_vs_SHE is None else at.held_V_vs_SHE - sign * _DRIVEN_V
        short = driven_V is not None and not best.stated and sign * (potential - driven_V) > 0.0
        if driven_V is not None and short:
            potential, spread = driven_V, _DRIVEN_V
            assumed += (
                f"; held at {at.held_V_vs_SHE:+.2f} V for it: taken as {potential:+.2f} ±"
                f" {spread:.2g} V vs SHE"
            )
        if best in _halides(at):
            assumed += ", and taken to turn the substrate over"
        return ElectrodeReaction(
            f"{direction} ({best.id}{_AS_STATED if best.stated else ''})",
            potential,
            _PRACTICAL_A_PER_M2,
            spread_V=spread,
            known=not short,
            assumed=assumed,
            of=best.of,
            moved=moved,
        )
    hard = direction == "reduction" and at.facing_metal
    default = couple("unknown_hard_reduction" if hard else f"unknown_{direction}")
    potential = default.potential_V_vs_SHE
    if limit is not None and sign * (limit - potential) < 0.5:
        potential = limit - sign * 0.5
    spread, why = default.spread_V, ""
    if at.held_V_vs_SHE is not None:
        potential, spread = at.held_V_vs_SHE - sign * _DRIVEN_V, _DRIVEN_V
        why = f", short of the {at.held_V_vs_SHE:+.2f} V that are held for it"
    return ElectrodeReaction(
        f"{direction} of the substrate",
        potential,
        _PRACTICAL_A_PER_M2,
        spread_V=spread,
        known=False,
        assumed=f"the potential of the {direction} at the {role} is not known: taken as"
        f" {potential:+.2f} ± {spread:.2g} V vs SHE{why}",
    )


def _limit_source(at: Surroundings) -> str:
    return "" if at.medium.solvent is None else at.medium.solvent.window_source


def _placed(one: Couple) -> str:
    kind = one.kind.replace("_", "-")
    return f"{one.potential_V_vs_SHE:+.2f} ± {one.spread_V:.2g} V vs SHE ({kind}; {one.source})"


def _anode_background(
    at: Surroundings, wanted: ElectrodeReaction | None, limit: float | None
) -> ElectrodeReaction:
    if at.metal and wanted is None:
        metal = at.metal
        return ElectrodeReaction(
            f"dissolution of {metal.id}",
            metal.potential_V_vs_SHE,
            _PRACTICAL_A_PER_M2,
            spread_V=metal.spread_V,
            assumed=f"dissolution of {metal.id} near {metal.potential_V_vs_SHE:+.2f} ±"
            f" {metal.spread_V:g} V vs SHE in practice, not at E° ="
            f" {metal.standard_V_vs_SHE:+.2f} V ({metal.source})",
        )
    halide = _easiest_halide(at)
    if at.medium.aqueous:
        oxygen = gas_in_water(at, "anode")
        first = halide is not None and halide.potential_V_vs_SHE < oxygen.potential_V_vs_SHE
        return halide if halide is not None and first else oxygen
    if wanted is not None:
        return _overflow("anode", wanted, limit)
    if halide is not None:
        return halide
    for reductant in at.reductants[:1]:
        given = next(iter(couples_of(reductant, "oxidation", _id(at.medium))), None)
        donor = given or couple("tertiary_amine")
        return ElectrodeReaction(
            f"oxidation of {reductant.id}",
            donor.potential_V_vs_SHE,
            _PRACTICAL_A_PER_M2,
            spread_V=donor.spread_V,
            known=given is not None,
            assumed=f"{reductant.id} is oxidised near {donor.potential_V_vs_SHE:+.2f} V vs SHE",
        )
    return _solvent_limit(at, "oxidation", limit, 2.2)


def _halides(at: Surroundings) -> list[Couple]:
    solvent = _id(at.medium)
    return [one for salt in at.halides for one in couples_of(salt, "oxidation", solvent)]


def _easiest_halide(at: Surroundings) -> ElectrodeReaction | None:
    found = min(_halides(at), key=lambda one: one.potential_V_vs_SHE, default=None)
    if found is None:
        return None
    reaction = ElectrodeReaction(
        f"oxidation ({found.id})",
        found.potential_V_vs_SHE,
        _PRACTICAL_A_PER_M2,
        _HALIDE_SLOPE_V,
        spread_V=found.spread_V,
        assumed=f"the anode oxidises the {found.id} of {found.of} at {_placed(found)}",
        of=found.of,
    )
    return chlorine(reaction, at) if found.id == "chloride" and at.medium.aqueous else reaction


def _plated(at: Surroundings) -> ElectrodeReaction | None:
    """The metal that covers a cathode, where it comes before hydrogen at its own surface."""
    found = [
        (plated_metals()[one.id], salt.id, one)
        for salt in at.plated
        for one in couples_of(salt, "reduction", _id(at.medium))
        if one.id in plated_metals()
    ]
    if not found:
        return None
    metal, salt_id, one = max(found, key=lambda each: each[2].potential_V_vs_SHE)
    line = ElectrodeReaction(
        f"deposition of {metal}",
        one.potential_V_vs_SHE,
        _PRACTICAL_A_PER_M2,
        spread_V=one.spread_V,
        assumed=f"the cathode deposits the {metal} of {salt_id} at {_placed(one)}",
        of=one.of,
    )
    hydrogen = gas_in_water(replace(at, material=metal, coating=None), "cathode")
    here, there = (each.potential_at_V("cathode", _PLATING_A_PER_M2) for each in (line, hydrogen))
    return line if here > there else None


def _cathode_background(
    at: Surroundings, wanted: ElectrodeReaction | None, limit: float | None
) -> ElectrodeReaction:
    if at.medium.aqueous:
        return _plated(at) or gas_in_water(at, "cathode")
    solvent = at.medium.solvent
    proton: Couple | None = None
    if solvent is not None and solvent.proton_source:
        proton = next(iter(couples_of(Reactant(solvent.id), "reduction", solvent.id)), None)
        if proton is None:
            line = _solvent_limit(at, "reduction", limit, -0.8)
            return on_material(replace(line, gas=("H2", 0.5)), at)
    elif at.acid:
        proton = couple("proton_source")
    if proton is None and wanted is not None:
        return _overflow("cathode", wanted, limit)
    if proton is None and (cosolvent := _protic_part(at.medium)):
        return _from_cosolvent(at, cosolvent)
    protic = proton is not None
    row = proton or couple("trace_water")
    line = ElectrodeReaction(
        "hydrogen evolution" if protic else "reduction of residual water",
        row.potential_V_vs_SHE,
        _PRACTICAL_A_PER_M2,
        spread_V=row.spread_V,
        assumed=f"the cathode evolves hydrogen from {'protons' if protic else 'residual water'}"
        f" near {row.potential_V_vs_SHE:+.2f} ± {row.spread_V:.2g} V vs SHE ({row.source})",
        gas=("H2", 0.5),
    )
    if protic or at.overpotential:
        return on_material(line, at)
    return of_residual_water(line, at)


def _protic_part(medium: Medium) -> Solvent | None:
    """The solvent of a mixture that gives protons, if it is more than traces."""
    parts = () if medium.mixture is None else medium.mixture.parts
    return next((one for one, share in parts if one.proton_source and share >= _TRACES), None)


def _from_cosolvent(at: Surroundings, protic: Solvent) -> ElectrodeReaction:
    """Hydrogen from the protic part of a mixture, as from that solvent alone, less surely."""
    words = f"hydrogen from {protic.id} as from it alone"
    if protic.id == _WATER or protic.window_V_vs_SHE is None:
        line = gas_in_water(at, "cathode")
    else:
        potential = protic.window_V_vs_SHE[0]
        line = ElectrodeReaction(
            "hydrogen evolution",
            potential,
            _LIMIT_A_PER_M2,
            assumed=f"{potential:+.2f} V vs SHE ({protic.window_source})",
            gas=("H2", 0.5),
        )
        line = on_material(line, at)
    return replace(
        line,
        spread_V=line.spread_V + OTHER_MEDIUM_V,
        kinetics_known=False,
        assumed=f"{words}: {line.assumed}",
    )


def _overflow(
    role: ElectrodeRole, wanted: ElectrodeReaction, limit: float | None
) -> ElectrodeReaction:
    direction, sign = DIRECTION[role], 1 if role == "anode" else -1
    beyond = sign * wanted.potential_V_vs_SHE + _OVERFLOW_V
    if limit is not None:
        beyond = max(min(sign * limit, beyond), beyond - _OVERFLOW_V + _LEAST_OVERFLOW_V)
    potential = sign * beyond
    return ElectrodeReaction(
        f"{direction} of solvent, traces and product",
        potential,
        _LIMIT_A_PER_M2,
        known=False,
        assumed=f"once the substrate runs short, the rest of the current goes into the {direction}"
        f" of solvent, traces and product at {potential:+.2f} V vs SHE",
    )


def _solvent_limit(
    at: Surroundings, direction: Direction, limit: float | None, default: float
) -> ElectrodeReaction:
    potential = default if limit is None else limit
    words = _limit_source(at) if limit is not None else "no limit in the table, taken"
    return ElectrodeReaction(
        f"{direction} of the solvent",
        potential,
        _LIMIT_A_PER_M2,
        known=limit is not None,
        assumed=f"{direction} of the solvent at {potential:+.2f} V vs SHE ({words})",
    )


def _id(medium: Medium) -> str | None:
    return None if medium.solvent is None else medium.solvent.id


def equilibrium_V(
    anode: ElectrodeReaction | None,
    cathode: ElectrodeReaction | None,
    densities_A_per_m2: tuple[float | None, float | None] = (None, None),
) -> tuple[tuple[float, float], str]:
    """E(anode) - E(cathode) as a range, V, and the sentence that says where it comes from.

    From the main reaction at each electrode (at the current densities of anode and cathode, if
    given) where the tables know both; else the 2 to 3 V that organic electrolyses usually need,
    and behind a dissolving anode, which may need next to nothing, what the guess gives.
    """
    if anode is None or cathode is None:
        return _USUAL_V, _USUAL
    middle = anode.potential_at_V("anode", densities_A_per_m2[0])
    middle -= cathode.potential_at_V("cathode", densities_A_per_m2[1])
    spread = anode.spread_V + cathode.spread_V
    reason = f"{anode.name} against {cathode.name}: {middle:.1f} ± {spread:.1f} V"
    if anode.known and cathode.known:
        return (middle - spread, middle + spread), reason
    if not anode.name.startswith("dissolution"):
        return _USUAL_V, _USUAL
    return (max(0.0, middle - spread), middle + spread), f"{reason}, a guess"
