"""Countermeasures while a step runs, where its protocol asks for them: what is due, what is done.

Each is bounded in number and journalled with the voltage before and after and the charge in either
direction. None raises a limit: the step's own stay, its time cap too. After a short, an open lead,
heat or a meter that stands still nothing is countered any more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from faradaic.diagnoses.diagnosis import Diagnosis
from faradaic.instruments.readings import Reading
from faradaic.protocols.countermeasure_plans import CounterPlan, MeasurePlan
from faradaic.protocols.device_steps import ORDER_S, SetPlan
from faradaic.protocols.plan import Condition, Signal, StepPlan, Then, step_plan
from faradaic.runner.around_the_cell import AroundTheCell
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.electrochemical_step import Decision, StepRun
from faradaic.runner.requests import Request
from faradaic.runner.waiting import Waiting

NEVER_AFTER = frozenset({"D04", "D05", "D11", "D13", "D14", "D20"})
"""Diagnoses after which nothing is countered any more."""
SMOOTHED_S = 10.0
SETTLED_S = 30.0
"""After a measure the voltage is looked at so much later."""
GAIN = 0.1
"""A measure that takes back less than this share of the rise, ..."""
TRIES = 3
"""... so often in a row, is given up."""
WITHIN_S = 600.0
"""For how long a stirrer is waited for."""


class Book(Protocol):
    """What is used of a logbook."""

    def event(self, kind: str, fields: dict[str, Any], *, durable: bool = ...) -> None: ...


class Countering:
    """The countermeasures of one run."""

    def __init__(
        self,
        book: Book,
        around: AroundTheCell,
        waiting: Waiting,
        charge: ChargeCounter,
        stream: Callable[[StepRun], Decision | None],
        replace_step: Callable[[StepRun, StepPlan], None],
    ) -> None:
        """`stream` runs a segment with every limit watched; `replace_step` puts another step in
        the place of the one that runs."""
        self._book = book
        self._around = around
        self._waiting = waiting
        self._charge = charge
        self._stream = stream
        self._replace = replace_step
        self._over = False
        self._step_id = ""
        self._begin("", 0)

    def _begin(self, step_id: str, told: int) -> None:
        self._step_id = step_id
        self._told = told
        self._next = 0
        """The place of the measure that comes next."""
        self._active: MeasurePlan | None = None
        self._done = self._failed = 0
        self._due_s = self._look_s = math.inf
        self._volts: float | None = None
        self._lowest_V = math.inf
        """Of the step so far, smoothed."""
        self._began_s: float | None = None
        self._before_V: float | None = None
        self._last_s = 0.0
        self._why = ""

    def due(
        self, run: StepRun, reading: Reading, told: Sequence[Diagnosis]
    ) -> tuple[MeasurePlan, str] | None:
        """The measure that is due after a reading, and why; None where none is."""
        plan = getattr(run.step, "counter", None)
        if self._over or not isinstance(plan, CounterPlan) or run.interlude:
            return None
        if run.step.id != self._step_id:
            self._begin(run.step.id, len(told))
        self._smooth(reading)
        fresh, self._told = told[self._told :], len(told)
        if stopped := next((one for one in fresh if one.id in NEVER_AFTER and not one.note), None):
            self._over = True
            self._event("ended", None, f"nothing is countered after {stopped.id}")
            return None
        if reading.time_s >= self._look_s:
            self._judge()
        if self._active is not None and reading.time_s >= self._due_s:
            return self._active, self._why
        seen = next((one for one in fresh if one.id in plan.on and not one.note), None)
        if seen is None or self._active is not None:
            return None
        if self._next >= len(plan.measures):
            self._over = True
            self._event("ended", None, "every countermeasure has been tried")
            return None
        self._active = plan.measures[self._next]
        self._why = f"{seen.id}: {seen.evidence}"
        self._next += 1
        self._done = self._failed = 0
        return self._active, self._why

    def act(self, run: StepRun, measure: MeasurePlan, why: str) -> Decision | None:
        """Do it, with the output off before and after; what ends the step instead, if anything
        does."""
        self._done += 1
        self._before_V = self._volts
        before = self._charge.anodic_C, self._charge.cathodic_C
        self._event("begins", measure, measure.text, why=why, durable=True)
        decision = self._carried_out(run, measure)
        anodic_C, cathodic_C = self._charge.anodic_C, self._charge.cathodic_C
        self._event(
            "over",
            measure,
            measure.text if decision is None else decision.text,
            charge_anodic_C=anodic_C - before[0],
            charge_cathodic_C=cathodic_C - before[1],
        )
        self._look_s = self._last_s + measure.time_s + SETTLED_S
        self._due_s = math.inf
        if self._done >= measure.at_most:
            self._active = None
        elif measure.every_s:
            self._due_s = self._last_s + measure.every_s
        self._volts = None
        return decision

    def _carried_out(self, run: StepRun, measure: MeasurePlan) -> Decision | None:
        match measure.what:
            case "pause":
                return Decision(Then.PAUSE, measure.text)
            case "lower":
                return self._lowered(run, measure)
            case "rest":
                return _unless_done(self._waiting.wait(measure.time_s))
            case "reverse":
                reversed_run = StepRun(
                    run.index, _reversed(run, measure.time_s), self._charge, run.poll_s
                )
                reversed_run.interlude = True
                decision = self._stream(reversed_run)
                return None if decision is None else _unless_done(decision)
            case "stir":
                return self._stirred(run, measure)

    def _stirred(self, run: StepRun, measure: MeasurePlan) -> Decision | None:
        if measure.setting is None:
            question = f"Please see to it that {measure.text}"
            return _unless_done(self._waiting.ask(question, ("done", "stop"), "done"))
        waited = measure.setting.tolerance is not None
        setting = SetPlan(
            id=run.step.id,
            path=run.step.path,
            line=run.step.line,
            label=measure.text,
            settings=(measure.setting,),
            time_cap_s=WITHIN_S if waited else ORDER_S,
            expected_duration_s=0.0,
        )
        return _unless_done(self._around.do(setting, run.index))

    def _lowered(self, run: StepRun, measure: MeasurePlan) -> Decision | None:
        """A lower current for what is left, where its time cap has room for that."""
        step = run.step
        current_A = (step.held_current_A or 0.0) * (1.0 - measure.share)
        lower = step.model_copy(
            update={
                "current_A": current_A,
                "label": f"{step.label}, lowered by {measure.share:.0%}",
            }
        )
        needs_s, left_s = run.left_C() / abs(current_A), step.time_cap_s - run.elapsed_s
        if needs_s > left_s:
            text = f"not lowered: what is left would take {needs_s:.0f} s, and the cap leaves"
            self._event("refused", measure, f"{text} {left_s:.0f} s")
            return None
        self._replace(run, lower)
        return None

    def _smooth(self, reading: Reading) -> None:
        if reading.cell_voltage_V is None or not reading.current_A:
            return
        voltage_V = abs(reading.cell_voltage_V)
        if self._volts is None:
            self._volts = voltage_V
        else:
            dt_s = max(0.0, reading.time_s - self._last_s)
            self._volts -= math.expm1(-dt_s / SMOOTHED_S) * (voltage_V - self._volts)
        self._last_s = reading.time_s
        if self._began_s is None:
            self._began_s = reading.time_s
        if reading.time_s - self._began_s >= SETTLED_S:
            self._lowest_V = min(self._lowest_V, self._volts)

    def _judge(self) -> None:
        """What the last measure has come to; given up after a few that did nothing."""
        self._look_s = math.inf
        if self._before_V is None or self._volts is None:
            return
        rise_V = max(self._before_V - self._lowest_V, 1e-3)
        gain = (self._before_V - self._volts) / rise_V
        self._failed = 0 if gain >= GAIN else self._failed + 1
        self._event(
            "effect",
            self._active,
            f"{self._before_V:.3g} V before, {self._volts:.3g} V {SETTLED_S:g} s after",
            before_V=self._before_V,
            after_V=self._volts,
            share_of_rise=gain,
        )
        if self._failed >= TRIES and self._active is not None:
            self._event(
                "given_up", self._active, f"{TRIES} in a row took back less than {GAIN:.0%}"
            )
            self._active, self._due_s = None, math.inf

    def _event(
        self,
        what: str,
        measure: MeasurePlan | None,
        text: str,
        *,
        durable: bool = False,
        **more: Any,
    ) -> None:
        told: dict[str, Any] = {"what": what, "measure": measure.what if measure else ""}
        told |= {"text": text, "number": self._done, "step": self._step_id}
        self._book.event("countermeasure", {**told, **more}, durable=durable)


def _reversed(run: StepRun, time_s: float) -> StepPlan:
    """The same current the other way for a time, within what the step has left of its caps."""
    step = run.step
    own = set(step_plan("constant_current").model_fields)
    told: dict[str, Any] = {k: value for k, value in step.model_dump().items() if k in own}
    cap_C = step.charge_cap_C
    text = f"{time_s:g} s of the reverse current are over"
    told |= {
        "kind": "constant_current",
        "current_A": -(step.held_current_A or 0.0),
        "label": f"{step.label}, reversed as a countermeasure",
        "until": (Condition(signal=Signal.TIME_S, at_least=time_s, text=text),),
        "time_cap_s": 2.0 * time_s + 5.0,
        "charge_cap_C": None if cap_C is None else max(0.0, cap_C - run.gross_C),
        "expected_duration_s": time_s,
        "target_charge_C": None,
        "counter": None,
        "on_pause": "open_circuit",
    }
    return step_plan("constant_current").model_validate(told)


def _unless_done(decision: Decision) -> Decision | None:
    """What ends the step; None where the measure was carried out to its end."""
    done = decision.crossing is None and decision.then is Then.NEXT
    return None if done and decision.request is Request.NONE else decision
