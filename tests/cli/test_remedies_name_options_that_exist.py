"""What a diagnostic says to type can be typed: the option exists wherever it can be shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

import faradaic
from faradaic.cli.main import app

PACKAGE = Path(faradaic.__file__).parent
SHOWN_BY = {
    "studies/run/recorded_yields.py": ("result",),
    "datafiles": ("read", "analyze", "report", "export"),
    "studies/run": ("analyze", "report"),
    "studies/exports": ("export",),
    "studies": ("analyze",),
    "analysis": ("analyze", "report"),
}
"""Commands by the room or file whose diagnostics they show; the first that fits counts."""
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def texts() -> Iterator[tuple[str, str]]:
    """Room and option of every text that is no docstring."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        room = next((room for room in SHOWN_BY if f"{name}/".startswith(f"{room}/")), None)
        if room is None:
            continue
        source = path.read_text("utf-8")
        if not OPTION.search(source):
            continue
        tree = ast.parse(source)
        loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in loose:
                for option in OPTION.findall(str(node.value)):
                    yield room, option


FOUND = sorted(set(texts()))
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_texts_are_found() -> None:
    assert {("datafiles", f"--{o}") for o in ("assume", "map", "sheet")} <= set(FOUND)


@pytest.mark.parametrize(("room", "option"), FOUND)
def test_every_command_that_shows_it_has_the_option(room: str, option: str) -> None:
    for name in SHOWN_BY[room]:
        assert option in {o for p in COMMANDS[name].params for o in p.opts}, name
