"""What surrounds the electrodes is built from the protocol, and what was guessed is listed."""

from typing import Any

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.cell_of_protocol import describe_cell as typed_cell
from faradaic.protocols.load import load_protocol, validate_protocol
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell

_UNDIVIDED = (
    "solution: {volume: 10 mL, limiting: substrate, components: {substrate: {amount: 0.2 mmol,"
    " role: substrate}, LiClO4: {amount: 1 mmol, role: electrolyte},"
    " MeCN: {volume: 10 mL, role: solvent}}}"
)
_DIVIDED = (
    "compartments: {anolyte: {volume: 10 mL, components: {LiClO4: {amount: 1 mmol,"
    " role: electrolyte}, MeCN: {volume: 10 mL, role: solvent}}},"
    " catholyte: {volume: 5 mL, limiting: substrate, components:"
    " {substrate: {amount: 0.2 mmol, role: substrate}, LiClO4: {amount: 0.5 mmol,"
    " role: electrolyte}, MeCN: {volume: 5 mL, role: solvent}}}}"
)


def describe_cell(protocol: ResolvedProtocol) -> dict[str, Any]:
    """The description as the plan's file keeps it."""
    return typed_cell(protocol).model_dump(mode="json", exclude_unset=True)


def cell_of(**changes: str) -> dict[str, Any]:
    """The cell of a small protocol of which a test changes one part."""
    parts = {
        "cell": "{type: undivided, gap: 5 mm, closure: open,"
        " vessel: {kind: vial, volume: 20 mL, inner_diameter: 25 mm}}",
        "solution": _UNDIVIDED,
        "anode": "{material: graphite, form: plate, width: 10 mm, length: 20 mm}",
        "cathode": "{material: Pt, form: plate, width: 10 mm, length: 20 mm}",
        "reaction": "{electrons: 2, kind: oxidation}",
        "environment": "{}",
    } | changes
    text = f"""faradaic: 1
title: sketch
cell: {parts["cell"]}
{parts["solution"]}
electrodes: {{anode: {parts["anode"]}, cathode: {parts["cathode"]}}}
reaction: {parts["reaction"]}
environment: {parts["environment"]}
steps: [{{constant_current: {{current: 5 mA, cell_voltage_limit: 10 V, until: 2 F/mol}}}}]
"""
    written = validate_protocol(load_document(text.encode(), "sketch")).protocol
    return describe_cell(resolve_protocol(written))


def texts(cell: dict[str, Any]) -> list[str]:
    return [assumption["text"] for assumption in cell["assumptions"]]


def test_the_solvent_decides_heat_capacity_and_boiling_point() -> None:
    thermal = cell_of()["thermal"]
    # 10 mL of MeCN: 7.76 g at 2.23 J/(g K); 32.9 kJ/mol over 41.053 g/mol at 0.776 g/mL
    assert thermal["heat_capacity_J_per_K"] == pytest.approx(7.76 * 2.23, rel=1e-6)
    assert thermal["boiling_point_K"] == pytest.approx(354.75)
    assert thermal["latent_heat_J_per_m3"] == pytest.approx(32.9e3 / 41.053e-3 * 776, rel=1e-6)


def test_a_bath_holds_the_temperature_better_than_still_air() -> None:
    air = cell_of()["thermal"]["heat_loss_W_per_K"]
    bath = cell_of(environment="{temperature: {setpoint: 40 degC, control: bath}}")
    assert bath["thermal"]["heat_loss_W_per_K"] == pytest.approx(20 * air)
    assert bath["temperature_K"] == bath["thermal"]["ambient_K"] == pytest.approx(313.15)


def test_only_an_open_vessel_evaporates_and_only_a_sealed_one_keeps_its_gas() -> None:
    opened = cell_of()
    vial = "{kind: vial, volume: 20 mL, inner_diameter: 25 mm}"
    sealed = cell_of(cell=f"{{type: undivided, gap: 5 mm, closure: sealed, vessel: {vial}}}")
    # D A p M/(R T L rho): 1e-5 m2/s, 4.91 cm2, 11.9 kPa, 10 mL of headspace 20.4 mm high
    expected = 1e-5 * 4.909e-4 * 11900 / (8.314 * 298.15) / 0.02037 * 41.05e-3 / 776
    assert opened["evaporation_m3_per_s"] == pytest.approx(expected, rel=1e-3)
    assert "evaporation_m3_per_s" not in sealed
    assert sealed["headspace"]["sealed"]
    assert not opened["headspace"]["sealed"]
    assert sealed["headspace"]["volume_m3"] == pytest.approx(1e-5)


def test_a_driven_back_electrode_does_what_its_material_would_do_there() -> None:
    cell = cell_of()
    working, counter = (cell["electrodes"][side] for side in ("working", "counter"))
    assert {r["direction"] for r in working["reverse_reactions"]} == {"reduction"}
    # one solution: what the anode oxidises, the cathode oxidises when the polarity is reversed
    backwards = counter["reverse_reactions"][0]
    assert backwards["substrate"] == working["reactions"][0]["substrate"] == "substrate"
    assert backwards["direction"] == "oxidation"


def test_an_alternating_electrolysis_converts_the_substrate_at_both_electrodes() -> None:
    cell = PreparativeCell.from_mapping(cell_of())
    theoretical_C = 2 * 96485.33212 * 0.2e-3
    steps = [HeldControl(Control.CURRENT, sign * 2e-3, 60.0) for sign in (1, -1)]
    cell.run(steps * round(0.4 * theoretical_C / 2e-3 / 120.0))
    assert cell.ledger().conversion["substrate"] == pytest.approx(0.4, abs=0.02)
    sides = {
        r.electrode: r.charge_C
        for r in cell.ledger().reactions
        if r.direction == "oxidation" and r.charge_C > 1.0
    }
    assert sides["counter"] == pytest.approx(sides["working"], rel=0.05)


def test_a_divided_cell_has_a_separator_and_its_substrate_where_the_protocol_puts_it() -> None:
    cell = cell_of(
        solution=_DIVIDED,
        cell="{type: divided_frit, gap: 20 mm, separator: {kind: frit, area: 2 cm^2}}",
        reaction="{electrons: 2, kind: reduction}",
    )
    assert cell["separator"]["area_m2"] == pytest.approx(2e-4)
    assert cell["separator"]["permeability_m_per_s"] == pytest.approx(1.3e-7)
    assert (cell["volume_m3"], cell["counter_volume_m3"]) == pytest.approx((1e-5, 5e-6))
    assert cell["species"]["substrate"] == pytest.approx(
        {"concentration_mol_per_m3": 0.0, "counter_concentration_mol_per_m3": 40.0}
    )
    simulated = PreparativeCell.from_mapping(cell)
    simulated.run([HeldControl(Control.CURRENT, 1e-3, 3600.0)])
    assert simulated.ledger().conversion["substrate"] > 0.05
    assert any("crosses the frit" in text for text in texts(cell))


def test_a_sacrificial_anode_has_the_mass_of_its_size() -> None:
    cell = cell_of(
        reaction="{electrons: 2, kind: reduction}",
        anode="{material: Mg, form: rod, diameter: 6 mm, length: 20 mm,"
        " sacrificial: {metal: Mg, electrons: 2}}",
    )
    (dissolution,) = cell["electrodes"]["working"]["reactions"]
    assert dissolution["metal"]
    assert dissolution["electrons"] == 2
    metal = cell["electrodes"]["working"]["metal"]
    # pi/4 (6 mm)^2 20 mm of magnesium at 1.738 g/mL
    assert metal["mass_kg"] == pytest.approx(0.983e-3, rel=1e-3)
    simulated = PreparativeCell.from_mapping(cell)
    simulated.run([HeldControl(Control.CURRENT, 5e-3, 3600.0)])
    lost_kg = metal["mass_kg"] - simulated.ledger().working.metal_kg
    assert lost_kg == pytest.approx(0.4534e-3 * 5e-3, rel=2e-3)


def test_every_guess_about_the_surroundings_is_listed() -> None:
    told = " ".join(texts(cell_of()))
    for words in ("all electrical energy becomes heat", "MeCN evaporates from the open vessel"):
        assert words in told
    brew = _UNDIVIDED.replace("MeCN", "brew")
    silent = " ".join(texts(cell_of(solution=brew)))
    for words in ("boiling point of the solution is not known", "vapour pressure is not known"):
        assert words in silent


def test_a_rehearsed_vial_stays_near_room_temperature_and_fills_with_hydrogen() -> None:
    protocol = load_protocol("library:benzothiophene-dioxide").protocol
    cell = PreparativeCell.from_mapping(describe_cell(resolve_protocol(protocol)))
    cell.run([HeldControl(Control.CURRENT, 5e-3, 17368.0)])
    ledger = cell.ledger()
    assert 296.15 < ledger.temperature_K < 300.0
    assert ledger.headspace is not None
    # 11 mL of H2 and some N2 through a headspace of 10 mL
    assert 0.3 < ledger.headspace.mole_fraction["H2"] < 0.8


def test_a_temperature_away_from_the_room_s_is_held_by_something() -> None:
    air = cell_of(environment="{temperature: 25 degC}")["thermal"]["heat_loss_W_per_K"]
    for stated in ("55 degC", "-20 degC"):
        held = cell_of(environment=f"{{temperature: {stated}}}")
        assert held["thermal"]["heat_loss_W_per_K"] == pytest.approx(20 * air)
        assert any("taken as a bath" in one["text"] for one in held["assumptions"])
