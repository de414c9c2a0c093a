"""A preparative run: 5 C through 0.2 mmol, four electrons each, and what the work-up found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.studies.analysis import analyze_study
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.writing import panels_of

Run = Callable[..., Path]
FARADAY = 96485.33212


def study(run: Path, outcome: str) -> Path:
    path = run.parent / "study.yaml"
    path.write_text(
        "faradaic_study: 1\nkind: preparative\ntitle: a run\n"
        f"run: {run.name}\noutcome: {{{outcome}}}\n",
        "utf-8",
    )
    return path


def values(outcome: StudyOutcome) -> dict[str, float | None]:
    return {f.result.key: f.result.value for f in outcome.findings}


def test_yield_and_efficiency_follow_from_the_amount_found(closed_form_run: Run) -> None:
    path = study(closed_form_run(), "product: 10 µmol, substrate_left: 0.18 mmol")
    outcome = analyze_study(path)
    found = values(outcome)
    assert found["charge_gross"] == pytest.approx(5.0)
    assert found["faradaic_efficiency"] == pytest.approx(4 * 1e-5 * FARADAY / 5.0)
    assert found["product_yield"] == pytest.approx(0.05)
    assert found["conversion"] == pytest.approx(0.1)
    assert found["selectivity"] == pytest.approx(0.5)
    # 8 V times 5 C, 316.38 g/mol
    assert found["energy_per_mass"] == pytest.approx(40 / 3.6e6 / (1e-5 * 0.31638))
    assert outcome.simulated


def test_an_isolated_mass_needs_its_molar_mass(closed_form_run: Run) -> None:
    run = closed_form_run()
    with pytest.raises(InputError, match=r"`molar_mass` is missing"):
        analyze_study(study(run, "isolated: 3.1638 mg"))
    outcome = analyze_study(study(run, "isolated: 3.1638 mg, molar_mass: 316.38 g/mol"))
    assert values(outcome)["product_yield"] == pytest.approx(0.05)
    with pytest.raises(InputError, match="both say"):
        analyze_study(study(run, "isolated: 3 mg, molar_mass: 316 g/mol, product: 1 µmol"))


def test_more_product_than_charge_is_flagged(closed_form_run: Run) -> None:
    outcome = analyze_study(study(closed_form_run(), "product: 20 µmol"))
    assert values(outcome)["faradaic_efficiency"] == pytest.approx(4 * 2e-5 * FARADAY / 5.0)
    assert any("exceeds 100 %" in flag for _, flag in outcome.flags())


def test_what_the_run_recorded_is_drawn_and_how_it_ended_told(closed_form_run: Run) -> None:
    outcome = analyze_study(study(closed_form_run(end=False), "product: 10 µmol"))
    panels = {panel.name: panel.curves[0] for panel in panels_of(outcome)["run"]}
    assert set(panels) == {"current", "cell voltage", "charge"}
    assert panels["charge"].y[-1] == pytest.approx(5.0)
    assert outcome.conditions["run"]["ended"] != "COMPLETED"
