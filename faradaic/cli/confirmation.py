"""A person's word before a real bench is energised."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from faradaic.cli.output import say

if TYPE_CHECKING:
    from faradaic.runner.bench_file import Bench


def confirm(bench: Bench, through: str, *, yes: bool) -> None:
    """A real bench is energised only when a person says so."""
    from faradaic.diagnostics import InputError, refusal

    if yes:
        return
    if not sys.stdin.isatty():
        raise refusal(
            "E706",
            f"bench {bench.name} is real and nobody is here to confirm",
            "run it from a terminal, or add --yes",
        )
    say(f"\nThis will pass current through {through} on bench {bench.name}.", err=True)
    typed = typer.prompt(f"Type the name of the bench to start ({bench.name})", err=True)
    if typed.strip() != bench.name:
        raise InputError.of("not confirmed: nothing was switched on", code="E707")
