"""A first voltage above the planned range: what it may come from, weighed by how much each adds.

With e = U - U_typical and the half-width w of the range (two standard deviations of the plan):

the plan's guess        normal, 0 ± w/2
less substrate, area,   normal, what the current needs where it goes elsewhere; only where the
stirring                substrate had to carry it, and as likely as a share below I/I_lim
exchanged leads         normal, by how much the cell is harder the other way round
salt                    e = drop (f - 1) with f lognormal around 3
contact                 e = I R with R lognormal around 50 Ohm

Sources: Ohm's law; the spreads and weights are recalled bench practice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faradaic.diagnoses.expected import Expected

OUT_V = 0.05
"""A voltage that is steady above the range by this is told."""
ELSEWHERE_V = (1.0, 0.2)
"""What a current needs more that the substrate does not carry, and its spread."""
DIFFERS_V = 0.1
"""Exchanged leads that make less do not show."""
MOST_RESISTIVE = 500.0
"""Times: a solvent without salt against one with 0.1 M."""
SKIN_OHM = (300.0, 2.0)
OF_SKIN_METAL, OF_OTHERS = 0.6, 0.22
"""How likely a skin is on a sacrificial metal, and on what is left of an earlier run elsewhere."""
WEIGHTS = {
    "guess": 0.3,
    "salt": 0.3,
    "contact": 0.15,
    "substrate": 0.12,
    "area": 0.1,
    "stirrer": 0.08,
    "swapped": 0.1,
    "skin": 0.03,  # it would have begun to go
}


def above_the_range(expected: Expected, voltage_V: float) -> Mapping[str, float]:
    """Likelihoods of the causes of a first voltage that stays above what was planned."""
    assert expected.voltage_V is not None
    assert expected.set_A is not None
    low, high = expected.voltage_V
    typical = expected.typical_V if expected.typical_V is not None else 0.5 * (low + high)
    wide = 0.5 * max(high - typical, 1e-3)
    more = voltage_V - typical
    current = abs(expected.set_A)
    told = {"guess": _normal(more, 0.0, wide)}
    if expected.resistance_ohm is not None:
        drop = current * 0.5 * sum(expected.resistance_ohm)
        told["salt"] = _lognormal(1.0 + more / drop, 3.0, 2.5) / drop
    told["contact"] = _lognormal(more / current, 50.0, 3.0) / current
    told["skin"] = _lognormal(more / current, *SKIN_OHM) / current
    limit = expected.typical_limiting_A
    if limit is not None and current < limit:
        elsewhere = _normal(more, ELSEWHERE_V[0], math.hypot(wide, ELSEWHERE_V[1]))
        told |= dict.fromkeys(("substrate", "area", "stirrer"), elsewhere * current / limit)
    if expected.exchanged_V is not None and abs(expected.exchanged_V) > DIFFERS_V:
        told["swapped"] = _normal(more, expected.exchanged_V, wide)
    return {name: WEIGHTS[name] * value for name, value in told.items()}


def at_the_limit(expected: Expected, ohm: float) -> Mapping[str, float]:
    """Likelihoods of the causes of a resistance that has the limit reached at the first reading.

    Salt may be any share short, alike likely in powers of ten; a skin and a contact have sizes.
    """
    assert expected.resistance_ohm is not None
    planned = 0.5 * sum(expected.resistance_ohm)
    factor = max(ohm / planned, 1.0)
    skin = OF_SKIN_METAL if expected.metal else OF_OTHERS
    more = max(ohm - planned, 1e-3)
    wide = max(0.5 * (expected.resistance_ohm[1] - expected.resistance_ohm[0]), 1e-3)
    return {
        "guess": WEIGHTS["guess"] * _normal(more, 0.0, wide),
        "salt": 0.3 / (factor * math.log(MOST_RESISTIVE)) / planned,
        "contact": 0.15 * _lognormal(more, 50.0, 3.0),
        "skin": skin * _lognormal(more, *SKIN_OHM),
        "area": 0.1 * _lognormal(factor, 3.0, 2.0) / planned,
    } | ({"swapped": 0.05 * _lognormal(factor, 3.0, 3.0) / planned} if expected.metal else {})


def _normal(x: float, middle: float, spread: float) -> float:
    return math.exp(-0.5 * ((x - middle) / spread) ** 2) / (spread * math.sqrt(2.0 * math.pi))


def _lognormal(x: float, middle: float, factor: float) -> float:
    """Density at `x` of what is `middle` within a `factor`."""
    if x <= 0.0:
        return 0.0
    return _normal(math.log(x), math.log(middle), math.log(factor)) / x
