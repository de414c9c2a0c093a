"""One time step of a preparative cell, and many of them: the kernels behind `PreparativeCell`.

A step first solves for the current and both potentials at its end (backward Euler), then moves
amounts, films, heat and gas. Limiting currents are means over the step: a substrate at its limit
decays as exp(-k_m A t/V) whatever the step, and is never overdrawn. Nothing is written unless the
step could be solved; of one that is made in parts, those before the part that could not.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from faradaic.quantities.constants import ATMOSPHERE_PA, FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.kernel_cache import njit, source_digest
from faradaic.simulators.preparative import acidity, balances, electrode
from faradaic.simulators.preparative.acidity import carry, settle, standard_V
from faradaic.simulators.preparative.balances import (
    cross,
    lose,
    overdrawn,
    powers,
    react,
    warmed,
    wet_share,
)
from faradaic.simulators.preparative.electrode import (
    ITERATIONS,
    Side,
    at_current,
    next_move,
    partial_currents,
)
from faradaic.simulators.preparative.layout import Arrays

OPEN_CIRCUIT, CURRENT, CELL_VOLTAGE, POTENTIAL = range(4)
SOLVED, UNSOLVED, DRY, COVERED, FROZEN, TOO_LONG = range(6)

_NEVER = 1e300
"""1/limit of a reaction whose substrate is used up."""
_OPEN_OHM = 1e12
"""In the leads of a cell that is disconnected or has lost its liquid."""
_LEAST_WET = 1e-3
"""Wet share of an electrode below which it counts as out of the liquid."""
_COVERAGE, _COVERAGE_EXPONENT = 0.023, 0.3
"""Bubble coverage, j in A/m² (Vogt and Balzer, Electrochim. Acta 2005, 50, 2073)."""
_MOST_COVERED = 0.95
_BRUGGEMAN = 1.5
_RESIDUAL_V = 1e-8
_PARTS = 8
"""Of a step in which double layers take up a current."""
_TAKEN_UP, _MOVED_V = 0.03, 0.01
"""Share of its charge, and how far a potential moves, from which a step is made in parts."""


class Conditions(NamedTuple):
    """What holds during a step."""

    slope_factor: float
    resistance_ohm: float
    uncompensated_ohm: float
    working_wet: float
    counter_wet: float
    faster: float
    """By which mass transfer differs from that given."""
    area_m2: float
    counter_area_m2: float
    log_area: float
    """ln of the area that reacts (m²), and of what temperature does to exchange currents."""
    counter_log_area: float


@njit(error_model="numpy")
def void_fraction(
    gas_mol_per_s: float,
    temperature_K: float,
    pressure_Pa: float,
    area_m2: float,
    rise_m_per_s: float,
) -> float:
    """Gas held up between the electrodes: u/(u + u_rise)."""
    flow = gas_mol_per_s * GAS_CONSTANT_J_PER_MOL_K * temperature_K / pressure_Pa / area_m2
    return flow / (flow + rise_m_per_s)


@njit(error_model="numpy", inline="always")
def _conditions(of: Arrays) -> tuple[Conditions, int]:
    """Resistances and areas at the present level, temperature, films and bubbles; and status."""
    cell, level, head, electrodes = of.cells[0], of.levels[0], of.heads[0], of.electrodes
    nothing = Conditions(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    temperature_K = head["temperature_K"]
    inverse_K = 1.0 / temperature_K - 1.0 / cell["temperature_K"]
    faster = level["mass_transfer_factor"]
    log_exchange = 0.0
    if inverse_K != 0.0:
        faster *= math.exp(-cell["mass_transfer_activation_K"] * inverse_K)
        log_exchange = -cell["exchange_activation_K"] * inverse_K
    divided = cell["divided"]
    section_m2 = cell["cross_section_m2"]

    own_m3 = head["volume_m3"]
    other_m3 = head["counter_volume_m3"] if divided else own_m3
    full_m3 = cell["counter_volume_m3"] if divided else cell["volume_m3"]
    wet = wet_share(electrodes[0]["immersed_m"], section_m2, cell["volume_m3"], own_m3)
    counter_wet = wet_share(electrodes[1]["immersed_m"], section_m2, full_m3, other_m3)
    broken = level["open_lead"] > 0.5 or wet < _LEAST_WET or counter_wet < _LEAST_WET
    area_m2 = electrodes[0]["area_m2"] * level["working_area_factor"] * max(wet, _LEAST_WET)
    counter_m2 = electrodes[1]["area_m2"] * level["counter_area_factor"]
    counter_m2 *= max(counter_wet, _LEAST_WET)

    film_ohm = head["working_film_ohm"]
    film_ohm += electrodes[0]["film_ohm_m"] * head["working_film_m"] / area_m2
    counter_film_ohm = head["counter_film_ohm"]
    counter_film_ohm += electrodes[1]["film_ohm_m"] * head["counter_film_m"] / counter_m2
    area_m2 *= math.exp(-head["working_film_m"] / electrodes[0]["film_blocking_m"])
    counter_m2 *= math.exp(-head["counter_film_m"] / electrodes[1]["film_blocking_m"])

    free = counter_free = 1.0
    conducts = level["conductivity_factor"] * head["concentrated"]
    conducts *= 1.0 + cell["conductivity_per_K"] * (temperature_K - cell["temperature_K"])
    conducts *= 0.5 * (max(wet, _LEAST_WET) + max(counter_wet, _LEAST_WET))
    if not conducts > 0.0:
        return nothing, FROZEN
    if cell["bubbles"]:
        density = head["working_gas_A"] / area_m2
        free -= _COVERAGE * density**_COVERAGE_EXPONENT
        density = head["counter_gas_A"] / counter_m2
        counter_free -= _COVERAGE * density**_COVERAGE_EXPONENT
        if min(free, counter_free) < 1.0 - _MOST_COVERED:
            return nothing, COVERED
        held = void_fraction(
            head["gas_mol_per_s"],
            temperature_K,
            cell["pressure_Pa"] if cell["headspace"] else ATMOSPHERE_PA,
            cell["gas_area_m2"],
            cell["rise_m_per_s"],
        )
        conducts *= (1.0 - held) ** _BRUGGEMAN
    solution_ohm = cell["resistance_ohm"] / conducts
    total_ohm = solution_ohm + cell["fixed_resistance_ohm"] + level["series_resistance_ohm"]
    total_ohm += film_ohm + counter_film_ohm
    if broken:
        total_ohm += _OPEN_OHM
    if level["leads_swapped"] > 0.5:
        uncompensated_ohm = (1.0 - cell["ohmic_fraction"]) * solution_ohm + counter_film_ohm
    else:
        uncompensated_ohm = cell["ohmic_fraction"] * solution_ohm + film_ohm
    conditions = Conditions(
        cell["temperature_K"] / temperature_K,
        total_ohm,
        uncompensated_ohm,
        wet,
        counter_wet,
        faster,
        area_m2,
        counter_m2,
        math.log(area_m2 * free) + log_exchange,
        math.log(counter_m2 * counter_free) + log_exchange,
    )
    return conditions, SOLVED


@njit(error_model="numpy", inline="always")
def _supply(of: Arrays, now: Conditions, towards: float, dt_s: float) -> None:
    """Set rate and limiting current of every reaction: means over the step.

    `towards` is the sign that the current of the working electrode is expected to have: reactions
    that run against it are not expected to share a substrate with the others; 0 expects all.
    """
    cell, level, head = of.cells[0], of.levels[0], of.heads[0]
    electrodes, reactions, work, share = of.electrodes, of.reactions, of.work, of.share
    divided = cell["divided"]
    own_m3 = head["volume_m3"]
    other_m3 = head["counter_volume_m3"] if divided else own_m3
    for place in range(2):
        for i in range(share.shape[1]):
            share[place, i] = 0.0
    for k in range(len(reactions)):
        reaction = reactions[k]
        along = reaction["sign"] * (-towards if reaction["electrode"] else towards)
        if along < 0.0 and not reaction["reversible"]:
            continue
        place = reaction["electrode"] if divided else 0
        supply = reaction["mass_transfer_m_per_s"] * now.faster
        supply *= now.counter_area_m2 if reaction["electrode"] else now.area_m2
        supply /= other_m3 if place else own_m3
        if reaction["substrate"] >= 0:
            share[place, reaction["substrate"]] += supply
            if reaction["reversible"]:
                share[place, reaction["product"]] += supply
    for place in range(2):
        for i in range(share.shape[1]):
            decay = share[place, i] * dt_s
            share[place, i] = -math.expm1(-decay) / decay if decay > 0.0 else 1.0

    for k in range(len(reactions)):
        reaction = reactions[k]
        row = work[k]
        counter = reaction["electrode"]
        place = counter if divided else 0
        row["log_rate"] = reaction["log_exchange"] + (
            now.counter_log_area if counter else now.log_area
        )
        row["reference_V"] = standard_V(of, reaction, place)
        row["inverse_limit"] = 0.0
        charge_C_per_mol = reaction["electrons"] * FARADAY_C_PER_MOL
        if reaction["substrate"] >= 0:
            volume_m3 = other_m3 if place else own_m3
            reach = charge_C_per_mol * reaction["mass_transfer_m_per_s"] * now.faster
            reach *= now.counter_area_m2 if counter else now.area_m2
            limit = reach * share[place, reaction["substrate"]]
            concentration = of.amounts_mol[place, reaction["substrate"]] / volume_m3
            if reaction["reversible"]:
                row["inverse_limit"] = 1.0 / limit
                row["inverse_back_limit"] = 1.0 / (reach * share[place, reaction["product"]])
                row["substrate"] = concentration
                row["product"] = of.amounts_mol[place, reaction["product"]] / volume_m3
            else:
                limit *= concentration
                row["inverse_limit"] = 1.0 / limit if limit > 1.0 / _NEVER else _NEVER
            if reaction["mediator"] >= 0:
                met = reaction["mediator_rate"] * concentration * reaction["mediator_m2_per_s"]
                reach = math.sqrt(
                    met * now.faster + (reaction["mediator_m_per_s"] * now.faster) ** 2
                )
                reach *= now.counter_area_m2 if counter else now.area_m2
                limit = FARADAY_C_PER_MOL * reach * of.amounts_mol[place, reaction["mediator"]]
                limit /= volume_m3
                row["inverse_limit"] += 1.0 / limit if limit > 1.0 / _NEVER else _NEVER
        if reaction["metal"] and reaction["sign"] > 0.0:
            if counter:
                left_kg = head["counter_metal_kg"] - level["counter_mass_lost_kg"]
            else:
                left_kg = head["working_metal_kg"] - level["working_mass_lost_kg"]
            used = electrodes[counter]["metal_kg_per_mol"] * electrodes[counter]["metal_loss"]
            limit = left_kg / used * charge_C_per_mol / dt_s
            row["inverse_limit"] += 1.0 / limit if limit > 1.0 / _NEVER else _NEVER


@njit(error_model="numpy")
def _current_against(
    target_V: float,
    resistance_ohm: float,
    start_A: float,
    one: Side,
    guess_V: float,
    other: Side,
    other_guess_V: float,
    both: bool,
) -> tuple[float, bool]:
    """The current i with E(one) + i R, less E(other) if both, at a target voltage; and found.

    Solved for the ohmic drop, and to 10 nV before the last move: the drop itself may be tiny.
    """
    drop_V = start_A * resistance_ohm
    low, high, longest = -math.inf, math.inf, 100.0
    before_last = last = math.inf
    for _ in range(ITERATIONS):
        current_A = drop_V / resistance_ohm
        guess_V, ohm, found = at_current(current_A, guess_V, one)
        excess_V = guess_V + drop_V - target_V
        if both and found:
            other_guess_V, other_ohm, found = at_current(-current_A, other_guess_V, other)
            excess_V -= other_guess_V
            ohm += other_ohm
        if not found:
            return 0.0, False
        move = -excess_V / (1.0 + ohm / resistance_ohm)
        if -_RESIDUAL_V < excess_V < _RESIDUAL_V:
            return (drop_V + move) / resistance_ohm, True
        move, low, high, longest, stuck = next_move(
            drop_V, excess_V, move, low, high, longest, before_last
        )
        if stuck:
            return drop_V / resistance_ohm, True
        before_last, last = last, move
        drop_V += move
    return 0.0, False


@njit(error_model="numpy", inline="always")
def _side(electrode: int, of: Arrays, slope_factor: float, dt_s: float) -> tuple[Side, float]:
    """An electrode for one step, and where its potential will be if it goes on as before."""
    head = of.heads[0]
    if electrode == 0:
        before_V, move_V = head["working_V"], head["working_V_per_s"] * dt_s
    else:
        before_V, move_V = head["counter_V"], head["counter_V_per_s"] * dt_s
    if dt_s > 2.0 * head["last_step_s"] or not -0.02 < move_V < 0.02:
        move_V = 0.0
    farads_per_s = of.electrodes[electrode]["double_layer_F"] / dt_s
    kelvin = head["temperature_K"]
    side = Side(electrode, before_V, farads_per_s, kelvin, slope_factor, of.reactions, of.work)
    return side, before_V + move_V


@njit(error_model="numpy", inline="always")
def _solve(
    of: Arrays, now: Conditions, control: int, value: float, dt_s: float
) -> tuple[float, float, float, bool]:
    """Current through the electrode on the working lead, its potential, the other's; and found."""
    cell, level, head = of.cells[0], of.levels[0], of.heads[0]
    swapped = level["leads_swapped"] > 0.5
    one, guess_V = _side(1 if swapped else 0, of, now.slope_factor, dt_s)
    other, other_guess_V = _side(0 if swapped else 1, of, now.slope_factor, dt_s)
    start_A = -head["current_A"] if swapped else head["current_A"]
    short_S = level["short_conductance_S"]
    given = control in (CURRENT, OPEN_CIRCUIT)
    current_A, found = (value if control == CURRENT else 0.0), True
    if control == POTENTIAL and cell["reference"]:
        target_V = value + cell["reference_V"] - level["reference_offset_V"]
        ohm = now.uncompensated_ohm
        if ohm > 0.0:
            current_A, found = _current_against(
                target_V, ohm, start_A, one, guess_V, other, other_guess_V, False
            )
        else:
            current_A = partial_currents(target_V, one)[0]
            current_A += one.farads_per_s * (target_V - one.before_V)
    elif not given or short_S > 0.0:
        target_V, ohm = value, now.resistance_ohm
        if given:
            target_V = current_A / short_S
            ohm += 1.0 / short_S
        current_A, found = _current_against(
            target_V, ohm, start_A, one, guess_V, other, other_guess_V, True
        )
    if not found:
        return 0.0, 0.0, 0.0, False
    new_V, _, found = at_current(current_A, guess_V, one)
    other_V, _, other_found = at_current(-current_A, other_guess_V, other)
    return current_A, new_V, other_V, found and other_found


@njit(error_model="numpy")
def step(of: Arrays, control: int, value: float, dt_s: float) -> tuple[float, float, float, int]:
    """One step: current (A), cell voltage and potential (V) as the leads show them, and status."""
    end_s, parts, made = of.heads[0]["time_s"] + dt_s, 1, 0
    while True:
        may_part = parts == 1 and control == CURRENT
        found = _step(of, control, value, dt_s / parts, may_part)
        if found[3] == TOO_LONG:
            parts = _PARTS
            continue
        made += 1
        if made == parts or found[3] != SOLVED:
            break
    if found[3] == SOLVED:
        of.heads[0]["time_s"] = end_s
    return found


@njit(error_model="numpy", inline="always")
def _charges(
    of: Arrays, value: float, dt_s: float, swapped: bool, new_V: float, other_V: float
) -> bool:
    """Whether double layers take up a share of a given current that counts."""
    if swapped:
        new_V, other_V = other_V, new_V
    moved_V = abs(new_V - of.heads[0]["working_V"])
    other_moved_V = abs(other_V - of.heads[0]["counter_V"])
    taken_C = of.electrodes[0]["double_layer_F"] * moved_V
    taken_C = max(taken_C, of.electrodes[1]["double_layer_F"] * other_moved_V)
    counts = taken_C > _TAKEN_UP * abs(value) * dt_s
    return bool(counts and max(moved_V, other_moved_V) > _MOVED_V)


@njit(error_model="numpy")
def _step(
    of: Arrays, control: int, value: float, dt_s: float, in_parts: bool
) -> tuple[float, float, float, int]:
    """`step` as one; `TOO_LONG`, and nothing written, where it should be made `in_parts`."""
    cell, level, head = of.cells[0], of.levels[0], of.heads[0]
    lost_m3 = level["leak_m3_per_s"] * dt_s
    dried_m3 = (cell["evaporation_m3_per_s"] + level["evaporation_m3_per_s"]) * dt_s
    if lost_m3 + dried_m3 >= head["volume_m3"]:
        return 0.0, 0.0, 0.0, DRY
    swapped = level["leads_swapped"] > 0.5
    short_S = level["short_conductance_S"]
    given = control in (CURRENT, OPEN_CIRCUIT)
    given_A = value if control == CURRENT else 0.0
    towards = (-given_A if swapped else given_A) if given else head["current_A"]
    now, status = _conditions(of)
    if status != SOLVED:
        return 0.0, 0.0, 0.0, status
    while True:
        _supply(of, now, towards, dt_s)
        current_A, new_V, other_V, found = _solve(of, now, control, value, dt_s)
        if not found:
            return 0.0, 0.0, 0.0, UNSOLVED
        if towards == 0.0 or not overdrawn(of, dt_s):
            break
        towards = 0.0
    if in_parts and _charges(of, value, dt_s, swapped, new_V, other_V):
        return 0.0, 0.0, 0.0, TOO_LONG

    voltage_V = new_V - other_V + current_A * now.resistance_ohm
    lead_A = given_A if given else current_A + short_S * voltage_V
    potential_V = voltage_V
    if cell["reference"]:
        potential_V = new_V - cell["reference_V"] + current_A * now.uncompensated_ohm
        potential_V += level["reference_offset_V"]

    held = control == POTENTIAL
    power_W, heat_W = powers(of, given, held, lead_A, voltage_V, current_A, new_V, other_V, dt_s)
    warmer_K, boiled_m3 = head["temperature_K"], 0.0
    if cell["thermal"]:
        warmer_K = warmed(cell, level, warmer_K, heat_W, dt_s)
        if warmer_K > cell["boiling_point_K"]:
            excess_J = (warmer_K - cell["boiling_point_K"]) * cell["heat_capacity_J_per_K"]
            boiled_m3 = excess_J / cell["latent_heat_J_per_m3"]
            warmer_K = cell["boiling_point_K"]
            if lost_m3 + dried_m3 + boiled_m3 >= head["volume_m3"]:
                return 0.0, 0.0, 0.0, DRY

    head["current_A"] = -current_A if swapped else current_A
    if swapped:
        new_V, other_V = other_V, new_V
    head["working_V_per_s"] = (new_V - head["working_V"]) / dt_s
    head["counter_V_per_s"] = (other_V - head["counter_V"]) / dt_s
    head["working_V"], head["counter_V"] = new_V, other_V
    head["last_step_s"] = dt_s
    head["time_s"] += dt_s
    head["charge_C"] += head["current_A"] * dt_s
    head["gross_charge_C"] += abs(current_A) * dt_s
    head["energy_J"] += power_W * dt_s
    head["temperature_K"] = warmer_K
    if boiled_m3 > 0.0:
        head["boiling"] = 1.0
        head["boiled_m3"] += boiled_m3
    if min(now.working_wet, now.counter_wet) < _LEAST_WET:
        head["dry_electrode"] = 1.0

    react(of, dt_s)
    if cell["divided"]:
        if len(of.ions) > 0:
            carry(of, dt_s)
        cross(of, dt_s)
    lose(of, lost_m3, dried_m3 + boiled_m3)
    if len(of.ions) > 0:
        settle(of)
    return lead_A, voltage_V, potential_V, SOLVED


def _compiled(digest: int) -> tuple[Any, Any]:
    """The entry points, cached on disk for these sources."""

    @njit(cache=True, error_model="numpy")
    def advance(
        of: Arrays, control: int, value: float, dt_s: float
    ) -> tuple[float, float, float, int]:
        _ = digest
        return step(of, control, value, dt_s)

    @njit(cache=True, error_model="numpy")
    def electrolyse(
        of: Arrays, control: int, value: float, dt_s: float, rows: Any, amounts_rows: Any
    ) -> tuple[int, int]:
        _ = digest
        for k in range(len(rows)):
            current_A, voltage_V, potential_V, status = step(of, control, value, dt_s)
            if status != SOLVED:
                return k, status
            row = rows[k]
            row[0] = of.heads[0]["time_s"]
            row[1] = current_A
            row[2] = voltage_V
            row[3] = potential_V
            row[4] = of.heads[0]["temperature_K"]
            for place in range(of.amounts_mol.shape[0]):
                for i in range(of.amounts_mol.shape[1]):
                    amounts_rows[k, place, i] = of.amounts_mol[place, i]
        return len(rows), SOLVED

    return advance, electrolyse


advance, electrolyse = _compiled(
    source_digest(acidity.__file__, electrode.__file__, balances.__file__, __file__)
)
"""`advance(of, control, value, dt_s)` is `step`; `electrolyse(..., rows, amounts_rows)` makes as
many steps as `rows` has, each written there as (time_s, current_A, cell_voltage_V, potential_V,
temperature_K) and in `amounts_rows`, and returns (steps done, status)."""
