"""What a plan knows of one of its steps, for the detectors."""

from __future__ import annotations

import math

from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription
from faradaic.diagnoses.expected import Expected
from faradaic.protocols.level_steps import VaryingPlan
from faradaic.protocols.plan import Plan, StepPlan
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.expected_voltage import first_voltage_V, limit_A

UNKNOWN_V = 1.0
"""For a cell of which nobody knows the resistance or the loss of heat."""
OHMIC_PER_K = 0.02
"""By how much a solution conducts better for each kelvin."""
KINETIC_V_PER_K = 3e-3
"""By how much both overpotentials fall with temperature, at most (recalled)."""


def expected_of(plan: Plan, step: StepPlan) -> Expected:
    """Set-points, limits, and the ranges of the plan's estimates."""
    estimates, set_A = plan.estimates, step.held_current_A
    amount_C = FARADAY_C_PER_MOL * plan.limiting_amount_mol if plan.limiting_amount_mol else None
    limiting_A, metal = estimates.limiting_current_A, estimates.metal
    voltage_V = estimates.cell_voltage_V
    if voltage_V is None and plan.forecast and plan.forecast.cell_voltage_V:
        low_V, _, high_V = plan.forecast.cell_voltage_V
        voltage_V = low_V, high_V
    depletion_C = _depletion_C(plan, amount_C)
    typical_V = exchanged_V = typical_A = None
    cell = plan.cell
    if isinstance(cell, PreparativeDescription) and set_A and voltage_V is not None:
        typical_V = first_voltage_V(cell, abs(set_A))
        other_V = first_voltage_V(cell, abs(set_A), exchanged=True)
        if typical_V is not None and other_V is not None and not metal:
            exchanged_V = other_V - typical_V
        typical_A = _typical_limiting_A(cell)
    metal_C = None
    if metal and metal.there_kg and metal.kg_per_C:
        metal_C = metal.there_kg / metal.kg_per_C
    return Expected(
        set_A=set_A,
        set_V=step.held_potential_V,
        limit_V=step.cell_voltage_limit_V,
        limit_A=step.current_limit_A,
        amount_C=amount_C,
        electrons=plan.electrons,
        voltage_V=voltage_V,
        typical_V=typical_V,
        exchanged_V=exchanged_V,
        resistance_ohm=estimates.resistance_ohm,
        limiting_A=limiting_A,
        typical_limiting_A=typical_A,
        depletion_C=depletion_C,
        metal=metal.metal if metal else "",
        metal_C=metal_C,
        dry_share=_dry_share(plan),
        heating_V=_heating_V(plan, step),
        per_kelvin_V=KINETIC_V_PER_K + OHMIC_PER_K * _drop_V(plan),
        in_turn=isinstance(step, VaryingPlan),
    )


def _typical_limiting_A(cell: PreparativeDescription) -> float | None:
    """Of the wanted reaction, at the start."""
    for electrode in (cell.electrodes.working, cell.electrodes.counter):
        for line in electrode.reactions[:1]:
            if (most_A := limit_A(cell, electrode, line)) is not None:
                return most_A
    return None


def _depletion_C(plan: Plan, amount_C: float | None) -> float | None:
    """The charge from which on the conversion of the estimates falls behind the charge."""
    per, before = plan.estimates.theoretical_F_per_mol or plan.electrons, 0.0
    if not amount_C or not per or not plan.estimates.conversion:
        return None
    for F_per_mol, conversion in plan.estimates.conversion[1:]:
        if conversion < 0.98 * F_per_mol / per:
            return before * amount_C
        before = F_per_mol
    return before * amount_C


def _dry_share(plan: Plan) -> float | None:
    """The share of the volume that is lost when the electrodes are dry."""
    cell = plan.cell
    if not isinstance(cell, PreparativeDescription) or not cell.vessel_cross_section_m2:
        return None
    depths = [one.immersed_m for one in (cell.electrodes.working, cell.electrodes.counter)]
    known = [depth for depth in depths if depth]
    if not known or not cell.volume_m3:
        return None
    return min(1.0, min(known) * cell.vessel_cross_section_m2 / cell.volume_m3)


def _drop_V(plan: Plan) -> float:
    return plan.estimates.ohmic_drop_V[1] if plan.estimates.ohmic_drop_V else 0.0


def _heating_V(plan: Plan, step: StepPlan) -> float:
    """By how much the cell's own heat lowers its voltage, at most."""
    cell, estimates = plan.cell, plan.estimates
    voltage_V = estimates.cell_voltage_V
    if not isinstance(cell, PreparativeDescription) or step.held_current_A is None:
        return 0.0
    if cell.thermal is None or not cell.thermal.heat_loss_W_per_K or voltage_V is None:
        return UNKNOWN_V
    set_A = abs(step.held_current_A)
    warmer_K = min(60.0, voltage_V[1] * set_A / cell.thermal.heat_loss_W_per_K)
    ohmic_V = _drop_V(plan) * -math.expm1(-2.0 * cell.conductivity_per_K * warmer_K)
    return ohmic_V + KINETIC_V_PER_K * warmer_K
