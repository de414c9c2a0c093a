"""What answers a question takes, and what is worth saying of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from faradaic.chemistry.reference_electrodes import possible_electrodes
from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.solvents import solvent_named
from faradaic.diagnostics import did_you_mean, nearest
from faradaic.protocols.schema.electrodes import Form
from faradaic.protocols.wizard import offers
from faradaic.protocols.wizard import written_answers as written
from faradaic.protocols.wizard.situation import Situation
from faradaic.quantities import Dimension, format_quantity, parse

Read = Callable[[str, Situation], tuple[str, str]]


def _no_words(situation: Situation) -> str:
    return ""


def _always(situation: Situation) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Usable:
    """Answers of one sort."""

    read: Read
    """The answer as it is kept and a remark; raises `ValueError` or `FaradaicError`."""
    help: Callable[[Situation], str] = _no_words
    """What a usable answer looks like."""
    hint: Callable[[Situation], str] = _no_words
    """What stands in brackets behind the question."""
    may_be_missing: Callable[[Situation], None] = _always
    """Raises `ValueError` where the answer is needed after all."""
    choices: Callable[[Situation], Sequence[str]] | None = None
    """The words to choose from, if there are."""


def usable(sort: str) -> Usable:
    """The sort of a row of the table: dimensions, words to choose from, or a name of `_SORTS`."""
    if sort in _SORTS:
        return _SORTS[sort]
    if sort.isupper():
        return _quantity(*(Dimension[name] for name in sort.split("|")))
    return _choice(lambda situation: sort.split("|"))


def _quantity(*dimensions: Dimension) -> Usable:
    like = " or ".join(f"{d.noun} such as `{d.example}`" for d in dimensions)

    def read(answer: str, situation: Situation) -> tuple[str, str]:
        return written.above_zero(answer, *dimensions)[0], ""

    def hint(situation: Situation) -> str:
        return offers.at_most(situation, dimensions[0])

    return Usable(read, lambda situation: like, hint)


def _choice(choices: Callable[[Situation], Sequence[str]]) -> Usable:
    """One of a few words, or its beginning."""

    def read(answer: str, situation: Situation) -> tuple[str, str]:
        words = choices(situation)
        typed = answer.lower().replace(" ", "_").replace("-", "_")
        plain = {word.lower().replace(" ", "_"): word for word in words}
        typed = also if (also := _ALSO.get(typed)) in plain else typed
        begun = [word for key, word in plain.items() if key.startswith(typed)]
        if typed in plain:
            return plain[typed], ""
        if len(begun) != 1:
            raise ValueError(f"`{answer}` is not one of {', '.join(words)}")
        return begun[0], ""

    return Usable(
        read,
        lambda situation: f"One of: {', '.join(choices(situation))}; its beginning will do",
        lambda situation: ", ".join(choices(situation)),
        choices=choices,
    )


_ALSO = {
    **{"n2": "nitrogen", "ar": "argon", "o2": "oxygen", "h2": "hydrogen"},
    **{"co2": "carbon_dioxide", "co": "carbon_monoxide"},
    **{"galvanostatic": "current", "potentiostatic": "potential"},
    **{"lsv": "linear_sweep", "cv": "voltammogram", "gde": "gas_diffusion", "mea": "zero_gap"},
}
"""Other words for some that can be chosen."""


def _text(answer: str, situation: Situation) -> tuple[str, str]:
    return answer, ""


def _material(answer: str, situation: Situation) -> tuple[str, str]:
    return written.material(answer), ""


def _number(answer: str, situation: Situation) -> tuple[str, str]:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", answer) or not float(answer) > 0:
        raise ValueError(f"`{answer}` is not a number of electrons")
    return answer, ""


def _acidity(answer: str, situation: Situation) -> tuple[str, str]:
    if not re.fullmatch(r"-?[0-9]{1,2}(\.[0-9]{1,2})?", answer) or not -2 <= float(answer) <= 16:
        raise ValueError(f"`{answer}` is not a pH from -2 to 16")
    return answer, ""


def _count(answer: str, situation: Situation) -> tuple[str, str]:
    if not re.fullmatch(r"[1-9][0-9]?", answer):
        raise ValueError(f"`{answer}` is not a number from 1 to 99")
    return answer, ""


def _turns(answer: str, situation: Situation) -> tuple[str, str]:
    written.turns(answer)
    return answer, ""


def _sweep(answer: str, situation: Situation) -> tuple[str, str]:
    written.sweep(answer)
    return answer, ""


def _points(answer: str, situation: Situation) -> tuple[str, str]:
    if late := offers.never_asked(situation, written.points(answer)):
        raise ValueError(f"nobody is asked at {late}: the stage ends at {situation['end']}")
    return answer, ""


def _compound(answer: str, situation: Situation) -> tuple[str, str]:
    _not_there_yet(written.compound(answer), situation)
    return answer, ""


def _not_there_yet(name: str, situation: Situation) -> None:
    """Two components of a solution have two names."""
    if written.key_of(name) in offers.components_beside(situation):
        raise ValueError(f"`{name}` is in this solution already")


def _component(answer: str, situation: Situation) -> tuple[str, str]:
    found = written.portion(answer)
    _not_there_yet(found.name, situation)
    if found.how == "volume" and "electrolyte" in situation.key:
        raise ValueError("a salt isn't measured by its volume")
    quantity = found.quantity + (" equiv" if found.how == "equiv" else "")
    remark = ""
    if "electrolyte" in situation.key and salt_named(found.name) is None:
        remark = (
            f"{found.name} is not among the salts of the tables: how well the solution conducts"
            " will not be known"
        )
    if situation.key == "mediator":
        remark = offers.what_is_known_of_the_mediator(found.name, situation)
    return f"{found.name} {quantity}", remark


def _mixture(answer: str, situation: Situation) -> tuple[str, str]:
    parts = written.mixture(answer)
    remark = []
    for name, _ in parts:
        _not_there_yet(name, situation)
        if solvent_named(name) is None:
            near = nearest(name, offers.solvent_ids())
            remark.append(
                f"{name} is not among the solvents of the tables"
                + (f" (did you mean {near}?)" if near else "")
                + ": what rests on its viscosity and conductivity will not be known"
            )
    return answer, "; ".join(remark)


def _identity(answer: str, situation: Situation) -> tuple[str, str]:
    found = written.identity(answer)
    remark = found.molar_mass
    if situation.key == "identity" and (moles := offers.weighed_mol(situation, found)):
        remark += f"; {situation['amount']} are {format_quantity(moles, 'mmol')}"
    return answer, remark


def _weighed_needs_it(situation: Situation) -> None:
    if situation.key == "identity" and offers.is_mass(situation["amount"]):
        raise ValueError(f"{situation['amount']} are no moles without a molar mass")


def _size(answer: str, situation: Situation) -> tuple[str, str]:
    written.size(answer, offers.form_at(situation))
    return answer, ""


def _size_help(situation: Situation) -> str:
    form = offers.form_at(situation)
    keys = " x ".join(written.dimensions(form))
    example = {1: "3 mm", 2: "10 x 15 mm", 3: "10 x 15 x 3 mm"}[keys.count("x") + 1]
    return f"{keys} of a {form}, such as `{example}`; or its area, `2 cm^2`"


def _size_hint(situation: Situation) -> str:
    return f"{' x '.join(written.dimensions(offers.form_at(situation)))}, or area"


def _channel(answer: str, situation: Situation) -> tuple[str, str]:
    found = written.channel(answer)
    held_m3 = 1.0
    for length in found.values():
        held_m3 *= parse(length, Dimension.LENGTH)
    return answer, f"it holds {format_quantity(held_m3, 'mL')}"


def _reference(answer: str, situation: Situation) -> tuple[str, str]:
    found = possible_electrodes(answer)
    if len(found) > 1:
        raise ValueError(
            f"`{answer}` may be any of {', '.join(electrode.name for electrode in found)}"
        )
    if not found:
        return answer, f"{answer} is not in the table: potentials count against it as it stands"
    return answer, ""


def _potential(answer: str, situation: Situation) -> tuple[str, str]:
    written.against(answer)
    return answer, ""


def _known_potential(answer: str, situation: Situation) -> tuple[str, str]:
    _, scale = written.against(answer)
    if scale == "reference":
        raise ValueError("against which reference electrode?")
    found = possible_electrodes(scale)
    if len(found) != 1:
        known = [electrode.name for electrode in found] or offers.reference_names()
        raise ValueError(f"`{scale}` is no reference of the table; {did_you_mean(scale, known)}")
    return answer, ""


def _end(answer: str, situation: Situation) -> tuple[str, str]:
    found = written.end(answer, held_current=offers.holds_current(situation))
    if offers.gas_fed(situation) and found.per_mol:
        raise ValueError("F/mol count the limiting component, and a gas that is fed is none")
    return answer, ""


def _end_help(situation: Situation) -> str:
    like = "`2.5 F/mol`, `50 C`, `3 h`, `total 3 F/mol`"
    if offers.gas_fed(situation):
        like = "`360 C`, `3 h`, `total 900 C`"
    if offers.holds_current(situation):
        return like
    return f"{like}; or how far the current falls: `5 %` of its initial value, `0.5 mA`"


def _end_hint(situation: Situation) -> str:
    falls = "" if offers.holds_current(situation) else ", or % of the initial current"
    per_mol = "" if offers.gas_fed(situation) else "F/mol, "
    return f"{per_mol}charge, time{falls}"


def _limits(answer: str, situation: Situation) -> tuple[str, str]:
    written.limits(answer)
    return answer, ""


def _bench(answer: str, situation: Situation) -> tuple[str, str]:
    situation.benches.load(answer)
    return answer, offers.bench_words(situation.benches.load(answer))


def _says(text: str) -> Callable[[Situation], str]:
    return lambda situation: text


_SORTS: Mapping[str, Usable] = {
    "text": Usable(_text, _says("A line of text")),
    "material": Usable(_material, _says("`graphite`, `Pt`, `Ni`, `Pb`, `BDD`, `RVC`, `Mg`")),
    "name": Usable(_compound, _says("A name such as `4-methylanisole` or `2a`")),
    "number": Usable(_number, _says("A number such as `2`")),
    "pH": Usable(_acidity, _says("A number such as `8.3`")),
    "count": Usable(_count, _says("A number such as `3`")),
    "sweep": Usable(_sweep, _says("Two potentials such as `0 V, 1.2 V`")),
    "turns": Usable(_turns, _says("Three potentials such as `0 V, 1.2 V, -0.2 V`")),
    "points": Usable(_points, _says("`2 F/mol`, `40 C`, several with commas")),
    "component": Usable(
        _component, _says("A name and how much: `3 equiv`, `10 mol%`, `50 mg`, `0.1 M`, `0.5 mL`")
    ),
    "mixture": Usable(_mixture, _says("`MeCN`, or `MeCN/H2O 9:1`")),
    "identity": Usable(
        _identity,
        _says("`COc1ccccc1`, `C7H8O` or `108.1 g/mol`"),
        may_be_missing=_weighed_needs_it,
    ),
    "form": _choice(lambda situation: [form.value for form in Form if form is not Form.GDE]),
    "size": Usable(_size, _size_help, _size_hint),
    "channel": Usable(_channel, _says("Three lengths, such as `10 x 50 x 0.5 mm`")),
    "reference": Usable(
        _reference, _says("`Ag/AgCl (3 M KCl)`, `SCE`, `Ag/Ag+ (0.01 M AgNO3 in MeCN)`")
    ),
    "potential": Usable(_potential, _says("`1.2 V`, or `0.8 V vs Fc+/0`")),
    "known potential": Usable(_known_potential, _says("`0.70 V vs SCE`, `0.2 V vs Fc+/0`")),
    "end": Usable(_end, _end_help, _end_hint),
    "limits": Usable(_limits, _says("`60 mA`, `12 V`, `8 h`, `150 C`, several with commas")),
    "bench": Usable(
        _bench,
        lambda situation: offers.listed_benches(situation),
        lambda situation: ", ".join(situation.benches.names()),
    ),
    "cell": _choice(offers.cells),
    "technique": _choice(lambda situation: list(offers.techniques(situation.bench))),
}
