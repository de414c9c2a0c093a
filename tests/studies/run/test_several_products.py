"""Yield and Faradaic efficiency of dimers and of the targets of both electrodes; flow."""

import pytest

from faradaic.diagnostics import InputError
from faradaic.records.run import load_run
from faradaic.studies.run.electrolysis_results import analyze_electrolysis

F = 96485.33212


def run_with(closed_form_run, header, products, **more):
    known = {**header, "products": products, "limiting": "acid", "electrons": 1.0, **more}
    # 0.2 A for 1000 s: 200 C
    return load_run(
        closed_form_run(
            current=lambda t: 0.2,
            gross=lambda t: 0.2 * t,
            net=lambda t: 0.2 * t,
            duration_s=1000.0,
            interval_s=10.0,
            header=known,
        )
    )


DIMER = {"substrate": "acid", "substrate_mol": 0.01, "substrate_molecules": 2.0, "target": True}


@pytest.mark.parametrize("electrons", [{}, {"electrons": 2.0}])
def test_a_dimer_counts_two_molecules_and_their_electrons(closed_form_run, header, electrons):
    run = run_with(
        closed_form_run, header, {"dimer": DIMER | electrons}, limiting_amount_mol=9.98544e-3
    )
    results = analyze_electrolysis(run, product_amount_mol=0.7e-3, substrate_left_mol=7e-3)
    assert results.product_yield.value == pytest.approx(2 * 0.7e-3 / 9.98544e-3)
    assert results.faradaic_efficiency.value == pytest.approx(2 * 0.7e-3 * F / 200)
    assert results.selectivity.value == pytest.approx(1.4e-3 / (9.98544e-3 - 7e-3))


def test_each_target_has_its_yield_and_efficiency(closed_form_run, header):
    products = {
        "left": {"substrate": "acid", "electrons": 4.0, "target": True, "at": "cathode"},
        "right": {"substrate": "base", "substrate_mol": 2e-4, "electrons": 2.0, "target": True},
    }
    run = run_with(closed_form_run, header, products, limiting_amount_mol=5e-4)
    found = analyze_electrolysis(run, product_amount_mol={"left": 3e-4, "right": 1e-4}).as_dict()
    assert found["product_yield"]["value"] == pytest.approx(0.6)
    assert found["product_yield"]["of"] == "left"
    assert found["faradaic_efficiency"]["value"] == pytest.approx(4 * 3e-4 * F / 200)
    assert found["product_yield_of_right"]["value"] == pytest.approx(0.5)
    assert found["faradaic_efficiency_of_right"]["value"] == pytest.approx(2 * 1e-4 * F / 200)
    with pytest.raises(InputError, match="of which is this the amount"):
        analyze_electrolysis(run, product_amount_mol=1e-4)
    with pytest.raises(InputError, match="not among the products"):
        analyze_electrolysis(run, product_amount_mol={"rigth": 1e-4})
    unknown = analyze_electrolysis(run).as_dict()
    assert unknown["product_yield_of_right"]["reason"]


def test_the_charge_of_one_pass(closed_form_run, header):
    flow = {"rate_m3_per_s": 1e-6 / 60, "concentration_mol_per_m3": 100.0, "residence_time_s": 30.0}
    found = analyze_electrolysis(run_with(closed_form_run, header, {}, flow=flow)).as_dict()
    # 1 mL/min of 0.1 mol/L at 0.2 A: 1.6667e-6 mol/s
    per_pass = found["charge_per_substrate_fed"]
    assert per_pass["value"] == pytest.approx(0.2 / F / (100e-6 / 60))
    assert per_pass["unit"] == "F/mol"
    assert found["residence_time"]["value"] == 30.0
