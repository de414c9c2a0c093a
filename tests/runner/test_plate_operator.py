"""One person answers for all wells: one question after the other, and what is shared once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from faradaic.runner.operator import Operator, OperatorQuestion
from faradaic.runner.plate_operator import PlateDesk
from rigs.benches import wait_for

SET = OperatorQuestion("Set the stirring to 600 rpm", ("done", "stop"), "done")
TLC = OperatorQuestion("TLC: substrate consumed?", ("yes", "not yet"), "not yet", no="not yet")


class Desk:
    """A desk, what it showed, and what is typed at it."""

    def __init__(self, lines: TextIO, typed: int) -> None:
        self.shown: list[str] = []
        self.desk = PlateDesk(self.shown.append, lines)
        self._typed = typed

    def type(self, text: str) -> None:
        os.write(self._typed, f"{text}\n".encode())


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk at which nothing is typed yet."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as lines:
        yield Desk(lines, writing)
        os.close(writing)


def answered(operator: Operator) -> str:
    found: list[str] = []

    def look() -> bool:
        answer = operator.answer()
        found.extend([answer.choice] if answer is not None else [])
        return bool(found)

    wait_for(look, 10.0)
    return found[0]


def test_what_all_wells_share_is_asked_once_and_the_first_says(desk: Desk) -> None:
    first, second, late = (desk.desk.of(well) for well in ("A1", "A2", "B1"))
    first.ask(SET)
    second.ask(SET)
    assert first.answer() is second.answer() is None
    desk.type("done")
    assert answered(first) == answered(second) == "done"
    late.ask(SET)
    assert answered(late) == "done"
    assert [text for text in desk.shown if text] == [
        "? well A1: Set the stirring to 600 rpm  [done / stop]"
    ]


def test_what_belongs_to_a_well_is_asked_for_each_in_turn(desk: Desk) -> None:
    first, second = desk.desk.of("A1"), desk.desk.of("A2")
    first.ask(TLC)
    second.ask(TLC)
    assert first.answer() is None
    desk.type("no")
    assert answered(first) == "not yet"
    assert second.answer() is None
    desk.type("yes")
    assert answered(second) == "yes"
    assert [text.split(":")[0] for text in desk.shown if text] == ["? well A1", "? well A2"]


def test_a_question_that_is_withdrawn_makes_room_for_the_next(desk: Desk) -> None:
    first, second = desk.desk.of("A1"), desk.desk.of("A2")
    first.ask(TLC)
    second.ask(TLC)
    assert first.answer() is None
    first.withdraw()
    assert first.answer() is second.answer() is None
    desk.type("yes")
    assert answered(second) == "yes"
