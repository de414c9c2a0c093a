"""The numbers of a preparative cell as arrays of records, which the compiled kernels read.

Electrodes are 0 (working) and 1 (counter); compartments likewise, and an undivided cell has only
the first. Indices of species and gases are -1 for none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.preparative.disturbances import DISTURBANCES

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import preparative_description as preparative

WELL_SUPPLIED_M_PER_S = 1.0
"""Mass transfer of a reaction whose mapping gives none: faster than any electrode reaches, so
that only the amount in the solution limits it."""

_TRACE = 1e-6

Array = np.ndarray[Any, Any]


def _record(floats: str, integers: str = "") -> np.dtype[Any]:
    return np.dtype([(n, "f8") for n in floats.split()] + [(n, "i8") for n in integers.split()])


CELL = _record(
    "temperature_K volume_m3 counter_volume_m3 resistance_ohm fixed_resistance_ohm "
    "conductivity_per_K mass_transfer_activation_K exchange_activation_K membrane_area_m2 "
    "reference_V ohmic_fraction evaporation_m3_per_s cross_section_m2 heat_capacity_J_per_K "
    "heat_loss_W_per_K ambient_K thermoneutral_V boiling_point_K latent_heat_J_per_m3 "
    "rest_V gas_area_m2 rise_m_per_s headspace_m3 pressure_Pa sweep_mol_per_s working_pH "
    "counter_pH",
    "divided reference thermal bubbles headspace sealed carrier",
)
ELECTRODE = _record(
    "area_m2 double_layer_F immersed_m film_sign film_ohm_m film_growth_m3_per_C "
    "film_removal_m3_per_C film_dissolution_per_s film_blocking_m metal_kg_per_mol metal_loss",
    "film_reaction",
)
REACTION = _record(
    "sign electrons log_exchange slope_per_V reference_V mass_transfer_m_per_s "
    "gas_per_electron products_per_substrate reference_mol_per_m3 mediator_rate "
    "mediator_m2_per_s mediator_m_per_s",
    "electrode substrate product gas metal reversible mediator ion follows_pH",
)
ION = _record("charge diffusivity", "species steps")
"""`charge` is that of the form with the most protons, `steps` how many it can give away."""
CARRIERS = ("both", "cations", "anions", "water")
MOST_PROTONS = 4
LEVELS = _record(" ".join(DISTURBANCES))
WORK = _record(
    "log_rate reference_V inverse_limit inverse_back_limit substrate product current_A "
    "slope_A_per_V"
)
"""What a step computes of each reaction."""
STATE = _record(
    "working_V counter_V working_V_per_s counter_V_per_s last_step_s current_A time_s charge_C "
    "gross_charge_C energy_J temperature_K volume_m3 counter_volume_m3 concentrated "
    "working_film_m counter_film_m working_film_ohm counter_film_ohm working_metal_kg "
    "counter_metal_kg working_gas_A counter_gas_A gas_mol_per_s boiled_m3 lost_m3 "
    "working_pH counter_pH "
    "boiling dry_electrode"
)
"""The state that every cell has; reactions, species and gases follow it in one buffer.

`concentrated` is the concentration of the electrolyte over that at the start; the two `gas_A` are
the currents that evolve gas, `boiled_m3` and `lost_m3` the liquid that boiled and that leaked or
was withdrawn. `boiling` and `dry_electrode` become 1 when it first happens."""


_HEAD = STATE.itemsize // 8


class State(NamedTuple):
    """Views on one buffer of floats: the whole state of a cell."""

    buffer: Array
    head: Array
    charges_C: Array
    """By reaction, positive in its own direction."""
    amounts_mol: Array
    """[compartment, species]."""
    removed_mol: Array
    """By species: leaked, withdrawn, less what was added."""
    gas_mol: Array
    """By gas, in the headspace."""


class Layout(NamedTuple):
    """The constant part of a cell."""

    cell: Array
    electrodes: Array
    reactions: Array
    permeability_m_per_s: Array
    """By species."""
    ions: Array
    pKa: Array
    """[ion, proton]."""
    species: tuple[str, ...]
    """The ions come last."""
    gases: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    """(electrode, reaction) in the order of `reactions`."""
    initial_state: State


def _views(buffer: Array, reactions: int, species: int, gases: int) -> State:
    head = _HEAD
    a, b, c, d = (head + n for n in np.cumsum([reactions, 2 * species, species, gases]))
    return State(
        buffer,
        buffer[:head].view(STATE),
        buffer[head:a],
        buffer[a:b].reshape(2, species),
        buffer[b:c],
        buffer[c:d],
    )


def views(buffer: Array, layout: Layout) -> State:
    """The parts of a state's buffer."""
    return _views(buffer, len(layout.reactions), len(layout.species), len(layout.gases))


class Arrays(NamedTuple):
    """All that a kernel reads and writes; records come in arrays of one."""

    cells: Array
    electrodes: Array
    reactions: Array
    permeability_m_per_s: Array
    ions: Array
    pKa: Array
    levels: Array
    heads: Array
    charges_C: Array
    amounts_mol: Array
    removed_mol: Array
    gas_mol: Array
    work: Array
    """By reaction; written by each step before it is read."""
    share: Array
    """[compartment, species]; likewise."""


def arrays(layout: Layout, levels: Array, state: State) -> Arrays:
    """A cell as the kernels take it."""
    return Arrays(
        layout.cell,
        layout.electrodes,
        layout.reactions,
        layout.permeability_m_per_s,
        layout.ions,
        layout.pKa,
        levels,
        *state[1:],
        np.zeros(len(layout.reactions), WORK),
        np.zeros((2, len(layout.species))),
    )


def neutral_levels() -> Array:
    """One record of `LEVELS`, nothing disturbed."""
    return np.array([tuple(d.neutral for d in DISTURBANCES.values())], dtype=LEVELS)


def lay_out(cell: preparative.PreparativeDescription) -> Layout:
    """The arrays of a checked description."""
    pair = (cell.electrodes.working, cell.electrodes.counter)
    listed = [
        (k, side, r) for k, side in enumerate(("working", "counter")) for r in pair[k].all_reactions
    ]
    species = (*_distinct(cell.species, (r.product for *_, r in listed)), *cell.ions)
    gases = _distinct((), (r.gas.species for *_, r in listed if r.gas))
    place = {name: i for i, name in enumerate(species)}
    reactions = np.zeros(len(listed), REACTION)
    for row, (k, _, reaction) in zip(reactions, listed, strict=True):
        _fill_reaction(row, reaction, k, place)
        row["gas"] = gases.index(reaction.gas.species) if reaction.gas else -1
    electrodes = np.zeros(2, ELECTRODE)
    for k, row in enumerate(electrodes):
        names = [r.name if e == k else None for e, _, r in listed]
        _fill_electrode(row, pair[k], names)
    own = cell.separator.permeability_m_per_s if cell.separator else 0.0
    given = [cell.species[s].permeability_m_per_s if s in cell.species else None for s in species]
    if cell.separator and cell.separator.carries != "both":
        given[len(species) - len(cell.ions) :] = [0.0] * len(cell.ions)
    ions, pKa = _ions(cell, place)
    return Layout(
        _cell_record(cell),
        electrodes,
        reactions,
        np.array([own if p is None else p for p in given], dtype=float),
        ions,
        pKa,
        species,
        gases,
        tuple((side, r.name) for _, side, r in listed),
        _initial_state(cell, len(listed), species, gases),
    )


def _ions(cell: preparative.PreparativeDescription, place: dict[str, int]) -> tuple[Array, Array]:
    ions, pKa = np.zeros(len(cell.ions), ION), np.zeros((len(cell.ions), MOST_PROTONS))
    for k, (name, ion) in enumerate(cell.ions.items()):
        ions[k] = (ion.charge, ion.diffusivity_m2_per_s, place[name], len(ion.pKa))
        pKa[k, : len(ion.pKa)] = ion.pKa
    return ions, pKa


def _initial_state(
    cell: preparative.PreparativeDescription,
    reactions: int,
    species: tuple[str, ...],
    gases: tuple[str, ...],
) -> State:
    """The state at the start, its potentials still 0."""
    size = _HEAD + reactions + 3 * len(species) + len(gases)
    state = _views(np.zeros(size), reactions, len(species), len(gases))
    head = state.head[0]
    head["temperature_K"] = cell.temperature_K
    head["volume_m3"] = cell.volume_m3
    head["counter_volume_m3"] = cell.counter_volume_m3 or cell.volume_m3
    head["concentrated"] = 1.0
    for side in ("working", "counter"):
        metal = getattr(cell.electrodes, side).metal
        left_kg = math.inf if metal and metal.mass_kg is None else metal and metal.mass_kg
        head[f"{side}_metal_kg"] = left_kg or 0.0
    for i, name in enumerate(species):
        if (one := cell.species.get(name) or cell.ions.get(name)) is None:
            continue
        state.amounts_mol[0, i] = one.concentration_mol_per_m3 * cell.volume_m3
        if cell.separator is not None:
            amount = one.counter_concentration_mol_per_m3 * head["counter_volume_m3"]
            state.amounts_mol[1, i] = amount
    return state


def _distinct(first: Iterable[str], more: Iterable[str | None]) -> tuple[str, ...]:
    def given() -> Iterator[str]:
        yield from first
        yield from (name for name in more if name is not None)

    return tuple(dict.fromkeys(given()))


def _fill_reaction(
    row: Any, reaction: preparative.ReactionDescription, electrode: int, place: dict[str, int]
) -> None:
    row["electrode"] = electrode
    row["sign"] = 1.0 if reaction.direction == "oxidation" else -1.0
    row["electrons"] = reaction.electrons
    row["log_exchange"] = math.log(reaction.exchange_current_density_A_per_m2)
    row["slope_per_V"] = row["sign"] * math.log(10.0) / reaction.tafel_slope_V_per_decade
    row["reference_V"] = reaction.reference_potential_V_vs_SHE
    row["mass_transfer_m_per_s"] = reaction.mass_transfer_m_per_s or WELL_SUPPLIED_M_PER_S
    row["substrate"] = -1 if reaction.substrate is None else place[reaction.substrate]
    row["product"] = -1 if reaction.product is None else place[reaction.product]
    row["products_per_substrate"] = 1.0 / reaction.substrate_molecules
    row["mediator"] = -1
    if mediator := reaction.mediator:
        row["mediator"] = place[mediator.species]
        row["mediator_rate"] = mediator.rate_m3_per_mol_per_s
        row["mediator_m2_per_s"] = mediator.diffusivity_m2_per_s
        row["mediator_m_per_s"] = mediator.mass_transfer_m_per_s
    row["gas_per_electron"] = reaction.gas.mol_per_mol_electrons if reaction.gas else 0.0
    row["metal"] = reaction.metal
    row["reversible"] = reaction.reversible
    row["ion"] = -1 if reaction.ion is None else place[reaction.ion]
    row["follows_pH"] = reaction.follows_pH
    row["reference_mol_per_m3"] = reaction.reference_concentration_mol_per_m3
    if reaction.reversible:
        row["log_exchange"] -= math.log(reaction.reference_concentration_mol_per_m3)


def _fill_electrode(
    row: Any, electrode: preparative.ElectrodeDescription, names: list[str | None]
) -> None:
    row["area_m2"] = electrode.area_m2
    row["double_layer_F"] = electrode.double_layer_F
    row["immersed_m"] = electrode.immersed_m or math.inf
    row["film_reaction"] = -1
    row["film_blocking_m"] = math.inf
    if film := electrode.film:
        row["film_sign"] = 1.0 if film.direction == "oxidation" else -1.0
        row["film_ohm_m"] = film.resistivity_ohm_m
        row["film_growth_m3_per_C"] = film.growth_m3_per_C
        row["film_removal_m3_per_C"] = film.removal_m3_per_C
        row["film_dissolution_per_s"] = film.dissolution_per_s
        row["film_blocking_m"] = film.blocking_thickness_m or math.inf
        row["film_reaction"] = names.index(film.reaction) if film.reaction else -1
    if metal := electrode.metal:
        row["metal_kg_per_mol"] = metal.molar_mass_kg_per_mol
        row["metal_loss"] = metal.loss_per_faraday_loss


def rest_potential_V(layout: Layout) -> float:
    """Where all reactions of the cell balance: both electrodes start there, as if shorted before.

    Compared as logarithms, since at rest the currents may be too small for floats to add. Of a
    species that is not there, a millionth of the reference concentration counts.
    """
    from faradaic.simulators.preparative.electrode import root

    lines = [line for k in range(len(layout.reactions)) for line in _rest_lines(layout, k)]

    def excess(potential_V: float) -> tuple[float, float]:
        value = slope = 0.0
        for sign in (1.0, -1.0):
            exponents = [(a + b * potential_V, b) for of, a, b in lines if of == sign]
            largest = max(exponent for exponent, _ in exponents)
            weights = [(math.exp(exponent - largest), b) for exponent, b in exponents]
            total = sum(weight for weight, _ in weights)
            value += sign * (largest + math.log(total))
            slope += sign * sum(weight * b for weight, b in weights) / total
        return value, slope

    return root(excess, 0.0)


def _rest_lines(layout: Layout, k: int) -> Iterator[tuple[float, float, float]]:
    """(sign, ln of the magnitude at 0 V, its slope by E) of a reaction, each way it runs."""
    row = layout.reactions[k]
    sign, slope, at_V = (float(row[name]) for name in ("sign", "slope_per_V", "reference_V"))
    place = int(row["electrode"] * layout.cell["divided"][0])
    volume = ("volume_m3", "counter_volume_m3")[place]
    area_m2 = float(layout.electrodes["area_m2"][row["electrode"]])
    height = math.log(area_m2) + float(row["log_exchange"])
    if not row["reversible"]:
        yield sign, height - slope * at_V, slope
        return
    state = layout.initial_state
    nernst = sign * float(row["electrons"]) * FARADAY_C_PER_MOL
    nernst /= GAS_CONSTANT_J_PER_MOL_K * float(layout.cell["temperature_K"][0])
    for way, species, b in (
        (sign, row["substrate"], slope),
        (-sign, row["product"], slope - nernst),
    ):
        there = float(state.amounts_mol[place, species] / state.head[volume][0])
        present = math.log(max(there, _TRACE * float(row["reference_mol_per_m3"])))
        yield way, height + present - b * at_V, b


def _cell_record(cell: preparative.PreparativeDescription) -> Array:
    record = np.zeros(1, CELL)
    row = record[0]
    for name in ("temperature_K", "volume_m3", "resistance_ohm", "conductivity_per_K"):
        row[name] = getattr(cell, name)
    row["evaporation_m3_per_s"] = cell.evaporation_m3_per_s
    row["counter_volume_m3"] = cell.counter_volume_m3 or cell.volume_m3
    row["fixed_resistance_ohm"] = cell.contact_resistance_ohm
    for kind in ("mass_transfer", "exchange"):
        energy = getattr(cell, f"{kind}_activation_J_per_mol")
        row[f"{kind}_activation_K"] = energy / GAS_CONSTANT_J_PER_MOL_K
    row["cross_section_m2"] = cell.vessel_cross_section_m2 or math.inf
    if cell.separator:
        row["divided"] = 1
        row["fixed_resistance_ohm"] += cell.separator.resistance_ohm
        row["membrane_area_m2"] = cell.separator.area_m2
        row["carrier"] = CARRIERS.index(cell.separator.carries)
    if cell.reference is not None:
        row["reference"] = 1
        row["reference_V"] = cell.reference.potential_V_vs_SHE
        row["ohmic_fraction"] = cell.reference.ohmic_fraction
    row["boiling_point_K"] = math.inf
    if thermal := cell.thermal:
        row["thermal"] = 1
        row["heat_capacity_J_per_K"] = thermal.heat_capacity_J_per_K
        row["heat_loss_W_per_K"] = thermal.heat_loss_W_per_K
        row["ambient_K"] = thermal.ambient_K
        row["thermoneutral_V"] = thermal.thermoneutral_voltage_V
        row["boiling_point_K"] = thermal.boiling_point_K or math.inf
        row["latent_heat_J_per_m3"] = thermal.latent_heat_J_per_m3 or math.inf
    if cell.bubbles:
        row["bubbles"] = 1
        row["gas_area_m2"] = cell.bubbles.gap_cross_section_m2
        row["rise_m_per_s"] = cell.bubbles.rise_velocity_m_per_s
    if cell.headspace:
        row["headspace"] = 1
        row["sealed"] = cell.headspace.sealed
        row["headspace_m3"] = cell.headspace.volume_m3
        row["pressure_Pa"] = cell.headspace.pressure_Pa
        row["sweep_mol_per_s"] = cell.headspace.sweep_mol_per_s
    return record
