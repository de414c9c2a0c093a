"""Faults of the cell itself show in the readings as their symptom: the whole bench runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from faradaic.chemistry.cell_description.preparative_description import DUMMY_CELL
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.states import RunState
from faradaic.simulators.cell_models import read_description, simulated_cell
from faradaic.simulators.contracts import Control
from faradaic.simulators.faults import FaultPlan
from rigs.faults import AMOUNT_MOL, CURRENT_A, START_S, Rehearsed, extra_voltage, rehearse

GDE = read_description(
    {
        "model": "gas_diffusion",
        "parameters": "ag-weng",
        "area_m2": 1e-4,
        "resistance_ohm": 1.0,
        "electrolyte": {"hydroxide_mol_per_m3": 1e-3, "bicarbonate_mol_per_m3": 1000.0},
        "feed": {"species": "CO2", "flow_mol_per_s": 3e-5},
        "counter": {
            "area_m2": 1e-4,
            "exchange_A_per_m2": 1e-4,
            "tafel_slope_V_per_decade": 0.06,
            "pH": 7.0,
        },
    }
)

# The cell itself --------------------------------------------------------------------------------


def test_without_stirring_the_limiting_current_is_too_small_and_the_voltage_steps_up():
    extra_V, run = extra_voltage("stir_stop:start=60 s")
    assert np.abs(extra_V[run.time_s < START_S]).max() < 1e-3
    assert extra_V[run.time_s > START_S + 2.5].min() > 0.1


def test_too_little_substrate_is_depleted_early():
    extra_V, run = extra_voltage("substrate:factor=30 %")
    assert extra_V[-1] > 0.1
    reacted = [r.cell.ledger().conversion["substrate"] for r in (rehearse(), run)]
    assert 0.3 * reacted[1] < 0.5 * reacted[0]


def test_a_tenth_of_the_electrolyte_has_ten_times_the_ohmic_drop():
    extra_V, _ = extra_voltage("electrolyte", cell="conducting")
    assert extra_V[1:] == pytest.approx(9 * 30.0 * CURRENT_A, rel=0.02)


def test_a_precipitating_electrolyte_loses_its_conductivity_in_the_time_said():
    extra_V, run = extra_voltage("precipitation:start=60 s,time=2 min", cell="conducting")
    after = run.time_s > START_S + 2.5
    expected_V = 30.0 * CURRENT_A * np.expm1((run.time_s[after] - START_S) / 120.0)
    assert extra_V[after] == pytest.approx(expected_V, rel=0.05, abs=0.01)


def test_evaporation_takes_solvent_and_leaves_the_solutes():
    plain, run = rehearse(), rehearse("evaporation:start=60 s,rate=60 mL/h")
    lost_m3 = plain.cell.ledger().volume_m3 - run.cell.ledger().volume_m3
    assert lost_m3 == pytest.approx(2e-6, rel=0.03)
    kept = [r.cell.ledger().amount_mol["substrate"] for r in (plain, run)]
    assert kept[1] == pytest.approx(kept[0], rel=0.01)


def test_a_falling_level_uncovers_the_electrodes_and_raises_the_voltage():
    extra_V, run = extra_voltage("evaporation:start=60 s,rate=60 mL/h", cell="level")
    assert extra_V[-1] > 0.02
    assert np.abs(extra_V[run.time_s < START_S]).max() < 1e-3


def test_a_leak_takes_the_substrate_with_it():
    plain, run = rehearse(), rehearse("leak:start=60 s,rate=60 mL/h")
    lost_mol = (
        plain.cell.ledger().amount_mol["substrate"] - run.cell.ledger().amount_mol["substrate"]
    )
    assert lost_mol == pytest.approx(0.25 * AMOUNT_MOL, rel=0.1)  # 2 of 8 mL


def test_bubbles_make_a_sawtooth():
    extra_V, run = extra_voltage("bubbles:start=60 s,coverage=80 %,period=8 s")
    after = extra_V[run.time_s > START_S + 2.5]
    assert np.std(after) > 5e-3
    falls = np.diff(after) < -5e-3
    assert 5 <= np.count_nonzero(falls) <= 40
    assert np.std(extra_V[run.time_s < START_S]) < 1e-3


def test_half_the_area_needs_a_higher_voltage_from_the_start():
    extra_V, _ = extra_voltage("area:factor=50 %")
    assert extra_V[2] > 0.01


def test_an_anode_that_is_used_up_takes_the_voltage_to_the_limit():
    run = rehearse("anode_exhausted:start=60 s,charge=0.5 C")
    assert run.result.outcome is RunState.TRIPPED
    assert run.result.exit_code == 4
    assert run.result.output.on is False
    assert run.result.charge_gross_C == pytest.approx(START_S * CURRENT_A + 0.5, abs=0.1)


def test_the_anode_of_a_reduction_is_the_counter_electrode():
    description = read_description(
        {
            "volume_m3": 1e-5,
            "resistance_ohm": 10.0,
            "electrodes": {
                side: {**electrode, "role": role}
                for (side, electrode), role in zip(
                    DUMMY_CELL["electrodes"].items(), ("cathode", "anode"), strict=True
                )
            },
        }
    )
    plan = FaultPlan.read(["anode_exhausted:charge=1 C"])
    cell = simulated_cell(description)
    wired = plan.around_cell(cell, description)
    for _ in range(5):
        wired.step(Control.CURRENT, -0.1, 1.0)
    assert cell.disturbance("counter_area_factor") == pytest.approx(0.6)
    assert cell.disturbance("working_area_factor") == 1.0


def test_a_torn_membrane_lets_the_product_through():
    plain, run = (rehearse(*f, cell="divided") for f in ((), ("membrane_tear:start=60 s",)))

    def beyond(rehearsed: Rehearsed) -> float:
        return float(sum(rehearsed.cell.ledger().counter_concentration_mol_per_m3.values()))

    assert beyond(run) > 10 * beyond(plain)


def test_heat_from_outside_warms_the_cell_and_lowers_its_voltage():
    extra_V, run = extra_voltage("overheat:start=60 s,power=10 W", cell="thermal")
    warmer_K = (
        run.cell.ledger().temperature_K - rehearse(cell="thermal").cell.ledger().temperature_K
    )
    # 10 W for 120 s into 20 J/K with a loss of 0.1 W/K: dT = (P/k)(1 - exp(-k t/C))
    assert warmer_K == pytest.approx(10 / 0.1 * -np.expm1(-0.1 * 120 / 20), rel=0.03)
    assert extra_V[-1] < -0.05


def test_air_carries_current_that_makes_no_product():
    run = rehearse("oxygen:start=60 s,current=2 mA")
    made_C = [
        sum(r.charge_C for r in rehearsed.cell.ledger().reactions if r.electrode == "working")
        for rehearsed in (rehearse(), run)
    ]
    assert made_C[0] - made_C[1] == pytest.approx(2e-3 * 120, rel=0.03)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("membrane_tear", "separator"),
        ("overheat", "thermal"),
        ("salt", "gas-diffusion"),
        ("flooding", "gas-diffusion"),
        ("reference_open", "no reference"),
    ],
)
def test_a_fault_of_a_part_that_the_cell_does_not_have_is_refused_before_the_run(fault, why):
    with pytest.raises(InputError, match=why) as caught:
        rehearse(fault, cell="bare")
    assert caught.value.diagnostics[0].code == "E557"


# A gas-diffusion electrode ------------------------------------------------------------------------


def partial_CO(cell: Any) -> float:
    """Faradaic efficiency of CO of all charge that has passed."""
    ledger = cell.ledger()
    return float(2 * FARADAY_C_PER_MOL * ledger.co_mol / abs(ledger.charge_C))


def electrolysed(*faults: str, seconds: int = 280) -> list[Any]:
    """The gas-diffusion cell without a fault and with each of some, after 0.2 A for a while."""
    cells = []
    for written in ([], *([fault] for fault in faults)):
        plan = FaultPlan.read(written)
        cell = plan.around_cell(simulated_cell(plan.describe(GDE)), GDE)
        for _ in range(seconds):
            cell.step(Control.CURRENT, -0.2, 1.0)
        cells.append(cell.inner if written else cell)
    return cells


@pytest.mark.parametrize("fault", ["flooding:time=2 min", "salt:time=5 min"])
def test_a_plugged_gas_electrode_makes_hydrogen_instead_of_carbon_monoxide(fault):
    sound, faulty = map(partial_CO, electrolysed(fault))
    assert faulty < sound - 0.01


def test_a_gas_electrode_floods_from_the_charge_on_at_which_it_was_asked_to():
    sound, faulty = map(partial_CO, electrolysed("flooding:start=40C,time=2 min", seconds=199))
    assert faulty == sound
    sound, faulty = map(partial_CO, electrolysed("flooding:start=40C,time=2 min"))
    assert faulty < sound


def test_a_worse_electrolyte_of_a_gas_electrode_costs_voltage_and_no_selectivity():
    sound, faulty = electrolysed("electrolyte:factor=20%")
    assert partial_CO(faulty) == pytest.approx(partial_CO(sound), abs=1e-9)
    more_V = 4.0 * 0.2 * GDE.resistance_ohm
    voltage_V = [cell.step(Control.CURRENT, -0.2, 1.0).cell_voltage_V for cell in (sound, faulty)]
    assert voltage_V[1] == pytest.approx(voltage_V[0] - more_V, abs=1e-9)


# Faults that never come ---------------------------------------------------------------------------


def test_a_fault_whose_start_is_never_reached_is_said_at_the_end_and_noted_in_the_journal():
    run = rehearse("contact:start=90 h")
    (remark,) = run.result.diagnostics
    assert (remark.code, remark.severity) == ("E559", "warning")
    assert "never began" in remark.message
    assert rehearse("contact:start=60 s").result.diagnostics == ()


def test_a_fault_whose_end_comes_before_its_start_is_said_too():
    # the charge of the end has passed long before the time of the start
    run = rehearse("contact:start=10 min,end=0.1 C")
    (remark,) = run.result.diagnostics
    assert (remark.code, remark.severity) == ("E559", "warning")
    assert "its end came first" in remark.message
