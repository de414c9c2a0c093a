"""Electrolysis in a flowing solution: charge per substrate of one pass, and time in the channel."""

from __future__ import annotations

from faradaic.quantities.constants import FARADAY_C_PER_MOL


def charge_per_pass_F_per_mol(
    current_A: float, concentration_mol_per_m3: float, flow_m3_per_s: float
) -> float:
    """F/mol that the substrate gets on one pass at steady state: |I|/(F·c·V̇)."""
    return abs(current_A) / (FARADAY_C_PER_MOL * concentration_mol_per_m3 * flow_m3_per_s)


def residence_time_s(volume_m3: float, flow_m3_per_s: float) -> float:
    """V/V̇, the mean time in a channel of constant volume."""
    return volume_m3 / flow_m3_per_s
