"""Alternation, pulses and ramps as runs: charge each way, phase, what is kept, what ends them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.run import Run, load_run
from faradaic.runner.bench_file import load_bench
from faradaic.runner.forecast import MOST_LEVELS, with_forecast
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.simulators.ideal_bench import IdealBench
from faradaic.studies.run.electrolysis_results import analyze_electrolysis
from rigs.protocols import HEAD


def rehearsed(steps: str, folder: Path, bench: str = "simulated-emstat4-hr") -> Run:
    """The run of a protocol with these steps on a simulated bench."""
    text = f"{HEAD}steps:\n{steps}\n"
    plan = compile_protocol(validate_protocol(load_document(text, "p.yaml")), load_bench(bench))
    done = run_plan(
        plan, load_bench(bench), protocol_text=text, runs_dir=folder, seed=0, speed=None,
        operator=DefaultOperator(), controls=Controls(),
    )  # fmt: skip
    return load_run(done.folder)


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_charge_each_way_is_that_of_the_protocol(tmp_path: Path, bench: str) -> None:
    step = "  - alternating_polarity: {current: 5 mA, half_period: 1 s, duty: 75 %, "
    run = rehearsed(step + "cell_voltage_limit: 6 V, until: 20 s}", tmp_path, bench)
    assert run.outcome == "COMPLETED"
    summary = run.summary
    assert summary is not None
    assert summary["charge_anodic_C"] == pytest.approx(0.075, rel=2e-3)
    assert summary["charge_cathodic_C"] == pytest.approx(0.025, rel=2e-3)
    series = run.time_series()
    assert set(series.level) == {0.0, 1.0}
    assert np.all(np.sign(series.current_A) == np.where(series.level == 0, 1, -1))


def test_a_fast_one_keeps_readings_of_each_level_and_counts_all(tmp_path: Path) -> None:
    step = "  - alternating_polarity: {current: 5 mA, frequency: 10 Hz, "
    run = rehearsed(step + "cell_voltage_limit: 6 V, until: 0.2 C}", tmp_path)
    series = run.time_series()
    assert run.stop["charge_gross_C"] == pytest.approx(0.2, rel=1e-3)
    assert run.stop["charge_net_C"] == pytest.approx(0.0, abs=5e-4)
    assert 60 <= series.time_s.size <= 130  # of 800 levels, some of each in every second
    assert abs(np.count_nonzero(series.level == 0) - np.count_nonzero(series.level == 1)) <= 2


def test_a_pause_keeps_the_phase(tmp_path: Path) -> None:
    until = "until: [{time: 5 s, then: pause}, {time: 9 s}]"
    step = "  - alternating_polarity: {current: 5 mA, half_period: 2 s, cell_voltage_limit: 6 V, "
    run = rehearsed(f"{step}{until}}}", tmp_path)
    marks = [m.fields for m in run.contents.of_kind("mark") if "segment" in m.fields]
    assert marks[0]["segment"]["elapsed_s"] == 0.0
    assert marks[-1]["segment"]["elapsed_s"] == pytest.approx(5.0, abs=0.1)
    # 0-2 forth, 2-4 back, 4-6 forth, 6-8 back, 8-9 forth: one second more forth than back.
    assert run.stop["charge_net_C"] == pytest.approx(5e-3, rel=0.03)


def test_a_ramp_passes_the_charge_under_it(tmp_path: Path) -> None:
    step = "  - ramp: {current: {from: -2 mA, to: 6 mA}, duration: 20 s, cell_voltage_limit: 6 V}"
    run = rehearsed(step, tmp_path)
    # Triangles on either side of zero, a quarter and three quarters of the way.
    assert run.stop["charge_net_C"] == pytest.approx((36 - 4) / 16 * 20 * 1e-3, rel=5e-3)
    assert run.stop["charge_gross_C"] == pytest.approx((36 + 4) / 16 * 20 * 1e-3, rel=5e-3)


@pytest.mark.parametrize(("start", "sign"), [("forward", 1), ("reverse", -1)])
def test_a_limit_trips_at_either_polarity(tmp_path: Path, start: str, sign: int) -> None:
    step = f"  - alternating_polarity: {{current: 20 mA, half_period: 1 s, start: {start}, "
    run = rehearsed(step + "cell_voltage_limit: 2.5 V, until: 1 h}", tmp_path)
    assert run.outcome == "TRIPPED"
    assert np.sign(run.time_series().current_A[-1]) == sign


def test_numbers_of_the_analysis_are_those_that_were_counted(tmp_path: Path) -> None:
    step = "  - alternating_polarity: {current: 5 mA, frequency: 10 Hz, "
    run = rehearsed(step + "cell_voltage_limit: 6 V, until: 20 s}", tmp_path)
    results = analyze_electrolysis(run)
    assert results.charge_gross.value == pytest.approx(0.1, rel=2e-3)
    assert not any("differ" in flag for flag in results.charge_gross.flags)
    assert results.energy.value == pytest.approx(run.last("energy_J"), rel=0.01)
    assert abs(results.mean_current.value or 0.0) < 1e-4


def test_a_forecast_of_too_many_levels_says_so() -> None:
    step = "  - alternating_polarity: {cell_voltage: 2 V, half_period: 1 s, current_limit: 9 mA, "
    text = f"{HEAD}steps:\n{step}until: 10 h}}\n"
    loaded = validate_protocol(load_document(text, "p.yaml"))
    plan = with_forecast(compile_protocol(loaded, load_bench("simulated")), IdealBench)
    assert plan.forecast is None
    assert MOST_LEVELS < 36_000
    assert any("36,000 levels in turn" in note for note in plan.estimates.notes)
