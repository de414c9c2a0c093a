"""T: heat and evaporation."""

from __future__ import annotations

from math import pi

from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription
from faradaic.protocols.checks import Context, Findings, check, warning
from faradaic.protocols.compartments import Compartment
from faradaic.protocols.wording import brief_current
from faradaic.quantities import format_duration
from faradaic.quantities.constants import (
    ATMOSPHERE_PA,
    CELSIUS_ZERO_K,
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
)

_TIGHT = frozenset({"sealed", "septum_sealed", "balloon"})
_NARROW = frozenset({"septum_vented", "vented", "bubbler"})
"""Closed but for a needle or a tube: the vapour leaves with the gas alone."""
_VOLATILE_K = CELSIUS_ZERO_K + 85
_LONG_S = 3600.0
_WARM_K = 10.0
_BELOW_BOILING_K = 10.0
_LOST = 0.1
_DRAUGHT = 3.0
"""By which the air of a hood over an open vessel exceeds still air; a rule of thumb."""
_VAPOUR_M2_PER_S = 1e-5


def _warming_K(context: Context) -> tuple[float, float] | None:
    """Rise of the temperature when heat and cooling balance, P/UA, low and high."""
    heat, cell = context.plan.estimates.heat_W, context.plan.cell
    if heat is None or not isinstance(cell, PreparativeDescription) or cell.thermal is None:
        return None
    loss = cell.thermal.heat_loss_W_per_K
    heats_s = cell.thermal.heat_capacity_J_per_K / loss if loss else 0.0
    if not loss or context.plan.estimates.duration_s < 0.5 * heats_s:
        return None
    return heat[0] / loss, heat[1] / loss


@check("T01")
def it_gets_warm(context: Context) -> Findings:
    """P/(UA) with the heat I·(U - E_rev) and the loss of the simulated cell."""
    rise = _warming_K(context)
    if rise is None or sum(rise) / 2 <= _WARM_K or context.current_A is None:
        return
    middle_K = sum(rise) / 2
    yield warning(
        f"the solution warms by {rise[0]:.0f} to {rise[1]:.0f} K above what is around it (the loss"
        " of heat is assumed)",
        path="steps" if context.main_step is None else context.main_step.path,
        help=f"at most {brief_current(context.current_A * (_WARM_K / middle_K) ** 0.5, 2)}, more"
        " electrolyte, or a bath (`temperature: {setpoint: 20 degC, control: bath}`)",
        numbers={"rise_low_K": rise[0], "rise_high_K": rise[1]},
    )


@check("T02")
def close_to_boiling(context: Context) -> Findings:
    """Within 10 K of the boiling point bubbles of vapour and loss of solvent begin."""
    rise = _warming_K(context) or (0.0, 0.0)
    if context.protocol.cell.closure in _TIGHT or context.protocol.cell.type.flow:
        return
    at_K = context.resolved.temperature_K + sum(rise) / 2
    for compartment in context.resolved.compartments:
        solvent = compartment.medium.solvent
        if solvent is None or at_K <= solvent.boiling_point_K - _BELOW_BOILING_K:
            continue
        boils_degC = solvent.boiling_point_K - CELSIUS_ZERO_K
        yield warning(
            f"the solution comes to about {at_K - CELSIUS_ZERO_K:.0f} degC, and {solvent.id} boils"
            f" at {boils_degC:.0f} degC",
            path=("environment", "temperature") if rise == (0.0, 0.0) else ("cell",),
            help=f"stay below {boils_degC - _BELOW_BOILING_K:.0f} degC with a bath or less current,"
            " or put a reflux condenser on",
            numbers={"temperature_K": at_K, "boiling_point_K": solvent.boiling_point_K},
        )
        return


@check("T03")
def evaporation(context: Context) -> Findings:
    """Solvents that boil below 85 degC leave an open cell within hours, and areas with them.

    By diffusion to the rim, D·A·p/(RTL) (Stefan, 1873), three times that in the draught of a hood;
    out of a narrow outlet with the gas that leaves. A warning from a tenth of the solution on, or
    where the protocol does not say how the cell is closed.
    """
    duration_s = context.plan.estimates.duration_s
    cell = context.protocol.cell
    if cell.closure in _TIGHT or cell.type.flow or duration_s <= _LONG_S:
        return
    for compartment in context.resolved.compartments:
        solvent = compartment.medium.solvent
        if solvent is None or solvent.boiling_point_K >= _VOLATILE_K:
            continue
        lost_m3, unknown = _lost_m3(context, compartment)
        share = lost_m3 / compartment.written.volume_m3
        if share <= _LOST and not unknown:
            continue
        boils_degC = solvent.boiling_point_K - CELSIUS_ZERO_K
        how = f"up to {lost_m3 * 1e6:.2g} mL ({share:.0%}) leave" if share > 0.01 else "it leaves"
        yield warning(
            f"{solvent.id} boils at {boils_degC:.0f} degC, and in {format_duration(duration_s)}"
            f" {how} a cell that is {unknown or cell.closure}: the level, and the immersed area,"
            " will fall",
            path=("cell",),
            help="write `closure: septum_vented` (a needle of 0.8 mm in a septum), lead the gas out"
            " through a condenser, or top up every hour",
            numbers={
                "boiling_point_K": solvent.boiling_point_K,
                "duration_s": duration_s,
                "lost_m3": lost_m3,
            },
        )


def _lost_m3(context: Context, compartment: Compartment) -> tuple[float, str]:
    """What evaporates at most, as liquid, and what is not known of the way out."""
    solvent, cell = compartment.medium.solvent, context.protocol.cell
    assert solvent is not None
    duration_s, kelvin = context.plan.estimates.duration_s, context.resolved.temperature_K
    pressure_Pa = min(solvent.vapour_pressure_Pa, 0.9 * ATMOSPHERE_PA)
    molar_m3 = solvent.molar_mass_kg_per_mol / solvent.density_kg_per_m3
    # With the gas that leaves, saturated.
    gas_mol = (context.plan.estimates.charge_C or 0.0) / FARADAY_C_PER_MOL
    gas_mol *= sum(context.resolved.gas_per_electron.values())
    feed = compartment.written.gas
    if feed is not None and feed.flow_mol_per_s is not None and feed.mode in ("sparge", "sweep"):
        gas_mol += feed.flow_mol_per_s * duration_s
    lost_mol = gas_mol * pressure_Pa / (ATMOSPHERE_PA - pressure_Pa)
    if cell.closure in _NARROW:
        return lost_mol * molar_m3, ""
    vessel, headspace_m3 = cell.vessel, context.resolved.headspace_m3
    unknown = "" if cell.closure == "open" else "closed in a way that nobody states"
    if vessel is None or vessel.inner_diameter_m is None or headspace_m3 is None:
        return lost_mol * molar_m3, unknown or "open, of unknown size"
    section_m2 = pi * vessel.inner_diameter_m**2 / 4
    climb_m = headspace_m3 / section_m2
    vapour = pressure_Pa / (GAS_CONSTANT_J_PER_MOL_K * kelvin)
    lost_mol += _DRAUGHT * _VAPOUR_M2_PER_S * section_m2 * vapour / climb_m * duration_s
    return min(lost_mol * molar_m3, compartment.written.volume_m3), unknown
