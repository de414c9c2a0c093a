"""Shannon's effective ionic radii (Acta Cryst. A 1976, 32, 751): ionic, not crystal radii."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from faradaic.computational.screening.ions import TABLES, Ion
from faradaic.diagnostics import refusal


def ionic_radius_A(ion: Ion, coordination: str = "VI", spin: str = "") -> float:
    """The radius in Å for a coordination number in Roman numerals ("IV", "VI", "IVSQ").

    `spin` is "high" or "low" and counts where Shannon tells them apart; left empty there, the ion
    has no radius. Raises `InputError` (E806) naming what the table holds for the ion.
    """
    known = _radii().get((ion.element, ion.charge), {})
    found = {
        radius
        for (number, s), radius in known.items()
        if number == coordination and (not s or spin in ("", s))
    }
    if len(found) == 1:
        return found.pop()
    listed = ", ".join(f"{number} {s}".rstrip() for number, s in known)
    problem = "two spin states" if found else "no radius"
    asked = f"{ion} in coordination {coordination} {spin}".rstrip()
    raise refusal(
        "E806",
        f"Shannon's table has {problem} for {asked}",
        f"say which, in a study `spin: {{{ion}: high}}` or `low`"
        if found
        else f"it has {ion} in {listed}"
        if listed
        else f"leave {ion} out, or check its charge",
    )


def starting_radius_A(ion: Ion) -> float:
    """A radius for a starting cell: six-fold coordination and high spin."""
    known = _radii().get((ion.element, ion.charge), {})
    return known.get(("VI", "high")) or ionic_radius_A(ion)


@cache
def _radii() -> Mapping[tuple[str, int], Mapping[tuple[str, str], float]]:
    table: dict[tuple[str, int], dict[tuple[str, str], float]] = {}
    with (TABLES / "shannon_radii.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            key = row["element"], int(row["charge"])
            radius = float(row["ionic_radius_A"])
            table.setdefault(key, {})[row["coordination"], row["spin"]] = radius
    return table
