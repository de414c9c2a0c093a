"""An interview asks what applies, keeps what was answered, and returns to what an error names."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from faradaic.cli.wizard_view import KnownBenches
from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.schema import Protocol
from faradaic.protocols.step_kind import step_kinds
from faradaic.protocols.step_kinds.alternating_polarity import AlternatingPolarity
from faradaic.protocols.step_kinds.constant_current import ConstantCurrent
from faradaic.protocols.step_kinds.cyclic_voltammetry import CyclicVoltammetry
from faradaic.protocols.wizard import offers
from faradaic.protocols.wizard.interview import Finished, Interview, Standing
from faradaic.protocols.wizard.question import blocks
from faradaic.quantities import Dimension, parse
from faradaic.runner.bench_file import load_bench, shipped_benches


def standing(interview: Interview) -> Standing:
    found = interview.standing()
    assert found is not None
    return found


def answered(answers: Mapping[str, str], until: str = "") -> tuple[Interview, list[str]]:
    """Press Enter but where there is an answer, up to a question or to the end."""
    interview, asked = Interview(KnownBenches()), []
    while (now := interview.standing()) and now.asked.key != until:
        asked.append(now.asked.key)
        interview.answer(answers.get(now.asked.key, ""))
    assert set(answers) <= set(asked)
    return interview, asked


def protocol_of(finished: Finished) -> Protocol:
    return validate_protocol(load_document(finished.text, "new.yaml")).protocol


def written(**answers: str) -> Protocol:
    return protocol_of(answered(answers)[0].finished())


def test_the_order_is_that_of_a_notebook() -> None:
    _, asked = answered({})
    order = ["reaction", "substrate", "amount", "electrons", "reagent", "solvent", "electrolyte"]
    order += ["mediator", "cell", "anode_material", "cathode_material", "temperature", "stirring"]
    order += ["bench", "technique", "current", "end", "more", "limits"]
    assert [key for key in asked if key in order] == order


def test_every_row_says_what_a_usable_answer_is() -> None:
    interview, _ = answered({}, until="limits")
    situation = standing(interview).asked.situation
    for block in blocks():
        for question in block.questions:
            assert question.text
            if question.usable.choices is None and "size" not in question.key:
                assert question.help(situation), question.key


@pytest.mark.parametrize("bench", shipped_benches())
def test_a_bench_offers_what_runs_on_it_and_nothing_else(bench: str) -> None:
    found = offers.techniques(load_bench(bench))
    source = load_bench(bench).source
    assert found
    for kind in found.values():
        assert kind.runs()
        assert kind.mode in source.modes
    assert ("potential" in found) == ("voltammogram" in found) == source.reference_electrode
    able = step_kinds()["alternating_polarity"].runs()
    assert offers.alternates(load_bench(bench)) <= able
    whole = bench in ("simulated", "simulated-emstat4-hr", "simulated-korad", "simulated-co2")
    for technique in found if whole else list(found)[-1:]:  # each takes a second
        answers = {"bench": bench, "technique": technique}
        if technique == "potential":
            answers["potential"] = "0.5 V"
        if technique == offers.DENSITY and source.current_max_A > 1.0:
            answers["density"] = "200 mA/cm^2"  # a supply of some amperes holds no milliamperes
        assert answered(answers)[0].finished().plan.bench == bench


def test_polarity_is_alternated_and_planned() -> None:
    finished = answered({"alternate": "yes", "half_period": "10 s"})[0].finished()
    step = protocol_of(finished).steps[1]
    assert isinstance(step.body, AlternatingPolarity)
    assert (step.body.current_A, step.body.half_period_s) == (5e-3, 10.0)
    assert finished.plan.steps[1].kind == "alternating_polarity"


def test_a_half_period_that_the_bench_does_not_hold_is_refused_where_it_is_answered() -> None:
    interview, _ = answered({"alternate": "yes"}, until="half_period")
    with pytest.raises(InputError, match="E409"):
        interview.answer("50 ms")
    assert standing(interview).asked.key == "half_period"


def test_a_voltammogram_before_the_electrolysis() -> None:
    protocol = written(
        bench="simulated-nexus", technique="voltammogram", turns="0 V, 1.2 V, -0.2 V",
        scan_rate="50 mV/s", cycles="3", more="yes", technique_2="current",
    )  # fmt: skip
    sweep, held = protocol.steps[1].body, protocol.steps[2].body
    assert isinstance(sweep, CyclicVoltammetry)
    assert (sweep.from_V, sweep.vertex1_V, sweep.vertex2_V) == (0.0, 1.2, -0.2)
    assert (sweep.rate_V_per_s, sweep.cycles) == (0.05, 3)
    assert isinstance(held, ConstantCurrent)


def test_a_current_by_its_rate_and_an_end_by_tlc() -> None:
    protocol = written(closure="sealed", current="0.5 F/mol/h", tlc="2 F/mol, 2.3 F/mol")
    assert protocol.cell.closure == "sealed"
    step = protocol.steps[1].body
    assert isinstance(step, ConstantCurrent)
    assert step.rate_C_per_mol_per_s == pytest.approx(0.5 * 96485.33 / 3600, rel=1e-6)
    assert step.until is not None
    assert [one.signal for one in step.until] == ["charge", "operator"]
    assert len(step.until[1].ask_at) == 2


def test_nobody_is_asked_after_the_end() -> None:
    interview, _ = answered({"end": "2 F/mol"}, until="tlc")
    with pytest.raises(InputError, match=r"nobody is asked at 2\.5 F/mol"):
        interview.answer("1.5 F/mol, 2.5 F/mol")
    interview.answer("1.5 F/mol")


def test_what_the_bench_cannot_is_refused_where_it_is_answered() -> None:
    interview, _ = answered({"bench": "simulated-emstat4-lr"}, until="current")
    with pytest.raises(InputError, match="E403"):
        interview.answer("50 mA")
    assert standing(interview).asked.key == "current"
    interview.answer("20 mA")
    assert standing(interview).asked.key == "alternate"
    interview.answer("no")
    assert standing(interview).asked.key == "cell_voltage_limit"


def test_back_offers_what_was_answered() -> None:
    interview, _ = answered({"substrate": "2a", "amount": "36 mg"}, until="identity")
    assert interview.back()
    assert interview.back()
    assert (standing(interview).default, standing(interview).origin) == ("2a", "yours")
    interview.answer("2b")
    assert standing(interview).default == "36 mg"
    for _ in range(4):
        interview.back()
    assert not interview.back()


def test_a_changed_answer_asks_only_what_is_new() -> None:
    interview, _ = answered({"cell": "divided", "gap": "12 mm"}, until="")
    interview.reopen("operation")
    asked = []
    interview.answer("flow")
    while now := interview.standing():
        asked.append(now.asked.key)
        interview.answer("")
    assert asked == ["flow_mode", "channel", "flow_rate", "other_rate"]
    assert interview.finished().plan.estimates.flow is not None


def test_another_bench_asks_again_what_it_cannot_do() -> None:
    interview, _ = answered(
        {"bench": "simulated-nexus", "technique": "potential", "potential": "0.5 V"}
    )
    interview.reopen("bench")
    interview.answer("simulated")
    assert standing(interview).asked.key == "technique"
    assert standing(interview).default == "current"


def test_an_error_of_the_whole_returns_to_the_question_that_can_mend_it() -> None:
    interview, _ = answered({"limits": "8 h"})
    interview.reopen("end")
    interview.answer("9 h")
    with pytest.raises(InputError, match="E404"):
        interview.finished()
    assert standing(interview).asked.key == "limits"
    interview.answer("10 h")
    interview.finished()


@pytest.mark.parametrize(
    ("answers", "key", "wrong", "right"),
    [
        ({}, "limits", "4 mA", "6 mA"),
        ({"current": "10 nA"}, "end", "2.5 F/mol", "1 h"),
        ({"more": "yes"}, "end_2", "total 2 F/mol", "total 4 F/mol"),
        ({"operation": "flow", "flow_mode": "recirculating"}, "reservoir", "5 mL", "50 mL"),
        ({"bench": "simulated-nexus"}, "cell_voltage_limit", "-1 V", "12 V"),
        ({"technique": "current density"}, "density", "2 A/cm^2", "2 mA/cm^2"),
        (
            {
                "technique": "current density",
                "density": "4 A/m^2",
                "more": "yes",
                "technique_2": "current density",
                "anode_form": "felt",
            },
            "density_area_2",
            "x",
            "facing",
        ),
    ],
)
def test_what_contradicts_an_answer_before_is_refused_at_once(
    answers: dict[str, str], key: str, wrong: str, right: str
) -> None:
    interview, _ = answered(answers, until=key)
    with pytest.raises(InputError):
        interview.answer(wrong)
    assert standing(interview).asked.key == key
    interview.answer(right)
    while interview.standing():
        interview.answer("")
    interview.finished()


def test_the_voltage_offered_is_enough_for_what_is_expected() -> None:
    interview, _ = answered(
        {"solvent": "HFIP", "electrolyte": "Et4NPF6 0.02 M"}, until="cell_voltage_limit"
    )
    offered = parse(standing(interview).default, Dimension.VOLTAGE)
    while interview.standing():
        interview.answer("")
    expected_V = interview.finished().plan.estimates.cell_voltage_V
    assert expected_V is not None
    assert 10 < expected_V[1] < offered <= 21


def test_milligrams_need_what_they_are_of() -> None:
    interview, _ = answered({"amount": "36 mg"}, until="identity")
    with pytest.raises(InputError, match="no moles without a molar mass"):
        interview.answer("")
    assert interview.answer("C9H8O4") == "180.16 g/mol; 36 mg are 0.200 mmol"
    protocol = written(amount="36 mg", identity="C9H8O4")
    assert protocol.limiting_amount_mol == pytest.approx(36e-6 / 0.18016, rel=1e-3)


def test_a_name_with_spaces_keeps_its_words() -> None:
    protocol = written(substrate="4-methylbenzyl alcohol")
    assert protocol.limiting is not None
    _, key, component = protocol.limiting
    assert (key, component.name) == ("4-methylbenzyl-alcohol", "4-methylbenzyl alcohol")


def test_several_reagents_and_stages_are_rounds() -> None:
    protocol = written(
        **{"reagent": "alkyne 3 equiv", "reagent_2": "KOH 50 mg", "reagent_role_2": "base"},
        **{"more": "yes", "technique_2": "cell voltage", "end_2": "5 %", "more_2": "yes"},
        **{"more_3": "yes", "current_3": "7 mA"},
    )
    assert protocol.solution is not None
    assert protocol.solution.components["alkyne"].equiv == 3
    assert protocol.solution.components["KOH"].role == "base"
    kinds = [step.kind for step in protocol.steps]
    assert kinds[1:-1] == [
        *("constant_current", "constant_cell_voltage", "constant_current", "constant_current"),
    ]
    assert protocol.steps[4].body.current_A == 7e-3, "as in the stage before"


def test_one_name_stands_for_one_component() -> None:
    interview, _ = answered({"substrate": "MeCN"}, until="solvent")
    with pytest.raises(InputError, match="is in this solution already"):
        interview.answer("MeCN/H2O 9:1")


def test_the_substrate_is_where_it_reacts() -> None:
    protocol = written(reaction="reduction", cell="h_cell", other_reagent="AcOH 5 equiv")
    assert protocol.compartments is not None
    assert protocol.compartments.catholyte.limiting == "substrate"
    assert protocol.compartments.anolyte.components["AcOH"].equiv == 5


def test_a_cathode_that_is_held_is_the_working_electrode() -> None:
    protocol = written(
        **{"reaction": "reduction", "bench": "simulated-nexus", "technique": "potential"},
        **{"potential": "-1.5 V vs SCE", "reference": "Ag/AgCl (3 M KCl)"},
    )
    assert protocol.electrodes.working is not None
    assert protocol.electrodes.working.role == "cathode"
    assert protocol.electrodes.reference is not None
    assert protocol.electrodes.reference.filling == "3 M KCl"


def test_electrons_of_a_sacrificial_anode_come_from_the_table() -> None:
    protocol = written(reaction="reduction", anode_material="Al")
    assert protocol.electrodes.anode is not None
    assert protocol.electrodes.anode.sacrificial is not None
    assert protocol.electrodes.anode.sacrificial.electrons == 3


def test_a_residence_time_is_a_flow_rate() -> None:
    protocol = written(operation="flow", channel="10 x 100 x 0.25 mm", flow_rate="75 s")
    assert protocol.cell.flow is not None
    assert protocol.cell.flow.rate_m3_per_s == pytest.approx(0.2e-6 / 60)
    assert protocol.cell.gap_m == 0.25e-3


def test_what_was_taken_as_offered_is_named() -> None:
    interview, _ = answered({"solvent": "DMF", "temperature": "25 degC"})
    heading = " ".join(interview.finished().text.split("\nfaradaic")[0].replace("# ", "").split())
    taken = heading.partition("Taken as it was offered: ")[2].rstrip(".").split(", ")
    assert "electrolyte" in taken
    assert "solvent" not in taken
    assert "temperature" not in taken


GAS = {"reaction": "carbon", "pH": "8.3", "loading": "1 mg/cm^2"}


def test_carbon_dioxide_is_fed_to_a_gas_diffusion_cathode() -> None:
    finished = answered(GAS | {"catalyst": "Au25", "end": "360 C", "gap": "5 mm"})[0].finished()
    protocol = protocol_of(finished)
    assert protocol.cell.type == "gde_flow"
    assert protocol.compartments is not None
    assert protocol.compartments.gas is not None
    assert protocol.compartments.gas.gas.flow_mol_per_s == pytest.approx(1.487e-5, rel=1e-3)
    assert protocol.compartments.catholyte.components["KHCO3"].concentration_mol_per_m3 == 1000
    assert [step.kind for step in protocol.steps] == [
        *("open_circuit", "constant_current", "sample", "open_circuit"),
    ]
    assert finished.plan.cell.model == "gas_diffusion"


def test_a_membrane_alone_has_no_gap_and_its_cathode_is_the_working_electrode() -> None:
    given = GAS | {"cell": "mea", "pumped": "single", "bench": "simulated-nexus"}
    given |= {"technique": "lsv", "sweep": "-0.2 V, -1.2 V vs RHE", "gas_sample": "no"}
    interview, asked = answered(given)
    assert "gap" not in asked
    protocol = protocol_of(interview.finished())
    assert (protocol.cell.type, protocol.cell.gap_m) == ("mea_zero_gap", None)
    assert protocol.electrodes.working is not None
    assert protocol.electrodes.working.role == "cathode"
    kinds = [step.kind for step in protocol.steps]
    assert kinds == ["open_circuit", "linear_sweep", "open_circuit"]


def test_no_charge_per_mole_counts_a_gas_that_is_fed() -> None:
    interview, _ = answered(GAS, until="end")
    with pytest.raises(InputError, match="F/mol count the limiting component"):
        interview.answer("total 2 F/mol")
    interview.answer("total 900 C")


def test_a_linear_sweep_goes_one_way() -> None:
    given = {"bench": "simulated-emstat4-hr", "technique": "linear"}
    interview, _ = answered(given, until="sweep")
    for wrong in ("0 V", "0 V, 1 V, 0 V", "1 V, 1 V"):
        with pytest.raises(InputError, match="E710"):
            interview.answer(wrong)
    interview.answer("0.2 V, -1.4 V vs Fc+/0")
    interview.answer("20 mV/s")
    while interview.standing():
        interview.answer("")
    (sweep,) = (one for one in interview.finished().plan.steps if one.kind == "linear_sweep")
    assert sweep.expected_duration_s == pytest.approx(1.6 / 0.02)


def test_a_sweep_that_is_over_before_a_reading_is_refused_at_its_rate() -> None:
    """Not at the end of the questions, where nothing that is asked could mend it."""
    given = {"bench": "simulated-nexus", "technique": "linear", "sweep": "0 V, 1 V"}
    interview, _ = answered(given, until="scan_rate")
    with pytest.raises(InputError, match=r"over after 0\.01 s") as refused:
        interview.answer("100 V/s")
    assert "scan more slowly" in refused.value.diagnostics[0].help
    assert standing(interview).asked.key == "scan_rate"


@pytest.mark.parametrize("reaction", ["oxidation", "carbon"])
def test_no_help_says_an_example_twice(reaction: str) -> None:
    interview, _ = answered({"reaction": reaction}, until="limits")
    situation = standing(interview).asked.situation
    for block in blocks():
        for question in block.questions:
            if "size" in question.key or question.usable.choices is not None:
                continue
            examples = re.findall(r"`[^`]+`", question.help(situation))
            assert len(examples) == len(set(examples)), question.key
