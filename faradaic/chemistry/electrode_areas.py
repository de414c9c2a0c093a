"""Areas of electrodes by form and basis, and the depth of the liquid.

A current density means nothing without its area: `facing` is one face towards the counter
electrode, `envelope` all immersed outer faces, `wetted` the inner surface of a porous body.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from faradaic.chemistry.tables import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def specific_area_per_m(
    form: str, porosity: float | None, fibre_diameter_m: float | None, ppi: int | None
) -> float | None:
    """Inner surface per volume, m²/m³: 4(1 - porosity)/d of its fibres, else the table's."""
    if porosity is not None and fibre_diameter_m is not None:
        return 4 * (1 - porosity) / fibre_diameter_m
    for row in rows("porous_materials"):
        if row["form"] == form and row["ppi"] in ("", str(ppi)):
            return float(row["specific_area_per_m"])
    return None


def electrode_areas(
    form: str,
    *,
    width_m: float | None = None,
    diameter_m: float | None = None,
    depth_m: float | None = None,
    thickness_m: float | None = None,
    faces: int = 2,
    specific_area_per_m: float | None = None,
) -> dict[str, float]:
    """Areas by basis, m², as far as the dimensions allow; none means that some are missing.

    Facing, envelope and, of a form with an inner surface, wetted.
    """
    if form == "disc":
        face = pi * diameter_m**2 / 4 if diameter_m else None
        return {"facing": face, "envelope": face} if face else {}
    if depth_m is None:
        return {}
    if diameter_m is not None:
        return rod_areas(diameter_m, depth_m)
    if width_m is None:
        return {}
    if form == "gde":
        return {"facing": width_m * depth_m}
    areas = box_areas(width_m, depth_m, thickness_m or 0.0, faces)
    if specific_area_per_m is not None and thickness_m is not None:
        areas["wetted"] = specific_area_per_m * width_m * depth_m * thickness_m
    return areas


def active_basis(form: str, areas_m2: Mapping[str, float]) -> str | None:
    """The basis of the area that takes part in mass transport; None when no area is known.

    The envelope of porous bodies and rods (inner fibres are starved at preparative currents),
    the facing side of the others.
    """
    around = form in POROUS or form in ("rod", "wire")
    order = ("envelope", "facing") if around else ("facing", "envelope")
    return next((basis for basis in order if basis in areas_m2), None)
