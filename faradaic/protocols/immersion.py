"""How much of an electrode is in the liquid, and the areas that follow."""

from __future__ import annotations

from faradaic.chemistry.electrode_areas import (
    POROUS,
    electrode_areas,
    liquid_depth_m,
    specific_area_per_m,
)
from faradaic.protocols.schema import Electrode, Protocol


def depth_in_liquid_m(
    protocol: Protocol, electrode: Electrode, liquid_m3: float
) -> tuple[float | None, str]:
    """How deep an electrode hangs in the solution, and the assumption behind it.

    Never deeper than the liquid of an upright cylinder; a wire longer than that is coiled.
    """
    depth_m = electrode.immersed_m or electrode.length_m
    vessel = protocol.cell.vessel
    if depth_m is None or vessel is None or vessel.inner_diameter_m is None:
        return depth_m, ""
    if protocol.cell.type.flow or protocol.solution is None or electrode.form.value == "disc":
        return depth_m, ""  # in a channel, one vessel for each side, one face
    liquid_m = liquid_depth_m(liquid_m3, vessel.inner_diameter_m)
    if depth_m <= liquid_m * (1 + 1e-9):
        return depth_m, ""
    deep = f"the liquid is {liquid_m * 1e3:.1f} mm deep"
    if electrode.form.value == "wire":
        return depth_m, f"{deep}: the {depth_m * 1e3:g} mm of wire are taken as coiled in it"
    what = "immersed" if electrode.immersed_m else "long"
    return liquid_m, f"{deep}: of the {depth_m * 1e3:g} mm {what} only so much is in it"


def areas_m2(electrode: Electrode, depth_m: float | None) -> dict[str, float]:
    """Areas by basis, m², of what is in the liquid; those given directly win."""
    form, inner = electrode.form.value, None
    if form in POROUS:
        inner = electrode.specific_area_per_m or specific_area_per_m(
            form, electrode.porosity, electrode.fibre_diameter_m, electrode.ppi
        )
    areas = electrode_areas(
        form,
        width_m=electrode.width_m,
        diameter_m=electrode.diameter_m,
        depth_m=depth_m,
        thickness_m=electrode.thickness_m,
        faces=electrode.faces or 2,
        specific_area_per_m=inner,
    )
    if electrode.area is not None:
        areas |= {basis.value: area for basis, area in electrode.area.by_basis().items()}
    return areas
