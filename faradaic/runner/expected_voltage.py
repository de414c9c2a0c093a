"""The cell voltage of a plan at its first reading, and by how much exchanged leads move it.

U = E_anode - E_cathode + I R, each E on the Tafel line of the first reaction whose substrate can
carry the current; the lines of the way back are those of exchanged leads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from faradaic.quantities.constants import FARADAY_C_PER_MOL

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description.preparative_description import (
        ElectrodeDescription,
        PreparativeDescription,
        ReactionDescription,
    )


def limit_A(
    cell: PreparativeDescription, electrode: ElectrodeDescription, line: ReactionDescription
) -> float | None:
    """The limiting current of a reaction at the start; None for one without.

    Of a mediator it is not known here either.
    """
    if line.substrate is None or line.mass_transfer_m_per_s is None or line.mediator is not None:
        return None
    there = cell.species[line.substrate]
    concentration = there.concentration_mol_per_m3
    if electrode is cell.electrodes.counter and cell.separator is not None:
        concentration = there.counter_concentration_mol_per_m3 or 0.0
    per_area = line.electrons * FARADAY_C_PER_MOL * line.mass_transfer_m_per_s * concentration
    return per_area * electrode.area_m2


def first_voltage_V(
    cell: PreparativeDescription, current_A: float, *, exchanged: bool = False
) -> float | None:
    """At a held current, volts; None where the description has no reaction for it."""
    working, counter = cell.electrodes.working, cell.electrodes.counter
    anode, cathode = (working, counter) if working.role == "anode" else (counter, working)
    if exchanged:
        anode, cathode = cathode, anode
    found = []
    for electrode, sign in ((anode, 1), (cathode, -1)):
        lines = electrode.reverse_reactions if exchanged else electrode.reactions
        limits = [limit_A(cell, electrode, line) for line in lines]
        if not lines:
            return None
        able = (
            line
            for line, most_A in zip(lines, limits, strict=True)
            if most_A is None or most_A > current_A
        )
        line = next(able, lines[-1])
        density = current_A / electrode.area_m2 / line.exchange_current_density_A_per_m2
        over_V = line.tafel_slope_V_per_decade * math.log10(density)
        found.append(line.reference_potential_V_vs_SHE + sign * over_V)
    resistance = cell.resistance_ohm + cell.contact_resistance_ohm
    return found[0] - found[1] + current_A * resistance
