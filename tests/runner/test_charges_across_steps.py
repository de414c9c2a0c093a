"""A total ends a step by the charge of the run, and a condition ends a repeat within a round."""

import pytest

from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.states import RunState

LIMITING_MOL = 2e-4
STEPS = """\
steps:
  - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, until: 0.05 F/mol}
  - repeat:
      until: 0.04 F/mol
      steps:
        - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, duration: 30 s}
        - wait: 5 s
  - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, until: {total: 0.1 F/mol}}
  - repeat:
      count: 3
      steps:
        - constant_current:
            {current: 10 mA, cell_voltage_limit: 15 V, until: {total: 0.1 F/mol}}
"""


def test_totals_and_repeats_on_the_simulated_bench(rehearse):
    rehearsal = rehearse(STEPS)
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    total_C = 0.1 * LIMITING_MOL * FARADAY_C_PER_MOL
    assert result.charge_gross_C == pytest.approx(total_C, abs=10e-3 * 1.0)
    # 0.05 F/mol are 96.5 s, 0.04 F/mol 77.2 s: two rounds of 30 s, a third of 17.2 s, 19.3 s
    assert result.duration_s == pytest.approx(193.0 + 2 * 5.0, abs=3.0)


def test_a_total_that_ends_a_repeat_leaves_nothing_missing(rehearse):
    steps = (
        "steps:\n  - repeat:\n      count: 20\n      until: {total: 0.1 F/mol}\n      steps:\n"
        "        - constant_current:\n"
        "            {current: 10 mA, cell_voltage_limit: 15 V, until: 0.03 F/mol}\n"
        "        - wait: 5 s\n"
    )
    result = rehearse(steps).run()
    assert result.planned_charge_C == pytest.approx(0.1 * LIMITING_MOL * FARADAY_C_PER_MOL)
    assert result.charge_gross_C == pytest.approx(result.planned_charge_C, abs=10e-3 * 1.0)
    assert result.missing_charge == ""


@pytest.mark.parametrize("charge_mC", [0.3, 0.5, 0.9, 1.3, 2.3])
def test_a_charge_of_a_few_readings_is_met_and_trips_no_cap(rehearse, charge_mC: float):
    """What flows between the last reading and the output's off counts: a segment that ended when
    the charge was predicted is not short of it, and its time cap is not over."""
    result = rehearse(
        "sampling: {interval: 0.2 s}\nsteps:\n  - constant_current:\n"
        f"      {{current: 2 mA, cell_voltage_limit: 8 V, until: {charge_mC} mC}}\n"
    ).run()
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(1e-3 * charge_mC, abs=0.5e-3 * 0.2)
