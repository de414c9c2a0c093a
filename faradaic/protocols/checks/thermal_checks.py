"""T: heat and evaporation."""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, check, warning
from faradaic.quantities import format_duration
from faradaic.quantities.constants import CELSIUS_ZERO_K

_TIGHT = frozenset({"sealed", "septum_sealed", "balloon"})
_VOLATILE_K = CELSIUS_ZERO_K + 85
_LONG_S = 3600.0


@check("T03")
def evaporation(context: Context) -> Findings:
    """Solvents that boil below 85 degC leave a vented cell within hours, and areas with them."""
    duration_s = context.plan.estimates.duration_s
    cell = context.protocol.cell
    if cell.closure in _TIGHT or cell.type.flow or duration_s <= _LONG_S:
        return
    for compartment in context.resolved.compartments:
        solvent = compartment.medium.solvent
        if solvent is not None and solvent.boiling_point_K < _VOLATILE_K:
            boils_degC = solvent.boiling_point_K - CELSIUS_ZERO_K
            yield warning(
                f"{solvent.id} boils at {boils_degC:.0f} degC and the cell is not closed for"
                f" {format_duration(duration_s)}: the level, and the immersed area, will fall",
                path=("cell",),
                help="lead the gas out through a condenser or a narrow needle, and top up",
                numbers={
                    "boiling_point_K": solvent.boiling_point_K,
                    "duration_s": duration_s,
                },
            )
