"""Ions: an element with its charge, written as chemists do ("Mg2+", "O2-", "Li+")."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import gcd
from pathlib import Path

from faradaic.chemistry.elements import elements
from faradaic.diagnostics import refusal
from faradaic.optional_libraries import optional_library

TABLES = Path(__file__).parent / "tables"

_ION = re.compile(r"([A-Z][a-z]?)(?:(\d*)([+-])|([+-])(\d+))?")


@dataclass(frozen=True, slots=True, order=True)
class Ion:
    """An element with its charge number."""

    element: str
    charge: int

    def __str__(self) -> str:
        number = str(abs(self.charge)) if abs(self.charge) != 1 else ""
        return f"{self.element}{number}{'+' if self.charge > 0 else '-'}"


@cache
def redox_inactive_cations() -> tuple[Ion, ...]:
    """The fourteen cations of Dheerasinghe et al. 2025 that keep one charge in an oxide."""
    with (TABLES / "redox_inactive_cations.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(parse_ion(row["ion"]) for row in csv.DictReader(stream))


@cache
def parse_ion(text: str) -> Ion:
    """Read an ion: "Mg2+", "Mg+2", "Cl-", or a bare "Mg" where only one charge is usual.

    The charge of a bare element is the one in `redox_inactive_cations()`, else the only one that
    smact lists. Raises `InputError`: E800 for an unknown element or another form, E801 where the
    charge is not given and there are several.
    """
    found = _ION.fullmatch(text.strip())
    if found is None:
        raise refusal("E800", f"{text!r} is not an ion", 'write "Mg2+", "Sb5+" or "O2-"')
    element, number, sign, sign_first, number_last = found.groups()
    if element not in elements():
        raise refusal(
            "E800",
            f"{text!r}: {element} is not an element of the table",
            'write the symbol with its charge, "Mg2+"',
        )
    if sign or sign_first:
        charge = int(number or number_last or 1) * (1 if (sign or sign_first) == "+" else -1)
        if not charge:
            raise refusal("E800", f"{text!r} has no charge", 'write "Mg2+" or "O2-"')
        return Ion(element, charge)
    return Ion(element, _usual_charge(element))


def parse_ions(texts: Iterable[str]) -> tuple[Ion, ...]:
    """Several ions, in order. Raises `InputError` (E802) where one is named twice."""
    ions = tuple(parse_ion(text) for text in texts)
    twice = sorted({str(ion) for ion in ions if ions.count(ion) > 1})
    if twice:
        raise refusal("E802", f"{', '.join(twice)} is named twice", "name each ion once")
    return ions


def formula(ions: Iterable[Ion]) -> str:
    """The reduced formula of the ions of a cell, by rising charge and anion last: "MgAl2O4"."""
    counts: Counter[str] = Counter()
    charges: dict[str, int] = {}
    for ion in ions:
        counts[ion.element] += 1
        charges[ion.element] = max(ion.charge, charges.get(ion.element, ion.charge))
    unit = gcd(*counts.values())
    order = sorted(counts, key=lambda element: (charges[element] < 0, charges[element], element))
    return "".join(f"{e}{counts[e] // unit if counts[e] > unit else ''}" for e in order)


def _usual_charge(element: str) -> int:
    for ion in redox_inactive_cations():
        if ion.element == element:
            return ion.charge
    known = optional_library("smact").Element(element).oxidation_states or []
    if len(known) == 1:
        return int(known[0])
    listed = ", ".join(str(Ion(element, charge)) for charge in known) or "none in smact"
    raise refusal(
        "E801",
        f"the charge of {element} is not given, and several are usual ({listed})",
        f'write it with its charge: "{element}2+" or "{element}3+"',
    )
