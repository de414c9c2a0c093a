"""Who answers questions: a person at a terminal, or a stated default where nobody can.

The engine never waits inside a question while current flows: it asks, goes on reading, and looks
for an answer after each reading.
"""

from __future__ import annotations

import queue
import sys
import threading
from dataclasses import dataclass
from typing import Protocol, TextIO


@dataclass(frozen=True, slots=True)
class OperatorQuestion:
    """Something only a person can tell, and what is taken where nobody is there."""

    text: str
    choices: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and by whom: `operator` or `default`."""

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


class DefaultOperator:
    """Nobody is there: every question is answered at once with its stated default."""

    def __init__(self) -> None:
        self._answer: Answer | None = None

    def ask(self, question: OperatorQuestion) -> None:
        """Take the default."""
        self._answer = Answer(question.default, by="default")

    def answer(self) -> Answer | None:
        """The default, once."""
        answer, self._answer = self._answer, None
        return answer


class TerminalOperator:
    """A person at a terminal; lines are read by a thread so that readings go on."""

    def __init__(self, lines: TextIO | None = None, out: TextIO | None = None) -> None:
        """`lines` and `out` are stdin and stderr (as they are when used) if not given."""
        self._out = out
        self._question: OperatorQuestion | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(lines or sys.stdin,), daemon=True).start()

    def _read(self, lines: TextIO) -> None:
        for line in lines:
            self._lines.put(line.strip().lower())

    def ask(self, question: OperatorQuestion) -> None:
        """Print the question with its choices."""
        self._question = question
        choices = " / ".join(question.choices)
        print(
            f"\n? {question.text}  [{choices}]  ", end="", file=self._out or sys.stderr, flush=True
        )

    def answer(self) -> Answer | None:
        """What was typed, if it names exactly one of the choices (a beginning is enough)."""
        if self._question is None:
            return None
        try:
            typed = self._lines.get_nowait()
        except queue.Empty:
            return None
        fitting = [c for c in self._question.choices if typed and c.startswith(typed)]
        if len(fitting) != 1:
            self.ask(self._question)
            return None
        self._question = None
        return Answer(fitting[0], by="operator")
