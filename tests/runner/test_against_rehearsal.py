"""A run is set beside its own rehearsal, and what leaves it is told with numbers."""

import math
from pathlib import Path

import pytest

from faradaic.instruments.readings import Reading, Regulation
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.rehearsed_course import LEAST_WIDTH_V, RehearsedStep
from faradaic.runner.against_rehearsal import HELD_S, AgainstRehearsal
from faradaic.runner.bench_file import load_bench
from faradaic.runner.rehearsal import MOST_STEPS, why_not, with_rehearsal
from faradaic.simulators.ideal_bench import IdealBench
from rigs.diagnosed_runs import TROUBLESHOOTING

SLOW = TROUBLESHOOTING.replace("current: 10 mA", "current: 2 mA")
STATED = SLOW.replace("role: substrate}", "role: substrate, potential: 1.4 V vs SCE}")

HELD = Reading(0.0, 0.01, None, None, Regulation.CURRENT, False, False, "")


class Told:
    """A logbook that keeps events."""

    def __init__(self) -> None:
        self.events: list[dict] = []

    def event(self, kind, fields, *, durable=False):
        assert kind == "against_rehearsal"
        self.events.append(fields)

    def since_start_s(self, monotonic_s):
        return monotonic_s - 1000.0


def rehearsed(text: str, folder: Path) -> Plan:
    path = folder / "protocol.yaml"
    path.write_text(text)
    compiled = compile_protocol(load_protocol(path), load_bench("simulated"))
    return with_rehearsal(compiled, IdealBench)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Plan:
    return rehearsed(TROUBLESHOOTING, tmp_path_factory.mktemp("rehearsal"))


def driven(plan: Plan, rise_V, length_s: int = 2000) -> tuple[AgainstRehearsal, Told]:
    """A run that lies `rise_V(charge)` beside its rehearsal."""
    told = Told()
    against = AgainstRehearsal(plan, told)
    step = plan.steps[1]
    course = plan.rehearsal.of(step.id)
    for second in range(1, length_s):
        charge_C = 0.01 * second
        _, voltage_V, _ = course.at(charge_C)
        measured_V = voltage_V + rise_V(charge_C)
        reading = Reading(
            1000.0 + second, 0.01, measured_V, None, Regulation.CURRENT, False, False, ""
        )
        against.take(step, reading, charge_C, charge_C)
        against.write_down()
    against.step_ended()
    return against, told


def test_the_course_is_that_of_the_step_and_survives_the_plan_on_disk(plan) -> None:
    (course,) = plan.rehearsal.steps
    assert course.step == plan.steps[1].id
    assert course.charge_C[-1] == pytest.approx(2.5 * 9.6485, rel=1e-3)
    assert all(a < b for a, b in zip(course.charge_C, course.charge_C[1:], strict=False))
    assert all(
        low + LEAST_WIDTH_V <= mid + 1e-3
        for low, mid in zip(course.low_V, course.voltage_V, strict=True)
    )
    again = Plan.model_validate_json(plan.model_dump_json())
    assert again.rehearsal == plan.rehearsal
    assert "solvent" in plan.rehearsal.guess


def test_what_is_within_the_width_is_not_told(plan) -> None:
    against, told = driven(plan, lambda q: 0.4 * math.sin(q))
    assert not told.events
    assert against.brief == ""
    assert against.as_record()["steps"][0]["text"] == ""


def test_a_deviation_is_told_once_it_has_lasted_and_again_when_it_has_doubled(plan) -> None:
    against, told = driven(plan, lambda q: 0.5 * max(0.0, q - 3.0))
    first, second, *_ = told.events
    width_V = first["known_to_V"]
    left_C = 3.0 + width_V / 0.5
    assert first["since_C"] == pytest.approx(left_C, abs=0.4)
    assert first["charge_C"] - first["since_C"] == pytest.approx(0.01 * HELD_S, abs=0.02)
    assert first["since_s"] == pytest.approx(100.0 * first["since_C"], abs=1.0)
    assert second["above_V"] >= 2.0 * first["above_V"]
    assert first["text"].endswith(f"which is known to {width_V:.2g} V here")
    assert " V above the rehearsal since 0.4" in first["text"]
    record = against.as_record()
    assert record["steps"][0]["last_V"] == pytest.approx(0.5 * (20.0 - 3.0), rel=0.05)
    assert record["steps"][0]["text"].startswith("8.")


def test_what_comes_back_is_told_too_and_a_moment_is_not(plan) -> None:
    _, told = driven(plan, lambda q: -2.0 if 3.0 < q < 8.0 else 3.0 if 12.0 < q < 12.2 else 0.0)
    left, back = told.events
    assert "1.9 V below the rehearsal since 0.31" in left["text"]
    assert back["text"].startswith("back at the rehearsal at 0.8")


def test_a_stated_cell_is_known_better(tmp_path) -> None:
    guessed, stated = (rehearsed(text, tmp_path) for text in (SLOW, STATED))
    wide, narrow = (
        one.rehearsal.steps[0].high_V[10] - one.rehearsal.steps[0].low_V[10]
        for one in (guessed, stated)
    )
    assert 2 * LEAST_WIDTH_V - 1e-3 <= narrow < 0.8 * wide


def test_beyond_the_end_of_the_rehearsal_nothing_is_compared() -> None:
    course = RehearsedStep(
        step="1", charge_C=(1.0, 2.0), voltage_V=(3.0, 4.0), low_V=(2.0, 3.0), high_V=(5.0, 6.0)
    )
    assert course.at(1.5) == (2.5, 3.5, 5.5)
    assert course.at(0.5) == (2.0, 3.0, 5.0)
    assert course.at(2.1) is None


def test_what_is_not_compared_says_why(plan) -> None:
    many = plan.model_copy(update={"steps": plan.steps * MOST_STEPS})
    assert "steps, more than" in why_not(many)
    resting = plan.model_copy(update={"steps": plan.steps[:1], "rehearsal": None})
    assert why_not(resting) == "no step of it holds one current"
    assert with_rehearsal(resting, IdealBench).rehearsal is None


def test_a_modified_step_is_no_longer_compared(plan) -> None:
    told = Told()
    against = AgainstRehearsal(plan, told)
    step = plan.steps[1]
    changed = step.model_copy(update={"current_A": 0.005})
    reading = HELD._replace(time_s=1001.0, cell_voltage_V=9.0)
    against.take(step, reading, 5.0, 5.0)
    against.planned_anew(plan.model_copy(update={"steps": (plan.steps[0], changed)}))
    for second in range(200):
        later = reading._replace(time_s=1002.0 + second)
        against.take(changed, later, 5.0, 5.0)
    against.write_down()
    assert not told.events
