"""Where the hydroxide of the cathode goes: closed forms, published bounds, and closed balances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from faradaic.chemistry.carbon_dioxide import co2_solubility_mol_per_m3, hydroxide_under_co2
from faradaic.chemistry.gases import NORMAL
from faradaic.chemistry.water import pH_of_hydroxide
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_diffusion import electrolytes
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell
from faradaic.simulators.rehearsed_co2_study import cell_description

SCCM = NORMAL.sccm_mol_per_s
NEUTRAL = {"hydroxide_mol_per_m3": 1e-3, "bicarbonate_mol_per_m3": 10.0}
KOH_30_ML = {
    "hydroxide_mol_per_m3": 1000.0,
    "supply": "recirculating",
    "volume_m3": 30e-6,
}
STEADY = {"flooding_time_s": 1e12}


def cell(catalyst: str = "ag-weng", **changes: Any) -> GasDiffusionCell:
    return GasDiffusionCell.from_mapping(cell_description(catalyst, **changes))


def fed(sccm: float) -> dict[str, Any]:
    return {"species": "CO2", "flow_mol_per_s": sccm * SCCM}


@pytest.mark.parametrize("catalyst", ["ag-weng", "ag25", "au25"])
@pytest.mark.parametrize("current_A", [0.05, 0.2, 0.4, 1.0])
@pytest.mark.parametrize("sccm", [1.0, 5.0, 50.0])
@pytest.mark.parametrize("salt", [10.0, 1000.0])
def test_a_neutral_single_pass_converts_at_most_half(
    catalyst: str, current_A: float, sccm: float, salt: float
) -> None:
    # Two OH- a CO take one CO2 as carbonate, two as bicarbonate: at most 50 %; the highest
    # measured is 43 % (Jeng and Jiao, React. Chem. Eng. 2020, 5, 1768).
    made = cell(
        catalyst,
        resistance_ohm=0.2,
        electrolyte=NEUTRAL | {"bicarbonate_mol_per_m3": salt},
        feed=fed(sccm),
    )
    made.run(Control.CURRENT, np.full(3, -current_A), 10.0)
    into, out = made.inlet().CO2, made.outlet()
    assert 0 < out.CO / into <= 0.5
    assert (into - out.CO - out.CO2) / out.CO >= 1 - 1e-9
    assert out.CO2 > 0


@pytest.mark.parametrize(
    ("catalyst", "area_m2"), [("au25", 1e-4), ("au25", 1e-3), ("ag25", 1e-3), ("ag-weng", 1e-3)]
)
def test_one_ampere_in_50_sccm_leaves_43_sccm_and_the_hydrogen(
    catalyst: str, area_m2: float
) -> None:
    # 1 A is 6.969 sccm of CO, and as much CO2 becomes carbonate, less what hydrogen's hydroxide
    # does not meet of it: 50 - 6.97 (FE + y (1 - FE)) + 6.97 (1 - FE), y the CO2 that leaves
    made = cell(catalyst, area_m2=area_m2, resistance_ohm=0.2, electrolyte=NEUTRAL, feed=fed(50.0))
    made.run(Control.CURRENT, np.full(3, -1.0), 10.0)
    outlet = made.outlet()
    fe = 2 * FARADAY_C_PER_MOL * outlet.CO
    left = outlet.CO2 / outlet.total_mol_per_s
    expected = 50 - 6.969 * (fe + left * (1 - fe)) + 6.969 * (1 - fe)
    assert outlet.total_mol_per_s / SCCM == pytest.approx(expected, abs=0.15)
    assert outlet.total_mol_per_s / SCCM == pytest.approx(43.5, abs=0.6)


def test_carbon_per_charge_is_that_of_the_ion_that_carries_it() -> None:
    # 1 for HCO3-, 1/2 for CO3--, 0 for OH-; in between by z² D c
    carried = [electrolytes.zero_gap_carbon(c, 2000.0) for c in (1e-6, 5.0, 30.0, 2000.0)]
    assert carried[0] == pytest.approx(1.0, abs=1e-4)
    assert 0.45 < carried[2] < carried[1] < 0.53
    assert carried[3] == pytest.approx(0.0, abs=1e-12)
    per = electrolytes.CARBONATE_M3_PER_MOL * 5.0
    bicarbonate = 1995.0 / (1 + 2 * per)
    shares = 5.293 * 5.0, 1.185 * bicarbonate, 4 * 0.923 * per * bicarbonate
    assert carried[1] == pytest.approx((shares[1] + shares[2] / 2) / sum(shares), rel=1e-12)


def test_the_carbon_that_leaves_a_zero_gap_carries_the_current() -> None:
    made = cell(electrolyte=NEUTRAL)
    made.run(Control.CURRENT, np.full(600, -0.1), 1.0)
    layer = made.layer()
    charge = (layer.co_A_per_m2 + layer.h2_A_per_m2) / FARADAY_C_PER_MOL
    per_charge = electrolytes.zero_gap_carbon(layer.hydroxide_mol_per_m3, 2000.0)
    assert layer.carbonation_mol_per_m2_s == pytest.approx(charge * per_charge, rel=1e-9)
    assert made.pH()[0] is None


def test_protons_through_an_acid_membrane_leave_no_carbonate() -> None:
    # bipolar, or cation-exchanging beside an acid: H+ takes the OH-, and half is no bound
    for kind, pH in (("bpm", 14.0), ("cem", 1.0)):
        counter = cell_description("au25")["counter"] | {"pH": pH}
        made = cell(
            "au25", separator=kind, counter=counter, electrolyte=NEUTRAL, feed=fed(2.0)
        )  # fmt: skip
        made.run(Control.CURRENT, np.full(3, -0.2), 10.0)
        into, out = made.inlet().CO2, made.outlet()
        assert out.CO / into > 0.55
        assert (into - out.CO - out.CO2) / out.CO < 1e-4


@pytest.mark.parametrize(
    ("alkalinity", "carbon", "pH"),
    [
        # strong base; half-way between the constants; x²/(1000 - x) = 1/4.786; CO2 half taken
        (1000.0, 0.0, 14.0),
        (1000.0, 1000.0, (6.37 + 10.32) / 2),
        (2000.0, 1000.0, 12.15685),
        (500.0, 1000.0, 6.37),
        (-100.0, 0.0, 1.0),
    ],
)
def test_pH_of_carbonates_follows_from_charge_and_carbon(
    alkalinity: float, carbon: float, pH: float
) -> None:
    found = math.exp(electrolytes.settled(0.0, alkalinity, carbon))
    assert pH_of_hydroxide(found) == pytest.approx(pH, abs=2e-4)


def test_30_ml_of_1_M_koh_is_spent_when_co2_has_taken_its_hydroxide() -> None:
    made = cell(electrolyte=KOH_30_ML, overrides=STEADY)
    first = made.run(Control.CURRENT, np.full(60, -0.1), 1.0)
    layer = made.layer()
    taken = 1e-4 * (layer.carbonation_mol_per_m2_s + layer.dissolution_mol_per_m2_s)
    # At first the membrane carries hydroxide as fast as the cathode makes it: 2 OH- go to a CO2.
    lost = 1000.0 - 10 ** (first.pH[-1] - 11.0)
    assert lost * 30e-6 == pytest.approx(2 * 60 * taken, rel=0.02)
    spent_s = 0.030 / (2 * taken)
    assert 1.5 * 3600 < spent_s < 4 * 3600
    trace = made.run(Control.CURRENT, np.full(round(4 * spent_s / 10), -0.1), 10.0)
    pH = np.interp(spent_s * np.array([0.5, 1.0, 2.0, 4.0]), trace.time_s, trace.pH)
    assert (np.diff(pH) < -0.15).all()
    assert pH[0] > 13.6
    assert pH[1] < 13.6
    assert pH[3] < 12.2


def test_koh_under_co2_ends_as_bicarbonate_in_balance_with_it() -> None:
    # As much CO2 as potassium, and the pH of Henry's law and pK1 = 6.37: about 8.
    made = cell(electrolyte=KOH_30_ML | {"volume_m3": 1e-6}, overrides=STEADY)
    for _ in range(200):
        made.step(Control.OPEN_CIRCUIT, 0.0, 3600.0)
    solubility = co2_solubility_mol_per_m3(298.15, {"OH-": 1000.0, "K+": 1000.0})
    bicarbonate = made.ledger().baths.carbon_mol / 1e-6 - solubility
    expected = pH_of_hydroxide(hydroxide_under_co2(bicarbonate, solubility))
    assert made.pH()[0] == pytest.approx(expected, abs=0.05)
    assert made.pH()[0] == pytest.approx(8.0, abs=0.3)
    assert bicarbonate == pytest.approx(1000.0, rel=0.02)


@pytest.mark.parametrize("separator", ["aem", "cem", "bpm", "frit"])
@pytest.mark.parametrize("supply", ["recirculating", "single_pass"])
def test_carbon_charge_and_alkalinity_are_found_again(separator: str, supply: str) -> None:
    electrolyte = KOH_30_ML | {"supply": supply, "volume_m3": 5e-6}
    if supply == "single_pass":
        electrolyte |= {"flow_m3_per_s": 1e-9}
    counter = cell_description("ag25")["counter"] | {"volume_m3": 8e-6}
    made = cell("ag25", electrolyte=electrolyte, counter=counter, separator=separator)
    start, inlet = made.ledger().baths, made.inlet().CO2
    entered = left = 0.0
    for value in (-0.1, 0.0005, -0.02, -0.15):
        for dt_s in (0.1, 5.0, 600.0):
            before = made.ledger()
            made.step(Control.CURRENT, value, dt_s)
            entered += inlet * dt_s
            left += inlet * dt_s - (made.ledger().carbonate_mol - before.carbonate_mol)
    books, baths = made.ledger(), made.ledger().baths
    taken = (
        baths.carbon_mol - start.carbon_mol
        + baths.anolyte_carbon_mol - start.anolyte_carbon_mol
        + baths.anode_co2_mol + baths.drained_carbon_mol
    )  # fmt: skip
    assert left + taken == pytest.approx(entered, rel=1e-9)
    assert taken == pytest.approx(books.carbonate_mol, rel=1e-9)
    made_mol = 2 * (books.co_mol + books.h2_mol) - books.oxidation_C / FARADAY_C_PER_MOL
    gained = baths.alkalinity_mol - start.alkalinity_mol + baths.drained_alkalinity_mol
    assert gained + baths.crossed_alkalinity_mol == pytest.approx(made_mol, rel=1e-9)
    other = baths.anolyte_alkalinity_mol - start.anolyte_alkalinity_mol
    charge_mol = -books.charge_C / FARADAY_C_PER_MOL
    assert baths.crossed_alkalinity_mol - other == pytest.approx(charge_mol, rel=1e-9)
    # and what the reactions did not take charges the double layer
    assert books.double_layer_C / FARADAY_C_PER_MOL == pytest.approx(
        made_mol - charge_mol, abs=1e-9 * charge_mol
    )


def test_what_a_separator_lets_through_moves_the_potassium() -> None:
    found = {}
    for separator in ("aem", "cem", "bpm", "frit"):
        counter = cell_description("ag25")["counter"] | {"volume_m3": 30e-6}
        made = cell(electrolyte=KOH_30_ML, counter=counter, separator=separator)
        made.run(Control.CURRENT, np.full(3600, -0.1), 1.0)
        found[separator] = made.ledger().baths.alkalinity_mol - 0.030
    faradays = 360.0 / FARADAY_C_PER_MOL
    assert found["aem"] == pytest.approx(0.0, abs=1e-7)  # the charge of the double layer
    assert found["bpm"] == pytest.approx(0.0, abs=1e-7)
    assert found["cem"] == pytest.approx(faradays, rel=1e-3)
    # D(K+) and D(OH-) of 1 M KOH on both sides at first: 1.957/(1.957 + 5.293) = 0.27
    assert 0.27 < found["frit"] / faradays < 0.40


def test_a_fast_single_pass_is_as_good_as_a_renewed_bulk() -> None:
    flow = {"supply": "single_pass", "volume_m3": 1e-6, "flow_m3_per_s": 1e-3}
    fresh = cell(electrolyte=KOH_30_ML | flow)
    slow = cell(electrolyte=KOH_30_ML | flow | {"flow_m3_per_s": 3e-9})
    for made in (fresh, slow):
        made.run(Control.CURRENT, np.full(7200, -0.1), 1.0)
    assert fresh.pH()[0] == pytest.approx(14.0, abs=1e-3)
    # steady: hydroxide that comes in less what CO2 takes, over the flow
    baths, layer = slow.ledger().baths, slow.layer()
    liquid = electrolytes.liquid_of(math.exp(baths.log_hydroxide), baths.carbon_mol / 1e-6)
    gained = 1e-4 * (layer.carbonation_mol_per_m2_s + layer.dissolution_mol_per_m2_s)
    crossing = 0.1 / FARADAY_C_PER_MOL * electrolytes.anion_shares(liquid)[0]
    assert gained - crossing == pytest.approx(3e-9 * baths.carbon_mol / 1e-6, rel=1e-3)


def test_an_anolyte_of_bicarbonate_sets_co2_free() -> None:
    # 2 CO2 for each O2 where carbonate crosses, 4 where bicarbonate does
    counter = cell_description("au25")["counter"] | {
        "pH": 8.0, "volume_m3": 5e-6, "bicarbonate_mol_per_m3": 1000.0,
    }  # fmt: skip
    made = cell("au25", electrolyte=NEUTRAL, counter=counter)
    made.run(Control.CURRENT, np.full(600, -0.1), 1.0)
    before = made.ledger().baths.anode_co2_mol
    made.run(Control.CURRENT, np.full(600, -0.1), 1.0)
    oxygen_mol = 60.0 / (4 * FARADAY_C_PER_MOL)
    assert 1.8 < (made.ledger().baths.anode_co2_mol - before) / oxygen_mol < 4.0


@pytest.mark.parametrize(
    "electrolyte",
    [
        {"supply": "recirculating"},
        {"supply": "single_pass", "volume_m3": 1e-6},
        {"supply": "renewed", "volume_m3": 1e-6},
        {"volume_m3": 1e-6},
    ],
)
def test_a_supply_says_what_it_takes(electrolyte: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="a supply that is"):
        cell(electrolyte={"hydroxide_mol_per_m3": 1000.0} | electrolyte)
