"""Ctrl+C is a ladder; a question is answered by a person, or by its stated default."""

import io
import os
import queue
import signal
import time

import pytest

from faradaic.runner.operator import Answer, DefaultOperator, OperatorQuestion, TerminalOperator
from faradaic.runner.requests import Controls, Request

TLC = OperatorQuestion("TLC: gone?", ("yes", "not yet"), "not yet", no="not yet")


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


class Typing(io.TextIOBase):
    """Lines of a terminal that come when they are typed."""

    def __init__(self) -> None:
        self.typed: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __next__(self) -> str:
        return self.typed.get()


def test_an_answer_that_means_none_of_the_choices_is_asked_again_with_them():
    keys, shown = Typing(), []
    operator = TerminalOperator(shown.append, keys)
    keys.typed.put("yes\n")
    time.sleep(0.05)
    operator.ask(TLC)
    assert operator.answer() is None, "what was typed before a question is no answer to it"
    keys.typed.put("maybe\n")
    assert answered(operator) is None
    keys.typed.put(" Y\n")
    assert answered(operator) == Answer("yes", by="operator")
    assert shown == [
        "? TLC: gone?  [yes / not yet]",
        "? `maybe` is none of the choices. TLC: gone?  [yes / not yet]",
        "",
    ]


PAUSE = OperatorQuestion("Go on?", ("resume", "next", "stop"), "stop")
ADD = OperatorQuestion("Add 1 mL", ("done", "stop"), "done")


@pytest.mark.parametrize(
    ("question", "typed", "choice"),
    [
        (PAUSE, "resume", "resume"),
        (PAUSE, " R ", "resume"),
        (PAUSE, "y", "resume"),
        (PAUSE, "Ja", "resume"),
        (PAUSE, "1", "resume"),
        (PAUSE, "ne", "next"),
        (PAUSE, "n", None),  # of next, or of no
        (PAUSE, "NO", None),
        (PAUSE, "nein", None),
        (PAUSE, "3", "stop"),
        (PAUSE, "4", None),
        (PAUSE, "0", None),
        (PAUSE, "", None),
        (PAUSE, "[resume]", None),
        (TLC, "j", "yes"),
        (TLC, "n", "not yet"),
        (TLC, "Not  yet", "not yet"),
        (TLC, "nein", "not yet"),
        (ADD, "yes", "done"),
        (ADD, "no", None),
    ],
)
def test_a_choice_is_what_people_type_for_it(question, typed, choice):
    assert question.choice(typed) == choice
