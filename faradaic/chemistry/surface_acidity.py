"""The pH that a gas-evolving electrode makes before itself where nothing buffers the solution."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

from faradaic.chemistry.acids import family_of
from faradaic.chemistry.ionic_diffusivity import diffusivity_in_water_m2_per_s
from faradaic.chemistry.mass_transport import film_thickness_m
from faradaic.chemistry.water import pH_of_hydroxide
from faradaic.quantities.constants import FARADAY_C_PER_MOL

if TYPE_CHECKING:
    from faradaic.chemistry.medium import Medium

_NEUTRAL_PH = (4.0, 10.0)
_BUFFERED_MOL_PER_M3 = 20.0
"""Of acids and bases with a pKa in between, from which the bulk's pH is taken to reach the surface:
they carry some 10 A/m² through a stirred film."""


def surface_pH(medium: Medium, direction: str, current_density_A_per_m2: float) -> float | None:
    """At a current density behind a stirred film; None where the pH of the bulk holds.

    What the electrode makes leaves by diffusion in much salt, c = j delta/(F D) (Nernst, 1904):
    protons where water is oxidised, hydroxide where it is reduced.
    """
    low, high = _NEUTRAL_PH
    bulk, dissolved = medium.acidity[0], medium.dissolved
    if medium.ionomer is not None or dissolved.unnamed or dissolved.unknown:
        return None
    buffer = sum(
        concentration
        for ion, concentration in dissolved.ions.items()
        if (family := family_of(ion)) is not None and any(low < pKa < high for pKa in family.pKa)
    )
    if not low <= bulk <= high or buffer > _BUFFERED_MOL_PER_M3:
        return None
    made = "H" if direction == "oxidation" else "OH"
    diffusivity = diffusivity_in_water_m2_per_s(made)
    assert diffusivity is not None
    flux = current_density_A_per_m2 / FARADAY_C_PER_MOL
    concentration = flux * film_thickness_m("stirred")[1] / diffusivity
    if made == "OH":
        return pH_of_hydroxide(concentration)
    return -log10(concentration / 1000.0)
