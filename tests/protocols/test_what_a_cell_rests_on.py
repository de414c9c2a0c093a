"""Each assumption of a cell says whether it is a guess, between what it lies, what it moves."""

from __future__ import annotations

from dataclasses import replace
from math import pi
from pathlib import Path

import pytest

from faradaic.chemistry.cell_description.cell_assumptions import CellAssumption, dominant_guess
from faradaic.chemistry.electrode_reactions import ElectrodeReaction
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.estimates import estimate
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.resolved import resolve_protocol
from faradaic.runner.bench_file import load_bench
from rigs.chemists import case
from rigs.protocols import HEAD

CHEMISTS = Path(__file__).parents[1] / "fixtures" / "chemists"
STEP = "steps: [{constant_current: {current: 10 mA, cell_voltage_limit: 20 V, until: 1 h}}]\n"


def plan_of(text: str) -> Plan:
    return compile_protocol(validate_protocol(load_document(text, "test.yaml")), load_bench())


def test_a_conductivity_that_nobody_knows_is_a_guess_within_a_factor_of_ten() -> None:
    plan = plan_of(HEAD.replace("Bu4NBF4", "mystery") + STEP)
    (found,) = (one for one in plan.cell.assumptions if one.guess == "conductivity")
    # 10 mm over 5 mS/cm and 2.25 cm²
    typical = 10e-3 / (0.5 * 2.25e-4)
    assert plan.cell.resistance_ohm == pytest.approx(typical)
    assert found.bounds == pytest.approx((typical / 10, typical * 10))
    assert found.cell_voltage_V == pytest.approx(10e-3 * 9 * typical)
    assert found.state == "solution.conductivity"
    assert dominant_guess(plan.cell.assumptions) == found
    assert plan.cell.assumptions[0] == found


def test_a_measured_conductivity_is_an_estimate_with_its_range() -> None:
    # 0.1 M Bu4NBF4 in acetonitrile is in the table.
    plan = plan_of(HEAD + STEP)
    (found,) = (one for one in plan.cell.assumptions if one.of == "resistance_ohm")
    assert found.guess is None
    assert found.bounds is not None
    assert found.bounds[0] < plan.cell.resistance_ohm < found.bounds[1]


def test_an_unknown_substrate_is_a_guess_of_its_potential_and_names_its_key() -> None:
    plan = plan_of(HEAD + STEP)
    found = dominant_guess(plan.cell.assumptions)
    assert found is not None
    assert found.guess == "potential"
    assert found.state == "solution.components.substrate.potential"
    reaction = plan.cell.electrodes.working.reactions[0]
    middle_V, spread_V = reaction.reference_potential_V_vs_SHE, found.cell_voltage_V
    # An anode needs more voltage at the higher end.
    assert found.bounds == pytest.approx((middle_V - spread_V, middle_V + spread_V))


def test_the_key_to_state_is_that_of_the_component_whose_potential_counts() -> None:
    # A bromide carries the current (EC'), and CO2 is reduced before styrene.
    mediated = HEAD.replace(
        "    Bu4NBF4:", "    NaBr: {concentration: 20 mM, role: mediator}\n    Bu4NBF4:"
    )
    wanted = {one.state for one in plan_of(mediated + STEP).cell.assumptions}
    assert "solution.components.NaBr.potential" in wanted
    with_co2 = HEAD.replace("role: substrate}", "role: substrate, name: styrene}").replace(
        "    Bu4NBF4:", "    CO2: {equiv: 10, role: reagent}\n    Bu4NBF4:"
    )
    cathodic = with_co2.replace("reaction: {", "reaction: {kind: reduction, ")
    wanted = {one.state for one in plan_of(cathodic + STEP).cell.assumptions}
    assert "solution.components.CO2.potential" in wanted
    assert "solution.components.substrate.potential" not in wanted


def test_a_potential_between_two_tables_and_a_recalled_limit_are_guesses() -> None:
    # Furan's onset was looked up (+1.85 V vs SCE), but lies beyond the limit of methanol.
    text = HEAD.replace("role: substrate}", "role: substrate, name: furan}").replace("MeCN", "MeOH")
    found = {
        one.of: one
        for one in plan_of(text + STEP).cell.assumptions
        if "limit of the solvent" in one.text or "reduction of the solvent" in one.text
    }
    assert {one.guess for one in found.values()} == {"potential", "kinetics"}
    assert len(found) == 2


def test_nothing_hangs_deeper_than_the_liquid_but_a_coiled_wire() -> None:
    # 8 mL in a vial of 25 mm: 16.3 mm of liquid, of 18 mm immersed.
    plan = plan_of((CHEMISTS / "birch_mg_negative_voltage.yaml").read_text("utf-8"))
    depth_m = 8e-6 / (pi * 25e-3**2 / 4)
    anode, cathode = plan.electrodes
    assert anode.areas_m2["facing"] == pytest.approx(8e-3 * depth_m)
    assert cathode.areas_m2["facing"] == pytest.approx(pi * 1e-3 * 100e-3 / 2)
    assumed = {one.field: one for one in plan.assumptions}
    assert assumed["electrodes.anode.immersed"].value == "16.3 mm"
    assert "coiled" in assumed["electrodes.cathode.immersed"].reason
    told = [f["message"] for f in plan.findings if f["code"] == "A01"]
    assert len(told) == 1
    assert "its areas and densities are those of 16.3 mm" in told[0]


def test_a_length_alone_is_in_the_liquid_as_far_as_it_reaches() -> None:
    text = HEAD.replace(
        "{type: undivided, gap: 10 mm}",
        "{type: undivided, gap: 10 mm, vessel: {kind: vial, volume: 20 mL, inner_diameter: 25 mm}}",
    ).replace("length: 15 mm, immersed: 15 mm", "length: 50 mm")
    plan = plan_of(text + STEP)
    depth_m = 8e-6 / (pi * 25e-3**2 / 4)
    assert plan.electrodes[0].areas_m2["facing"] == pytest.approx(15e-3 * depth_m)


def test_an_area_that_is_given_needs_no_depth() -> None:
    text = HEAD.replace(
        "{material: Pt, form: plate, width: 15 mm, length: 15 mm, immersed: 15 mm}",
        "{material: Pt, form: plate, area: {facing: 2 cm^2}}",
    )
    plan = plan_of(text + STEP)
    assert plan.electrodes[0].areas_m2["facing"] == pytest.approx(2e-4)
    assert not [one for one in plan.assumptions if one.field.endswith("immersed")]


def test_a_battery_is_no_expected_cell_voltage() -> None:
    # Both reactions from the tables, 1.7 V the wrong way round, and 0.3 V of ohmic drop at most.
    loaded = validate_protocol(load_document(HEAD + STEP, "test.yaml"))
    bench, steps = load_bench(), compile_protocol(loaded, load_bench()).steps
    resolved = resolve_protocol(loaded.protocol)
    anode, cathode = (
        replace(
            electrode,
            forward=replace(
                electrode.forward,
                reactions=(ElectrodeReaction("a table's reaction", potential_V, 10.0),),
            ),
        )
        for electrode, potential_V in ((resolved.anode, -2.4), (resolved.cathode, -0.7))
    )
    expected = estimate(replace(resolved, anode=anode, cathode=cathode), steps, bench)
    assert expected.cell_voltage_V is None
    assert any("an electrolysis takes energy" in note for note in expected.notes)


def test_what_takes_over_is_a_guess_where_the_current_is_too_large_from_the_start() -> None:
    # The limiting current of 0.2 mmol in 8 mL on 2.25 cm² is about 10 mA.
    def beyond(current: str) -> CellAssumption:
        plan = plan_of(HEAD + STEP.replace("10 mA", current))
        start = "once the substrate runs short"
        return next(one for one in plan.cell.assumptions if one.text.startswith(start))

    assert beyond("1 mA").guess is None
    assert beyond("100 mA").guess == "potential"


def test_a_rehearsed_voltammogram_says_that_it_has_no_peaks() -> None:
    plan = compile_protocol(
        validate_protocol(load_document(case("cv_sequence_trips_on_nexus"), "p.yaml")),
        load_bench("simulated-nexus"),
    )
    assert any("plateaus and no peaks" in one.text for one in plan.cell.assumptions)
    plan = compile_protocol(
        validate_protocol(load_document(case("two_stage_charge"), "p.yaml")),
        load_bench("simulated"),
    )
    assert not any("plateaus and no peaks" in one.text for one in plan.cell.assumptions)
