"""Ions of the table, and the salts that names and formulas make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import lcm

from faradaic.chemistry.tables import names, normalised, rows

_QUATERNARY = re.compile(r"(Me|Et|Pr|Bu)4N|Ph4P")
_HYDRATE = re.compile(r"\s*[·*.xX]\s*(\d*(\.5)?|x|n)\s*H2O$|\s+\w*hydrate$", re.IGNORECASE)
_OF_A_KIND = {
    "OAc": "carboxylate",
    "HCO2": "carboxylate",
    "propionate": "carboxylate",
    "benzoate": "carboxylate",
    "OTs": "sulfonate",
    "OMs": "sulfonate",
}
"""Anions whose names end the names of others: sodium phenylacetate, lithium dodecanesulfonate."""
_KINDS = frozenset({"carboxylate", "sulfinate", "sulfonate"})
_LONG = 6
"""Letters from which a word may stand beside the rest of a name; a symbol stands alone."""


@dataclass(frozen=True, slots=True)
class Salt:
    """Ions of the table in the numbers in which they make a neutral whole."""

    cation: str
    anion: str
    cations: int = 1
    anions: int = 1

    @property
    def id(self) -> str:
        """`Bu4NBF4`, `K2CO3`, `Mg(ClO4)2`."""
        return _counted(self.cation, self.cations) + _counted(self.anion, self.anions)

    @property
    def charge(self) -> int:
        """Positive charges in one formula."""
        return self.cations * charges()[self.cation]

    @property
    def ionic_strength(self) -> float:
        """Of a solution of 1 mol/L, mol/L."""
        square = self.cations * charges()[self.cation] ** 2
        return (square + self.anions * charges()[self.anion] ** 2) / 2


def _counted(ion: str, number: int) -> str:
    if number == 1:
        return ion
    return f"({ion}){number}" if re.search(r"[A-Z].*[A-Z]|\d", ion) else f"{ion}{number}"


@cache
def charges() -> dict[str, int]:
    """Charge of every ion of the table, by its id."""
    return {row["id"]: int(row["charge"]) for row in rows("ions")}


def salt_of(cation: str, anion: str) -> Salt:
    """The salt of two ions, in the smallest numbers that are neutral."""
    plus, minus = charges()[cation], -charges()[anion]
    common = lcm(plus, minus)
    return Salt(cation, anion, common // plus, common // minus)


@cache
def is_quaternary(cation: str) -> bool:
    """Whether it is a quaternary ammonium or phosphonium, whose salts dissolve without water."""
    return _QUATERNARY.fullmatch(cation) is not None


def salt_named(name: str) -> Salt | None:
    """The salt behind a formula or name, None when its ions are not in the table.

    `Bu4NBF4`, `TBABF4`, `K2CO3`, `MgSO4·7H2O`, `sodium sulfate`, `... benzenediazonium BF4`.
    """
    whole = normalised(_HYDRATE.sub("", name))
    return next(iter(_readings(whole)), None)


def _readings(whole: str) -> Iterator[Salt]:
    """Formulas first, whose numbers must be neutral; then words, whose numbers follow."""
    split = [
        (head, digits, anion)
        for tail, anion in _ions(negative=True)
        for head, digits in _without(whole, tail)
    ]
    for head, anions, anion in split:
        for front, cation in _ions(negative=False):
            cations = head.removeprefix(front) if head.startswith(front) else "-"
            if cations == "" or cations.isdigit():
                found = Salt(cation, anion, int(cations or 1), int(anions or 1))
                if found.cations * charges()[cation] + found.anions * charges()[anion] == 0:
                    yield found
    for head, anions, anion in split:
        bare = re.sub(r"^(mono|di|tri|tetra)(?=sodium|potassium|lithium|ammonium)", "", head)
        for front, cation in _ions(negative=False):
            if anions or not front:
                continue
            if bare == front or (len(front) > _LONG and bare.endswith(front)):
                yield salt_of(cation, anion)
            elif bare.startswith(front) and len(front) >= _LONG and _kind(anion):
                yield salt_of(cation, _kind(anion))


def _kind(anion: str) -> str:
    return anion if anion in _KINDS else _OF_A_KIND.get(anion, "")


def _without(whole: str, tail: str) -> Iterator[tuple[str, str]]:
    """What stands before an anion at the end of a name, and the number behind the anion."""
    for digits in ("", "2", "3", "4"):
        head = whole.removesuffix(tail + digits)
        if head and head != whole:
            yield head, digits


@cache
def _ions(*, negative: bool) -> tuple[tuple[str, str], ...]:
    named = [
        (n, row["id"])
        for row in rows("ions")
        if (row["charge"][0] == "-") == negative
        for n in names(row)
    ]
    return tuple(sorted(named, key=lambda pair: -len(pair[0])))
