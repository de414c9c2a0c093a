"""A limit of the cell voltage fires at the limit on every bench, though its meter reads too little.

A source whose compliance is set to the limit holds the voltage there: whether a reading is at the
limit is then decided by the error of its meter.
"""

from __future__ import annotations

import pytest

from faradaic.instruments.readings import Reading, Regulation
from faradaic.runner.bench_file import load_bench
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.electrochemical_step import StepRun
from faradaic.runner.states import RunState

STEP = "steps:\n  - constant_current: {current: %s, cell_voltage_limit: %g V, until: 1 h}\n"
PERIOD_S = 0.1


def fired_after_s(step, meter: float, ramp_V_per_s: float, reach_V: float) -> float:
    """How long after its true crossing a voltage that rises up to `reach_V` is seen to cross."""
    run, limit_V = StepRun(0, step, ChargeCounter(gap_s=10.0)), step.cell_voltage_limit_V
    for k in range(3000):
        true_V = min(reach_V, limit_V - 1.0 + ramp_V_per_s * k * PERIOD_S)
        compliance = true_V >= step.compliance_V
        how = Regulation.VOLTAGE if compliance else Regulation.CURRENT
        reading = Reading(k * PERIOD_S, 0.01, meter * true_V, None, how, compliance, False, "")
        if (decision := run.over_limit(reading)) is not None:
            assert decision.crossing is not None
            return k * PERIOD_S - 1.0 / ramp_V_per_s
    raise AssertionError("the limit never fired")


@pytest.mark.parametrize("meter", [0.999, 0.9999, 1.0, 1.001])
@pytest.mark.parametrize(
    ("bench", "limit_V"),
    [("simulated", 5.0), ("simulated", 20.0), ("simulated-emstat4-hr", 4.0)],
)
def test_the_compliance_stands_above_the_limit(rehearse, bench, limit_V, meter) -> None:
    (step,) = rehearse(STEP % ("10 mA", limit_V), bench).plan.steps
    assert not step.compliance_is_limit
    assert step.compliance_V * 0.999 > limit_V
    assert -2e-3 < fired_after_s(step, meter, 20.0, step.compliance_V) <= PERIOD_S


@pytest.mark.parametrize("meter", [0.999, 0.9999, 1.0, 1.001])
@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_where_it_cannot_the_compliance_is_the_limit(rehearse, bench, meter) -> None:
    reach_V = load_bench(bench).source.compliance_V
    (step,) = rehearse(STEP % ("10 mA", reach_V), bench).plan.steps
    assert step.compliance_is_limit
    assert fired_after_s(step, meter, 20.0, reach_V) <= PERIOD_S


@pytest.mark.parametrize(
    ("bench", "limit_V"), [("simulated", 5.0), ("simulated", 21.0), ("simulated-emstat4-hr", 4.0)]
)
def test_a_cell_that_drives_a_source_to_its_limit_ends_the_run_at_once(
    rehearse, bench, limit_V
) -> None:
    current = "1 A" if bench == "simulated" else "50 mA"
    rehearsal = rehearse(STEP % (current, limit_V), bench)
    result = rehearsal.run()
    assert result.outcome is RunState.TRIPPED
    assert f"the cell voltage reached {limit_V:.4g} V" in result.stop_reason
    assert result.output.on is False
    assert result.duration_s < 3.0
