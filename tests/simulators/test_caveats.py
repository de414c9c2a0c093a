"""Curves that are computed as asked for, and say what is odd about them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from faradaic.simulators.voltammetry import Voltammogram, simulate_voltammogram
from faradaic.simulators.waveforms import chronoamperometry, cv


def voltammogram(mechanism: str = "A + e = B", waveform: Any = None, **more: Any) -> Voltammogram:
    waveform = waveform if waveform is not None else cv(0.4, -0.3, 0.1)
    return simulate_voltammogram(
        mechanism,
        waveform,
        area_m2=7.07e-6,
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        **more,
    )


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
    ],
)
def test_numbers_that_nothing_has_ever_had_are_remarked_upon(case, says):
    assert any(re.search(says, note) for note in voltammogram(**case).notes)
