"""Spectra of cell models from their response in time, against the same spectra in closed form."""

import math

import numpy as np
import pytest

from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.finite_difference.diffusion_cell import FiniteDifferenceCell
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.simulation_errors import SimulationError
from faradaic.simulators.sine_response import sine_response, spectrum_ohm

AREA_M2 = 7.06858e-6
COUPLE = mechanism_parameters(
    parse_mechanism("O + e = R"),
    concentrations_mol_per_m3={"O": 1.0, "R": 1.0},
    diffusion_m2_per_s=1e-9,
    E0_V=0.0,
    k0=1e-4,
)
RANDLES = parse_circuit("R0+(C1|(R1+W1))")
RANDLES_VALUES = {"R0": 100.0, "C1": 1.413717e-6, "R1": 376.716, "W1": 1684.725}
LINEAR = parse_circuit("R0+(C1|R1)")


class LinearCell:
    """R_s in series with C beside R_p by backward Euler, and R_c to the counter electrode."""

    def __init__(self, series_ohm=100.0, parallel_ohm=1000.0, capacitance_F=1e-6, counter_ohm=50.0):
        self.series_ohm, self.parallel_ohm = series_ohm, parallel_ohm
        self.capacitance_F, self.counter_ohm = capacitance_F, counter_ohm
        self.interface_V = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        charging_S = self.capacitance_F / dt_s
        held_A = charging_S * self.interface_V
        leak_S = charging_S + 1.0 / self.parallel_ohm
        if control is Control.CURRENT:
            self.interface_V = (value + held_A) / leak_S
            current_A = value
        else:
            ohm = self.series_ohm
            ohm += self.counter_ohm if control is Control.CELL_VOLTAGE else 0.0
            self.interface_V = (value / ohm + held_A) / (1.0 / ohm + leak_S)
            current_A = (value - self.interface_V) / ohm
        potential_V = self.interface_V + current_A * self.series_ohm
        return CellState(current_A, potential_V + current_A * self.counter_ohm, potential_V)

    def checkpoint(self) -> float:
        return self.interface_V

    def restore(self, state: float) -> None:
        self.interface_V = state


FREQUENCIES_HZ = np.logspace(5, -1, 7)


@pytest.mark.parametrize(
    ("control", "amplitude", "series_ohm"),
    [
        (Control.POTENTIAL, 5e-3, 100.0),
        (Control.CURRENT, 1e-6, 100.0),
        (Control.CELL_VOLTAGE, 5e-3, 150.0),
    ],
)
def test_a_linear_cell_has_its_spectrum_under_every_control(control, amplitude, series_ohm):
    values = {"R0": series_ohm, "C1": 1e-6, "R1": 1000.0}
    expected = LINEAR.spectrum_ohm(FREQUENCIES_HZ, values)
    found = spectrum_ohm(LinearCell(), FREQUENCIES_HZ, amplitude, 0.0, control)
    error = np.abs(found / expected - 1.0)
    assert error.max() < 4e-3
    assert np.all(found.imag < 0.0)  # capacitive


def semi_integral(between: str) -> SemiIntegralCell:
    return SemiIntegralCell(
        COUPLE,
        area_m2=AREA_M2,
        resistance_ohm=100.0,
        capacitance_F=1.413717e-6,
        between=between,
        shortest_step_s=1e-12,
    )


@pytest.mark.parametrize("between", ["hold", "ramp"])
@pytest.mark.parametrize("control", [Control.POTENTIAL, Control.CURRENT])
def test_the_semi_integral_engine_has_the_randles_spectrum(control, between):
    # The table of `test_equivalent_circuits` is this circuit's.
    for frequency_Hz in (1e5, 1e3, 100.0, 1.0, 0.01):
        expected = complex(RANDLES.spectrum_ohm(frequency_Hz, RANDLES_VALUES)[0])
        amplitude = 5e-3 if control is Control.POTENTIAL else 2e-3 / abs(expected)
        found = spectrum_ohm(semi_integral(between), frequency_Hz, amplitude, 0.0, control)
        assert abs(found[0] / expected - 1.0) < 5e-3


@pytest.mark.long
@pytest.mark.parametrize("control", [Control.POTENTIAL, Control.CURRENT])
def test_the_finite_difference_engine_has_the_randles_spectrum(control):
    cell = FiniteDifferenceCell(
        COUPLE,
        area_m2=AREA_M2,
        resistance_ohm=100.0,
        capacitance_F=1.413717e-6,
        shortest_s=1e-7,
        duration_s=1e3,
    )
    for frequency_Hz in (1e3, 10.0, 0.1):
        expected = complex(RANDLES.spectrum_ohm(frequency_Hz, RANDLES_VALUES)[0])
        amplitude = 5e-3 if control is Control.POTENTIAL else 2e-3 / abs(expected)
        found = spectrum_ohm(cell, frequency_Hz, amplitude, 0.0, control, shortest_s=1e-7)
        assert abs(found[0] / expected - 1.0) < 5e-3


def test_a_spectrum_leaves_the_cell_as_it_was_and_can_be_taken_again():
    cell = LinearCell()
    cell.interface_V = 0.0123
    first = spectrum_ohm(cell, [100.0, 10.0], 5e-3, 0.2, settle_s=1.0)
    assert cell.interface_V == 0.0123
    again = spectrum_ohm(cell, [100.0, 10.0], 5e-3, 0.2, settle_s=1.0)
    assert np.array_equal(first, again)


def test_the_bias_is_reached_before_the_sine_and_its_drift_is_removed():
    expected = complex(LINEAR.spectrum_ohm(10.0, {"R0": 100.0, "C1": 1e-6, "R1": 1000.0})[0])
    cell = LinearCell()
    settled = sine_response(
        cell, Control.POTENTIAL, bias=0.5, amplitude=5e-3, frequency_Hz=10.0, step_growth=1.1
    )
    assert settled.impedance_ohm == pytest.approx(expected, rel=1e-2)
    assert settled.mean_current_A == pytest.approx(0.5 / 1100.0, rel=1e-3)
    assert settled.mean_voltage_V == pytest.approx(0.5, rel=1e-3)


def test_a_response_that_is_not_linear_is_refused():
    # 0.2 V is eight times RT/F.
    with pytest.raises(SimulationError, match="E562"):
        spectrum_ohm(semi_integral("ramp"), 10.0, 0.2, 0.1)


def test_an_impedance_that_does_not_settle_with_the_time_step_is_refused():
    class StepDependent(LinearCell):
        def step(self, control, value, dt_s):
            self.series_ohm = 100.0 + 20.0 * math.sin(1e6 * dt_s)
            return super().step(control, value, dt_s)

    with pytest.raises(SimulationError, match="E545"):
        spectrum_ohm(StepDependent(), 100.0, 5e-3, 0.0)


@pytest.mark.parametrize(
    "change",
    [
        {"control": Control.OPEN_CIRCUIT},
        {"amplitude": 0.0},
        {"amplitude": math.inf},
        {"frequency_Hz": [-1.0]},
        {"frequency_Hz": 1e5, "shortest_s": 1e-6},
    ],
)
def test_what_cannot_be_measured_is_refused(change):
    arguments = {"frequency_Hz": 10.0, "amplitude": 5e-3, "bias": 0.0} | change
    with pytest.raises(InputError, match="E561"):
        spectrum_ohm(LinearCell(), **arguments)
