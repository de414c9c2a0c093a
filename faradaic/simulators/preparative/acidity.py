"""pH of the compartments from the balance of their charges, and what the current carries across.

Amounts of ions and of acids with all their forms are kept; H+ and OH- are what makes the charges
cancel. So a reaction that gives or takes protons changes the pH by what the current carries of
everything else. Concentrations stand for activities, constants for water at 25 degC; the pH is
that of the stirred solution, not that at the electrodes.
"""

from __future__ import annotations

import math
from typing import Any

from faradaic.chemistry.carbon_dioxide import DIFFUSIVITY_M2_PER_S
from faradaic.chemistry.water import PK_WATER
from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.kernel_cache import njit
from faradaic.simulators.preparative.layout import CARRIERS, Arrays, Layout

_CATIONS, _ANIONS, _WATER = (CARRIERS.index(word) for word in ("cations", "anions", "water"))
_PROTON, _HYDROXIDE = DIFFUSIVITY_M2_PER_S["H+"], DIFFUSIVITY_M2_PER_S["OH-"]
_LN_10 = math.log(10.0)
_LOWEST, _HIGHEST = -3.0, 20.0
_ENOUGH = 1e-11


@njit(cache=True, error_model="numpy")
def moments(ion: Any, pKa: Any, pH: float, sign: float) -> tuple[float, float, float, float]:
    """Means over the forms of an ion: charge, its square, and |charge| and square of one sign."""
    weight, total, charge, square, one, one_square = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for step in range(ion["steps"] + 1):
        if step > 0:
            weight *= 10.0 ** (pH - pKa[step - 1])
        z = ion["charge"] - step
        total += weight
        charge += weight * z
        square += weight * z * z
        if z * sign > 0.0:
            one += weight * abs(z)
            one_square += weight * z * z
    return charge / total, square / total, one / total, one_square / total


@njit(cache=True, error_model="numpy")
def settled_pH(
    ions: Any, pKa: Any, amounts_mol: Any, place: int, volume_m3: float, guess: float
) -> float:
    """pH at which the charges of a compartment cancel: Newton's method inside a bracket."""
    pH, low, high = guess, _LOWEST, _HIGHEST
    for _ in range(100):
        acid = 1000.0 * 10.0**-pH
        base = 1000.0 * 10.0 ** (pH - PK_WATER)
        excess, slope = acid - base, -_LN_10 * (acid + base)
        for k in range(len(ions)):
            ion = ions[k]
            concentration = amounts_mol[place, ion["species"]] / volume_m3
            charge, square, _, _ = moments(ion, pKa[k], pH, 1.0)
            excess += concentration * charge
            slope -= _LN_10 * concentration * (square - charge * charge)
        if excess > 0.0:
            low = pH
        else:
            high = pH
        move = -excess / slope
        if -_ENOUGH < move < _ENOUGH:
            return float(pH + move)
        pH += move
        if not low < pH < high:
            pH = 0.5 * (low + high)
    return pH


@njit(error_model="numpy", inline="always")
def standard_V(of: Arrays, reaction: Any, place: int) -> float:
    """Reference potential of a reaction at the pH of its compartment."""
    cell, head = of.cells[0], of.heads[0]
    if not reaction["follows_pH"]:
        return float(reaction["reference_V"])
    above = head["working_pH"] - cell["working_pH"]
    if place:
        above = head["counter_pH"] - cell["counter_pH"]
    nernst_V = _LN_10 * GAS_CONSTANT_J_PER_MOL_K * head["temperature_K"] / FARADAY_C_PER_MOL
    return float(reaction["reference_V"] - nernst_V * above)


@njit(error_model="numpy")
def carry(of: Arrays, dt_s: float) -> None:
    """What the current of a step takes through the separator, by the conductance of each ion.

    Cations come from the side that the current leaves, anions from the other; an ion's share is
    z² D c over that of all which the separator lets pass, H+ and OH- among them.
    """
    head, ions, amounts_mol = of.heads[0], of.ions, of.amounts_mol
    carrier = of.cells[0]["carrier"]
    charge_mol = head["current_A"] * dt_s / FARADAY_C_PER_MOL
    if carrier == _WATER or charge_mol == 0.0:
        return
    source = 0 if charge_mol > 0.0 else 1
    charge_mol = abs(charge_mol)
    total = 0.0
    for side in range(2):
        # 0: cations, from the source; 1: anions, from the other side
        if (side == 0 and carrier == _ANIONS) or (side == 1 and carrier == _CATIONS):
            continue
        place, sign = (source, 1.0) if side == 0 else (1 - source, -1.0)
        pH = head["counter_pH"] if place else head["working_pH"]
        volume_m3 = head["counter_volume_m3"] if place else head["volume_m3"]
        if side == 0:
            total += _PROTON * 1000.0 * 10.0**-pH
        else:
            total += _HYDROXIDE * 1000.0 * 10.0 ** (pH - PK_WATER)
        for k in range(len(ions)):
            ion = ions[k]
            _, _, _, square = moments(ion, of.pKa[k], pH, sign)
            total += ion["diffusivity"] * amounts_mol[place, ion["species"]] / volume_m3 * square
    for side in range(2):
        if (side == 0 and carrier == _ANIONS) or (side == 1 and carrier == _CATIONS):
            continue
        place, sign = (source, 1.0) if side == 0 else (1 - source, -1.0)
        pH = head["counter_pH"] if place else head["working_pH"]
        volume_m3 = head["counter_volume_m3"] if place else head["volume_m3"]
        for k in range(len(ions)):
            ion = ions[k]
            _, _, each, _ = moments(ion, of.pKa[k], pH, sign)
            share = charge_mol * ion["diffusivity"] * each / (volume_m3 * total)
            # Never more than there is; H+ and OH- carry the rest.
            moved = amounts_mol[place, ion["species"]] * min(share, 1.0)
            amounts_mol[place, ion["species"]] -= moved
            amounts_mol[1 - place, ion["species"]] += moved


@njit(error_model="numpy")
def settle(of: Arrays) -> None:
    """Set the pH of each compartment to what its ions make it."""
    head = of.heads[0]
    pH = settled_pH(of.ions, of.pKa, of.amounts_mol, 0, head["volume_m3"], head["working_pH"])
    head["working_pH"] = head["counter_pH"] = pH
    if of.cells[0]["divided"]:
        head["counter_pH"] = settled_pH(
            of.ions, of.pKa, of.amounts_mol, 1, head["counter_volume_m3"], head["counter_pH"]
        )


def set_start(layout: Layout) -> None:
    """Enter the pH that the compartments start with."""
    cell, state = layout.cell[0], layout.initial_state
    head = state.head[0]
    for place, side, volume in ((0, "working", "volume_m3"), (1, "counter", "counter_volume_m3")):
        where = place if cell["divided"] else 0
        volume_m3 = head[volume] if cell["divided"] else head["volume_m3"]
        ions = layout.ions, layout.pKa, state.amounts_mol
        cell[f"{side}_pH"] = head[f"{side}_pH"] = settled_pH(*ions, where, volume_m3, 7.0)
