"""What a step of current does to amounts, films, metals, gases, heat and liquid: the kernels."""

from __future__ import annotations

import math
from typing import Any

from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.kernel_cache import njit
from faradaic.simulators.preparative.layout import Arrays

_ROUNDING = 1e-12


@njit(error_model="numpy")
def wet_share(immersed_m: float, cross_section_m2: float, volume_m3: float, now_m3: float) -> float:
    """Share of an electrode's depth that is still below the level of the liquid."""
    if immersed_m == math.inf or cross_section_m2 == math.inf:
        return 1.0
    share = 1.0 - (volume_m3 - now_m3) / (cross_section_m2 * immersed_m)
    return min(share, 1.0)


@njit(error_model="numpy")
def warmed(cell: Any, level: Any, temperature_K: float, heat_W: float, dt_s: float) -> float:
    """Temperature after a step of constant heat: first order towards its end value, exactly."""
    loss = cell["heat_loss_W_per_K"]
    if loss == 0.0:
        return float(temperature_K + heat_W * dt_s / cell["heat_capacity_J_per_K"])
    end_K = cell["ambient_K"] + level["ambient_offset_K"] + heat_W / loss
    decay = math.exp(-loss * dt_s / cell["heat_capacity_J_per_K"])
    return float(end_K + (temperature_K - end_K) * decay)


@njit(error_model="numpy", inline="always")
def overdrawn(of: Arrays, dt_s: float) -> bool:
    """Whether reactions that were not expected to share a substrate took more than there was."""
    left_mol = of.share
    for place in range(2):
        for i in range(left_mol.shape[1]):
            left_mol[place, i] = of.amounts_mol[place, i]
    for k in range(len(of.reactions)):
        reaction = of.reactions[k]
        if reaction["substrate"] >= 0:
            place = reaction["electrode"] if of.cells[0]["divided"] else 0
            taken_C = reaction["sign"] * of.work[k]["current_A"] * dt_s
            taken_mol = taken_C / (reaction["electrons"] * FARADAY_C_PER_MOL)
            eaten = reaction["substrate"] if taken_mol > 0.0 else reaction["product"]
            if eaten >= 0:
                left_mol[place, eaten] -= abs(taken_mol)
                if left_mol[place, eaten] < -_ROUNDING * of.amounts_mol[place, eaten]:
                    return True
    return False


@njit(error_model="numpy", inline="always")
def react(of: Arrays, dt_s: float) -> None:
    """Move the step's charge from substrates to products, metals, films and gases."""
    cell, level, head = of.cells[0], of.levels[0], of.heads[0]
    electrodes, reactions, work, amounts_mol = of.electrodes, of.reactions, of.work, of.amounts_mol
    faradaic_A = counter_A = gas_A = counter_gas_A = evolved_mol_per_s = 0.0
    for k in range(len(reactions)):
        reaction = reactions[k]
        counter = reaction["electrode"]
        current_A = work[k]["current_A"]
        charge_C = reaction["sign"] * current_A * dt_s
        of.charges_C[k] += charge_C
        extent_mol = charge_C / (reaction["electrons"] * FARADAY_C_PER_MOL)
        place = counter if cell["divided"] else 0
        # The limits leave nothing below zero except the rounding of these differences.
        if reaction["substrate"] >= 0:
            left = amounts_mol[place, reaction["substrate"]] - extent_mol
            amounts_mol[place, reaction["substrate"]] = left if left > 0.0 else 0.0
        if reaction["product"] >= 0:
            formed_mol = extent_mol * reaction["products_per_substrate"]
            left = amounts_mol[place, reaction["product"]] + formed_mol
            amounts_mol[place, reaction["product"]] = left if left > 0.0 else 0.0
        if reaction["ion"] >= 0:
            left = amounts_mol[place, reaction["ion"]] + reaction["sign"] * extent_mol
            amounts_mol[place, reaction["ion"]] = left if left > 0.0 else 0.0
        if reaction["metal"]:
            mass_kg = reaction["sign"] * extent_mol * electrodes[counter]["metal_kg_per_mol"]
            if mass_kg > 0.0:
                mass_kg *= electrodes[counter]["metal_loss"]
            if counter:
                head["counter_metal_kg"] = max(head["counter_metal_kg"] - mass_kg, 0.0)
            else:
                head["working_metal_kg"] = max(head["working_metal_kg"] - mass_kg, 0.0)
        evolving_A = abs(current_A) if reaction["gas"] >= 0 else 0.0
        evolved_mol_per_s += evolving_A * reaction["gas_per_electron"] / FARADAY_C_PER_MOL
        if counter:
            counter_A += current_A
            counter_gas_A += evolving_A
        else:
            faradaic_A += current_A
            gas_A += evolving_A
    head["working_gas_A"], head["counter_gas_A"] = gas_A, counter_gas_A
    head["gas_mol_per_s"] = evolved_mol_per_s
    if cell["headspace"]:
        _mix_headspace(of, evolved_mol_per_s, dt_s)

    grower = electrodes[0]["film_reaction"]
    growing_A = work[grower]["current_A"] if grower >= 0 else faradaic_A
    film_m = _film_after(electrodes[0], level, head["working_film_m"], growing_A, dt_s)
    head["working_film_m"] = film_m
    grower = electrodes[1]["film_reaction"]
    growing_A = work[grower]["current_A"] if grower >= 0 else counter_A
    film_m = _film_after(electrodes[1], level, head["counter_film_m"], growing_A, dt_s)
    head["counter_film_m"] = film_m
    passed_C = abs(head["current_A"]) * dt_s
    head["working_film_ohm"] += level["working_film_ohm_per_C"] * passed_C
    head["counter_film_ohm"] += level["counter_film_ohm_per_C"] * passed_C


@njit(error_model="numpy")
def _film_after(electrode: Any, level: Any, film_m: float, current_A: float, dt_s: float) -> float:
    """Thickness of a film after a step: grown or removed by charge, dissolved by time."""
    thicker_m_per_C = electrode["film_growth_m3_per_C"] * level["film_rate_factor"]
    signed_C = electrode["film_sign"] * current_A * dt_s
    if signed_C < 0.0:
        thicker_m_per_C = electrode["film_removal_m3_per_C"]
    film_m += thicker_m_per_C * signed_C / electrode["area_m2"]
    film_m *= math.exp(-electrode["film_dissolution_per_s"] * dt_s)
    return max(film_m, 0.0)


@njit(error_model="numpy", inline="always")
def _mix_headspace(of: Arrays, evolved_mol_per_s: float, dt_s: float) -> None:
    """Gas into a headspace: kept if it is sealed, else displacing the mixture, exactly."""
    cell, gas_mol = of.cells[0], of.gas_mol
    kept_s = dt_s
    if not cell["sealed"]:
        flow = evolved_mol_per_s + cell["sweep_mol_per_s"]
        if flow == 0.0:
            return
        held = cell["pressure_Pa"] * cell["headspace_m3"]
        held /= GAS_CONSTANT_J_PER_MOL_K * cell["temperature_K"]
        stays = -math.expm1(-flow * dt_s / held)
        kept_s = stays * held / flow
        for g in range(len(gas_mol)):
            gas_mol[g] *= 1.0 - stays
    for k in range(len(of.reactions)):
        reaction = of.reactions[k]
        if reaction["gas"] >= 0:
            rate = abs(of.work[k]["current_A"]) * reaction["gas_per_electron"]
            gas_mol[reaction["gas"]] += rate / FARADAY_C_PER_MOL * kept_s


@njit(error_model="numpy", inline="always")
def cross(of: Arrays, dt_s: float) -> None:
    """Exchange between two compartments, P A (c1 - c2), exactly over the step."""
    cell, level, head, amounts_mol = of.cells[0], of.levels[0], of.heads[0], of.amounts_mol
    own_m3, other_m3 = head["volume_m3"], head["counter_volume_m3"]
    dilution_per_m3 = 1.0 / own_m3 + 1.0 / other_m3
    for i in range(amounts_mol.shape[1]):
        flow = (
            of.permeability_m_per_s[i] * cell["membrane_area_m2"] + level["membrane_leak_m3_per_s"]
        )
        difference = amounts_mol[0, i] / own_m3 - amounts_mol[1, i] / other_m3
        moved = difference / dilution_per_m3 * -math.expm1(-flow * dilution_per_m3 * dt_s)
        amounts_mol[0, i] -= moved
        amounts_mol[1, i] += moved


@njit(error_model="numpy", inline="always")
def lose(of: Arrays, lost_m3: float, dried_m3: float) -> None:
    """Solution lost from the working compartment, and solvent evaporated from all of them."""
    head, amounts_mol = of.heads[0], of.amounts_mol
    if lost_m3 > 0.0:
        share = lost_m3 / head["volume_m3"]
        for i in range(amounts_mol.shape[1]):
            of.removed_mol[i] += share * amounts_mol[0, i]
            amounts_mol[0, i] *= 1.0 - share
        head["volume_m3"] -= lost_m3
        head["lost_m3"] += lost_m3
    if dried_m3 > 0.0:
        all_m3 = head["volume_m3"]
        if of.cells[0]["divided"]:
            all_m3 += head["counter_volume_m3"]
        left = 1.0 - dried_m3 / all_m3
        head["volume_m3"] *= left
        head["counter_volume_m3"] *= left
        head["concentrated"] /= left


@njit(error_model="numpy")
def powers(
    of: Arrays,
    given_current: bool,
    against_reference: bool,
    lead_A: float,
    voltage_V: float,
    current_A: float,
    new_V: float,
    other_V: float,
    dt_s: float,
) -> tuple[float, float]:
    """Mean electrical power at the leads and mean heat over a step, W.

    Voltages that follow a current are taken at mid-step, so that a double layer takes up exactly
    the change of C (E - E_rest)²/2. Heat is what is neither stored there nor taken up by what
    reacted, at the thermoneutral voltage.
    """
    cell, level, head, electrodes = of.cells[0], of.levels[0], of.heads[0], of.electrodes
    one, other = 0, 1
    before_V, other_before_V = head["working_V"], head["counter_V"]
    if level["leads_swapped"] > 0.5:
        one, other = 1, 0
        before_V, other_before_V = other_before_V, before_V
    move_V, other_move_V = new_V - before_V, other_V - other_before_V
    if given_current:
        voltage_V -= 0.5 * (move_V - other_move_V)
    elif against_reference and cell["reference"]:
        voltage_V += 0.5 * other_move_V
    power_W = lead_A * voltage_V
    charging_A = electrodes[one]["double_layer_F"] * move_V / dt_s
    other_charging_A = electrodes[other]["double_layer_F"] * other_move_V / dt_s
    stored_W = charging_A * (0.5 * (before_V + new_V) - cell["rest_V"])
    stored_W += other_charging_A * (0.5 * (other_before_V + other_V) - cell["rest_V"])
    reacted_A = 0.5 * (abs(current_A - charging_A) + abs(current_A + other_charging_A))
    return power_W, power_W - stored_W - reacted_A * cell["thermoneutral_V"] + level["heat_W"]
