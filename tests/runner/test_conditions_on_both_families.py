"""Conditions within repeats, shares of the first current and totals, polled and on board alike."""

from __future__ import annotations

import pytest

from faradaic.runner.states import RunState
from rigs.protocols import HEAD

BENCHES = ["simulated", "simulated-emstat4-hr"]


@pytest.mark.parametrize("bench", BENCHES)
def test_a_repeat_is_left_when_its_own_condition_is_met(rehearse, bench) -> None:
    steps = """\
steps:
  - repeat:
      count: 50
      until: 0.5 C
      steps:
        - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 15 s}
        - open_circuit: {duration: 2 s}
  - constant_current: {current: 2 mA, cell_voltage_limit: 5 V, until: 10 s}
"""
    one = rehearse(steps, bench)
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(0.52, rel=2e-3)
    done = [stop["step"] for stop in one.journal.of("step_stop")]
    assert done[-1] == "2"
    assert done[-2] == "1.7.1", "in the middle of the seventh round, after 0.5 C / 75 mC"


@pytest.mark.parametrize("bench", BENCHES)
def test_a_repeat_is_left_after_a_time_of_its_own(rehearse, bench) -> None:
    steps = """\
steps:
  - open_circuit: {duration: 5 s}
  - repeat:
      count: 50
      until: 30 s
      steps:
        - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 8 s}
        - open_circuit: {duration: 2 s}
"""
    one = rehearse(steps, bench)
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    worked_s = sum(stop["duration_s"] for stop in one.journal.of("step_stop")[1:])
    assert worked_s == pytest.approx(30.0, abs=3.0)


@pytest.mark.parametrize("bench", BENCHES)
@pytest.mark.parametrize("share", ["98 %", "98 % of initial"])
def test_a_share_of_the_first_current_ends_a_step(rehearse, bench, share) -> None:
    steps = f"""\
steps:
  - constant_cell_voltage:
      cell_voltage: 3.5 V
      current_limit: 100 mA
      until: [{{current: "<= {share}", for: 5 s}}, {{time: 12 h}}]
"""
    one = rehearse(steps, bench)
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    (stop,) = one.journal.of("step_stop")
    assert "98 % of its initial" in stop["text"]
    currents_A = [abs(values[2]) for values in one.journal.samples if values[2] is not None]
    assert currents_A[-1] <= 0.98 * currents_A[0] * 1.001
    assert currents_A[-1] > 0.96 * currents_A[0], "it ended when it was met, not at the cap"


@pytest.mark.parametrize("bench", BENCHES)
def test_a_total_counts_what_other_steps_passed(rehearse, bench) -> None:
    steps = """\
steps:
  - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 0.2 C}
  - constant_current: {current: 4 mA, reverse: true, cell_voltage_limit: 5 V, until: 0.1 C}
  - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: [{total: 0.7 C}]}
"""
    one = rehearse(steps, bench)
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(0.7, rel=2e-3)
    assert result.charge_net_C == pytest.approx(0.5, rel=3e-3)


@pytest.mark.parametrize("bench", BENCHES)
def test_a_total_within_a_repeat_ends_the_round_in_which_it_is_met(rehearse, bench) -> None:
    steps = """\
steps:
  - repeat:
      count: 5
      steps:
        - constant_current:
            current: 5 mA
            cell_voltage_limit: 5 V
            until: [{total: 0.25 C}, {time: 20 s}]
        - open_circuit: {duration: 1 s}
"""
    one = rehearse(steps, bench)
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(0.25, rel=5e-3)


@pytest.mark.parametrize("bench", BENCHES)
def test_an_interrupted_current_ends_at_a_total_too(rehearse, bench) -> None:
    steps = """\
steps:
  - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 0.1 C}
  - current_interrupt: {width: 50 ms, every: 5 s, until: [{total: 0.3 C}]}
"""
    one = rehearse(steps, bench, head=HEAD)
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(0.3, rel=5e-3)
