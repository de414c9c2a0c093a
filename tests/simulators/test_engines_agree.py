"""Two engines that share no numerics give one current, whatever the first-order mechanism."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv

MECHANISMS = [
    ("A + e = B", 0),
    ("A + 2 e = B", 0),
    ("A + e = B; B -> C", 1),
    ("A + e = B; B -> A", 1),
    ("A + e = B; B = C", 2),
    ("A + e = B; B + e = C", 0),
    ("A + e = B; B -> C; C + e = D", 1),
]


@pytest.mark.parametrize("seed", range(42))
def test_the_engines_agree_on_mechanisms_and_numbers_drawn_at_random(seed):
    draw = random.Random(seed)
    mechanism, constants = MECHANISMS[seed % len(MECHANISMS)]
    potentials_V = [0.0, draw.uniform(-0.3, 0.2)] if mechanism.count("e =") == 2 else 0.0
    rates = tuple(10 ** draw.uniform(-3, 5) for _ in range(constants))
    numbers = {
        "area_m2": 1e-5,
        "concentrations_mol_per_m3": {"A": 1.0},
        "diffusion_m2_per_s": 1e-9,
        "E0_V": potentials_V,
        "k0": draw.choice([math.inf, 10 ** draw.uniform(-8, -1)]),
        "alpha": draw.uniform(0.3, 0.7),
        "rate_constants": [rates if len(rates) == 2 else rates[0]] if rates else [],
        "resistance_ohm": draw.choice([0.0, 10 ** draw.uniform(0, 3)]),
    }
    numbers["capacitance_F"] = 2e-6 if numbers["resistance_ohm"] and draw.random() < 0.5 else 0.0
    waveform = cv(0.5, -0.6, 10 ** draw.uniform(-2, 2), step_V=2e-3)
    one, other = (
        simulate_voltammogram(mechanism, waveform, engine=engine, **numbers).current_A
        for engine in ("semi_integral", "finite_difference")
    )
    assert np.max(np.abs(one - other)) < 3e-3 * np.max(np.abs(one))
