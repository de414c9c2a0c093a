"""What a separator lets through."""

from __future__ import annotations

from typing import Literal, cast

from faradaic.chemistry.tables import rows

Carrier = Literal["cations", "anions", "both", "water"]


def separator_permeability_m_per_s(kind: str) -> float:
    """Permeability of a kind of separator for a small neutral molecule, m/s."""
    return float(_row(kind)["permeability_m_per_s"])


def separator_carrier(kind: str) -> Carrier:
    """Which ions take the current through a kind of separator; a bipolar one splits water."""
    return cast("Carrier", _row(kind)["carries"])


def _row(kind: str) -> dict[str, str]:
    return next(row for row in rows("separators") if row["kind"] == kind)
