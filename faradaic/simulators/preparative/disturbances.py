"""What can go wrong with a preparative cell, as levels that may be set at any time.

A level is an absolute setting: setting it twice changes nothing more, setting its neutral value
takes the disturbance away (what it did meanwhile stays). Levels are not part of a checkpoint.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faradaic.diagnostics import did_you_mean, refusal


class Disturbance(NamedTuple):
    """One disturbance: its undisturbed level, what is allowed, and what it does."""

    neutral: float
    least: float
    most: float
    meaning: str


_ANY = 1e12


def _factor(most: float, meaning: str) -> Disturbance:
    return Disturbance(1.0, 1e-9, most, meaning)


def _amount(most: float, meaning: str) -> Disturbance:
    return Disturbance(0.0, 0.0, most, meaning)


DISTURBANCES: dict[str, Disturbance] = {
    "mass_transfer_factor": _factor(1e6, "multiplies every mass transfer: stirring"),
    "conductivity_factor": _factor(1e9, "multiplies the conductivity of the solution"),
    "series_resistance_ohm": _amount(_ANY, "adds to the cell's resistance: a bad contact"),
    "film_rate_factor": Disturbance(1.0, 0.0, 1e9, "multiplies the growth of the films described"),
    "working_film_ohm_per_C": _amount(_ANY, "grows a resistance on the working electrode"),
    "counter_film_ohm_per_C": _amount(_ANY, "grows a resistance on the counter electrode"),
    "working_area_factor": _factor(1e3, "multiplies the working electrode's area: a bubble"),
    "counter_area_factor": _factor(1e3, "multiplies the counter electrode's area"),
    "reference_offset_V": Disturbance(
        0.0,
        -1e3,
        1e3,
        "adds to the measured potential; beyond the compliance it is an open reference lead",
    ),
    "leak_m3_per_s": _amount(1.0, "loses solution from the working compartment"),
    "evaporation_m3_per_s": _amount(1.0, "loses solvent, besides the evaporation described"),
    "membrane_leak_m3_per_s": _amount(1.0, "exchanges solution between the compartments"),
    "heat_W": Disturbance(0.0, -1e6, 1e6, "heats the solution from outside"),
    "ambient_offset_K": Disturbance(0.0, -250.0, 1e3, "warms the surroundings"),
    "open_lead": _amount(1.0, "1 takes a lead off: 1 TΩ in series"),
    "short_conductance_S": _amount(1e6, "joins the electrodes by a conductor"),
    "leads_swapped": _amount(1.0, "1 exchanges the leads of working and counter electrode"),
    "working_mass_lost_kg": _amount(1e6, "takes metal from the working electrode"),
    "counter_mass_lost_kg": _amount(1e6, "takes metal from the counter electrode"),
}


_NEEDS = {
    "membrane_leak_m3_per_s": ("divided", "separator"),
    "heat_W": ("thermal", "thermal"),
    "ambient_offset_K": ("thermal", "thermal"),
}
"""Part of the cell's record, and key of its description, without which a level means nothing."""


def find(name: str) -> Disturbance:
    """A disturbance by name. Raises `InputError` (E534)."""
    if name in DISTURBANCES:
        return DISTURBANCES[name]
    known = did_you_mean(name, DISTURBANCES)
    raise refusal("E534", f"no disturbance is called `{name}`", known)


def check_level(name: str, level: float, cell: Any) -> None:
    """Refuse a level out of bounds, or without effect in this cell. Raises `InputError` (E534)."""
    allowed = find(name)
    if not allowed.least <= level <= allowed.most:
        raise refusal(
            "E534",
            f"{name} cannot be {level}",
            f"write {allowed.least:g} to {allowed.most:g}; it {allowed.meaning}",
        )
    record, key = _NEEDS.get(name, ("", ""))
    if record and not cell[record]:
        raise refusal(
            "E534",
            f"{name} has no effect: the cell has no `{key}`",
            f"add `{key}` to the cell's description, or leave the disturbance out",
        )
