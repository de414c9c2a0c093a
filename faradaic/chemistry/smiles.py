"""Molecules from SMILES: atoms, bonds, hydrogens and aromatic rings, enough to find groups in.

OpenSMILES (opensmiles.org, 2016) without stereochemistry, which is read over. Rings written with
alternating bonds become aromatic where every atom of a ring of five or six takes part.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from faradaic.chemistry.elements import elements
from faradaic.diagnostics import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
AROMATIC = 1.5
_TOKEN = re.compile(r"(\[[^\][]+\])|(Br|Cl|[BCNOPSFIbcnops*])|([-=#$:~/\\])|(%\d\d|\d)|([(.)])")
_BRACKET = re.compile(
    r"(?:\d+)?([A-Z][a-z]?|[a-z]{1,2}|\*)(?:@{1,2}(?:(?:TH|AL|SP|TB|OH)\d+)?)?(?:H(\d*))?(\++\d*|-+\d*)?(?::\d+)?"
)
_ORDERS = {"-": 1.0, "=": 2.0, "#": 3.0, "$": 4.0, ":": AROMATIC, "/": 1.0, "\\": 1.0}
_VALENCES = {
    "B": (3,),
    "C": (4,),
    "N": (3, 5),
    "O": (2,),
    "P": (3, 5),
    "S": (2, 4, 6),
    **dict.fromkeys(("F", "Cl", "Br", "I"), (1,)),
}
_LONE_PAIRS = frozenset({"N", "O", "S", "Se", "P"})


@dataclass(slots=True)
class Atom:
    """An atom of a molecule."""

    element: str
    aromatic: bool
    charge: int = 0
    hydrogens: int | None = None
    """Those that have no place of their own in the SMILES; None until they are counted."""


@dataclass(slots=True)
class Graph(Generic[T]):
    """Atoms (or what stands for them) and the bonds between them."""

    atoms: list[T] = field(default_factory=list)
    bonds: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    """Symbol of the bond between two atoms, both ways; "" where none is written."""


@dataclass(frozen=True, slots=True)
class Molecule:
    """Atoms and the orders of the bonds between them (1.5 in aromatic rings)."""

    atoms: tuple[Atom, ...]
    bonds: tuple[dict[int, float], ...]
    """By atom: order of the bond to each neighbour."""


def molecule(smiles: str) -> Molecule:
    """The molecules (or ions) that a SMILES describes.

    Raises `InputError` (E774) with the place where it cannot be read.
    """
    graph = read_graph(smiles, _atom)
    for atom in graph.atoms:
        if atom.element != "*" and atom.element not in elements():
            raise _unreadable(smiles, f"there is no element {atom.element}")
    bonds = [
        {
            other: _ORDERS.get(symbol)
            or (AROMATIC if atom.aromatic and graph.atoms[other].aromatic else 1.0)
            for other, symbol in graph.bonds[number].items()
        }
        for number, atom in enumerate(graph.atoms)
    ]
    for number, atom in enumerate(graph.atoms):
        if atom.hydrogens is None:
            atom.hydrogens = _hydrogens(atom, bonds[number])
    _find_aromatic(graph.atoms, bonds)
    return Molecule(tuple(graph.atoms), tuple(bonds))


def read_graph(text: str, atom: Callable[[str], T | None]) -> Graph[T]:
    """Follow chains, branches and ring closures; `atom` makes of each symbol what stands for it.

    Raises `InputError` (E774).
    """
    graph: Graph[T] = Graph()
    closures: dict[str, tuple[int, str]] = {}
    branches: list[int | None] = []
    here: int | None = None
    bond, place = "", 0

    def join(first: int, second: int, symbol: str) -> None:
        if first == second or second in graph.bonds[first]:
            raise _unreadable(text, "two atoms are joined twice", place)
        graph.bonds[first][second] = graph.bonds[second][first] = symbol

    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unreadable(text, f"{text[place]!r} has no meaning there", place)
        bracket, organic, bond_symbol, ring, other = match.groups()
        if bracket or organic:
            made = atom(bracket or organic)
            if made is None:
                raise _unreadable(text, f"{match[0]} is no atom", place)
            graph.atoms.append(made)
            if here is not None:
                join(here, len(graph.atoms) - 1, bond)
            here, bond = len(graph.atoms) - 1, ""
        elif here is None:
            raise _unreadable(text, f"{match[0]!r} follows no atom", place)
        elif bond_symbol:
            bond = bond_symbol
        elif ring:
            if ring in closures:
                start, symbol = closures.pop(ring)
                join(start, here, bond or symbol)
            else:
                closures[ring] = (here, bond)
            bond = ""
        elif other == "(":
            branches.append(here)
        elif other == ")":
            if not branches:
                raise _unreadable(text, "this bracket was never opened", place)
            here = branches.pop()
        else:
            here = None
        place = match.end()
    if branches or closures or bond or not graph.atoms:
        what = "a bracket" if branches else f"ring {'/'.join(closures)}" if closures else "it"
        raise _unreadable(text, f"{what} is not complete")
    return graph


def _atom(symbol: str) -> Atom | None:
    if not symbol.startswith("["):
        return Atom(symbol.capitalize(), symbol.islower())
    match = _BRACKET.fullmatch(symbol[1:-1])
    if match is None:
        return None
    element, hydrogens, charge = match.groups()
    sign = 0
    if charge:
        digits = charge.lstrip("+-")
        sign = (1 if charge[0] == "+" else -1) * (int(digits) if digits else len(charge))
    count = 0 if hydrogens is None else int(hydrogens or 1)
    return Atom(element.capitalize(), element.islower(), sign, count)


def _hydrogens(atom: Atom, bonds: dict[int, float]) -> int:
    """Implicit hydrogens: up to the lowest normal valence that the bonds do not exceed."""
    if atom.aromatic:
        return max(0, 3 - len(bonds)) if atom.element in ("C", "B") else 0
    used = sum(bonds.values())
    return next((int(v - used) for v in _VALENCES.get(atom.element, ()) if v >= used), 0)


def _find_aromatic(atoms: list[Atom], bonds: list[dict[int, float]]) -> None:
    """Mark rings written with alternating bonds, until no more are found."""
    rings = list(_rings(bonds))
    found = True
    while found:
        found = False
        for ring in rings:
            if all(atoms[n].aromatic for n in ring) or not _alternates(ring, atoms, bonds):
                continue
            found = True
            for n, after in zip(ring, (*ring[1:], ring[0]), strict=True):
                atoms[n].aromatic = True
                bonds[n][after] = bonds[after][n] = AROMATIC


def _alternates(ring: tuple[int, ...], atoms: list[Atom], bonds: list[dict[int, float]]) -> bool:
    """Whether each atom gives one electron, but in a ring of five one that gives a lone pair."""
    pairs = 0
    for n in ring:
        doubled = [other for other, order in bonds[n].items() if order == 2.0]
        if atoms[n].aromatic or (doubled and all(other in ring for other in doubled)):
            continue
        if doubled or atoms[n].element not in _LONE_PAIRS:
            return False
        pairs += 1
    return pairs == (len(ring) == 5)


def _rings(bonds: list[dict[int, float]]) -> Iterator[tuple[int, ...]]:
    """Rings of five and six atoms, each once."""

    def onward(path: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        for other in bonds[path[-1]]:
            if other == path[0] and len(path) in (5, 6) and path[1] < path[-1]:
                yield path
            elif other > path[0] and other not in path and len(path) < 6:
                yield from onward((*path, other))

    for start in range(len(bonds)):
        yield from onward((start,))


def _unreadable(text: str, why: str, place: int | None = None) -> InputError:
    where = "" if place is None else f", at character {place + 1}"
    return InputError.of(
        f"{text!r:.80} is no SMILES: {why}{where}",
        help="copy the SMILES from the drawing program, or leave it out and give the `name`",
        code="E774",
    )
