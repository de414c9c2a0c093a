"""The questions of `faradaic new`, at a terminal or from a pipe."""

from __future__ import annotations

import sys

from faradaic.cli.output import say
from faradaic.diagnostics import FaradaicError, refusal
from faradaic.protocols.wizard import QUESTIONS

TRIES = 5


def ask_questions() -> dict[str, str]:
    """Ask each question that applies; an empty line takes the default."""
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if not question.when(answers):
            continue
        for _ in range(TRIES):
            usual = f" [{question.default}]" if question.default else ""
            say(f"{question.text}{usual}: ", err=True, end="")
            line = sys.stdin.readline()
            if not line:
                what = "the answers ended before the questions"
                raise refusal("E704", what, question.help)
            typed = line.strip() or question.default
            try:
                answers[question.key] = question.validate(typed)
                break
            except FaradaicError as error:
                say(error.diagnostics[0].render(), err=True)
        else:
            what = f"no usable answer to: {question.text}"
            raise refusal("E705", what, question.help)
    return answers
