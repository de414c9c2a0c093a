"""What a first voltage above the range comes from, and how much substrate was there."""

from dataclasses import replace

import pytest

from faradaic.diagnoses.above_the_range import above_the_range, at_the_limit
from faradaic.diagnoses.diagnosis import weighed
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.substrate_share import share_there
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.expected_of_step import expected_of
from faradaic.simulators.cell_models import simulated_cell
from faradaic.simulators.contracts import Control
from rigs.diagnosed_runs import TROUBLESHOOTING, rehearse

PLANNED = Expected(
    set_A=1.2e-3,
    amount_C=9.6485,
    electrons=2.0,
    voltage_V=(2.9, 3.9),
    typical_V=3.4,
    exchanged_V=0.6,
    resistance_ohm=(52.0, 62.0),
    limiting_A=(2.5e-3, 12.0e-3),
    typical_limiting_A=3.0e-3,
)


def first(expected: Expected, voltage_V: float) -> str:
    return weighed(above_the_range(expected, voltage_V))[0].name


def test_each_cause_is_first_where_it_adds_that_much():
    assert first(PLANNED, 3.4 + 1.0) == "substrate"
    assert first(PLANNED, 3.4 + 0.6) == "swapped"
    assert first(replace(PLANNED, exchanged_V=0.0), 3.4 + 0.53) in ("salt", "guess")
    # 10 mA through 57 Ohm, three times as much of it; nothing carries that in the substrate's stead
    strong = replace(PLANNED, set_A=10e-3, voltage_V=(3.6, 5.7), typical_V=5.2)
    assert first(strong, 5.2 + 2 * 0.57) == "salt"


def test_where_the_substrate_never_had_to_carry_the_current_it_is_not_named():
    above = replace(PLANNED, set_A=10e-3)
    assert not above_the_range(above, 4.4).keys() & {"substrate", "area", "stirrer"}


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_share_is_that_of_the_closed_form(share):
    # Q = z F n (s - I/I_lim)
    step_C = 2.0 * 9.6485 * (share - 1.2e-3 / 3.0e-3)
    low, typical, high = share_there(PLANNED, step_C)
    assert typical == pytest.approx(share)
    assert low < typical < high
    assert share_there(replace(PLANNED, amount_C=None), step_C) is None


def test_a_skin_and_missing_salt_are_told_apart_by_their_size():
    def order(ohm: float) -> list[str]:
        return [one.name for one in weighed(at_the_limit(PLANNED, ohm))]

    assert order(850.0)[:2] == ["skin", "salt"]  # a skin of 800 Ohm
    assert order(2850.0)[0] == "salt"  # 2 % of the salt
    assert order(2e5)[0] == "salt"
    wide = weighed(at_the_limit(replace(PLANNED, resistance_ohm=(48.0, 99.0)), 87.0))
    assert wide[0].name == "guess"  # within what the plan left open


def test_the_typical_voltage_is_that_of_the_simulated_cell_either_way_round(tmp_path):
    (tmp_path / "cell.yaml").write_text(TROUBLESHOOTING, encoding="utf-8")
    plan = compile_protocol(load_protocol(tmp_path / "cell.yaml"), load_bench("simulated"))
    step = next(one for one in plan.steps if one.passes_current)
    expected = expected_of(plan, step)
    cell = simulated_cell(plan.cell)
    forward_V = cell.step(Control.CURRENT, 0.01, 1.0).cell_voltage_V
    assert expected.typical_V == pytest.approx(forward_V, abs=0.03)
    cell = simulated_cell(plan.cell)
    backward_V = -cell.step(Control.CURRENT, -0.01, 1.0).cell_voltage_V
    assert expected.exchanged_V == pytest.approx(backward_V - forward_V, abs=0.03)


def test_exchanged_leads_of_graphite_and_platinum_are_told(tmp_path):
    run = rehearse(TROUBLESHOOTING, ["swapped_leads"], 1, tmp_path)
    events = [event for event in run.events if event.kind == "diagnosis"]
    assert events[0].fields["causes"][0]["name"] == "swapped"
    assert events[0].fields["charge_C"] < 0.05 * 9.6485
