"""Ions of the table, and the salts that names and formulas make of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import lcm

from faradaic.chemistry.smiles import canonical, contains, molecule
from faradaic.chemistry.spelling import as_spelt
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
_KINDS_DRAWN = {
    "carboxylate": "C(=O)[O-]",
    "sulfonate": "[#6]S(=O)(=O)[O-]",
    "sulfinate": "[#6][SX3](=O)[O-]",
    "diazonium": "c[N+]#N",
}
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
    bare = _HYDRATE.sub("", name)
    written = dict.fromkeys((normalised(as_spelt(bare)), normalised(bare)))
    return next((salt for whole in written for salt in _readings(whole)), None)


@cache
def salts_meant(*named: str | None, smiles: str | None = None) -> tuple[Salt, ...]:
    """The salts that names and the SMILES of a component mean, none twice."""
    found = [salt_named(name) for name in dict.fromkeys(named) if name]
    found += [_salt_of_smiles(smiles)] if smiles else []
    return tuple(dict.fromkeys(salt for salt in found if salt is not None))


@cache
def _salt_of_smiles(smiles: str) -> Salt | None:
    """The salt of a SMILES with two kinds of ions of the table, and perhaps its water."""
    ions = Counter(_ion_drawn(part) for part in smiles.split(".") if part != "O")
    if len(ions) != 2 or "" in ions:
        return None
    cation, anion = sorted(ions, key=lambda ion: -charges()[ion])
    if not charges()[cation] > 0 > charges()[anion]:
        return None
    salt = salt_of(cation, anion)
    return salt if ions[cation] * salt.anions == ions[anion] * salt.cations else None


def _ion_drawn(smiles: str) -> str:
    """The id of an ion, or of its kind; empty where the table has none."""
    if found := _ions_drawn().get(canonical(smiles)):
        return found
    drawn = molecule(smiles)
    kinds = (kind for kind, group in _KINDS_DRAWN.items() if contains(drawn, group))
    return next(kinds, "") if smiles.count("-]") + smiles.count("+]") == 1 else ""


@cache
def _ions_drawn() -> dict[str, str]:
    return {canonical(row["smiles"]): row["id"] for row in rows("ions") if row["smiles"]}


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
    if whole.endswith("oate") and not whole.endswith("dioate"):  # potassium hexanoate
        for front, cation in _ions(negative=False):
            if len(front) >= _LONG and whole.startswith(front):
                yield salt_of(cation, "carboxylate")


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
