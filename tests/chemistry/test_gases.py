"""Gas that a charge brings, and the pressure it makes."""

import pytest

from faradaic.chemistry.gases import gas_volumes_m3, pressure_rise_Pa, read_over_dry


def test_fifteen_millilitres_in_ten_raise_the_pressure_by_one_and_a_half_bar() -> None:
    # 14.7 mL of gas at 25 degC and 1 atm in a closed 10 mL headspace: +1.47 atm
    moles = 14.7e-6 / 24.465e-3
    assert pressure_rise_Pa(moles, 298.15, 10e-6) == pytest.approx(1.47 * 101325, rel=1e-3)


def test_a_gas_of_the_substrate_stops_when_the_substrate_is_used_up() -> None:
    # 100 C: 12.68 mL H2 of the medium go on; N2 of the substrate ends after 40 C, 0.25 per electron
    volumes = gas_volumes_m3({"H2": 0.5, "N2": 0.25}, 100.0, substrate_C={"N2": 40.0})
    assert volumes == pytest.approx({"H2": 12.68e-6, "N2": 2.536e-6}, rel=1e-3)


def test_vapour_is_counted_per_mole_of_dry_gas() -> None:
    # 20 % of vapour are 0.25 mol per mol of dry gas, whether moles or heat are counted
    assert read_over_dry({"CO2": 0.6, "N2": 0.4}, None, water=0.2) == pytest.approx(1.25)
    dry, moist = read_over_dry({"N2": 1.0}, "N2"), read_over_dry({"N2": 1.0}, "N2", water=0.2)
    assert dry == pytest.approx(1.0)
    half = read_over_dry({"N2": 1.0}, "N2", water=1.0 / 9.0)  # 0.125 mol per mol
    assert moist - dry == pytest.approx(2.0 * (half - dry), rel=1e-12)
