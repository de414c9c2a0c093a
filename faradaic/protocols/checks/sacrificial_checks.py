"""S: anodes that dissolve."""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.checks.participants import incompatible
from faradaic.quantities.constants import FARADAY_C_PER_MOL

_USABLE = 0.7
"""Of the metal of an anode."""
_THIN = 0.3
"""Of the thickness, from which a foil has holes (a rule of thumb)."""
_FILMED = frozenset({"Mg", "Al"})
_HALIDES = frozenset({"Cl", "Br", "I"})
_WEAR = frozenset({"Mg", "Al", "Zn", "Fe", "Sn", "Co"})
"""Metals that dissolve as anodes whatever they are meant for."""


@check("S01")
def anode_used_up(context: Context) -> Findings:
    """Faraday's law takes Q·M/(nF) of a sacrificial anode; the last third of it rarely serves:
    it thins unevenly and falls off (a rule of thumb)."""
    metal = context.plan.estimates.metal
    if metal is None or metal.there_kg is None or not metal.taken_kg:
        return
    taken_kg, there_kg = metal.taken_kg, metal.there_kg
    spared_kg = there_kg * (1.0 if "usable" in metal.basis else _USABLE)
    if taken_kg <= spared_kg:
        return
    mg = f"the charge takes {taken_kg * 1e6:.4g} mg of {metal.metal} from the {metal.electrode}"
    there = f"{there_kg * 1e6:.4g} mg are there ({metal.basis})"
    enough = there_kg / taken_kg
    yield warning(
        f"{mg}, but {there}, {enough:.2g} times as much: it is used up before the end"
        if enough < 1.0
        else f"{mg}, and {there}: {taken_kg / there_kg:.0%} of it, which leaves little to hang on",
        path=("electrodes", metal.electrode, "sacrificial"),
        help=f"use at least {taken_kg / _USABLE * 1e6:.3g} mg, or plan less charge",
        numbers={"taken_kg": taken_kg, "there_kg": there_kg},
    )


@check("S02")
def anode_thins(context: Context) -> Findings:
    """Recession of the face, Q·M/(nF·rho·A), against the thickness (Faraday, 1834)."""
    metal, anode = context.plan.estimates.metal, context.resolved.anode
    face_m2, thickness_m = anode.areas_m2.get("facing"), anode.written.thickness_m
    if metal is None or not metal.taken_kg or anode.metal is None or not face_m2 or not thickness_m:
        return
    recession_m = metal.taken_kg / (anode.metal.density_kg_per_m3 * face_m2)
    if recession_m <= _THIN * thickness_m:
        return
    yield warning(
        f"the charge takes {recession_m * 1e3:.2g} mm off the face of the {anode.name}, which is"
        f" {thickness_m * 1e3:.3g} mm thick: the gap grows, and a foil gets holes at the surface of"
        " the liquid",
        path=("electrodes", anode.name, "thickness"),
        help=f"use one of {recession_m / _THIN * 1e3:.2g} mm or more, or a larger face",
        numbers={"recession_m": recession_m, "thickness_m": thickness_m},
    )


@check("S03")
def film_on_the_metal(context: Context) -> Findings:
    """Magnesium and aluminium start under a film (Ware et al., Chem. Sci. 2024, 15, 5814)."""
    anode = context.resolved.anode
    if anode.metal is None or anode.metal.id not in _FILMED or anode.written.pretreatment:
        return
    if _HALIDES & set(anode.compartment.medium.dissolved.ions):
        return
    yield warning(
        f"the {anode.name} is {anode.metal.id}, which has a film on it, and neither a pretreatment"
        " nor a halide in the solution is stated that breaks it",
        path=("electrodes", anode.name),
        help="sand it until it shines and use it within 10 min (`pretreatment: [sanded]`), or add"
        " 0.1 equiv of LiCl or LiBr",
    )


@check("S04")
def unmarked_metal_alternates(context: Context) -> Findings:
    """Where the polarity alternates, each electrode is the anode in turn: base metals dissolve."""
    step = context.alternates
    if step is None:
        return
    for electrode in context.resolved.electrodes:
        metal = context.resolved.base_metals.get(electrode.written.material)
        if metal is None or metal.id not in _WEAR:
            continue
        half_C = (context.plan.estimates.charge_C or 0.0) / 2
        kg = half_C * metal.molar_mass_kg_per_mol / (metal.electrons * FARADAY_C_PER_MOL)
        yield warning(
            f"the {electrode.name} is {metal.id}, and the polarity alternates: it dissolves in"
            f" every half-period in which it is the anode, up to {kg * 1e6:.3g} mg in all, and is"
            " plated in the others",
            path=step.path,
            help="use graphite, RVC or Pt on both sides, or hold one direction and write"
            f" `sacrificial: {metal.id}`",
            numbers={"dissolved_kg": kg},
        )


@check("S05")
def metal_reacts_by_itself(context: Context) -> Findings:
    """Magnesium and zinc with organic halides: a Grignard or Reformatsky without any current."""
    if context.resolved.anode.metal is not None:
        yield from incompatible(context, "S05")


@check("S06")
def cations_of_the_anode(context: Context) -> Findings:
    """What a sacrificial anode brings into the solution: a Lewis acid, Q/(nF·V)."""
    metal = context.plan.estimates.metal
    charge_C = context.plan.estimates.charge_C
    if metal is None or not metal.electrons or not charge_C:
        return
    volume_m3 = context.resolved.anode.compartment.written.volume_m3
    cations = charge_C / (metal.electrons * FARADAY_C_PER_MOL) / volume_m3
    yield info(
        f"the anode brings {cations / 1e3:.2g} mol/L of {metal.metal}{metal.electrons:g}+ into the"
        " solution, a Lewis acid that may precipitate with bases and products",
        path=("electrodes", metal.electrode, "sacrificial"),
        numbers={"cations_mol_per_m3": cations},
    )
