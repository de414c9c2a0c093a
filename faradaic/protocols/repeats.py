"""The steps of a protocol one after the other, every round of every repeat, and what ends it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from faradaic.protocols.compilation import Compilation, Path, Place, Unresolvable
from faradaic.protocols.device_steps import DeviceStep
from faradaic.protocols.endings import RUN, conditions
from faradaic.protocols.plan import AskPlan, Condition, Signal, StepPlan, Then
from faradaic.protocols.schema import Repeat, Step
from faradaic.protocols.step_kind import StepKind
from faradaic.protocols.step_kinds.wait import WaitPlan

SPARE_ROUNDS = 1.25
"""Rounds planned over those expected, where nobody says how many."""
_PROGRESS = (Signal.CHARGE_C, Signal.TIME_S)


@dataclass(frozen=True, slots=True)
class Scope:
    """A repeat that something ends."""

    prefix: str
    """With which the ids of its steps begin."""
    until: tuple[Condition, ...]

    def planned(self, context: Compilation, step: StepPlan) -> StepPlan:
        """A step of it, with what ends the repeat among its conditions and in what is expected."""
        within = [s for s in context.steps if s.id.startswith(self.prefix)]
        expected_s, end = step.expected_duration_s, step.expected_end
        current_A, reached = step.mean_current_A, step.is_reached
        for condition in self.until:
            if condition.signal not in _PROGRESS or condition.then is Then.PAUSE:
                continue
            before = context.steps if condition.since == RUN else within
            left = condition.at_least or 0.0
            if condition.signal is Signal.TIME_S:
                left -= sum(s.expected_duration_s for s in before)
                left_s = left
            else:
                left -= sum(s.expected_charge_C or 0.0 for s in before)
                left -= context.earlier_C if condition.since == RUN else 0.0
                left_s = left / current_A if current_A else math.inf if left > 0 else 0.0
            reached = reached and left > 1e-9 * (condition.at_least or 0.0)
            if left_s < expected_s * (1 - 1e-9):
                expected_s, end = max(0.0, left_s), condition.text
        changes: dict[str, object] = {
            "expected_duration_s": expected_s,
            "expected_end": end,
            "is_reached": reached,
        }
        if step.target_charge_C is not None and current_A is not None:
            changes["target_charge_C"] = min(step.target_charge_C, current_A * expected_s)
        if current_A is not None or not expected_s:
            changes["expected_charge_C"] = (current_A or 0.0) * expected_s
        if not isinstance(step, AskPlan | WaitPlan | DeviceStep):
            changes["until"] = (*step.until, *self.until)
        return step.model_copy(update=changes)


def unrolled(
    context: Compilation,
    steps: Sequence[Step],
    path: Path = ("steps",),
    prefix: str = "",
    scopes: tuple[Scope, ...] = (),
) -> Iterator[tuple[StepKind, Place, tuple[Scope, ...]]]:
    """Every step with its place and the repeats around it that something ends.

    Where a repeat does not say how many rounds, it goes on until what ends it is to be expected
    by the steps that were planned meanwhile, and a few more.
    """
    for index, step in enumerate(steps):
        here: Path = (*path, index, step.kind)
        number = f"{prefix}{index + 1}"
        if isinstance(step.body, Repeat):
            around, scope = scopes, None
            if step.body.until is not None:
                try:
                    scope = _scope(context, step.body, here, f"{number}.")
                except Unresolvable:  # why is reported; its steps are looked at once
                    within = (*here, "steps")
                    yield from unrolled(context, step.body.steps, within, f"{number}.1.", scopes)
                    continue
                around = (*scopes, scope)
            for turn in _rounds(context, step.body, here, scope):
                inner = f"{number}.{turn + 1}."
                yield from unrolled(context, step.body.steps, (*here, "steps"), inner, around)
        else:
            assert isinstance(step.body, StepKind)
            yield step.body, Place(number, here), scopes


def _scope(context: Compilation, repeat: Repeat, path: Path, prefix: str) -> Scope:
    sign = context.protocol.electrodes.forward_sign
    found = []
    for one in conditions(context, repeat.until or (), path, sign):
        own = one.signal in _PROGRESS and not one.since
        more = {"text": f"{one.text} since the repeat began", "since": prefix} if own else {}
        found.append(one.model_copy(update={"leaves": prefix, **more}))
    return Scope(prefix, tuple(found))


def _rounds(context: Compilation, repeat: Repeat, path: Path, scope: Scope | None) -> Iterator[int]:
    if repeat.count is not None:
        yield from range(repeat.count)
        return
    assert scope is not None  # a repeat has one or the other
    expected = None
    for turn in count():
        done = len(context.steps)
        yield turn
        new = context.steps[done:]
        if turn == 0 and not _progress(scope, new):
            if new:
                context.report(
                    "E413",
                    "how many rounds this repeat may take cannot be known",
                    path,
                    help="add `count: 100`, or a condition on the charge or the time to `until`",
                )
            return
        if any(step.expected_duration_s for step in new):
            continue
        expected = expected or turn
        if turn + 1 >= SPARE_ROUNDS * expected:
            reason = f"not stated; {SPARE_ROUNDS:g} x the expected rounds"
            context.assume((*path, "count"), f"{turn + 1}", reason)
            return


def _progress(scope: Scope, steps: Sequence[StepPlan]) -> bool:
    signals = {condition.signal for condition in scope.until}
    charge = any(step.expected_charge_C for step in steps)
    return bool(steps) and (Signal.TIME_S in signals or (Signal.CHARGE_C in signals and charge))
