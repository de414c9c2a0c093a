"""The chemical elements: atomic weights and what descriptors need, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from faradaic.chemistry.tables import rows


@cache
def elements() -> Mapping[str, Mapping[str, float]]:
    """Properties by symbol, in order of the atomic number; one that is not known has no key.

    `standard_atomic_weight` (g/mol, IUPAC 2021), `pauling_electronegativity`,
    `first_ionisation_energy_eV`, `valence_electrons`.
    """
    found: dict[str, dict[str, float]] = {}
    for row in rows("elements"):
        found.setdefault(row["symbol"], {})[row["property"]] = float(row["value"])
    return found


@cache
def atomic_weights_g_per_mol() -> Mapping[str, float]:
    """Standard atomic weights by symbol."""
    return {symbol: known["standard_atomic_weight"] for symbol, known in elements().items()}
