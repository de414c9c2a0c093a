"""The gases of a protocol: what is evolved, where it stirs, and what room it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.protocols.schema.steps import largest_held_A
from faradaic.quantities.constants import (
    ATMOSPHERE_PA,
    FARADAY_C_PER_MOL,
    molar_volume_m3_per_mol,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faradaic.chemistry.reaction_lines import ElectrodeRole
    from faradaic.protocols.schema import Protocol


BUBBLES = (
    "the gas that the electrode evolves stirs what is before it (Stephan and Vogt, recalled, with"
    " bubbles of 0.05 to 0.2 mm)"
)


def gas_per_area_m_per_s(
    protocol: Protocol,
    role: ElectrodeRole,
    area_m2: float | None,
    areas_m2: Mapping[str, Mapping[str, float]],
    temperature_K: float,
) -> float:
    """Volume of the gases that the protocol names at an electrode, per area and time, m/s.

    At the largest current that is held; 0 where none is, or where the area is not known.
    """
    per_electron = sum(gas.per_electron for gas in protocol.reaction.gases if gas.at == role)
    held_A = largest_held_A(protocol.steps, areas_m2, protocol.limiting_amount_mol)
    if not per_electron or not held_A or not area_m2:
        return 0.0
    moles = per_electron * held_A / area_m2 / FARADAY_C_PER_MOL
    return moles * molar_volume_m3_per_mol(temperature_K, ATMOSPHERE_PA)


def gas_per_electron(protocol: Protocol) -> Mapping[str, float]:
    """Moles of each gas per mole of electrons, of both electrodes."""
    found: dict[str, float] = {}
    for gas in protocol.reaction.gases:
        found[gas.species] = found.get(gas.species, 0.0) + gas.per_electron
    return found


def headspace_m3(protocol: Protocol) -> float | None:
    """As stated, else what the vessel has above the solution; None: not known."""
    if protocol.cell.headspace_volume_m3 is not None:
        return protocol.cell.headspace_volume_m3
    vessel, flow = protocol.cell.vessel, protocol.cell.flow
    holds_m3 = (flow and flow.reservoir_volume_m3) or (vessel and vessel.volume_m3)
    if not holds_m3:
        return None
    left_m3 = holds_m3 - sum(s.volume_m3 for s in protocol.solutions.values())
    return left_m3 if left_m3 > 0 else None
