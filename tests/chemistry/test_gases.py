"""Gas that a charge brings, and the pressure it makes."""

import pytest

from faradaic.chemistry.gases import gas_volumes_m3, pressure_rise_Pa


def test_fifteen_millilitres_in_ten_raise_the_pressure_by_one_and_a_half_bar() -> None:
    # 14.7 mL of gas at 25 degC and 1 atm in a closed 10 mL headspace: +1.47 atm
    moles = 14.7e-6 / 24.465e-3
    assert pressure_rise_Pa(moles, 298.15, 10e-6) == pytest.approx(1.47 * 101325, rel=1e-3)


def test_a_gas_of_the_substrate_stops_when_the_substrate_is_used_up() -> None:
    # 100 C: 12.68 mL H2 of the medium go on; N2 of the substrate ends after 40 C, 0.25 per electron
    volumes = gas_volumes_m3({"H2": 0.5, "N2": 0.25}, 100.0, substrate_C={"N2": 40.0})
    assert volumes == pytest.approx({"H2": 12.68e-6, "N2": 2.536e-6}, rel=1e-3)
