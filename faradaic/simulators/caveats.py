"""What is odd about a simulated curve that is computed as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faradaic.simulators.mechanism_parameters import MechanismParameters
    from faradaic.simulators.waveforms import Waveform

FASTEST_SCAN_V_PER_S = 2.5e6
"""Fastest voltammograms recorded: a few MV/s (Amatore, Maisonhaute, Simonneau 2000)."""

FASTEST_ENCOUNTER_M3_PER_MOL_S = 1e8
"""Ten times the rate at which molecules meet by diffusion in water (Smoluchowski 1917)."""

STANDING_SHARE = 0.05
"""Of the largest current: more than this at the first points of a sweep is a wave under way."""


def caveats(
    parameters: MechanismParameters,
    waveform: Waveform,
    current_A: NDArray[np.float64],
    capacitance_F: float,
) -> tuple[str, ...]:
    """Sentences about numbers beyond what has been measured and sweeps that begin in a wave."""
    notes = []
    if waveform.scan_rate_V_per_s is not None and not waveform.jumps:
        if waveform.scan_rate_V_per_s > FASTEST_SCAN_V_PER_S:
            notes.append(
                f"{waveform.scan_rate_V_per_s:.3g} V/s is faster than any voltammogram that was "
                f"measured ({FASTEST_SCAN_V_PER_S:.2g} V/s); diffusion and the double layer may "
                "not follow the equations used here"
            )
        first = np.flatnonzero(waveform.sampled)[:2]
        largest = float(np.max(np.abs(current_A)))
        charging_A = capacitance_F * waveform.scan_rate_V_per_s
        if np.min(np.abs(current_A[first])) - charging_A > STANDING_SHARE * largest > 0.0:
            notes.append(
                "the sweep begins where current already flows: its first points are those of a "
                "potential step; begin it further from the formal potential"
            )
    steps = parameters.mechanism.chemical_steps
    for step, forward, backward in zip(steps, parameters.forward, parameters.backward, strict=True):
        for k, molecules in ((forward, step.reactants), (backward, step.products)):
            if len(molecules) == 2 and k > FASTEST_ENCOUNTER_M3_PER_MOL_S:
                notes.append(
                    f"{' + '.join(molecules)} react with {k:.3g} m³/(mol s), faster than "
                    "diffusion lets molecules meet (about 1e7)"
                )
    return tuple(notes)
