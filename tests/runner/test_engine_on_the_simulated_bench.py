"""The engine walks a plan over real wire bytes; whatever happens, the output ends up off."""

from contextlib import suppress

import pytest

from faradaic.diagnostics import DeviceError, Diagnostic, InputError, StorageError
from faradaic.instruments.readings import OutputState
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.engine import Engine
from faradaic.runner.operator import Answer, DefaultOperator, OperatorQuestion
from faradaic.runner.requests import Request
from faradaic.runner.states import RunState
from faradaic.runner.world import World
from faradaic.simulators.simulation_errors import SimulationError

CC = """\
steps:
  - open_circuit: {duration: 5 s}
  - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, until: %s}
"""
TARGET_C = 0.1 * 2e-4 * FARADAY_C_PER_MOL
"""0.1 F/mol of 0.20 mmol."""


def output_is_off(rehearsal) -> bool:
    front = getattr(rehearsal.emulator, "front", None)  # of a potentiostat
    return not (rehearsal.emulator._electronics.output_on if front is None else front.cell_on)


def test_a_charge_in_F_per_mol_is_delivered_to_half_a_sample(rehearse):
    rehearsal = rehearse(CC % "0.1 F/mol")
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    assert result.exit_code == 0
    assert abs(result.charge_gross_C - TARGET_C) <= 0.5 * 10e-3 * 1.0 + 1e-6
    assert result.charge_low_C <= result.charge_gross_C <= result.charge_high_C
    assert result.output.on is False
    assert output_is_off(rehearsal)


def test_the_charge_booked_is_the_charge_that_passed_through_the_cell(rehearse):
    rehearsal = rehearse(CC % "0.1 F/mol")
    result = rehearsal.run()
    ledger = rehearsal.host._scheme.cell.ledger()
    anode = [row for row in ledger.reactions if row.electrode == "working"]
    passed_C = sum(row.charge_C for row in anode)
    assert result.charge_gross_C == pytest.approx(passed_C, rel=2e-3)


@pytest.mark.parametrize("bench", ["simulated-emstat4-hr", "simulated-nexus"])
@pytest.mark.parametrize(("duration", "charge_C"), [("3 s", 0.015), ("10 s", 0.05)])
def test_a_charge_ends_with_the_instruments_own_time(rehearse, bench, duration, charge_C):
    # I times t: 5 mA for 10 s is 0.05 C; what it takes to read the output back, 0.2 s at either
    # end, had counted as electrolysis: 0.0510 C between 0.0495 and 0.0520 C.
    step = f"{{current: 5 mA, cell_voltage_limit: 5 V, until: {duration}, interval: 100 ms}}"
    rehearsal = rehearse(f"steps:\n  - constant_current: {step}\n", bench)
    result = rehearsal.run()
    assert result.charge_gross_C == pytest.approx(charge_C, rel=1e-3)
    assert result.charge_high_C == pytest.approx(charge_C, rel=1e-3)
    assert result.charge_low_C == pytest.approx(charge_C - 0.1 * 5e-3, rel=1e-3)


def test_a_paused_segment_ends_when_its_script_is_over(rehearse):
    until = "[{time: 4 s, then: pause}, {time: 8 s}]"
    rehearsal = rehearse(CC % until, "simulated-emstat4-hr", operator=Scripted("resume"))
    result = rehearsal.run()
    ledger = rehearsal.host._scheme.cell.ledger()
    passed_C = sum(row.charge_C for row in ledger.reactions if row.electrode == "working")
    assert result.charge_gross_C == pytest.approx(0.08, rel=2e-3)
    assert result.charge_gross_C == pytest.approx(passed_C, rel=2e-3)


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
@pytest.mark.parametrize(("current_A", "voltage_V"), [(0.7, 3.0), (-0.045, 3.0), (0.01, 400.0)])
def test_a_value_that_cannot_be_is_no_reading_whatever_the_driver(
    rehearse, bench, current_A, voltage_V
):
    rehearsal = rehearse(CC % "10 s", bench)
    preflight = rehearsal.engine.preflight

    def with_one_bad_reading():
        preflight()
        source = rehearsal.host._ports._source
        run = source.run

        def spoilt(segment, clock):
            stream = run(segment, clock)
            for number, reading in enumerate(stream):
                bad = number == 3 and segment.mode == "constant_current"
                spoil = {"current_A": current_A, "cell_voltage_V": voltage_V, "compliance": False}
                yield reading._replace(**spoil) if bad else reading

        source.run = spoilt

    rehearsal.engine.preflight = with_one_bad_reading
    result = rehearsal.run()
    assert result.charge_high_C == pytest.approx(0.1, rel=0.01)
    refused = [e["text"] for e in rehearsal.journal.of("note") if "refused" in e["text"]]
    assert len(refused) == 1


def test_every_sample_carries_the_charge_so_far_and_time_never_runs_back(rehearse):
    rehearsal = rehearse(CC % "0.1 F/mol")
    rehearsal.run()
    samples = rehearsal.journal.samples
    times, gross = [s[0] for s in samples], [s[5] for s in samples]
    assert times == sorted(times)
    assert gross == sorted(gross)
    assert len(samples) > 190


def test_intent_is_written_before_the_output_can_be_on(rehearse):
    rehearsal = rehearse(CC % "3 s")
    rehearsal.run()
    kinds = [
        (kind, fields.get("what")) for kind, _, fields in rehearsal.journal.events if kind == "mark"
    ]
    first_on = kinds.index(("mark", "output_on_intent"))
    assert ("mark", "output_off") in kinds[first_on:]


def test_a_cell_that_needs_more_than_the_limit_trips_and_is_read_back_off(rehearse):
    steps = "steps:\n  - constant_current: {current: 50 mA, cell_voltage_limit: 5 V, until: 1 h}\n"
    rehearsal = rehearse(steps)
    result = rehearsal.run()
    assert result.outcome is RunState.TRIPPED
    assert result.exit_code == 4
    assert result.output.on is False
    assert output_is_off(rehearsal)
    (limit,) = rehearsal.journal.of("limit")
    assert limit["signal"] == "cell_voltage_V"
    assert limit["value"] >= limit["threshold"] == 5.0
    assert result.duration_s < 10.0


@pytest.mark.parametrize(
    ("until", "answer", "lasts_s"),
    [
        ("[{cell_voltage: '>= 1 V', for: 3 s, then: pause}, {time: 30 s}]", "resume", 35),
        ("[{charge: 0.03 F/mol, then: pause}]", "next", 63),
    ],
)
def test_where_nobody_answers_a_pause_its_default_is_journalled(rehearse, until, answer, lasts_s):
    rehearsal = rehearse(CC % until)
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    states = [(s["from"], s["to"]) for s in rehearsal.journal.of("state")]
    assert ("RUNNING", "PAUSED(open_circuit)") in states
    (note,) = rehearsal.journal.of("note")
    assert (note["answer"], note["by"]) == (answer, "default")
    assert result.duration_s == pytest.approx(lasts_s, abs=2.0)


@pytest.mark.parametrize("bench", ["simulated", "simulated-nexus"])
@pytest.mark.parametrize(
    ("current", "interval", "target_C"),
    [
        ("5 mA", "1 h", 2.0),
        ("10 mA", "5 min", 3.859),
        ("20 mA", "1 s", 0.03),
        ("20 mA", "1 s", 0.1),
    ],
)
def test_a_charge_is_met_whatever_the_interval(rehearse, bench, current, interval, target_C):
    steps = f"""\
steps:
  - constant_current:
      current: {current}
      cell_voltage_limit: 10 V
      interval: {interval}
      until: {target_C} C
      caps: {{time: 2 h, charge: 10 C}}
"""
    rehearsal = rehearse(steps, bench)
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    # what flows between the last reading and off is booked, and taken off in the lower bound
    switching_C = 0.25 * float(current.split()[0]) * 1e-3
    assert result.charge_gross_C == pytest.approx(target_C, rel=2e-3, abs=switching_C)
    assert result.charge_low_C <= target_C * 1.002
    assert result.charge_high_C >= target_C * 0.998


def test_an_interval_thins_what_is_kept_and_not_what_is_watched(rehearse):
    steps = """\
steps:
  - constant_current:
      {current: 50 mA, cell_voltage_limit: 5 V, interval: 10 min, until: 1 h}
"""
    rehearsal = rehearse(steps)
    result = rehearsal.run()
    assert result.outcome is RunState.TRIPPED
    assert result.duration_s < 10.0


class Scripted:
    """An operator who answers in the order given; counts questions while current flows."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[OperatorQuestion] = []

    def ask(self, question: OperatorQuestion) -> None:
        self.asked.append(question)

    def answer(self) -> Answer | None:
        return Answer(self.answers.pop(0), by="operator") if self.answers else None

    def withdraw(self) -> None:
        return None


def test_resuming_goes_on_with_what_is_left_of_the_step(rehearse):
    until = "[{cell_voltage: '>= 1 V', for: 3 s, then: pause}, {charge: 0.1 F/mol}]"
    rehearsal = rehearse(CC % until, operator=Scripted("resume"))
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    assert abs(result.charge_gross_C - TARGET_C) <= 2 * 10e-3


def test_an_operator_who_says_yes_ends_the_step(rehearse):
    until = "[{charge: 0.5 F/mol}, {operator: 'TLC: gone', ask_at: [0.05 F/mol, 0.1 F/mol]}]"
    rehearsal = rehearse(CC % until, operator=Scripted("not yet", "yes"))
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    assert abs(result.charge_gross_C - TARGET_C) <= 3 * 10e-3
    assert [n["answer"] for n in rehearsal.journal.of("note")] == ["not yet", "yes"]


def test_where_nobody_answers_the_question_is_journalled_with_its_default(rehearse):
    until = "[{charge: 0.1 F/mol}, {operator: 'TLC: gone', ask_at: [0.05 F/mol]}]"
    rehearsal = rehearse(CC % until, operator=DefaultOperator())
    rehearsal.run()
    (note,) = rehearsal.journal.of("note")
    assert note["answer"] == "not yet"
    assert note["by"] == "default"


@pytest.mark.parametrize(
    ("request_", "outcome"), [(Request.STOP, RunState.STOPPED), (Request.PAUSE, RunState.STOPPED)]
)
def test_a_users_stop_is_not_a_success(rehearse, request_, outcome):
    def press(progress) -> None:
        if progress.time_s > 20:
            rehearsal.controls.ask(request_, "a test")

    rehearsal = rehearse(CC % "1 h", observe=press)
    result = rehearsal.run()
    assert result.outcome is outcome
    assert result.exit_code == 5
    assert "a test" in result.stop_reason
    assert output_is_off(rehearsal)
    assert result.duration_s < 30


@pytest.mark.parametrize("error", [RuntimeError("a defect"), KeyboardInterrupt(), OSError("usb")])
def test_whatever_is_raised_while_current_flows_the_output_is_read_back_off(rehearse, error):
    def fail(progress) -> None:
        if progress.time_s > 10:
            raise error

    rehearsal = rehearse(CC % "1 h", observe=fail)
    result = rehearsal.run()
    assert result.outcome in {RunState.FAILED, RunState.STOPPED}
    assert result.exit_code != 0
    assert result.output.on is False
    assert output_is_off(rehearsal)
    assert len(rehearsal.journal.of("run_stop")) == 1


def test_a_full_disk_ends_the_run_with_the_output_off_and_its_own_exit_code(rehearse):
    rehearsal = rehearse(CC % "1 h")
    whole = rehearsal.journal.sample

    def full(time_s, values):
        if len(rehearsal.journal.samples) >= 20:
            raise StorageError(Diagnostic("E602", "no space left"))
        return whole(time_s, values)

    rehearsal.journal.sample = full
    result = rehearsal.run()
    assert result.outcome is RunState.FAILED
    assert result.exit_code == 6
    assert output_is_off(rehearsal)


def watch(rehearsal) -> list[tuple[str, bool]]:
    """Each record's kind, and whether current could flow while it was written."""
    journal, written = rehearsal.journal, []
    write, sample = journal.write, journal.sample

    def watched_write(kind, *told, **how):
        written.append((kind, not output_is_off(rehearsal)))
        return write(kind, *told, **how)

    def watched_sample(*told):
        written.append(("sample", not output_is_off(rehearsal)))
        return sample(*told)

    journal.write, journal.sample = watched_write, watched_sample
    return written


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
@pytest.mark.parametrize(
    ("until", "limit", "outcome"),
    [
        ("[{operator: gone, ask_at: [0.02 F/mol]}, {time: 1 h}]", "5 V", RunState.COMPLETED),
        ("{charge: 0.05 F/mol}", "5 V", RunState.COMPLETED),
        ("[{cell_voltage: '>= 1 V', for: 3 s, then: abort}, {time: 1 h}]", "5 V", RunState.ABORTED),
        ("1 h", "1 V", RunState.TRIPPED),
        ("1 h", "5 V", RunState.STOPPED),
    ],
)
def test_nothing_is_written_between_what_ends_a_stream_and_its_off(
    rehearse, until, limit, outcome, bench
):
    def press(progress) -> None:
        if outcome is RunState.STOPPED and progress.time_s > 9:
            rehearsal.controls.ask(Request.STOP, "a test")

    step = f"{{current: 10 mA, cell_voltage_limit: {limit}, until: {until}}}"
    steps = f"steps:\n  - constant_current: {step}\n"
    rehearsal = rehearse(steps, bench, operator=Scripted("yes"), observe=press)
    written = watch(rehearsal)
    assert rehearsal.run().outcome is outcome
    kinds, on = [kind for kind, _ in written], [on for _, on in written]
    first, last = kinds.index("sample"), len(kinds) - 1 - kinds[::-1].index("sample")
    if kinds[last - 1] == "charge_bounds" and not on[last - 1]:  # of that sample, before it
        last -= 1
    assert all(on[first:last])
    assert not any(on[last:])
    assert "mark" in kinds[last:]


def test_a_step_whose_cap_comes_before_its_conditions_trips(rehearse):
    steps = """\
steps:
  - constant_current:
      current: 10 mA
      cell_voltage_limit: 15 V
      until: [{cell_voltage: ">= 14 V"}]
      caps: {time: 20 s, charge: 1 F/mol}
"""
    rehearsal = rehearse(steps)
    result = rehearsal.run()
    assert result.outcome is RunState.TRIPPED
    assert "time cap" in result.stop_reason
    assert result.duration_s == pytest.approx(20, abs=1.5)


def test_then_end_leaves_the_remaining_steps_out(rehearse):
    steps = CC % "[{time: 5 s, then: end}]" + "  - open_circuit: {duration: 1 h}\n"
    rehearsal = rehearse(steps)
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    assert result.duration_s < 30
    assert len(rehearsal.journal.of("step_start")) == 2


def test_then_abort_is_not_completed(rehearse):
    rehearsal = rehearse(CC % "[{time: 5 s, then: abort}]")
    result = rehearsal.run()
    assert result.outcome is RunState.ABORTED
    assert result.exit_code == 4


def test_repeats_run_in_order(rehearse):
    steps = """\
steps:
  - repeat:
      count: 3
      steps:
        - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, until: 5 s}
        - wait: {duration: 10 s}
"""
    rehearsal = rehearse(steps)
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    begun = [s["kind"] for s in rehearsal.journal.of("step_start")]
    assert begun == ["constant_current", "wait"] * 3
    assert result.charge_gross_C == pytest.approx(3 * 5 * 10e-3, rel=0.05)


def test_a_plan_for_another_bench_is_refused(rehearse):
    rehearsal = rehearse(CC % "5 s")
    with pytest.raises(InputError, match="another bench"):
        Engine(rehearsal.plan, "0" * 64, World(rehearsal.host))


def test_the_same_seed_gives_the_same_samples(rehearse):
    first, second = (rehearse(CC % "30 s") for _ in range(2))
    first.run()
    second.run()
    assert first.journal.samples == second.journal.samples


def test_a_driver_that_leaves_the_output_on_does_not_leave_it_on(rehearse):
    rehearsal = rehearse(CC % "1 h")
    run, kept = rehearsal.host.run, []

    def careless(segment):
        stream = run(segment)
        kept.append(stream)  # never closed: the driver's own way out is not taken

        def readings():
            for _ in range(8):
                yield next(stream)
            raise RuntimeError("a driver with a defect")

        return readings()

    rehearsal.host.run = careless
    result = rehearsal.run()
    for stream in kept:
        with suppress(DeviceError):
            stream.close()
    assert result.outcome is RunState.FAILED
    assert result.output.on is False
    assert output_is_off(rehearsal)


def test_an_output_that_cannot_be_read_back_as_off_is_never_a_success(rehearse):
    rehearsal = rehearse(CC % "5 s")
    rehearsal.host.output_off = lambda within_s=0.0: OutputState(None, "no answer")
    result = rehearsal.run()
    assert result.outcome is RunState.FAILED
    assert result.exit_code == 3
    assert "no answer" in result.stop_reason


def test_a_current_limit_at_constant_cell_voltage_limits_and_does_not_trip(rehearse):
    steps = """\
steps:
  - constant_cell_voltage: {cell_voltage: 5 V, current_limit: 1 mA, until: 20 s}
"""
    rehearsal = rehearse(steps)
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    # 1 mA for 20 s: the source held its limit, which is less than 5 V would drive
    assert result.charge_gross_C == pytest.approx(20e-3, rel=0.02)


@pytest.mark.parametrize("last_step", [3, 30, 90])
@pytest.mark.parametrize(
    "error", [SimulationError.of("the cell has no state"), ZeroDivisionError()]
)
def test_whatever_a_simulator_raises_the_run_ends_with_its_last_record(
    rehearse, monkeypatch, error, last_step
):
    rehearsal = rehearse(CC % "60 s")
    rehearsal.engine.preflight()
    cell = rehearsal.host._scheme.cell
    step, steps = cell.step, 0

    def failing(*arguments):
        nonlocal steps
        steps += 1
        if steps > last_step:
            raise error
        return step(*arguments)

    monkeypatch.setattr(cell, "step", failing, raising=False)
    result = rehearsal.engine.run(rehearsal.journal, {"simulated": True})
    assert result.outcome is RunState.FAILED
    (last,) = rehearsal.journal.of("run_stop")
    assert last["stop_reason"]
    assert last["output"]["on"] is None
    assert result.exit_code != 0
