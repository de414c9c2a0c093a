"""Pauses in which the output stays on: declared by the protocol, watched, booked and bounded."""

from __future__ import annotations

from typing import Any

import pytest

from faradaic.runner.operator import Answer, OperatorQuestion
from faradaic.runner.progress import RunProgress
from faradaic.runner.requests import Asked, Request
from faradaic.runner.states import OUTPUT_MAY_BE_ON, TRANSITIONS, RunState

BENCHES = ["simulated", "simulated-emstat4-hr"]
KEPT = """\
steps:
  - constant_current:
      current: 5 mA
      cell_voltage_limit: 5 V
      until: [{time: 20 s, then: pause}, {charge: 0.3 C}]
      on_pause: {output: keep_current, at_most: 15 s}
"""
HELD = """\
steps:
  - constant_cell_voltage:
      cell_voltage: 2 V
      current_limit: 20 mA
      until: [{time: 10 s, then: pause}, {time: 40 s}]
      on_pause: hold_potential
"""


class Person:
    """Answers a question about a pause as told, or not at all."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.asked: list[OperatorQuestion] = []
        self._next: str | None = None

    def ask(self, question: OperatorQuestion) -> None:
        self.asked.append(question)
        self._next = self.answers.pop(0) if self.answers else None

    def answer(self) -> Answer | None:
        told, self._next = self._next, None
        return None if told is None else Answer(told, by="ana")

    def withdraw(self) -> None:
        self._next = None


def states(one: Any) -> list[str]:
    return [fields["to"] for fields in one.journal.of("state")]


def marks(one: Any) -> list[str]:
    return [fields["what"] for fields in one.journal.of("mark")]


def test_the_output_may_be_on_in_a_held_pause_and_nowhere_else_new() -> None:
    held = {RunState.PAUSED_KEEP_CURRENT, RunState.PAUSED_HOLD_POTENTIAL}
    assert {RunState.RUNNING} | held == OUTPUT_MAY_BE_ON
    for state in held:
        assert TRANSITIONS[state] == {
            RunState.RUNNING,
            RunState.PAUSED_OPEN_CIRCUIT,
            RunState.FINISHING,
        }


@pytest.mark.parametrize("bench", BENCHES)
@pytest.mark.parametrize(
    ("steps", "state"),
    [(KEPT, "PAUSED(keep_current)"), (HELD, "PAUSED(hold_potential)")],
)
def test_a_declared_pause_keeps_the_output_on_until_it_is_resumed(
    rehearse, bench, steps, state
) -> None:
    one = rehearse(steps, bench, operator=Person("resume"))
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    found = states(one)
    assert found[found.index(state) + 1] == "RUNNING"
    # On once, off once: the pause itself switched nothing.
    assert marks(one).count("output_on_intent") == 1


@pytest.mark.parametrize("bench", BENCHES)
def test_what_flows_in_a_held_pause_is_booked(rehearse, bench) -> None:
    one = rehearse(
        KEPT.replace("charge: 0.3 C", "charge: 0.15 C"), bench, operator=Person("resume")
    )
    result = one.run()
    assert result.charge_gross_C == pytest.approx(0.15, rel=5e-3)
    assert result.charge_low_C <= 0.15 <= result.charge_high_C * 1.005


@pytest.mark.parametrize("bench", BENCHES)
def test_after_its_time_the_output_goes_off_and_the_pause_goes_on(rehearse, bench) -> None:
    one = rehearse(KEPT, bench, operator=Person(None, "resume"))
    result = one.run()
    found = states(one)
    at = found.index("PAUSED(keep_current)")
    assert found[at + 1 : at + 3] == ["PAUSED(open_circuit)", "RUNNING"]
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(0.3, rel=5e-3)
    assert marks(one).count("output_on_intent") == 2


@pytest.mark.parametrize("bench", BENCHES)
def test_a_step_whose_end_comes_in_a_held_pause_waits_with_its_output_off(rehearse, bench) -> None:
    steps = KEPT.replace("charge: 0.3 C", "charge: 0.12 C")
    one = rehearse(steps, bench, operator=Person(None, "resume"))
    result = one.run()
    found = states(one)
    at = found.index("PAUSED(keep_current)")
    assert found[at + 1 : at + 3] == ["PAUSED(open_circuit)", "RUNNING"]
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(0.12, rel=5e-3)
    assert marks(one).count("output_on_intent") == 1


@pytest.mark.parametrize("bench", BENCHES)
def test_a_limit_trips_in_a_held_pause(rehearse, bench) -> None:
    steps = "limits: {charge: {value: 0.2 C}}\n" + KEPT.replace("charge: 0.3 C", "charge: 0.19 C")
    steps = steps.replace("at_most: 15 s", "at_most: 5 min")
    one = rehearse(steps.replace("{charge: 0.19 C}", "{charge: 0.19 C, then: pause}, {time: 38 s}"),
                   bench, operator=Person(None, None))  # fmt: skip
    one.engine._limits.replace(
        tuple(
            limit.model_copy(update={"at_least": 0.15})
            if limit.signal.value == "charge_C"
            else limit
            for limit in one.plan.limits
        )
    )
    result = one.run()
    assert result.outcome is RunState.TRIPPED
    assert "PAUSED(keep_current)" in states(one)
    assert result.output.on is False


@pytest.mark.parametrize("bench", BENCHES)
@pytest.mark.parametrize(
    ("request_", "outcome"),
    [(Request.STOP, RunState.STOPPED), (Request.OFF, RunState.STOPPED),
     (Request.RESUME, RunState.COMPLETED), (Request.SKIP, RunState.COMPLETED)],
)  # fmt: skip
def test_requests_from_elsewhere_reach_a_held_pause(rehearse, bench, request_, outcome) -> None:
    pause = Asked(Request.PAUSE, "pause, asked for by ana", by={"user": "ana"})
    then = Asked(request_, "asked for by ana", by={"user": "ana"})
    put: list[Asked] = []
    told: list[RunProgress] = []

    def observe(progress: RunProgress) -> None:
        told.append(progress)
        held = [p for p in told if p.state is RunState.PAUSED_KEEP_CURRENT]
        if progress.time_s > 5.0 and not put:
            put.append(one.controls.put(pause))
        if len(held) == 4 and len(put) == 1:
            put.append(one.controls.put(then))

    steps = KEPT.replace("[{time: 20 s, then: pause}, {charge: 0.3 C}]", "30 s")
    one = rehearse(steps, bench, operator=Person(), observe=observe)
    result = one.run()
    assert result.outcome is outcome
    assert pause.done.is_set()
    assert not pause.refused
    assert then.done.is_set()
    assert not then.refused
    assert result.output.on is False
    kept = [p for p in told if p.state is RunState.PAUSED_KEEP_CURRENT]
    assert all(p.current_A == pytest.approx(5e-3, rel=0.02) for p in kept), "what flows is told"


def test_a_pause_is_not_paused_again_and_nothing_is_modified_in_it(rehearse) -> None:
    asked = [Asked(r, "asked for", by={"user": "ana"}) for r in (Request.PAUSE, Request.MODIFY)]
    told: list[RunProgress] = []

    def observe(progress: RunProgress) -> None:
        told.append(progress)
        held = sum(p.state is RunState.PAUSED_KEEP_CURRENT for p in told)
        if held in (2, 4) and asked[held // 2 - 1].refused == "":
            one.controls.put(asked[held // 2 - 1])

    one = rehearse(KEPT, operator=Person(None, "resume"), observe=observe)
    assert one.run().outcome is RunState.COMPLETED
    assert [one_.refused for one_ in asked] == [
        "it is paused already, with its output on as the protocol says",
        "it is paused with its output on: resume it first",
    ]


def test_a_protocol_declares_it_for_every_step_that_can(rehearse) -> None:
    steps = "on_pause: {output: keep_current, at_most: 2 min}\n" + KEPT.replace(
        "      on_pause: {output: keep_current, at_most: 15 s}\n", ""
    )
    steps += (
        "  - constant_cell_voltage: {cell_voltage: 2 V, current_limit: 20 mA, duration: 10 s}\n"
    )
    one = rehearse(steps, operator=Person("resume"))
    assert [step.on_pause for step in one.plan.steps] == ["keep_current", "open_circuit"]
    assert one.plan.steps[0].hold_at_most_s == 120.0
    assert "PAUSED(keep_current)" in (one.run() and states(one))
