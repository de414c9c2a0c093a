"""The questions end in a protocol that the schema accepts, whatever the usable answers were."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.schema import Protocol
from faradaic.protocols.step_kinds.alternating_polarity import AlternatingPolarity
from faradaic.protocols.wizard import HELD, QUESTIONS, write_protocol

BY_KEY = {question.key: question for question in QUESTIONS}


def asked(answers: dict[str, str]) -> list[str]:
    given_: dict[str, str] = {}
    for question in QUESTIONS:
        if question.when(given_):
            given_[question.key] = answers.get(question.key, question.default)
    return list(given_)


def written(answers: dict[str, str]) -> Protocol:
    return validate_protocol(load_document(write_protocol(answers), "new.yaml")).protocol


def test_the_order_is_that_of_the_front_panel() -> None:
    order = [k for k in asked({"alternate": "yes"}) if not k.startswith(("anode_", "cathode_"))]
    assert order[:9] == [
        *("title", "mode", "current", "substrate", "amount", "electrons"),
        *("end", "alternate", "half_period"),
    ]


def test_the_defaults_make_a_constant_current_electrolysis() -> None:
    protocol = written({})
    assert [step.kind for step in protocol.steps] == [
        *("open_circuit", "constant_current", "open_circuit"),
    ]
    assert protocol.limiting_amount_mol == 0.0002
    assert "#" in write_protocol({})


@pytest.mark.parametrize("word", HELD)
def test_each_kind_that_has_a_word_on_the_front_panel_is_written(word: str) -> None:
    step = written({"mode": word, "potential": "1.2 V"}).steps[1]
    assert (step.kind, type(step.body)) == (HELD[word].kind, HELD[word])


def test_a_potential_makes_a_working_electrode_and_a_reference() -> None:
    protocol = written(
        {
            **{"mode": "potential", "reference": "Ag/AgCl", "filling": "3 M KCl"},
            **{"working": "cathode", "potential": "-1.5 V", "electrons": "2"},
        }
    )
    assert protocol.steps[1].kind == "constant_potential"
    assert protocol.electrodes.working is not None
    assert protocol.electrodes.working.role == "cathode"
    assert protocol.electrodes.reference is not None
    assert protocol.electrodes.reference.filling == "3 M KCl"
    assert protocol.reaction.electrons is not None
    assert protocol.reaction.electrons.theoretical == 2


def test_alternating_polarity_and_a_time_are_kept() -> None:
    protocol = written(
        {"mode": "cell voltage", "alternate": "yes", "half_period": "10 s", "end": "1 h 30 min"}
    )
    step = protocol.steps[1].body
    assert isinstance(step, AlternatingPolarity)
    assert (step.cell_voltage_V, step.half_period_s, step.current_limit_A) == (3.0, 10.0, 0.05)
    assert step.until is not None
    assert step.until[0].time_s == 5400.0


@pytest.mark.parametrize("form", ["plate", "rod", "wire", "disc", "felt", "rvc", "gde"])
def test_each_form_is_asked_for_the_dimensions_it_has(form: str) -> None:
    electrode = written({"anode_form": form}).electrodes.anode
    assert electrode is not None
    assert (electrode.diameter_m is not None) == (form in ("rod", "wire", "disc"))
    assert (electrode.thickness_m is not None) == (form in ("felt", "rvc"))
    assert (electrode.immersed_m is not None) == (form != "disc")


@settings(max_examples=25)
@given(
    title=st.text(min_size=1, max_size=40).filter(lambda t: t.strip() and t.strip().isprintable()),
    substrate=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.()+-]{0,12}", fullmatch=True),
    material=st.sampled_from(["Pt", "true", "null", "1", "a: b", "Ni #3", "{x}", "- y", "No", "°"]),
)
def test_no_text_can_break_the_file(title: str, substrate: str, material: str) -> None:
    if substrate in ("Bu4NBF4", "MeCN"):
        return
    protocol = written({"title": title, "substrate": substrate, "cathode_material": material})
    assert protocol.title == title.strip()
    assert protocol.limiting is not None
    assert protocol.limiting[1] == substrate
    assert protocol.electrodes.cathode is not None
    assert protocol.electrodes.cathode.material == material


@pytest.mark.parametrize(
    ("key", "answer", "code"),
    [
        ("mode", "constant", "E710"),
        ("current", "1,5 mA", "E103"),
        ("current", "0 mA", "E710"),
        ("current", "5 V", "E105"),
        ("end", "2.5 F", "E106"),
        ("potential", "", "E101"),
        ("substrate", "two words", "E710"),
        ("title", "", "E710"),
        ("title", "a\nb", "E710"),
        ("electrons", "0", "E710"),
        ("electrons", "many", "E710"),
        ("alternate", "maybe", "E710"),
        ("anode_width", "-1 mm", "E111"),
    ],
)
def test_an_unusable_answer_is_refused_with_help(key: str, answer: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        BY_KEY[key].validate(answer)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert diagnostic.help


def test_every_default_is_a_usable_answer_or_there_is_none() -> None:
    for question in QUESTIONS:
        if question.default or question.optional:
            assert question.validate(question.default) == question.default
        assert question.help


def test_one_name_for_two_components_is_refused() -> None:
    with pytest.raises(InputError, match="E711"):
        write_protocol({"substrate": "MeCN"})
