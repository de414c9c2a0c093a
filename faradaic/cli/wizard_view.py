"""The questions of `faradaic new`, at a terminal or from a pipe.

A pipe gives one answer a line. Prompts go to stderr, so that stdout holds what was done.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import typer

from faradaic.cli.output import print_briefly, print_diagnostics, say, shown
from faradaic.diagnostics import Diagnostic, InputError, Severity, did_you_mean, refusal
from faradaic.protocols.wizard.interview import Finished, Interview, Standing
from faradaic.protocols.wizard.question import NOTHING
from faradaic.quantities import format_duration
from faradaic.runner.bench_file import DEFAULT, Bench, load_bench, shipped_benches, user_benches

TRIES = 5
"""For one answer from a pipe; a person has as many as it takes."""
BACK = ("back", "b")
_WELCOME = (
    "Enter takes what stands in brackets, `back` returns, `?` explains, Ctrl+C leaves;\n"
    'nothing is written before the end. "b" in quotation marks is an answer, not a command.\n'
)


class KnownBenches:
    """The benches of the package and of this user."""

    def names(self) -> Sequence[str]:
        """Those that need no path, the default first."""
        return list(dict.fromkeys((DEFAULT, *shipped_benches(), *user_benches())))

    def load(self, name: str) -> Bench:
        """One of them, or that of a file. Raises `InputError`."""
        return _bench(name)


@cache
def _bench(name: str) -> Bench:
    return load_bench(name)


def ask_questions(file: Path, bench: str | None) -> Finished:
    """Ask until there is a protocol that checks and plans on the bench that was named.

    `bench` is offered where one is asked for. Raises `InputError` where no such bench is known
    (E421) and a pipe ends too early (E704) or has no usable answer (E705); ends with 5 where a
    person leaves.
    """
    try:
        return _protocol(file, bench)
    except KeyboardInterrupt:
        say("\nnothing was written", err=True)
        raise typer.Exit(5) from None


def _protocol(file: Path, bench: str | None) -> Finished:
    benches = KnownBenches()
    if bench:
        benches.load(bench)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    person = sys.stdin.isatty()
    if person:
        say(_WELCOME, err=True)
    interview = Interview(benches, {"bench": bench} if bench else None)
    tries = 0
    while True:
        standing = interview.standing()
        if standing is None:
            finished = _finished(interview)
            if finished and (not person or _confirmed(interview, finished, file)):
                return finished
            continue
        typed = _line(_prompt(standing), person, standing)
        if _command(typed, interview, standing):
            continue
        try:
            remark = interview.answer(_unquoted(typed))
            tries = 0
            if remark:
                say(f"  {remark}", err=True)
        except InputError as error:
            tries += 1
            say(error.diagnostics[0].render(), err=True)
            if tries == TRIES and not person:
                raise refusal(
                    "E705", f"no usable answer to: {_words(standing)}", _help(standing)
                ) from None


def _words(standing: Standing) -> str:
    return standing.asked.question.words(standing.asked.situation)


def _help(standing: Standing) -> str:
    return standing.asked.question.help(standing.asked.situation)


def _prompt(standing: Standing) -> str:
    mark = {"default": "default: ", "guess": "guess: "}.get(standing.origin, "")
    if standing.default == NOTHING:
        mark = ""
    offered = f" [{mark}{standing.default}]" if standing.default else ""
    return f"{_words(standing)}{offered}: "


def _line(prompt: str, person: bool, standing: Standing | None) -> str:
    """What was typed, without outer spaces; a person may edit the line with the arrow keys."""
    if person and sys.stdout.isatty():
        with suppress(ImportError):  # not on every system
            import readline  # noqa: F401
        try:
            return input(shown(prompt)).strip()
        except EOFError:  # Ctrl+D is leaving, too
            raise KeyboardInterrupt from None
    say(prompt, err=True, end="")
    line = sys.stdin.readline()
    if line:
        if not person:
            say(line.rstrip("\n"), err=True)
        return line.strip()
    if person:
        raise KeyboardInterrupt
    what = "the answers ended before the questions"
    raise refusal(
        "E704", what, "" if standing is None else f"{_words(standing)}? {_help(standing)}"
    )


def _command(typed: str, interview: Interview, standing: Standing) -> bool:
    """Do what is no answer: explain, or go back."""
    if typed == "?":
        say(f"  {_help(standing)}", err=True)
        if standing.default:
            say(f"  Enter: {standing.default}", err=True)
    elif typed.lower() in BACK:
        if not interview.back():
            say("  this is the first question", err=True)
    else:
        return False
    return True


def _unquoted(typed: str) -> str:
    return typed[1:-1] if len(typed) > 1 and typed[0] == typed[-1] == '"' else typed


def _finished(interview: Interview) -> Finished | None:
    """The protocol; None where something is wrong, which is printed, and is asked again."""
    try:
        return interview.finished()
    except InputError as error:
        print_diagnostics(error.diagnostics)
        return None


def _confirmed(interview: Interview, finished: Finished, file: Path) -> bool:
    """Show a person what will be written and planned; False where an answer is to be changed."""
    plan = finished.plan
    say(f"\n{finished.text}", err=True)
    length = format_duration(plan.estimates.duration_s)
    say(f"On bench {finished.bench} it takes up to {length}.", err=True)
    print_briefly([found for found in plan.diagnostics if found.severity is Severity.WARNING])
    question = f"\nWrite {file}? Enter: yes; `back`, or what to change, such as `solvent`: "
    while True:
        typed = _line(question, True, None).lower()
        if typed in ("", "y", "yes"):
            return True
        if typed in BACK:
            interview.back()
            return False
        key = typed.replace(" ", "_")
        if key in interview.answered:
            interview.reopen(key)
            return False
        names = [key.replace("_", " ") for key in interview.answered]
        if typed == "?":
            say(f"  What can be changed: {', '.join(names)}", err=True)
        else:
            message = f"`{typed}` was not asked"
            told = Diagnostic("E710", message, help=did_you_mean(typed, names))
            say(told.render(), err=True)
