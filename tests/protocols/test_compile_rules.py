"""How a plan is made: caps, limits, signs, repeats, operator steps, findings and waivers."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import InputError
from faradaic.protocols.plan import AskPlan, Limit, Plan, Signal, Then
from faradaic.protocols.step_kinds.wait import WaitPlan

BASE = """
faradaic: 1
title: A small electrolysis
cell: {type: undivided, gap: 10 mm}
solution:
  volume: 10 mL
  limiting: substrate
  pH: 7
  components:
    substrate: {amount: 0.2 mmol, role: substrate}
    Bu4NBF4: {amount: 1 mmol, role: electrolyte}
    MeCN: {volume: 10 mL, role: solvent}
electrodes:
  anode: {material: graphite, form: plate, width: 10 mm, length: 20 mm, immersed: 15 mm}
  cathode: {material: Pt, form: foil, width: 10 mm, length: 10 mm}
  reference: {couple: Ag/AgCl, filling: 3 M KCl}
reaction: {electrons: 2, half_reactions: {anode: RH -> R, cathode: H+ -> H2}}
steps:
"""
CONSTANT_CURRENT = "  - constant_current: {current: 5 mA, cell_voltage_limit: 10 V, %s}\n"
POTENTIOSTAT = "simulated-emstat4-hr"


def limit(plan: Plan, signal: Signal) -> Limit:
    return next(limit for limit in plan.limits if limit.signal is signal)


def findings(plan: Plan, code: str) -> list[dict]:
    return [finding for finding in plan.findings if finding["code"] == code]


def test_default_caps_are_assumed_and_said(planned) -> None:
    plan = planned(BASE + CONSTANT_CURRENT % "until: 2 F/mol")
    step = plan.steps[0]
    assert step.time_cap_s == pytest.approx(1.25 * step.expected_duration_s)
    assert step.charge_cap_C == pytest.approx(2 * 38.594, abs=0.01)
    assumed = {a.field: a.value for a in plan.assumptions}
    assert assumed["steps[0].constant_current.caps.charge"] == "4.00 F/mol (77.2 C)"
    assert "steps[0].constant_current.caps.time" in assumed


def test_stated_caps_are_kept_and_not_assumed(planned) -> None:
    end = "until: 2 F/mol, caps: {time: 5 h, charge: 3 F/mol}"
    plan = planned(BASE + CONSTANT_CURRENT % end)
    assert plan.steps[0].time_cap_s == 5 * 3600
    assert not [a for a in plan.assumptions if "caps" in a.field]


def test_the_first_condition_that_is_no_pause_is_expected_to_end_the_step(planned) -> None:
    end = "until: [{charge: 2 F/mol}, {time: 1 h, then: pause}, {cell_voltage: '>= 8 V', for: 9 s}]"
    step = planned(BASE + CONSTANT_CURRENT % end).steps[0]
    assert step.expected_end == "charge reaches 2.00 F/mol (38.6 C)"
    assert step.expected_charge_C == pytest.approx(38.594, rel=1e-3)
    # The pause doesn't end the step: its caps leave room for the charge.
    assert step.time_cap_s == pytest.approx(1.25 * 38.594 / 5e-3, rel=1e-3)
    assert step.until[1].then is Then.PAUSE
    watched = step.until[2]
    assert (watched.signal, watched.at_least, watched.hold_s) == (Signal.CELL_VOLTAGE_V, 8.0, 9.0)


def test_a_condition_knows_its_line(planned) -> None:
    text = BASE + CONSTANT_CURRENT % "until: 2 F/mol"
    step = planned(text).steps[0]
    assert (
        step.line
        == text.split("\n").index(
            "  - constant_current: {current: 5 mA, cell_voltage_limit: 10 V, until: 2 F/mol}"
        )
        + 1
    )
    assert step.path == "steps[0].constant_current"


def test_the_tightest_limit_wins_and_says_who_set_it(planned, limited_bench) -> None:
    text = BASE + CONSTANT_CURRENT % "until: 2 F/mol"
    # Nobody states one: 1.05 x the 10 V and 1.5 x the 5 mA of the only step, not 21 V and 1.05 A.
    alone = planned(text)
    assert limit(alone, Signal.CELL_VOLTAGE_V).at_least == pytest.approx(10.5)
    assert limit(alone, Signal.CURRENT_A).at_least == pytest.approx(7.5e-3)
    assert limit(alone, Signal.CURRENT_A).set_by == "default: 1.5 x the largest of the steps"
    fast = planned(text.replace("current: 5 mA", "current: 1 A"))
    assert limit(fast, Signal.CURRENT_A).at_least == pytest.approx(1.05)
    assert limit(fast, Signal.CURRENT_A).set_by == "instrument (2450)"
    stated = text.replace("steps:", "limits: {cell_voltage: {value: 12 V, hold: 2 s}}\nsteps:")
    of_protocol = limit(planned(stated), Signal.CELL_VOLTAGE_V)
    assert (of_protocol.at_least, of_protocol.hold_s, of_protocol.set_by) == (12.0, 2.0, "protocol")
    of_bench = limit(planned(stated, limited_bench(cell_voltage="11 V")), Signal.CELL_VOLTAGE_V)
    assert (of_bench.at_least, of_bench.set_by) == (11.0, "the bench file")


def test_a_bench_limit_below_the_set_point_is_an_error_that_names_the_bench(
    planned, limited_bench
) -> None:
    with pytest.raises(InputError, match=r"5\.00 mA is asked for.*set by the bench file"):
        planned(BASE + CONSTANT_CURRENT % "until: 2 F/mol", limited_bench(current="4 mA"))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ("{current: 5 mA}", "write less than 5.00 mA"),
        ("{charge: 2 F/mol}", "planned to take 2.00 F/mol"),
        ("{time: 2 h}", "planned to take 2 h 9 min"),
    ],
)
def test_a_limit_that_the_plan_itself_reaches_is_refused(planned, limits, words) -> None:
    text = BASE.replace("steps:", f"limits: {limits}\nsteps:")
    with pytest.raises(InputError) as refused:
        planned(text + CONSTANT_CURRENT % "until: 2 F/mol")
    assert [d.code for d in refused.value.diagnostics] == ["E404"]
    assert words in str(refused.value)


def test_silence_and_lost_regulation_are_always_watched(planned) -> None:
    plan = planned(BASE + CONSTANT_CURRENT % "until: 2 F/mol")
    assert (limit(plan, Signal.STALE_S).at_least, limit(plan, Signal.STALE_S).set_by) == (
        10.0,
        "default",
    )
    assert limit(plan, Signal.LOST_REGULATION_S).at_least == 3.0
    slow = planned(
        BASE.replace("steps:", "sampling: {interval: 20 s}\nsteps:")
        + CONSTANT_CURRENT % "until: 2 F/mol"
    )
    assert limit(slow, Signal.STALE_S).at_least == 60.0


def test_a_voltage_limit_beyond_the_source_is_questioned_with_both_numbers(planned) -> None:
    text = BASE + CONSTANT_CURRENT % "until: 2 F/mol"
    plan = planned(text, POTENTIOSTAT)
    (finding,) = findings(plan, "E407")
    assert finding["severity"] == "warning"
    assert finding["numbers"] == {"cell_voltage_limit_V": 10.0, "compliance_V": 6.0}
    assert "10 V" in finding["message"]
    assert "6 V" in finding["message"]
    assert plan.steps[0].cell_voltage_limit_V == 6.0
    assert not findings(planned(text), "E407")


def test_a_small_current_on_a_large_range_is_questioned(planned) -> None:
    text = BASE + CONSTANT_CURRENT % "duration: 1 h"
    assert not findings(planned(text), "E405")
    (finding,) = findings(planned(text.replace("5 mA", "20 pA")), "E405")
    assert finding["severity"] == "warning"
    assert 0.01 < finding["numbers"]["charge_error"] <= 0.05


def test_a_temperature_limit_that_nobody_watches_is_said(planned) -> None:
    text = BASE.replace("steps:", "limits: {temperature: 45 degC}\nsteps:")
    (finding,) = findings(planned(text + CONSTANT_CURRENT % "until: 2 F/mol"), "E415")
    assert finding["severity"] == "warning"


def test_repeats_are_unrolled_with_ids_that_tell_the_round(planned) -> None:
    steps = "  - prompt: begin\n  - repeat: {count: 2, steps: [{wait: 1 s}, {prompt: swirl}]}\n"
    plan = planned(BASE + steps)
    assert [step.id for step in plan.steps] == ["1", "2.1.1", "2.1.2", "2.2.1", "2.2.2"]
    assert isinstance(plan.steps[1], WaitPlan)
    assert plan.steps[1].path == plan.steps[3].path == "steps[1].repeat.steps[0].wait"


def test_what_no_device_does_the_operator_is_asked_to_do(planned) -> None:
    steps = (
        "  - set: {stirring: 600 rpm, gas: {species: N2, flow: 20 sccm}}\n"
        "  - dose: {component: substrate, amount: 0.1 mmol}\n"
        "  - sample: {volume: 20 uL, method: TLC}\n"
        "  - prompt: close the cell\n"
    )
    plan = planned(BASE + steps)
    assert [type(step) for step in plan.steps] == [AskPlan] * 4
    assert [step.question for step in plan.steps if isinstance(step, AskPlan)] == [
        "Set the stirring to 600 rpm and N2 to 20.0 sccm",
        "Add 0.100 mmol of substrate",
        "Take a sample of 20.0 µL for TLC",
        "close the cell",
    ]
    by_hand = findings(plan, "E412")
    assert len(by_hand) == 3
    # Gas and reagents change the chemistry at a time that somebody has to be there for.
    assert [finding["severity"] for finding in by_hand].count("warning") == 2


@pytest.mark.parametrize(
    ("vs", "expected_V"),
    [
        # Ag/AgCl in 3 M KCl stands at 0.210 V vs SHE, SCE at 0.2412 V; RHE at -0.05916 V x pH.
        ("reference", 1.0),
        ("Ag/AgCl", 1.0),
        ("Ag/AgCl (3 M KCl)", 1.0),
        ("SHE", 1.0 - 0.210),
        ("SCE", 1.0 + 0.2412 - 0.210),
        ("Ag/AgCl (sat. KCl)", 1.0 + 0.197 - 0.210),
        ("RHE", 1.0 - 0.05916 * 7 - 0.210),
    ],
)
def test_potentials_are_converted_to_the_connected_reference(planned, vs, expected_V) -> None:
    step = f"{{potential: 1 V, vs: {vs}, current_limit: 9 mA, duration: 1 h}}"
    plan = planned(BASE + f"  - constant_potential: {step}\n", POTENTIOSTAT)
    assert plan.steps[0].potential_V == pytest.approx(expected_V, abs=1e-4)
    assert plan.steps[0].charge_cap_C == pytest.approx(9e-3 * 1.25 * 3600)


def test_a_calibrated_reference_wins_over_the_table(planned) -> None:
    text = BASE.replace("filling: 3 M KCl}", "potential: 0.25 V}")
    step = "  - constant_potential: {potential: 1 V, vs: SHE, current_limit: 9 mA, duration: 1 h}\n"
    assert planned(text + step, POTENTIOSTAT).steps[0].potential_V == pytest.approx(0.75)


def test_a_sweep_takes_the_time_that_its_rate_says(planned) -> None:
    sweep = "  - cyclic_voltammetry: {from: 0 V, vertex1: 1 V, vertex2: -0.5 V, vs: reference, "
    sweep += "rate: 100 mV/s, cycles: 2, current_limit: 1 mA}\n"
    step = planned(BASE + sweep, POTENTIOSTAT).steps[0]
    assert step.expected_duration_s == pytest.approx(2 * (1 + 1.5 + 0.5) / 0.1)
    # A reading per stair: 1 mV as long as a stair takes the 5 ms that this source needs.
    assert (step.step_V, step.interval_s) == (pytest.approx(1e-3), pytest.approx(0.01))
    with pytest.raises(InputError, match=r"write at least `step: 0\.500 mV`"):
        planned(BASE + sweep.replace("cycles", "step: 0.4 mV, cycles"), POTENTIOSTAT)


@pytest.mark.parametrize(("rate", "step_V"), [("1 V/s", 5e-3), ("2 V/s", 10e-3)])
def test_a_fast_sweep_has_the_finest_stairs_that_the_source_runs_and_says_what_is_coarse(
    planned, rate: str, step_V: float
) -> None:
    sweep = "  - linear_sweep: {from: 0 V, to: 1 V, vs: reference, "
    plan = planned(BASE + sweep + f"rate: {rate}, current_limit: 1 mA}}\n", POTENTIOSTAT)
    assert plan.steps[0].step_V == pytest.approx(step_V)
    coarse = [one for one in plan.assumptions if "takes no finer" in str(one)]
    assert bool(coarse) == (step_V > 5e-3)


def test_currents_and_conditions_of_a_working_cathode_are_cathodic(planned) -> None:
    text = BASE.replace("  anode: {", "  counter: {role: anode, ").replace(
        "  cathode: {", "  working: {role: cathode, "
    )
    end = "until: [{charge: 1 F/mol, count: net}, {current: '<= 1 mA', for: 5 s}]"
    step = planned(text + CONSTANT_CURRENT % end, POTENTIOSTAT).steps[0]
    assert step.current_A == -5e-3
    net, low = step.until
    assert (net.signal, net.at_least) == (Signal.NET_CHARGE_C, None)
    assert net.at_most == pytest.approx(-19.297, abs=1e-3)
    assert (low.at_least, low.at_most) == (-1e-3, None)


def test_reversed_current_flows_the_other_way(planned) -> None:
    text = BASE + CONSTANT_CURRENT % "duration: 10 s, reverse: true"
    assert planned(text).steps[0].current_A == -5e-3


def test_a_warning_can_be_waived_with_a_reason(planned) -> None:
    text = BASE + CONSTANT_CURRENT % "until: 2 F/mol"
    assert findings(planned(text, POTENTIOSTAT), "E407")[0]["waived"] == ""
    text = text.replace("steps:", "waivers: {E407: the 6 V are meant}\nsteps:")
    plan = planned(text, POTENTIOSTAT)
    assert findings(plan, "E407")[0]["waived"] == "the 6 V are meant"
    assert plan.waivers == {"E407": "the 6 V are meant"}


def test_a_waiver_that_no_finding_answers_to_is_said(planned) -> None:
    text = BASE.replace("steps:", "waivers: {X99: just in case}\nsteps:")
    (finding,) = findings(planned(text + CONSTANT_CURRENT % "until: 2 F/mol"), "E417")
    assert "X99" in finding["message"]


def test_a_waiver_for_one_place_leaves_the_others(planned) -> None:
    text = BASE.replace("graphite, form: plate", "graphite, form: felt").replace(
        "Pt, form: foil", "Pt, form: foam"
    )
    text += CONSTANT_CURRENT % "until: 2 F/mol"
    one = text.replace("steps:", "waivers: {A03@electrodes.anode: envelope is meant}\nsteps:")
    waived = {f["path"]: f["waived"] for f in findings(planned(one), "A03")}
    assert waived["electrodes.anode"] == "envelope is meant"
    assert waived["electrodes.cathode"] == ""


def test_a_plan_is_plain_data_that_survives_json(planned) -> None:
    plan = planned(BASE + CONSTANT_CURRENT % "until: 2 F/mol")
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert plan.name == "a-small-electrolysis"
    assert plan.reaction["theoretical_F_per_mol"] == 2
    assert plan.procedure["electrodes"]["anode"] == "graphite plate, 10 x 20 mm, immersed 15 mm"
    assert plan.procedure["components"][1]["text"] == "Bu4NBF4 (1.00 mmol)"


def test_the_same_protocol_and_bench_give_the_same_plan(planned) -> None:
    text = BASE + CONSTANT_CURRENT % "until: 2 F/mol"
    assert planned(text) == planned(text)


def test_a_decaying_current_with_a_charge_needs_a_cap_on_its_time(planned) -> None:
    step = "  - constant_potential: {potential: 1 V, vs: SHE, current_limit: 9 mA, "
    end = "until: 2 F/mol, caps: {time: 8 h}}\n"
    plan = planned(BASE + step + end, POTENTIOSTAT).steps[0]
    assert plan.expected_end == "charge reaches 2.00 F/mol (38.6 C)"
    assert (plan.time_cap_s, plan.expected_duration_s) == (8 * 3600, 8 * 3600)
    # The current follows from the cell: the target is known, the charge that will pass is not.
    assert plan.expected_charge_C is None
    assert plan.target_charge_C == pytest.approx(38.594, abs=1e-3)
    assert plan.charge_cap_C == pytest.approx(2 * 38.594, abs=1e-3)
