"""The description of a cell: complete, honest about what it had to assume, and sensible to run."""

import json
from functools import cache
from typing import Any

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.cell_of_protocol import describe_cell as typed_cell
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol, validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from faradaic.protocols.step_kinds.constant_current import ConstantCurrentPlan
from faradaic.runner.bench_file import load_bench
from faradaic.simulators.cell_models import cell_from_mapping, simulated_cell
from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import PreparativeCell

LIBRARY = (
    "benzothiophene-dioxide",
    "arylbenzothiophene-paired",
    "sulfonyl-benzothiophene",
    "co2-electrolysis-ag25",
)


def describe_cell(protocol: ResolvedProtocol) -> dict[str, Any]:
    """The description as plain data, defaults included."""
    return typed_cell(protocol).model_dump(mode="json")


@cache
def protocol(name: str) -> ResolvedProtocol:
    return resolve_protocol(load_protocol(f"library:{name}").protocol)


@cache
def plan(name: str) -> Plan:
    return compile_protocol(load_protocol(f"library:{name}"), load_bench("simulated"))


def sketch(**changes: str) -> ResolvedProtocol:
    """A small protocol of which a test changes one part."""
    parts = {
        "cell": "{type: undivided, gap: 5 mm, closure: vented}",
        "components": "{substrate: {amount: 0.2 mmol, role: substrate},"
        " LiClO4: {amount: 1 mmol, role: electrolyte}, MeCN: {volume: 10 mL, role: solvent}}",
        "anode": "{material: graphite, form: plate, width: 10 mm, length: 20 mm}",
        "cathode": "{material: Pt, form: plate, width: 10 mm, length: 20 mm}",
        "reaction": "{electrons: 2}",
        "limiting": "substrate",
    } | changes
    text = f"""faradaic: 1
title: sketch
cell: {parts["cell"]}
solution: {{volume: 10 mL, limiting: {parts["limiting"]}, components: {parts["components"]}}}
electrodes: {{anode: {parts["anode"]}, cathode: {parts["cathode"]}}}
reaction: {parts["reaction"]}
steps: [{{constant_current: {{current: 5 mA, cell_voltage_limit: 10 V, until: 2 F/mol}}}}]
"""
    return resolve_protocol(validate_protocol(load_document(text.encode(), "sketch")).protocol)


def texts(cell: dict[str, Any]) -> list[str]:
    return [assumption["text"] for assumption in cell["assumptions"]]


def reactions(cell: dict[str, Any], side: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cell["electrodes"][side]["reactions"]
    return found


@pytest.mark.parametrize("name", LIBRARY)
def test_a_description_is_plain_json_that_a_simulated_cell_accepts(name: str) -> None:
    cell = describe_cell(protocol(name))
    assert json.loads(json.dumps(cell, allow_nan=False)) == cell
    cell_from_mapping(cell)
    assert cell["assumptions"]


@pytest.mark.parametrize("name", LIBRARY)
def test_an_assumption_names_the_number_that_rests_on_it(name: str) -> None:
    cell = typed_cell(protocol(name))
    for assumption in cell.assumptions:
        found: Any = cell
        for key in assumption.of.split("."):
            if isinstance(found, dict):
                found = found[key]
            else:
                found = found[int(key)] if key.isdigit() else getattr(found, key)
        assert found is not None, assumption


@pytest.mark.parametrize(
    ("name", "start_V", "end_V"),
    # start: 2 to 3 V at the electrodes and the ohmic drop of the hand analysis; the end lies
    # higher by the overflow into other reactions when the substrate runs short
    [
        ("benzothiophene-dioxide", (8.0, 10.0), (9.0, 11.0)),
        ("arylbenzothiophene-paired", (2.5, 4.0), (2.5, 4.0)),
        ("sulfonyl-benzothiophene", (4.0, 5.0), (4.0, 5.5)),
    ],
)
def test_rehearsed_cells_show_the_voltages_that_the_hand_analysis_expects(
    name: str, start_V: tuple[float, float], end_V: tuple[float, float]
) -> None:
    step = next(s for s in plan(name).steps if isinstance(s, ConstantCurrentPlan))
    cell = simulated_cell(plan(name).cell)
    voltages = [
        cell.step(Control.CURRENT, step.current_A, 10.0).cell_voltage_V
        for _ in range(round(step.expected_duration_s / 10))
    ]
    assert start_V[0] < voltages[5] < start_V[1]
    assert end_V[0] < voltages[-1] < end_V[1]


@pytest.mark.parametrize("name", ["benzothiophene-dioxide", "sulfonyl-benzothiophene"])
def test_the_rehearsed_conversion_is_the_one_the_plan_predicts(name: str) -> None:
    step = next(s for s in plan(name).steps if isinstance(s, ConstantCurrentPlan))
    cell = simulated_cell(plan(name).cell)
    for _ in range(round(step.expected_duration_s / 10)):
        cell.step(Control.CURRENT, step.current_A, 10.0)
    limiting = plan(name).limiting
    assert limiting is not None
    reached = cell.ledger().conversion[limiting]
    assert reached == pytest.approx(plan(name).estimates.conversion[-1][1], abs=0.01)


def test_a_felt_takes_part_with_its_envelope_and_charges_its_fibres() -> None:
    anode = describe_cell(protocol("benzothiophene-dioxide"))["electrodes"]["working"]
    assert anode["role"] == "anode"
    assert anode["area_m2"] == pytest.approx(4.98e-4)
    # 20 µF/cm² on 108 cm² of fibres
    assert anode["double_layer_F"] == pytest.approx(108 * 20e-6)


def test_only_the_target_electrode_is_limited_by_transport() -> None:
    cell = describe_cell(protocol("benzothiophene-dioxide"))
    first, overflow = reactions(cell, "working")
    assert first["substrate"] == "hydrazide"
    assert first["electrons"] == 4
    assert first["product"] == "dioxide"
    assert first["gas"] == {"species": "N2", "mol_per_mol_electrons": 0.25}
    gap_V = overflow["reference_potential_V_vs_SHE"] - first["reference_potential_V_vs_SHE"]
    assert gap_V == pytest.approx(0.9, abs=0.11)
    (hydrogen,) = reactions(cell, "counter")
    assert hydrogen["substrate"] is None
    assert hydrogen["mass_transfer_m_per_s"] is None
    assert hydrogen["gas"] == {"species": "H2", "mol_per_mol_electrons": 0.5}


def test_a_paired_electrolysis_hands_an_intermediate_from_cathode_to_anode() -> None:
    cell = describe_cell(protocol("arylbenzothiophene-paired"))
    cathode, anode = reactions(cell, "counter")[0], reactions(cell, "working")[0]
    assert (cathode["substrate"], cathode["electrons"]) == ("diazonium", 1)
    assert cathode["product"] == anode["substrate"]
    assert anode["product"] == "arylbenzothiophene"


def test_a_sacrificial_anode_dissolves_and_the_substrate_is_reduced() -> None:
    cell = describe_cell(
        sketch(
            anode="{material: Mg, form: rod, diameter: 6 mm, length: 20 mm,"
            " sacrificial: {metal: Mg, electrons: 2}}"
        )
    )
    (dissolution,) = reactions(cell, "working")
    # far above E° = -2.37 V: -1.56 V vs SCE, Corrosion 57 (2001) 712
    assert dissolution["reference_potential_V_vs_SHE"] == pytest.approx(-1.56 + 0.24, abs=0.05)
    assert reactions(cell, "counter")[0]["substrate"] == "substrate"
    assert reactions(cell, "counter")[0]["direction"] == "reduction"


def test_what_the_protocol_does_not_say_is_listed() -> None:
    told = describe_cell(sketch())
    silent = describe_cell(
        sketch(
            cell="undivided",
            cathode="{material: Pt, form: plate}",
            components="{substrate: {amount: 0.2 mmol, role: substrate},"
            " LiClO4: {amount: 1 mmol, role: electrolyte}, brew: {volume: 10 mL, role: solvent}}",
        )
    )
    more = " ".join(set(texts(silent)) - set(texts(told)))
    for word in ("gap", "area of the cathode", "viscosity", "conductivity"):
        assert word in more
    PreparativeCell.from_mapping(silent)


@pytest.mark.parametrize("kind", ["oxidation", "reduction"])
def test_the_stated_kind_of_reaction_decides_where_the_substrate_reacts(kind: str) -> None:
    cell = describe_cell(sketch(reaction=f"{{electrons: 2, kind: {kind}}}"))
    side = "working" if kind == "oxidation" else "counter"
    other = "counter" if kind == "oxidation" else "working"
    assert reactions(cell, side)[0]["substrate"] == "substrate"
    assert all(r["substrate"] is None for r in reactions(cell, other))


def test_graphite_evolves_hydrogen_later_than_platinum() -> None:
    water = (
        "{substrate: {amount: 0.2 mmol, role: substrate},"
        " KCl: {concentration: 1 mol/L, role: electrolyte}, H2O: {volume: 10 mL, role: solvent}}"
    )
    potentials = [
        reactions(
            describe_cell(
                sketch(
                    components=water,
                    cathode=f"{{material: {metal}, form: plate, width: 10 mm, length: 20 mm}}",
                )
            ),
            "counter",
        )[0]["reference_potential_V_vs_SHE"]
        for metal in ("Pt", "graphite")
    ]
    # overpotentials at 10 mA/cm² of the alkaline rows: a neutral cathode turns alkaline, pH 12.6
    assert potentials == pytest.approx([-0.745 - 0.12, -0.745 - 0.75], abs=1e-3)
