"""A potential that moves alone is that of its reference (D15)."""

import numpy as np
import pytest

from faradaic.diagnoses.reference_watch import ReferenceWatch


def told(potential_V, cell_voltage_V):
    """The first diagnosis of a held current that is read every 2 s for half an hour."""
    watch, rng = ReferenceWatch(), np.random.default_rng(5)
    for time_s in np.arange(0.0, 1800.0, 2.0):
        E_V = potential_V(time_s, rng)
        U_V = cell_voltage_V(time_s, rng)
        found = watch.take(float(time_s), 0.01 * time_s, float(E_V), float(U_V))
        if found is not None:
            return found
    return None


def steady(level_V, noise_V=1e-3):
    return lambda _, rng: level_V + rng.normal(0.0, noise_V)


@pytest.mark.parametrize("per_min_V", [0.01, -0.01, 0.03])
def test_a_drift_of_the_potential_alone(per_min_V):
    def drifting(t, rng):
        return 1.2 + per_min_V * max(0.0, t - 300.0) / 60.0 + rng.normal(0.0, 1e-3)

    found = told(drifting, steady(4.2))
    assert found.id == "D15"
    assert found.cause == "reference_drift"
    assert 300.0 < found.time_s < 600.0
    assert found.numbers["rate_V_per_min"] == pytest.approx(per_min_V, rel=0.4)


def test_what_moves_the_cell_too_is_no_reference():
    """A film: the potential and the cell voltage rise alike."""

    def rise(level_V):
        return lambda t, rng: level_V + 2e-4 * t + rng.normal(0.0, 1e-3)

    assert told(rise(1.2), rise(4.2)) is None


def test_a_slow_drift_and_common_noise_are_none():
    slow = lambda t, rng: 1.2 + 1e-3 * t / 60.0 + rng.normal(0.0, 1e-3)  # noqa: E731
    assert told(slow, steady(4.2)) is None
    assert told(steady(1.2, 0.02), steady(4.2, 0.02)) is None


def test_a_potential_that_scatters_alone_is_a_clogged_frit():
    found = told(steady(1.2, 0.03), steady(4.2))
    assert found.cause == "reference_clog"
    assert 25.0 < 1e3 * found.numbers["scatter_V"] < 35.0
