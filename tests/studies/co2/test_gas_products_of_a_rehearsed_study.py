"""Efficiencies of a simulated CO2 electrolysis are recovered within their errors."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.calibration import Measured
from faradaic.analysis.gas_flow import (
    GasFlow,
    inlet_as_outlet,
    internal_standard,
    measured_outlet,
)
from faradaic.analysis.gas_products import GasEfficiency, gas_efficiency, total_efficiency
from faradaic.analysis.gas_timing import current_at_injections, dead_time_s
from faradaic.chemistry.gases import NORMAL, ReferenceState, read_over_dry
from faradaic.chemistry.water import water_vapour_pressure_Pa
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_analysis import GasRecord, analyse_outlet
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell, GasDiffusionTrace
from faradaic.simulators.rehearsed_co2_study import FLOW_SCCM, cell_description

REFERENCE = ReferenceState(273.15)
LINE_M3 = 30e-6  # the simulated line: 10 mL of tube and 20 mL mixed
SEEDS = range(400)


@pytest.fixture(scope="module")
def trace() -> GasDiffusionTrace:
    cell = GasDiffusionCell.from_mapping(cell_description("ag-weng"))
    return cell.run(Control.CURRENT, np.full(6000, -0.2), 1.0)


def efficiencies(record: GasRecord, trace: GasDiffusionTrace, flow: GasFlow) -> list[GasEfficiency]:
    delay_s = dead_time_s(LINE_M3, float(np.mean(flow.mol_per_s.values)))
    current = current_at_injections(
        trace.time_s, trace.current_A, record.time_s, dead_time_s=delay_s, window_s=60.0
    )
    return [
        gas_efficiency(
            species,
            2,
            Measured.of(1e-6 * record.ppm[species], random_relative=0.01, systematic_relative=0.02),
            flow,
            current.current_A,
            current_basis=current.basis,
        )
        for species in ("CO", "H2")
    ]


def outlet(record: GasRecord) -> GasFlow:
    gas = {"CO": 1e-6 * record.ppm["CO"], "H2": 1e-6 * record.ppm["H2"]}
    gas["CO2"] = 1.0 - gas["CO"] - gas["H2"]
    return measured_outlet(
        record.outlet_sccm,
        REFERENCE,
        reads=read_over_dry(gas, "CO2", water_vapour_pressure_Pa(298.15) / 101325.0),
        random_relative=0.002,
        systematic_relative=0.01,
    )


def test_efficiencies_are_recovered_within_their_errors(trace: GasDiffusionTrace) -> None:
    truth = float(np.mean(trace.co_A / (trace.co_A + trace.h2_A)))
    pulls, total_pulls = [], []
    for seed in SEEDS:
        record = analyse_outlet(trace.time_s, trace.outlet, seed=seed)
        found = efficiencies(record, trace, outlet(record))
        co, total = found[0].mean(), total_efficiency(found)
        assert co.value is not None
        assert total.value is not None
        pulls.append((co.value - truth) / np.hypot(co.random or 0, co.systematic or 0))
        total_pulls.append((total.value - 1) / np.hypot(total.random or 0, total.systematic or 0))
    for pull in (pulls, total_pulls):
        # 400 laboratories: the standard deviation of a pull is 1 ± 0.035, its mean 0 ± 0.05
        assert np.std(pull) == pytest.approx(1.0, abs=0.11)
        assert np.mean(pull) == pytest.approx(0.0, abs=0.15)


def test_the_inlet_flow_overstates_by_far_more_than_the_stated_error(
    trace: GasDiffusionTrace,
) -> None:
    record = analyse_outlet(trace.time_s, trace.outlet, seed=1)
    inlet = inlet_as_outlet(FLOW_SCCM, REFERENCE, random_relative=0.0, systematic_relative=0.01)
    right, wrong = (
        total_efficiency(efficiencies(record, trace, flow)) for flow in (outlet(record), inlet)
    )
    assert right.value is not None
    assert wrong.value is not None
    lost = FLOW_SCCM * NORMAL.sccm_mol_per_s / np.mean(trace.outlet.total_mol_per_s)
    assert wrong.value / right.value == pytest.approx(lost, rel=0.03)
    assert wrong.value - 1 > 2 * np.hypot(wrong.random or 0, wrong.systematic or 0)
    assert any("inlet flow taken" in flag for flag in wrong.flags)


def test_the_internal_standard_agrees_with_the_meter(trace: GasDiffusionTrace) -> None:
    argon = 5.0 * NORMAL.sccm_mol_per_s
    record = analyse_outlet(trace.time_s, trace.outlet, seed=3, internal_standard_mol_per_s=argon)
    x = Measured.of(1e-6 * record.ppm["Ar"], random_relative=0.01, systematic_relative=0.02)
    total = total_efficiency(efficiencies(record, trace, internal_standard(argon, x, name="Ar")))
    assert total.value == pytest.approx(
        1.0, abs=2 * np.hypot(total.random or 0, total.systematic or 0)
    )
    assert "internal standard (Ar)" in total.basis
