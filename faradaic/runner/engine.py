"""The engine: walks a plan on a bench and writes down what happened.

One in-order walk over the plan's steps. After every reading: limits, then requests from outside,
then the step's conditions, then questions for the operator. Whatever ends the walk, the output is
turned off and read back, and the journal gets exactly one `run_stop`. Between what ends a stream
and its output's off nothing is written: the records follow, so that no disk delays the off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from faradaic.diagnostics import Diagnostic, FaradaicError, InputError, StorageError
from faradaic.instruments.readings import Identity, OutputState, Reading
from faradaic.protocols.device_steps import DeviceStep
from faradaic.protocols.endings import RUN
from faradaic.protocols.level_steps import VaryingPlan
from faradaic.protocols.plan import AskPlan, Plan, Signal, StepPlan, Then
from faradaic.protocols.step_kinds.wait import WaitPlan
from faradaic.runner.around_the_cell import AroundTheCell
from faradaic.runner.bench_ports import Interruption, out_of_reach
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.countering import Countering
from faradaic.runner.electrochemical_step import POLL_S, Decision, StepRun
from faradaic.runner.held_pause import HeldPause
from faradaic.runner.logbook import JournalSink, Logbook
from faradaic.runner.modification import in_round_of, later_rounds
from faradaic.runner.progress import ProgressTold
from faradaic.runner.questions import ConditionsAsked, Questions
from faradaic.runner.requests import Asked, Request
from faradaic.runner.run_result import RunResult, internal_error
from faradaic.runner.states import EXIT_CODES, RunState, StateMachine
from faradaic.runner.translate import segment_for
from faradaic.runner.verdict import StepEnd, Verdict
from faradaic.runner.waiting import Waiting
from faradaic.runner.watch import LimitWatch, Signals
from faradaic.runner.world import World

OFF_WITHIN_S = 10.0
"""For how long a run tries at its end to read the output back off; its host goes on."""

GAP_INTERVALS = 3.0
"""Readings further apart than this many reading intervals leave a gap in the charge."""


class _Leave(Exception):
    """The walk is over before its last step."""

    def __init__(self, outcome: RunState, reason: str) -> None:
        self.outcome = outcome
        self.reason = reason
        super().__init__(reason)


class Engine:
    """Runs one plan once."""

    def __init__(
        self,
        plan: Plan,
        bench_sha256: str,
        world: World,
        *,
        poll_s: float = POLL_S,
    ) -> None:
        if plan.bench_sha256 != bench_sha256:
            raise InputError.of(
                f"this plan was compiled for another bench than the one given ({plan.bench})",
                code="E420",
                help="compile the protocol again for this bench",
            )
        self._plan = plan
        self._world = world
        self._host = world.host
        self._around = AroundTheCell(plan, world.host)
        self._clock = world.clock
        self._controls = world.controls
        self._progress = ProgressTold(plan, self._clock, world.observe)
        self._poll_s = poll_s
        self._limits = LimitWatch(plan.limits)
        self._charge = ChargeCounter(gap_s=0.0)
        self._output = OutputState(None, "the run ended before the bench was opened")
        self._after_off: Callable[[], None] | None = None
        self._simulated = True
        self._verdict = Verdict(plan, modelled=False)
        self._left, self._guessed = "", False
        self._skipped: list[str] = []
        self._worked_s = 0.0
        self._began: dict[str, tuple[float, float]] = {}

    def preflight(self) -> Identity:
        """Open the bench, identify the source and read its output back as off."""
        identity = self._host.open()
        self._output = self._host.output_off()
        self._around.preflight()
        return identity

    def run(self, journal: JournalSink, header: Mapping[str, Any]) -> RunResult:
        """Walk the plan. Never raises for what happens on the bench: see the result."""
        of_levels = any(isinstance(step, VaryingPlan) for step in self._plan.steps)
        self._book = Logbook(
            journal, self._clock, self._around.columns, self._around.values, of_levels=of_levels
        )
        self._book.on_sleep = lambda duration_s: self._charge.suspended(duration_s)
        self._machine = StateMachine(self._leave_output_off, self._record_state)
        self._simulated = bool(header.get("simulated"))
        self._guessed = self._simulated and any(one.guess for one in self._plan.cell.assumptions)
        questions = Questions(self._world.operator, self._controls)
        told = self._book, self._machine, self._progress
        self._waiting = Waiting(*told, self._world, questions, simulated=self._simulated)
        self._asked = ConditionsAsked(questions, self._waiting.note)
        self._countering = Countering(
            self._book, self._around, self._waiting, self._charge, self._stream, self._replaced
        )
        self._hold = HeldPause(self._machine, self._controls, questions, self._waiting)
        modelled = self._simulated and not header.get("faults")
        self._verdict = Verdict(self._plan, self._book, modelled=modelled)
        diagnostics: tuple[Diagnostic, ...] = ()
        exit_code: int | None = None
        try:
            self._book.begin(header)
            self._around.begin(self._book, self._waiting)
            self._machine.move(RunState.COMPILED, "plan compiled for this bench")
            self._machine.move(RunState.PREFLIGHT, "bench opened and identified")
            self._machine.move(RunState.ARMED, f"output off: {self._output.evidence}")
            self._machine.move(RunState.RUNNING, "first step")
            self._walk()
            outcome, reason = RunState.COMPLETED, "every step is done"
            if self._skipped:
                reason = f"the last step is over, but not every step: {'; '.join(self._skipped)}"
        except _Leave as leave:
            outcome, reason = leave.outcome, leave.reason
        except KeyboardInterrupt:
            outcome, reason = RunState.STOPPED, self._controls.reason or "interrupted"
        except FaradaicError as error:
            diagnostics, exit_code = error.diagnostics, error.exit_code
            outcome, reason = RunState.FAILED, error.diagnostics[0].message
        except Exception as error:  # noqa: BLE001 - whatever it is, the output goes off
            diagnostics = (internal_error(error),)
            outcome, reason = RunState.FAILED, diagnostics[0].message
        return self._finish(outcome, reason, diagnostics, exit_code)

    # The walk -----------------------------------------------------------------------------

    def _walk(self) -> None:
        for index in range(len(self._plan.steps)):
            step = self._plan.steps[index]  # as it may have been modified in a round before
            if self._left and step.id.startswith(self._left):
                continue
            place = {"step": step.id, "index": index}
            self._book.event("step_start", {**place, "kind": step.kind, "label": step.label})
            before = self._charge.gross_C, self._charge.net_C, self._book.now_s()
            decision: Decision | None = None
            try:
                decision = self._do(index, step)
            finally:
                passed = self._charge.gross_C - before[0], self._charge.net_C - before[1]
                step = self._plan.steps[index]  # as it was modified
                self._verdict.step_ended(StepEnd(step, *passed, decision))
            self._book.event(
                "step_stop",
                {
                    **place,
                    "reason": decision.then.value,
                    "text": decision.text,
                    "charge_gross_C": passed[0],
                    "charge_net_C": passed[1],
                    "duration_s": self._book.now_s() - before[2],
                },
            )
            self._left = decision.leaves
            self._act(step, decision)

    def _do(self, index: int, step: StepPlan) -> Decision:
        self._progress.begins(index, step.label)
        if isinstance(step, AskPlan):
            return self._waiting.ask(step.question, ("done", "stop"), "done")
        if isinstance(step, WaitPlan):
            self._worked_s += step.time_cap_s
            return self._waiting.wait(step.time_cap_s)
        if isinstance(step, DeviceStep):
            return self._around.do(step, index)
        run = StepRun(index, step, self._charge, self._poll_s, self._passed(step))
        self._charge.gap_s = GAP_INTERVALS * run.poll_s
        if run.met_before is not None:
            return Decision.of(run.met_before)
        try:
            return self._done(run)
        finally:
            self._asked.begin()
            self._worked_s += run.elapsed_s

    def _passed(self, step: StepPlan) -> dict[str, tuple[float, float]]:
        """Gross charge and time since the run and the repeats of a step began."""
        now = self._charge.gross_C, self._worked_s
        for condition in step.until:
            began = (-self._plan.earlier_C, 0.0) if condition.since == RUN else now
            self._began.setdefault(condition.since, began)
        return {
            since: (now[0] - charge_C, now[1] - time_s)
            for since, (charge_C, time_s) in self._began.items()
        }

    def _done(self, run: StepRun) -> Decision:
        while True:
            decision = self._hold.asked() if self._hold.active else self._requested(run)
            decision = decision or self._around.barred(run.step)
            if decision is None:
                decision = self._stream(run)
                if self._output.on is not False and (decision is None or not decision.crossing):
                    raise out_of_reach(
                        f"the output is not known to be off: {self._output.evidence}"
                    )
            else:  # before anything was switched on
                self._controls.output_is_off(self._output)
            if decision is None and (decision := run.met_with_its_off()) is None:
                continue  # what is left of the step in another segment
            if decision.measure is not None:
                decision = self._countering.act(run, *decision.measure)
                self._verdict.diagnosing.treated()
                if decision is None:
                    continue
            if decision.request is Request.MODIFY:
                self._modify(run, decision.asked)
                continue
            if decision.then is not Then.PAUSE:
                self._hold.leave(decision)
                return decision
            default = "resume" if run.watch.any_left() else "next"
            resumed = self._waiting.pause(decision, default, partial(self._modify, run))
            if resumed is not None:
                return resumed
            self._machine.move(RunState.RUNNING, "resumed")
            if run.over is not None:
                return run.over
            run.resume()
            self._asked.again()

    def _act(self, step: StepPlan, decision: Decision) -> None:
        if decision.crossing is not None:
            self._verdict.crossed(decision.crossing.limit)
        elif decision.request is Request.SKIP:
            self._skipped.append(f"step {step.id} ({step.label}): {decision.text}")
        if (end := decision.end) is not None:
            raise _Leave(*end)

    # A stream of readings -------------------------------------------------------------------

    def _stream(self, run: StepRun) -> Decision | None:
        """One segment; None when it ended as told and the step is not done."""
        left = run.left_s(), run.left_C(), run.poll_s, run.elapsed_s
        segment = segment_for(run.step, *left, run.behind)
        if run.behind:
            self._book.series_goes_on(run.step.series_words(run.behind), run.behind)
        run.begin_segment(self._clock.monotonic_s())
        if run.step.passes_current:
            self._book.output_on_intent(segment)
            most_A = run.step.held_current_A or run.step.current_limit_A or 0.0
            self._charge.output_on(self._clock.monotonic_s(), abs(most_A))
        stream = self._host.run(segment)
        try:
            while True:
                try:
                    reading = next(stream)
                except StopIteration as end:
                    if isinstance(end.value, Interruption):
                        self._interrupted(run, end.value)
                        return None
                    decision = run.ended(end.value)
                    over = decision is not None and self._hold.active
                    return self._hold.over(decision, run) if decision and over else decision
                decision = self._take(run, reading)
                record = partial(self._record, run, reading, self._charge.booked(), decision)
                if decision is not None:
                    self._after_off = record
                    return decision
                record()
                self._around.write_down()
                self._waiting.write_notes()
                told = self._verdict.diagnosing.told
                if not self._hold.active and (due := self._countering.due(run, reading, told)):
                    return Decision(Then.NEXT, due[0].text, measure=due)
        finally:
            off_s: float | None = None
            try:
                stream.close()
                off_s = self._clock.monotonic_s()
            finally:
                self._leave_output_off(off_s)

    def _interrupted(self, run: StepRun, gap: Interruption) -> None:
        """The output is off and nobody wanted that: what is left goes on in another segment.

        Raises `DeviceError` where it cannot, or was away for too long (`StepRun.interrupted`).
        """
        now_s = self._clock.monotonic_s()
        self._charge.output_off(gap.lost_s, gap.back_s)
        self._after_off = partial(self._book.interruption, gap, now_s)
        run.interrupted(gap, now_s - gap.lost_s, self._plan.interruption_s)

    def _take(self, run: StepRun, reading: Reading) -> Decision | None:
        signals = run.take(reading)
        if not run.interlude:
            self._verdict.take(run, reading)
        return (
            run.over_limit(reading)
            or self._crossed(signals, reading)
            or self._around.tripped(run.step)
            or self._held_or_met(run, signals, reading)
            or run.capped()
        )

    def _held_or_met(self, run: StepRun, signals: Signals, reading: Reading) -> Decision | None:
        if self._hold.active:
            return self._hold.decides(run, signals, reading)
        decision = self._requested(run) or self._met(run, signals, reading.time_s)
        if decision is not None and self._hold.begins(run, decision, reading.time_s):
            return None
        return decision

    def _record(
        self,
        run: StepRun,
        reading: Reading,
        booked: tuple[float, float, float | None],
        decision: Decision | None,
    ) -> None:
        """A reading with the charge of the run after it, and what was decided on it."""
        if reading.refused:
            text = f"a line of the instrument was refused: {reading.refused}"
            self._book.event("note", {"text": text, "by": "the driver", "raw": reading.raw})
        self._book.charge_bounds(self._charge.unbracketed_C, self._charge.gap_C)
        if run.keeps(reading) or decision is not None:
            self._book.reading(reading, run.index, booked)
        self._book.point(reading, run.index)
        time_s = self._book.since_start_s(reading.time_s)
        if decision is not None and decision.crossing is not None:
            self._book.limit(decision.crossing, reading)
        state, told = self._machine.state, self._verdict.written_down()
        self._progress.read(run, reading, time_s, booked[0], state, told, guessed=self._guessed)

    def _crossed(self, signals: Signals, reading: Reading) -> Decision | None:
        whole_run = {
            Signal.CHARGE_C: self._plan.earlier_C + self._charge.gross_C,
            Signal.NET_CHARGE_C: self._charge.net_C,
            Signal.TIME_S: self._book.since_start_s(reading.time_s),
        }
        crossing = self._limits.crossed({**signals, **whole_run}, reading.time_s)
        return None if crossing is None else Decision(Then.ABORT, crossing.limit.text, crossing)

    def _requested(self, run: StepRun) -> Decision | None:
        asked = self._controls.asked
        if asked is None:
            return None
        if asked.request >= Request.STOP:
            return Decision(Then.END, asked.reason, request=asked.request, asked=asked)
        refused = ""
        if asked.request is Request.RESUME:
            refused = "it is running, not paused"
        elif asked.request is Request.MODIFY:
            refused = self._refusal(run, asked)
        self._controls.take(asked, until_off=not refused)
        if refused:
            asked.refuse(refused)
            return None
        then = Then.PAUSE if asked.request is Request.PAUSE else Then.NEXT
        return Decision(then, asked.reason, request=asked.request, asked=asked)

    def _refusal(self, run: StepRun, asked: Asked) -> str:
        """Why the running step is not modified; empty where it can be."""
        if (change := asked.modification) is None:
            return "it does not say what to modify"
        revision = len(self._controls.modified)
        return change.refusal(run.step, self._limits.limits, revision, run.is_over_as)

    def _modify(self, run: StepRun, asked: Asked | None) -> None:
        """The output is off: the rest of the step is done otherwise."""
        assert asked is not None
        if refused := self._refusal(run, asked):
            asked.refuse(refused)
            return
        change = asked.modification
        assert change is not None
        steps = list(self._plan.steps)
        for index in (run.index, *later_rounds(steps, run.index)):
            steps[index] = in_round_of(change.step, steps[index])
        self._plan = self._plan.model_copy(update={"steps": tuple(steps), "limits": change.limits})
        run.modify(change.step)
        self._limits.replace(change.limits)
        self._charge.gap_s = GAP_INTERVALS * run.poll_s
        self._verdict.planned_anew(self._plan)
        after = {key: after for key, (_, after) in change.changes.items()}
        self._controls.modified.append((change.step.id, after))
        asked.acted(self._output)
        told = {"what": change.words, **change.as_message(), "by": asked.by}
        self._book.event("modify", told, durable=True)

    def _replaced(self, run: StepRun, step: StepPlan) -> None:
        """The rest of a step is done as another one, by a countermeasure."""
        steps = list(self._plan.steps)
        steps[run.index] = step
        self._plan = self._plan.model_copy(update={"steps": tuple(steps)})
        run.modify(step)
        self._verdict.planned_anew(self._plan)

    def _met(self, run: StepRun, signals: Signals, now_s: float) -> Decision | None:
        if (condition := run.met(signals, now_s)) is not None:
            return Decision.of(condition)
        return self._asked.met(run.watch, run.gross_C)

    # Output, records, the end -----------------------------------------------------------------

    def _leave_output_off(self, off_s: float | None = None) -> None:
        """`off_s`: when the driver said that it had turned the output off, if it did; the
        instrument's own word goes first."""
        self._verdict.output_off()
        self._output = self._host.output_off()
        self._controls.output_is_off(self._output)
        read_back_s = self._clock.monotonic_s()
        if self._output.since_s is not None:
            off_s = self._output.since_s
            read_back_s = off_s if self._output.by_s is None else self._output.by_s
        off_s = read_back_s if off_s is None else off_s
        self._charge.output_off(off_s, read_back_s, known=self._output.on is False)
        record, self._after_off = self._after_off, None
        if record is not None:
            record()
        self._book.charge_bounds(self._charge.unbracketed_C, self._charge.gap_C)
        self._book.output_off(self._output, self._charge.gross_C, self._charge.net_C)
        for text in self._host.notes():
            self._book.event("note", {"text": text, "by": "the driver"})

    def _until_now(self) -> None:
        """What may have flowed since nobody knew whether the output was on."""
        now_s = self._clock.monotonic_s()
        self._charge.output_off(now_s, now_s, known=self._output.on is False)

    def _record_state(self, before: RunState, to: RunState, reason: str) -> None:
        told = {"from": before.value, "to": to.value, "reason": reason}
        self._book.event("state", told, durable=True)

    def _finish(
        self,
        outcome: RunState,
        reason: str,
        diagnostics: tuple[Diagnostic, ...],
        exit_code: int | None,
    ) -> RunResult:
        self._controls.run_is_over()
        verdict, because = self._verdict, reason
        if verdict.drove_itself and outcome is RunState.COMPLETED:
            outcome, exit_code = RunState.FAILED, EXIT_CODES[RunState.TRIPPED]
        reason, diagnostics = verdict.reason(reason), (*diagnostics, *verdict.diagnostics())
        try:
            self._machine.move(RunState.FINISHING, reason)
            self._machine.move(outcome, reason)
        except StorageError as error:
            outcome, exit_code = RunState.FAILED, error.exit_code
            reason = error.diagnostics[0].message
            diagnostics = (*diagnostics, *error.diagnostics)
            self._output = self._host.output_off()
        orders = self._around.told_to_rest()
        if self._output.on is not False:
            self._output = self._host.output_off(OFF_WITHIN_S)
            self._until_now()
        if self._output.on is not False:
            outcome, exit_code = RunState.FAILED, exit_code or 3
            reason = f"{reason}; the output could not be read back as off: {self._output.evidence}"
        rested = self._around.at_rest(orders, is_off=self._output.on is False)
        remarks = (*rested, *self._host.remarks())
        if self._output.on is None:  # meanwhile too
            self._until_now()
        diagnostics = (*diagnostics, *remarks)
        result = verdict.result(
            outcome,
            reason,
            because,
            self._charge,
            duration_s=self._book.now_s(),
            samples=self._book.samples,
            output=self._output,
            exit_code=EXIT_CODES[outcome] if exit_code is None else exit_code,
            diagnostics=diagnostics,
        )
        try:
            self._book.end([remark.message for remark in remarks], result.as_record())
        finally:
            self._host.close()
        return result
