"""The course that a run is compared with: its plan walked in its simulated cell before it begins.

Three walks, 0.1 to 0.3 s each: with the cell as described, and at the two ends of what its
description leaves open, between which the voltage may lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from math import copysign
from typing import TYPE_CHECKING

from faradaic.chemistry.cell_description.calibrated_cell import calibrating_run
from faradaic.chemistry.cell_description.cell_assumptions import dominant_guess
from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription
from faradaic.protocols.level_steps import VaryingPlan
from faradaic.protocols.rehearsed_course import LEAST_WIDTH_V, Rehearsal, RehearsedStep
from faradaic.runner.plan_walk import IdealHost, PlanWalk, WalkReading, open_ends, walked
from faradaic.runner.states import RunState

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.plan import Plan, StepPlan

MOST_STEPS = 60
"""Of a plan that is compared: more of them would keep the chemist waiting."""
_CHARGING = 2e-3
"""Of a step's charge: what is read before is the double layer's charging."""


def compares(step: StepPlan) -> bool:
    """Whether a step's voltage is set beside a rehearsal's: one current is held, nothing else."""
    return (
        step.held_current_A is not None
        and step.passes_current
        and not step.about_rest
        and step.goes_on
        and step.series_points is None
        and not isinstance(step, VaryingPlan)
    )


def why_not(plan: Plan) -> str:
    """Why a plan is not compared with its rehearsal; empty where it is."""
    if not isinstance(plan.cell, PreparativeDescription):
        return "its simulated cell is no preparative one"
    if not any(compares(step) for step in plan.steps):
        return "no step of it holds one current"
    if len(plan.steps) > MOST_STEPS:
        return f"it has {len(plan.steps)} steps, more than {MOST_STEPS}"
    return ""


def with_rehearsal(plan: Plan, host: Callable[[CellDescription], IdealHost]) -> Plan:
    """The plan with its course in the simulated cell; as it is where that is not to be believed
    or there is nothing to compare."""
    if why_not(plan):
        return plan
    middle = walked(plan, host(plan.cell))
    if middle.result.outcome is RunState.FAILED or middle.result.model_at_fault:
        return plan
    ends = [walked(plan, host(cell)) for cell in open_ends(plan.cell)]
    courses = tuple(_courses(plan, middle, [one for one in ends if one.is_possible]))
    if not courses:
        return plan
    guess = dominant_guess(plan.cell.assumptions)
    found = Rehearsal(
        steps=courses,
        guess="" if guess is None else guess.text,
        calibrated_by=calibrating_run(plan.cell),
        ended=middle.result.ended_because,
    )
    return plan.model_copy(update={"rehearsal": found})


def _courses(plan: Plan, middle: PlanWalk, ends: Sequence[PlanWalk]) -> Iterator[RehearsedStep]:
    others = [dict(_by_step(one)) for one in ends]
    for index, readings in _by_step(middle):
        step = plan.steps[index]
        if not compares(step):
            continue
        charge_C, voltage_V = _course(readings, step)
        if len(charge_C) < 2:
            continue
        rest = [_course(one[index], step) for one in others if index in one]
        low_V, high_V = [], []
        for place, mid_V in enumerate(voltage_V):
            there = [_at(*one, charge_C[place]) for one in rest if one[0]]
            low_V.append(min([mid_V - LEAST_WIDTH_V, *there]))
            high_V.append(max([mid_V + LEAST_WIDTH_V, *there]))
        yield RehearsedStep(
            step=step.id,
            charge_C=_short(charge_C),
            voltage_V=_short(voltage_V),
            low_V=_short(low_V),
            high_V=_short(high_V),
        )


def _by_step(walk: PlanWalk) -> Iterator[tuple[int, list[WalkReading]]]:
    for index, readings in groupby(walk.readings, key=lambda one: one.step):
        yield index, list(readings)


def _course(readings: Sequence[WalkReading], step: StepPlan) -> tuple[list[float], list[float]]:
    """Charge since the step began and voltage along its current, each charge once."""
    forward = copysign(1.0, step.held_current_A or 1.0)
    began_C = readings[0].charge_C
    least_C = _CHARGING * (readings[-1].charge_C - began_C)
    charge_C: list[float] = []
    voltage_V: list[float] = []
    for one in readings:
        passed_C = one.charge_C - began_C
        if passed_C > (charge_C[-1] if charge_C else least_C):
            charge_C.append(passed_C)
            voltage_V.append(forward * one.voltage_V)
    return charge_C, voltage_V


def _at(charge_C: Sequence[float], voltage_V: Sequence[float], wanted_C: float) -> float:
    """The voltage at a charge; beyond the end of the course, the last of it."""
    course = RehearsedStep(
        step="", charge_C=tuple(charge_C), voltage_V=tuple(voltage_V), low_V=tuple(voltage_V),
        high_V=tuple(voltage_V),
    )  # fmt: skip
    return (course.at(wanted_C) or (voltage_V[-1],) * 3)[1]


def _short(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
