"""Ctrl+C is a ladder; a question is answered by a person, or by its stated default."""

import io
import os
import signal
import time

import pytest

from faradaic.runner.operator import Answer, DefaultOperator, OperatorQuestion, TerminalOperator
from faradaic.runner.requests import Controls, Request

TLC = OperatorQuestion("TLC: gone?", ("yes", "not yet"), "not yet")


def test_once_pauses_twice_stops_three_times_leaves():
    controls = Controls()
    with controls.listening():
        os.kill(os.getpid(), signal.SIGINT)
        assert controls.request is Request.PAUSE
        os.kill(os.getpid(), signal.SIGINT)
        assert controls.request is Request.STOP
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
    assert controls.request is Request.OFF


def test_a_second_press_much_later_is_a_pause_again(monkeypatch):
    controls = Controls()
    now = [100.0]
    monkeypatch.setattr("faradaic.runner.requests.time.monotonic", lambda: now[0])
    controls.interrupt()
    controls.taken()
    now[0] += 11.0
    controls.interrupt()
    assert controls.request is Request.PAUSE


def test_sigterm_stops_and_the_handlers_are_given_back():
    before = signal.getsignal(signal.SIGTERM)
    controls = Controls()
    with controls.listening():
        os.kill(os.getpid(), signal.SIGTERM)
    assert controls.request is Request.STOP
    assert "SIGTERM" in controls.reason
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_stop_is_not_weakened_to_a_pause():
    controls = Controls()
    controls.ask(Request.STOP, "stop")
    controls.ask(Request.PAUSE, "pause")
    assert controls.request is Request.STOP
    controls.taken()
    assert controls.request is Request.STOP


def test_where_nobody_answers_the_default_is_taken_and_says_so():
    operator = DefaultOperator()
    assert operator.answer() is None
    operator.ask(TLC)
    assert operator.answer() == Answer("not yet", by="default")
    assert operator.answer() is None


def answered(operator: TerminalOperator) -> Answer | None:
    for _ in range(100):
        answer = operator.answer()
        if answer is not None:
            return answer
        time.sleep(0.01)
    return None


def test_at_a_terminal_the_beginning_of_a_choice_is_enough():
    out = io.StringIO()
    operator = TerminalOperator(io.StringIO("maybe\nY\n"), out)
    operator.ask(TLC)
    assert answered(operator) == Answer("yes", by="operator")
    assert out.getvalue().count("TLC: gone?") == 2, "an answer that fits nothing is asked again"
