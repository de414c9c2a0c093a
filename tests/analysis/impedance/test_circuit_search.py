"""The circuit of a spectrum is found among the common ones, and what is not determined is said."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.impedance.circuit_search import find_circuit
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.chemistry.equivalent_circuits import parse_circuit

FREQUENCY_HZ = np.geomspace(1e5, 0.05, 51)
CELLS: dict[str, dict[str, float]] = {
    "R0+C1": {"R0": 50, "C1": 2e-5},
    "R0+Q1": {"R0": 50, "Q1.Y": 3e-5, "Q1.n": 0.88},
    "R0+(R1|C1)": {"R0": 20, "R1": 300, "C1": 2e-5},
    "R0+(R1|Q1)": {"R0": 20, "R1": 300, "Q1.Y": 4e-5, "Q1.n": 0.85},
    "R0+(C1|(R1+W1))": {"R0": 30, "C1": 2e-5, "R1": 150, "W1": 60},
    "R0+(Q1|(R1+W1))": {"R0": 30, "Q1.Y": 4e-5, "Q1.n": 0.85, "R1": 150, "W1": 80},
    "R0+(R1|C1)+(R2|C2)": {"R0": 10, "R1": 100, "C1": 1e-6, "R2": 200, "C2": 1e-3},
    "R0+(R1|Q1)+(R2|Q2)": {
        **{"R0": 10, "R1": 100, "Q1.Y": 3e-6, "Q1.n": 0.88},
        **{"R2": 200, "Q2.Y": 2e-3, "Q2.n": 0.85},
    },
}


def spectrum(circuit: str, seed: int, noise: float = 0.01) -> ImpedanceSpectrum:
    """Its cell with elements drawn around the typical ones, and noise on both parts."""
    rng = np.random.default_rng(seed)
    values = {
        name: value if name.endswith(".n") else value * float(np.exp(rng.normal(0.0, 0.4)))
        for name, value in CELLS[circuit].items()
    }
    z = parse_circuit(circuit).spectrum_ohm(FREQUENCY_HZ, values)
    z = z + noise * np.abs(z) * (rng.normal(size=z.size) + 1j * rng.normal(size=z.size))
    return ImpedanceSpectrum.of(FREQUENCY_HZ, z.real, z.imag)


@pytest.mark.parametrize("circuit", CELLS)
def test_each_common_circuit_is_found_in_noise_of_one_per_cent(circuit: str) -> None:
    assert find_circuit(spectrum(circuit, seed=1)).best.text == circuit


@pytest.mark.long  # sixteen spectra take twenty seconds; benchmarks/circuits.py tries 200
def test_nine_of_ten_circuits_are_found() -> None:
    found = [
        find_circuit(spectrum(circuit, seed)).best.text == circuit
        for circuit in CELLS
        for seed in (2, 3)
    ]
    assert sum(found) >= 0.9 * len(found)


def test_the_inductance_of_the_leads_is_taken_along() -> None:
    values = {"L0": 2e-6, "R0": 5.0, "R1": 40.0, "C1": 1e-5}
    z = parse_circuit("L0+R0+(R1|C1)").spectrum_ohm(FREQUENCY_HZ, values)
    best = find_circuit(ImpedanceSpectrum.of(FREQUENCY_HZ, z.real, z.imag)).best
    assert best.text == "L0+R0+(R1|C1)"
    assert best.fit.parameters == pytest.approx([2e-6, 5.0, 40.0, 1e-5], rel=1e-6)


def test_circuits_that_the_data_cannot_tell_apart_are_named() -> None:
    """A constant phase element of exponent 1 is a capacitance: two circuits, one spectrum."""
    search = find_circuit(spectrum("R0+(R1|C1)", seed=3, noise=1e-3))
    assert sum(search.weights()) == pytest.approx(1.0)
    assert "R0+(R1|Q1)" in [one.text for one in search.candidates]
    undetermined = [one for one in search.candidates if one.undetermined]
    assert all(search.weights()[search.candidates.index(one)] == 0.0 for one in undetermined)
