"""How fast ions diffuse in water."""

from __future__ import annotations

from faradaic.chemistry.acids import family_of
from faradaic.chemistry.tables import rows
from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)


def diffusivity_in_water_m2_per_s(ion: str) -> float | None:
    """D = R T λ°/(|z| F²) at 25 degC (Nernst, Einstein), λ° per charge; None: not in the table.

    An acid's form without a value diffuses as the next one that has one.
    """
    family = family_of(ion)
    same = (ion,) if family is None else family.species[::-1]
    known = {row["id"]: row for row in rows("ions") if row["lambda0_H2O_S_cm2_per_mol"]}
    for name in same:
        if row := known.get(name):
            kelvin = GAS_CONSTANT_J_PER_MOL_K * STANDARD_TEMPERATURE_K / FARADAY_C_PER_MOL**2
            return 1e-4 * float(row["lambda0_H2O_S_cm2_per_mol"]) * kelvin / abs(int(row["charge"]))
    return None
