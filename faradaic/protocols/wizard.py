"""The questions of a bench electrolyser, and the commented protocol that the answers make.

The order is the one chemists know from the front panel: constant current or voltage, value,
reference electrode, substrate, charge or time, polarity; then what a panel does not ask, but a
protocol must say: limit, electrodes, solution, surroundings. The questions themselves are the rows
of wizard_questions.csv.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from faradaic.chemistry.electrode_areas import POROUS
from faradaic.diagnostics import InputError
from faradaic.protocols.schema.electrodes import Form
from faradaic.protocols.step_kind import step_kinds
from faradaic.protocols.step_kinds.alternating_polarity import AlternatingPolarity
from faradaic.quantities import Dimension, parse_quantity

Answers = Mapping[str, str]

HELD = {kind.front_panel: kind for kind in step_kinds().values() if kind.front_panel}
"""What can be held constant, in the words of a front panel, and the step kind that does it."""
_END = (Dimension.CHARGE_PER_AMOUNT, Dimension.CHARGE, Dimension.TIME)
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.()+-]{0,63}")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.()+/-]*( [A-Za-z0-9_.()+/-]+)*")
_NOT_TEXT = frozenset({"null", "true", "false"})


@dataclass(frozen=True, slots=True)
class WizardQuestion:
    """One question; the answer is text, as it will stand in the protocol."""

    key: str
    text: str
    help: str
    """What a usable answer looks like."""
    default: str
    """Taken for an empty line; empty if there is none."""
    check: Callable[[str], None]
    when: Callable[[Answers], bool] = lambda answers: True
    """Whether the answers so far make the question apply."""
    optional: bool = False
    """Whether an empty answer leaves the matter open."""

    def validate(self, answer: str) -> str:
        """The answer without outer spaces; raises `InputError` for an unusable one."""
        answer = answer.strip()
        if not answer and self.optional:
            return ""
        try:
            self.check(answer)
        except ValueError as error:
            raise InputError.of(str(error), code="E710", help=self.help) from None
        return answer


def _quantity(*dimensions: Dimension) -> Callable[[str], None]:
    def check(answer: str) -> None:
        if parse_quantity(answer, *dimensions).value <= 0:
            raise ValueError(f"`{answer}` must be greater than zero")

    return check


def _potential(answer: str) -> None:
    parse_quantity(answer, Dimension.VOLTAGE)


def _choice(*choices: str) -> Callable[[str], None]:
    def check(answer: str) -> None:
        if answer not in choices:
            raise ValueError(f"`{answer}` is not one of {', '.join(choices)}")

    return check


def _text(answer: str) -> None:
    if not answer or len(answer) > 200 or not answer.isprintable():
        raise ValueError("a line of text is needed (at most 200 characters)")


def _name(answer: str) -> None:
    if not _IDENTIFIER.fullmatch(answer):
        raise ValueError(f"`{answer}` is not a short name")


def _number(answer: str) -> None:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", answer) or not float(answer) > 0:
        raise ValueError(f"`{answer}` is not a number of electrons")


_ANSWERS = {"text": _text, "name": _name, "number": _number, "potential": _potential}
"""Checks of answers that are neither quantities nor one of a few words."""
_FORMS: Mapping[str, Collection[str]] = {
    "round": [form for form in Form if form.round],
    "not round": [form for form in Form if not form.round],
    "porous": POROUS,
    "no disc": [form for form in Form if form is not Form.DISC],
}
_CHOICES: Mapping[str, Sequence[str]] = {"front panel": list(HELD), "form": list(Form)}


def _question(row: Mapping[str, str]) -> WizardQuestion:
    """A row of the table: a quantity above zero, one of a few words (the first by default), ..."""
    text, help_, default = row["text"], row["help"], row["default"]
    answer = row["answer"].removesuffix(" or nothing")
    if answer.isupper():
        dimensions = [Dimension[name] for name in answer.split("|")]
        help_ = " or ".join(f"{d.noun} such as `{d.example}`" for d in dimensions)
        check = _quantity(*dimensions)
    elif answer in _ANSWERS:
        check = _ANSWERS[answer]
    else:
        choices = _CHOICES.get(answer, answer.split("|"))
        help_, default = ", ".join(choices), default or choices[0]
        text, check = f"{text} ({help_})", _choice(*choices)
    key, _, words = row["when"].partition("=")
    allowed = _FORMS.get(words, words.split("|"))
    return WizardQuestion(
        row["key"],
        text,
        help_,
        default,
        check,
        when=lambda answers: not key or answers.get(key) in allowed,
        optional=answer != row["answer"],
    )


_TABLE = files(__package__).joinpath("wizard_questions.csv").read_text(encoding="utf-8")
QUESTIONS = tuple(_question(row) for row in csv.DictReader(_TABLE.splitlines()))


def write_protocol(answers: Answers) -> str:
    """A commented protocol in YAML from the answers to the questions that applied.

    Every answer is validated again, and one that is missing takes its default. Raises `InputError`.
    """
    given: dict[str, str] = {}
    for question in QUESTIONS:
        if question.when(given):
            given[question.key] = question.validate(answers.get(question.key, question.default))
    names = [given[key] for key in ("substrate", "electrolyte", "solvent")]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        what = f"`{twice}` is the name of two components"
        raise InputError.of(what, code="E711", help="give substrate and solvent different names")
    return _TEMPLATE.format(
        **{key: _scalar(given[key]) for key in ("substrate", "electrolyte", "solvent")},
        **{key: given[key] for key in ("gap", "volume", "amount", "concentration")},
        **{key: given[key] for key in ("temperature", "stirring", "atmosphere")},
        title=json.dumps(given["title"], ensure_ascii=False),
        electrodes="\n".join(_electrodes(given)),
        reaction=_reaction(given),
        step="\n".join(_step(given)),
    )


_TEMPLATE = """\
# A number always stands with its unit. What a line leaves out is assumed, and the report says so.
faradaic: 1
title: {title}

cell: {{type: undivided, gap: {gap}}}

solution:
  volume: {volume}
  limiting: {substrate} # F/mol and equivalents refer to it
  components:
    {substrate}: {{amount: {amount}, role: substrate}}
    {electrolyte}: {{concentration: {concentration}, role: electrolyte}}
    {solvent}: {{volume: {volume}, role: solvent}}

electrodes:
{electrodes}

{reaction}

environment:
  temperature: {temperature}
  stirring: {stirring}
  atmosphere: {atmosphere}

# One after the other; the first condition under `until` that is met ends a step.
steps:
  - open_circuit: {{duration: 60 s}} # the cell at rest, before
{step}
  - open_circuit: {{duration: 60 s}} # and after
"""


def _electrodes(given: Answers) -> list[str]:
    lines = []
    for name in ("anode", "cathode"):
        parts = [f"{name}: {{"]
        if "potential" in given:
            lead = "working" if name == given["working"] else "counter"
            parts = [f"{lead}: {{role: {name}, "]
        sizes = ("material", "form", "width", "diameter", "thickness", "immersed")
        known = [(key, given[f"{name}_{key}"]) for key in sizes if f"{name}_{key}" in given]
        parts.append(", ".join(f"{key}: {_value(key, value)}" for key, value in known))
        lines.append(f"  {''.join(parts)}}}")
    if "potential" in given:
        filling = f", filling: {_scalar(given['filling'])}" if given["filling"] else ""
        lines.append(f"  reference: {{couple: {_scalar(given['reference'])}{filling}}}")
    return lines


def _value(key: str, value: str) -> str:
    return _scalar(value) if key == "material" else value


def _reaction(given: Answers) -> str:
    if given["electrons"]:
        return f"reaction: {{electrons: {given['electrons']}}} # per molecule of substrate"
    return "# reaction: {electrons: 2} # per molecule of substrate: not known yet"


def _step(given: Answers) -> list[str]:
    kind = AlternatingPolarity if given.get("alternate") == "yes" else HELD[given["mode"]]
    keys = ("current", "cell_voltage", "potential", "half_period")
    lines = [f"      {key}: {given[key]}" for key in keys if key in given]
    if "potential" in given:
        lines.append("      vs: reference # the electrode that is connected")
    lines += [
        f"      {key}: {given[key]}"
        for key in ("cell_voltage_limit", "current_limit")
        if key in given
    ]
    end = parse_quantity(given["end"], *_END)
    signal = "time" if end.dimension is Dimension.TIME else "charge"
    return [f"  - {kind.kind}:", *lines, f"      until: [{{{signal}: {given['end']}}}]"]


def _scalar(text: str) -> str:
    """The text as YAML reads it back as a text: in quotation marks unless it is a plain word."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _NOT_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)
