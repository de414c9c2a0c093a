"""The metal of a sacrificial anode: how much there is, and how much a charge takes."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from faradaic.chemistry.electrode_areas import POROUS
from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.sacrificial_metals import dissolved_kg_per_C
from faradaic.diagnostics import InputError
from faradaic.protocols.plan import MetalEstimate

if TYPE_CHECKING:
    from faradaic.protocols.resolved import ResolvedElectrode, ResolvedProtocol


def metal_estimate(resolved: ResolvedProtocol, charge_C: float | None) -> MetalEstimate | None:
    """What a charge takes of the anode by Faraday's law; None where no metal is to dissolve."""
    anode = resolved.anode
    sacrificial = anode.written.sacrificial
    if sacrificial is None or anode.forward.converts:
        return None
    row, electrons = anode.metal, sacrificial.electrons
    source = "electrons as stated"
    if electrons is None and row is not None:
        electrons, source = row.electrons, f"electrons: {row.electrons_source}"
    molar_mass = _molar_mass(sacrificial.metal) if row is None else row.molar_mass_kg_per_mol
    there_kg, basis = metal_there(anode)
    per_C = dissolved_kg_per_C(molar_mass, electrons) if molar_mass and electrons else None
    return MetalEstimate(
        electrode=anode.name,
        metal=row.id if row else sacrificial.metal,
        electrons=electrons,
        kg_per_C=per_C,
        sign=1 if anode is resolved.working else -1,
        taken_kg=None if per_C is None or charge_C is None else per_C * charge_C,
        there_kg=there_kg,
        basis=basis,
        source=source,
    )


def metal_there(anode: ResolvedElectrode) -> tuple[float | None, str]:
    """The mass that may dissolve, kg, and where it comes from: stated, or the size of what hangs
    in the solution; None where neither is known."""
    sacrificial = anode.written.sacrificial
    assert sacrificial is not None
    mass_kg, basis = sacrificial.mass_kg, "as stated"
    if mass_kg is None:
        volume_m3 = _volume_m3(anode)
        if volume_m3 is None or anode.metal is None:
            return None, ""
        mass_kg = volume_m3 * anode.metal.density_kg_per_m3
        basis = f"from its size and {anode.metal.density_kg_per_m3 / 1e3:g} g/mL, recalled"
    if (usable := sacrificial.usable_fraction) is not None:
        mass_kg *= usable
        basis += f", {100 * usable:g} % of it usable"
    return mass_kg, basis


def _volume_m3(anode: ResolvedElectrode) -> float | None:
    written, depth_m = anode.written, anode.depth_m
    if depth_m is None or written.form.value in POROUS:
        return None
    if written.diameter_m is not None:
        return pi * written.diameter_m**2 / 4 * depth_m
    if written.width_m is None or written.thickness_m is None:
        return None
    return written.width_m * written.thickness_m * depth_m


def _molar_mass(metal: str) -> float | None:
    """Of an element that is not in the table of sacrificial metals."""
    try:
        return parse_formula(metal).molar_mass_kg_per_mol
    except InputError:
        return None
