"""Limits and conditions hold for their time, fire once, and compare what they say they compare."""

from faradaic.protocols.plan import Condition, Limit, Signal, Then
from faradaic.runner.watch import ConditionWatch, LimitWatch


def limit(signal: Signal, at_least: float, hold_s: float = 0.0) -> Limit:
    return Limit(signal=signal, at_least=at_least, hold_s=hold_s, text="t", set_by="test")


def test_a_limit_compares_magnitudes():
    watch = LimitWatch([limit(Signal.CURRENT_A, 0.01)])
    assert watch.crossed({Signal.CURRENT_A: 0.009}, 0.0) is None
    crossing = watch.crossed({Signal.CURRENT_A: -0.011}, 1.0)
    assert crossing is not None
    assert crossing.value == -0.011


def test_a_limit_with_a_hold_needs_it_without_a_break():
    watch = LimitWatch([limit(Signal.CELL_VOLTAGE_V, 5.0, hold_s=3.0)])
    for t, volts, crossed in (
        (0.0, 6.0, False),
        (2.0, 6.0, False),
        (2.5, 4.0, False),
        (3.0, 6.0, False),
        (5.9, 6.0, False),
        (6.0, 6.0, True),
    ):
        assert (watch.crossed({Signal.CELL_VOLTAGE_V: volts}, t) is not None) is crossed


def test_a_signal_that_was_not_measured_neither_crosses_nor_resets_the_hold():
    watch = LimitWatch([limit(Signal.CELL_VOLTAGE_V, 5.0, hold_s=2.0)])
    assert watch.crossed({Signal.CELL_VOLTAGE_V: 6.0}, 0.0) is None
    assert watch.crossed({}, 1.0) is None
    assert watch.crossed({Signal.CELL_VOLTAGE_V: 6.0}, 2.0) is not None


def test_the_first_true_condition_wins_and_fires_once():
    first = Condition(signal=Signal.CHARGE_C, at_least=10.0, then=Then.PAUSE, text="10 C")
    second = Condition(signal=Signal.TIME_S, at_least=5.0, text="5 s")
    watch = ConditionWatch([first, second])
    signals = {Signal.CHARGE_C: 11.0, Signal.TIME_S: 6.0}
    assert watch.met(signals, 6.0, lambda target_C: 0.0) is first
    assert watch.met(signals, 7.0, lambda target_C: 0.0) is second
    assert watch.met(signals, 8.0, lambda target_C: 0.0) is None


def test_a_charge_ends_at_the_nearest_sample():
    target = Condition(signal=Signal.CHARGE_C, at_least=10.0, text="10 C")
    watch = ConditionWatch([target])
    assert watch.met({Signal.CHARGE_C: 9.49}, 0.0, lambda target_C: 0.05 * target_C) is None
    assert watch.met({Signal.CHARGE_C: 9.51}, 1.0, lambda target_C: 0.05 * target_C) is target


def test_a_falling_condition_compares_signed_values():
    watch = ConditionWatch([Condition(signal=Signal.CURRENT_A, at_most=-0.1, text="-0.1 A")])
    assert watch.met({Signal.CURRENT_A: 0.05}, 0.0, lambda target_C: 0.0) is None
    assert watch.met({Signal.CURRENT_A: -0.2}, 1.0, lambda target_C: 0.0) is not None


def test_questions_come_once_each_in_the_order_of_their_charges():
    ask = Condition(
        signal=Signal.OPERATOR, text="TLC", question="TLC?", ask_at_C=(4.0, 3.0), then=Then.END
    )
    watch = ConditionWatch([ask])
    assert watch.question_due(2.9) is None
    assert watch.question_due(3.5) is ask
    assert watch.question_due(3.6) is None
    assert watch.question_due(4.0) is ask
    assert watch.question_due(9.0) is None
