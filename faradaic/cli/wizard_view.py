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
                raise InputError.of(
                    "the answers ended before the questions", help=question.help, code="E704"
                )
            typed = line.strip() or question.default
            try:
                answers[question.key] = question.validate(typed)
                break
            except FaradaicError as error:
                typer.echo(error.diagnostics[0].render(), err=True)
        else:
            raise InputError.of(
                f"no usable answer to: {question.text}", help=question.help, code="E705"
            )
    return answers
