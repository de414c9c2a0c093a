"""Distributions of relaxation times of spectra whose peaks are known in closed form.

R/(1 + jωτ) has one time τ; R/(1 + (jωτ)^φ) the bell of Cole & Cole (1941) about τ. These are the
test spectra of Wan, Saccoccio, Chen & Ciucci, Electrochim. Acta 2015, 184, 483.
"""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.impedance.relaxation_times import relaxation_times
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.diagnostics import InputError

FREQUENCY_HZ = np.logspace(5, -2, 71)
OMEGA = 2.0 * np.pi * FREQUENCY_HZ


def zarc(resistance: float, tau: float, phi: float) -> np.ndarray:
    return resistance / (1.0 + (1j * OMEGA * tau) ** phi)


CASES = {
    "RC": [(50.0, 1e-2, 1.0)],
    "2xRC": [(50.0, 1e-1, 1.0), (50.0, 1e-3, 1.0)],
    "2xRC, a decade apart": [(50.0, 1e-2, 1.0), (30.0, 1e-3, 1.0)],
    "ZARC": [(50.0, 1e-2, 0.8)],
    "2xZARC": [(50.0, 1e-1, 0.8), (50.0, 1e-3, 0.8)],
}


@pytest.mark.parametrize("noise", [0.0, 0.005])
@pytest.mark.parametrize("case", CASES)
def test_peaks_are_found_within_a_tenth(case: str, noise: float) -> None:
    z = 10.0 + sum(zarc(*one) for one in CASES[case])
    for seed in range(3 if noise else 1):
        rng = np.random.default_rng(seed)
        scatter = rng.standard_normal(71) + 1j * rng.standard_normal(71)
        found = relaxation_times(ImpedanceSpectrum(FREQUENCY_HZ, z + noise * np.abs(z) * scatter))
        told = [p for p in found.peaks if not p.resistance.flags]
        assert len(told) == len(CASES[case])
        for peak, (resistance, tau, _) in zip(told, sorted(CASES[case], key=lambda c: c[1]),
                                              strict=True):  # fmt: skip
            assert peak.time_constant.value == pytest.approx(tau, rel=0.1)
            assert peak.resistance.value == pytest.approx(resistance, rel=0.1)
        assert found.series_ohm == pytest.approx(10.0, rel=0.1)
        assert found.rms_residual < max(0.003, 1.5 * noise)


def test_an_arc_that_was_not_closed_is_flagged() -> None:
    z = 10.0 + zarc(50.0, 50.0, 1.0)  # the lowest frequency has ωτ = 3
    peaks = relaxation_times(ImpedanceSpectrum(FREQUENCY_HZ, z)).peaks
    assert any("not closed" in flag for flag in peaks[-1].time_constant.flags)


def test_a_negative_loop_is_told_as_no_relaxation() -> None:
    z = 10.0 + zarc(50.0, 1e-3, 1.0) - zarc(20.0, 1.0, 1.0)
    found = relaxation_times(ImpedanceSpectrum(FREQUENCY_HZ, z))
    assert any("no relaxation" in flag for flag in found.flags)


def test_too_few_points_are_refused() -> None:
    with pytest.raises(InputError, match="too few"):
        relaxation_times(ImpedanceSpectrum(FREQUENCY_HZ[:6], zarc(50.0, 1e-3, 1.0)[:6] + 10.0))
