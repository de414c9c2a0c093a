"""A run beside its own rehearsal, as it goes: how far its voltage is from the one that was
rehearsed at the same charge, and since when that is more than the rehearsal is known to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from faradaic.instruments.readings import Reading, Regulation
from faradaic.protocols.plan import Plan, StepPlan
from faradaic.protocols.rehearsed_course import RehearsedStep
from faradaic.quantities.constants import FARADAY_C_PER_MOL

SMOOTHED_S = 20.0
"""Over which deviations are averaged: bubbles and noise are no deviation."""
HELD_S = 60.0
"""For how long the mean has to be outside before it is told."""
FURTHER = 2.0
"""A deviation that has grown by this factor is told again."""
MOST_TOLD = 12
"""Of one step."""


class Book(Protocol):
    """What is used of a logbook."""

    def event(self, kind: str, fields: dict[str, Any], *, durable: bool = ...) -> None: ...

    def since_start_s(self, monotonic_s: float) -> float: ...


@dataclass(slots=True)
class _Beside:
    """One step so far."""

    course: RehearsedStep
    mean_V: float | None = None
    """The smoothed deviation."""
    last_s: float = 0.0
    last_C: float = 0.0
    since: tuple[float, float] | None = None
    """Time and charge of the run since when the mean is outside."""
    told_V: float | None = None
    """The deviation that was told last; None while it is inside."""
    told: int = 0
    seen_C: float = 0.0
    sum_VC: float = 0.0
    outside_C: float = 0.0
    largest_V: float = 0.0
    at_C: float = 0.0


class AgainstRehearsal:
    """What a run is compared with, step by step; nothing where its plan has no rehearsal."""

    def __init__(self, plan: Plan, book: Book | None = None) -> None:
        self._book = book
        self._rehearsal = plan.rehearsal
        self._courses = {one.step: one for one in plan.rehearsal.steps} if plan.rehearsal else {}
        amount_mol = plan.limiting_amount_mol
        self._amount_C = FARADAY_C_PER_MOL * amount_mol if amount_mol else None
        self._step: StepPlan | None = None
        self._beside: _Beside | None = None
        self._pending: list[dict[str, Any]] = []
        self._steps: list[dict[str, Any]] = []
        self.brief = ""
        """What the status line says; empty while the run is where it was rehearsed."""

    def planned_anew(self, plan: Plan) -> None:
        """A step was modified: from now on it is not the one that was rehearsed."""
        kept = {step.id: step for step in plan.steps}
        if self._step is not None and kept.get(self._step.id) != self._step:
            self._courses.pop(self._step.id, None)
            self._end()

    def take(self, step: StepPlan, reading: Reading, step_C: float, run_C: float) -> None:
        """A reading, with the gross charge of its step and of the run after it."""
        if step is not self._step:
            self._end()
            self._step = step
            course = self._courses.get(step.id)
            self._beside = None if course is None else _Beside(course)
        beside, voltage_V = self._beside, reading.cell_voltage_V
        if beside is None or voltage_V is None or reading.regulation is Regulation.OFF:
            return
        if step_C < beside.course.charge_C[0] or (known := beside.course.at(step_C)) is None:
            return
        low_V, mid_V, high_V = known
        deviation_V = math.copysign(1.0, step.held_current_A or 1.0) * voltage_V - mid_V
        dt_s = max(0.0, reading.time_s - beside.last_s)
        if beside.mean_V is None:
            beside.mean_V = deviation_V
        else:
            beside.mean_V -= math.expm1(-dt_s / SMOOTHED_S) * (deviation_V - beside.mean_V)
            passed_C = step_C - beside.last_C
            beside.seen_C += passed_C
            beside.sum_VC += passed_C * deviation_V
        beside.last_s, beside.last_C = reading.time_s, step_C
        mean_V, width_V = beside.mean_V, high_V - mid_V
        if mean_V < 0.0:
            width_V = mid_V - low_V
        if abs(mean_V) > abs(beside.largest_V):
            beside.largest_V, beside.at_C = mean_V, run_C
        self._judge(beside, reading.time_s, run_C, width_V)

    def _judge(self, beside: _Beside, now_s: float, run_C: float, width_V: float) -> None:
        assert beside.mean_V is not None
        mean_V = beside.mean_V
        if abs(mean_V) <= width_V:
            if beside.told_V is not None:
                text = f"back at the rehearsal at {self._charge(run_C)}, within {width_V:.2g} V"
                self._tell(beside, now_s, run_C, width_V, text)
            beside.since = beside.told_V = None
            self.brief = ""
            return
        if beside.since is None or (beside.told_V or mean_V) * mean_V < 0.0:
            beside.since, beside.told_V = (now_s, run_C), None
        since_s, since_C = beside.since
        if now_s - since_s < HELD_S:
            return
        side = "above" if mean_V > 0.0 else "below"
        words = f"{abs(mean_V):.2g} V {side} the rehearsal since {self._charge(since_C)}"
        self.brief = words
        beside.outside_C = run_C - since_C
        if beside.told_V is None or abs(mean_V) >= FURTHER * abs(beside.told_V):
            beside.told_V = mean_V
            text = f"{words}, which is known to {width_V:.2g} V here"
            self._tell(beside, now_s, run_C, width_V, text)

    def _tell(self, beside: _Beside, now_s: float, run_C: float, width_V: float, text: str) -> None:
        assert self._step is not None
        assert beside.since is not None
        beside.told += 1
        if beside.told > MOST_TOLD:
            return
        self._pending.append(
            {
                "step": self._step.id,
                "text": text,
                "above_V": beside.mean_V,
                "known_to_V": width_V,
                "charge_C": run_C,
                "since_C": beside.since[1],
                "now_s": now_s,
                "began_s": beside.since[0],
            }
        )

    def _charge(self, charge_C: float) -> str:
        if self._amount_C:
            return f"{charge_C / self._amount_C:.3g} F/mol"
        return f"{charge_C:.3g} C"

    def step_ended(self) -> None:
        """A step is over."""
        self._end()

    def _end(self) -> None:
        beside, step = self._beside, self._step
        self._beside = self._step = None
        if beside is None or step is None or beside.mean_V is None:
            return
        self._steps.append(
            {
                "step": step.id,
                "mean_V": beside.sum_VC / beside.seen_C if beside.seen_C else beside.mean_V,
                "largest_V": beside.largest_V,
                "largest_at_C": beside.at_C,
                "last_V": beside.mean_V,
                "compared_C": beside.seen_C,
                "text": self.brief,
            }
        )

    def write_down(self) -> None:
        """What is told goes into the journal; called when what a reading decides has been done."""
        if self._book is None:
            return
        pending, self._pending = self._pending, []
        for one in pending:
            began_s = self._book.since_start_s(one.pop("began_s"))
            at_s = self._book.since_start_s(one.pop("now_s"))
            self._book.event("against_rehearsal", {**one, "since_s": began_s, "at_s": at_s})

    def as_record(self) -> dict[str, Any]:
        """What the journal's last record keeps of it; empty where nothing was compared."""
        if self._rehearsal is None or not self._steps:
            return {}
        return {
            "steps": self._steps,
            "guess": self._rehearsal.guess,
            "calibrated_by": self._rehearsal.calibrated_by,
        }
