"""A sweep and its blank (CO2 and N2) on one grid, with what their difference is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import Floats, paired, positive
from faradaic.diagnostics import InputError


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of one direction, and the conditions that a comparison depends on."""

    potential_V: ArrayLike
    """On `scale`."""
    current_A: ArrayLike
    area_m2: float
    scale: str
    """"RHE", "SHE", ..."""
    pH: float | None
    """That the conversion to `scale` used, at the gas of this sweep."""
    ohmic_corrected: bool
    gas: str


@dataclass(frozen=True, slots=True)
class SweepPair:
    """Two sweeps on one grid, within the potentials that both have; arrays of one length."""

    potential_V: Floats
    """Rising."""
    sample_A_per_m2: Floats
    blank_A_per_m2: Floats
    difference_A_per_m2: Floats
    """Sample minus blank, signed; not the partial current of a product."""
    caveats: tuple[str, ...]


def compare_sweeps(sample: Sweep, blank: Sweep, *, step_V: float = 1e-3) -> SweepPair:
    """Interpolate both sweeps linearly on one grid of `step_V` and subtract; densities in A/m².

    Raises `InputError` (E779) for sweeps on different scales, of which one is corrected for the
    ohmic drop and the other not, of opposite directions, with an RHE axis without pH, or without
    common potentials.
    """
    positive(step_V=step_V, sample_area_m2=sample.area_m2, blank_area_m2=blank.area_m2)
    if sample.scale != blank.scale:
        raise _different(
            f"the sweeps are on the scales {sample.scale} and {blank.scale}", "convert one of them"
        )
    if sample.ohmic_corrected != blank.ohmic_corrected:
        raise _different(
            "only one of the sweeps is corrected for the ohmic drop", "correct both, or neither"
        )
    if sample.scale == "RHE" and (sample.pH is None or blank.pH is None):
        raise _different(
            "an RHE axis needs the pH of each sweep", "write pH=6.8 (CO2) and pH=8.3 (N2)"
        )
    curves = [
        paired(sweep.potential_V, sweep.current_A, at_least=2, what=f"the sweep in {sweep.gas}")
        for sweep in (sample, blank)
    ]
    directions = [float(np.sign(E_V[-1] - E_V[0])) for E_V, _ in curves]
    for (E_V, _), sweep in zip(curves, (sample, blank), strict=True):
        if np.ptp(E_V) == 0.0:
            raise _different(
                f"the potential of the sweep in {sweep.gas} does not change",
                "give a sweep; `faradaic read FILE` says what a file is",
            )
    if directions[0] != directions[1]:
        raise _different(
            "the sweeps run in opposite directions", "take the branch of the same direction of each"
        )
    low_V = max(float(E_V.min()) for E_V, _ in curves)
    high_V = min(float(E_V.max()) for E_V, _ in curves)
    points = int(np.floor((high_V - low_V) / step_V * (1.0 + 1e-12))) + 1
    if points < 2:
        raise _different(
            f"the sweeps share no {step_V:g} V of potential: {low_V:g} to {high_V:g} V",
            "record both over one window",
        )
    grid_V: Floats = low_V + step_V * np.arange(points, dtype=np.float64)
    densities = []
    for (E_V, i_A), sweep in zip(curves, (sample, blank), strict=True):
        order = np.argsort(E_V, kind="stable")
        densities.append(np.interp(grid_V, E_V[order], i_A[order]) / sweep.area_m2)
    caveats = [
        f"the difference is not a partial current: {sample.gas} changes the background reactions"
    ]
    if not sample.ohmic_corrected:
        caveats.append("neither sweep is corrected for the ohmic drop, which differs between them")
    if sample.pH is None or blank.pH is None:
        caveats.append("the pH of a sweep is not known")
    elif sample.pH != blank.pH:
        caveats.append(f"pH {sample.pH:g} in {sample.gas}, {blank.pH:g} in {blank.gas}")
    if sample.area_m2 != blank.area_m2:
        caveats.append(f"areas {sample.area_m2:g} and {blank.area_m2:g} m2")
    return SweepPair(
        grid_V, densities[0], densities[1], densities[0] - densities[1], tuple(caveats)
    )


def _different(what: str, remedy: str) -> InputError:
    return InputError.of(f"no comparison: {what}", help=remedy, code="E779")
