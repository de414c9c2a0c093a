"""Where a person stands among the questions: forwards, back, and back to what an error names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.wizard.protocol_from_answers import protocol_of
from faradaic.protocols.wizard.question import NOTHING, Asked, applicable
from faradaic.protocols.wizard.situation import Benches, Situation
from faradaic.protocols.wizard.yaml_tree import keys_by_path, render

_LEAVE_OUT = ("", "no")
"""Answers that nothing is written for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The question that is asked now, and what an empty line takes."""

    asked: Asked
    default: str
    origin: str
    """Of the default: `yours` from before, `default`, or a `guess` made from other answers."""
    answered: Mapping[str, str]
    """The answers before it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A protocol that checks and plans on the bench that was named."""

    text: str
    plan: Plan
    bench: str


class Interview:
    """Questions and answers, one at a time; every answer that was given once is offered again."""

    def __init__(self, benches: Benches, offered: Mapping[str, str] | None = None) -> None:
        """`offered` are answers to begin with, as if they had been given before."""
        self._benches = benches
        self._answers: dict[str, str] = {}
        self._earlier: dict[str, str] = dict(offered or {})
        self._taken: set[str] = set()
        """Whose answer is the default, taken by an empty line."""
        self._wrong: set[tuple[str, str]] = set()
        """What is wrong as things stand: codes and places."""
        self._expected_V: float | None = None
        """The largest cell voltage that is expected as things stand."""

    def standing(self) -> Standing | None:
        """The question to be asked; None when all are answered."""
        known: dict[str, str] = {}
        for asked in applicable(self._answers, self._benches, self._expected_V):
            if not _usable(asked, self._answers.get(asked.key)):
                self.reopen(asked.key)
                return self._offered(asked, known)
            known[asked.key] = self._answers[asked.key]
        return None

    def _offered(self, asked: Asked, known: Mapping[str, str]) -> Standing:
        earlier = self._earlier.get(asked.key)
        if _usable(asked, earlier):
            return Standing(asked, earlier or NOTHING, "yours", known)
        question = asked.question
        default = question.default(asked.situation)
        if not default and question.usable.choices is not None:
            default = question.usable.choices(asked.situation)[0]
        if not default and question.optional and _usable(asked, ""):
            default = NOTHING
        return Standing(asked, default, "guess" if question.guessed else "default", known)

    def answer(self, text: str) -> str:
        """Take an answer to the question that stands, and give what is worth saying of it.

        An empty text takes the default. Raises `InputError` for an answer that cannot be used, or
        that the bench cannot do.
        """
        standing = self.standing()
        assert standing is not None
        asked = standing.asked
        kept, remark = asked.question.read(text.strip() or standing.default, asked.situation)
        self._answers[asked.key] = kept
        try:
            self._refuse_what_cannot_be(asked.key)
        except InputError:
            del self._answers[asked.key]
            self._earlier.pop(asked.key, None)
            raise
        self._earlier[asked.key] = kept
        taken = not text.strip() and standing.origin != "yours"
        (self._taken.add if taken else self._taken.discard)(asked.key)
        return remark

    def back(self) -> bool:
        """Return to the question before; False at the first."""
        standing = self.standing()
        before = standing.answered if standing else self._all()
        if not before:
            return False
        self.reopen(list(before)[-1])
        return True

    def reopen(self, key: str) -> None:
        """Ask a question again, its answer offered."""
        if (answer := self._answers.pop(key, None)) is not None:
            self._earlier[key] = answer

    @property
    def answered(self) -> list[str]:
        """The keys of the questions that have been answered, in their order."""
        return list(self._all())

    def finished(self) -> Finished:
        """The protocol, when every question is answered.

        Raises `InputError` with what is wrong with the whole; the questions that can mend it are
        open again then.
        """
        situation = self._situation(self._all())
        try:
            text, plan = self._planned(situation)
        except _Refused as refused:
            keys = list(dict.fromkeys(key for key, _ in refused.found if key in self._answers))
            for key in keys or [self.answered[-1]]:
                self.reopen(key)
            raise InputError(*(told for _, told in refused.found)) from None
        return Finished(text, plan, situation["bench"])

    def _all(self) -> dict[str, str]:
        """The answers that count."""
        known = {}
        for asked in applicable(self._answers, self._benches):
            if asked.key in self._answers:
                known[asked.key] = self._answers[asked.key]
        return known

    def _situation(self, answers: Mapping[str, str]) -> Situation:
        bench = answers.get("bench")
        return Situation(answers, self._benches, self._benches.load(bench) if bench else None)

    def _refuse_what_cannot_be(self, key: str) -> None:
        """Plan with defaults for what is not answered yet; raises what this answer has done.

        That is what is wrong at its own place and, of an answer with none after it, what was not
        wrong before at a place that has been answered.
        """
        answers, known = dict(self._answers), {}
        for asked in applicable(answers, self._benches):
            if not _usable(asked, answers.get(asked.key)):
                default = self._offered(asked, {}).default
                if not _usable(asked, default or None):
                    return
                answers[asked.key] = asked.question.read(default, asked.situation)[0]
            known[asked.key] = answers[asked.key]
        found: list[tuple[str, Diagnostic]] = []
        try:
            _, plan = self._planned(self._situation(known))
            self._expected_V = (plan.estimates.cell_voltage_V or (None, None))[1]
        except _Refused as refused:
            found = refused.found
        last = key == next(k for k in reversed(known) if k in self._answers)
        mine = [
            told
            for whose, told in found
            if whose == key
            or (last and whose in self._answers and (told.code, told.path) not in self._wrong)
        ]
        if mine:
            raise InputError(*mine)
        self._wrong = {(told.code, told.path) for _, told in found}

    def _planned(self, situation: Situation) -> tuple[str, Plan]:
        tree = protocol_of(situation)
        text = self._heading(situation) + render(tree)
        try:
            loaded = validate_protocol(load_document(text, "the protocol"))
            assert situation.bench is not None
            return text, compile_protocol(loaded, situation.bench)
        except InputError as error:
            keys = dict(keys_by_path(tree))
            raise _Refused([(_key(keys, d.path), d) for d in error.diagnostics]) from None

    def _heading(self, situation: Situation) -> str:
        taken = [
            key.replace("_", " ")
            for key, answer in situation.answers.items()
            if key in self._taken and answer not in _LEAVE_OUT
        ]
        text = f"For bench {situation['bench']}. What a line leaves out is assumed, and the report"
        text += " says so."
        if taken:
            text += f" Taken as it was offered: {', '.join(taken)}."
        return "".join(f"# {line}\n" for line in wrap(text, 98, break_on_hyphens=False))


class _Refused(Exception):
    """What is wrong, each with the question behind it."""

    def __init__(self, found: list[tuple[str, Diagnostic]]) -> None:
        self.found = found


def _usable(asked: Asked, answer: str | None) -> bool:
    if answer is None:
        return False
    try:
        asked.question.read(answer, asked.situation)
    except InputError:
        return False
    return True


def _key(keys: Mapping[str, str], path: str) -> str:
    """The question behind a place: its own, else that of what it stands in."""
    while path:
        if keys.get(path):
            return keys[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return ""
