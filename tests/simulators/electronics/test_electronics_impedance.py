"""An impedance measured through the electronics: with noise, within limits."""

from dataclasses import replace

import pytest

from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.electronics import Electronics, ElectronicsSpec

SPEC = ElectronicsSpec(
    current_ranges_A=(1e-6, 1e-5, 1e-4, 1e-3),
    voltage_ranges_V=(1.0, 10.0),
    current_max_A=1e-3,
    compliance_V=5.0,
    current_noise=0.0,
    voltage_noise=0.0,
    dac_bits=40,
)
CIRCUIT, VALUES = parse_circuit("R0+(C1|R1)"), {"R0": 100.0, "C1": 1e-6, "R1": 1000.0}


class Cell:
    """The circuit, by backward Euler."""

    interface_V = time_s = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        self.time_s += dt_s
        held_A, leak_S = 1e-6 / dt_s * self.interface_V, 1e-6 / dt_s + 1e-3
        if control in (Control.POTENTIAL, Control.CELL_VOLTAGE):
            self.interface_V = (value / 100.0 + held_A) / (0.01 + leak_S)
            current_A = (value - self.interface_V) / 100.0
        else:
            current_A = value if control is Control.CURRENT else 0.0
            self.interface_V = (current_A + held_A) / leak_S
        potential_V = self.interface_V + 100.0 * current_A
        return CellState(current_A, potential_V, potential_V)

    def checkpoint(self):
        return self.interface_V, self.time_s

    def restore(self, state) -> None:
        self.interface_V, self.time_s = state


@pytest.mark.parametrize("frequency_Hz", [1e4, 1e3, 150.0, 1.0])
def test_the_impedance_is_the_cells_under_potential_and_current_control(frequency_Hz):
    expected = complex(CIRCUIT.spectrum_ohm(frequency_Hz, VALUES)[0])
    source = Electronics(Cell(), SPEC, seed=1)
    source.potentiostat(0.1, 1e-3, 0.0)
    held = source.impedance(frequency_Hz, 5e-3, 1.0)
    assert held.impedance_ohm == pytest.approx(expected, rel=1e-2)
    # After one sine the transient of its beginning (91 µs, 1 ms) is not quite gone.
    assert held.mean_current_A == pytest.approx(0.1 / 1100.0, rel=2e-2)
    # The cell is where it was, and the set-point is held.
    assert source.cell.time_s == pytest.approx(1.0, abs=1e-4)
    assert source.measure(100.0).potential_V == pytest.approx(0.1, abs=1e-4)
    source.galvanostat(2e-5, 5.0, 100.0)
    driven = source.impedance(frequency_Hz, 1e-5, 101.0)
    assert driven.impedance_ohm == pytest.approx(expected, rel=1e-2)
    assert driven.mean_voltage_V == pytest.approx(2e-5 * 1100.0, rel=2e-2)


def test_a_small_amplitude_drowns_in_the_noise_of_the_range():
    def scatter(amplitude_V: float) -> float:
        expected = complex(CIRCUIT.spectrum_ohm(100.0, VALUES)[0])
        source = Electronics(Cell(), replace(SPEC, current_noise=1e-3), seed=4)
        source.fix_current_range(1e-3)
        source.potentiostat(0.0, 1e-3, 0.0)
        return abs(source.impedance(100.0, amplitude_V, 1.0).impedance_ohm / expected - 1.0)

    assert scatter(50e-3) < 0.1 < scatter(50e-6)


def test_a_swing_beyond_a_limit_is_solved_at_the_limit_and_shows_as_distortion():
    source = Electronics(Cell(), SPEC, seed=1)
    source.galvanostat(0.0, 0.05, 0.0)
    response = source.impedance(1.0, 1e-4, 1.0)
    assert abs(response.voltage_V) < 0.07
    assert response.distortion > 0.01
    assert source.impedance(1.0, 1e-5, 10.0).distortion < 0.01


def test_an_open_circuit_has_no_impedance_to_measure():
    source = Electronics(Cell(), SPEC, seed=1)
    source.off(0.0)
    with pytest.raises(InputError, match="E561"):
        source.impedance(100.0, 5e-3, 1.0)
