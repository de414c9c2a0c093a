"""What the simulated cell makes of a plan, before anything is run.

The engine walks the plan on an ideal bench (no bytes, no noise) and keeps nothing: with the cell
as described, and at the two ends of what its description leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from faradaic.chemistry.gases import gas_volumes_m3
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.plan import Forecast, Span
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.plan_walk import IdealHost, PlanWalk, open_ends, walked
from faradaic.runner.states import RunState

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.plan import Plan

MOST_LEVELS = 2000.0
"""In turn that a forecast walks: each takes about twenty time steps of the cell, and a second in
all."""


def needs_forecast(plan: Plan) -> bool:
    """Whether the estimates leave open what a simulated cell can answer."""
    expected = plan.estimates
    passes = any(step.passes_current and not step.about_rest for step in plan.steps)
    return passes and (expected.charge_C is None or expected.cell_voltage_V is None)


def with_forecast(plan: Plan, host: Callable[[CellDescription], IdealHost]) -> Plan:
    """The plan with what the simulated cell makes of it; a note where the cell fails, or where
    levels in turn are so many that walking them takes as long as a rehearsal."""
    if (levels := _levels(plan)) > MOST_LEVELS:
        why = f"no forecast of {levels:,.0f} levels in turn: a rehearsal walks through them"
        return _noted(plan, why)
    walks = [walked(plan, host(cell)) for cell in (plan.cell, *open_ends(plan.cell))]
    told = walks[:1] + [walk for walk in walks[1:] if walk.is_possible]
    if walks[0].result.outcome is RunState.FAILED:
        return _noted(plan, f"the simulated cell does not say more: {walks[0].result.stop_reason}")
    return plan.model_copy(update={"forecast": _forecast(plan, told)})


def _levels(plan: Plan) -> float:
    """How many levels in turn a plan has at most."""
    turning = [step for step in plan.steps if isinstance(step, LevelsPlan)]
    return sum(len(one.levels) * one.expected_duration_s / one.period_s for one in turning)


def _noted(plan: Plan, why: str) -> Plan:
    notes = (*plan.estimates.notes, why)
    return plan.model_copy(update={"estimates": plan.estimates.model_copy(update={"notes": notes})})


def _forecast(plan: Plan, walks: Sequence[PlanWalk]) -> Forecast:
    charges_C = [walk.result.charge_gross_C for walk in walks]
    amount_mol = plan.limiting_amount_mol
    conversions = [walk.conversion for walk in walks]
    voltages_V = [walk.cell_voltage_V for walk in walks]
    gases = [_gases_m3(plan, charge_C) for charge_C in charges_C]
    return Forecast(
        charge_C=_span(charges_C),
        charge_F_per_mol=_span([q / (FARADAY_C_PER_MOL * amount_mol) for q in charges_C])
        if amount_mol
        else None,
        duration_s=_span([walk.result.duration_s for walk in walks]),
        cell_voltage_V=_span([v for v in voltages_V if v is not None])
        if voltages_V[0] is not None
        else None,
        conversion=_span([x for x in conversions if x is not None])
        if conversions[0] is not None
        else None,
        gas_m3={species: _span([gas[species] for gas in gases]) for species in gases[0]},
        ends=tuple(dict.fromkeys(_end(walk) for walk in walks)),
        model_at_fault=walks[0].result.model_at_fault,
    )


def _end(walk: PlanWalk) -> str:
    result = walk.result
    return "; ".join(part for part in (result.ended_because, result.missing_charge) if part)


def _gases_m3(plan: Plan, charge_C: float) -> dict[str, float]:
    per_electron: dict[str, float] = {}
    substrate_C: dict[str, float] = {}
    for gas in plan.reaction.get("gases", ()):
        species = str(gas["species"])
        per_electron[species] = per_electron.get(species, 0.0) + float(gas["per_electron"])
        if (per_mol := gas.get("substrate_F_per_mol")) and plan.limiting_amount_mol:
            substrate_C[species] = float(per_mol) * plan.limiting_amount_mol * FARADAY_C_PER_MOL
    return gas_volumes_m3(per_electron, charge_C, substrate_C)


def _span(values: Sequence[float]) -> Span:
    return min(values), values[0], max(values)
