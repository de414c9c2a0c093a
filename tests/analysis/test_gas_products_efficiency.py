"""Gas efficiencies from fraction, flow and current: closed forms, errors, and the known traps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from faradaic.analysis.calibration import Measured
from faradaic.analysis.gas_flow import (
    GasFlow,
    inlet_as_outlet,
    internal_standard,
    measured_outlet,
    measured_outlet_volume,
)
from faradaic.analysis.gas_products import gas_efficiency, total_efficiency
from faradaic.analysis.gas_timing import current_at_injections, dead_time_s
from faradaic.chemistry.gases import ReferenceState
from faradaic.chemistry.water import water_vapour_pressure_Pa
from faradaic.diagnostics import InputError

ZERO_CELSIUS, ROOM = ReferenceState(273.15), ReferenceState(298.15)
F, R = 96485.33212, 8.314462618  # CODATA 2018


def exact(flow_mol_per_s: float) -> GasFlow:
    return GasFlow(Measured.of(flow_mol_per_s), "given")


@pytest.mark.parametrize(
    ("reference", "mol_per_s"),
    [
        # p V/(R T) with V = 1 cm³/min: molar volumes 22413.97 and 24465.40 cm³ (CODATA 2018)
        (ZERO_CELSIUS, 7.435839e-7),
        (ReferenceState(273.15, 1e5), 7.338602e-7),
        (ReferenceState(293.15), 6.928533e-7),
        (ROOM, 6.812341e-7),
    ],
)
def test_a_standard_cubic_centimetre_depends_on_the_meter(
    reference: ReferenceState, mol_per_s: float
) -> None:
    assert reference.sccm_mol_per_s == pytest.approx(mol_per_s, rel=1e-6)


@pytest.mark.parametrize(
    ("product_ppm", "reference", "expected"),
    [
        # 2 F x p V/(R T)/|I| by hand: 20 sccm, -50 mA
        (5000.0, ZERO_CELSIUS, 0.286980),
        (5000.0, ROOM, 0.262916),
        (1000.0, ZERO_CELSIUS, 0.057396),
    ],
)
def test_efficiency_is_the_closed_form(
    product_ppm: float, reference: ReferenceState, expected: float
) -> None:
    flow = measured_outlet(20.0, reference)
    found = gas_efficiency("CO", 2, Measured.of(product_ppm * 1e-6), flow, -0.05)
    assert found.values[0] == pytest.approx(expected, rel=2e-6)
    assert found.partial_current_A[0] == pytest.approx(-0.05 * expected, rel=2e-6)
    assert found.production_mol_per_s[0] == pytest.approx(0.05 * expected / (2 * F), rel=2e-6)


def test_the_reference_state_of_the_meter_is_asked_for() -> None:
    with pytest.raises(InputError, match=r"ReferenceState\(273.15\)"):
        measured_outlet(20.0, None)


def test_the_internal_standard_gives_the_flow_and_its_error() -> None:
    # 5 sccm of N2 found at 20 %: 25 sccm
    x = Measured.of(0.20, random_relative=0.01, systematic_relative=0.02)
    flow = internal_standard(5.0 * ZERO_CELSIUS.sccm_mol_per_s, x, systematic_relative=0.01)
    assert flow.mol_per_s.values / ZERO_CELSIUS.sccm_mol_per_s == pytest.approx(25.0, rel=1e-12)
    assert flow.mol_per_s.random == pytest.approx(0.01 * flow.mol_per_s.values)
    assert flow.mol_per_s.systematic == pytest.approx(
        math.hypot(0.02, 0.01) * flow.mol_per_s.values
    )
    assert "internal standard" in flow.basis


def test_water_vapour_is_that_of_the_steam_tables() -> None:
    # IAPWS-IF97, table 35: 0.353658941e-2 MPa at 300 K
    assert water_vapour_pressure_Pa(300.0) == pytest.approx(3536.58941, rel=1e-8)
    # 101325 Pa at the boiling point of the ITS-90, 373.124 K
    assert water_vapour_pressure_Pa(373.124) == pytest.approx(101325.0, rel=2e-4)


def test_a_bubble_meter_counts_water_which_is_taken_out() -> None:
    state = {"temperature_K": 298.15, "pressure_Pa": 101325.0}
    moist = measured_outlet_volume(1e-6, relative_humidity=1.0, **state)
    dry = measured_outlet_volume(1e-6, relative_humidity=0.0, **state)
    assert dry.mol_per_s.values == pytest.approx(101325e-6 / (R * 298.15))
    assert 1 - moist.mol_per_s.values / dry.mol_per_s.values == pytest.approx(0.0313, abs=5e-5)
    with pytest.raises(InputError, match=r"relative_humidity=1.0"):
        measured_outlet_volume(1e-6, relative_humidity=None, **state)


def test_the_inlet_flow_in_place_of_the_outlet_overstates_and_says_so() -> None:
    # 30 sccm of CO2, 1 A all to CO in alkaline: CO and carbonate one to one, so that
    # x = n/(N - n), n = I/2F; with the inlet's flow FE = N/(N - n) = 130.3 %
    inlet_mol_per_s = 30.0 * ZERO_CELSIUS.sccm_mol_per_s
    co_mol_per_s = 1.0 / (2 * F)
    x = co_mol_per_s / (inlet_mol_per_s - co_mol_per_s)
    assert x == pytest.approx(0.3026, abs=1e-4)
    wrong = gas_efficiency("CO", 2, Measured.of(x), inlet_as_outlet(30.0, ZERO_CELSIUS), -1.0)
    right = gas_efficiency("CO", 2, Measured.of(x), exact(inlet_mol_per_s - co_mol_per_s), -1.0)
    assert wrong.values[0] == pytest.approx(1.303, abs=5e-4)
    assert right.values[0] == pytest.approx(1.0, rel=1e-12)
    result = wrong.mean()
    assert "inlet flow assumed" in result.basis
    assert any("inlet flow taken" in flag for flag in result.flags)
    assert any("exceeds 100 %" in flag for flag in result.flags)


def test_what_flow_and_current_give_to_all_products_adds_up_linearly() -> None:
    # FE 0.85 and 0.10, calibrations 2 and 3 %, flow 2 %, current 0.2 %, by hand:
    # sqrt((0.85*0.02)² + (0.10*0.03)² + 0.95²(0.02² + 0.002²)) = 0.02574; as if independent 0.02437
    flow = GasFlow(Measured.of(1e-5, systematic_relative=0.02), "given")
    parts = []
    for name, share, relative in (("CO", 0.85, 0.02), ("H2", 0.10, 0.03)):
        x = Measured.of(share * 0.05 / (2 * F * 1e-5), systematic_relative=relative)
        parts.append(gas_efficiency(name, 2, x, flow, -0.05, current_systematic_relative=0.002))
    total = total_efficiency(parts)
    assert total.value == pytest.approx(0.95, rel=1e-12)
    assert total.systematic == pytest.approx(0.02574, abs=5e-6)
    alone = math.hypot(*(part.mean().systematic or 0.0 for part in parts))
    assert alone == pytest.approx(0.02437, abs=5e-6)


@pytest.mark.parametrize(
    ("share", "flag"),
    [(0.80, "below 85 %"), (0.95, None), (1.05, None), (1.30, "above 110 %")],
)
def test_totals_are_flagged_and_never_clipped(share: float, flag: str | None) -> None:
    x = Measured.of(share * 0.05 / (2 * F * 1e-5), random_relative=0.0, systematic_relative=0.0)
    total = total_efficiency([gas_efficiency("CO", 2, x, exact(1e-5), -0.05)])
    assert total.value == pytest.approx(share)
    about_total = [f for f in total.flags if f.startswith(("below", "above"))]
    assert [f[: len(flag or "")] for f in about_total] == ([flag] if flag else [])


def test_random_and_systematic_errors_of_a_mean_fall_differently() -> None:
    one, many = (
        gas_efficiency(
            "CO",
            2,
            Measured.of(np.full(n, 0.005), random_relative=0.02, systematic_relative=0.03),
            measured_outlet(20.0, ZERO_CELSIUS, random_relative=0.0, systematic_relative=0.0),
            -0.05,
        ).mean()
        for n in (1, 16)
    )
    assert one.random == pytest.approx(0.02 * 0.286980, rel=1e-5)
    assert many.random == pytest.approx(one.random / 4)
    assert many.systematic == one.systematic == pytest.approx(0.03 * 0.286980, rel=1e-5)
    assert one.flags == many.flags == ()


def test_unknown_errors_and_missing_peaks_are_said() -> None:
    found = gas_efficiency("CO", 2, Measured.of([0.005, np.nan]), exact(1e-5), -0.05)
    flags = found.mean().flags
    assert "CO: random error of the fraction not given, so not counted" in flags
    assert "1 of 2 injections have no value" in flags
    nothing = gas_efficiency("CO", 2, Measured.of([np.nan]), exact(1e-5), -0.05).mean()
    assert nothing.value is None
    assert "no injection" in nothing.reason


@pytest.mark.parametrize(
    ("electrons", "fraction", "current_A", "message"),
    [
        (0, [0.1], -0.05, "0 electrons"),
        (2, [0.1], 0.0, "the current is 0"),
        (2, [5000.0], -0.05, "5000 ppm as 5e-3"),
        (2, [0.1, 0.1], [-0.1, -0.1, -0.1], "do not belong together"),
    ],
)
def test_what_gives_no_efficiency_is_refused(
    electrons: float, fraction: list[float], current_A: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        gas_efficiency("CO", electrons, Measured.of(fraction), exact(1e-5), current_A)


def test_products_of_different_flows_are_not_added_up() -> None:
    x = Measured.of(0.1)
    measured = gas_efficiency("CO", 2, x, measured_outlet(20.0, ROOM), -0.05)
    assumed = gas_efficiency("H2", 2, x, inlet_as_outlet(20.0, ROOM), -0.05)
    with pytest.raises(InputError, match="cannot be added up"):
        total_efficiency([measured, assumed])
    with pytest.raises(InputError, match="twice"):
        total_efficiency([measured, measured])


def test_the_current_of_an_injection_is_that_of_its_gas() -> None:
    # current -t/1000 A, injection at 600 s by a clock 40 s ahead, 60 s of line, 100 s of window:
    # mean over 400 to 500 s is -0.450 A
    time_s = np.arange(0.0, 1000.0, 2.0)
    sampled = current_at_injections(
        time_s,
        -time_s / 1000,
        np.array([600.0, 150.0]),
        dead_time_s=60.0,
        window_s=100.0,
        clock_offset_s=40.0,
    )
    assert (sampled.start_s[0], sampled.end_s[0]) == (400.0, 500.0)
    assert sampled.current_A[0] == pytest.approx(-0.450, rel=1e-12)
    assert np.isnan(sampled.current_A[1])
    assert sampled.flags == ("no current on record for 1 of 2 injections",)


def test_two_samples_of_one_time_are_no_error_in_a_record() -> None:
    # instruments write a point again where they change the range
    time_s = np.sort(np.concatenate((np.arange(100.0), [40.0, 41.0])))
    found = current_at_injections(
        time_s, np.full(len(time_s), -0.1), np.array([80.0]), dead_time_s=0.0, window_s=60.0
    )
    assert found.current_A == pytest.approx([-0.1])
    with pytest.raises(InputError, match="not a record in order of time"):
        current_at_injections(
            time_s[::-1], -time_s, np.array([80.0]), dead_time_s=0.0, window_s=60.0
        )


def test_a_gap_in_the_current_leaves_no_mean() -> None:
    time_s = np.concatenate((np.arange(0.0, 100.0), np.arange(150.0, 300.0)))
    at = np.array([90.0, 140.0, 280.0])
    found = current_at_injections(
        time_s, np.full(len(time_s), -0.1), at, dead_time_s=10.0, window_s=60.0
    )
    assert found.current_A[[0, 2]] == pytest.approx(-0.1)
    assert np.isnan(found.current_A[1])


def test_the_dead_time_is_volume_over_flow() -> None:
    # 10 mL at 20 sccm (0 °C), line at 25 °C: 30 s * 273.15/298.15
    found = dead_time_s(10e-6, 20.0 * ZERO_CELSIUS.sccm_mol_per_s)
    assert found == pytest.approx(30.0 * 273.15 / 298.15, rel=1e-12)
