"""Kinetics borrowed from another metal are a guess with its volts and the key that replaces it."""

from __future__ import annotations

from math import log10

import pytest

from faradaic.chemistry.cell_description.cell_assumptions import CellAssumption
from faradaic.chemistry.electrode_kinetics import gas_overpotential
from faradaic.chemistry.tables import rows
from faradaic.diagnostics import InputError

METHANOL = """\
faradaic: 1
title: methoxylation
cell: {{type: undivided, gap: 5 mm}}
solution:
  volume: 10 mL
  limiting: carbamate
  conductivity: 5 mS/cm
  components:
    carbamate: {{amount: 0.2 mmol, role: substrate, potential: 1.9 V vs SCE}}
    Et4NBF4: {{concentration: 0.1 M, role: electrolyte}}
    MeOH: {{volume: 10 mL, role: solvent}}
electrodes:
  anode: {{material: graphite, form: plate, width: 20 mm, length: 20 mm}}
  cathode: {{material: {material}, form: plate, width: 20 mm, length: 20 mm{more}}}
reaction: {{kind: oxidation, electrons: 2}}
environment: {{stirring: 600 rpm, temperature: 25 degC}}
steps: [{{constant_current: {{current: 4 mA, cell_voltage_limit: 20 V, until: 2 F/mol}}}}]
"""
WATER = """\
faradaic: 1
title: water electrolysis
cell: {{type: undivided, gap: 5 mm}}
solution:
  volume: 10 mL
  components:
    KOH: {{concentration: 1 M, role: electrolyte}}
    H2O: {{volume: 10 mL, role: solvent}}
electrodes:
  anode: {{material: {material}, form: plate, width: 20 mm, length: 20 mm{more}}}
  cathode: {{material: Ni, form: plate, width: 20 mm, length: 20 mm}}
environment: {{temperature: 25 degC}}
steps: [{{constant_current: {{current: 40 mA, cell_voltage_limit: 20 V, until: 1 h}}}}]
"""


def kinetics(plan, electrode: str) -> list[CellAssumption]:
    key = f"electrodes.{electrode}.overpotential"
    return [one for one in plan.cell.assumptions if one.state == key]


@pytest.mark.parametrize("material", ["Ti", "Mo", "tungsten carbide"])
def test_a_cathode_that_is_not_in_the_table_is_a_guess(planned, material: str) -> None:
    plan = planned(METHANOL.format(material=material, more=""))
    (guess,) = kinetics(plan, "cathode")
    assert guess.guess == "kinetics"
    hydrogen = [r for r in rows("gas_overpotentials") if (r["reaction"], r["medium"]) == ("HER", "acid")]  # fmt: skip  # noqa: E501
    at_V = [float(row["at_10_mA_per_cm2_V"]) for row in hydrogen]
    assert guess.cell_voltage_V is not None
    assert guess.cell_voltage_V >= (max(at_V) - min(at_V)) / 2
    assert guess.bounds is not None
    low_V, high_V = guess.bounds  # a cathode needs more voltage at the lower end
    assert low_V - high_V == pytest.approx(2 * guess.cell_voltage_V)
    line = plan.cell.electrodes.counter.reactions[-1]
    assert line.reference_potential_V_vs_SHE == pytest.approx((low_V + high_V) / 2)


def test_platinum_borrows_nothing_and_a_recalled_metal_says_so(planned) -> None:
    told = [one.text for one in planned(METHANOL.format(material="Pt", more="")).cell.assumptions]
    assert not any("against platinum" in text for text in told)
    (guess,) = kinetics(planned(METHANOL.format(material="Ni", more="")), "cathode")
    assert guess.guess == "kinetics"
    assert "recalled" in guess.text


def test_a_stated_overpotential_replaces_the_guess(planned) -> None:
    guessed = planned(METHANOL.format(material="Ti", more=""))
    stated = planned(METHANOL.format(material="Ti", more=", overpotential: 0.5 V"))
    platinum = planned(METHANOL.format(material="Pt", more=""))
    assert kinetics(guessed, "cathode")
    assert not kinetics(stated, "cathode")
    on_platinum = gas_overpotential("Pt", "HER")
    assert on_platinum is not None
    moved_V = (
        platinum.cell.electrodes.counter.reactions[-1].reference_potential_V_vs_SHE
        - stated.cell.electrodes.counter.reactions[-1].reference_potential_V_vs_SHE
    )
    assert moved_V == pytest.approx(0.5 - on_platinum.at_100_A_per_m2_V)


def test_in_water_the_stated_line_is_the_one_that_runs(planned) -> None:
    (guess,) = kinetics(planned(WATER.format(material="Ta", more="")), "anode")
    assert guess.guess == "kinetics"
    plan = planned(WATER.format(material="Ta", more=", overpotential: 0.40 V, tafel_slope: 60 mV"))
    assert not kinetics(plan, "anode")
    line = plan.cell.electrodes.working.reactions[-1]
    # 1 M KOH, pH 14 within the activity of its ions: E(O2/H2O) = 1.229 - 0.0592 pH
    pH = next(float(a.text.split("pH ")[1].split()[0].rstrip(",;:")) for a in plan.cell.assumptions if "pH " in a.text)  # fmt: skip  # noqa: E501
    assert line.reference_potential_V_vs_SHE == pytest.approx(1.229 - 0.05916 * pH + 0.40, abs=0.01)
    assert line.tafel_slope_V_per_decade == pytest.approx(0.060)
    low_V, high_V = plan.estimates.cell_voltage_V
    assert low_V < high_V
    assert high_V < 2.5  # not the 2 to 3 V of organic reactions


def test_an_overpotential_that_nothing_uses_is_an_error(planned) -> None:
    text = METHANOL.format(material="Pt", more="").replace(
        "graphite, form: plate", "graphite, overpotential: 0.5 V, form: plate"
    )
    with pytest.raises(InputError, match="nothing uses the `overpotential` of the anode"):
        planned(text)
    with pytest.raises(InputError, match="`tafel_slope` without the `overpotential`"):
        planned(METHANOL.format(material="Ti", more=", tafel_slope: 120 mV"))


GAS_DIFFUSION = """\
faradaic: 1
title: CO2 at a gas-diffusion electrode
cell: {{type: gde_flow, gap: 10 mm, separator: {{kind: aem}}}}
compartments:
  anolyte: {{volume: 30 mL, components: {{KOH: {{concentration: 1 M, role: electrolyte}}, H2O: {{volume: 30 mL, role: solvent}}}}}}
  catholyte: {{volume: 30 mL, components: {{KOH: {{concentration: 1 M, role: electrolyte}}, H2O: {{volume: 30 mL, role: solvent}}}}}}
  gas: {{gas: {{species: CO2, flow: 20 sccm, mode: flow_by}}}}
electrodes:
  working: {{role: cathode, material: carbon paper, form: gde, area: {{facing: 1 cm^2}}, coating: {{catalyst: {catalyst}}}{more}}}
  counter: {{role: anode, material: {anode}, form: foam, area: {{facing: 1 cm^2}}}}
steps: [{{constant_current: {{current: 50 mA, cell_voltage_limit: 10 V, until: 10 min}}}}]
"""  # noqa: E501


def test_gas_diffusion_electrodes_say_volts_and_key_too(planned) -> None:
    text = GAS_DIFFUSION
    plan = planned(text.format(catalyst="ZnO nanoparticles", more="", anode="Ta"))
    (co,), (oxygen,) = kinetics(plan, "working"), kinetics(plan, "counter")
    assert (co.guess, oxygen.guess) == ("kinetics", "kinetics")
    for one in (co, oxygen):
        assert one.cell_voltage_V is not None
        assert one.cell_voltage_V > 0.2
        assert one.bounds is not None
        assert one.bounds[0] > one.bounds[1] > 0.0  # a faster reaction needs less voltage
    stated = planned(text.format(catalyst="ZnO", more=", overpotential: 0.60 V", anode="Ta"))
    assert not kinetics(stated, "working")
    of = stated.cell.catalyst
    flat = of.co_exchange_A_per_m2 * of.specific_area_per_m * of.thickness_m
    saturated = 0.0332  # mol/L of CO2 in water at 25 degC and 1 atm (Carroll et al. 1991)
    slope_V = 0.05916 / of.co_transfer_coefficient
    assert pytest.approx(slope_V * log10(100.0 / (flat * saturated)), abs=0.005) == 0.60
    silver = planned(text.format(catalyst="Ag", more="", anode="Ni"))
    assert not [one for one in silver.cell.assumptions if one.of.startswith("overrides")]
