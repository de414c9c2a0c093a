"""Square-wave and differential pulse voltammetry of a reversible couple, against closed forms."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from faradaic.analysis.voltammetry.pulse_peaks import difference_peak
from faradaic.chemistry.cell_description.preparative_description import parse_cell
from faradaic.instruments.palmsens.driver import EmStat4LR
from faradaic.instruments.readings import EndReason
from faradaic.instruments.segments import (
    CurrentInterruptSegment,
    DifferentialPulseVoltammetrySegment,
    ImpedanceSegment,
    SquareWaveVoltammetrySegment,
)
from faradaic.simulators.ideal_bench import IdealBench
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.palmsens.emulator import emstat4_lr
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.virtual_clock import VirtualClock
from rigs.palmsens import Rig

F, f = 96485.33212, 96485.33212 / (8.314462618 * 298.15)
AREA_M2, D_M2_PER_S, C_MOL_PER_M3, E0_V = 1e-5, 1e-9, 1.0, 0.1

CIRCUIT = {"resistance_ohm": 1.0, "capacitance_F": 1e-9, "rest_potential_V": -0.2}
"""So small that it carries nothing: a cell at rest needs to have one."""

SQUARE = SquareWaveVoltammetrySegment(-0.2, 0.4, 0.01, 0.05, 25.0, 1e-3)
PULSES = DifferentialPulseVoltammetrySegment(-0.2, 0.4, 0.005, 0.05, 0.05, 0.005, 1e-3)


def couple(**circuit: float) -> SemiIntegralCell:
    """A reversible couple of which only the reduced form is there."""
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B"),
        concentrations_mol_per_m3={"A": 0.0, "B": C_MOL_PER_M3},
        diffusion_m2_per_s=D_M2_PER_S,
        E0_V=E0_V,
        k0=1.0,
    )
    return SemiIntegralCell(parameters, area_m2=AREA_M2, **circuit)


def superposition(levels: list[tuple[float, float]], aperture: float = 0.0) -> np.ndarray:
    """The current at the end of each level (V, s), or its mean over the last share of it: every
    change of the surface concentration relaxes as Cottrell's 1/√t, and they add up."""
    starts_s = np.concatenate([[0.0], np.cumsum([length for _, length in levels])])
    reduced = np.array([1.0 / (1.0 + math.exp(f * (E_V - E0_V))) for E_V, _ in levels])
    changes = -np.diff(reduced, prepend=1.0)
    found = []
    for k, (_, length_s) in enumerate(levels):
        age_s = starts_s[k + 1] - starts_s[: k + 1]
        if aperture:
            young_s = np.maximum(age_s - aperture * length_s, 0.0)
            decay = 2.0 * (np.sqrt(age_s) - np.sqrt(young_s)) / (aperture * length_s)
        else:
            decay = 1.0 / np.sqrt(age_s)
        found.append(float(np.sum(changes[: k + 1] * decay)))
    return F * AREA_M2 * C_MOL_PER_M3 * math.sqrt(D_M2_PER_S / math.pi) * np.array(found)


def square_levels(segment: SquareWaveVoltammetrySegment) -> list[tuple[float, float]]:
    count = round((segment.end_V - segment.begin_V) / segment.step_V) + 1
    stairs_V = segment.begin_V + segment.step_V * np.arange(count)
    half_s = 0.5 / segment.frequency_Hz
    signs = (1.0, -1.0)
    return [(float(E + s * segment.amplitude_V), half_s) for E in stairs_V for s in signs]


def pulse_levels(segment: DifferentialPulseVoltammetrySegment) -> list[tuple[float, float]]:
    count = round((segment.end_V - segment.begin_V) / segment.step_V) + 1
    stairs_V = segment.begin_V + segment.step_V * np.arange(count)
    base_s = segment.step_V / segment.rate_V_per_s - segment.pulse_s
    return [
        level
        for E in stairs_V
        for level in ((float(E), base_s), (float(E + segment.pulse_V), segment.pulse_s))
    ]


def run_ideal(segment: Any) -> list[dict[str, Any]]:
    bench = IdealBench.__new__(IdealBench)
    bench.clock, bench._cell, bench._cell_s = VirtualClock(datetime.now(UTC)), couple(), 0.0
    return [one.point.values for one in bench.run(segment) if one.point is not None]


def columns(points: list[dict[str, Any]], *names: str) -> list[np.ndarray]:
    return [np.array([point[name] for point in points]) for name in names]


def test_a_square_wave_has_osteryoungs_peak_at_half_wave() -> None:
    E_V, forward_A, reverse_A, difference_A = columns(
        run_ideal(SQUARE), "potential_V", "forward_A", "reverse_A", "difference_A"
    )
    exact_A = superposition(square_levels(SQUARE))
    scale_A = np.abs(exact_A).max()
    assert forward_A == pytest.approx(exact_A[::2], abs=0.01 * scale_A)
    assert reverse_A == pytest.approx(exact_A[1::2], abs=0.01 * scale_A)
    potential, height = difference_peak(E_V, difference_A)
    assert potential.value == pytest.approx(E0_V, abs=1e-3)
    # nE_sw = 50 mV, nΔE = 10 mV: 0.9281 in units of nFAc√(D/πt_p) (J. Osteryoung & J. J. O'Dea,
    # Electroanal. Chem. 14 (1986) 209, Table; recalled), to which the sum above comes too.
    unit_A = F * AREA_M2 * C_MOL_PER_M3 * math.sqrt(D_M2_PER_S * 2 * SQUARE.frequency_Hz / math.pi)
    exact = np.max(exact_A[::2] - exact_A[1::2]) / unit_A
    assert exact == pytest.approx(0.9281, rel=2e-3)
    assert height.value == pytest.approx(0.9281 * unit_A, rel=0.01)


def test_differential_pulses_have_parrys_and_osteryoungs_peak() -> None:
    E_V, difference_A = columns(run_ideal(PULSES), "potential_V", "difference_A")
    exact_A = superposition(pulse_levels(PULSES))
    difference = exact_A[1::2] - exact_A[::2]
    assert difference_A == pytest.approx(difference, abs=0.01 * np.abs(difference).max())
    potential, height = difference_peak(E_V, difference_A)
    # E½ less half of the pulse, and nFAc√(D/πδ) (1 − σ)/(1 + σ), σ = exp(−f ΔE/2) (E. P. Parry &
    # R. A. Osteryoung, Anal. Chem. 37 (1965) 1634), where the pulse is short against the stair.
    assert potential.value == pytest.approx(E0_V - 0.5 * PULSES.pulse_V, abs=2e-3)
    ratio = math.exp(-0.5 * f * PULSES.pulse_V)
    cottrell_A = F * AREA_M2 * C_MOL_PER_M3 * math.sqrt(D_M2_PER_S / (math.pi * PULSES.pulse_s))
    assert height.value == pytest.approx(cottrell_A * (1 - ratio) / (1 + ratio), rel=0.02)


@pytest.mark.parametrize(
    ("segment", "levels"), [(SQUARE, square_levels(SQUARE)), (PULSES, pulse_levels(PULSES))]
)
def test_over_the_wire_an_emstat4_measures_the_same_within_a_hundredth(segment, levels) -> None:
    rig = Rig(emstat4_lr, EmStat4LR, couple(**CIRCUIT)).connect()
    readings, end = rig.run(segment)
    assert end is EndReason.SWEEP_DONE
    exact_A = superposition(levels, aperture=0.5)  # the emulator's: the later half of each level
    difference = exact_A[::2] - exact_A[1::2]
    difference = difference if segment is SQUARE else -difference
    measured = [one.point.values["difference_A"] for one in readings if one.point is not None]
    assert measured == pytest.approx(difference, abs=0.01 * np.abs(difference).max())


def test_a_downward_square_wave_has_a_negative_peak() -> None:
    down = SquareWaveVoltammetrySegment(0.4, -0.2, 0.01, 0.05, 25.0, 1e-3)
    E_V, difference_A = columns(run_ideal(down), "potential_V", "difference_A")
    potential, height = difference_peak(E_V, difference_A)
    assert potential.value == pytest.approx(E0_V, abs=2e-3)
    assert (height.value or 0.0) < 0.0


def test_without_a_peak_both_results_say_why() -> None:
    potential, height = difference_peak([0.0, 0.1, 0.2, 0.3, 0.4], [0.0, 1e-6, 2e-6, 3e-6, 4e-6])
    assert potential.value is None
    assert height.value is None
    assert "no anodic peak" in potential.reason


def test_the_ideal_bench_holds_the_bias_of_a_spectrum_and_interrupts_a_current() -> None:
    line = {
        "electrons": 1.0,
        "reference_potential_V_vs_SHE": 0.0,
        "exchange_current_density_A_per_m2": 1e3,
        "tafel_slope_V_per_decade": 0.06,
    }
    cell = parse_cell(
        {
            "model": "preparative",
            "volume_m3": 1e-5,
            "resistance_ohm": 10.0,
            "reference": {"potential_V_vs_SHE": 0.0},
            "species": {},
            "electrodes": {
                role: {
                    "area_m2": 2e-4,
                    "double_layer_F": 1e-6,
                    "role": role_name,
                    "reactions": [line | {"name": name, "direction": name}],
                }
                for role, role_name, name in (
                    ("working", "anode", "oxidation"),
                    ("counter", "cathode", "reduction"),
                )
            },
        }
    )
    bench = IdealBench(cell)
    spectrum = list(bench.run(ImpedanceSegment(0.1, True, 0.01, 1e3, 1.0, 7, 5.0, 0.1)))
    assert all(reading.current_A and reading.current_A > 1e-3 for reading in spectrum)
    segment = CurrentInterruptSegment(1e-3, 3.0, 100.0, 1.0, math.inf, width_s=0.1, every_s=10.0)
    readings = list(bench.run(segment))
    charge_C = sum(
        0.5 * ((a.current_A or 0.0) + (b.current_A or 0.0)) * (b.time_s - a.time_s)
        for a, b in pairwise(readings)
    )
    assert charge_C == pytest.approx(1e-3 * (100.0 - 10 * 0.1), rel=2e-3)
