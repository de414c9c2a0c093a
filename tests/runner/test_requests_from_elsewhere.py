"""What a run does when it is asked from elsewhere: on the virtual clock, through its mailbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.readings import OutputState
from faradaic.runner.modification import Modification
from faradaic.runner.modified_protocol import modify_step
from faradaic.runner.progress import RunProgress
from faradaic.runner.requests import Asked, Controls, Note, Request
from faradaic.runner.states import RunState
from rigs.protocols import HEAD

ANA = {"user": "ana", "program": "faradaic", "pid": 1}
LIMITS = "limits: {current: 20 mA, cell_voltage: {value: 12 V}}\n"
STEPS = """\
steps:
  - constant_current: {current: 5 mA, cell_voltage_limit: 10 V, until: 1 F/mol}
  - constant_current: {current: 2 mA, cell_voltage_limit: 10 V, until: 0.05 F/mol}
"""


def asked(request: Request, modification: Modification | None = None) -> Asked:
    words = f"{request.name.lower()}, asked for by ana"
    return Asked(request, words, ANA, modification)


def run_with(rehearse, steps: str, *acts: tuple[float, Callable[[Controls], object]]):
    """A rehearsal in which people act at times of the run."""
    left = list(acts)

    def observe(progress: RunProgress) -> None:
        while left and progress.time_s >= left[0][0]:
            left.pop(0)[1](one.controls)

    one = rehearse(steps, observe=observe)
    return one, one.run()


def changed(folder: Path, steps: str, step: str = "1", earlier=(), **changes: str):
    """A modification, as it is made in another terminal."""
    (folder / "protocol.yaml").write_text(HEAD + steps)
    (folder / "bench.yaml").write_text(
        "faradaic_bench: 1\nname: simulated\n"
        'source: {driver: keithley-2450, address: "emulated://keithley-2450"}\n'
    )
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return modify_step(folder, step, keys, "foaming", earlier)


def test_a_skipped_step_is_left_and_the_end_says_so(rehearse):
    skip = asked(Request.SKIP)
    one, result = run_with(rehearse, STEPS, (100.0, lambda controls: controls.put(skip)))
    assert skip.done.is_set()
    assert skip.output is not None
    assert (skip.output.on, skip.output.evidence) == (False, ":OUTP OFF, :OUTP? -> 0")
    first, second = one.journal.of("step_stop")
    assert first["duration_s"] == pytest.approx(100.0, abs=2.0)
    assert second["reason"] == "next"
    assert result.outcome is RunState.COMPLETED
    assert "not every step: step 1 (constant current 5.00 mA): skip, asked for by ana" in (
        result.ended_because
    )
    assert "ended by a skip" in result.missing_charge


def test_a_modified_step_does_the_rest_otherwise(rehearse, tmp_path):
    modification, _ = changed(tmp_path, STEPS, current="3 mA", until="0.3 F/mol")
    ask = asked(Request.MODIFY, modification)
    one, result = run_with(rehearse, STEPS, (400.0, lambda controls: controls.put(ask)))
    assert not ask.refused
    (event,) = one.journal.of("modify")
    assert event["changes"] == {"current": ["5 mA", "3 mA"], "until": ["1 F/mol", "0.3 F/mol"]}
    assert (event["why"], event["by"]) == ("foaming", ANA)
    first = one.journal.of("step_stop")[0]
    wanted_C = 0.3 * 0.2e-3 * 96485.33212
    assert first["charge_gross_C"] == pytest.approx(wanted_C, rel=1e-3)
    assert first["duration_s"] == pytest.approx(400 + (wanted_C - 2.0) / 3e-3, abs=3.0)
    assert result.planned_charge_C == pytest.approx(0.35 * 0.2e-3 * 96485.33212, rel=1e-3)
    assert result.outcome is RunState.COMPLETED
    assert not result.missing_charge


def test_a_default_limit_follows_the_modified_set_point_and_a_stated_one_does_not(
    rehearse, tmp_path
):
    unstated, _ = changed(tmp_path, STEPS, current="19 mA")
    ask = asked(Request.MODIFY, unstated)
    one, _ = run_with(
        rehearse,
        STEPS,
        (10.0, lambda controls: controls.put(ask)),
        (20.0, lambda controls: controls.ask(Request.STOP, "enough")),
    )
    assert not ask.refused
    assert one.plan.limits[0].at_least == pytest.approx(7.5e-3), "of the plan it began with"
    with pytest.raises(InputError, match=r"E404.*set by the protocol") as refused:
        changed(tmp_path, LIMITS + STEPS, current="25 mA")
    assert refused.value.diagnostics[0].location is None
    ask = asked(Request.MODIFY, unstated)
    _, result = run_with(rehearse, LIMITS.replace("20", "15") + STEPS, (9.0, lambda c: c.put(ask)))
    assert "current reaches 15.0 mA (set by protocol)" in ask.refused, "the run looks itself"
    assert result.outcome is RunState.COMPLETED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"curent": "3 mA"}, "did you mean `current`"),
        ({"current": "1,5 mA"}, "E1"),
        ({"current": ""}, "current"),
        ({"cell_voltage_limit": "40 mA"}, "E1"),
        ({"until__charge__x": "3 C"}, "does not name one place"),
    ],
)
def test_a_modification_is_checked_as_a_protocol_is(tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        changed(tmp_path, STEPS, **changes)


def test_keys_within_lists_and_mappings_are_found(tmp_path):
    steps = STEPS.replace("until: 1 F/mol", "until: [{charge: 1 F/mol}, {time: 4 h}]")
    made, _ = changed(tmp_path, steps, until__charge="2 F/mol", caps__time="9 h")
    assert made.changes == {"until.charge": ("1 F/mol", "2 F/mol"), "caps.time": ("", "9 h")}
    assert made.step.time_cap_s == 9 * 3600.0
    earlier = [("1", {"current": "4 mA"}), ("2", {"current": "1 mA"})]
    made, _ = changed(tmp_path, STEPS, earlier=earlier, cell_voltage_limit="9 V")
    assert made.step.held_current_A == pytest.approx(4e-3)
    assert made.revision == 2
    assert Modification.from_message(made.as_message()) == made


@pytest.mark.parametrize(
    ("step", "earlier", "changes", "words"),
    [
        ("2", (), {"current": "1 mA"}, "step 1 (constant current 5.00 mA) is running"),
        ("1", [("1", {})], {"current": "4 mA"}, "by somebody else in between"),
        ("1", (), {"until": "0.02 F/mol"}, "would be over already"),
    ],
)
def test_what_does_not_fit_the_running_step_is_refused(
    rehearse, tmp_path, step, earlier, changes, words
):
    modification, _ = changed(tmp_path, STEPS, step, earlier, **changes)
    ask = asked(Request.MODIFY, modification)
    one, result = run_with(rehearse, STEPS, (200.0, lambda controls: controls.put(ask)))
    assert words in ask.refused
    assert one.journal.of("modify") == []
    assert result.outcome is RunState.COMPLETED


def test_what_has_fired_before_a_modification_does_not_fire_again(rehearse, tmp_path):
    steps = STEPS.replace(
        "until: 1 F/mol", "until: [{charge: 0.02 F/mol, then: pause}, {charge: 0.2 F/mol}]"
    )
    modification, _ = changed(tmp_path, steps, current="4 mA")
    ask = asked(Request.MODIFY, modification)
    one, _ = run_with(rehearse, steps, (200.0, lambda controls: controls.put(ask)))
    assert not ask.refused
    paused = [s for s in one.journal.of("state") if s["to"] == "PAUSED(open_circuit)"]
    assert len(paused) == 1


def test_a_pause_from_elsewhere_waits_for_what_comes_from_there(rehearse):
    """Also where nobody is at the run's own terminal."""
    pause, resume, again = (asked(r) for r in (Request.PAUSE, Request.RESUME, Request.PAUSE))

    def people(controls: Controls) -> None:
        controls.put(pause)

        def go_on() -> None:
            assert pause.done.wait(60)
            controls.put(again)
            assert again.done.wait(60)
            time.sleep(0.2)
            controls.put(resume)

        threading.Thread(target=go_on).start()

    one, result = run_with(rehearse, STEPS, (50.0, people))
    assert pause.output is not None
    assert pause.output.on is False
    assert "waits already" in again.refused
    assert resume.done.is_set()
    assert not resume.refused
    assert result.outcome is RunState.COMPLETED
    (answer,) = [note for note in one.journal.of("note") if note.get("answer")]
    assert answer["answer"] == "resume"
    assert "ana" in answer["by"]


def test_resume_of_a_run_that_is_not_paused_is_refused(rehearse):
    resume = asked(Request.RESUME)
    _, result = run_with(rehearse, STEPS, (50.0, lambda controls: controls.put(resume)))
    assert resume.refused == "it is running, not paused"
    assert result.outcome is RunState.COMPLETED


def test_a_stop_before_a_step_begins_energises_nothing(rehearse):
    one = rehearse(STEPS)
    one.controls.put(asked(Request.STOP))
    result = one.run()
    assert result.outcome is RunState.STOPPED
    assert [m for m in one.journal.of("mark") if m["what"] == "output_on_intent"] == []


def test_a_wait_is_skipped_and_notes_are_written_in_it(rehearse):
    skip = asked(Request.SKIP)

    def act(controls: Controls) -> None:
        controls.note(Note("turned yellow", ANA))
        controls.put(skip)

    one, result = run_with(rehearse, "steps:\n  - wait: 5 h\n", (600.0, act))
    assert result.duration_s < 700
    assert {"text": "turned yellow", "by": ANA} in one.journal.of("note")
    assert "not every step" in result.stop_reason


def test_no_request_is_lost_to_another():
    controls = Controls()
    stop, pause = asked(Request.STOP), asked(Request.PAUSE)
    assert controls.put(stop) is stop
    assert controls.put(pause) is pause
    assert controls.put(asked(Request.STOP)) is stop, "the first of its kind stands"
    assert controls.asked is stop
    controls.taken()
    assert controls.request is Request.STOP
    controls.output_is_off(OutputState(False, "read"))
    assert stop.done.is_set()
    assert controls.request is Request.STOP, "nothing is begun again"


REPEAT = """\
steps:
  - repeat:
      count: 4
      steps:
        - constant_current: {current: 5 mA, cell_voltage_limit: 10 V, until: 5 s}
        - open_circuit: {duration: 1 s}
"""


def test_a_modified_step_of_a_repeat_is_so_in_the_rounds_after_it(rehearse, tmp_path):
    modification, _ = changed(tmp_path, REPEAT, step="1.2.1", current="3 mA")
    assert modification.words == "current 5 mA -> 3 mA, in this round and the 2 after it"
    ask = asked(Request.MODIFY, modification)
    one, result = run_with(rehearse, REPEAT, (8.0, lambda controls: controls.put(ask)))
    assert not ask.refused
    assert result.outcome is RunState.COMPLETED
    last_A = {sample[1]: sample[2] for sample in one.journal.samples if sample[2] is not None}
    expected_A = {0: 5e-3, 2: 3e-3, 4: 3e-3, 6: 3e-3}
    assert {step: last_A[step] for step in expected_A} == pytest.approx(expected_A, rel=1e-2)
    after, _ = changed(
        tmp_path, REPEAT, "1.4.1", earlier=[("1.2.1", {"current": "3 mA"})], until="4 s"
    )
    assert after.step.held_current_A == pytest.approx(3e-3)
    assert after.words == "until 5 s -> 4 s, in this round alone"


QUESTION = """\
steps:
  - constant_current:
      current: 5 mA
      cell_voltage_limit: 10 V
      until: [{charge: 1 F/mol}, {operator: 'TLC: gone', ask_at: [0.01 F/mol]}]
"""


def test_a_question_is_answered_from_elsewhere_while_current_flows(rehearse):
    said: list[str] = []

    def answer(controls: Controls) -> None:
        assert controls.question is not None
        said.append(controls.answer("perhaps", "ana"))
        said.append(controls.answer("yes", "ana", "something else"))
        said.append(controls.answer("yes", "ana", controls.question.text))
        said.append(controls.answer("not yet", "ben"))

    one, result = run_with(rehearse, QUESTION, (60.0, answer))
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(5e-3 * 60.0, rel=0.05)
    assert [note["by"] for note in one.journal.of("note")] == ["default", "ana"]
    assert ["none of the choices" in said[0], "something else by now" in said[1]] == [True, True]
    assert said[2:] == ["", "it was just answered by ana"]
    assert one.controls.answer("yes", "ana") == "it asks nothing"
