"""Questions of a run, and their answers: from the operator, or from another terminal.

Whoever answers first has answered. Nobody is waited for while current flows: what a person is to
decide about a step is asked beside its readings, and looked at after each.
"""

from __future__ import annotations

from collections.abc import Callable

from faradaic.protocols.plan import Condition
from faradaic.runner.electrochemical_step import Decision
from faradaic.runner.operator import DEFAULT, Answer, Operator, OperatorQuestion
from faradaic.runner.requests import Controls
from faradaic.runner.watch import ConditionWatch


class Questions:
    """What people are asked, by one run."""

    def __init__(self, operator: Operator, controls: Controls) -> None:
        self._operator = operator
        self._controls = controls

    def ask(self, question: OperatorQuestion) -> None:
        """Put a question; a newer question replaces an unanswered one."""
        self._controls.asks(question)
        self._operator.ask(question)

    def answer(self) -> Answer | None:
        """The answer once there is one, given out once."""
        if (answer := self._controls.answered()) is not None:
            self._operator.withdraw()
            return answer
        answer = self._operator.answer()
        if answer is not None and answer.by != DEFAULT:
            self._controls.asks(None)
        return answer

    def withdraw(self) -> None:
        """The question has no use any more."""
        self._controls.asks(None)
        self._operator.withdraw()


class ConditionsAsked:
    """The conditions of a step that a person decides while current flows."""

    def __init__(self, questions: Questions, note: Callable[[str, Answer], None]) -> None:
        """`note` is given each question with its answer."""
        self._questions = questions
        self._note = note
        self._standing: Condition | None = None

    def begin(self) -> None:
        """Another step begins, or this one is over: what was asked of it has no use any more."""
        if self._standing is not None:
            self._standing = None
            self._questions.withdraw()

    def again(self) -> None:
        """Another question stood in the place of what is still to be answered."""
        if self._standing is not None:
            self._ask(self._standing)

    def met(self, watch: ConditionWatch, charge_C: float) -> Decision | None:
        """What was answered yes, and what follows; asks what is due at a charge of the step.

        Where nobody is there, what is taken in their place is written down, and the question
        stands for who answers it from elsewhere.
        """
        due = watch.question_due(charge_C)
        if due is not None:
            self._standing = due
            self._ask(due)
        standing = self._standing
        if standing is None or (answer := self._questions.answer()) is None:
            return None
        self._note(standing.question or standing.text, answer)
        if answer.choice == "yes":
            self._standing = None
            return Decision(standing.then, standing.text)
        if answer.by != DEFAULT:
            self._standing = None
        return None

    def _ask(self, condition: Condition) -> None:
        text = condition.question or condition.text
        self._questions.ask(OperatorQuestion(text, ("yes", "not yet"), "not yet", no="not yet"))
