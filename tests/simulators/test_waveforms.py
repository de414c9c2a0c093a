"""What an experiment imposes: corners, times, jumps, and sweeps that would show nothing."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import Control
from faradaic.simulators.waveforms import (
    chronoamperometry,
    chronopotentiometry,
    cv,
    lsv,
    potential_steps,
    staircase,
)


@given(
    st.floats(-2.0, 2.0),
    st.floats(0.02, 2.0),
    st.floats(1e-3, 100.0),
    st.integers(1, 3),
    st.sampled_from([1e-3, 2e-3, 3.7e-3]),
)
def test_a_cyclic_sweep_has_its_rate_everywhere_and_returns(start_V, span_V, rate, cycles, step_V):
    waveform = cv(start_V, start_V - span_V, rate, cycles=cycles, step_V=step_V)
    assert np.abs(waveform.end - waveform.start) / waveform.dt_s == pytest.approx(rate)
    assert waveform.start[1:] == pytest.approx(waveform.end[:-1], abs=0)
    assert waveform.end[-1] == pytest.approx(start_V)
    assert waveform.time_s[-1] == pytest.approx(2.0 * cycles * span_V / rate)
    assert waveform.end.min() == pytest.approx(start_V - span_V)
    assert waveform.jump.tolist() == [True] + [False] * (len(waveform.end) - 1)


def test_a_second_vertex_lies_beyond_the_start():
    waveform = cv(0.0, 0.3, 0.1, second_vertex_V=-0.2, end_V=0.1, cycles=2)
    turns = waveform.end[:-1][np.diff(np.sign(np.diff(waveform.end, prepend=0.0))) != 0]
    assert turns == pytest.approx([0.3, -0.2, 0.3, -0.2], abs=1e-9)
    assert waveform.end[-1] == pytest.approx(0.1)


def test_a_staircase_stands_still_and_is_read_before_the_end_of_a_step():
    waveform = staircase([0.1, 0.0], 0.1, step_V=5e-3, sampling_fraction=0.25)
    assert waveform.staircase
    assert waveform.sampled.sum() == 20
    first, second = waveform.time_s[:2]
    assert (first, second) == pytest.approx((0.25 * 0.05, 0.05))
    assert waveform.end[waveform.sampled] == pytest.approx(0.1 - 5e-3 * np.arange(1, 21))
    assert waveform.jump.tolist() == [True, False] * 20


def test_steps_jump_once_each():
    assert chronoamperometry(0.5, 2.0, points=50).jump.sum() == 1
    waveform = potential_steps([0.5, -0.5], [2.0] * 2, points=50)
    assert np.flatnonzero(waveform.jump).tolist() == [0, 50]
    assert waveform.time_s[-1] == pytest.approx(4.0)
    currents = chronopotentiometry([1e-6, -1e-6], [1.0, 3.0], points=10)
    assert currents.control is Control.CURRENT
    assert currents.dt_s.tolist() == pytest.approx([0.1] * 10 + [0.3] * 10)


def test_a_sweep_that_cannot_resolve_the_wave_is_refused():
    lsv(0.5, -0.5, 1.0, step_V=10e-3).require_resolved(1, 298.15)
    with pytest.raises(InputError, match="E544"):
        lsv(0.5, -0.5, 1.0, step_V=10e-3).require_resolved(2, 298.15)
    with pytest.raises(InputError, match="at least 100 points"):
        lsv(0.5, -0.5, 1.0, step_V=50e-3).require_resolved(1, 298.15)
    staircase([0.5, -0.5], 1.0, step_V=20e-3).require_resolved(
        1, 298.15
    )  # real instruments do this


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: lsv(0.0, 0.0, 1.0),
        lambda: lsv(0.0, 1.0, 0.0),
        lambda: lsv(0.0, 1.0, -0.1),
        lambda: lsv(0.0, math.nan, 1.0),
        lambda: lsv(0.0, 1.0, 1.0, step_V=0.0),
        lambda: lsv(0.0, 1.0, 1.0, step_V=1e-12),
        lambda: cv(0.0, 1.0, 1.0, cycles=0),
        lambda: staircase([0.0, 1.0], 1.0, sampling_fraction=0.0),
        lambda: staircase([0.0, 1.0], 1.0, sampling_fraction=1.1),
        lambda: staircase([0.0], 1.0),
        lambda: chronoamperometry(1.0, 0.0),
        lambda: chronoamperometry(1.0, 1.0, points=3),
        lambda: chronopotentiometry([1.0, 2.0], [1.0]),
        lambda: chronopotentiometry(math.inf, 1.0),
    ],
)
def test_waveforms_without_a_meaning_are_refused(wrong):
    with pytest.raises(InputError, match="E544") as refused:
        wrong()
    assert refused.value.diagnostics[0].help


def test_a_waveform_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        lsv(0.0, 1.0, 1.0).end[0] = 3.0


def test_a_wave_at_low_temperature_is_narrower_and_needs_more_points():
    sweep = lsv(0.5, -0.5, 1.0, step_V=10e-3)
    with pytest.raises(InputError, match="use at least 150 points"):
        sweep.require_resolved(1, 298.15 / 1.5)
    sweep.require_resolved(1, 2 * 298.15)


def test_more_cycles_than_can_be_stored_are_refused_before_they_are_made():
    with pytest.raises(InputError, match="200000000000000"):
        cv(0.3, -0.3, 0.1, cycles=10**14)


def test_levels_may_be_an_array():
    steps = chronopotentiometry(np.array([1e-6, -1e-6]), np.array([1.0, 2.0]), points=10)
    assert steps.duration_s == pytest.approx(3.0)
