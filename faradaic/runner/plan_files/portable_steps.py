"""What of a plan another program can hold: levels, times, charges, limits; and what it cannot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faradaic.diagnostics import Diagnostic, InputError, refusal
from faradaic.protocols import wording
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.plan import Condition, Plan, Signal, StepPlan, Then

HELD = {
    "constant_current": ("current", "current_A"),
    "constant_potential": ("potential", "potential_V"),
    "constant_cell_voltage": ("voltage", "cell_voltage_V"),
}
"""What a kind of step holds, and the field of its plan that says at which value."""


@dataclass(frozen=True, slots=True)
class PortableLevel:
    """What is held for a time: `current` (A), `potential` or `voltage` (V), or `off`."""

    regulates: str
    value: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class PortableStep:
    """One step: a rest, a level, or several in turn."""

    id: str
    label: str
    levels: tuple[PortableLevel, ...]
    rounds: int
    """How often the levels follow each other; 1 for a single one."""
    charge_C: float | None
    """Magnitude after which a single level ends, before its time; None where nothing counts it."""
    voltage_limit_V: float | None
    """Magnitude of the cell voltage at which it is to end, of a current."""
    current_limit_A: float | None
    """Magnitude, of a potential or voltage."""
    interval_s: float

    @property
    def regulates(self) -> str:
        """Get what is held, where the cell is not open."""
        return next((one.regulates for one in self.levels if one.regulates != "off"), "off")


@dataclass(frozen=True, slots=True)
class PortablePlan:
    """A plan as far as other programs can hold it."""

    title: str
    name: str
    steps: tuple[PortableStep, ...]
    lost: tuple[str, ...]
    """What they cannot, a sentence each."""


def portable(plan: Plan, form: str) -> PortablePlan:
    """A plan for a form. Raises `InputError` (E423) for steps that cannot be held at all."""
    steps: list[PortableStep] = []
    lost = list(_of_the_run(plan))
    problems: list[Diagnostic] = []
    for step in plan.steps:
        if not step.is_reached:
            lost.append(f"step {step.id} (only should the repeat need it) is left out")
            continue
        try:
            made, without = portable_step(step, form)
        except InputError as error:
            problems += error.diagnostics
            continue
        lost += without
        if made is not None:
            steps.append(made)
    if problems:
        raise InputError(*problems)
    if not steps:
        raise cannot(form, "it has no step that an instrument runs", "export another protocol")
    return PortablePlan(plan.title, plan.name, tuple(steps), tuple(dict.fromkeys(lost)))


def cannot(form: str, why: str, remedy: str) -> InputError:
    """A plan that a form cannot hold."""
    return refusal("E423", f"this plan cannot be a file for {form}: {why}", remedy)


def portable_step(step: StepPlan, form: str) -> tuple[PortableStep | None, list[str]]:
    """One step, None where a person or a device does it, and what is lost of it.

    Raises `InputError` (E423) for a kind that other programs do not have in this form.
    """
    if isinstance(step, LevelsPlan):
        levels = tuple(
            PortableLevel(one.regulation, one.value, one.duration_s) for one in step.levels
        )
    elif step.kind in ("open_circuit", "wait"):
        levels = (PortableLevel("off", 0.0, step.time_cap_s),)
    elif step.kind in HELD:
        regulates, field = HELD[step.kind]
        levels = (PortableLevel(regulates, getattr(step, field), step.time_cap_s),)
    elif not step.passes_current:
        return None, [f"step {step.id} ({step.label}) is left out: do it by hand, in its place"]
    else:
        raise cannot(
            form,
            f"step {step.id} ({step.label}) has no words there",
            "take it out, or export to `methodscript`, which runs every kind of step",
        )
    ends, lost = _ends(step)
    duration_s, charge_C = ends
    rounds = 1
    if isinstance(step, LevelsPlan):
        rounds, charge_C = _rounds(step, duration_s, charge_C, form), None
        if step.phase_s:
            lost.append(f"step {step.id} begins at the start of its period, not within it")
    else:
        levels = (PortableLevel(levels[0].regulates, levels[0].value, duration_s),)
    made = PortableStep(
        id=step.id,
        label=step.label,
        levels=levels,
        rounds=rounds,
        charge_C=charge_C,
        voltage_limit_V=step.cell_voltage_limit_V,
        current_limit_A=step.current_limit_A,
        interval_s=step.interval_s,
    )
    return made, lost


def _ends(step: StepPlan) -> tuple[tuple[float, float | None], list[str]]:
    """The time and charge that end a step, the first of several, and what else would have."""
    duration_s, charge_C, lost = step.time_cap_s, step.charge_cap_C, []
    for one in step.until:
        if one.since or one.leaves or one.hold_s or one.at_least is None:
            lost.append(_lost(step, one))
        elif one.signal is Signal.TIME_S:
            duration_s = min(duration_s, one.at_least)
        elif one.signal in (Signal.CHARGE_C, Signal.NET_CHARGE_C) and not (
            one.signal is Signal.NET_CHARGE_C and isinstance(step, LevelsPlan)
        ):
            charge_C = min(one.at_least, math.inf if charge_C is None else charge_C)
        else:
            lost.append(_lost(step, one))
            continue
        if one.then not in (Then.NEXT, Then.END) and one.at_least is not None:
            lost.append(
                f"step {step.id} goes on with the next one when {one.text}; here it would"
                f" {one.then.value}"
            )
    return (duration_s, charge_C), lost


def _lost(step: StepPlan, one: Condition) -> str:
    return f"step {step.id} does not end when {one.text}: watch it, and end it by hand"


def _rounds(step: LevelsPlan, duration_s: float, charge_C: float | None, form: str) -> int:
    """How many periods a time, or a charge at a held current, comes to: whole ones, at least 1."""
    if charge_C is not None:
        needed_s = step.time_to_pass_s(charge_C, step.phase_s)
        if needed_s is None:
            raise cannot(
                form,
                f"step {step.id} ends by a charge that follows from the cell, over several levels",
                "end it by `duration`",
            )
        duration_s = min(duration_s, needed_s)
    return max(1, math.ceil(duration_s / step.period_s - 1e-6))


def _of_the_run(plan: Plan) -> Iterator[str]:
    """What watches a run here, and nowhere else."""
    for limit in plan.limits:
        if limit.signal in (Signal.CURRENT_A, Signal.CELL_VOLTAGE_V):
            continue  # each form has its own words for them, or says so
        yield f"nothing ends it when {limit.text}"
    for interlock in plan.interlocks:
        yield f"nothing watches that {interlock.text}"
    if plan.continues:
        yield "what earlier runs passed is not counted"
    moles = plan.limiting_amount_mol
    if moles:
        yield f"charges are in coulombs: they were worked out for {wording.amount(moles)}"


def largest(plan: Plan, signal: Signal) -> float | None:
    """The limit of a signal in a plan; None where there is none."""
    found = [limit.at_least for limit in plan.limits if limit.signal is signal]
    return min(found) if found else None


def header_lines(plan: PortablePlan, lost: Sequence[str]) -> list[str]:
    """What a file says of itself, one line each."""
    return [f"{plan.title} - written by faradaic", *(f"NOT IN THIS FILE: {one}" for one in lost)]
