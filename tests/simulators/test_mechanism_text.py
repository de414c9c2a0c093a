"""A mechanism is read as written, or refused with the place underlined."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.diagnostics import InputError
from faradaic.simulators.mechanism import (
    ChemicalStep,
    Direction,
    ElectrodeStep,
    parse_mechanism,
)


def test_a_mechanism_is_its_steps_and_species_in_order():
    mechanism = parse_mechanism("A + e = B; B -> C\nC + e = D; 2 B = P")
    assert list(mechanism.species) == ["A", "B", "C", "D", "P"]
    assert mechanism.electrode_steps == (
        ElectrodeStep("A", "B", 1, Direction.BOTH),
        ElectrodeStep("C", "D", 1, Direction.BOTH),
    )
    assert mechanism.chemical_steps == (
        ChemicalStep(("B",), ("C",), reversible=False),
        ChemicalStep(("B", "B"), ("P",), reversible=True),
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Fc^+ + e- = Fc", ElectrodeStep("Fc^+", "Fc", 1, Direction.BOTH)),
        ("Fc=Fc^++e", ElectrodeStep("Fc^+", "Fc", 1, Direction.BOTH)),
        ("Cu^2+ + 2e -> Cu", ElectrodeStep("Cu^2+", "Cu", 2, Direction.REDUCTION)),
        ("A + e + e = B", ElectrodeStep("A", "B", 2, Direction.BOTH)),
        ("Amine -> Cation + e", ElectrodeStep("Cation", "Amine", 1, Direction.OXIDATION)),
        ("A(ads) + e = B*", ElectrodeStep("A*", "B*", 1, Direction.BOTH)),
        ("ene + e = ene_red", ElectrodeStep("ene", "ene_red", 1, Direction.BOTH)),
        ("A + e-> B", ElectrodeStep("A", "B", 1, Direction.REDUCTION)),
    ],
)
def test_an_electrode_step_knows_its_oxidised_and_reduced_form(text, step):
    assert parse_mechanism(text).electrode_steps == (step,)


def test_charges_and_adsorption_are_read_from_the_names():
    assert parse_mechanism("Fe^3+ + e = Fe^2+").species == ("Fe^3+", "Fe^2+")
    with pytest.raises(InputError, match="E541"):
        parse_mechanism("Fe^3+ + 2 e = Fe^2+")
    mechanism = parse_mechanism("A + e = B; B = B*; 2 B* -> P")
    assert mechanism.dissolved == ("A", "B", "P")
    assert mechanism.adsorbed == ("B*",)


@pytest.mark.parametrize(
    ("step", "forward", "backward"),
    [
        ("B = C", "1/s", "1/s"),
        ("B + B = C", "m^3/(mol s)", "1/s"),
        ("B = B*", "m/s", "1/s"),
        ("2 B = C*", "m^4/(mol s)", "1/s"),
        ("B* + B = C*", "m^3/(mol s)", "1/s"),
        ("2 B* = C*; B = B*", "1/s", "1/s"),
    ],
)
def test_the_units_of_a_rate_constant_follow_from_what_reacts(step, forward, backward):
    chemical = parse_mechanism(f"A + e = B; {step}").chemical_steps
    assert chemical[0].rate_constant_units() == (forward, backward)


@pytest.mark.parametrize(
    ("text", "underlined", "said"),
    [
        # the separator that a known program passes over, simulating without the chemical step
        ("A + e = B: B -> C", ":", "no meaning"),
        ("E(1):a=b", "(", "no meaning"),
        ("A + e = B, B -> C", ",", "no meaning"),
        ("A + e = B; B - C", "-", "no meaning"),
        ("A + e = B; B > C", ">", "no meaning"),
        ("A + e = B; B → C", "→", "no meaning"),
        ("A + e = B; B C -> D", "C", "`+` is missing"),
        ("A + e = B; B + -> D", "->", "missing here"),
        ("A + e = B; -> D", "->", "missing here"),
        ("A + e = B = C", "A + e = B = C", "exactly one"),
        ("A + e = B; B", "B", "exactly one"),
        ("A + e = B; B = B", "B = B", "nothing changes"),
        ("A + e = B + e", "A + e = B + e", "both sides"),
        ("A + e = B + C", "A + e = B + C", "one species on each side"),
        ("2 A + e = B", "2 A + e = B", "one species on each side"),
        ("A + e = B; 3 B -> C", "3 B -> C", "3 molecules"),
        ("A + e = B; B = C + D + P", "B = C + D + P", "3 molecules"),
        ("A + e = B; 0 B -> C", "0", "not a stoichiometric number"),
        ("A + e = B; B1 -> C", "B1", "shares no species"),
        ("A + e = B; A + e = B", "A + e = B", "written twice"),
        ("A + e = B; B -> C; B -> C", "B -> C", "written twice"),
        ("Fe^3+ + e = Fe^3+", "Fe^3+ + e = Fe^3+", "nothing changes"),
        ("Fe^3+ + 2 e = Fe^2+", "Fe^3+ + 2 e = Fe^2+", "charge is +1 on the left and +2"),
        ("B -> C", "B -> C", "needs an electrode step"),
        ("A + é = B", "é", "no meaning"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text, underlined, said):
    with pytest.raises(InputError) as caught:
        parse_mechanism(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E541"
    assert said in diagnostic.message
    assert diagnostic.help
    place = diagnostic.location
    assert place is not None
    start = place.column - 1
    assert place.text[start : start + place.length] == underlined


def test_the_line_of_a_long_mechanism_is_named():
    with pytest.raises(InputError) as caught:
        parse_mechanism("A + e = B\nB -> C\nC ? D")
    assert str(caught.value.diagnostics[0].location) == "mechanism:3:3"


def test_a_near_name_is_suggested():
    with pytest.raises(InputError, match="did you mean `Ferrocene`"):
        parse_mechanism("Ferrocenium + e = Ferrocene; Ferrocine -> P")


@given(st.text("ABe=->+;*2 \n^()", max_size=30))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        mechanism = parse_mechanism(text)
        assert mechanism.electrode_steps
        assert parse_mechanism(str(mechanism)) == mechanism
