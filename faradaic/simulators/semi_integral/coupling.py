"""From a mechanism to independent diffusion problems.

Without chemistry every dissolved species answers to its own flux. First-order chemistry couples
species, dc/dt = D c'' + K c; where the coupled species share one D, the eigenvectors of K turn
them into independent modes, each diffusing with D and decaying with its eigenvalue (Savéant and
Vianello's c_A + c_B and c_A - c_B/K, 1963, for any number of species). Species that act on no
electrode step, directly or through chemistry, need no solution at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from faradaic.diagnostics import refusal
from faradaic.simulators.mechanism_parameters import MechanismParameters
from faradaic.simulators.semi_integral.modes import Floats

_SAME = 1e-9
"""Relative difference below which two rates or diffusion coefficients are one."""
_WORST_CONDITION = 1e7
"""Eigenvectors of K beyond this lose more digits than a measurement has."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """Diffusion with one coefficient and first-order decay with one rate constant."""

    diffusion_m2_per_s: float
    decay_per_s: float


@dataclass(frozen=True, slots=True)
class Coupling:
    """Surface concentrations from the rates q_e of the electrode steps (mol/m²/s, oxidation > 0).

    c_i = bulk_i + Σ_ge answer[g, i, e] (kernel_g * q_e), for the species of `species`.
    """

    species: tuple[str, ...]
    bulk_mol_per_m3: Floats
    kernels: tuple[Kernel, ...]
    answer: Floats
    """Shape (kernels, species, electrode steps), dimensionless."""
    oxidised: tuple[int, ...]
    reduced: tuple[int, ...]
    """Places in `species` of the oxidised and the reduced form of each electrode step."""


@lru_cache(maxsize=32)
def couple(parameters: MechanismParameters) -> Coupling:
    """The independent diffusion problems of a mechanism; its arrays are read-only.

    Raises `InputError` (E543) for a mechanism that needs a grid.
    """
    mechanism = parameters.mechanism
    if mechanism.adsorbed:
        _needs_grid(f"{mechanism.adsorbed[0]} is adsorbed")
    if any(energy is not None for energy in parameters.reorganisation_eV):
        _needs_grid("a step follows Marcus-Hush-Chidsey kinetics")
    if 0.0 in parameters.k0:
        _needs_grid("a step has k0 = 0")
    for step in mechanism.chemical_steps:
        if not step.first_order:
            _needs_grid(f"`{' + '.join(step.reactants)}` reacts in second order")
    names = mechanism.dissolved
    chemistry = _rate_matrix(parameters)
    index = {name: i for i, name in enumerate(names)}
    relevant = {
        index[n] for step in mechanism.electrode_steps for n in (step.oxidised, step.reduced)
    }
    while True:
        sources = {j for i in relevant for j in np.flatnonzero(chemistry[i]).tolist()}
        if sources <= relevant:
            break
        relevant |= sources
    kept = sorted(relevant)
    species = tuple(names[i] for i in kept)
    chemistry = chemistry[np.ix_(kept, kept)]
    bulk = np.array(parameters.concentrations_mol_per_m3)[kept]
    turnover = np.abs(chemistry) @ bulk
    if np.any(np.abs(chemistry @ bulk) > 1e-9 * turnover):
        _needs_grid("the solution reacts before the experiment begins")
    stoichiometry = np.zeros((len(species), len(mechanism.electrode_steps)))
    place = {name: i for i, name in enumerate(species)}
    for e, electrode_step in enumerate(mechanism.electrode_steps):
        stoichiometry[place[electrode_step.oxidised], e] += 1.0
        stoichiometry[place[electrode_step.reduced], e] -= 1.0
    diffusion = np.array(parameters.diffusion_m2_per_s)[kept]
    kernels, answer = _independent(chemistry, diffusion, stoichiometry)
    bulk.flags.writeable = answer.flags.writeable = False
    return Coupling(
        species,
        bulk,
        kernels,
        answer,
        tuple(place[s.oxidised] for s in mechanism.electrode_steps),
        tuple(place[s.reduced] for s in mechanism.electrode_steps),
    )


def _needs_grid(why: str) -> None:
    raise refusal(
        "E543",
        f"the semi-integral engine cannot take this mechanism: {why}",
        'engine="finite_difference" takes any mechanism; this one takes first-order '
        "chemistry, with one diffusion coefficient for the species it connects",
    )


def _rate_matrix(parameters: MechanismParameters) -> Floats:
    index = {name: i for i, name in enumerate(parameters.mechanism.dissolved)}
    matrix = np.zeros((len(index), len(index)))
    for (reactant,), products, constant in parameters.reactions():
        matrix[index[reactant], index[reactant]] -= constant
        for product in products:
            matrix[index[product], index[reactant]] += constant
    return matrix


def _independent(
    chemistry: Floats, diffusion: Floats, stoichiometry: Floats
) -> tuple[tuple[Kernel, ...], Floats]:
    """Kernels without repetition, and how each species answers through each of them."""
    kernels: list[Kernel] = []
    answers: list[Floats] = []
    for block in _blocks(chemistry):
        coupled = chemistry[np.ix_(block, block)]
        if len(block) > 1 and np.ptp(diffusion[block]) > _SAME * diffusion[block[0]]:
            _needs_grid("species that turn into each other diffuse at different rates")
        if len(block) == 1:
            eigenvalues, vectors = coupled[0], np.ones((1, 1))
        else:
            eigenvalues, vectors = np.linalg.eig(coupled)
        fastest = float(np.max(np.abs(eigenvalues), initial=0.0))
        if (
            np.max(np.abs(eigenvalues.imag)) > _SAME * fastest
            or np.max(eigenvalues.real) > _SAME * fastest
            or (len(block) > 1 and np.linalg.cond(vectors) > _WORST_CONDITION)
        ):
            _needs_grid("the first-order steps do not separate into decays")
        driven = np.linalg.solve(vectors.real, stoichiometry[block])
        for m, eigenvalue in enumerate(eigenvalues.real):
            decay = -float(eigenvalue) if -eigenvalue > _SAME * fastest else 0.0
            kernel = Kernel(float(diffusion[block[0]]), decay)
            share = np.zeros_like(stoichiometry)
            share[block] = np.outer(vectors.real[:, m], driven[m])
            for known, answer in zip(kernels, answers, strict=True):
                if _same(known, kernel):
                    answer += share
                    break
            else:
                kernels.append(kernel)
                answers.append(share)
    used = [g for g, answer in enumerate(answers) if np.any(np.abs(answer) > 1e-12)]
    return tuple(kernels[g] for g in used), np.array([answers[g] for g in used])


def _same(one: Kernel, other: Kernel) -> bool:
    return (
        abs(one.diffusion_m2_per_s - other.diffusion_m2_per_s) <= _SAME * one.diffusion_m2_per_s
        and abs(one.decay_per_s - other.decay_per_s) <= _SAME * one.decay_per_s
    )


def _blocks(chemistry: Floats) -> list[list[int]]:
    """Species in sets that chemistry connects."""
    waiting = set(range(len(chemistry)))
    blocks = []
    while waiting:
        block, edge = set(), {min(waiting)}
        while edge:
            block |= edge
            edge = {
                j
                for i in edge
                for j in np.flatnonzero(chemistry[i] + chemistry[:, i]).tolist()
                if j not in block
            }
        waiting -= block
        blocks.append(sorted(block))
    return blocks
