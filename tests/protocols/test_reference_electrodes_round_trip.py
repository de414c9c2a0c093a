"""A set-point written on a scale comes back from the analysis, whatever electrode is connected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faradaic.chemistry.potential_scales import scale_shift
from faradaic.chemistry.reference_electrodes import reference_electrode, reference_electrodes
from faradaic.diagnostics import InputError
from faradaic.protocols.plan import Plan
from faradaic.protocols.step_kinds.constant_potential import ConstantPotentialPlan

Planned = Callable[..., Plan]

PROTOCOL = """
faradaic: 1
title: A potential on a scale
cell: {{type: undivided, gap: 10 mm}}
solution:
  volume: 20 mL
  pH: 13.3
  limiting: alcohol
  components:
    alcohol: {{amount: 1 mmol, role: substrate}}
    KOH: {{concentration: 0.2 M, role: electrolyte}}
    H2O: {{volume: 20 mL, role: solvent}}
electrodes:
  working: {{material: Ni, role: anode, form: plate, width: 10 mm, length: 10 mm}}
  counter: {{material: Pt, role: cathode, form: plate, width: 10 mm, length: 10 mm}}
  reference: {reference}
reaction: {{electrons: 2}}
environment: {{temperature: {celsius} degC}}
steps:
  - constant_potential: {{potential: 1.500 V, vs: "{vs}", current_limit: 20 mA, duration: 1 min}}
"""

FILLED = [name for name, e in reference_electrodes().items() if e.kind != "standard"]


def held_V(planned: Planned, reference: str, vs: str, celsius: float = 25.0) -> float:
    text = PROTOCOL.format(reference=reference, vs=vs, celsius=celsius)
    (step,) = planned(text, "simulated-emstat4-hr").steps
    assert isinstance(step, ConstantPotentialPlan)
    return step.potential_V


@pytest.mark.parametrize("vs", ["RHE", "SHE"])
@pytest.mark.parametrize("name", FILLED)
def test_every_electrode_of_the_table_gives_the_set_point_back(
    planned: Planned, name: str, vs: str
) -> None:
    couple, _, filling = name.removesuffix(")").partition(" (")
    written = f"{{couple: {couple}, filling: {filling}}}" if filling else couple
    for reference in (written, f'"{name}"', f'"{couple} {filling}"'):
        connected_V = held_V(planned, reference, vs)
        back = scale_shift(name, vs, temperature_K=298.15, pH=13.3)
        assert connected_V + (back.value or 0.0) == pytest.approx(1.500, abs=1e-9)


@pytest.mark.parametrize("name", [n for n in reference_electrodes() if n not in FILLED])
def test_a_standard_potential_is_no_electrode_that_could_be_connected(
    planned: Planned, name: str
) -> None:
    with pytest.raises(InputError, match=r"E411.*is a standard potential"):
        held_V(planned, f'"{name}"', "SHE")


@pytest.mark.parametrize(
    ("name", "celsius"), [("SCE", 60.0), ("Ag/AgCl (sat. KCl)", 15.0), ("Cu/CuSO4", 40.0)]
)
def test_the_temperature_of_the_solution_counts(
    planned: Planned, name: str, celsius: float
) -> None:
    kelvin = celsius + 273.15
    connected_V = held_V(planned, f'"{name}"', "RHE", celsius)
    back = scale_shift(name, "RHE", temperature_K=kelvin, pH=13.3)
    assert connected_V + (back.value or 0.0) == pytest.approx(1.500, abs=1e-9)
    cold_V, _ = reference_electrode(name).zero_V(298.15)
    zero_V, _ = reference_electrode(name).zero_V(kelvin)
    assert abs(zero_V - cold_V) > 2e-3
    assert held_V(planned, f'"{name}"', "SHE", celsius) == pytest.approx(1.5 - zero_V, abs=1e-12)


def test_an_electrode_whose_temperature_dependence_is_unknown_sets_nothing_far_from_25_degC(
    planned: Planned,
) -> None:
    with pytest.raises(InputError, match=r"E411.*temperature dependence is unknown"):
        held_V(planned, "Hg/HgO 1 M KOH", "RHE", 60.0)


def test_the_simulated_electrode_stands_at_25_degC_where_nothing_else_is_known(
    planned: Planned,
) -> None:
    text = PROTOCOL.format(reference="Hg/HgO 1 M KOH", vs="reference", celsius=60)
    cell = planned(text, "simulated-emstat4-hr").cell
    assert cell.reference.potential_V_vs_SHE == pytest.approx(0.1034)
    assert any("taken at +0.103 V vs SHE" in assumption.text for assumption in cell.assumptions)


def test_a_calibrated_electrode_wins_over_the_table(planned: Planned) -> None:
    reference = "{couple: Hg/HgO, filling: 1 M KOH, potential: 0.098 V}"
    assert held_V(planned, reference, "SHE") == pytest.approx(1.402, abs=1e-12)
    assert held_V(planned, reference, "Hg/HgO") == 1.5
    assert held_V(planned, reference, "HgO (1.0 M KOH)") == 1.5


def test_the_plan_tells_the_shift_with_its_uncertainty_and_source(planned: Planned) -> None:
    text = PROTOCOL.format(reference="Hg/HgO 1 M KOH", vs="RHE", celsius=25)
    told = [a for a in planned(text, "simulated-emstat4-hr").assumptions if "RHE" in a.value]
    assert [a.field for a in told] == ["electrodes.reference"]
    assert "± 2.3 mV" in told[0].value
    assert "Kawashima" in told[0].reason


@pytest.mark.parametrize(
    ("reference", "vs", "celsius", "pointed_at"),
    [
        ("{couple: SCE, filling: 1 M KOH}", "RHE", 25, "couple: SCE"),
        ("{couple: Ag/AgCl, filling: sat. KCl}", "NHE", 36, "couple: Ag/AgCl"),
        ("{couple: Hg/HgO, filling: 1 M KOH}", "Ag/AgCl", 25, "vs:"),
    ],
)
def test_the_electrode_or_the_scale_that_is_not_known_is_pointed_at(
    planned: Planned, reference: str, vs: str, celsius: float, pointed_at: str
) -> None:
    text = PROTOCOL.format(reference=reference, vs=vs, celsius=celsius)
    with pytest.raises(InputError) as caught:
        planned(text, "simulated-emstat4-hr")
    (told,) = caught.value.diagnostics
    assert told.code == "E411"
    assert told.location is not None
    assert pointed_at in told.location.text


def test_the_charge_of_a_potential_held_for_a_time_is_not_known(planned: Planned) -> None:
    plan = planned(PROTOCOL.format(reference="SCE", vs="SCE", celsius=25), "simulated-emstat4-hr")
    assert plan.estimates.charge_C is None
    assert plan.estimates.charge_F_per_mol is None
    assert plan.estimates.gas_m3 == {}
    assert "Q01" not in [finding["code"] for finding in plan.findings]
