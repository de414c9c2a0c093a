"""What a run waits for with its output off: the end of a pause, a person, the clock."""

from __future__ import annotations

import time

from faradaic.instruments.clock import Clock
from faradaic.protocols.plan import Then
from faradaic.quantities.constants import HOUR_S
from faradaic.runner.electrochemical_step import Decision
from faradaic.runner.logbook import Logbook
from faradaic.runner.operator import Answer, Operator, OperatorQuestion
from faradaic.runner.progress import ProgressTold
from faradaic.runner.requests import Controls, Request
from faradaic.runner.states import RunState, StateMachine

PAUSE_CAP_S = 24 * HOUR_S
"""A pause that nobody ends is ended as a stop after this long (wall time)."""


class Waiting:
    """The waits of one run."""

    def __init__(
        self,
        book: Logbook,
        machine: StateMachine,
        progress: ProgressTold,
        clock: Clock,
        operator: Operator,
        controls: Controls,
        *,
        simulated: bool,
    ) -> None:
        self._book = book
        self._machine = machine
        self._progress = progress
        self._clock = clock
        self._operator = operator
        self._controls = controls
        self._simulated = simulated

    def pause(self, decision: Decision, default: str) -> Decision | None:
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

    def ask(self, text: str, choices: tuple[str, ...], default: str) -> Decision:
        """Wait until the operator has done something."""
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
        self.note(question.text, answer)
        return answer

    def note(self, question: str, answer: Answer) -> None:
        """Write down what was asked and answered."""
        self._book.event(
            "note",
            {
                "text": f"{question} - {answer.choice}",
                "question": question,
                "answer": answer.choice,
                "by": answer.by,
            },
        )

    def wait(self, duration_s: float) -> Decision:
        """Wait for some time of the bench's clock."""
        end_s = self._clock.monotonic_s() + duration_s
        while (now_s := self._clock.monotonic_s()) < end_s:
            waited_s = duration_s - (end_s - now_s)
            self._progress.waits(self._machine.state, self._book.now_s(), waited_s)
            if self._controls.request > Request.NONE:
                return Decision(Then.END, self._controls.reason, request=Request.STOP)
            self._clock.sleep_until(min(end_s, now_s + 1.0))
        return Decision(Then.NEXT, "its time is over")
