"""A potentiostat that says nothing is still seen to have lost its set potential."""

from __future__ import annotations

import pytest

from faradaic.instruments.readings import Reading, Regulation
from faradaic.protocols.plan import Signal
from faradaic.protocols.step_kinds.constant_potential import ConstantPotentialPlan
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.electrochemical_step import StepRun


@pytest.mark.parametrize(
    ("potential_V", "lost_s"), [(1.5, 0.0), (1.529, 0.0), (1.531, 2.0), (-5.9, 2.0), (None, 0.0)]
)
def test_a_potential_off_its_set_point_counts_as_lost_regulation(
    potential_V: float | None, lost_s: float
) -> None:
    step = ConstantPotentialPlan.model_construct(
        potential_V=1.5, until=(), interval_s=1.0, time_cap_s=60.0, charge_cap_C=None
    )
    run = StepRun(0, step, ChargeCounter(gap_s=10.0))
    for time_s in (0.0, 1.0, 2.0):
        reading = Reading(time_s, 1e-3, None, potential_V, Regulation.POTENTIAL, False, False, "")
        signals = run.take(reading)
    assert signals[Signal.LOST_REGULATION_S] == lost_s
