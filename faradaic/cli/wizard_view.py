"""The questions of `faradaic new`, at a terminal or from a pipe."""

from __future__ import annotations

import sys

import typer

from faradaic.diagnostics import FaradaicError, InputError
from faradaic.protocols.wizard import QUESTIONS

TRIES = 5


def ask_questions() -> dict[str, str]:
    """Ask each question that applies; an empty line takes the default."""
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if not question.when(answers):
            continue
        for _ in range(TRIES):
            shown = f" [{question.default}]" if question.default else ""
            typer.echo(f"{question.text}{shown}: ", err=True, nl=False)
            line = sys.stdin.readline()
            if not line:
                what = "the answers ended before the questions"
                raise InputError.of(what, code="E704", help=question.help)
            typed = line.strip() or question.default
            try:
                answers[question.key] = question.validate(typed)
                break
            except FaradaicError as error:
                typer.echo(error.diagnostics[0].render(), err=True)
        else:
            what = f"no usable answer to: {question.text}"
            raise InputError.of(what, code="E705", help=question.help)
    return answers
