"""A command is built alone when its name comes first, and is the same as among all others."""

from __future__ import annotations

import pytest
import typer.main

from faradaic.cli import main

ALL = typer.main.get_command(main.app).commands  # type: ignore[attr-defined]


def built(word: str) -> dict[str, object]:
    return typer.main.get_command(main._asked_for(word)).commands  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("name", ALL)
def test_a_name_builds_that_command_alone(name: str) -> None:
    alone = built(name)
    assert list(alone) == [name]
    context = typer.Context(ALL[name], info_name=name)
    assert alone[name].get_help(context) == ALL[name].get_help(context)  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["", "--help", "--version", "chek", "_root", "spinels", "Check"])
def test_anything_else_builds_all_so_that_a_slip_is_named_with_what_is_near(word: str) -> None:
    assert list(built(word)) == list(ALL)
