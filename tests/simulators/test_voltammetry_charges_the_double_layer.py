"""A ramp charges a double layer with C·v, in both engines, at every sample: the first and those
after each turn included. Closed form: i = ±C v for RC far below the sampling interval."""

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv

CAPACITANCE_F = 4.437e-8


@pytest.mark.parametrize("engine", ["semi_integral", "finite_difference"])
@pytest.mark.parametrize("rate_V_per_s", [0.331, 61.8])
@pytest.mark.parametrize("resistance_ohm", [0.0, 13.2])
def test_every_sample_of_a_ramp(engine: str, rate_V_per_s: float, resistance_ohm: float) -> None:
    waveform = cv(0.5, -0.5, rate_V_per_s, step_V=0.001)
    found = simulate_voltammogram(
        "A + e = B",
        waveform,
        area_m2=1e-5,
        concentrations_mol_per_m3={"A": 1e-6},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        k0=1e-12,
        resistance_ohm=resistance_ohm,
        capacitance_F=CAPACITANCE_F,
        rest_potential_V=0.5,
        engine=engine,
    )
    relative = found.current_A / (CAPACITANCE_F * rate_V_per_s)
    half = len(relative) // 2
    np.testing.assert_allclose(relative[:half], -1.0, rtol=5e-3)
    np.testing.assert_allclose(relative[half:], 1.0, rtol=5e-3)


def test_the_largest_current_at_a_turn_is_not_called_a_peak() -> None:
    found = simulate_voltammogram(
        "A = B + e",
        cv(-0.3, 0.3, 0.1),
        area_m2=7e-6,
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=2.4e-9,
        E0_V=0.0,
        resistance_ohm=1e6,
    )
    with pytest.raises(InputError, match="no anodic peak"):
        found.peak(anodic=True)
