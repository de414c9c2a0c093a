"""The temperature above which configurational entropy outweighs the energy above the hull."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from faradaic.quantities.constants import BOLTZMANN_EV_PER_K

_ON_THE_HULL_EV_ATOM: Final = 1e-9
"""Accuracy of the linear programme."""

SOLID_STATE_LIMIT_K: Final = 1473.0
"""1200 degC, a usual upper temperature of solid-state synthesis and the paper's filter
(Dheerasinghe et al., Chem. Commun. 61 (2025) 11199)."""


def configurational_entropy_eV_K_atom(
    sublattices: Sequence[Mapping[str, float]], atoms: int
) -> float:
    """Ideal mixing entropy per atom, -kB sum(n ln x)/atoms, in eV/K.

    Each sublattice gives the number n of each species on it in a cell of `atoms` atoms. One
    spinel cell A2(M1M2M3M4)O8 with four different M has 4 kB ln 4 / 14 = 34.13 µeV/(K atom). The
    competing phases are taken as ordered, so that this is an upper bound of the gain.
    """
    entropy = 0.0
    for occupation in sublattices:
        sites = sum(occupation.values())
        if sites > atoms or min(occupation.values()) < 0:
            raise ValueError(f"{dict(occupation)} does not fit into a cell of {atoms} atoms")
        entropy -= sum(n * math.log(n / sites) for n in occupation.values() if n)
    return BOLTZMANN_EV_PER_K * entropy / atoms


def stabilized_above_K(above_hull_eV_atom: float, entropy_eV_K_atom: float) -> float:
    """T_stabilized = E_hull / S_config in K (same paper).

    Negative for a compound below the hull, which needs no entropy. Without entropy plus infinity
    above the hull and minus infinity on it.
    """
    if entropy_eV_K_atom == 0.0:
        return math.inf if above_hull_eV_atom > _ON_THE_HULL_EV_ATOM else -math.inf
    return above_hull_eV_atom / entropy_eV_K_atom


def temperature_text(stabilized_K: float) -> str:
    """The temperature with its unit; "any" below the hull, where a compound needs no entropy."""
    return "any" if stabilized_K < 0 else f"{stabilized_K:.0f} K"
