"""Who answers questions: a person at a terminal, or a stated default where nobody can.

The engine never waits inside a question while current flows: it asks, goes on reading, and looks
for an answer after each reading.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TextIO

DEFAULT = "default"
"""Who has answered where nobody did."""

_YES = frozenset(("y", "yes", "ok", "j", "ja", "o", "oui"))
_NO = frozenset(("n", "no", "nein", "non"))


@dataclass(frozen=True, slots=True)
class OperatorQuestion:
    """Something only a person can tell, and what is taken where nobody is there."""

    text: str
    choices: tuple[str, ...]
    """The first is what a yes means."""
    default: str | None
    """None where it waits for an answer from elsewhere."""
    no: str | None = None
    """The choice that a no means, where one does."""

    def choice(self, typed: str) -> str | None:
        """The choice that was typed: its number, its beginning, or a yes or no that means it.

        None where it is none of these or may be meant in two ways: `n` is no answer where there
        is a `next` that is not what a no means.
        """
        words = " ".join(typed.lower().split())
        if words.isdecimal():
            number = int(words)
            return self.choices[number - 1] if 0 < number <= len(self.choices) else None
        meant: set[str | None] = {c for c in self.choices if words and c.startswith(words)}
        if words in self.choices:
            return words
        meant |= {self.choices[0]} if words in _YES else {self.no} if words in _NO else set()
        return meant.pop() if len(meant) == 1 else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and by whom: `operator`, `default`, or who asked from elsewhere."""

    choice: str
    by: str


class Operator(Protocol):
    """Asked by the engine, polled for the answer."""

    def ask(self, question: OperatorQuestion) -> None:
        """Put a question; a newer question replaces an unanswered one."""
        ...

    def answer(self) -> Answer | None:
        """The answer once there is one, given out once."""
        ...

    def withdraw(self) -> None:
        """The question was answered by somebody else, or has no use any more."""
        ...


class DefaultOperator:
    """Nobody is there: every question is answered at once with its stated default."""

    def __init__(self) -> None:
        self._answer: Answer | None = None

    def ask(self, question: OperatorQuestion) -> None:
        """Take the default, where there is one."""
        default = question.default
        self._answer = None if default is None else Answer(default, by=DEFAULT)

    def answer(self) -> Answer | None:
        """The default, once."""
        answer, self._answer = self._answer, None
        return answer

    def withdraw(self) -> None:
        """Nobody was asked."""
        self._answer = None


class TerminalOperator:
    """A person at a terminal; lines are read by a thread so that readings go on."""

    def __init__(self, show: Callable[[str], None], lines: TextIO | None = None) -> None:
        """`show` puts a question where it is seen, and is given "" once it is answered; `lines`
        is stdin if not given."""
        self._show = show
        self._question: OperatorQuestion | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(lines or sys.stdin,), daemon=True).start()

    def _read(self, lines: TextIO) -> None:
        for line in lines:
            self._lines.put(line)

    def ask(self, question: OperatorQuestion) -> None:
        """Show the question with its choices; what was typed before it is no answer to it."""
        while self._typed() is not None:
            pass
        self._put(question)

    def answer(self) -> Answer | None:
        """What was typed, if it means one of the choices; else they are shown again."""
        if self._question is None or (typed := self._typed()) is None:
            return None
        choice = self._question.choice(typed)
        if choice is None:
            self._put(self._question, f"`{typed.strip()}` is none of the choices. ")
            return None
        self.withdraw()
        return Answer(choice, by="operator")

    def withdraw(self) -> None:
        """Take the question away."""
        if self._question is not None:
            self._question = None
            self._show("")

    def _put(self, question: OperatorQuestion, before: str = "") -> None:
        self._question = question
        self._show(f"? {before}{question.text}  [{' / '.join(question.choices)}]")

    def _typed(self) -> str | None:
        try:
            return self._lines.get_nowait()
        except queue.Empty:
            return None
