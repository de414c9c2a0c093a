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
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.simulators.ideal_bench import IdealBench
from rigs.chemists import case
from rigs.faults import MemoryJournal


def walked(text: str) -> tuple[Plan, RunResult, Any]:
    """A plan on the ideal bench, how it ended, and the books of its cell."""
    plan = compile_protocol(validate_protocol(load_document(text, "test.yaml")), load_bench())
    host = IdealBench(plan.cell)
    engine = Engine(
        plan, plan.bench_sha256, host, operator=DefaultOperator(), controls=Controls(), poll_s=60.0
    )
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
