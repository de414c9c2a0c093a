"""Curves that are computed as asked for, and say what is odd about them."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from faradaic.simulators.voltammetry import Voltammogram, simulate_voltammogram
from faradaic.simulators.waveforms import chronoamperometry, cv


def voltammogram(mechanism: str = "A + e = B", waveform: Any = None, **more: Any) -> Voltammogram:
    waveform = waveform if waveform is not None else cv(0.4, -0.3, 0.1)
    numbers = {"concentrations_mol_per_m3": {"A": 1.0}, "diffusion_m2_per_s": 1e-9, "E0_V": 0.0}
    return simulate_voltammogram(mechanism, waveform, area_m2=7.07e-6, **(numbers | more))


def test_an_ordinary_voltammogram_has_nothing_to_say():
    assert voltammogram().notes == ()
    assert voltammogram(capacitance_F=1e-6).notes == ()
    assert voltammogram("A + e = B; 2 B -> C", rate_constants=1e4).notes == ()


def test_a_sweep_that_begins_inside_its_wave_says_so():
    (note,) = voltammogram(waveform=cv(0.0, -0.3, 0.1)).notes
    assert "begins where current already flows" in note


def test_a_potential_step_is_meant_to_begin_with_a_current():
    assert voltammogram(waveform=chronoamperometry(-0.3, 1.0), rest_potential_V=0.4).notes == ()


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ({"waveform": cv(0.4, -0.3, 1e8)}, "faster than any voltammogram"),
        ({"mechanism": "A + e = B; 2 B -> C", "rate_constants": 1e12}, "B \\+ B react"),
        ({"mechanism": "A + e = B; B -> C", "rate_constants": 1e14}, "B reacts with"),
        ({"diffusion_m2_per_s": 1e-5}, "1e-5 cm²/s is 1e-9 m²/s"),
        ({"concentrations_mol_per_m3": {"A": 1e6}}, "denser than any liquid"),
        ({"temperature_K": 25.0, "waveform": cv(0.4, -0.3, 0.1, step_V=5e-4)}, "no solution"),
    ],
)
def test_numbers_that_nothing_has_ever_had_are_remarked_upon(case, says):
    assert any(re.search(says, note) for note in voltammogram(**case).notes)


F_PER_RT = 38.9217

SQUARE = {
    "mechanism": "A + e = B; C + e = D; A = C; B = D",
    "waveform": cv(0.7, -0.3, 0.1),
    "E0_V": [0.0, 0.2],
    "concentrations_mol_per_m3": {"A": 1.0, "C": 1.0},
}
DISPROPORTIONATION = {"mechanism": "A + e = B; B + e = C; 2 B = A + C", "E0_V": [0.0, -0.2]}


@pytest.mark.parametrize(
    ("case", "rates", "consistent_K", "step"),
    [
        # K(B = D)/K(A = C) = exp[F(E2 - E1)/RT], K(disproportionation) likewise
        (SQUARE, lambda K: [(5.0, 5.0), (K, 1.0)], math.exp(0.2 * F_PER_RT), "B = D"),
        (
            DISPROPORTIONATION,
            lambda K: [(K * 10.0, 10.0)],
            math.exp(-0.2 * F_PER_RT),
            "B + B = A + C",
        ),
    ],
)
def test_equilibria_that_contradict_each_other_are_named(case, rates, consistent_K, step):
    assert voltammogram(**case, rate_constants=rates(consistent_K)).notes == ()
    (note,) = voltammogram(**case, rate_constants=rates(1.0)).notes
    assert note.startswith(f"{step} says K = 1, and the others {consistent_K:.3g}:")


def test_formal_potentials_that_contradict_each_other_are_named():
    three = {"mechanism": "A + e = B; B + e = C; A + 2 e = C", "k0": 1e-2}
    assert voltammogram(**three, E0_V=[0.0, -0.1, -0.05]).notes == ()
    (note,) = voltammogram(**three, E0_V=[0.0, -0.1, 0.0]).notes
    assert "A + 2 e = C says 0 V, and the others -0.05 V" in note


def test_a_preceding_equilibrium_that_is_none_at_the_start_is_named():
    preceding = {"mechanism": "C = A; A + e = B", "rate_constants": [(1.0, 10.0)]}
    (note,) = voltammogram(**preceding, concentrations_mol_per_m3={"C": 1.0}).notes
    assert note.startswith("C = A runs in the solution from the start on")
    at_rest = {"C": 1.0, "A": 0.1}
    assert voltammogram(**preceding, concentrations_mol_per_m3=at_rest).notes == ()
