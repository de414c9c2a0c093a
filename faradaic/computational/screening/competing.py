"""Phases that compete with a composition: what the prototype library holds for a set of cations."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from faradaic.computational.screening.ions import (
    TABLES,
    Ion,
    formula,
    parse_ion,
    redox_inactive_cations,
)
from faradaic.computational.screening.prototypes import labelled_cell, library
from faradaic.computational.screening.radii import starting_radius_A
from faradaic.computational.screening.starting_structure import StartingStructure
from faradaic.diagnostics import refusal


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """Which ions the prototypes take, as written in `tables/competing_rules.toml`."""
    with (TABLES / "competing_rules.toml").open("rb") as stream:
        return tuple(tomllib.load(stream)["rule"])


def competing_structures(
    cations: Iterable[Ion | str] | None = None, anion: Ion | str = "O2-"
) -> Iterator[StartingStructure]:
    """The competing phases of a set of cations (by default the fourteen redox-inactive ones).

    Names are unique: "MgAl2O4 spinel", "MgAl2O4 spinel inverse 3", "AlGaO3 perovskite Al-Ga".
    Raises `InputError`: E810 for an anion that is not divalent, E806 for a cation without a radius.
    """
    chosen = redox_inactive_cations() if cations is None else cations
    pool = tuple(parse_ion(ion) if isinstance(ion, str) else ion for ion in chosen)
    negative = parse_ion(anion) if isinstance(anion, str) else anion
    if negative.charge != -2:
        raise refusal(
            "E810",
            f"there are no competing phases with {negative}: the rules are for divalent anions",
            'take "O2-", "S2-" or "Se2-", or bring your own entries',
        )
    for rule in rules():
        for ions in _assignments(rule, pool):
            yield _structure(rule, {**ions, "X": negative})


def _assignments(rule: Mapping[str, Any], pool: tuple[Ion, ...]) -> Iterator[dict[str, Ion]]:
    """The ions that a rule puts on its sites, by label."""
    charges: Mapping[str, int] = rule["charges"]
    ranges: Mapping[str, tuple[float, float]] = rule.get("radius_A", {})
    candidates = [
        [ion for ion in pool if ion.charge == charge and _fits(ion, ranges.get(label))]
        for label, charge in charges.items()
    ]
    rank = {ion: i for i, ion in enumerate(pool)}
    for ions in product(*candidates):
        different = len(set(ions))
        if rule.get("same") and different > 1:
            continue
        if not rule.get("same") and not rule.get("repeat") and different < len(ions):
            continue
        found = dict(zip(charges, ions, strict=True))
        places = [rank[found[label]] for label in rule.get("unordered", ())]
        if places == sorted(places):
            yield found


def _fits(ion: Ion, limits: tuple[float, float] | None) -> bool:
    return limits is None or limits[0] <= starting_radius_A(ion) <= limits[1]


def _structure(rule: Mapping[str, Any], ions: Mapping[str, Ion]) -> StartingStructure:
    prototype = rule["prototype"]
    charges = tuple((label, ion.charge) for label, ion in ions.items())
    ordered = "into" in library()[prototype]
    cell = labelled_cell(prototype, charges if ordered else ())
    placed = [ions[label] for label in cell.labels]
    structure = cell.occupied(placed)
    name = f"{formula(placed)} {prototype}"
    values = list(rule["charges"].values())
    if len(set(values)) < len(values) and not (rule.get("same") or rule.get("unordered")):
        name += " " + "-".join(ions[label].element for label in rule["charges"])
    return StartingStructure(name, prototype, cell.family, "competitor", structure, cell.source)
