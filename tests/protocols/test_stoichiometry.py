"""Molecules, electrons and gas of products: dimers, paired targets, dosed substrates."""

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.load import validate_protocol
from rigs.chemists import case

F = 96485.33212


def test_a_dimer_with_twice_the_electrons_is_made_of_two_molecules(planned):
    # 2 RCOO- -> R-R + 2 CO2 + 2 e- (Kolbe, 1849): 1 F/mol of acid, 2 electrons a dimer
    plan = planned(case("kolbe_dimer_yield"))
    product = plan.reaction["products"]["tetradecane"]
    assert product["substrate_molecules"] == 2
    assert product["electrons"] == 2
    assert product["substrate_mol"] == pytest.approx(1.44 / 144.21)
    assert "reaction.products.tetradecane.substrate_molecules" in {
        a.field for a in plan.assumptions
    }
    # 1.2 F/mol, but no more CO2 than 9.985 mmol of acid have: 24.465 L/mol at 25 degC, 1 atm
    assert plan.estimates.gas_m3["CO2"] == pytest.approx(1.44 / 144.21 * 24.465e-3, rel=1e-3)
    assert plan.estimates.gas_m3["H2"] == pytest.approx(0.6 * 1.44 / 144.21 * 24.465e-3, rel=1e-3)


@pytest.mark.parametrize(
    ("product", "electrons"),
    [("electrons: 2", "electrons: 1"), ("substrate_molecules: 2", "electrons: 1")],
)
def test_either_key_of_a_dimer_gives_the_other(planned, product, electrons):
    text = case("kolbe_dimer_yield").replace("electrons: 2}", f"{product}}}")
    found = planned(text).reaction["products"]["tetradecane"]
    assert (found["substrate_molecules"], found["electrons"]) == (2, 2)


def test_the_electrons_of_a_product_and_its_molecules_give_the_charge(planned):
    text = case("kolbe_dimer_yield").replace(
        "electrons: 2}", "electrons: 2, substrate_molecules: 2}"
    )
    plan = planned(text.replace("  electrons: 1\n", ""))
    assert plan.estimates.theoretical_F_per_mol == 1


def test_each_electrode_of_a_paired_electrolysis_has_its_target(planned):
    plan = planned(case("two_targets_paired"))
    of = plan.reaction["products"]
    assert [of[name]["substrate"] for name in ("phthalide", "acetal")] == [
        "dimethyl_phthalate",
        "tBuToluene",
    ]
    assert of["acetal"]["substrate_mol"] == pytest.approx(0.04)
    # Each is turned over at its own electrode in the simulated cell, 40 mmol in 60 mL.
    working, counter = plan.cell.electrodes.working, plan.cell.electrodes.counter
    made = [(e.reactions[0].substrate, e.reactions[0].product) for e in (working, counter)]
    assert made == [("tBuToluene", "acetal"), ("dimethyl_phthalate", "phthalide")]
    assert plan.cell.species["tBuToluene"].concentration_mol_per_m3 == pytest.approx(2000 / 3)


def test_each_target_reacts_by_the_groups_of_its_own_substrate(planned):
    # Whatever the order: a phthalate is an ester to be reduced, a toluene an arene to be oxidised.
    text = case("two_targets_paired")
    lines = text.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "phthalide:" in line)
    swapped = "".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])
    for plan in (planned(text), planned(swapped)):
        of = plan.reaction["products"]
        assert of["phthalide"]["substrate"] == "dimethyl_phthalate"
        assert "groups react" in of["phthalide"]["assumed"]["substrate"]
        working, counter = plan.cell.electrodes.working, plan.cell.electrodes.counter
        assert working.reactions[0].name == "oxidation (arene)"
        assert counter.reactions[0].name == "reduction (aryl_diester)"
        wanted = {one.state for one in plan.cell.assumptions}
        assert "solution.components.tBuToluene.potential" in wanted


def test_electrons_of_each_target_are_those_of_its_own_substrate(planned):
    # Per molecule of the phthalate 2 of toluene: 4 electrons each all the same.
    text = case("two_targets_paired").replace("{equiv: 1, role", "{equiv: 2, role")
    text = text.replace("{anode: 4, cathode: 4", "{anode: 8, cathode: 4")
    plan = planned(text)
    assert plan.cell.electrodes.working.reactions[0].electrons == 4
    assert plan.cell.electrodes.counter.reactions[0].electrons == 4


def test_two_targets_at_one_electrode_are_refused(planned):
    with pytest.raises(InputError, match="both marked as the target"):
        planned(case("two_targets_paired").replace("at: anode, electrons: 4}", "at: cathode}"))


def test_a_product_of_a_component_that_is_not_there_is_refused(planned):
    with pytest.raises(InputError, match="not among the components"):
        planned(case("two_targets_paired").replace("at: anode,", "at: anode, substrate: toluene,"))


@pytest.mark.parametrize(
    ("amount", "dose", "total_mmol"),
    [
        ("0.4 mmol", "amount: 0.2 mmol", 0.6),
        ("0 mmol", "amount: 0.4 mmol", 0.4),
        ("0.4 mmol", "volume: 2 mL, concentration: 0.1 M, rate: 0.1 mL/min", 0.6),
    ],
)
def test_a_dosed_substrate_counts(planned, amount, dose, total_mmol):
    text = case("two_stage_charge").replace("amount: 0.4 mmol", f"amount: {amount}")
    text = text.replace("steps:\n", f"steps:\n  - dose: {{component: amine, {dose}}}\n")
    plan = planned(text)
    assert plan.limiting_amount_mol == pytest.approx(total_mmol * 1e-3)
    assert plan.steps[1].expected_charge_C == pytest.approx(2 * F * total_mmol * 1e-3)
    assert plan.cell.species["amine"].concentration_mol_per_m3 == pytest.approx(total_mmol / 6e-3)


def test_doses_of_a_repeat_count_in_every_round(planned):
    text = case("two_stage_charge").replace(
        "steps:\n",
        "steps:\n  - repeat: {count: 3, steps: [{dose: {component: amine, amount: 0.1 mmol}}]}\n",
    )
    assert planned(text).limiting_amount_mol == pytest.approx(0.7e-3)


def test_a_gas_said_to_come_from_the_substrate_ends_with_it(planned):
    text = case("two_stage_charge")
    said = text.replace("at: cathode}]", "at: cathode, from_substrate: true}]")
    # 5 F/mol pass, 2 F/mol use 0.4 mmol up: 0.4 mmol H2 of 1.0 mmol
    assert planned(text).estimates.gas_m3["H2"] == pytest.approx(1.0e-3 * 24.465e-3, rel=1e-3)
    assert planned(said).estimates.gas_m3["H2"] == pytest.approx(0.4e-3 * 24.465e-3, rel=1e-3)


@pytest.mark.parametrize(
    ("line", "mmol"),
    [
        # PubChem: N-Boc-piperidine C10H19NO2 185.26 g/mol, LiClO4 106.39, KBr 119.00
        ('{mass: 185.26 mg, smiles: "CC(C)(C)OC(=O)N1CCCCC1", role: substrate}', 1.0),
        ("{mass: 212.78 mg, name: LiClO4, role: electrolyte}", 2.0),
        ("{mass: 119.0 mg, name: KBr, role: reagent}", 1.0),
        ("{mass: 100 mg, molar_mass: 50 g/mol, name: KBr, role: reagent}", 2.0),
        # No actinium: the acetate of potassium is not read as elements.
        ("{mass: 100 mg, name: KOAc, role: base}", None),
        ("{mass: 100 mg, name: NBS, role: reagent}", None),
    ],
)
def test_milligrams_are_an_amount_where_smiles_or_the_formula_of_a_salt_tell(
    line: str, mmol: float | None
) -> None:
    text = case("two_stage_charge").replace("components:", f"components:\n    weighed: {line}")
    amount = validate_protocol(load_document(text, "weighed.yaml")).protocol.amount_mol("weighed")
    assert amount == (mmol and pytest.approx(mmol * 1e-3, rel=2e-4))
