"""Groups of atoms in a molecule, by patterns in the part of SMARTS that the tables use.

An atom is a symbol (`C` aliphatic, `c` aromatic, `*` any) or a bracket of alternatives `,` each of
primitives: symbol, `#6`, `H2`, `X3` (neighbours with hydrogens), `D2` (without), `+`, `-`, `+0`,
`!` before one of them; `;` joins sets that all hold. Bonds are those of SMILES and `~`; one that
is not written is single or aromatic.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from faradaic.chemistry.elements import elements
from faradaic.chemistry.smiles import AROMATIC, Graph, read_graph

if TYPE_CHECKING:
    from faradaic.chemistry.smiles import Atom, Molecule

_PRIMITIVE = re.compile(
    r"(!?)(?:#(\d+)|([HXD])(\d?)|([+-])(\d?)|(Br|Cl|Se|Si|Sn|[BCNOPSFI])|([bcnops])|(\*))"
)
_BONDS = {
    "": (1.0, AROMATIC),
    "-": (1.0,),
    "=": (2.0,),
    "#": (3.0,),
    ":": (AROMATIC,),
    "~": (1.0, 2.0, 3.0, AROMATIC),
}

Primitive = tuple[bool, str, str | int]
AtomPattern = tuple[tuple[tuple[Primitive, ...], ...], ...]
"""All of these hold: any of these alternatives: all of these primitives (wanted, kind, value)."""


def contains(found_in: Molecule, pattern: str) -> bool:
    """Whether a molecule holds a pattern (a group of atoms) anywhere."""
    wanted = _pattern(pattern)
    return _place(found_in, wanted, ())


def _place(where: Molecule, wanted: Graph[AtomPattern], taken: tuple[int, ...]) -> bool:
    """Whether the atoms of a pattern that are not yet placed have a place beside those taken."""
    number = len(taken)
    if number == len(wanted.atoms):
        return True
    earlier = [(other, bond) for other, bond in wanted.bonds[number].items() if other < number]
    near = where.bonds[taken[earlier[0][0]]] if earlier else range(len(where.atoms))
    for place in near:
        if place in taken or not _fits(where, place, wanted.atoms[number]):
            continue
        joined = (where.bonds[place].get(taken[other], 0.0) in _BONDS[b] for other, b in earlier)
        if all(joined) and _place(where, wanted, (*taken, place)):
            return True
    return False


def _fits(where: Molecule, place: int, wanted: AtomPattern) -> bool:
    atom, neighbours = where.atoms[place], len(where.bonds[place])
    return all(
        any(
            all(_has(atom, neighbours, kind, value) is wish for wish, kind, value in alternative)
            for alternative in alternatives
        )
        for alternatives in wanted
    )


def _has(atom: Atom, neighbours: int, kind: str, value: str | int) -> bool:
    hydrogens = atom.hydrogens or 0
    match kind:
        case "element":
            return atom.element == value
        case "aliphatic" | "aromatic":
            return atom.element == value and atom.aromatic is (kind == "aromatic")
        case "H":
            return hydrogens == value
        case "X":
            return neighbours + hydrogens == value
        case "D":
            return neighbours == value
        case "charge":
            return atom.charge == value
        case _:
            return True


@cache
def _pattern(text: str) -> Graph[AtomPattern]:
    return read_graph(text, _atom_pattern)


def _atom_pattern(symbol: str) -> AtomPattern | None:
    inner = symbol[1:-1] if symbol.startswith("[") else symbol
    alternatives = tuple(
        tuple(_primitives(one) for one in part.split(",")) for part in inner.split(";")
    )
    return None if any(not one for part in alternatives for one in part) else alternatives


def _primitives(text: str) -> tuple[Primitive, ...]:
    """The primitives of one alternative; none if it has other signs."""
    found, place = [], 0
    while place < len(text):
        match = _PRIMITIVE.match(text, place)
        if match is None:
            return ()
        negated, number, kind, count, sign, charge, aliphatic, aromatic, _ = match.groups()
        value: str | int = ""
        if number:
            kind, value = "element", list(elements())[int(number) - 1]
        elif kind:
            value = int(count or 1)
        elif sign:
            kind, value = "charge", int(charge or 1) * (1 if sign == "+" else -1)
        elif aliphatic or aromatic:
            kind = "aliphatic" if aliphatic else "aromatic"
            value = (aliphatic or aromatic).capitalize()
        found.append((not negated, kind or "any", value))
        place = match.end()
    return tuple(found)
