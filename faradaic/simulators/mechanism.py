"""Electrode mechanisms written as text: "A + e = B; B -> C".

The grammar, steps separated by `;` or by lines:

    step     = side ("=" | "->") side         "=" runs both ways, "->" only from left to right
    side     = term ("+" term)*
    term     = [integer] species | [integer] "e"
    species  = a letter, then letters, digits, "_"; then a charge "^+", "^2-"; then "*" or "(ads)"

A step with `e` is an electrode step and carries one species on each side: "A + e = B".
"A + 2 e = B" is one elementary step of two electrons, whose Nernst factor is exp(2F(E-E0)/RT) and
whose Butler-Volmer exponents are α and 1-α times 2F(E-E0)/RT; successive electrons are separate
steps, "A + e = B; B + e = C". A step without `e` is a chemical step with one or two molecules
reacting (also on the right of "="). `X*` and `X(ads)` are the same adsorbed species. Adsorbed
species share one kind of site: a step takes or frees as many sites as it changes the number of
adsorbed species.

What cannot be read is refused with the place underlined; nothing is skipped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, NoReturn

from faradaic.diagnostics import Diagnostic, InputError, Location

MOLECULARITY_MAX = 2
EXAMPLE = "A + e = B; B -> C"

_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+)|(?P<end>[;\n])|(?P<arrow>->|=)"
    r"|(?P<electron>e(?:\^?-(?!>))?(?![A-Za-z0-9_^*(]))"
    r"|(?P<species>[A-Za-z][A-Za-z0-9_]*(?:\^\d*[+-])?(?:\*|\(ads\))?)"
    r"|(?P<number>\d+)|(?P<plus>\+)"
)
_CHARGE = re.compile(r"\^(\d*)([+-])")


class Direction(Enum):
    """Which way an electrode step runs."""

    BOTH = "both"
    REDUCTION = "reduction"
    OXIDATION = "oxidation"


@dataclass(frozen=True, slots=True)
class ElectrodeStep:
    """`oxidised + electrons e = reduced`, in the direction(s) written."""

    oxidised: str
    reduced: str
    electrons: int
    direction: Direction


@dataclass(frozen=True, slots=True)
class ChemicalStep:
    """A reaction by mass action; a molecule that reacts twice stands twice."""

    reactants: tuple[str, ...]
    products: tuple[str, ...]
    reversible: bool

    @property
    def first_order(self) -> bool:
        """True when one molecule reacts, in each direction that runs."""
        return len(self.reactants) == 1 and (not self.reversible or len(self.products) == 1)

    def rate_constant_units(self) -> tuple[str, str]:
        """Units of the forward and backward rate constants.

        The rate is k times the concentrations (mol/m³). Where an adsorbed species reacts it is k
        times Γ_max, the coverages θ and the concentrations; where a dissolved species takes a free
        site it is k times the concentrations and the free fraction of the sites. Dissolved steps
        have rates per volume, steps with an adsorbed species rates per area.
        """
        surface = any(is_adsorbed(name) for name in self.reactants + self.products)
        return _unit(self.reactants, surface), _unit(self.products, surface)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What a text says; species in order of appearance, dissolved and adsorbed alike."""

    text: str
    species: tuple[str, ...]
    electrode_steps: tuple[ElectrodeStep, ...]
    chemical_steps: tuple[ChemicalStep, ...]

    @property
    def dissolved(self) -> tuple[str, ...]:
        """Names of the dissolved species, in order of appearance."""
        return tuple(name for name in self.species if not is_adsorbed(name))

    @property
    def adsorbed(self) -> tuple[str, ...]:
        """Names of the adsorbed species, in order of appearance."""
        return tuple(name for name in self.species if is_adsorbed(name))

    def __str__(self) -> str:
        return self.text


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


class _Side(NamedTuple):
    species: tuple[str, ...]
    electrons: int


def is_adsorbed(name: str) -> bool:
    """Whether a species is adsorbed on the electrode: its name then ends in `*`."""
    return name.endswith("*")


@lru_cache(maxsize=64)
def parse_mechanism(text: str) -> Mechanism:
    """Read a mechanism. Raises `InputError` (E541) at the place that cannot be read."""
    return _Parser(text).mechanism()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._electrode_steps: list[ElectrodeStep] = []
        self._chemical_steps: list[ChemicalStep] = []
        self._charges: dict[str, int | None] = {}
        """As written in the names of the species, `Fe^3+`; None where one carries none."""

    def mechanism(self) -> Mechanism:
        places = [(self._step(tokens), tokens) for tokens in self._steps()]
        if not self._electrode_steps:
            self._refuse("a mechanism needs an electrode step", 0, len(self._text), EXAMPLE)
        self._require_connected(places)
        return Mechanism(
            self._text.strip(),
            tuple(self._charges),
            tuple(self._electrode_steps),
            tuple(self._chemical_steps),
        )

    def _steps(self) -> Iterator[list[_Token]]:
        tokens: list[_Token] = []
        for token in self._tokens():
            if token.kind != "end":
                tokens.append(token)
            elif tokens:
                yield tokens
                tokens = []
        if tokens:
            yield tokens

    def _tokens(self) -> Iterator[_Token]:
        position = 0
        while position < len(self._text):
            match = _TOKEN.match(self._text, position)
            if match is None:
                character = self._text[position]
                self._refuse(
                    f"`{character}` has no meaning in a mechanism", position, 1, _meant(character)
                )
            if match.lastgroup != "space":
                yield _Token(str(match.lastgroup), match.group(), position)
            position = match.end()

    def _step(self, tokens: list[_Token]) -> set[str]:
        """Record one step; returns the names of its species."""
        arrows = [i for i, token in enumerate(tokens) if token.kind == "arrow"]
        first, last = tokens[0], tokens[-1]
        length = last.start + len(last.text) - first.start
        if len(arrows) != 1:
            message = "a step has exactly one `=` or `->`"
            self._refuse(message, first.start, length, f"separate steps with `;`: {EXAMPLE}")
        arrow = tokens[arrows[0]]
        left = self._side(tokens[: arrows[0]], arrow)
        right = self._side(tokens[arrows[0] + 1 :], arrow)
        if Counter(left.species) == Counter(right.species):
            self._refuse("nothing changes in this step", first.start, length, EXAMPLE)
        self._require_charge_balance(left, right, first.start, length)
        if left.electrons or right.electrons:
            self._add_electrode_step(left, right, arrow.text == "=", first.start, length)
        else:
            self._add_chemical_step(left, right, arrow.text == "=", first.start, length)
        return set(left.species + right.species)

    def _side(self, tokens: list[_Token], arrow: _Token) -> _Side:
        species: list[str] = []
        electrons = 0
        rest = iter([*tokens, _Token("plus", arrow.text, arrow.start)])
        for token in rest:
            count, term = 1, token
            if token.kind == "number":
                count, term = int(token.text), next(rest)
                if not 1 <= count <= 9:
                    message = f"`{count}` is not a stoichiometric number"
                    self._refuse(message, token.start, len(token.text), "write 1 to 9")
            if term.kind == "electron":
                electrons += count
            elif term.kind == "species":
                species += [self._register(term)] * count
            else:
                message = "a species or `e` is missing here"
                self._refuse(message, term.start, len(term.text), EXAMPLE)
            plus = next(rest)
            if plus.kind != "plus":
                message = f"`+` is missing before `{plus.text}`"
                self._refuse(message, plus.start, len(plus.text), f"{term.text} + {plus.text}")
        return _Side(tuple(species), electrons)

    def _register(self, token: _Token) -> str:
        name = token.text.replace("(ads)", "*")
        charge = _CHARGE.search(name)
        number = int(f"{charge[2]}{charge[1] or 1}") if charge else None
        self._charges.setdefault(name, number)
        return name

    def _require_charge_balance(self, left: _Side, right: _Side, start: int, length: int) -> None:
        charges = [[self._charges[name] for name in side.species] for side in (left, right)]
        if None in charges[0] + charges[1]:
            return  # a name without a charge says nothing about it
        totals = [
            sum(c or 0 for c in side) - electrons
            for side, electrons in zip(charges, (left.electrons, right.electrons), strict=True)
        ]
        if totals[0] != totals[1]:
            self._refuse(
                f"the charge is {totals[0]:+d} on the left and {totals[1]:+d} on the right",
                start,
                length,
                "balance it, for instance Fe^3+ + e = Fe^2+",
            )

    def _add_electrode_step(
        self, left: _Side, right: _Side, reversible: bool, start: int, length: int
    ) -> None:
        if left.electrons and right.electrons:
            message = "electrons stand on both sides"
            self._refuse(message, start, length, "write `e` on one side: A + e = B")
        if len(left.species) != 1 or len(right.species) != 1:
            self._refuse(
                "an electrode step has one species on each side of the electron",
                start,
                length,
                "write what happens before or after as its own step: A + e = B; B -> C + D",
            )
        reduction = left.electrons > 0
        oxidised, reduced = (left, right) if reduction else (right, left)
        if reversible:
            direction = Direction.BOTH
        else:
            direction = Direction.REDUCTION if reduction else Direction.OXIDATION
        step = ElectrodeStep(
            oxidised.species[0],
            reduced.species[0],
            left.electrons + right.electrons,
            direction,
        )
        if step in self._electrode_steps:
            self._refuse("this step is written twice", start, length, "delete one of them")
        self._electrode_steps.append(step)

    def _add_chemical_step(
        self, left: _Side, right: _Side, reversible: bool, start: int, length: int
    ) -> None:
        reacting = [left, right] if reversible else [left]
        for side in reacting:
            if len(side.species) > MOLECULARITY_MAX:
                self._refuse(
                    f"{len(side.species)} molecules cannot react in one elementary step",
                    start,
                    length,
                    "write it as steps of one or two molecules: A + B = C; C + D -> P",
                )
        step = ChemicalStep(left.species, right.species, reversible)
        if step in self._chemical_steps:
            self._refuse("this step is written twice", start, length, "delete one of them")
        self._chemical_steps.append(step)

    def _require_connected(self, places: list[tuple[set[str], list[_Token]]]) -> None:
        """Refuse a step that no electrode step can reach: mostly a misspelt species."""
        reached = {n for s in self._electrode_steps for n in (s.oxidised, s.reduced)}
        waiting = [place for place in places if not place[0] <= reached]
        while waiting:
            joined = [place for place in waiting if place[0] & reached]
            if not joined:
                names, tokens = waiting[0]
                token = next(t for t in tokens if t.kind == "species")
                close = get_close_matches(next(iter(sorted(names))), sorted(reached), n=1)
                hint = f"did you mean `{close[0]}`? " if close else ""
                self._refuse(
                    "this step shares no species with the rest of the mechanism",
                    token.start,
                    len(token.text),
                    f"{hint}known there: {', '.join(sorted(reached))}",
                )
            for names, _ in joined:
                reached |= names
            waiting = [place for place in waiting if place not in joined]

    def _refuse(self, message: str, start: int, length: int, help_: str) -> NoReturn:
        line = self._text.count("\n", 0, start) + 1
        begin = self._text.rfind("\n", 0, start) + 1
        place = Location(
            "mechanism",
            line,
            start - begin + 1,
            self._text[begin:].split("\n", 1)[0],
            max(1, length),
        )
        raise InputError(Diagnostic("E541", message, help=help_, location=place))


def _meant(character: str) -> str:
    if character in ":,|()":
        return f"separate steps with `;` and write no step labels: {EXAMPLE}"
    if character == "-":
        return f"write a charge with `^`, as in B^- or Fe^2+, and one way as `->`: {EXAMPLE}"
    if character in "→⇌⇄<>":
        return f"write `=` for both ways and `->` for one way: {EXAMPLE}"
    return f"species begin with a letter; steps look like {EXAMPLE}"


def _unit(molecules: tuple[str, ...], surface: bool) -> str:
    dissolved = sum(not is_adsorbed(name) for name in molecules)
    if not surface:
        return "1/s" if dissolved == 1 else "m^3/(mol s)"
    if dissolved == len(molecules):
        return "m/s" if dissolved == 1 else "m^4/(mol s)"
    return "m^3/(mol s)" if dissolved else "1/s"
