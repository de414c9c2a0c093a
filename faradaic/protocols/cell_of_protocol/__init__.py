"""The cell of a protocol as plain numbers for the simulated bench.

`describe_cell` has to put a number wherever a real cell has one; every number that the protocol
does not give is in `assumptions`. A rehearsal on it tests the plan and the instruments; it does not
predict a yield.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.protocols.cell_of_protocol.gas_diffusion_of_protocol import (
    gas_diffusion_cell,
    reduces_fed_co2,
)
from faradaic.protocols.cell_of_protocol.preparative_of_protocol import preparative_cell

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.resolved import ResolvedProtocol


def describe_cell(resolved: ResolvedProtocol, current_A: float | None = None) -> CellDescription:
    """The cell that the simulators read, on the model that fits it.

    `current_A` is the magnitude of the largest current that flows, if it is known.
    """
    model = gas_diffusion_cell if reduces_fed_co2(resolved) else preparative_cell
    return model(resolved, current_A)
