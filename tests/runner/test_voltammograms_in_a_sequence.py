"""A voltammogram before and after a bulk electrolysis does what it says, or says what it missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.runner.bench_file import load_bench
from faradaic.runner.engine import Engine, RunResult
from faradaic.runner.host import InlineHost
from faradaic.runner.world import World
from rigs.faults import MemoryJournal

CASE = Path(__file__).parents[1] / "fixtures" / "chemists" / "cv_sequence_trips_on_nexus.yaml"


def rehearsed(text: str, bench_name: str) -> tuple[Plan, RunResult]:
    bench = load_bench(bench_name)
    plan = compile_protocol(validate_protocol(load_document(text, "test.yaml")), bench)
    host = InlineHost(bench, cell=plan.cell, seed=1, speed=None)
    engine = Engine(plan, bench.sha256, World(host))
    engine.preflight()
    return plan, engine.run(MemoryJournal(), {"simulated": True})


@pytest.mark.parametrize(
    "bench_name",
    ["simulated-nexus", pytest.param("simulated-emstat4-hr", marks=pytest.mark.long)],
)
def test_the_sequence_passes_the_charge_that_the_held_potential_is_for(bench_name: str) -> None:
    text = CASE.read_text("utf-8").replace("width: 8 mm", "width: 30 mm")
    plan, result = rehearsed(text, bench_name)
    assert result.outcome.value == "COMPLETED"
    # 0.4 V vs Ag/Ag+ at 0.54 V vs SHE: the electrode is held beyond the substrate's potential.
    oxidation = plan.cell.electrodes.working.reactions[0]
    assert oxidation.reference_potential_V_vs_SHE == pytest.approx(0.94 - 0.15)
    told = [a.text for a in plan.cell.assumptions if a.guess == "potential"]
    assert any("short of the +0.94 V that are held for it" in text for text in told)
    assert result.charge_gross_C == pytest.approx(3e-5 * 96485.33, rel=0.02)


@pytest.mark.long
def test_what_is_missing_within_the_time_is_named() -> None:
    _, result = rehearsed(CASE.read_text("utf-8"), "simulated-nexus")
    assert result.outcome.value == "COMPLETED"
    assert 0.3 < result.share_of_planned < 0.95
    assert result.missing_charge.startswith("step 3 ended by time at ")
    # Against a reference electrode the other electrode's kinetics decide nothing.
    assert "it rests on a guess of the potential" in result.stop_reason
    assert "`solution.components.mediator.potential`" in result.stop_reason


def test_a_stated_potential_wins_over_the_one_that_is_held() -> None:
    text = CASE.read_text("utf-8").replace(
        "role: substrate", "role: substrate, potential: 0 V vs Fc+/0"
    )
    bench = load_bench("simulated-nexus")
    plan = compile_protocol(validate_protocol(load_document(text, "test.yaml")), bench)
    told = [one.text for one in plan.cell.assumptions]
    assert not any("held for it" in one for one in told)


def test_a_sweep_that_its_current_limit_ends_says_so() -> None:
    text = CASE.read_text("utf-8").replace("current_limit: 20 mA", "current_limit: 10 uA")
    _, result = rehearsed(text, "simulated-nexus")
    assert result.outcome.value == "TRIPPED"
    assert "step 2 ended by the step's limit of the current" in result.stop_reason
