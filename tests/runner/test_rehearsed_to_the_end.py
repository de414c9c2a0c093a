"""What a rehearsal makes of its substrates: paired targets, dimers, a heated and an open cell."""

from __future__ import annotations

from typing import Any

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.library import library_file
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.runner.bench_file import load_bench
from faradaic.runner.engine import Engine, RunResult
from faradaic.runner.world import World
from faradaic.simulators.ideal_bench import IdealBench
from rigs.chemists import case
from rigs.faults import MemoryJournal


def walked(text: str) -> tuple[Plan, RunResult, Any]:
    """A plan on the ideal bench, how it ended, and the books of its cell."""
    plan = compile_protocol(validate_protocol(load_document(text, "test.yaml")), load_bench())
    host = IdealBench(plan.cell)
    engine = Engine(plan, plan.bench_sha256, World(host), poll_s=60.0)
    engine.preflight()
    result = engine.run(MemoryJournal(), {"simulated": True})
    return plan, result, host._cell.ledger()  # type: ignore[attr-defined]


def test_a_paired_electrolysis_at_55_degC_comes_to_its_end() -> None:
    plan, result, ledger = walked(case("two_targets_paired"))
    assert (result.outcome.value, result.missing_charge) == ("COMPLETED", "")
    # A bath holds the temperature: 3 W do not boil the 60 mL away.
    assert ledger.volume_m3 == pytest.approx(60e-6)
    assert any("what holds 55 degC is not stated" in a.text for a in plan.cell.assumptions)
    # Both electrodes see the same charge, and each molecule takes four electrons.
    for role, name in (("cathode", "dimethyl_phthalate"), ("anode", "tBuToluene")):
        own = [a.state for a in plan.cell.assumptions if f"{name}.potential" in a.state]
        assert own, f"the {role} rests on the potential of {name}"
        assert 0.8 < ledger.conversion[name] < 1.0
    made = ledger.amount_mol["phthalide"]
    assert made == pytest.approx(0.04 * ledger.conversion["dimethyl_phthalate"], rel=1e-6)


def test_a_stated_potential_of_the_second_substrate_is_used_at_its_electrode() -> None:
    text = case("two_targets_paired").replace(
        "{equiv: 1, role: substrate}", "{equiv: 1, role: substrate, potential: 1.7 V vs SCE}"
    )
    plan, _, _ = walked(text)
    anode = plan.cell.electrodes.working.reactions[0]
    assert anode.name == "oxidation (tBuToluene, as stated)"
    assert anode.reference_potential_V_vs_SHE == pytest.approx(1.7 + 0.241, abs=0.1)


@pytest.mark.parametrize(
    ("name", "substrate", "dimer"),
    [
        ("kolbe-dimethyl-decanedioate", None, None),
        ("adiponitrile-hydrodimerisation", "acrylonitrile", "adiponitrile"),
    ],
)
def test_two_molecules_make_one_dimer(name: str, substrate: str | None, dimer: str | None) -> None:
    plan, _, ledger = walked(library_file(name).read_text("utf-8"))
    substrate = substrate or plan.limiting
    dimer = dimer or next(n for n, p in plan.reaction["products"].items() if p.get("target"))
    assert substrate is not None
    gone = ledger.conversion[substrate]
    started = ledger.amount_mol[substrate] / (1.0 - gone)
    assert gone > 0.01
    assert plan.reaction["products"][dimer]["substrate_molecules"] == 2
    assert ledger.amount_mol[dimer] == pytest.approx(started * gone / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "charge_C", "low_V", "high_V"),
    [
        # 200 mA/cm² between nickel sheets: 1.9 to 2.2 V as in the published cells of
        # tests/protocols/published_cell_voltages.csv, and the drop of 10 mm of 0.22 S/cm
        # and 0.63 S/cm (Gilliam et al., Int. J. Hydrogen Energy 2007, 32, 359): 0.46, 0.16 V
        ("koh_1M_ok", 6.0, 2.3, 2.6),
        ("koh_6M_trips", 6.0, 2.1, 2.5),
        # 20 mA through 0.5 mol/L H2SO4 on both sides of a membrane: 1.23 V, the two
        # overpotentials on platinum and 17 to 21 ohm
        ("hcell", 1.2, 2.0, 3.0),
    ],
)
def test_water_is_split_at_the_voltage_of_its_electrolyte(
    name: str, charge_C: float, low_V: float, high_V: float
) -> None:
    plan, result, ledger = walked(case(name))
    assert result.outcome.value == "COMPLETED"
    assert low_V <= ledger.energy_J / charge_C <= high_V
    expected = plan.estimates.cell_voltage_V
    assert expected is not None
    assert expected[0] <= ledger.energy_J / charge_C <= expected[1]


def test_a_carbamate_with_carboxylate_in_its_name_is_none() -> None:
    plan, _, _ = walked(case("shono_carbamate_as_carboxylate"))
    names = [one.name for one in plan.cell.electrodes.working.reactions]
    assert any("carbamate" in name for name in names)
    assert not any("carboxylate" in name for name in names)


def test_each_electrode_of_a_pair_has_its_mediator() -> None:
    # ACT at +0.72 V vs Ag/AgCl in alkaline water (recalled in the table): not +1.64 ± 0.5 V
    text = library_file("hmf-paired-reduction-oxidation").read_text("utf-8")
    plan = compile_protocol(
        validate_protocol(load_document(text, "test.yaml")), load_bench("simulated-nexus")
    )
    (mediated,) = (
        one
        for electrode in (plan.cell.electrodes.working, plan.cell.electrodes.counter)
        for one in electrode.reactions
        if one.mediator is not None
    )
    assert mediated in plan.cell.electrodes.counter.reactions
    assert mediated.mediator.species == "ACT"
    assert mediated.substrate == "HMF_anode"
    assert mediated.reference_potential_V_vs_SHE == pytest.approx(0.86, abs=0.06)
    assert any("ACT carries the current" in a.text for a in plan.cell.assumptions)
