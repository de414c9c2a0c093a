"""A question: its words, which answers it takes, when it applies; and the way through all."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import groupby

from faradaic.diagnostics import FaradaicError, InputError
from faradaic.protocols.bench import BenchProfile
from faradaic.protocols.wizard import offers
from faradaic.protocols.wizard.situation import MOST_ROUNDS, Benches, Situation
from faradaic.protocols.wizard.usable import Usable, usable

NOTHING = "none"
"""The answer that leaves an optional matter open, as shown; `_NOTHING` are all."""
_NOTHING = ("", NOTHING, "no", "nothing", "-")
_WITHOUT_UNIT = "E102"
_UNIT = re.compile(r"\d\s+(\D\S*)$")
"""What stands behind the number of a default."""
LONGEST = 400
"""Characters of an answer."""
OR_NOTHING = " or nothing"


@dataclass(frozen=True, slots=True)
class WizardQuestion:
    """One question; the answer is text, as it will stand in the protocol or nearly so."""

    key: str
    text: str
    usable: Usable
    optional: bool
    """Whether nothing is an answer."""
    explanation: str
    offered: str
    """The default as the table has it: a text, or `@` and the name of an offer."""
    conditions: tuple[tuple[str, str, str], ...]
    """Answers that make it apply: key, `=` or `:` or neither, words."""
    once: bool
    """Whether it stands among questions that are asked in rounds, and is asked in one only."""

    def applies(self, situation: Situation) -> bool:
        """Whether the answers so far make the question apply."""
        return all(_holds(condition, situation) for condition in self.conditions)

    def words(self, situation: Situation) -> str:
        """The question with what can be chosen, or what the bench bounds."""
        hint = self.usable.hint(situation)
        text = f"{self.text} ({hint})" if hint else self.text
        staged = (
            situation.round and self.key in situation.local and GATES["stage"] in situation.local
        )
        return f"Stage {situation.round.strip('_')}: {text}" if staged else text

    def default(self, situation: Situation) -> str:
        """What an empty answer takes; empty if there is nothing."""
        if not self.offered.startswith("@"):
            return self.offered
        return offers.OFFERS[self.offered[1:]](situation)

    @property
    def guessed(self) -> bool:
        """Whether the default is made from other answers."""
        return self.offered.startswith("@")

    def help(self, situation: Situation) -> str:
        """What is asked for, and what a usable answer looks like."""
        return ". ".join(filter(None, (self.explanation, self.usable.help(situation))))

    def read(self, answer: str, situation: Situation) -> tuple[str, str]:
        """The answer as it is kept, and what is worth saying of it.

        Raises `InputError` for one that cannot be used.
        """
        answer = answer.strip()
        try:
            if self.optional and answer.lower() in _NOTHING:
                self.usable.may_be_missing(situation)
                return "", ""
            if not answer:
                raise ValueError("an answer is needed here")
            if len(answer) > LONGEST or not answer.isprintable():
                raise ValueError(f"an answer is a line of text of at most {LONGEST} characters")
            return self.usable.read(answer, situation)
        except FaradaicError as error:
            told = error.diagnostics[0]
            remedy = told.help or self.help(situation)
            if told.code == _WITHOUT_UNIT and (unit := _UNIT.search(self.default(situation))):
                remedy = f"write the unit: `{answer} {unit[1]}`?"
            raise InputError.of(told.message, code=told.code, help=remedy) from None
        except ValueError as error:
            raise InputError.of(str(error), code="E710", help=self.help(situation)) from None


def _holds(condition: tuple[str, str, str], situation: Situation) -> bool:
    key, how, words = condition
    wanted = not key.startswith("!")
    key = key.removeprefix("!")
    if how == ":":
        return offers.PROPERTIES[words](situation.at(key)) is wanted
    value = situation[key]
    return (value in words.split("|") if how else bool(value)) is wanted


def _question(row: Mapping[str, str]) -> WizardQuestion:
    answer = row["answer"].removesuffix(OR_NOTHING)
    conditions = []
    for text in filter(None, row["when"].split(" & ")):
        how = next((sign for sign in ":=" if sign in text), "")
        key, _, words = text.partition(how) if how else (text, "", "")
        conditions.append((key, how, words))
    return WizardQuestion(
        key=row["key"],
        text=row["text"],
        usable=usable(answer),
        optional=answer != row["answer"],
        explanation=row["help"],
        offered=row["default"],
        conditions=tuple(conditions),
        once=bool(row["once"]),
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Questions one after the other, once or in rounds."""

    name: str
    """Of the rounds; empty for questions that are asked once."""
    gate: str
    """The key whose answer leads to a further round."""
    questions: tuple[WizardQuestion, ...]


@cache
def blocks() -> tuple[Block, ...]:
    """All questions in their order."""
    table = files(__package__).joinpath("questions.csv").read_text(encoding="utf-8")
    found = []
    for name, rows in groupby(csv.DictReader(table.splitlines()), lambda row: row["rounds"]):
        questions = tuple(map(_question, rows))
        found.append(Block(name.strip("@"), GATES.get(name, ""), questions))
    return tuple(found)


GATES = {"reagent": "reagent", "other": "other_reagent", "stage": "more"}
"""What is asked in rounds, and whose answer leads to a further one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question where it is asked."""

    key: str
    """With the number of its round: `reagent_2`."""
    question: WizardQuestion
    situation: Situation = field(repr=False)


def applicable(
    answers: Mapping[str, str], benches: Benches, expected_V: float | None = None
) -> Iterator[Asked]:
    """The questions in their order, up to the first that has no answer.

    `answers` is read as the questions come; those whose questions no longer apply do not count.
    """
    known: dict[str, str] = {}
    bench: BenchProfile | None = None
    for block in blocks():
        local = frozenset(q.key for q in block.questions if not q.once) if block.name else ()
        for number in range(1, MOST_ROUNDS + 1 if block.name else 2):
            suffix = f"_{number}" if number > 1 else ""
            for question in block.questions:
                key = question.key + (suffix if question.key in local else "")
                if key in known:
                    continue
                situation = Situation(
                    known, benches, bench, expected_V, key, suffix, frozenset(local)
                )
                if not question.applies(situation):
                    continue
                yield Asked(key, question, situation)
                if key not in answers:
                    return
                known = {**known, key: answers[key]}
                if key == "bench":
                    bench = benches.load(answers[key])
            if known.get(block.gate + suffix, "") in ("", "no"):
                break
