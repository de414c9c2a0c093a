"""Hydrogen and oxygen come at potentials that metal and medium set."""

from math import log10

import pytest

from faradaic.chemistry.electrode_kinetics import (
    GasReaction,
    gas_overpotential,
    medium_of_pH,
    oxygen_V_vs_RHE,
    unknown_overpotential,
)


@pytest.mark.parametrize(
    ("material", "reaction", "medium", "at_10_mA_per_cm2_V", "slope_V"),
    [
        # abstracts of the sources that the table names: 315 and 121, 418 and 63 mV in 1 M KOH
        ("316L stainless steel plate", "HER", "alkaline", 0.315, 0.121),
        ("stainless steel", "OER", "alkaline", 0.418, 0.063),
        # transfer coefficient 0.59 and 1e-11 A/cm² in 2 N H2SO4 at 25 degC
        ("lead dioxide", "OER", "acid", 0.0592 / 0.59 * log10(1e-2 / 1e-11), 0.0592 / 0.59),
        # 2RT/F and 1e-9 to 1e-8 A/cm²: 0.71 to 0.83 V
        ("graphite felt", "HER", "acid", 0.77, 2 * 0.0257 * 2.303),
        # 110 mV and 2.3e-5 A/cm² in 10 M NaOH
        ("mild steel", "HER", "alkaline", 0.110 * log10(1e-2 / 2.3e-5), 0.110),
    ],
)
def test_tafel_lines_are_those_of_their_sources(
    material: str, reaction: GasReaction, medium: str, at_10_mA_per_cm2_V: float, slope_V: float
) -> None:
    found = gas_overpotential(material, reaction, medium)
    assert found is not None
    assert found.medium == medium
    assert found.at_100_A_per_m2_V == pytest.approx(at_10_mA_per_cm2_V, abs=0.01)
    assert found.tafel_slope_V_per_decade == pytest.approx(slope_V, abs=0.002)


def test_nickel_in_alkali_is_not_nickel_in_acid() -> None:
    acid, alkali = (gas_overpotential("Ni foam", "HER", m) for m in ("acid", "alkaline"))
    assert acid is not None
    assert alkali is not None
    assert acid.at_100_A_per_m2_V - alkali.at_100_A_per_m2_V > 0.3


def test_a_medium_without_a_row_takes_the_one_that_the_electrode_makes() -> None:
    # a neutral solution turns alkaline at a cathode and acid at an anode
    cathode, anode = (
        gas_overpotential("Pt", "HER", "neutral"),
        gas_overpotential("Pt", "OER", "neutral"),
    )
    assert cathode is not None
    assert anode is not None
    assert (cathode.medium, anode.medium) == ("alkaline", "acid")


@pytest.mark.parametrize(
    ("material", "row"),
    [
        ("galvanized steel", "Zn"),
        ("Pt/C", "Pt/C"),
        ("platinum on titanium", "Pt"),
        ("boron-doped diamond on Nb", "BDD"),
        ("RVC", "graphite"),
        ("carbon", "graphite"),
    ],
)
def test_the_longest_name_of_a_material_decides(material: str, row: str) -> None:
    found = gas_overpotential(material, "HER")
    assert found is not None
    assert found.material == row


@pytest.mark.parametrize(
    ("pH", "medium"), [(0, "acid"), (7, "neutral"), (9, "neutral"), (14, "alkaline")]
)
def test_a_pH_is_a_medium(pH: float, medium: str) -> None:
    assert medium_of_pH(pH) == medium


@pytest.mark.parametrize(("celsius", "volt"), [(25, 1.229), (80, 1.184)])
def test_water_splits_reversibly_at_less_when_it_is_warm(celsius: float, volt: float) -> None:
    # ΔG of liquid water over 2F: 237.1 kJ/mol at 25 and 228.4 at 80 degC (CRC Handbook)
    assert oxygen_V_vs_RHE(celsius + 273.15) == pytest.approx(volt, abs=1e-3)


def test_an_overpotential_falls_with_temperature_as_arrhenius_says() -> None:
    nickel = gas_overpotential("Ni", "HER", "alkaline")
    assert nickel is not None
    assert nickel.at(298.15).at_100_A_per_m2_V == pytest.approx(nickel.at_100_A_per_m2_V)
    # 50 kJ/mol from 25 to 75 degC: 1.258 of the two decades; the slope 2.303 R T/(alpha F) rises
    warm = nickel.at(348.15)
    assert warm.tafel_slope_V_per_decade == pytest.approx(0.12 * 348.15 / 298.15)
    decades = nickel.at_100_A_per_m2_V / 0.12 - 1.258
    assert warm.at_100_A_per_m2_V == pytest.approx(
        decades * warm.tafel_slope_V_per_decade, abs=1e-3
    )
    # and 20 kJ/mol of it are not known
    assert warm.spread_V - nickel.spread_V == pytest.approx(
        0.4 * 1.258 * warm.tafel_slope_V_per_decade, abs=1e-3
    )


def test_a_catalyst_layer_on_a_membrane_is_not_a_coated_plate() -> None:
    layer, plate = (gas_overpotential("IrO2", "OER", where) for where in ("ionomer", "acid"))
    assert layer is not None
    assert plate is not None
    # Its median cell: 0.16 A/cm² at 1.5 V and 80 degC, of which 1.184 V reversible and 26 mV in
    # the membrane; the cathode takes next to nothing.
    warm = layer.at(353.15)
    at_1600_A_per_m2_V = warm.at_100_A_per_m2_V + 1.204 * warm.tafel_slope_V_per_decade
    assert 1.184 + at_1600_A_per_m2_V + 0.026 == pytest.approx(1.5, abs=0.02)
    assert layer.at_100_A_per_m2_V < plate.at_100_A_per_m2_V


@pytest.mark.parametrize("medium", ["acid", "neutral", "alkaline", "ionomer"])
@pytest.mark.parametrize("reaction", ["HER", "OER"])
def test_a_material_without_a_row_lies_between_two_others(
    reaction: GasReaction, medium: str
) -> None:
    unknown = unknown_overpotential(reaction, medium)
    assert unknown.medium == medium
    assert 0.1 < unknown.spread_V < unknown.at_100_A_per_m2_V
