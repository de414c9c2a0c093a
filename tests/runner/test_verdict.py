"""An end short of its charge says so, and a rehearsal says when its model is at fault."""

from __future__ import annotations

from typing import Any

import pytest

from faradaic.chemistry.cell_description.cell_assumptions import Assumptions, dominant_guess
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.bench_file import load_bench
from faradaic.runner.engine import Engine
from faradaic.runner.requests import Controls, Request
from faradaic.runner.run_result import RunResult
from faradaic.runner.states import RunState
from faradaic.runner.verdict import percent
from faradaic.runner.world import World
from faradaic.simulators.ideal_bench import IdealBench

VOLTAGE = """\
steps:
  - constant_cell_voltage: {cell_voltage: 3.6 V, current_limit: 20 mA, until: [%s]}
"""
TRIPS = "steps:\n  - constant_current: {current: 10 mA, cell_voltage_limit: 2.6 V, until: 1 h}\n"
TARGET_C = 2 * 2e-4 * FARADAY_C_PER_MOL
"""2 F/mol of 0.20 mmol."""


class Nothing:
    """A journal that keeps nothing."""

    def write(self, kind: str, time_s: float, fields: Any, *, durable: bool = False) -> int:
        return 0

    def sample(self, time_s: float, values: Any) -> int:
        return 0


def run(plan: Any, controls: Controls | None = None, **header: Any) -> RunResult:
    world = World(IdealBench(plan.cell), controls=controls or Controls())
    engine = Engine(plan, plan.bench_sha256, world)
    engine.preflight()
    return engine.run(Nothing(), {"simulated": True, **header})


def test_a_run_that_ends_before_its_charge_says_by_what_and_how_much(rehearse) -> None:
    result = run(rehearse(VOLTAGE % "{charge: 2 F/mol}, {time: 5 min}").plan)
    assert result.outcome is RunState.COMPLETED
    share = result.charge_gross_C / TARGET_C
    assert result.planned_charge_C == pytest.approx(TARGET_C, rel=1e-6)
    assert result.share_of_planned == pytest.approx(share, rel=1e-9)
    missing = f"ended by time at {percent(share)} of the planned charge"
    assert result.missing_charge == missing
    # The current that was too small is that of a cell of which the potential is a guess.
    assert result.ended_because == "every step is done"
    assert result.stop_reason.startswith(f"every step is done; {missing}; the current is that of")
    assert "`solution.components.substrate.potential`" in result.stop_reason


def test_a_cap_that_a_guessed_current_runs_into_is_blamed_on_the_model(rehearse) -> None:
    slow = VOLTAGE % "{charge: 2 F/mol}"
    slow = slow.replace("3.6 V", "3 V").replace("]}", "], caps: {time: 10 min}}")
    result = run(rehearse(slow).plan)
    assert result.outcome is RunState.TRIPPED
    assert "ended by the step's cap on time at " in result.missing_charge
    assert "the model of the cell is at fault" in result.stop_reason


def test_a_run_with_all_of_its_charge_says_nothing(rehearse) -> None:
    result = run(rehearse(VOLTAGE % "{charge: 0.05 F/mol}, {time: 8 h}").plan)
    assert result.share_of_planned == pytest.approx(1.0, abs=2e-3)
    assert result.stop_reason == "every step is done"


@pytest.mark.parametrize(
    ("until", "by"),
    [
        ("{charge: 2 F/mol}, {current: '<= 19.9 mA'}, {time: 8 h}", "its current"),
        ("{charge: 2 F/mol}, {cell_voltage: '>= 3 V'}, {time: 8 h}", "its cell voltage"),
    ],
)
def test_what_ended_it_is_named(rehearse, until: str, by: str) -> None:
    assert run(rehearse(VOLTAGE % until).plan).missing_charge.startswith(f"ended by {by} at ")


def test_the_charge_of_a_stopped_run_is_missing_too(rehearse) -> None:
    controls = Controls()
    controls.ask(Request.STOP, "somebody stopped it")
    plan = rehearse(VOLTAGE % "{charge: 2 F/mol}, {time: 8 h}").plan
    result = run(plan, controls)
    assert result.outcome is RunState.STOPPED
    assert result.missing_charge.startswith("ended by a stop at ")


def test_the_step_that_fell_short_is_named_among_several(rehearse) -> None:
    rest = "  - open_circuit: {duration: 5 s}\n"
    result = run(rehearse(VOLTAGE % "{charge: 2 F/mol}, {time: 5 min}" + rest).plan)
    assert result.missing_charge.startswith("step 1 ended by time at ")


def test_a_limit_that_a_guess_crosses_is_blamed_on_the_model(rehearse) -> None:
    plan = rehearse(TRIPS).plan
    guess = dominant_guess(plan.cell.assumptions)
    assert guess is not None
    result = run(plan)
    assert result.outcome is RunState.TRIPPED
    assert "the model of the cell is at fault, not the protocol" in result.model_at_fault
    assert guess.text in result.model_at_fault
    assert "`solution.components.substrate.potential`" in result.model_at_fault
    assert result.stop_reason.endswith(result.model_at_fault)


@pytest.mark.parametrize("header", [{"simulated": False}, {"faults": ["film:rate=5V/F"]}])
def test_a_real_cell_and_a_fault_on_purpose_are_no_errors_of_a_model(rehearse, header) -> None:
    result = run(rehearse(TRIPS).plan, **header)
    assert result.outcome is RunState.TRIPPED
    assert result.model_at_fault == ""


def test_a_limit_below_all_that_the_cell_may_need_is_the_protocol_s(rehearse) -> None:
    # 50 mA over 44 ohm at least are 1.8 V beside the 2 V that the electrodes need at least.
    plan = rehearse(TRIPS.replace("10 mA", "50 mA")).plan
    least_V = plan.estimates.cell_voltage_V[0]
    assert least_V > 2.6
    result = run(plan)
    assert result.outcome is RunState.TRIPPED
    assert result.model_at_fault == ""


def test_nothing_is_blamed_where_nothing_was_guessed(rehearse) -> None:
    plan = rehearse(TRIPS).plan
    known = plan.cell.model_copy(update={"assumptions": ()})
    assert run(plan.model_copy(update={"cell": known})).model_at_fault == ""


def test_an_electrolysis_does_not_drive_itself(rehearse) -> None:
    # A metal that dissolves at -2.4 V against protons at -0.7 V: 1.7 V of a battery, which the
    # bench of the case saw as 5 to 20 V to be put in.
    short = "steps:\n  - constant_current: {current: 1 mA, cell_voltage_limit: 9 V, until: 1 h}\n"
    plan = rehearse(short).plan
    data = plan.cell.model_dump()
    for lead, potential_V in (("working", -2.4), ("counter", -0.7)):
        for reaction in data["electrodes"][lead]["reactions"]:
            reaction["reference_potential_V_vs_SHE"] = potential_V
    battery = type(plan.cell).model_validate(data)
    result = run(plan.model_copy(update={"cell": battery}))
    assert (result.outcome, result.exit_code) == (RunState.FAILED, 4)
    assert "the simulated cell drove itself (-1." in result.stop_reason
    assert "its model is wrong, not the protocol" in result.stop_reason
    assert [told.code for told in result.diagnostics] == ["E425"]
    assert "`solution.components.substrate.potential`" in result.stop_reason


def test_the_dominant_guess_comes_first() -> None:
    found = Assumptions()
    found.note("a", "a convention")
    found.note("b", "an estimate", cell_voltage_V=3.0)
    found.note("c", "a small guess", guess="potential", cell_voltage_V=0.1)
    found.note("d", "a large guess", guess="conductivity", cell_voltage_V=2.0)
    found.note("d", "")
    assert [one.of for one in found.noted()] == ["d", "c", "b", "a"]
    dominant = dominant_guess(found.noted())
    assert dominant is not None
    assert dominant.of == "d"


@pytest.mark.parametrize(
    ("share", "words"), [(0.0995, "10 %"), (0.83, "83 %"), (0.0048, "0.48 %"), (2.4e-5, "0.0024 %")]
)
def test_small_shares_keep_two_digits(share: float, words: str) -> None:
    assert percent(share) == words


def test_what_a_step_passes_beyond_its_own_does_not_make_up_for_another(rehearse) -> None:
    # 0.05 F/mol and 2 F/mol are planned; a sweep's or a first step's charge hides nothing.
    steps = VOLTAGE % "{charge: 0.05 F/mol}, {time: 8 h}" + (
        VOLTAGE % "{charge: 2 F/mol}, {time: 60 s}"
    ).removeprefix("steps:\n")
    result = run(rehearse(steps).plan)
    assert result.missing_charge.startswith("step 2 ended by time at ")
    assert result.share_of_planned < 0.1


def test_a_reading_s_worth_of_a_held_current_is_not_missed(rehearse) -> None:
    short = "steps:\n  - constant_current: {current: 5 mA, cell_voltage_limit: 15 V, until: 5 s}\n"
    assert rehearse(short).run().missing_charge == ""


def test_a_run_that_is_stopped_before_its_current_says_that_nothing_passed(rehearse) -> None:
    controls = Controls()
    controls.ask(Request.STOP, "somebody stopped it")
    rest = "steps:\n  - open_circuit: {duration: 5 s}\n"
    plan = rehearse(
        rest + (VOLTAGE % "{charge: 2 F/mol}, {time: 8 h}").removeprefix("steps:\n")
    ).plan
    assert run(plan, controls).missing_charge == (
        "step 1 ended by a stop at 0 % of the planned charge"
    )


MEDIATED = """\
faradaic: 1
title: a mediator at its own potential
cell: {type: undivided, gap: 5 mm}
solution:
  volume: 10 mL
  limiting: alcohol
  components:
    alcohol: {amount: 1 mmol, role: substrate}
    TBPA: {name: tris(4-bromophenyl)amine, equiv: 0.1, role: mediator}
    Bu4NPF6: {concentration: 0.1 M, role: electrolyte}
    MeCN: {volume: 10 mL, role: solvent}
electrodes:
  working: {role: anode, material: Pt, form: plate, width: 10 mm, length: 20 mm}
  counter: {role: cathode, material: Pt, form: plate, width: 10 mm, length: 20 mm}
  reference: SCE
reaction: {kind: oxidation, electrons: 2}
steps:
  - constant_potential:
      {potential: 1.0 V, vs: SCE, current_limit: 50 mA, until: [{charge: 2 F/mol}, {time: 1 h}]}
"""


def test_a_held_potential_blames_no_guess_of_the_counter_electrode() -> None:
    # Its hydrogen is the larger guess, but the source makes up for that.
    loaded = validate_protocol(load_document(MEDIATED, "test.yaml"))
    plan = compile_protocol(loaded, load_bench("simulated-emstat4-hr"))
    counter = dominant_guess(plan.cell.assumptions)
    assert counter is not None
    assert counter.of.startswith("electrodes.counter")
    result = run(plan)
    assert result.missing_charge.startswith("ended by time at")
    assert "`solution.components.TBPA.potential`" in result.stop_reason


HELD = """\
faradaic: 1
title: more charge than the substrate takes
cell: {type: undivided, gap: 5 mm}
solution:
  volume: 10 mL
  limiting: substrate
  components:
    substrate: {amount: 0.1 mmol, role: substrate}
    Bu4NBF4: {concentration: 0.1 M, role: electrolyte}
    MeCN: {volume: 10 mL, role: solvent}
electrodes:
  working: {role: anode, material: graphite, form: plate, width: 20 mm, immersed: 20 mm}
  counter: {role: cathode, material: Pt, form: plate, width: 20 mm, immersed: 20 mm}
  reference: SCE
reaction: {kind: oxidation, electrons: 2}
steps:
  - constant_potential: {potential: 1.2 V, vs: SCE, current_limit: 50 mA, until: 2.5 F/mol%s}
"""


def held(caps: str) -> RunResult:
    loaded = validate_protocol(load_document(HELD % caps, "test.yaml"))
    return run(compile_protocol(loaded, load_bench("simulated-emstat4-hr")))


def test_more_charge_than_the_substrate_takes_ends_without_a_fault() -> None:
    result = held("")
    assert result.outcome is RunState.COMPLETED
    assert result.share_of_planned == pytest.approx(0.8, abs=0.01)  # 2 of 2.5 F/mol
    assert "ended by time at 80 % of the planned charge" in result.stop_reason
    taken = "of what the substrate takes (2 F/mol) has passed, not the 125% asked for"
    assert taken in result.stop_reason
    assert "guess" not in result.stop_reason


def test_a_cap_that_was_stated_is_a_limit() -> None:
    assert held(", caps: {time: 5 min}").outcome is RunState.TRIPPED
