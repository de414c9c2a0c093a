"""Acids and bases: who gives a proton to whom, and the pH that follows.

Concentrations stand for activities, and the constants are those of water at 25 degC. In another
solvent the pKa of an acid that leaves an anion behind is taken 5 units higher, that of an
ammonium ion as in water, and 17 as the ion product: what they are near in methanol (acetic acid
9.6, triethylammonium 10.8, ion product 16.7; recalled), so that a free acid hardly conducts there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from faradaic.chemistry.salts import charges
from faradaic.chemistry.spelling import as_spelt, without_grade
from faradaic.chemistry.tables import names, normalised, rows
from faradaic.chemistry.water import PK_WATER

_ELSEWHERE_PK = 17.0
_ELSEWHERE_SHIFT = 5.0
_STRONG = 1.0
"""pKa below which an acid counts as strong in any solvent."""
_HALF_ESTER = re.compile(
    r"mono[a-z]+yl(malon|succin|glutar|adip|pimel|suber|azela|sebac|phthal|terephthal|fumar|male|"
    r"oxal|[a-z]+dio)ate$"
)
_CARBOXYL = re.compile(r"C\(=O\)O(?![A-Za-z0-9(\[@])|C\(=O\)\[OH\]|^O=?C\(=O\)|C\(O\)=O|^OC\(=O\)")


@dataclass(frozen=True, slots=True)
class _Step:
    """An acid, and the base that it is without its proton."""

    acid: str
    base: str
    pKa: float


@dataclass(frozen=True, slots=True)
class Family:
    """What one substance becomes by giving its protons away, one after the other."""

    species: tuple[str, ...]
    """From the most to the least protonated; those with a charge have a row among the ions."""
    pKa: tuple[float, ...]
    charge: int
    """Of the first."""


@cache
def _steps() -> tuple[_Step, ...]:
    return tuple(_Step(row["acid"], row["base"], float(row["pKa"])) for row in rows("acids"))


@cache
def family_of(species: str) -> Family | None:
    """The family of an acid of the table or of an ion."""
    steps = _steps()
    first = species
    while above := next((s.acid for s in steps if s.base == first), None):
        first = above
    found, constants = [first], []
    while step := next((s for s in steps if s.acid == found[-1]), None):
        found.append(step.base)
        constants.append(step.pKa)
    if len(found) == 1:
        return None
    last = charges().get(found[-1], 0)
    return Family(tuple(found), tuple(constants), last + len(constants))


@cache
def family_named(
    name: str, smiles: str | None = None, *, general: bool = True
) -> tuple[Family, str] | None:
    """The family of an acid or a base, and which of its species the name means.

    In general any other "... acid" is a carboxylic acid, but for boronic and amino acids, and so
    is what has the group in its SMILES.
    """
    bare = without_grade(name)
    keys = {normalised(written) for written in (name, bare, as_spelt(bare))}
    key = normalised(as_spelt(bare))
    for row in rows("acids"):
        if keys & set(names(row, "acid")):
            return _required(row["acid"]), row["acid"]
        base = {normalised(n) for n in (row["base"], *row["base_aliases"].split("|")) if n}
        if keys & base and row["base"] not in charges():
            return Family((row["acid"], row["base"]), (float(row["pKa"]),), 1), row["base"]
    if not general:
        return None
    for ending, acid in (("sulfonicacid", "sulfonic acid"), ("acid", "carboxylic acid")):
        if key.endswith(ending) and not re.search("boronic|amino|phosphonic|phosphinic", key):
            return _required(acid), acid
    if _HALF_ESTER.match(key):
        return _required("carboxylic acid"), "carboxylic acid"
    if smiles and _CARBOXYL.search(smiles) and "+" not in smiles and "-]" not in smiles:
        return _required("carboxylic acid"), "carboxylic acid"
    return None


def _required(acid: str) -> Family:
    family = family_of(acid)
    assert family is not None
    return family


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """Protons shared out."""

    pH: float
    species: Mapping[str, float]
    """mol/m³ of what belongs to a family, of H and of OH."""


def equilibrium(
    families: Mapping[Family, float],
    strong_charge_mol_per_m3: float,
    *,
    water: bool,
    fixed: Mapping[str, float] | None = None,
) -> Equilibrium:
    """The pH at which all charges cancel.

    `families` are total concentrations in mol/m³, the strong charge is that of all ions that take
    no part, and `fixed` holds species that a gas keeps at a concentration.
    """
    held = fixed or {}
    low, high = -2.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        found = _species(families, held, middle, water)
        sum_of_charges = strong_charge_mol_per_m3 + sum(
            charges().get(name, 0) * amount for name, amount in found.items()
        )
        low, high = (middle, high) if sum_of_charges > 0 else (low, middle)
    return Equilibrium(low, _species(families, held, low, water))


def _species(
    families: Mapping[Family, float], held: Mapping[str, float], pH: float, water: bool
) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    found["H"] += 1000 * 10.0**-pH
    found["OH"] += 1000 * 10.0 ** (pH - (PK_WATER if water else _ELSEWHERE_PK))
    for family, total in families.items():
        shares = [1.0]
        for number, pKa in enumerate(family.pKa):
            anion = family.charge - number <= 0
            shift = 0.0 if water or not anion or pKa < _STRONG else _ELSEWHERE_SHIFT
            shares.append(shares[-1] * 10.0 ** (pH - pKa - shift))
        unit = held.get(family.species[0])
        unit = total / sum(shares) if unit is None else unit
        for name, share in zip(family.species, shares, strict=True):
            found[name] += unit * share
    return dict(found)
