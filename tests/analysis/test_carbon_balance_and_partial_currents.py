"""Carbon that is fed is found again, and partial currents add up to the current."""

from __future__ import annotations

import math

import numpy as np
import pytest

from faradaic.analysis.carbon_balance import (
    carbon_balance,
    carbonate_from_charge_mol_per_s,
    single_pass_conversion,
)
from faradaic.analysis.partial_currents import partial_current_density, unaccounted_share
from faradaic.chemistry.gases import NORMAL
from faradaic.diagnostics import InputError
from faradaic.results import Result, missing
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell
from faradaic.simulators.rehearsed_co2_study import FLOW_SCCM, cell_description

F = 96485.33212  # C/mol, CODATA 2018


@pytest.mark.parametrize(
    ("product", "electrons", "limit"), [("CO", 2, 0.50), ("ethylene", 12, 0.25)]
)
def test_carbonate_limits_the_single_pass_conversion(
    product: str, electrons: int, limit: float
) -> None:
    # all CO2 used up in alkaline: at most 50 % to CO, 25 % to C2H4 (Rabinowitz and Kanan 2020)
    made = 1.0 / (electrons * F)
    carbon = {"CO": 1, "ethylene": 2}[product]
    bound = carbonate_from_charge_mol_per_s(-1.0)
    fed = carbon * made + bound
    assert single_pass_conversion("CO2", fed, {product: made}).value == pytest.approx(limit)
    whole = carbon_balance("CO2", fed, 0.0, {product: made}, carbonate_mol_per_s=bound)
    assert whole.value == pytest.approx(1.0, rel=1e-12)


def test_formate_keeps_half_of_the_hydroxide() -> None:
    # CO2 + H2O + 2 e- -> HCOO- + OH-: one OH- left, half a CO2 bound
    made = 1.0 / (2 * F)
    assert carbonate_from_charge_mol_per_s(-1.0, {"HCOO-": made}) == pytest.approx(made / 2)


def test_the_balance_without_carbonate_shows_what_is_missing() -> None:
    # 30 sccm in, 1 A to CO: x_CO = 0.3026 and 23.2 % of the carbon in carbonate, by hand
    fed, made = 30 * NORMAL.sccm_mol_per_s, 1.0 / (2 * F)
    found = carbon_balance("CO2", fed, fed - 2 * made, {"CO": made, "H2": 1e-6})
    assert found.value == pytest.approx(1 - made / fed, rel=1e-12)
    assert any("carbonate not measured" in flag for flag in found.flags)
    assert any(flag.startswith("23.2 % of the carbon missing") for flag in found.flags)


@pytest.mark.long
@pytest.mark.parametrize("current_A", [-1e-3, -0.2])
def test_the_carbon_of_a_simulated_alkaline_cell_is_found_with_its_carbonate(
    current_A: float,
) -> None:
    # 1 M KOH takes up CO2 whether or not current flows: the cell's own book tells how much
    cell = GasDiffusionCell.from_mapping(cell_description("ag-weng"))
    cell.run(Control.CURRENT, np.full(1200, current_A), 1.0)
    before_mol = cell.ledger().carbonate_mol
    outlet = cell.run(Control.CURRENT, np.full(100, current_A), 1.0).outlet
    bound = (cell.ledger().carbonate_mol - before_mol) / 100.0
    fed, left, co = FLOW_SCCM * NORMAL.sccm_mol_per_s, np.mean(outlet.CO2), np.mean(outlet.CO)
    whole = carbon_balance("CO2", fed, float(left), {"CO": float(co)}, carbonate_mol_per_s=bound)
    assert whole.value == pytest.approx(1.0, abs=1e-4)
    assert whole.flags == ()
    blind = carbon_balance("CO2", fed, float(left), {"CO": float(co)})
    assert blind.value == pytest.approx(1 - bound / fed, abs=1e-4)
    assert any("% of the carbon missing" in flag for flag in blind.flags)


def test_carbonate_from_the_charge_is_called_an_estimate() -> None:
    made = carbonate_from_charge_mol_per_s(-1.0)
    found = carbon_balance(
        "CO2",
        1e-5,
        1e-5 - 2 * made,
        {"CO": made},
        carbonate_mol_per_s=made,
        carbonate_estimated=True,
    )
    assert found.value == pytest.approx(1.0)
    assert found.flags == ("carbonate estimated from the charge, not measured",)


def test_a_missing_outlet_is_asked_for() -> None:
    found = carbon_balance("CO2", 1e-5, None, {"CO": 1e-6})
    assert found.value is None
    assert "give `outlet_mol_per_s`, as 1e-5" in found.reason


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: carbon_balance("N2", 1e-5, 1e-5, {"NH3": 1e-6}), "bring no carbon"),
        (lambda: carbon_balance("CO2", 1e-5, 1e-6, {"CO2": 1e-6}), "is the feed and a product"),
        (lambda: carbonate_from_charge_mol_per_s(-1e-3, {"HCOO-": 1e-6}), "do not fit"),
        (lambda: carbonate_from_charge_mol_per_s(-1.0, {"ethanol": 1e-6}), "anionic products only"),
    ],
)
def test_what_cannot_balance_is_refused(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        call()


CO = Result("faradaic_efficiency", 0.85, "1", "given", "outlet", random=0.01, systematic=0.02)
H2 = Result("faradaic_efficiency", 0.10, "1", "given", "outlet", random=0.003, systematic=0.002)
TOTAL = Result(
    "total_faradaic_efficiency", 0.95, "1", "given", "outlet", random=0.011, systematic=0.021
)


def test_partial_currents_have_the_sign_of_the_current_and_add_up_to_it() -> None:
    rest = unaccounted_share({"CO": CO, "H2": H2}, TOTAL)
    parts = [
        partial_current_density(name, fe, -0.2, 1e-4, area_basis="geometric", area_relative=0.05)
        for name, fe in (("CO", CO), ("H2", H2), ("unaccounted", rest))
    ]
    values = [part.value for part in parts if part.value is not None]
    assert values[0] == pytest.approx(-1700.0)
    assert sum(values) == pytest.approx(-2000.0, rel=1e-12)
    assert parts[0].random == pytest.approx(20.0)
    assert parts[0].systematic == pytest.approx(math.hypot(40.0, 85.0))
    assert "geometric area" in parts[0].basis
    assert rest.flags == ("inferred from what is left, not measured",)


def test_what_was_not_measured_is_never_the_remainder_of_the_rest() -> None:
    rest = unaccounted_share({"CO": CO, "H2": missing(CO.key, "1", "m", "no peak")}, TOTAL)
    assert (rest.value, rest.reason) == (None, "no efficiency of H2")


def test_no_area_no_density() -> None:
    found = partial_current_density("CO", CO, -0.2, None, area_basis="geometric")
    assert found.value is None
    assert "give `area_m2`, such as 1e-4" in found.reason
    with pytest.raises(InputError, match="carries no current density"):
        partial_current_density("CO", CO, -0.2, 0.0, area_basis="geometric")
