"""Relaxed structures that ship with the package: the compounds that were made, and their rivals."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from faradaic.chemistry.formulas import parse_formula
from faradaic.computational.diffraction import (
    Reflections,
    average_spinel,
    cubic_lattice_A,
    reflections,
)
from faradaic.computational.screening.entries import reduced_formula
from faradaic.diagnostics import refusal
from faradaic.optional_libraries import optional_library

_SPINEL = re.compile(r"([A-Z][a-z]?)2\(((?:[A-Z][a-z]?){2,})\)O8")
STRUCTURES = Path(__file__).parents[1] / "data" / "spinel_structures.jsonl"


def stored_competitors(elements: Collection[str], **options: Any) -> list[Reflections]:
    """The lines of the lowest phase of each formula within some elements.

    `options` as for `diffraction.reflections`; a phase is called by its formula.
    """
    found = []
    for record in _records():
        if record["role"] == "competitor" and set(record["species"]) <= set(elements):
            counts = {s: record["species"].count(s) for s in dict.fromkeys(record["species"])}
            # Miller indices of the conventional cell are the ones that people know.
            symmetry = optional_library("pymatgen.symmetry.analyzer")
            cell = symmetry.SpacegroupAnalyzer(_structure(record), symprec=0.05)
            usual = cell.get_conventional_standard_structure()
            found.append(reflections(usual, reduced_formula(counts), **options))
    return found


def stored_lattice_A(composition: Mapping[str, float]) -> float | None:
    """Cubic lattice parameter of a relaxed spinel by its volume; None where it is not stored.

    `composition` in atoms of the stored cell, 14.
    """
    for record in _records():
        if record["role"] == "target" and Counter(record["species"]) == Counter(composition):
            return cubic_lattice_A(_structure(record).volume)
    return None


def spinel_reflections(
    name: str, tetrahedral: str, octahedral: Collection[str], lattice_A: float, **options: Any
) -> Reflections:
    """The lines of a high-entropy spinel whose cations share the octahedral sites at random."""
    return reflections(average_spinel(tetrahedral, list(octahedral), lattice_A), name, **options)


def spinel_of_formula(
    formula: str, lattice_A: float | None = None, **options: Any
) -> tuple[Reflections, frozenset[str]]:
    """(lines, elements) of A2(M1M2...)O8 as written; without a lattice the stored one is taken.

    Raises `InputError`: E905 for another form, E906 when no lattice parameter is known.
    """
    found = _SPINEL.fullmatch(formula.strip())
    if found is None:
        raise refusal(
            "E905",
            f"{formula!r} is not a spinel A2(M1M2M3M4)O8",
            'write "Mg2(ZnMgSbIn)O8", the cations of the octahedral sites in brackets',
        )
    atoms = parse_formula(formula).atoms
    if lattice_A is None:
        lattice_A = stored_lattice_A(atoms)
    if lattice_A is None:
        raise refusal(
            "E906",
            f"no lattice parameter is stored for {formula}",
            "give one that is right to 4 %, as --lattice 8.5",
        )
    octahedral = re.findall("[A-Z][a-z]?", found[2])
    lines = spinel_reflections(formula, found[1], octahedral, lattice_A, **options)
    return lines, frozenset(atoms)


@cache
def _records() -> tuple[dict[str, Any], ...]:
    records = []
    for line in STRUCTURES.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        record["species"] = record["species"].split()
        records.append(record)
    return tuple(records)


def _structure(record: dict[str, Any]) -> Any:
    core = optional_library("pymatgen.core")
    return core.Structure(record["lattice_A"], record["species"], record["fractional"])
