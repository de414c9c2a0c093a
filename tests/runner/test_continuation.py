"""What is left of a protocol: each kind of step, of condition and of repeat."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.continuation import Continuation, Passed, Place
from rigs.protocols import HEAD

F = 96485.33212
AMOUNT_MOL = 0.2e-3
"""Of the head."""
EARLIER = {"run": "r", "journal": "0" * 64, "outcome": "LOST", "charge": "1 C"}
CC = "constant_current: {current: 10 mA, cell_voltage_limit: 5 V, until: %s}"
E = "constant_potential: {potential: 1 V, vs: SHE, current_limit: 50 mA, until: %s}"


def left(steps: str, place: Place | None, *, head: str = HEAD) -> tuple[list[Any], list[str]]:
    """The steps that are left, and what is said of them; the whole has to compile."""
    loaded = validate_protocol(load_document(head + steps))
    continuation = Continuation(loaded, AMOUNT_MOL)
    if not continuation.left(place):
        return [], continuation.notes
    text = continuation.text(EARLIER, ["a comment", ""])
    assert text.startswith("# a comment\n#\nfaradaic: 1\n")
    again = validate_protocol(load_document(text))
    if "constant_potential" not in steps and "sweep" not in steps and "voltammetry" not in steps:
        assert compile_protocol(again, load_bench("simulated")).earlier_C == 1.0
    return yaml.safe_load(text)["steps"], continuation.notes


def until_of(step: dict[str, Any]) -> Any:
    (body,) = step.values()
    return body["until"]


def test_what_was_not_begun_is_left_as_it_is() -> None:
    steps = f"steps:\n  - open_circuit: 20 s\n  - {CC % '1 F/mol'}\n"
    assert left(steps, None)[0] == yaml.safe_load(steps)["steps"]


@pytest.mark.parametrize(
    ("written", "passed", "expected"),
    [
        ("1 F/mol", Passed(0.25 * AMOUNT_MOL * F), [{"charge": "0.75 F/mol"}]),
        ("{charge: 20 C}", Passed(5.0), [{"charge": "15 C"}]),
        ("{charge: 20 C, count: net}", Passed(9.0, -5.0), [{"charge": "15 C", "count": "net"}]),
        ("1 h", Passed(1.0, 1.0, 600.0), [{"time": "50 min"}]),
        ("[{total: 3 F/mol}]", Passed(5.0), [{"total": "3 F/mol"}]),
        (
            "[{charge: 20 C}, {charge: 4 C, then: pause}]",
            Passed(5.0),
            [{"charge": "15 C"}],  # the pause was made
        ),
        (
            "[{time: 2 h}, {operator: enough, ask_at: [2 C, 6 C, 10 C]}]",
            Passed(5.0, 5.0, 60.0),
            [{"time": "7140 s"}, {"operator": "enough", "ask_at": ["1 C", "5 C"]}],
        ),
        (
            "[{time: 2 h}, {cell_voltage: '>= 4 V', for: 5 s}]",
            Passed(5.0, 5.0, 60.0),
            [{"time": "7140 s"}, {"cell_voltage": ">= 4 V", "for": "5 s"}],
        ),
    ],
)
def test_a_condition_keeps_what_is_left_of_it(written, passed, expected) -> None:
    (step,), _ = left(f"steps:\n  - {CC % written}\n", Place((1,), passed, total_C=5.0))
    assert until_of(step) == expected


def test_a_share_of_the_initial_current_is_that_of_the_first_start() -> None:
    place = Place((1,), Passed(5.0, 5.0, 60.0, first_A=0.02), total_C=5.0)
    until = "[{current: '<= 5 %'}, {time: 2 h}]"
    steps = f"steps:\n  - {E % until}\n"
    (step,), notes = left(steps, place, head=HEAD.replace("cathode: {", REFERENCE + "cathode: {"))
    assert until_of(step)[0] == {"current": "<= 1.000 mA"}
    assert any("5 % of its initial is written as 1.000 mA" in note for note in notes)


REFERENCE = "reference: {couple: Ag/AgCl, filling: 3 M KCl}\n  "


def test_caps_shrink_with_what_has_passed() -> None:
    step = "{current: 10 mA, cell_voltage_limit: 5 V, until: 20 C, caps: {time: 2 h, charge: 25 C}}"
    place = Place((1,), Passed(5.0, 5.0, 600.0))
    (step,), _ = left(f"steps:\n  - constant_current: {step}\n", place)
    assert step["constant_current"]["caps"] == {"time": "6600 s", "charge": "20 C"}


@pytest.mark.parametrize("passed", [Passed(19.99), Passed(25.0)])
def test_a_step_whose_charge_has_passed_is_done(passed) -> None:
    steps = f"steps:\n  - {CC % '20 C'}\n  - open_circuit: 30 s\n"
    assert left(steps, Place((1,), passed))[0] == [{"open_circuit": "30 s"}]
    assert left(f"steps:\n  - {CC % '20 C'}\n", Place((1,), passed))[0] == []


def test_a_rest_keeps_its_time() -> None:
    steps = "steps:\n  - open_circuit: 60 s\n  - wait: 10 min\n"
    (rest, wait), _ = left(steps, Place((1,), Passed(time_s=45.0)))
    assert rest == {"open_circuit": {"duration": "15 s"}}
    assert wait == {"wait": "10 min"}


def test_cycles_that_are_left_begin_again_and_it_is_said() -> None:
    sweep = "{from: 0 V, vertex1: 1 V, vertex2: 0 V, rate: 100 mV/s, vs: SHE, cycles: 5,"
    steps = f"steps:\n  - cyclic_voltammetry: {sweep} current_limit: 50 mA}}\n"
    head = HEAD.replace("cathode: {", REFERENCE + "cathode: {")
    (step,), notes = left(steps, Place((1,), Passed(time_s=2.4 * 20.0)), head=head)
    assert step["cyclic_voltammetry"]["cycles"] == 3
    assert any("cycle 3 of 5 begins again" in note for note in notes)


REPEAT = f"""steps:
  - open_circuit: 10 s
  - repeat:
      count: 4
      steps:
        - {CC % "2 C"}
        - open_circuit: 10 s
  - {CC % "3 C"}
"""


def test_the_round_under_way_is_written_out_and_the_others_are_left() -> None:
    steps, _ = left(REPEAT, Place((2, 2, 1), Passed(0.5), {1: Passed(2.5)}))
    assert until_of(steps[0]) == [{"charge": "1.5 C"}]
    assert steps[1] == {"open_circuit": "10 s"}
    assert steps[2]["repeat"]["count"] == 2
    assert until_of(steps[2]["repeat"]["steps"][0]) == "2 C"
    assert until_of(steps[3]) == "3 C"


def test_after_the_last_round_no_repeat_is_left() -> None:
    steps, _ = left(REPEAT, Place((2, 4, 2), Passed(time_s=4.0)))
    assert steps[0] == {"open_circuit": {"duration": "6 s"}}
    assert [next(iter(step)) for step in steps] == ["open_circuit", "constant_current"]


def test_a_repeat_that_a_charge_ends_counts_through_all_its_rounds() -> None:
    repeat = f"{{until: 20 C, steps: [{{{CC % '2 C'}}}, {{open_circuit: 10 s}}]}}"
    steps, _ = left(
        f"steps:\n  - repeat: {repeat}\n",
        Place((1, 3, 1), Passed(1.0), {1: Passed(5.0)}, total_C=6.0),
    )
    first, rest = (step["repeat"] for step in steps)
    assert first["count"] == 1
    assert first["until"] == rest["until"] == [{"total": "21 C"}]  # 1 C was there when it began
    assert until_of(first["steps"][0]) == [{"charge": "1 C"}]
    assert until_of(rest["steps"][0]) == "2 C"
    assert "count" not in rest


def test_repeats_within_repeats() -> None:
    inner = f"{{repeat: {{count: 3, steps: [{{{CC % '1 C'}}}]}}}}"
    steps, _ = left(
        f"steps:\n  - repeat: {{count: 2, steps: [{inner}, {{open_circuit: 5 s}}]}}\n",
        Place((1, 1, 1, 2, 1), Passed(0.25), {1: Passed(1.25), 3: Passed(1.25)}),
    )
    assert until_of(steps[0]) == [{"charge": "0.75 C"}]
    assert steps[1]["repeat"]["count"] == 1
    assert steps[2] == {"open_circuit": "5 s"}
    assert steps[3]["repeat"]["count"] == 1
    assert steps[3]["repeat"]["steps"][0]["repeat"]["count"] == 3


def test_what_was_dosed_is_in_the_solution() -> None:
    dose = "dose: {component: substrate, amount: 0.1 mmol}"
    steps = f"steps:\n  - {dose}\n  - {CC % '1 F/mol'}\n"
    loaded = validate_protocol(load_document(HEAD + steps))
    continuation = Continuation(loaded, 0.3e-3)
    assert continuation.left(Place((2,), Passed(), doses={"substrate": 0.1e-3}))
    again = validate_protocol(load_document(continuation.text(EARLIER, [])))
    assert again.protocol.limiting_amount_mol == pytest.approx(0.3e-3)


def test_a_prompt_that_was_not_confirmed_is_asked_again() -> None:
    steps, notes = left("steps:\n  - prompt: look\n  - open_circuit: 5 s\n", Place((1,), Passed()))
    assert steps[0] == {"prompt": "look"}
    assert any("asked again" in note for note in notes)


def test_a_modified_step_goes_on_as_modified() -> None:
    loaded = validate_protocol(load_document(HEAD + f"steps:\n  - {CC % '20 C'}\n"))
    continuation = Continuation(loaded, AMOUNT_MOL)
    place = Place((1,), Passed(5.0))
    continuation.modified(place, [("1", {"current": "8 mA", "until": "30 C"}), ("9", {"x": "1"})])
    assert continuation.left(place)
    (step,) = yaml.safe_load(continuation.text(EARLIER, []))["steps"]
    assert step["constant_current"]["current"] == "8 mA"
    assert until_of(step) == [{"charge": "25 C"}]


def test_comments_of_the_author_stay() -> None:
    text = HEAD + f"steps:\n  - open_circuit: 5 s\n  # the main work\n  - {CC % '20 C'} # slowly\n"
    continuation = Continuation(validate_protocol(load_document(text)), AMOUNT_MOL)
    assert continuation.left(Place((2,), Passed(5.0)))
    assert "# slowly" in continuation.text(EARLIER, [])


@pytest.mark.parametrize(
    ("step", "passed", "expected"),
    [
        # 7.5 s of a period of 8 s, and 30 whole ones before: by the charge, not by the clock.
        (
            "alternating_polarity: {current: 10 mA, half_period: 4 s, cell_voltage_limit: 6 V,"
            " until: 5 C}",
            Passed(2.475, 0.0, 250.0, on_s=248.0),
            {"phase": "7.5 s"},
        ),
        (
            "alternating_polarity: {cell_voltage: 2 V, frequency: 0.5 Hz, current_limit: 9 mA,"
            " phase: 1500 ms, until: 1 h}",
            Passed(0.1, 0.0, 11.0, on_s=10.75),
            {"phase": "0.25 s"},
        ),
        (
            "pulsed: {on: {current: 10 mA, time: 1 s}, off: {open_circuit: true, time: 500 ms},"
            " cell_voltage_limit: 6 V, until: 1 h}",
            Passed(0.02, 0.02, 3.3, on_s=3.2),
            {"phase": "0.2 s"},
        ),
        (
            "ramp: {current: {from: -2 mA, to: 8 mA, rate: 1 mA/s}, cell_voltage_limit: 6 V}",
            Passed(0.0, 0.0, 3.1, on_s=3.0),
            {"current": {"from": "1 mA", "to": "8 mA", "rate": "1 mA/s"}},
        ),
    ],
)
def test_levels_in_turn_go_on_where_they_were(
    step: str, passed: Passed, expected: dict[str, Any]
) -> None:
    (rest,), _ = left(f"steps:\n  - {step}\n", Place((1,), passed))
    (body,) = rest.values()
    assert {key: body[key] for key in expected} == expected


def test_a_ramp_that_is_over_leaves_nothing() -> None:
    step = "steps: [ramp: {current: {from: 0 mA, to: 8 mA, rate: 1 mA/s}, cell_voltage_limit: 6 V}]"
    assert left(step, Place((1,), Passed(0.03, 0.03, 8.3, on_s=8.0)))[0] == []
