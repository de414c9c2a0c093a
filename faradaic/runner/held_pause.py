"""A pause in which the output stays on, as the protocol declares it.

The segment goes on and so do its readings: limits and caps are watched as in the step itself, the
charge is booked, and it counts for the step. What would end the step ends the hold: the output
goes off, and the pause waits with the output off until somebody resumes it.
"""

from __future__ import annotations

from faradaic.instruments.readings import Reading
from faradaic.protocols import wording
from faradaic.protocols.plan import Then
from faradaic.runner.electrochemical_step import Decision, StepRun
from faradaic.runner.operator import OperatorQuestion
from faradaic.runner.questions import Questions
from faradaic.runner.requests import Asked, Controls, Request
from faradaic.runner.states import RunState, StateMachine
from faradaic.runner.waiting import SKIP, Waiting
from faradaic.runner.watch import Signals

HELD = {
    "hold_potential": RunState.PAUSED_HOLD_POTENTIAL,
    "keep_current": RunState.PAUSED_KEEP_CURRENT,
}
"""States by what a step declares for its pauses; with any other the output goes off."""

_WORDS = {"hold_potential": "the voltage held", "keep_current": "the current kept"}


class HeldPause:
    """The held pauses of one run, one at a time."""

    def __init__(
        self, machine: StateMachine, controls: Controls, questions: Questions, waiting: Waiting
    ) -> None:
        self._machine = machine
        self._controls = controls
        self._questions = questions
        self._waiting = waiting
        self._since_s: float | None = None
        self._text = ""
        self._request = Request.NONE
        self._by: Asked | None = None
        self._untold: Asked | None = None
        """Who asked for the pause and has not been told that it has begun."""
        self._question = ""

    @property
    def active(self) -> bool:
        """Get whether the run is paused with its output on."""
        return self._since_s is not None

    def begins(self, run: StepRun, decision: Decision, now_s: float) -> bool:
        """Whether a decision is a pause that is held from now on."""
        if self.active or decision.then is not Then.PAUSE or run.step.on_pause not in HELD:
            return False
        self._since_s, self._text = now_s, decision.text
        self._request, self._by = decision.request, decision.asked
        self._untold = decision.asked
        self._machine.move(HELD[run.step.on_pause], decision.text)
        default: str | None = "resume"
        if decision.asked is not None:
            default = None if decision.asked.by is not None else "stop"
            self._controls.taken()
        words = _WORDS[run.step.on_pause]
        self._question = f"Paused, {words}: {decision.text}. Go on?"
        self._questions.ask(OperatorQuestion(self._question, ("resume", "next", "stop"), default))
        return True

    def decides(self, run: StepRun, signals: Signals, reading: Reading) -> Decision | None:
        """What ends the hold, after the limits have been looked at; None while it goes on, and
        when the step is resumed."""
        if self._untold is not None:
            self._untold.acted()
            self._untold = None
        if (decision := self.asked()) is not None:
            return decision
        if (decision := self._answered()) is not None or not self.active:
            return decision
        condition = run.watch.met(signals, reading.time_s, run.reach_C)
        if condition is not None and condition.then is not Then.PAUSE:
            return self.over(Decision.of(condition), run)
        assert self._since_s is not None
        at_most_s = run.step.hold_at_most_s
        if at_most_s is not None and reading.time_s - self._since_s >= at_most_s:
            self.ends()
            text = f"{self._text}; held for {wording.duration(at_most_s)}, then the output off"
            return Decision(Then.PAUSE, text, request=self._request, asked=self._by)
        return None

    def over(self, decision: Decision, run: StepRun) -> Decision:
        """What ends the step while it is held: a pause with the output off, and then that."""
        if decision.crossing is not None or decision.then is Then.ABORT:
            return decision
        self.ends()
        run.over = decision
        text = f"{self._text}; meanwhile {decision.text}, so the output is off"
        return Decision(Then.PAUSE, text, request=self._request, asked=self._by)

    def ends(self) -> None:
        """It is over, one way or another."""
        if self.active:
            self._since_s = None
            self._questions.withdraw()
            if self._untold is not None:
                self._untold.acted()
                self._untold = None

    def leave(self, decision: Decision) -> None:
        """The step is over, and its output off: the run goes on, or ends."""
        self.ends()
        if decision.then is Then.NEXT and self._machine.state in HELD.values():
            self._machine.move(RunState.RUNNING, "the pause is over with its step")

    def asked(self) -> Decision | None:
        """What a request from outside ends."""
        asked = self._controls.asked
        if asked is None:
            return None
        if asked.request >= Request.STOP:
            self.ends()
            return Decision(Then.END, asked.reason, request=asked.request, asked=asked)
        self._controls.take(asked, until_off=asked.request is Request.SKIP)
        match asked.request:
            case Request.RESUME:
                asked.acted()
                self._resumed(asked.reason)
            case Request.SKIP:
                self.ends()
                return Decision(Then.NEXT, asked.reason, request=Request.SKIP, asked=asked)
            case Request.PAUSE if asked.by is None:
                self._questions.ask(
                    OperatorQuestion(self._question, ("resume", "next", "stop"), "stop")
                )
            case Request.PAUSE:
                asked.refuse("it is paused already, with its output on as the protocol says")
            case _:
                asked.refuse("it is paused with its output on: resume it first")
        return None

    def _answered(self) -> Decision | None:
        answer = self._questions.answer()
        if answer is None:
            return None
        self._waiting.note(self._question, answer)
        if answer.choice == "resume":
            self._resumed("resumed")
            return None
        self.ends()
        text = f"{self._text}; {'stopped' if answer.choice == 'stop' else 'went on'}"
        if answer.choice in ("next", SKIP):
            return Decision(Then.NEXT, f"{text} with the next step")
        return Decision(Then.END, text, request=Request.STOP)

    def _resumed(self, reason: str) -> None:
        self.ends()
        self._machine.move(RunState.RUNNING, reason)
