"""The engine: walks a plan on a bench and writes down what happened.

One in-order walk over the plan's steps. After every reading: limits, then requests from outside,
then the step's conditions, then questions for the operator. Whatever ends the walk, the output is
turned off and read back, and the journal gets exactly one `run_stop`. Between what ends a stream
and its output's off nothing is written: the records follow, so that no disk delays the off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from faradaic.diagnostics import Diagnostic, FaradaicError, InputError, StorageError
from faradaic.instruments.readings import Identity, OutputState, Reading
from faradaic.protocols.endings import RUN
from faradaic.protocols.plan import AskPlan, Condition, Plan, Signal, StepPlan, Then
from faradaic.protocols.step_kinds.wait import WaitPlan
from faradaic.quantities.constants import HOUR_S
from faradaic.runner.bench_ports import Interruption, out_of_reach
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.electrochemical_step import POLL_S, Decision, StepRun
from faradaic.runner.host import DeviceHost
from faradaic.runner.logbook import JournalSink, Logbook
from faradaic.runner.operator import Answer, Operator, OperatorQuestion
from faradaic.runner.progress import ProgressTold, RunProgress
from faradaic.runner.requests import Controls, Request
from faradaic.runner.run_result import RunResult, internal_error
from faradaic.runner.states import EXIT_CODES, RunState, StateMachine
from faradaic.runner.translate import segment_for
from faradaic.runner.verdict import StepEnd, Verdict
from faradaic.runner.watch import LimitWatch, Signals

PAUSE_CAP_S = 24 * HOUR_S
"""A pause that nobody ends is ended as a stop after this long (wall time)."""

INTERRUPTIONS_MAX = 5
"""This many interruptions with no reading between them end the run."""

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
        host: DeviceHost,
        *,
        operator: Operator,
        controls: Controls,
        observe: Callable[[RunProgress], None] | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        if plan.bench_sha256 != bench_sha256:
            raise InputError.of(
                f"this plan was compiled for another bench than the one given ({plan.bench})",
                code="E420",
                help="compile the protocol again for this bench",
            )
        self._plan = plan
        self._host = host
        self._clock = host.clock
        self._operator = operator
        self._controls = controls
        self._progress = ProgressTold(plan, self._clock, observe)
        self._poll_s = poll_s
        self._limits = LimitWatch(plan.limits)
        self._charge = ChargeCounter(gap_s=0.0)
        self._output = OutputState(None, "the run ended before the bench was opened")
        self._pending: Condition | None = None
        self._after_off: Callable[[], None] | None = None
        self._simulated = True
        self._verdict = Verdict(plan, modelled=False)
        self._guessed = False
        self._left = ""
        self._worked_s = 0.0
        self._began: dict[str, tuple[float, float]] = {}

    def preflight(self) -> Identity:
        """Open the bench, identify the source and read its output back as off."""
        identity = self._host.open()
        self._output = self._host.output_off()
        return identity

    def run(self, journal: JournalSink, header: Mapping[str, Any]) -> RunResult:
        """Walk the plan. Never raises for what happens on the bench: see the result."""
        self._book = Logbook(journal, self._clock)
        self._machine = StateMachine(self._leave_output_off, self._record_state)
        self._simulated = bool(header.get("simulated"))
        self._guessed = self._simulated and any(one.guess for one in self._plan.cell.assumptions)
        modelled = self._simulated and not header.get("faults")
        self._verdict = Verdict(self._plan, modelled=modelled)
        diagnostics: tuple[Diagnostic, ...] = ()
        exit_code: int | None = None
        try:
            self._book.begin(header)
            for state, reason in (
                (RunState.COMPILED, "plan compiled for this bench"),
                (RunState.PREFLIGHT, "bench opened and identified"),
                (RunState.ARMED, f"output off: {self._output.evidence}"),
                (RunState.RUNNING, "first step"),
            ):
                self._machine.move(state, reason)
            self._walk()
            outcome, reason = RunState.COMPLETED, "every step is done"
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
        for index, step in enumerate(self._plan.steps):
            if self._left and step.id.startswith(self._left):
                continue
            self._book.event(
                "step_start",
                {
                    "step": step.id,
                    "index": index,
                    "kind": step.kind,
                    "label": step.label,
                },
            )
            before = self._charge.gross_C, self._charge.net_C, self._book.now_s()
            self._pending = None
            decision: Decision | None = None
            try:
                decision = self._do(index, step)
            finally:
                passed = self._charge.gross_C - before[0], self._charge.net_C - before[1]
                self._verdict.step_ended(StepEnd(step, *passed, decision))
            self._book.event(
                "step_stop",
                {
                    "step": step.id,
                    "index": index,
                    "reason": decision.then.value,
                    "text": decision.text,
                    "charge_gross_C": passed[0],
                    "charge_net_C": passed[1],
                    "duration_s": self._book.now_s() - before[2],
                },
            )
            self._left = decision.leaves
            self._act(decision)

    def _do(self, index: int, step: StepPlan) -> Decision:
        self._progress.begins(index, step.label)
        if isinstance(step, AskPlan):
            return self._ask_and_wait(step.question, ("done", "stop"), "done")
        if isinstance(step, WaitPlan):
            self._worked_s += step.time_cap_s
            return self._wait(step.time_cap_s)
        run = StepRun(index, step, self._charge, self._poll_s, self._passed(step))
        self._charge.gap_s = GAP_INTERVALS * run.poll_s
        if run.met_before is not None:
            return Decision.of(run.met_before)
        self._pending = None
        try:
            return self._done(run)
        finally:
            self._worked_s += run.elapsed_s

    def _passed(self, step: StepPlan) -> dict[str, tuple[float, float]]:
        """Gross charge and time since the run and the repeats of a step began."""
        now = self._charge.gross_C, self._worked_s
        for condition in step.until:
            began = (0.0, 0.0) if condition.since == RUN else now
            self._began.setdefault(condition.since, began)
        return {
            since: (now[0] - charge_C, now[1] - time_s)
            for since, (charge_C, time_s) in self._began.items()
        }

    def _done(self, run: StepRun) -> Decision:
        while True:
            decision = self._stream(run)
            if decision is None:
                continue  # what is left of the step in another segment
            if decision.then is not Then.PAUSE:
                return decision
            resumed = self._pause(decision, default="resume" if run.watch.any_left() else "next")
            if resumed is not None:
                return resumed
            self._machine.move(RunState.RUNNING, "resumed")
            run.resume()
            if self._pending is not None:  # the pause took the place of this question
                self._ask_whether(self._pending)

    def _act(self, decision: Decision) -> None:
        if decision.crossing is not None:
            limit = decision.crossing.limit
            self._verdict.crossed(limit)
            raise _Leave(RunState.TRIPPED, f"{decision.text} (limit set by {limit.set_by})")
        if decision.request is not Request.NONE:
            raise _Leave(RunState.STOPPED, decision.text)
        if decision.then is Then.END:
            raise _Leave(RunState.COMPLETED, decision.text)
        if decision.then is Then.ABORT:
            raise _Leave(RunState.ABORTED, decision.text)

    # A stream of readings -------------------------------------------------------------------

    def _stream(self, run: StepRun) -> Decision | None:
        """One segment; None when it ended as told and the step is not done."""
        segment = segment_for(run.step, run.left_s(), run.left_C(), run.poll_s)
        run.begin_segment(self._clock.monotonic_s())
        if run.step.passes_current:
            self._book.output_on_intent(segment)
            self._charge.output_on(self._clock.monotonic_s())
        stream = self._host.run(segment)
        try:
            while True:
                try:
                    reading = next(stream)
                except StopIteration as end:
                    if isinstance(end.value, Interruption):
                        self._interrupted(run, end.value)
                        return None
                    return run.ended(end.value)
                decision = self._take(run, reading)
                charge = self._charge.gross_C, self._charge.net_C
                record = partial(self._record, run, reading, *charge, decision)
                if decision is not None:
                    self._after_off = record
                    return decision
                record()
        finally:
            off_s: float | None = None
            try:
                stream.close()
                off_s = self._clock.monotonic_s()
            finally:
                self._leave_output_off(off_s)

    def _interrupted(self, run: StepRun, gap: Interruption) -> None:
        """The output is off and nobody wanted that: what is left goes on in another segment.

        Raises `DeviceError` where it cannot, or was away for too long.
        """
        now_s = self._clock.monotonic_s()
        self._charge.output_off(gap.lost_s, gap.back_s)
        self._after_off = partial(self._book.interruption, gap, now_s)
        away_s = now_s - gap.lost_s
        over = f"the output was off, read back, after {gap.back_s - gap.lost_s:.2g} s: {gap.why}"
        if not run.goes_on:
            raise out_of_reach(f"a sweep that is interrupted cannot go on where it stood; {over}")
        if away_s > self._plan.interruption_s + run.poll_s:
            allowed = f"{self._plan.interruption_s:g} s allowed"
            raise out_of_reach(f"the bench was out of reach for {away_s:.2g} s ({allowed}); {over}")
        run.interruptions_in_a_row += 1
        if run.interruptions_in_a_row >= INTERRUPTIONS_MAX:
            raise out_of_reach(
                f"{INTERRUPTIONS_MAX} interruptions without a reading between; {over}"
            )

    def _take(self, run: StepRun, reading: Reading) -> Decision | None:
        signals = run.take(reading)
        self._verdict.take(run.step, reading)
        return (
            run.over_limit(reading)
            or self._crossed(signals, reading)
            or self._requested()
            or self._met(run, signals, reading.time_s)
            or run.capped()
        )

    def _record(
        self,
        run: StepRun,
        reading: Reading,
        gross_C: float,
        net_C: float,
        decision: Decision | None,
    ) -> None:
        """A reading with the charge of the run after it, and what was decided on it."""
        if reading.refused:
            text = f"a line of the instrument was refused: {reading.refused}"
            self._book.event("note", {"text": text, "by": "the driver", "raw": reading.raw})
        if run.keeps(reading) or decision is not None:
            self._book.reading(reading, run.index, gross_C, net_C)
        time_s = self._book.since_start_s(reading.time_s)
        if decision is not None and decision.crossing is not None:
            self._book.limit(decision.crossing, reading)
        self._progress.read(run, reading, time_s, gross_C, guessed=self._guessed)

    def _crossed(self, signals: Signals, reading: Reading) -> Decision | None:
        whole_run = {
            Signal.CHARGE_C: self._charge.gross_C,
            Signal.NET_CHARGE_C: self._charge.net_C,
            Signal.TIME_S: self._book.since_start_s(reading.time_s),
        }
        crossing = self._limits.crossed({**signals, **whole_run}, reading.time_s)
        return None if crossing is None else Decision(Then.ABORT, crossing.limit.text, crossing)

    def _requested(self) -> Decision | None:
        request = self._controls.request
        if request is Request.NONE:
            return None
        if request is Request.PAUSE:
            self._controls.taken()
            return Decision(Then.PAUSE, self._controls.reason, request=request)
        return Decision(Then.END, self._controls.reason, request=request)

    def _met(self, run: StepRun, signals: Signals, now_s: float) -> Decision | None:
        condition = run.watch.met(signals, now_s, run.reach_C)
        if condition is not None:
            return Decision.of(condition)
        due = run.watch.question_due(run.gross_C)
        if due is not None:
            self._pending = due
            self._ask_whether(due)
        if self._pending is None:
            return None
        answer = self._operator.answer()
        if answer is None:
            return None
        asked, self._pending = self._pending, None
        self._note(asked.question or asked.text, answer)
        return Decision(asked.then, asked.text) if answer.choice == "yes" else None

    def _ask_whether(self, condition: Condition) -> None:
        text = condition.question or condition.text
        self._operator.ask(OperatorQuestion(text, ("yes", "not yet"), "not yet", no="not yet"))

    # Pauses and people ----------------------------------------------------------------------

    def _pause(self, decision: Decision, default: str) -> Decision | None:
        """Wait, output off; None to resume, otherwise what to do instead.

        `default` is what is done where nobody can answer; a pause that somebody asked for is
        then a stop.
        """
        self._machine.move(RunState.PAUSED_OPEN_CIRCUIT, decision.text)
        if decision.request is not Request.NONE:
            default = "stop"
        choices = ("resume", "next", "stop")
        text = f"Paused, output off: {decision.text}. Go on?"
        answer = self._ask(OperatorQuestion(text, choices, default))
        if answer.choice == "resume":
            return None
        if answer.choice == "next":
            self._machine.move(RunState.RUNNING, "the operator goes on with the next step")
            return Decision(Then.NEXT, f"{decision.text}; went on with the next step")
        return Decision(Then.END, f"{decision.text}; stopped", request=Request.STOP)

    def _ask_and_wait(self, text: str, choices: tuple[str, ...], default: str) -> Decision:
        default = default if self._simulated else "stop"
        answer = self._ask(OperatorQuestion(text, choices, default))
        if answer.choice == "stop":
            return Decision(Then.END, f"{text}: stopped", request=Request.STOP)
        return Decision(Then.NEXT, f"{text}: {answer.choice} ({answer.by})")

    def _ask(self, question: OperatorQuestion) -> Answer:
        """Wait for the answer with the output off; Ctrl+C asks again, and twice it stops."""
        self._controls.taken()
        self._operator.ask(question)
        since_s = time.monotonic()
        patience_s = since_s + PAUSE_CAP_S
        while (answer := self._operator.answer()) is None:
            waited_s = time.monotonic() - since_s
            self._progress.waits(self._machine.state, self._book.now_s(), waited_s)
            if self._controls.request is Request.PAUSE:
                self._controls.taken()
                self._operator.ask(question)
            if self._controls.request >= Request.STOP:
                answer = Answer("stop", by=self._controls.reason)
                break
            if time.monotonic() > patience_s:
                answer = Answer("stop", by="nobody answered")
                break
            time.sleep(0.05)
        self._controls.taken()
        self._note(question.text, answer)
        return answer

    def _note(self, question: str, answer: Answer) -> None:
        self._book.event(
            "note",
            {
                "text": f"{question} - {answer.choice}",
                "question": question,
                "answer": answer.choice,
                "by": answer.by,
            },
        )

    def _wait(self, duration_s: float) -> Decision:
        end_s = self._clock.monotonic_s() + duration_s
        while (now_s := self._clock.monotonic_s()) < end_s:
            waited_s = duration_s - (end_s - now_s)
            self._progress.waits(self._machine.state, self._book.now_s(), waited_s)
            if self._controls.request > Request.NONE:
                return Decision(Then.END, self._controls.reason, request=Request.STOP)
            self._clock.sleep_until(min(end_s, now_s + 1.0))
        return Decision(Then.NEXT, "its time is over")

    # Output, records, the end -----------------------------------------------------------------

    def _leave_output_off(self, off_s: float | None = None) -> None:
        """`off_s`: when the driver said that it had turned the output off, if it did; the
        instrument's own word goes first."""
        self._verdict.output_off()
        self._output = self._host.output_off()
        read_back_s = self._clock.monotonic_s()
        if self._output.since_s is not None:
            off_s = read_back_s = self._output.since_s
        self._charge.output_off(read_back_s if off_s is None else off_s, read_back_s)
        record, self._after_off = self._after_off, None
        if record is not None:
            record()
        self._book.output_off(self._output)

    def _record_state(self, before: RunState, to: RunState, reason: str) -> None:
        fields = {"from": before.value, "to": to.value, "reason": reason}
        self._book.event("state", fields, durable=True)

    def _finish(
        self,
        outcome: RunState,
        reason: str,
        diagnostics: tuple[Diagnostic, ...],
        exit_code: int | None,
    ) -> RunResult:
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
        if self._output.on is not False:
            outcome, exit_code = RunState.FAILED, exit_code or 3
            reason = f"{reason}; the output could not be read back as off: {self._output.evidence}"
        remarks = self._host.remarks()
        diagnostics = (*diagnostics, *remarks)
        result = RunResult(
            outcome=outcome,
            stop_reason=reason,
            charge_gross_C=self._charge.gross_C,
            charge_net_C=self._charge.net_C,
            charge_low_C=self._charge.low_C,
            charge_high_C=self._charge.high_C,
            duration_s=self._book.now_s(),
            samples=self._book.samples,
            output=self._output,
            exit_code=EXIT_CODES[outcome] if exit_code is None else exit_code,
            planned_charge_C=verdict.planned_charge_C,
            share_of_planned=verdict.share,
            ended_because=because,
            missing_charge=verdict.missing_charge,
            model_at_fault=verdict.model_at_fault,
            diagnostics=diagnostics,
        )
        try:
            for remark in remarks:
                self._book.event("note", {"text": remark.message})
            self._book.event("run_stop", result.as_record(), durable=True)
        except StorageError:
            pass  # the journal ends without its last record; the result still says why
        finally:
            self._host.close()
        return result
