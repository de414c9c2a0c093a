"""The potential of an electrode through which no current passes."""

from __future__ import annotations

import math

from faradaic.diagnostics import refusal
from faradaic.simulators.mechanism import Direction, is_adsorbed
from faradaic.simulators.mechanism_parameters import MechanismParameters
from faradaic.simulators.rate_laws import TABLE_STEP, marcus_hush_chidsey_table

SEARCH_V = 3.0
"""How far beyond the formal potentials a rest potential is looked for."""


def rest_potential_V(parameters: MechanismParameters) -> float:
    """Where the electrode steps add up to no current in the starting solution, by bisection.

    Raises `InputError` (E546) when they cannot: only one form of each couple is there.
    """
    low = min(parameters.E0_V) - SEARCH_V
    high = max(parameters.E0_V) + SEARCH_V
    if _imbalance(parameters, low) >= 0.0 or _imbalance(parameters, high) <= 0.0:
        raise refusal(
            "E546",
            "this solution has no rest potential: it holds nothing to be oxidised, or nothing "
            "to be reduced",
            "write the potential at the start, initial_potential_V=..., or give the "
            "missing form a concentration",
        )
    for _ in range(80):
        middle = 0.5 * (low + high)
        if _imbalance(parameters, middle) < 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _imbalance(parameters: MechanismParameters, potential_V: float) -> float:
    """ln(anodic current) - ln(cathodic current): rises with the potential, ±inf at the ends."""
    import numpy as np

    from faradaic.simulators.finite_difference.finite_difference_kernels import log_rates

    mechanism = parameters.mechanism
    activity = dict(zip(mechanism.dissolved, parameters.concentrations_mol_per_m3, strict=True))
    activity |= zip(mechanism.adsorbed, parameters.coverages, strict=True)
    g = dict.fromkeys(mechanism.dissolved, 0.0)
    g |= zip(mechanism.adsorbed, parameters.interactions, strict=True)
    vacant = 1.0 - sum(parameters.coverages)
    nernst = any(math.isinf(k) for k in parameters.k0)
    anodic: list[float] = []
    cathodic: list[float] = []
    for i, step in enumerate(mechanism.electrode_steps):
        k0 = parameters.k0[i]
        if nernst:
            k0 = 1.0 if math.isinf(k0) else 0.0
        on = is_adsorbed(step.oxidised), is_adsorbed(step.reduced)
        if on == (True, True):
            k0 *= parameters.site_density_mol_per_m2
        mixed = 1000.0 if on[0] != on[1] else 1.0
        oxidised = activity[step.oxidised] * (mixed if on[0] else 1.0)
        reduced = activity[step.reduced] * (mixed if on[1] else 1.0)
        if on == (False, True):
            oxidised *= vacant
        elif on == (True, False):
            reduced *= vacant
        energy = parameters.reorganisation_eV[i]
        table = np.empty((0, 2))
        if energy is not None:
            table = marcus_hush_chidsey_table(energy * parameters.f_per_V)
        phi = step.electrons * parameters.f_per_V * (potential_V - parameters.E0_V[i])
        phi -= g[step.oxidised] * activity[step.oxidised] - g[step.reduced] * activity[step.reduced]
        red_ln, ox_ln, _, _ = log_rates(
            phi, parameters.alpha[i], table[None], 0, len(table), TABLE_STEP
        )
        if step.direction is not Direction.REDUCTION and k0 * reduced > 0.0:
            anodic.append(math.log(step.electrons * k0 * reduced) + ox_ln)
        if step.direction is not Direction.OXIDATION and k0 * oxidised > 0.0:
            cathodic.append(math.log(step.electrons * k0 * oxidised) + red_ln)
    return _log_sum(anodic) - _log_sum(cathodic) if anodic or cathodic else 0.0


def _log_sum(logarithms: list[float]) -> float:
    if not logarithms:
        return -math.inf
    largest = max(logarithms)
    return largest + math.log(sum(math.exp(x - largest) for x in logarithms))
