"""Totals, repeats that a condition ends, and targets that look like totals."""

import pytest

from faradaic.diagnostics import InputError
from faradaic.protocols.plan import Signal
from rigs.chemists import case

F = 96485.33212
STEP = "  - constant_current: {current: 5 mA, cell_voltage_limit: 10 V, until: %s}\n"


def two_steps(second: str, first: str = "2 F/mol") -> str:
    text = case("two_stage_charge").replace("until: 2 F/mol", f"until: {first}")
    return text.replace("until: 3 F/mol", f"until: {second}")


def codes(plan, code):
    return [f for f in plan.findings if f["code"] == code]


def test_each_step_counts_its_own_charge_and_that_is_said(planned):
    plan = planned(case("two_stage_charge"))
    assert plan.estimates.charge_F_per_mol == pytest.approx(5)
    (found,) = codes(plan, "Q09")
    assert found["severity"] == "warning"
    assert "total: 3.00 F/mol" in found["help"]


def test_a_total_counts_from_the_start_of_the_run(planned):
    plan = planned(two_steps("{total: 3 F/mol}"))
    assert plan.estimates.charge_F_per_mol == pytest.approx(3)
    # 2 F at 10 mA and 1 F at 5 mA of 0.4 mmol: 4 h 17 min
    assert plan.estimates.duration_s == pytest.approx(0.4e-3 * F * (2 / 0.01 + 1 / 0.005))
    totals = [step.expected_total_C for step in plan.steps]
    assert totals == pytest.approx([2 * 0.4e-3 * F, 3 * 0.4e-3 * F])
    assert not codes(plan, "Q09")
    assert plan.estimates.target_charge_C == pytest.approx(plan.estimates.charge_C)


def test_a_total_that_has_passed_already_is_refused(planned):
    with pytest.raises(InputError, match="have passed before this step"):
        planned(two_steps("{total: 2 F/mol}", first="3 F/mol"))


def test_a_charge_after_a_total_or_a_repeat_is_suspicious_too(planned):
    (found,) = codes(planned(two_steps("2.5 F/mol", first="{total: 2.5 F/mol}")), "Q09")
    assert found["severity"] == "warning"
    assert "5.00 F/mol" in found["message"]
    (found,) = codes(planned(repeated("until: 3 F/mol", STEP % "4 F/mol")), "Q09")
    assert "total: 4.00 F/mol" in found["help"]
    assert not codes(planned(two_steps("{total: 3 F/mol}", first="{total: 2 F/mol}")), "Q09")


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ("2 F/mol", "1.5 F/mol", "warning"),  # 3.5 of 2 F/mol
        ("1.5 F/mol", "1 F/mol", "info"),  # 2.5 of 2: usual
        ("1 F/mol", "1 F/mol", None),  # the theoretical charge in two halves
        ("0.5 F/mol", "1.5 F/mol", None),
    ],
)
def test_what_is_suspicious(planned, first, second, severity):
    found = codes(planned(two_steps(second, first=first)), "Q09")
    assert [f["severity"] for f in found] == ([severity] if severity else [])


REPEAT = """  - repeat:
      %s
      steps:
        - constant_current: {current: 10 mA, cell_voltage_limit: 10 V, duration: 60 s}
        - wait: 10 s
"""


def repeated(ends: str, after: str = "") -> str:
    text = case("two_stage_charge").replace("0.4 mmol", "0.02 mmol")
    return text[: text.index("  - constant_current")] + REPEAT % ends + after


def test_a_repeat_ends_within_a_round(planned):
    # 3 F/mol of 0.02 mmol are 5.789 C: 9 rounds of 0.6 C, then 38.9 s
    plan = planned(repeated("until: 3 F/mol", STEP % "{total: 4 F/mol}"))
    assert plan.estimates.charge_F_per_mol == pytest.approx(4)
    at_work = [s for s in plan.steps if s.id.endswith(".1")]
    assert at_work[9].expected_duration_s == pytest.approx(3 * 0.02e-3 * F / 0.01 - 540)
    assert all(s.expected_duration_s == 0 for s in at_work[10:])
    assert len(at_work) == 13  # 1.25 x 10
    assert plan.steps[-1].expected_charge_C == pytest.approx(0.02e-3 * F)
    assert {c.leaves for c in at_work[0].until} == {"", "1."}


def test_a_count_bounds_it_all_the_same(planned):
    plan = planned(repeated("until: 3 F/mol\n      count: 4"))
    assert len(plan.steps) == 8
    assert plan.estimates.charge_C == pytest.approx(2.4)


def test_a_repeat_without_an_end_is_refused(planned):
    with pytest.raises(InputError, match="nothing ends this repeat"):
        planned(repeated("label: for ever"))
    with pytest.raises(InputError, match="how many rounds"):
        planned(repeated('until: {cell_voltage: ">= 5 V"}'))


@pytest.mark.parametrize("written", ["<= 5 %", "<= 5 % of initial", "≤5%"])
def test_a_current_as_a_share_of_that_at_the_start(planned, written):
    step = (
        "  - constant_cell_voltage: {cell_voltage: 3 V, current_limit: 50 mA,"
        f' until: {{current: "{written}"}}, caps: {{time: 2 h}}}}\n'
    )
    text = case("two_stage_charge")
    plan = planned(text[: text.index("  - constant_current")] + step)
    (condition,) = plan.steps[0].until
    assert (condition.signal, condition.at_most) == (Signal.CURRENT_FRACTION, pytest.approx(0.05))


def test_a_round_that_the_repeat_ends_aims_at_no_more(planned):
    # 0.02 mmol: 3 F/mol in rounds of 1.25 F/mol are two rounds and 0.5 F/mol of the third
    text = repeated("until: {total: 3 F/mol}").replace("duration: 60 s", "until: 1.25 F/mol")
    plan = planned(text)
    assert plan.estimates.charge_F_per_mol == pytest.approx(3)
    assert plan.estimates.target_F_per_mol == pytest.approx(3)
    third = next(s for s in plan.steps if s.id == "1.3.1")
    assert third.planned_charge_C == pytest.approx(0.5 * 0.02e-3 * F)
    assert third.is_reached
    assert not plan.steps[-1].is_reached


def test_what_is_found_in_each_turn_of_a_repeat_is_told_once(planned):
    turns = "  - repeat:\n      count: 20\n      steps:\n    " + (STEP % "5 s").replace(
        "  - ", "    - "
    )
    text = case("two_stage_charge").partition("steps:\n")[0] + "steps:\n" + turns
    (found,) = codes(planned(text), "Q05")
    assert "takes 5 s only" in found["message"]
