"""Potentials without the drop of the uncompensated resistance.

E(corrected) = E(measured) − (1 − f)·I·R_u, with f the fraction that the instrument has already
compensated. The sign comes from the current alone: with anodic currents positive, an anodic current
makes the measured potential too positive, wherever on the scale it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.diagnostics import InputError

_DOMINANT_FRACTION = 0.5


@dataclass(frozen=True, slots=True)
class OhmicCorrection:
    """Potentials without the ohmic drop, beside what was taken off; arrays of one shape."""

    potential_V: NDArray[np.float64]
    drop_V: NDArray[np.float64]
    """(1 − f)·I·R_u; the measured potential is the sum of both."""
    uncertainty_V: NDArray[np.float64]
    """Standard uncertainty from that of the resistance; it is common to all points."""
    remaining_resistance_ohm: float
    flags: tuple[str, ...]


def correct_ohmic_drop(
    potential_V: ArrayLike,
    current_A: ArrayLike,
    resistance_ohm: float,
    *,
    compensated_fraction: float,
    uncertainty_ohm: float = 0.0,
    open_circuit_V: float | None = None,
) -> OhmicCorrection:
    """Potentials (V) without the drop of the current (A) in the resistance not yet compensated.

    `compensated_fraction` has no default: 0 for raw potentials, 0.85 where the instrument
    compensated 85 % during the measurement, 1 where the file is already corrected. With
    `open_circuit_V`, a drop above half of the polarisation is flagged. Raises `InputError` (E774).
    """
    if not 0.0 <= compensated_fraction <= 1.0:
        raise InputError.of(
            f"the compensated fraction is {compensated_fraction:g}; it lies from 0 to 1",
            help="write 0 for raw potentials, 0.85 for 85 % compensated by the instrument",
            code="E774",
        )
    if not (0.0 <= resistance_ohm < math.inf and 0.0 <= uncertainty_ohm < math.inf):
        raise InputError.of(
            f"the resistance is {resistance_ohm:g} ± {uncertainty_ohm:g} ohm",
            help="give finite numbers of at least 0, in ohm: resistance_ohm=5.0",
            code="E774",
        )
    measured_V, I_A = np.asarray(potential_V, float), np.asarray(current_A, float)
    if measured_V.shape != I_A.shape:
        raise InputError.of(
            f"potentials of shape {measured_V.shape} and currents of shape {I_A.shape}",
            help="give one current for each potential",
            code="E774",
        )
    left = 1.0 - compensated_fraction
    drop_V = left * resistance_ohm * I_A
    flags = []
    if open_circuit_V is not None:
        polarisation_V = np.abs(measured_V - open_circuit_V)
        share = np.mean(np.abs(drop_V) > _DOMINANT_FRACTION * polarisation_V)
        if share > 0.0:
            flags.append(f"the drop is over half of the polarisation in {share:.0%} of the points")
    return OhmicCorrection(
        measured_V - drop_V,
        drop_V,
        np.abs(left * uncertainty_ohm * I_A),
        left * resistance_ohm,
        tuple(flags),
    )
