"""What a separator lets through."""

from __future__ import annotations

from typing import Literal, cast

from faradaic.chemistry.tables import names, normalised, rows

Carrier = Literal["cations", "anions", "both", "water"]

GUESSED_MEMBRANE_OHM_M2 = 3e-5
"""Guessed of an ion-exchange membrane with its contacts, 0.3 Ohm cm²."""


def separator_permeability_m_per_s(kind: str) -> float:
    """Permeability of a kind of separator for a small neutral molecule, m/s."""
    return float(_row(kind)["permeability_m_per_s"])


def separator_carrier(kind: str) -> Carrier:
    """Which ions take the current through a kind of separator; a bipolar one splits water."""
    return cast("Carrier", _row(kind)["carries"])


def separator_resistance_ohm_m2(product: str, medium: str) -> tuple[float, float, str] | None:
    """Area resistance of a product in `acid`, its spread, ohm m², and the source; None: not known.

    Membranes hold the ions of what they stand in, and conduct by them.
    """
    for row in rows("separator_products"):
        if normalised(product) in names(row, "product") and row["medium"] == medium:
            typical, spread = float(row["resistance_ohm_cm2"]), float(row["spread_ohm_cm2"])
            return typical * 1e-4, spread * 1e-4, row["source"]
    return None


def _row(kind: str) -> dict[str, str]:
    return next(row for row in rows("separators") if row["kind"] == kind)
