"""Spectra, interrupts and pulse voltammetry of the PalmSens drivers, on emulated instruments."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.diagnostics import DeviceError
from faradaic.instruments.palmsens.driver import EmStatPico
from faradaic.instruments.readings import EndReason, Reading, Regulation
from faradaic.instruments.segments import (
    CurrentInterruptSegment,
    DifferentialPulseVoltammetrySegment,
    GalvanostaticImpedanceSegment,
    ImpedanceSegment,
    SquareWaveVoltammetrySegment,
)
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.palmsens.emulator import emstat_pico
from rigs.palmsens import Rig, charge_C

CIRCUIT = parse_circuit("R0+(C1|R1)")
R0, R1, C1 = 100.0, 1000.0, 1e-4


class RandlesCell:
    """R0 and R1|C1 in series, each time step exact: the voltage of C1 relaxes exponentially."""

    interface_V = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        if control in (Control.POTENTIAL, Control.CELL_VOLTAGE):
            conductance_S = 1.0 / R0 + 1.0 / R1
            tau_s, end_V = C1 / conductance_S, value / R0 / conductance_S
            self.interface_V = end_V + (self.interface_V - end_V) * math.exp(-dt_s / tau_s)
            current_A = (value - self.interface_V) / R0
        else:
            current_A = value if control is Control.CURRENT else 0.0
            end_V = current_A * R1
            self.interface_V = end_V + (self.interface_V - end_V) * math.exp(-dt_s / (R1 * C1))
        voltage_V = self.interface_V + R0 * current_A
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> float:
        return self.interface_V

    def restore(self, state: float) -> None:
        self.interface_V = state


def spectrum(readings: list[Reading]) -> tuple[np.ndarray, np.ndarray]:
    points = [one.point.values for one in readings if one.point is not None]
    frequency_Hz = np.array([one["frequency_Hz"] for one in points])
    real, imaginary = (
        np.array([one[f"impedance_{part}_ohm"] for one in points]) for part in ("real", "imag")
    )
    return frequency_Hz, real + 1j * imaginary


def closed_form(frequency_Hz: np.ndarray) -> np.ndarray:
    order = [parameter.name for parameter in CIRCUIT.parameters]
    values = np.array([{"R0": R0, "R1": R1, "C1": C1}[name] for name in order])
    return CIRCUIT.impedance_ohm(2 * np.pi * frequency_Hz, values)


@pytest.mark.parametrize(
    "segment",
    [
        ImpedanceSegment(None, True, 0.01, 1e5, 1.0, 41, 0.0, 0.1),
        ImpedanceSegment(0.2, False, 0.01, 1e5, 1.0, 41, 2.0, 0.1),
        GalvanostaticImpedanceSegment(2e-4, 1e-4, 1e5, 1.0, 41, 0.0, 3.0),
        ImpedanceSegment(-0.3, True, 0.005, 0.5, 1e3, 11, 0.0, 0.1),
    ],
    ids=["at rest", "at a potential after 2 s", "around a current", "upwards"],
)
def test_a_spectrum_is_the_closed_form_of_the_cell_within_a_hundredth(segment) -> None:
    rig = Rig(cell=RandlesCell()).connect()
    begun_s = rig.clock.monotonic_s()
    readings, end = rig.run(segment)
    frequency_Hz, impedance_ohm = spectrum(readings)
    assert end is EndReason.SWEEP_DONE
    assert frequency_Hz == pytest.approx(segment.frequencies_Hz, rel=1e-5)
    assert abs(impedance_ohm / closed_form(frequency_Hz) - 1.0).max() < 0.01
    assert not rig.cell_on
    # The instrument's own periods (8.2 s for 41 points from 100 kHz to 1 Hz), and what the steady
    # loops between them take.
    sines = rig.driver.capabilities.sines
    assert sines is not None
    nominal_s = segment.settle_s + sines.duration_s(segment.frequencies_Hz)
    assert nominal_s < rig.clock.monotonic_s() - begun_s < 1.15 * nominal_s + 1.0


def test_41_points_from_100_kHz_to_1_Hz_take_8_seconds() -> None:
    sines = EmStatPico.capabilities.sines
    assert sines is not None
    segment = ImpedanceSegment(None, True, 0.01, 1e5, 1.0, 41, 0.0, 0.1)
    assert sines.duration_s(segment.frequencies_Hz) == pytest.approx(8.2, abs=0.2)


def test_what_flows_around_a_bias_is_read_between_the_frequencies() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    readings, _ = rig.run(ImpedanceSegment(0.22, True, 0.01, 100.0, 0.5, 12, 1.0, 0.1))
    steady = [one for one in readings if one.point is None]
    assert len(steady) > 10
    assert [one.current_A for one in steady[-5:]] == pytest.approx([2e-4] * 5, rel=5e-3)
    assert all(one.regulation is Regulation.VOLTAGE for one in steady)
    assert all(b.time_s > a.time_s for a, b in pairwise(readings))


def test_a_spectrum_whose_reader_is_gone_ends_with_the_frequency_under_way() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    stream = rig.driver.run(ImpedanceSegment(0.2, True, 0.01, 10.0, 0.5, 20, 0.0, 0.1), rig.clock)
    while next(stream).point is not None:
        pass  # to the first steady reading, whose loop nobody ends any more
    at_s = rig.clock.monotonic_s()
    rig.clock.sleep_until(at_s + 1.0)
    assert not rig.cell_on


def test_a_firmware_that_takes_no_Y_runs_its_spectrum_to_the_end() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    rig.driver._renewable = False  # type: ignore[attr-defined]
    readings, end = rig.run(ImpedanceSegment(0.2, True, 0.01, 1e3, 1.0, 13, 0.0, 0.1))
    assert end is EndReason.SWEEP_DONE
    assert len(spectrum(readings)[0]) == 13


def test_a_current_beyond_its_limit_ends_a_spectrum() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    readings, end = rig.run(ImpedanceSegment(1.1, True, 0.01, 100.0, 0.5, 12, 2.0, 5e-4))
    assert end is EndReason.CURRENT_LIMIT
    assert not spectrum(readings)[0].size
    assert not rig.cell_on


def test_a_voltage_beyond_its_limit_ends_a_galvanostatic_spectrum() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    segment = GalvanostaticImpedanceSegment(1e-3, 1e-5, 100.0, 0.5, 12, 5.0, 1.0)
    _, end = rig.run(segment)
    assert end is EndReason.CELL_VOLTAGE_LIMIT
    assert not rig.cell_on


@pytest.mark.parametrize(
    "segment",
    [
        ImpedanceSegment(None, True, 0.01, 1e6, 1.0, 5, 0.0, 0.1),
        ImpedanceSegment(5.995, True, 0.01, 1e3, 1.0, 5, 0.0, 0.1),
        GalvanostaticImpedanceSegment(0.2, 0.01, 1e3, 1.0, 5, 0.0, 3.0),
        SquareWaveVoltammetrySegment(0.0, 1.0, 5e-3, 0.025, 1000.0, 1e-3),
        DifferentialPulseVoltammetrySegment(0.0, 1.0, 5e-3, 0.05, 1e-3, 0.01, 1e-3),
        CurrentInterruptSegment(1e-3, 3.0, 10.0, 1.0, 1e9, width_s=2e-3, every_s=1.0),
    ],
)
def test_what_is_beyond_the_model_is_refused_before_the_cell_is_on(segment) -> None:
    rig = Rig(cell=RandlesCell()).connect()
    with pytest.raises(DeviceError) as refused:
        rig.run(segment)
    assert refused.value.diagnostics[0].code == "E512"
    assert not rig.cell_on


def test_a_potentiostat_has_no_galvanostatic_spectrum() -> None:
    rig = Rig(emstat_pico, EmStatPico, RandlesCell()).connect()
    with pytest.raises(DeviceError):
        rig.run(GalvanostaticImpedanceSegment(0.0, 1e-5, 1e3, 1.0, 5, 0.0, 1.0))


# Interrupts ------------------------------------------------------------------------------------


def interrupted(width_s: float = 0.05, every_s: float = 3.0, duration_s: float = 10.0):
    return CurrentInterruptSegment(
        1e-3, 3.0, duration_s, 1.0, math.inf, width_s=width_s, every_s=every_s
    )


def test_interruptions_come_in_time_and_bring_their_traces() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    readings, end = rig.run(interrupted())
    traces = [one.point.values for one in readings if one.point is not None]
    assert end is EndReason.DURATION
    assert len(traces) == 3
    on_s = readings[0].time_s - (readings[0].on_for_s or 0.0)
    began_s = [trace["began_s"] - on_s for trace in traces]
    assert began_s == pytest.approx([2.95, 5.95, 8.95], abs=2e-3)
    for trace in traces:
        at_s, voltage_V = np.array(trace["time_s"]), np.array(trace["cell_voltage_V"])
        within = at_s > trace["dead_time_s"]
        # C1 discharges through R1 alone: 1 V exp(-t/R1 C1), when R0's 0.1 V are gone.
        exact_V = voltage_V[at_s < 0].mean() - R0 * 1e-3
        decay_V = exact_V * np.exp(-at_s[within] / (R1 * C1))
        assert voltage_V[within] == pytest.approx(decay_V, rel=0.02)


def test_the_charge_of_an_interrupted_current_is_what_flowed() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    readings, _ = rig.run(interrupted(every_s=1.0))
    off = [one for one in readings if one.regulation is Regulation.OFF]
    assert all(abs(one.current_A or 0.0) < 1e-6 for one in off)
    flowed_C = 1e-3 * (10.0 - 9 * 0.05)
    first_C = 1e-3 * (readings[0].on_for_s or 0.0)
    assert charge_C(readings) + first_C == pytest.approx(flowed_C, rel=1e-3)


def test_an_interrupted_current_that_nobody_reads_is_off_within_two_seconds() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    stream = rig.driver.run(interrupted(duration_s=60.0), rig.clock)
    for _ in range(3):
        next(stream)
    rig.clock.sleep_until(rig.clock.monotonic_s() + 2.0)
    assert not rig.cell_on


# Pulses ----------------------------------------------------------------------------------------


def test_a_square_wave_is_read_in_both_halves() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    readings, end = rig.run(SquareWaveVoltammetrySegment(-0.2, 0.2, 0.005, 0.025, 25.0, 0.1))
    assert end is EndReason.SWEEP_DONE
    assert len(readings) == 2 * 81
    first, second = readings[:2]
    assert (first.potential_V, second.potential_V) == pytest.approx((-0.175, -0.225))
    assert second.time_s - first.time_s == pytest.approx(0.02)
    assert second.point is not None
    told = second.point.values
    assert told["potential_V"] == pytest.approx(-0.2)
    assert told["difference_A"] == pytest.approx(first.current_A - second.current_A)
    assert all(b.time_s > a.time_s for a, b in pairwise(readings))


def test_differential_pulses_tell_the_difference_and_not_what_flows() -> None:
    rig = Rig(cell=RandlesCell()).connect()
    readings, end = rig.run(
        DifferentialPulseVoltammetrySegment(-0.1, 0.1, 0.005, 0.05, 0.05, 0.02, 0.1)
    )
    assert end is EndReason.SWEEP_DONE
    assert len(readings) == 41
    assert all(one.current_A is None and one.point is not None for one in readings)
