"""The catalyst layer against its closed forms, and against the published reduced model's figures.

The figures are of the reduced model with the kinetics of Weng, Bell and Weber (PCCP 2018, 20,
16973) in 1 M KHCO3, L = 5 µm, k_g = 1 cm/s, 34 mol/m³ of CO2, solved apart with scipy's brentq.
"""

import math
from typing import Any

import pytest

from faradaic.chemistry.carbon_dioxide import co2_solubility_mol_per_m3
from faradaic.chemistry.cell_description.gas_diffusion_description import parse_gas_diffusion_cell
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_diffusion import ageing, records
from faradaic.simulators.gas_diffusion import gas_diffusion_kernels as kernels
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell, _parameters
from faradaic.simulators.rehearsed_co2_study import cell_description

NEW = records.Age(1.0, 1.0, 0.0)
PLENTY = records.Feed(1e3, 0.0)
BICARBONATE = {
    "hydroxide_mol_per_m3": 1e-3,
    "bicarbonate_mol_per_m3": 1000.0,
    "supply": "renewed",
}


def bicarbonate_cell(**overrides: float) -> dict[str, Any]:
    return cell_description(
        "ag-weng",
        electrolyte=BICARBONATE,
        feed={"species": "CO2", "flow_mol_per_s": 1e3},
        overrides={"saturation_mol_per_m3": 34.0, **overrides},
    )


def parameters(cell: dict[str, Any]) -> records.Parameters:
    return _parameters(parse_gas_diffusion_cell(cell))


def layer_at(local_V: float, feed: records.Feed, p: records.Parameters) -> records.Layer:
    bulk = records.Bulk(p.catholyte, p.anolyte)
    return kernels.at_local_potential(local_V, 0.0, bulk, feed, NEW, p)


@pytest.mark.parametrize("thiele", [1e-9, 1e-4, 1.1e-4, 0.3, 1.0, 3.0, 30.0])
def test_a_flooded_layer_has_the_effectiveness_of_thiele(thiele: float) -> None:
    # tanh(M)/M: Thiele, Ind. Eng. Chem. 1939, 31, 916
    assert kernels.effectiveness(thiele, 0.0) == pytest.approx(math.tanh(thiele) / thiele, 1e-8)


def test_a_thin_layer_is_limited_by_the_gas_side_alone() -> None:
    # M -> 0: the layer and the gas side in series, 1/(1 + k L/k_g)
    assert kernels.effectiveness(1e-6, 4.0) == pytest.approx(0.2, rel=1e-9)


@pytest.mark.parametrize(
    ("local_V", "co_mA_per_cm2", "h2_mA_per_cm2", "fe"),
    [
        (-0.5, 1.90, 0.19, 0.908),
        (-0.6, 10.2, 0.78, 0.929),
        (-0.7, 48.1, 3.16, 0.938),
        (-0.8, 145, 12.8, 0.919),
        (-0.9, 311, 52.2, 0.856),
        (-1.0, 687, 212, 0.764),
    ],
)
def test_partial_currents_are_those_of_the_reduced_model(
    local_V: float, co_mA_per_cm2: float, h2_mA_per_cm2: float, fe: float
) -> None:
    layer = layer_at(local_V, PLENTY, parameters(bicarbonate_cell()))
    assert layer.co_A_per_m2 / 10 == pytest.approx(co_mA_per_cm2, rel=5e-3)
    assert layer.h2_A_per_m2 / 10 == pytest.approx(h2_mA_per_cm2, rel=2e-2)
    total = layer.co_A_per_m2 + layer.h2_A_per_m2
    assert layer.co_A_per_m2 / total == pytest.approx(fe, abs=1e-3)


@pytest.mark.parametrize(
    ("mA_per_cm2", "fe", "local_V"),
    [(50, 0.938, -0.698), (100, 0.935, -0.751), (200, 0.904, -0.829), (300, 0.872, -0.878)],
)
def test_an_imposed_current_splits_as_in_the_reduced_model(
    mA_per_cm2: float, fe: float, local_V: float
) -> None:
    cell = GasDiffusionCell.from_mapping(bicarbonate_cell(flooding_time_s=1e12))
    for _ in range(3):
        cell.step(Control.CURRENT, -mA_per_cm2 * 1e-3, 1e6)
    layer = cell.layer()
    total = layer.co_A_per_m2 + layer.h2_A_per_m2
    assert total == pytest.approx(10 * mA_per_cm2, rel=1e-6)
    assert layer.co_A_per_m2 / total == pytest.approx(fe, abs=1e-3)
    assert cell.checkpoint()[0].local_V == pytest.approx(local_V, abs=1e-3)


@pytest.mark.parametrize(
    ("hours", "fe", "drift_mV"), [(100, 0.896, -6), (30, 0.847, -33), (10, 0.447, -125)]
)
def test_flooding_over_16_hours_costs_what_the_reduced_model_says(
    hours: float, fe: float, drift_mV: float
) -> None:
    # f = 0.1 + 0.9 exp(-(t/tau)^1.5) on the supply and on the saturation, at 200 mA/cm²
    cell = GasDiffusionCell.from_mapping(bicarbonate_cell(flooding_time_s=hours * 3600.0))
    for _ in range(60):
        cell.step(Control.CURRENT, -0.2, 1.0)
    start_V = cell.checkpoint()[0].local_V
    for _ in range(16):
        cell.step(Control.CURRENT, -0.2, 3600.0)
    layer = cell.layer()
    assert layer.co_A_per_m2 / (layer.co_A_per_m2 + layer.h2_A_per_m2) == pytest.approx(
        fe, abs=2e-3
    )
    assert 1e3 * (cell.checkpoint()[0].local_V - start_V) == pytest.approx(drift_mV, abs=1.0)


def test_the_film_keeps_its_hydroxide_in_balance() -> None:
    koh = {"hydroxide_mol_per_m3": 1000.0, "supply": "renewed"}
    p = parameters(cell_description("ag-weng", electrolyte=koh))
    layer = layer_at(-0.8, PLENTY, p)
    made = (layer.co_A_per_m2 + layer.h2_A_per_m2) / FARADAY_C_PER_MOL
    away = p.film_transfer_m_per_s * (layer.hydroxide_mol_per_m3 - p.catholyte.hydroxide)
    assert made == pytest.approx(away + 2 * layer.carbonation_mol_per_m2_s, rel=1e-9)
    assert away < 0  # CO2 takes more hydroxide than the reactions make: it comes from the bulk


def test_gas_that_leaves_a_well_mixed_channel_has_the_fraction_the_layer_sees() -> None:
    p = parameters(cell_description("au25"))
    feed = records.Feed(2e-6, 1e-6)
    layer = layer_at(-0.7, feed, p)
    co, h2 = (
        p.area_m2 * j / (2 * FARADAY_C_PER_MOL) for j in (layer.co_A_per_m2, layer.h2_A_per_m2)
    )
    lost = layer.carbonation_mol_per_m2_s + layer.dissolution_mol_per_m2_s
    co2 = feed.co2_mol_per_s - co - p.area_m2 * lost
    total = co2 + co + h2 + feed.n2_mol_per_s
    assert layer.co2_mole_fraction == pytest.approx(co2 / total, rel=1e-12)
    assert layer.co2_mole_fraction < 0.3


@pytest.mark.parametrize("local_V", [-1.5, -5.0, -25.0])
def test_no_potential_makes_more_co_than_the_co2_that_comes_in(local_V: float) -> None:
    # each CO leaves two OH-, which take another CO2 where they cannot get away: at most half
    starved = records.Feed(1e-7, 0.0)
    closed = cell_description(
        "au25", electrolyte={"hydroxide_mol_per_m3": 1.0, "supply": "renewed"},
        overrides={"hydroxide_transfer_m_per_s": 1e-12},
    )  # fmt: skip
    for cell, most in ((cell_description("au25"), 1.0), (closed, 0.5)):
        p = parameters(cell)
        layer = layer_at(local_V, starved, p)
        co_mol_per_s = p.area_m2 * layer.co_A_per_m2 / (2 * FARADAY_C_PER_MOL)
        assert 0 < co_mol_per_s <= most * starved.co2_mol_per_s * (1 + 1e-9)


def test_flooding_and_salt_follow_their_formulas() -> None:
    assert ageing.open_fraction(0.0, 0.1, 3600.0, 1.5) == 1.0
    assert ageing.open_fraction(3600.0, 0.1, 3600.0, 1.5) == pytest.approx(0.1 + 0.9 / math.e)
    assert ageing.open_fraction(1e9, 0.1, 3600.0, 1.5) == pytest.approx(0.1)
    assert ageing.salt_fraction(999.0, 1e-4, 1000.0) == pytest.approx(0.0999)
    assert ageing.salt_fraction(1001.0, 1e-4, 1000.0) == pytest.approx(1e-4)


def test_co2_dissolves_as_weiss_and_sechenov_say() -> None:
    # 34.2 mol/m³ at 25 degC and 1 atm is the usual figure; 0.0271 mol/(L atm) at 35 degC and
    # 0.0769 at 0 degC follow from mole fractions of 4.9e-4 and 1.38e-3 (CRC Handbook)
    solubility = co2_solubility_mol_per_m3
    assert solubility(298.15) == pytest.approx(34.2, rel=0.01)
    assert solubility(308.15) == pytest.approx(27.1, rel=0.03)
    assert solubility(273.15) == pytest.approx(76.9, rel=0.02)
    # h_OH + h_K + 2 h_CO2 = 0.1418 L/mol: 1 M KOH holds 72 % of what water does
    koh = {"OH-": 1000.0, "K+": 1000.0}
    assert solubility(298.15, koh) / solubility(298.15) == pytest.approx(10**-0.1418, rel=1e-3)
    assert solubility(298.15, pressure_Pa=202650.0) == pytest.approx(2 * solubility(298.15))


@pytest.mark.parametrize(
    ("temperature_K", "ions"), [(350.0, {}), (298.15, {"Cs+": 100.0}), (math.nan, {})]
)
def test_solubility_is_refused_where_it_is_not_known(
    temperature_K: float, ions: dict[str, float]
) -> None:
    with pytest.raises(InputError, match="E563"):
        co2_solubility_mol_per_m3(temperature_K, ions)
