"""A mechanism, its numbers and a grid, as the flat arrays that the kernels read."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.finite_difference.grid import Grid
from faradaic.simulators.mechanism import Direction, is_adsorbed
from faradaic.simulators.mechanism_parameters import MechanismParameters
from faradaic.simulators.rate_laws import TABLE_STEP, marcus_hush_chidsey_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

STANDARD_CONCENTRATION_MOL_PER_M3 = 1000.0
"""Against which a coverage counts in a step between a dissolved and an adsorbed species."""

_DIRECTION = {Direction.BOTH: 0, Direction.REDUCTION: 1, Direction.OXIDATION: -1}


class Problem(NamedTuple):
    """Constant during a simulation. Species: dissolved ones first, then adsorbed ones (θ)."""

    diffusion: Floats
    bulk: Floats
    conductance: Floats
    volume: Floats
    fixed_bulk: bool
    second_order: bool
    concentration_scale: float
    reaction_k: Floats
    reaction_order: Integers
    """Shape (r, 2): the species that react; -1 for none."""
    reaction_nu: Floats
    """Shape (r, n): molecules made, negative for used."""
    coverages: int
    site_density: float
    surface_k: Floats
    surface_order: Integers
    surface_sites: Integers
    """Free sites that a surface step takes, to that power in its rate."""
    surface_nu: Floats
    surface_interaction: Floats
    """Shape (r, m): half of what a step removes of each adsorbed species, times its g."""
    step_oxidised: Integers
    step_reduced: Integers
    step_electrons: Floats
    step_E0: Floats
    step_ln_k0: Floats
    step_alpha: Floats
    step_direction: Integers
    step_scale: Floats
    step_vacancy: Integers
    """1 when the reduction takes a free site, -1 when the oxidation does."""
    step_interaction: Floats
    step_table: Integers
    tables: Floats
    table_rows: Integers
    table_step: float
    f: float
    faraday: float
    capacitance: float
    """F/m²."""


class State(NamedTuple):
    """What a simulation remembers: two levels in time, and the book: charge at both, then the
    times that `kernels` names."""

    c: Floats
    c_before: Floats
    z: Floats
    """c at the electrode, θ, the rate j of each electrode step (anodic +), E."""
    z_before: Floats
    book: Floats


class Work(NamedTuple):
    """Room for the kernels; holds nothing that outlives a step but the factorised blocks."""

    c: Floats
    h: Floats
    z: Floats
    hs: Floats
    P: Floats
    Q: Floats
    inverse: Floats
    block: Floats
    right: Floats
    rate: Floats
    slope: Floats
    matrix: Floats
    known: Floats
    factorised: Floats
    """λ for which `Q` and `inverse` hold."""


def make_problem(
    parameters: MechanismParameters, grid: Grid, *, fixed_bulk: bool, capacitance_F_per_m2: float
) -> Problem:
    """Flatten; `fixed_bulk` holds the bulk concentrations at the last node (a Nernst film)."""
    import numpy as np

    mechanism = parameters.mechanism
    names = mechanism.dissolved + mechanism.adsorbed
    index = {name: i for i, name in enumerate(names)}
    n, m = len(mechanism.dissolved), len(mechanism.adsorbed)
    sites = parameters.site_density_mol_per_m2
    volume = _Reactions(index)
    surface = _Reactions(index)
    for reactants, products, constant in parameters.reactions():
        on_electrode = any(is_adsorbed(name) for name in reactants + products)
        (surface if on_electrode else volume).add(reactants, products, constant, sites)
    g = np.zeros(n + m)
    g[n:] = parameters.interactions
    steps = mechanism.electrode_steps
    adsorbed = [(is_adsorbed(s.oxidised), is_adsorbed(s.reduced)) for s in steps]
    k0 = [
        k * sites if both == (True, True) else k
        for k, both in zip(parameters.k0, adsorbed, strict=True)
    ]
    step_table, tables, rows = _tables(parameters)
    surface_k, surface_order, surface_nu = surface.arrays(n + m)
    volume_k, volume_order, volume_nu = volume.arrays(n)
    return Problem(
        diffusion=np.array(parameters.diffusion_m2_per_s),
        bulk=np.array(parameters.concentrations_mol_per_m3),
        conductance=grid.conductance_per_m,
        volume=grid.volume_m,
        fixed_bulk=fixed_bulk,
        second_order=bool(np.any(volume_order[:, 1] >= 0)),
        concentration_scale=max(parameters.concentrations_mol_per_m3, default=0.0) or 1.0,
        reaction_k=volume_k,
        reaction_order=volume_order,
        reaction_nu=volume_nu,
        coverages=m,
        site_density=sites,
        surface_k=surface_k,
        surface_order=surface_order,
        surface_sites=np.maximum(surface_nu[:, n:].sum(axis=1), 0.0).astype(np.int64),
        surface_nu=surface_nu,
        surface_interaction=np.ascontiguousarray(-0.5 * surface_nu[:, n:] * g[n:]),
        step_oxidised=np.array([index[s.oxidised] for s in steps], np.int64),
        step_reduced=np.array([index[s.reduced] for s in steps], np.int64),
        step_electrons=np.array([float(s.electrons) for s in steps]),
        step_E0=np.array(parameters.E0_V),
        step_ln_k0=np.array([math.log(k) if k > 0.0 else -math.inf for k in k0]),
        step_alpha=np.array(parameters.alpha),
        step_direction=np.array([_DIRECTION[s.direction] for s in steps], np.int64),
        step_scale=np.array([_scales(*both) for both in adsorbed]),
        step_vacancy=np.array([int(red) - int(ox) for ox, red in adsorbed], np.int64),
        step_interaction=np.array([(g[index[s.oxidised]], g[index[s.reduced]]) for s in steps]),
        step_table=step_table,
        tables=tables,
        table_rows=rows,
        table_step=TABLE_STEP,
        f=parameters.f_per_V,
        faraday=FARADAY_C_PER_MOL,
        capacitance=capacitance_F_per_m2,
    )


def make_state(problem: Problem, coverages: tuple[float, ...], potential_V: float) -> State:
    """Bulk concentrations everywhere, no current, the electrode at `potential_V`."""
    import numpy as np

    nodes, n = problem.volume.size, problem.bulk.size
    z = np.zeros(n + problem.coverages + problem.step_E0.size + 1)
    z[:n] = problem.bulk
    z[n : n + problem.coverages] = coverages
    z[-1] = potential_V
    c = np.tile(problem.bulk, (nodes, 1))
    return State(c, c.copy(), z, z.copy(), np.array([0.0, 0.0, 1.0, 0.0, 0.0]))


def make_work(problem: Problem) -> Work:
    """Fresh room for the kernels."""
    import numpy as np

    nodes, n = problem.volume.size, problem.bulk.size
    m = problem.coverages
    size = n + m + problem.step_E0.size + 1
    return Work(
        c=np.zeros((nodes, n)),
        h=np.zeros((nodes, n)),
        z=np.zeros(size),
        hs=np.zeros(m + 1),
        P=np.zeros((nodes, n)),
        Q=np.zeros((nodes, n, n)),
        inverse=np.zeros((nodes, n, n)),
        block=np.zeros((n, n)),
        right=np.zeros(n),
        rate=np.zeros(n),
        slope=np.zeros((n, n)),
        matrix=np.zeros((size, size)),
        known=np.zeros((size, 1)),
        factorised=np.zeros(1),
    )


class _Reactions:
    """Elementary reactions, one per direction."""

    def __init__(self, index: dict[str, int]) -> None:
        self._index = index
        self._k: list[float] = []
        self._order: list[tuple[int, int]] = []
        self._nu: list[Counter[str]] = []

    def add(
        self, reactants: tuple[str, ...], products: tuple[str, ...], k: float, sites: float
    ) -> None:
        if any(is_adsorbed(name) for name in reactants):
            k *= sites
        change = Counter(products)
        change.subtract(reactants)
        self._k.append(k)
        second = self._index[reactants[1]] if len(reactants) > 1 else -1
        self._order.append((self._index[reactants[0]], second))
        self._nu.append(change)

    def arrays(self, species: int) -> tuple[Floats, Integers, Floats]:
        import numpy as np

        nu = np.zeros((len(self._k), species))
        for row, change in zip(nu, self._nu, strict=True):
            for name, count in change.items():
                row[self._index[name]] = count
        order = np.array(self._order, np.int64).reshape(-1, 2)
        return np.array(self._k, np.float64), order, nu


def _scales(oxidised_adsorbed: bool, reduced_adsorbed: bool) -> tuple[float, float]:
    if oxidised_adsorbed == reduced_adsorbed:
        return 1.0, 1.0
    standard = STANDARD_CONCENTRATION_MOL_PER_M3
    return (standard if oxidised_adsorbed else 1.0), (standard if reduced_adsorbed else 1.0)


def _tables(parameters: MechanismParameters) -> tuple[Integers, Floats, Integers]:
    """Which table each electrode step reads: the first is empty, Butler-Volmer."""
    import numpy as np

    energies = [None, *dict.fromkeys(e for e in parameters.reorganisation_eV if e is not None)]
    found = [
        np.empty((0, 2))
        if energy is None
        else marcus_hush_chidsey_table(energy * parameters.f_per_V)
        for energy in energies
    ]
    rows = np.array([len(table) for table in found], np.int64)
    tables = np.zeros((len(found), int(rows.max()), 2))
    for i, table in enumerate(found):
        tables[i, : len(table)] = table
    which = np.array([energies.index(e) for e in parameters.reorganisation_eV], np.int64)
    return which, tables, rows
