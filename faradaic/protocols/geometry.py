"""Areas of electrodes by form and basis, and the depth of the liquid.

A current density means nothing without its area: `facing` is one face towards the counter
electrode, `envelope` all immersed outer faces, `wetted` the inner surface of a porous body.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from faradaic.chemistry import tables

if TYPE_CHECKING:
    from faradaic.protocols.schema import Electrode, Protocol

POROUS = frozenset({"felt", "cloth", "foam", "rvc"})
"""Forms whose inner surface carries current too."""


def liquid_depth_m(volume_m3: float, inner_diameter_m: float) -> float:
    """Depth of a liquid in an upright cylinder, m: V / (pi d² / 4)."""
    return volume_m3 / (pi * inner_diameter_m**2 / 4)


def box_areas(
    width_m: float, depth_m: float, thickness_m: float = 0.0, faces: int = 2
) -> dict[str, float]:
    """Areas of a plate hanging `depth_m` deep, m²: one face, and all wetted outer faces.

    The envelope holds the faces, both edges and the lower end, not the end at the surface.
    """
    face = width_m * depth_m
    edges = thickness_m * (2 * depth_m + width_m)
    return {"facing": face, "envelope": faces * face + edges}


def rod_areas(diameter_m: float, depth_m: float) -> dict[str, float]:
    """Areas of a rod hanging `depth_m` deep, m²: half the side, and the side with the end."""
    side = pi * diameter_m * depth_m
    return {"facing": side / 2, "envelope": side + pi * diameter_m**2 / 4}


def specific_area_per_m(electrode: Electrode) -> float | None:
    """Inner surface per volume, m²/m³: 4(1 - porosity)/d of its fibres, else the table's."""
    porosity, fibre_m = electrode.porosity, electrode.fibre_diameter_m
    if porosity is not None and fibre_m is not None:
        return 4 * (1 - porosity) / fibre_m
    return tables.specific_area_per_m(electrode.form.value, electrode.ppi)


def electrode_areas(electrode: Electrode) -> dict[str, float]:
    """Areas by basis, m², as far as the dimensions allow; areas given directly win.

    Facing, envelope and, for felt, cloth, foam and RVC, wetted. An empty mapping means that
    dimensions are missing.
    """
    areas = _from_dimensions(electrode)
    if electrode.area is not None:
        areas |= {basis.value: area for basis, area in electrode.area.by_basis().items()}
    return areas


def _from_dimensions(electrode: Electrode) -> dict[str, float]:
    form = electrode.form.value
    if form == "disc":
        face = pi * electrode.diameter_m**2 / 4 if electrode.diameter_m else None
        return {"facing": face, "envelope": face} if face else {}
    depth_m = electrode.immersed_m or electrode.length_m
    if depth_m is None:
        return {}
    if electrode.diameter_m is not None:
        return rod_areas(electrode.diameter_m, depth_m)
    if electrode.width_m is None:
        return {}
    if form == "gde":
        return {"facing": electrode.width_m * depth_m}
    thickness_m = electrode.thickness_m
    areas = box_areas(electrode.width_m, depth_m, thickness_m or 0.0, electrode.faces or 2)
    specific = specific_area_per_m(electrode) if form in POROUS else None
    if specific is not None and thickness_m is not None:
        areas["wetted"] = specific * electrode.width_m * depth_m * thickness_m
    return areas


def active_area_m2(electrode: Electrode) -> float | None:
    """The area that takes part in mass transport, m²; None when dimensions are missing.

    The envelope of porous bodies and rods (inner fibres are starved at preparative currents),
    the facing side of the others.
    """
    areas = electrode_areas(electrode)
    around = electrode.form.value in POROUS or electrode.form.value in ("rod", "wire")
    first, second = ("envelope", "facing") if around else ("facing", "envelope")
    return areas.get(first, areas.get(second))


def effective_gap_area_m2(protocol: Protocol) -> float | None:
    """Cross section of the current between the electrodes, m²: mean of the facing areas known."""
    pair = protocol.electrodes.pair.values()
    facing = [area for e in pair if (area := electrode_areas(e).get("facing")) is not None]
    return sum(facing) / len(facing) if facing else None
