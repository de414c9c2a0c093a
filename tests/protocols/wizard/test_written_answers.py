"""What a chemist writes on one line is read as it is meant, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.diagnostics import FaradaicError
from faradaic.documents.document import load_document
from faradaic.protocols.schema.electrodes import Form
from faradaic.protocols.wizard import written_answers as written
from faradaic.protocols.wizard.written_answers import End, Portion
from faradaic.protocols.wizard.yaml_tree import Line, Lines, Said, render, scalar

REFUSED = (ValueError, FaradaicError)


@pytest.mark.parametrize(
    ("text", "name", "how", "quantity"),
    [
        ("alkyne 3 equiv", "alkyne", "equiv", "3"),
        ("4-methylbenzyl alcohol 1.5 eq.", "4-methylbenzyl alcohol", "equiv", "1.5"),
        ("TEMPO 10 mol%", "TEMPO", "equiv", "0.1"),
        ("TEMPO, 10 mol %", "TEMPO", "equiv", "0.1"),
        ("Bu4NBF4 0.1 M", "Bu4NBF4", "concentration", "0.1 M"),
        ("Bu4NBF4 0.1M", "Bu4NBF4", "concentration", "0.1 M"),
        ("50 mg of KOH", "KOH", "mass", "50 mg"),
        ("0.2 mmol Et4NPF6", "Et4NPF6", "amount", "0.2 mmol"),
        ("AcOH 0.5 mL", "AcOH", "volume", "0.5 mL"),
        ("5g 2 equiv", "5g", "equiv", "2"),
        ("1M 0.2 mmol", "1M", "amount", "0.2 mmol"),
    ],
)
def test_a_component_and_how_much(text: str, name: str, how: str, quantity: str) -> None:
    assert written.portion(text) == Portion(name, how, quantity)


@pytest.mark.parametrize(
    "text", ["alkyne", "alkyne 3", "3 equiv", "x 0 equiv", "x 5 V", "§ 1 M", "2 mL 1 M"]
)
def test_a_component_without_one_of_both_is_refused(text: str) -> None:
    with pytest.raises(REFUSED):
        written.portion(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("MeCN", {"MeCN": 1.0}),
        ("MeCN/H2O 9:1", {"MeCN": 0.9, "H2O": 0.1}),
        ("HFIP + MeOH 3/2", {"HFIP": 0.6, "MeOH": 0.4}),
        ("MeCN:H2O (3:1)", {"MeCN": 0.75, "H2O": 0.25}),
        ("DMF/MeOH/H2O 2:1:1", {"DMF": 0.5, "MeOH": 0.25, "H2O": 0.25}),
        ("acetic acid", {"acetic acid": 1.0}),
    ],
)
def test_a_mixture_by_volume(text: str, parts: dict[str, float]) -> None:
    assert dict(written.mixture(text)) == pytest.approx(parts)


@pytest.mark.parametrize("text", ["MeCN/H2O", "MeCN 9:1", "a/b 1:2:3", "a/b 1:0", "a/a 1:1"])
def test_a_mixture_without_its_ratio_is_refused(text: str) -> None:
    with pytest.raises(REFUSED):
        written.mixture(text)


def test_the_volumes_of_a_mixture_are_in_its_unit() -> None:
    assert written.volumes("10 mL", [0.94, 0.06]) == ["9.4 mL", "0.6 mL"]
    assert written.volumes("10 mL", [1.0]) == ["10 mL"]


# Molar masses: aspirin C9H8O4 180.16, anisole C7H8O 108.14 g/mol (CRC Handbook, 97th ed.).
@pytest.mark.parametrize(
    ("text", "molar_mass", "smiles"),
    [
        ("C9H8O4", "180.16 g/mol", ""),
        ("COc1ccccc1", "108.14 g/mol", "COc1ccccc1"),
        ("108.1 g/mol", "108.1 g/mol", ""),
        ("smiles CCO", "46.069 g/mol", "CCO"),
        ("formula CO", "28.010 g/mol", ""),
    ],
)
def test_what_a_compound_is(text: str, molar_mass: str, smiles: str) -> None:
    found = written.identity(text)
    assert (found.molar_mass, found.smiles) == (molar_mass, smiles)


@pytest.mark.parametrize("text", ["CCO", "CO", "CC"])
def test_a_formula_that_may_be_a_smiles_is_asked_again(text: str) -> None:
    with pytest.raises(ValueError, match="may be a formula"):
        written.identity(text)


@pytest.mark.parametrize("text", ["aspirin", "180", "5 mA", "0 g/mol"])
def test_what_is_no_compound_is_refused(text: str) -> None:
    with pytest.raises(REFUSED):
        written.identity(text)


@pytest.mark.parametrize(
    ("text", "form", "size"),
    [
        ("10 x 15 mm", Form.PLATE, {"width": "10 mm", "immersed": "15 mm"}),
        ("1cm×15mm", Form.FOIL, {"width": "1 cm", "immersed": "15 mm"}),
        ("10 x 15 x 3 mm", Form.FELT, {"width": "10 mm", "immersed": "15 mm", "thickness": "3 mm"}),
        ("6 x 15 mm", Form.ROD, {"diameter": "6 mm", "immersed": "15 mm"}),
        ("3 mm", Form.DISC, {"diameter": "3 mm"}),
        ("2 cm^2", Form.MESH, {"area": "2 cm^2"}),
    ],
)
def test_the_size_of_an_electrode(text: str, form: Form, size: dict[str, str]) -> None:
    assert written.size(text, form) == size


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("10 mm", Form.PLATE),
        ("6 x 15 x 3 mm", Form.ROD),
        ("10 x 15", Form.PLATE),
        ("2 V", Form.DISC),
    ],
)
def test_a_size_that_does_not_fit_the_form_is_refused(text: str, form: Form) -> None:
    with pytest.raises(REFUSED):
        written.size(text, form)


@pytest.mark.parametrize(
    ("text", "signal", "value"),
    [
        ("2.5 F/mol", "charge", "2.5 F/mol"),
        ("total 3 F/mol", "total", "3 F/mol"),
        ("50C", "charge", "50 C"),
        ("1 h 30 min", "time", "1 h 30 min"),
        ("5 %", "current", "<= 5 % of initial"),
        ("<= 5% of initial", "current", "<= 5 % of initial"),
        ("0.5 mA", "current", "<= 0.5 mA"),
    ],
)
def test_what_ends_a_stage(text: str, signal: str, value: str) -> None:
    assert written.end(text, held_current=False) == End(signal, value)


@pytest.mark.parametrize("text", ["5 %", "0.5 mA", "<= 1 mA"])
def test_a_held_current_falls_nowhere(text: str) -> None:
    with pytest.raises(ValueError, match="is held"):
        written.end(text, held_current=True)


@pytest.mark.parametrize("text", ["2.5 F", "0 h", "150 %", "total 3 h", "later", ""])
def test_what_ends_nothing_is_refused(text: str) -> None:
    with pytest.raises(REFUSED):
        written.end(text, held_current=False)


def test_limits_of_the_run_are_told_by_their_units() -> None:
    assert written.limits("60 mA, 12V, 8 h, 3 F/mol") == {
        **{"current": "60 mA", "cell_voltage": "12 V", "time": "8 h", "charge": "3 F/mol"},
    }
    with pytest.raises(ValueError, match="two limits"):
        written.limits("8 h, 9 h")


@given(st.text(max_size=40))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (
        *(written.portion, written.mixture, written.identity, written.channel, written.limits),
        *(written.against, lambda t: written.size(t, Form.PLATE)),
        lambda t: written.end(t, held_current=False),
    ):
        try:
            read(text)
        except REFUSED:
            continue


@given(
    key=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.()+-]{0,12}", fullmatch=True),
    text=st.one_of(
        st.text(min_size=1, max_size=30).filter(str.isprintable),
        st.sampled_from(
            ["true", "1e5", "0x1F", "No", "~", "- y", "a: b", "x #y", "-1.5 V", "<= 5"]
        ),
    ),
)
def test_no_text_breaks_the_document(key: str, text: str) -> None:
    said = Said(text)
    below = {"a": Lines({key: said}), "b": [Line({key: said}), said]}
    tree = Lines({"faradaic": Said("1", number=True), **below})
    data = load_document(render(tree), "new.yaml").data
    assert data["a"] == {key: text}
    assert data["b"] == [{key: text}, text]


@pytest.mark.parametrize(
    "text", ["5 mA", "-1.5 V", "Bu4NBF4", "2 F/mol", "25 °C", "4-methylanisole"]
)
def test_what_is_plain_stands_without_quotation_marks(text: str) -> None:
    assert scalar(text) == text
