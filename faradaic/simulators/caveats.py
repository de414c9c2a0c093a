"""What is odd about a simulated curve that is computed as it was asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from faradaic.quantities.constants import BOLTZMANN_PER_PLANCK_HZ_PER_K
from faradaic.simulators.thermodynamic_cycles import contradictions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from faradaic.simulators.mechanism_parameters import MechanismParameters
    from faradaic.simulators.waveforms import Waveform

FASTEST_SCAN_V_PER_S = 2.5e6
"""Fastest voltammograms recorded: a few MV/s (Amatore, Maisonhaute, Simonneau 2000)."""

FASTEST_ENCOUNTER_M3_PER_MOL_S = 1e8
"""Ten times the rate at which molecules meet by diffusion in water (Smoluchowski 1917)."""

FASTEST_DIFFUSION_M2_PER_S = 1e-7
"""Ten times that of the proton in water, 9.3e-9 (CRC Handbook)."""

DENSEST_MOL_PER_M3 = 1e5
"""Pure water has 5.5e4."""

COLDEST_K, HOTTEST_K = 100.0, 2000.0
"""Liquids: from ethane to molten salts and slags."""

FIRST_ORDER_INTERACTION = -4.0
"""Frumkin: θ/(1-θ) exp(gθ) no longer rises with θ everywhere (1/θ + 1/(1-θ) + g < 0 at ½)."""

REACTED_SHARE = 1e-3
"""Of the largest concentration, and of a rate: less than this is at rest."""

STANDING_SHARE = 0.05
"""Of the largest current: more than this at the first points of a sweep is a wave under way."""


def caveats(
    parameters: MechanismParameters,
    waveform: Waveform,
    current_A: NDArray[np.float64],
    capacitance_F: float,
) -> tuple[str, ...]:
    """Sentences about numbers that nothing has, and sweeps that begin in a wave."""
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
    kelvin = parameters.temperature_K
    if not COLDEST_K <= kelvin <= HOTTEST_K:
        notes.append(f"at {kelvin:.6g} K there is no solution; 25 degC are 298.15 K")
    mechanism = parameters.mechanism
    amounts = zip(mechanism.dissolved, parameters.concentrations_mol_per_m3, strict=True)
    notes += [
        f"{c:.3g} mol/m³ of {name} is denser than any liquid; 1 mM is 1 mol/m³"
        for name, c in amounts
        if c > DENSEST_MOL_PER_M3
    ]
    diffusions = zip(mechanism.dissolved, parameters.diffusion_m2_per_s, strict=True)
    notes += [
        f"{name} diffuses with {D:.3g} m²/s, faster than anything in a liquid; 1e-5 cm²/s is "
        "1e-9 m²/s"
        for name, D in diffusions
        if D > FASTEST_DIFFUSION_M2_PER_S
    ]
    notes += contradictions(parameters)
    notes += _reacting(parameters, waveform.duration_s)
    for molecules, _, k in parameters.reactions():
        if len(molecules) == 1 and k > BOLTZMANN_PER_PLANCK_HZ_PER_K * kelvin:
            notes.append(
                f"{molecules[0]} reacts with {k:.3g} 1/s, faster than molecules move (kT/h, "
                f"{BOLTZMANN_PER_PLANCK_HZ_PER_K * kelvin:.2g} 1/s)"
            )
        if len(molecules) == 2 and k > FASTEST_ENCOUNTER_M3_PER_MOL_S:
            notes.append(
                f"{' + '.join(molecules)} react with {k:.3g} m³/(mol s), faster than "
                "diffusion lets molecules meet (about 1e7)"
            )
    notes += [*_electrons(parameters), *_transitions(parameters)]
    return tuple(notes)


def _reacting(parameters: MechanismParameters, duration_s: float) -> Iterator[str]:
    """Sentences about a solution that reacts by itself from the start on, noticeably."""
    mechanism = parameters.mechanism
    amounts = dict(zip(mechanism.dissolved, parameters.concentrations_mol_per_m3, strict=True))
    noticeable = REACTED_SHARE * max(amounts.values(), default=0.0)
    steps = zip(mechanism.chemical_steps, parameters.forward, parameters.backward, strict=True)
    for step, forward, backward in steps:
        if not amounts.keys() >= {*step.reactants, *step.products}:
            continue  # on the electrode
        there = forward * math.prod(amounts[name] for name in step.reactants)
        back = backward * math.prod(amounts[name] for name in step.products)
        if abs(there - back) > max(noticeable / duration_s, REACTED_SHARE * max(there, back)):
            sides = " + ".join(step.reactants), " + ".join(step.products)
            yield (
                f"{sides[0]} {'=' if step.reversible else '->'} {sides[1]} runs in the solution "
                "from the start on, without the electrode; mix what is at equilibrium if it was"
            )


def _electrons(parameters: MechanismParameters) -> Iterator[str]:
    """A sentence if chemical steps undo what electrode steps did without giving electrons back."""
    mechanism = parameters.mechanism
    names = mechanism.dissolved + mechanism.adsorbed
    rows, electrons = [], []
    for step in mechanism.electrode_steps:
        rows.append([int(n == step.reduced) - int(n == step.oxidised) for n in names])
        electrons.append(step.electrons)
    for chemical in mechanism.chemical_steps:
        rows.append([chemical.products.count(n) - chemical.reactants.count(n) for n in names])
        electrons.append(0)
    held = np.array(rows, dtype=np.float64)
    both = np.column_stack([held, electrons])
    if np.linalg.matrix_rank(both) > np.linalg.matrix_rank(held):
        yield (
            "electrons appear or vanish round a cycle of the steps: one of them leaves out the "
            "substrate that takes or gives them, which then never runs short"
        )


def _transitions(parameters: MechanismParameters) -> Iterator[str]:
    """Sentences about adsorbed species that attract each other into a phase of their own."""
    attraction = dict(zip(parameters.mechanism.adsorbed, parameters.interactions, strict=True))
    for step in parameters.mechanism.electrode_steps:
        g = attraction.get(step.oxidised, 0.0) + attraction.get(step.reduced, 0.0)
        if g < FIRST_ORDER_INTERACTION:
            yield (
                f"{step.oxidised}/{step.reduced} with interactions of {g:g} in all attract below "
                f"{FIRST_ORDER_INTERACTION:g}: the change is of first order, its spike as high as "
                "kinetics and samples let it, and its potential depends on the direction"
            )
