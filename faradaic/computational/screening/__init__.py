"""Stability screening: from a pool of cations to energies above the hull."""

from faradaic.computational.screening.competing import competing_structures
from faradaic.computational.screening.compositions import spinel_template
from faradaic.computational.screening.structures import targets

__all__ = ["competing_structures", "spinel_template", "targets"]
