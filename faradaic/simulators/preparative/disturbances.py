"""What can go wrong with a preparative cell, as levels that may be set at any time.

A level is an absolute setting: setting it twice changes nothing more, setting its neutral value
takes the disturbance away (what it did meanwhile stays). Levels are not part of a checkpoint.
"""

from __future__ import annotations

from typing import NamedTuple


class Disturbance(NamedTuple):
    """One disturbance: its undisturbed level, what is allowed, and what it does."""

    neutral: float
    least: float
    most: float
    meaning: str


_ANY = 1e12

DISTURBANCES: dict[str, Disturbance] = {
    "mass_transfer_factor": Disturbance(
        1.0, 1e-6, 1e6, "multiplies every mass transfer (0.1: the stirrer stops)"
    ),
    "conductivity_factor": Disturbance(
        1.0, 1e-9, 1e9, "multiplies the conductivity of the solution"
    ),
    "series_resistance_ohm": Disturbance(
        0.0, 0.0, _ANY, "adds to the resistance of the cell (a bad contact)"
    ),
    "film_rate_factor": Disturbance(1.0, 0.0, 1e9, "multiplies the growth of the films described"),
    "working_film_ohm_per_C": Disturbance(
        0.0, 0.0, _ANY, "a resistance that grows on the working electrode per coulomb passed"
    ),
    "counter_film_ohm_per_C": Disturbance(0.0, 0.0, _ANY, "the same on the counter electrode"),
    "working_area_factor": Disturbance(
        1.0, 1e-9, 1e3, "multiplies the area of the working electrode (a bubble, a blocked face)"
    ),
    "counter_area_factor": Disturbance(
        1.0, 1e-9, 1e3, "multiplies the area of the counter electrode"
    ),
    "reference_offset_V": Disturbance(
        0.0,
        -1e3,
        1e3,
        "adds to the measured potential (a clogged or drifting reference; beyond the compliance: an open reference lead)",
    ),
    "leak_m3_per_s": Disturbance(0.0, 0.0, 1.0, "solution lost from the working compartment"),
    "evaporation_m3_per_s": Disturbance(
        0.0, 0.0, 1.0, "solvent lost besides the evaporation described"
    ),
    "membrane_leak_m3_per_s": Disturbance(
        0.0,
        0.0,
        1.0,
        "exchange between the compartments besides diffusion (a torn membrane); divided cells only",
    ),
    "heat_W": Disturbance(
        0.0, -1e6, 1e6, "heat put into the solution from outside; cells with `thermal` only"
    ),
    "ambient_offset_K": Disturbance(
        0.0, -250.0, 1e3, "moves the temperature of the surroundings; cells with `thermal` only"
    ),
    "open_lead": Disturbance(0.0, 0.0, 1.0, "1 disconnects a current lead: 1 Tohm in series"),
    "short_conductance_S": Disturbance(0.0, 0.0, 1e6, "a conductor from electrode to electrode"),
    "leads_swapped": Disturbance(
        0.0, 0.0, 1.0, "1 exchanges the leads of working and counter electrode"
    ),
    "working_mass_lost_kg": Disturbance(
        0.0,
        0.0,
        1e6,
        "metal of the working electrode that has fallen off; electrodes with `metal` only",
    ),
    "counter_mass_lost_kg": Disturbance(
        0.0,
        0.0,
        1e6,
        "metal of the counter electrode that has fallen off; electrodes with `metal` only",
    ),
}
