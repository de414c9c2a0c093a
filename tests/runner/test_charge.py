"""Charge is the trapezoid of measured currents; what one reading cannot bracket is an interval."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.runner.coulometer import ChargeCounter

currents = st.floats(-1.0, 1.0, allow_nan=False)


def counter(gap_s: float = 3.0) -> ChargeCounter:
    charge = ChargeCounter(gap_s=gap_s)
    charge.output_on(0.0)
    charge.add(0.0, 0.0)
    return charge


def test_a_constant_current_gives_current_times_time():
    charge = ChargeCounter(gap_s=3.0)
    charge.output_on(0.0)
    for second in range(11):
        charge.add(float(second), 5e-3)
    assert charge.gross_C == pytest.approx(0.05, rel=1e-12)
    assert charge.net_C == charge.gross_C
    assert charge.cathodic_C == 0.0


def test_an_exponential_decay_converges_with_second_order():
    # closed form: the integral of exp(-t/tau) from 0 to 5 tau is tau (1 - e^-5)
    exact = 10.0 * (1 - math.exp(-5))
    errors = []
    for steps in (50, 100):
        charge = ChargeCounter(gap_s=3.0)
        charge.output_on(0.0)
        for n in range(steps + 1):
            t = 50.0 * n / steps
            charge.add(t, math.exp(-t / 10.0))
        errors.append(abs(charge.gross_C - exact))
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.02)


def test_alternating_polarity_cancels_net_and_adds_gross():
    charge = counter()
    for n in range(1, 101):
        charge.add(float(n), 1.0 if n % 2 else -1.0)
    # triangles of half a second and half an ampere either side of each crossing
    assert charge.net_C == pytest.approx(0.0, abs=0.5 + 1e-9)
    assert charge.gross_C == pytest.approx(50.0, rel=0.02)
    assert charge.anodic_C == pytest.approx(charge.cathodic_C, rel=0.05)


def test_a_sign_change_is_split_at_its_crossing():
    charge = ChargeCounter(gap_s=3.0)
    charge.output_on(0.0)
    charge.add(0.0, 3.0)
    charge.add(1.0, -1.0)
    # from 3 A to -1 A the crossing is at 0.75 s: triangles 1.125 C and 0.125 C
    assert charge.anodic_C == pytest.approx(1.125)
    assert charge.cathodic_C == pytest.approx(0.125)


def test_a_gap_widens_the_interval_and_books_nothing():
    charge = counter()
    charge.add(1.0, 0.1)
    gross = charge.gross_C
    charge.add(61.0, 0.2)
    assert charge.gross_C == gross
    assert charge.gaps == 1
    before_C = charge.high_C - gross
    assert before_C == pytest.approx(0.2 * 60.0 + 0.05)  # and half of 0.1 A for the first second


def test_before_the_first_reading_and_after_the_last_the_lower_bound_takes_it_off():
    charge = ChargeCounter(gap_s=3.0)
    charge.output_on(0.0)
    charge.add(1.0, 0.01)
    charge.add(2.0, 0.01)
    charge.output_off(2.5, read_back_s=2.9)
    assert charge.gross_C == pytest.approx(0.025)
    assert charge.low_C == pytest.approx(0.01)
    assert charge.high_C == pytest.approx(0.029)


def test_time_with_the_output_off_carries_no_charge():
    charge = counter()
    charge.add(1.0, 1.0)
    charge.output_off(1.0, 1.0)
    charge.output_on(100.0)
    charge.add(100.0, 1.0)
    charge.add(101.0, 1.0)
    assert charge.gross_C == pytest.approx(0.5 + 1.0)
    assert charge.gaps == 0


@given(st.lists(st.tuples(st.floats(1e-3, 10.0), currents), min_size=1, max_size=60))
def test_gross_never_falls_and_bounds_hold(steps):
    charge = counter()
    time_s, before = 0.0, 0.0
    for dt, current in steps:
        time_s += dt
        charge.add(time_s, current)
        assert charge.gross_C >= before
        assert abs(charge.net_C) <= charge.gross_C + 1e-12
        assert charge.low_C <= charge.gross_C <= charge.high_C
        before = charge.gross_C


@given(st.lists(st.tuples(st.floats(-5.0, 10.0), currents), min_size=1, max_size=20))
def test_gross_charge_never_falls_even_where_time_runs_back(readings):
    charge = counter()
    before_C = 0.0
    for k, (time_s, current_A) in enumerate(readings):
        charge.add(time_s, current_A)
        assert charge.gross_C >= before_C
        before_C = charge.gross_C
        if k % 5 == 4:
            charge.output_off(time_s - 1.0, time_s - 2.0)
            assert charge.gross_C >= before_C
            assert charge.low_C <= charge.gross_C <= charge.high_C
            before_C = charge.gross_C
            charge.output_on(time_s)


def test_an_interruption_that_nobody_read_on_may_be_over() -> None:
    charge = ChargeCounter(gap_s=3.0)
    charge.output_on(0.0, 1e-3)
    charge.add(1.0, 1e-3)
    charge.add(1.002, 0.0, brief=True)
    charge.output_off(3.0, 3.0)
    # The current has gone on by itself, as long as the interruption was over.
    assert charge.high_C >= 1e-3 + 1e-3 * 1.99
    assert charge.low_C <= 1e-3


def test_noise_about_no_current_is_no_negative_charge() -> None:
    charge = ChargeCounter(gap_s=3.0)
    charge.output_on(0.0, 1e-3)
    for k in range(10):
        charge.add(1.0 + k, 1e-6 * (-1) ** k)
    assert 0.0 <= charge.low_C <= charge.gross_C <= charge.high_C


def test_what_is_all_unsure_leaves_nothing_and_not_less_than_nothing() -> None:
    """Sums of their own round apart: 6.8e-21 C below zero stood in a continuation."""
    charge = ChargeCounter(
        gap_s=3.0, anodic_C=0.1, cathodic_C=0.2, unbracketed_C=0.3000000000000001
    )
    assert charge.gross_C < charge.unbracketed_C
    assert charge.low_C == 0.0
