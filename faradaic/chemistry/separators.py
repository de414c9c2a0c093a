"""What a separator lets through."""

from __future__ import annotations

from faradaic.chemistry.tables import rows


def separator_permeability_m_per_s(kind: str) -> float:
    """Permeability of a kind of separator for a small neutral molecule, m/s."""
    row = next(row for row in rows("separators") if row["kind"] == kind)
    return float(row["permeability_m_per_s"])
