"""The straightest decade of a sweep, against sweeps whose slope is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.voltammetry.tafel import TafelFit, tafel_fit, tafel_window

SLOPE_V = 0.118
I0_A = 1e-7


@pytest.mark.parametrize("way", [1.0, -1.0])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_slope_between_noise_and_mass_transport_is_found(way: float, backwards: bool) -> None:
    """i = i_k i_L/(i_k + i_L) over a background of noise: 118 mV per decade in between."""
    eta_V = np.linspace(0.0, 0.9, 901)
    kinetic_A = I0_A * 10.0 ** (eta_V / SLOPE_V)
    current_A = kinetic_A * 1e-1 / (kinetic_A + 1e-1)
    current_A += 3e-7 * np.random.default_rng(2).normal(size=eta_V.size)
    E_V, i_A = way * eta_V, way * current_A
    if backwards:
        E_V, i_A = E_V[::-1], i_A[::-1]
    window = tafel_window(E_V, i_A)
    assert window is not None
    fit = tafel_fit(E_V, i_A, window_V=window)
    assert isinstance(fit, TafelFit)
    assert fit.slope.value == pytest.approx(way * SLOPE_V, rel=0.03)
    assert fit.transfer_coefficient.key == "transfer_coefficient"
    assert fit.decades >= 0.99


def test_a_straight_current_has_no_such_stretch() -> None:
    """An ohmic cell: the current grows with the voltage itself."""
    E_V = np.linspace(0.0, 1.0, 400)
    assert tafel_window(E_V, 1e-3 * (E_V - 0.5)) is None
    assert tafel_window(E_V, np.zeros_like(E_V)) is None
