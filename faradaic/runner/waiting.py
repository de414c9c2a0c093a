"""What a run waits for with its output off: the end of a pause, a person, the clock."""

from __future__ import annotations

import math
from collections.abc import Callable

from faradaic.instruments.clock import Clock
from faradaic.protocols.plan import Then
from faradaic.quantities.constants import HOUR_S
from faradaic.runner.electrochemical_step import Decision
from faradaic.runner.logbook import Logbook
from faradaic.runner.operator import Answer, OperatorQuestion
from faradaic.runner.progress import ProgressTold
from faradaic.runner.questions import Questions
from faradaic.runner.requests import Asked, Request
from faradaic.runner.states import RunState, StateMachine
from faradaic.runner.world import World

SKIP = "skip"
"""The answer of who goes on with the next step from elsewhere."""
LOOK_S = 0.05
"""How often it is looked whether somebody has answered."""
PAUSE_CAP_S = 24 * HOUR_S
"""A pause that nobody ends is ended as a stop after this long (wall time)."""


class Waiting:
    """The waits of one run."""

    def __init__(
        self,
        book: Logbook,
        machine: StateMachine,
        progress: ProgressTold,
        world: World,
        questions: Questions,
        *,
        simulated: bool,
    ) -> None:
        self._book = book
        self._machine = machine
        self._progress = progress
        self._clock = world.clock
        self._people: Clock = world.people
        self._questions = questions
        self._controls = world.controls
        self._simulated = simulated

    def pause(
        self, decision: Decision, default: str | None, modify: Callable[[Asked], None] | None = None
    ) -> Decision | None:
        """Wait, output off; None to resume, otherwise what to do instead.

        `default` is what is done where nobody can answer; a pause by a signal is then a stop, one
        from another terminal waits for what comes from there. `modify` changes the step.
        """
        self._machine.move(RunState.PAUSED_OPEN_CIRCUIT, decision.text)
        if decision.request is not Request.NONE:
            from_elsewhere = decision.asked is not None and decision.asked.by is not None
            default = None if from_elsewhere else "stop"
        choices = ("resume", "next", "stop")
        text = f"Paused, output off: {decision.text}. Go on?"
        answer = self._ask(OperatorQuestion(text, choices, default), modify)
        if answer.choice == "resume":
            return None
        if answer.choice in ("next", SKIP):
            who = answer.by if answer.choice == SKIP else "the operator"
            self._machine.move(RunState.RUNNING, f"{who} goes on with the next step")
            text = f"{decision.text}; went on with the next step"
            request = Request.SKIP if answer.choice == SKIP else Request.NONE
            return Decision(Then.NEXT, text, request=request)
        return Decision(Then.END, f"{decision.text}; stopped", request=Request.STOP)

    def ask(self, text: str, choices: tuple[str, ...], default: str) -> Decision:
        """Wait until the operator has done something."""
        default = default if self._simulated else "stop"
        answer = self._ask(OperatorQuestion(text, choices, default))
        if answer.choice == "stop":
            return Decision(Then.END, f"{text}: stopped", request=Request.STOP)
        request = Request.SKIP if answer.choice == SKIP else Request.NONE
        return Decision(Then.NEXT, f"{text}: {answer.choice} ({answer.by})", request=request)

    def _ask(
        self, question: OperatorQuestion, modify: Callable[[Asked], None] | None = None
    ) -> Answer:
        """Wait for the answer with the output off, from whoever answers first.

        Ctrl+C asks again, and twice it stops.
        """
        self._controls.taken()
        self._questions.ask(question)
        since_s = self._people.monotonic_s()
        patience_s = since_s + PAUSE_CAP_S
        while (answer := self._questions.answer()) is None:
            now_s = self._people.monotonic_s()
            waited_s = now_s - since_s
            self._progress.waits(self._machine.state, self._book.now_s(), waited_s)
            self.write_notes()
            if (asked := self._controls.asked) is not None:
                choice = self._choice(asked, question, modify)
                if choice is not None:
                    answer = Answer(choice, by=asked.reason)
                    break
            if now_s > patience_s:
                answer = Answer("stop", by="nobody answered")
                break
            self._people.sleep_until(now_s + LOOK_S)
        self._questions.withdraw()
        self._controls.taken()
        self.note(question.text, answer)
        return answer

    def _choice(
        self,
        asked: Asked,
        question: OperatorQuestion,
        modify: Callable[[Asked], None] | None,
    ) -> str | None:
        """What a request answers to a question; None where it is no answer."""
        if asked.request >= Request.STOP:
            asked.acted(self._controls.output)
            return "stop"
        self._controls.take(asked)
        match asked.request:
            case Request.PAUSE if asked.by is None:
                self._questions.ask(question)
            case Request.PAUSE:
                asked.refuse("it waits already, with its output off")
            case Request.MODIFY if modify is not None:
                modify(asked)
            case Request.MODIFY:
                asked.refuse("nothing of this step can be modified")
            case request:
                asked.acted()
                return question.choices[0] if request is Request.RESUME else SKIP
        return None

    def write_notes(self) -> None:
        """Write down what people have sent."""
        for note in self._controls.notes():
            self._book.event("note", {"text": note.text, "by": note.by})

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
        """Wait for some time of the bench's clock; pauses do not count."""
        end_s = self._clock.monotonic_s() + duration_s

        def over() -> Decision | None:
            done = self._clock.monotonic_s() >= end_s
            return Decision(Then.NEXT, "its time is over") if done else None

        def paused(paused_s: float) -> None:
            nonlocal end_s
            end_s += paused_s

        return self.until(over, 1.0, lambda: end_s, paused)

    def until(
        self,
        over: Callable[[], Decision | None],
        look_s: float,
        due_s: Callable[[], float] = lambda: math.inf,
        paused: Callable[[float], None] = lambda paused_s: None,
    ) -> Decision:
        """Wait for a decision, which is looked for every `look_s` of the bench's clock, and at
        `due_s`; what people ask for comes in between."""
        began_s = self._clock.monotonic_s()
        while (decision := over()) is None:
            now_s = self._clock.monotonic_s()
            self._progress.waits(self._machine.state, self._book.now_s(), now_s - began_s)
            self.write_notes()
            if (asked := self._controls.asked) is not None:
                decision = self._during_wait(asked)
                if decision is not None:
                    return decision
                paused_s = self._clock.monotonic_s() - now_s
                began_s += paused_s
                paused(paused_s)
            self._clock.sleep_until(min(due_s(), now_s + look_s))
        return decision

    def _during_wait(self, asked: Asked) -> Decision | None:
        """What a request does to a wait; None to go on with it."""
        if asked.request >= Request.STOP:
            return Decision(Then.END, asked.reason, request=Request.STOP)
        self._controls.take(asked, until_off=asked.request is Request.PAUSE)
        match asked.request:
            case Request.PAUSE:
                paused = Decision(Then.PAUSE, asked.reason, request=Request.PAUSE, asked=asked)
                decision = self.pause(paused, None)
                if decision is None:
                    self._machine.move(RunState.RUNNING, "resumed")
                return decision
            case Request.SKIP:
                asked.acted()
                return Decision(Then.NEXT, asked.reason, request=Request.SKIP)
            case Request.MODIFY:
                asked.refuse("nothing of a wait can be modified")
            case _:
                asked.refuse("it is waiting, not paused")
        return None
