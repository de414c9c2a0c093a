"""libyaml's parser, which reads most files, gives what ruamel's gives, with the same places."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from faradaic.diagnostics import InputError
from faradaic.documents.document import Document, _Reader
from faradaic.documents.yaml_events import LeftToRuamel, quick_events

ROOT = Path(__file__).parents[2]
TEXTS = [
    path.read_text("utf-8")
    for folder in ("faradaic", "examples", "tests")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
]
SIGNS = [
    *"{}[],:#'\"|>-?&*!%@`\\ \n\t~01ab.µ😀",
    *("\n  ", ": ", "- ", " #", "? ", "---\n", "...\n", "''", '"\\/"', "<<: ", "[a: b]", "\r\n"),
    *("{a:1}", "{a: }", "a\n b", "!!int 1", '"a\\\n b"', "| \n  a\n", ">-\n  b\n\n  c\n", "null"),
]

needs_libyaml = pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML without libyaml")


def quick(text: str) -> Document | None:
    """What libyaml makes of it; None where ruamel is asked."""
    try:
        return _Reader("t", text, "", "faradaic: 1").read(quick_events(text))
    except (LeftToRuamel, InputError):
        return None


def careful(text: str) -> Document | None:
    try:
        return _Reader("t", text, "", "faradaic: 1").read_carefully()
    except InputError:
        return None


def varied(dice: random.Random) -> str:
    """Some lines of a document with signs put in, taken out or exchanged."""
    lines = dice.choice(TEXTS).split("\n")
    at = dice.randrange(len(lines))
    text = "\n".join(lines[at : at + dice.randrange(1, 9)]) + "\n" * dice.randrange(2)
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(text) + 1)
        added, out = dice.choice((True, True, False)), dice.choice((0, 0, 1))
        text = text[:at] + (dice.choice(SIGNS) if added else "") + text[at + out :]
    return text


@needs_libyaml
@pytest.mark.parametrize("each", [7, pytest.param(1, marks=pytest.mark.long)])
def test_every_document_of_the_package_is_read_quickly(each: int) -> None:
    for text in TEXTS[::each]:
        slowly = careful(text)
        if slowly is not None and text.endswith("\n"):
            assert quick(text) == slowly, text


@needs_libyaml
@pytest.mark.parametrize("count", [1500, pytest.param(30_000, marks=pytest.mark.long)])
def test_what_both_read_is_the_same_to_the_place(count: int) -> None:
    dice, read = random.Random(count), 0
    for _ in range(count):
        text = varied(dice)
        quickly = quick(text)
        if quickly is not None:
            read += 1
            assert quickly == careful(text), text
    assert read > count / 8


@pytest.mark.parametrize("text", ["a: |#b\n", "a:\tb\n", "a: b", "a: [\n", "- a\n", "a: &b c\n"])
def test_the_rest_is_left_to_the_other(text: str) -> None:
    assert quick(text) is None
