"""One person at a terminal for all wells of a plate: one question after the other.

What is shared is asked once: what the first well has the operator set counts for every well that
asks the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from faradaic.runner.operator import Answer, Operator, OperatorQuestion, TerminalOperator

_SHARED = "Set "
"""How the questions begin that a `set` step asks."""


@dataclass(eq=False)
class _Standing:
    well: str
    question: OperatorQuestion
    answer: Answer | None = None


class PlateDesk:
    """The operator of each well, all of them one person."""

    def __init__(self, show: Callable[[str], None], lines: TextIO | None = None) -> None:
        """`show` and `lines` as of `TerminalOperator`."""
        self._terminal = TerminalOperator(show, lines)
        self._lock = threading.Lock()
        self._waiting: list[_Standing] = []
        self._shown: _Standing | None = None
        self._set: dict[str, Answer] = {}

    def of(self, well: str) -> Operator:
        """The operator of a well."""
        return _WellOperator(self, well)

    def put(self, standing: _Standing) -> None:
        """A question joins those that wait."""
        with self._lock:
            known = self._set.get(standing.question.text)
            if known is not None:
                standing.answer = known
            else:
                self._waiting.append(standing)

    def take_back(self, standing: _Standing) -> None:
        """A question has no use any more."""
        with self._lock:
            if standing in self._waiting:
                self._waiting.remove(standing)

    def look(self) -> None:
        """Hand out what was answered, and show what waits next."""
        with self._lock:
            if self._shown is not None and self._shown not in self._waiting:
                self._shown = None
            if self._shown is None and self._waiting:
                self._shown = self._waiting[0]
                question = self._shown.question
                self._terminal.ask(
                    OperatorQuestion(
                        f"well {self._shown.well}: {question.text}",
                        question.choices,
                        question.default,
                        question.no,
                    )
                )
            if self._shown is None or (answer := self._terminal.answer()) is None:
                return
            text = self._shown.question.text
            same = [self._shown]
            if text.startswith(_SHARED):
                self._set[text] = answer
                same += [one for one in self._waiting if one.question.text == text]
            for one in same:
                one.answer = answer
                if one in self._waiting:
                    self._waiting.remove(one)
            self._shown = None


class _WellOperator:
    def __init__(self, desk: PlateDesk, well: str) -> None:
        self._desk = desk
        self._well = well
        self._standing: _Standing | None = None

    def ask(self, question: OperatorQuestion) -> None:
        """Put a question; a newer question replaces an unanswered one."""
        self.withdraw()
        self._standing = _Standing(self._well, question)
        self._desk.put(self._standing)

    def answer(self) -> Answer | None:
        """The answer once there is one, given out once."""
        standing = self._standing
        if standing is None:
            return None
        if standing.answer is None:
            self._desk.look()
        if standing.answer is not None:
            self._standing = None
        return standing.answer

    def withdraw(self) -> None:
        """The question was answered by somebody else, or has no use any more."""
        if self._standing is not None:
            self._desk.take_back(self._standing)
            self._standing = None
