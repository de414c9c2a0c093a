"""Chemical formulas: composition, charge and molar mass of `[Ag25(SC8H9)18]-`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from faradaic.chemistry.elements import atomic_weights_g_per_mol
from faradaic.diagnostics import InputError

_TOKEN = re.compile(r"([A-Z][a-z]?)(\d*)|([\[(])|([\])])(\d*)")
_MAXIMUM_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Formula:
    """A composition and a charge."""

    text: str
    atoms: Mapping[str, int]
    """Number of atoms by element symbol."""
    charge: int = 0

    def count(self, element: str) -> int:
        """Atoms of one element, 0 when it is not in it."""
        return self.atoms.get(element, 0)

    @property
    def molar_mass_kg_per_mol(self) -> float:
        """Sum of the standard atomic weights; the mass of the electrons of a charge is left out."""
        weights = atomic_weights_g_per_mol()
        return 1e-3 * sum(weights[element] * number for element, number in self.atoms.items())


@cache
def parse_formula(text: str) -> Formula:
    """Read a formula: element symbols, counts, brackets; a charge at the end as `-`, `^2-` or `--`.

    `HCOO-`, `CO3^2-`, `[Ag25(SC8H9)18]-`. Abbreviations of groups (Ph, Me) are not read, because
    their hydrogen count depends on where they are bound. Raises `InputError` (E730).
    """
    body = text.strip()
    if not body or len(body) > _MAXIMUM_LENGTH:
        raise _wrong(text, f"a formula has 1 to {_MAXIMUM_LENGTH} characters")
    charge = 0
    if found := re.search(r"(?:\^(\d+)([+-])|([+-]+))$", body):
        body = body[: found.start()]
        signs = found[2] or found[3]
        if len(set(signs)) != 1:
            raise _wrong(text, "its charge has two signs")
        charge = (int(found[1]) if found[1] else len(signs)) * (1 if signs[0] == "+" else -1)
    stack: list[tuple[str, Counter[str]]] = [("", Counter())]
    at = 0
    while at < len(body):
        token = _TOKEN.match(body, at)
        if token is None:
            raise _wrong(text, f"{body[at]!r} is not expected there")
        element, number, opened, closed, times = token.groups()
        if element:
            if element not in atomic_weights_g_per_mol():
                raise _wrong(text, f"{element} is not an element of the table")
            stack[-1][1][element] += int(number or 1)
        elif opened:
            stack.append((opened, Counter()))
        else:
            bracket, group = stack.pop()
            if bracket + closed not in ("()", "[]"):
                raise _wrong(text, f"{closed!r} closes nothing")
            for symbol, inside in group.items():
                stack[-1][1][symbol] += inside * int(times or 1)
        at = token.end()
    if len(stack) > 1:
        raise _wrong(text, "a bracket is not closed")
    atoms = {symbol: number for symbol, number in stack[0][1].items() if number}
    if not atoms:
        raise _wrong(text, "there is no element in it")
    return Formula(text, atoms, charge)


def _wrong(text: str, why: str) -> InputError:
    return InputError.of(
        f"{text[:80]!r} is not a formula: {why}",
        help="write elements, counts, brackets and a charge, as `C2H5OH`, `HCOO-`, `CO3^2-`"
        " or `[Ag25(SC8H9)18]-`",
        code="E730",
    )
