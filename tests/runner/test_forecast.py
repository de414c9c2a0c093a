"""What a plan leaves open the simulated cell says before a run, as a range: no target is one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from faradaic.chemistry.cell_description.preparative_description import parse_cell
from faradaic.documents.document import load_document
from faradaic.instruments.readings import EndReason
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CyclicVoltammetrySegment,
)
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol, validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.bench_file import load_bench
from faradaic.runner.forecast import needs_forecast, with_forecast
from faradaic.simulators.ideal_bench import IdealBench

CHEMISTS = Path(__file__).parents[1] / "fixtures" / "chemists"

AREA_M2, VOLUME_M3, RATE_M_PER_S, START_MOL_PER_M3 = 2e-4, 1e-5, 1e-5, 20.0
"""Of the cell below: 0.2 mmol, spent with k_m A/V = 2e-4 1/s where transport limits."""


def easy_cell() -> Any:
    """One oxidation of two electrons that transport limits above 0 V, one reduction without end."""
    line = {
        "electrons": 2.0,
        "reference_potential_V_vs_SHE": 0.0,
        "exchange_current_density_A_per_m2": 1e3,
        "tafel_slope_V_per_decade": 0.06,
    }
    spent = {"substrate": "substrate", "mass_transfer_m_per_s": RATE_M_PER_S}
    oxidation = line | spent | {"name": "oxidation", "direction": "oxidation"}
    reduction = line | {"name": "reduction", "direction": "reduction"}
    electrode = {"area_m2": AREA_M2, "double_layer_F": 1e-6}
    return parse_cell(
        {
            "model": "preparative",
            "volume_m3": VOLUME_M3,
            "resistance_ohm": 10.0,
            "reference": {"potential_V_vs_SHE": 0.0},
            "species": {"substrate": {"concentration_mol_per_m3": START_MOL_PER_M3}},
            "electrodes": {
                "working": electrode | {"role": "anode", "reactions": [oxidation]},
                "counter": electrode | {"role": "cathode", "reactions": [reduction]},
            },
        }
    )


def plan_of(text: str, bench: str = "simulated") -> Plan:
    return compile_protocol(validate_protocol(load_document(text, "test.yaml")), load_bench(bench))


def case(name: str, bench: str = "simulated") -> Plan:
    return plan_of((CHEMISTS / f"{name}.yaml").read_text("utf-8"), bench)


def drained(bench: IdealBench, segment: Any) -> tuple[list[Any], EndReason]:
    readings, stream = [], bench.run(segment)
    while True:
        try:
            readings.append(next(stream))
        except StopIteration as end:
            return readings, end.value


def test_a_held_potential_passes_the_charge_of_the_exponential_decay() -> None:
    # Q = zFn (1 - exp(-k_m A t/V)): Lingane, J. Am. Chem. Soc. 1945, 67, 1916
    bench = IdealBench(easy_cell())
    segment = ConstantPotentialSegment(0.5, 1.0, 7200.0, 20.0, math.inf)
    readings, end = drained(bench, segment)
    assert end is EndReason.DURATION
    assert readings[-1].time_s == pytest.approx(7200.0)
    spent = 1 - math.exp(-RATE_M_PER_S * AREA_M2 * 7200.0 / VOLUME_M3)
    assert bench.conversions()["substrate"] == pytest.approx(spent, rel=5e-3)
    start_A = 2 * FARADAY_C_PER_MOL * RATE_M_PER_S * AREA_M2 * START_MOL_PER_M3
    assert readings[0].current_A == pytest.approx(start_A, rel=1e-3)
    assert readings[-1].current_A == pytest.approx(start_A * (1 - spent), rel=5e-3)
    assert len(readings) < 600


def test_the_charge_is_stopped_where_it_is_told() -> None:
    bench = IdealBench(easy_cell())
    _, end = drained(bench, ConstantPotentialSegment(0.5, 1.0, 7200.0, 20.0, 10.0))
    assert end is EndReason.CHARGE_LIMIT
    passed_C = 2 * FARADAY_C_PER_MOL * VOLUME_M3 * START_MOL_PER_M3
    assert bench.conversions()["substrate"] * passed_C == pytest.approx(10.0, rel=1e-3)


def test_a_source_at_its_limit_holds_the_limit_and_says_so() -> None:
    readings, _ = drained(
        IdealBench(easy_cell()), ConstantCellVoltageSegment(3.0, 1e-3, 10.0, 1.0, math.inf)
    )
    assert all(r.compliance and r.current_A == pytest.approx(1e-3) for r in readings)
    readings, _ = drained(
        IdealBench(easy_cell()), ConstantCurrentSegment(50e-3, 0.1, 10.0, 1.0, math.inf)
    )
    assert all(r.compliance and r.cell_voltage_V == pytest.approx(0.1) for r in readings)


def test_a_sweep_ends_where_it_began() -> None:
    sweep = CyclicVoltammetrySegment(-0.2, 0.4, -0.2, 1e-3, 0.1, 2, 1.0)
    readings, end = drained(IdealBench(easy_cell()), sweep)
    assert end is EndReason.SWEEP_DONE
    assert readings[-1].potential_V == pytest.approx(-0.2, abs=1e-6)
    assert readings[-1].time_s == pytest.approx(2 * 1.2 / 0.1)


def test_what_charges_the_double_layer_is_over_when_a_stair_is_read() -> None:
    # 1.2 V each way charge 1e-6 F with 1.2e-6 C; RC is 10 µs of the 10 ms of a stair, so that
    # whoever reads at its end, as instruments do, sees none of it (a dilute CV: 14 % too much).
    cell = easy_cell().model_copy(update={"species": {}})
    electrodes = cell.electrodes
    blocked = electrodes.working.reactions[0].model_copy(
        update={"substrate": None, "mass_transfer_m_per_s": None,
                "reference_potential_V_vs_SHE": 5.0}
    )  # fmt: skip
    working = electrodes.working.model_copy(update={"reactions": (blocked,)})
    cell = cell.model_copy(
        update={"electrodes": electrodes.model_copy(update={"working": working})}
    )
    sweep = CyclicVoltammetrySegment(-0.6, 0.6, -0.6, 1e-3, 0.1, 1, 1.0)
    readings, _ = drained(IdealBench(cell), sweep)
    read_C = sum(abs(r.current_A) for r in readings) * readings[-1].time_s / len(readings)
    assert read_C < 1e-3 * 2 * 1.2 * 1e-6


def test_a_held_voltage_has_a_target_and_no_charge_until_the_cell_says_one() -> None:
    # 72.4 C were promised, 7.2 C passed.
    plan = case("cell_voltage_plan_vs_run")
    expected = plan.estimates
    assert expected.charge_C is None
    assert expected.charge_F_per_mol is None
    assert expected.target_charge_C == pytest.approx(2.5 * 0.3e-3 * FARADAY_C_PER_MOL, rel=1e-6)
    assert plan.steps[0].expected_end == "charge reaches 2.50 F/mol (72.4 C), or time reaches 8 h"
    assert needs_forecast(plan)
    forecast = with_forecast(plan, IdealBench).forecast
    assert forecast is not None
    low_C, typical_C, high_C = forecast.charge_C
    assert 0.0 < low_C < typical_C < high_C <= 1.001 * expected.target_charge_C
    assert forecast.gas_m3["H2"][2] <= 1.001 * expected.gas_m3["H2"]
    assert forecast.conversion is not None
    assert forecast.conversion[0] <= forecast.conversion[1] <= forecast.conversion[2]


def test_the_forecast_is_the_charge_that_the_rehearsal_delivers(rehearse) -> None:
    # The independent way: driver, bytes, emulator, electronics and its noise, second by second.
    steps = """\
steps:
  - constant_cell_voltage:
      {cell_voltage: 3.6 V, current_limit: 20 mA, until: [{charge: 2 F/mol}, {time: 20 min}]}
"""
    rehearsal = rehearse(steps)
    forecast = with_forecast(rehearsal.plan, IdealBench).forecast
    result = rehearsal.run()
    assert forecast is not None
    assert forecast.charge_C[1] == pytest.approx(result.charge_gross_C, rel=0.01)
    assert forecast.duration_s[1] == pytest.approx(result.duration_s, rel=0.01)
    assert forecast.ends[0] == f"{result.ended_because}; {result.missing_charge}"


def test_a_mediated_potential_is_not_promised_its_target() -> None:
    # 1274 C were promised, 0.0286 C passed in 32 s.
    plan = case("tempo_mediated_potential", "simulated-emstat4-hr")
    assert plan.estimates.charge_C is None
    assert plan.estimates.target_charge_C == pytest.approx(4.4 * 3e-3 * FARADAY_C_PER_MOL, rel=1e-6)
    assert with_forecast(plan, IdealBench).forecast is not None


@pytest.mark.parametrize("name", ["shono_no_conductivity", "kolbe_no_electrolyte", "koh_6M_trips"])
def test_every_plan_of_a_current_has_a_voltage(name: str) -> None:
    plan = case(name)
    if plan.estimates.cell_voltage_V is None:
        forecast = with_forecast(plan, IdealBench).forecast
        assert forecast is not None
        assert forecast.cell_voltage_V is not None


def test_what_the_tables_know_needs_no_simulated_cell(rehearse) -> None:
    steps = "steps:\n  - constant_current: {current: 5 mA, cell_voltage_limit: 9 V, until: 1 h}\n"
    assert not needs_forecast(rehearse(steps).plan)


def test_a_cathode_under_control_takes_energy_as_an_anode_does() -> None:
    loaded, bench = (
        load_protocol("library:co2-electrolysis-ag25"),
        load_bench("simulated-emstat4-hr"),
    )
    plan = with_forecast(compile_protocol(loaded, bench), IdealBench)
    assert plan.forecast is not None
    assert plan.forecast.cell_voltage_V is not None
    # oxygen from 1 M KOH against CO from CO2, and overpotentials
    assert plan.forecast.cell_voltage_V[0] > 1.34


def test_a_cell_that_fails_leaves_a_note_and_no_numbers() -> None:
    plan = case("cell_voltage_plan_vs_run")
    dry = plan.cell.model_copy(update={"evaporation_m3_per_s": 1e-6})
    told = with_forecast(plan.model_copy(update={"cell": dry}), IdealBench)
    assert told.forecast is None
    assert "the simulated cell does not say more: " in told.estimates.notes[-1]
